"""The scheduler of reviews: FSRS, as py-fsrs computes it. Importing it takes 40 ms: only where it is needed.

Steps of minutes are left out: what was wrong comes again in the same sitting anyway, and a learner comes once a day.
Without them each answer leads to a day, the next one at the soonest. There is no chance in it: the same answers at the
same times give the same days.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from fsrs import Card, Rating, Scheduler, State

SCHEDULER = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


class MemoryState(NamedTuple):
    """The state of FSRS for a question. Times are seconds since 1970; stability is in days, difficulty from 1 to 10."""

    state: int
    step: int | None
    stability: float | None
    difficulty: float | None
    due: float
    answered_at: float


def after(memory: MemoryState | None, rating: int, at: float) -> MemoryState:
    """The state after an answer; without a ``memory`` it was the first.

    Args:
        memory: the state before.
        rating: 1 Again, 2 Hard, 3 Good, 4 Easy.
        at: when it was answered.
    """
    when = datetime.fromtimestamp(at, UTC)
    card = Card(card_id=0, due=when)  # without an id it would wait a millisecond to get a new one
    if memory is not None:
        state, step, stability, difficulty, due, answered_at = memory
        times = (datetime.fromtimestamp(time, UTC) for time in (due, answered_at))
        card = Card(0, State(state), step, stability, difficulty, *times)
    card, _ = SCHEDULER.review_card(card, Rating(rating), when)
    return MemoryState(int(card.state), card.step, card.stability, card.difficulty, card.due.timestamp(), at)
