"""What became of a question in a sitting, kept for its next review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.learner.review import Reviews

if TYPE_CHECKING:
    from tutor.quiz.sitting import Result


def keep(reviews: Reviews, result: Result, now: float, sitting: str) -> None:
    """Record a card that is done; its second coming in the same sitting is practice, and no answer of its own.

    Args:
        reviews: where answers are recorded.
        result: what became of the card.
        now: seconds since 1970.
        sitting: ``review``, ``quiz`` or ``lesson``.
    """
    if not result.card.again:
        reviews.record(
            result.card.id,
            result.rating,
            now,
            result.seconds,
            right=result.right,
            tries=result.tries,
            hint=result.hint,
            revealed=result.revealed,
            sitting=sitting,
        )
