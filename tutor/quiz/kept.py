"""What became of a question in a sitting, handed to who remembers it for its next review."""

from __future__ import annotations

from typing import Protocol

from tutor.quiz.session import Result


class Reviews(Protocol):
    """What sittings need of :class:`tutor.learner.review_queue.Reviews`."""

    def record(
        self,
        question: str,
        rating: int,
        now: float,
        seconds: float = 0.0,
        *,
        right: bool | None = None,
        tries: int = 1,
        hint: bool = False,
        revealed: bool = False,
        sitting: str = "review",
    ) -> float:
        """Remember an answer."""
        ...


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
