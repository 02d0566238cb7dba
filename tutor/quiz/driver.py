"""The course of a quiz, the same for the app and for the plain terminal: both only show it and read answers.

Cards that need torch wait while it loads and others can be asked; questions that can't be asked here are left out;
answers are graded, counted and recorded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from tutor.client.runner import CodeRunner
from tutor.quiz.kinds import kind_of
from tutor.quiz.presentation import Answer, CannotAsk
from tutor.quiz.question import grade, prepare
from tutor.quiz.session import Card, QuizSession, Result
from tutor.quiz.turn import Turn


class Worker(Protocol):
    """The worker, as the app or the plain terminal lends it to a quiz."""

    @property
    def runner(self) -> CodeRunner:
        """Where code runs."""
        ...

    async def is_ready(self) -> bool:
        """Whether torch is loaded."""
        ...

    async def wait_until_ready(self) -> None:
        """Wait for torch, where it is still being loaded, and say so."""
        ...


class QuizDriver:
    """Goes through the cards of a quiz.

    Attributes:
        session: the cards and their results.
        turn: the question that is asked; None before the first, between two, and at the end.
        skipped: why questions were left out since the last one was asked, a sentence each.
    """

    def __init__(
        self,
        cards: Sequence[Card],
        worker: Worker,
        record: Callable[[Result], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``record`` is called with the result of each card that was answered."""
        self.session = QuizSession(cards)
        self.turn: Turn | None = None
        self.skipped: list[str] = []
        self._worker = worker
        self._record = record
        self._clock = clock
        self._over_at: float | None = None
        """When the turn was over; None before that."""

    # --- from card to card ----------------------------------------------------------------------------------

    async def ask_next(self) -> Turn | None:
        """Prepare the next question that can be asked here; None after the last one.

        The one before it is recorded first. Cancelled or stopped by an error, it can be called again.

        Raises:
            WorkerFault: nothing can be run.
        """
        self.finish_turn()
        if self.turn is not None:
            self.turn = None
            self.skipped.clear()
        while (card := self.session.card) is not None:
            if await self._postpones(card):
                continue
            try:
                presentation = await prepare(card.question, self._worker.runner, card.seed)
            except CannotAsk as reason:
                self.skipped.append(f"A question of {card.lesson} was left out. {reason}")
                self.session.skip()
                continue
            self.turn = Turn(card, presentation)
            self.session.start(self._clock())
            return self.turn
        return None

    async def _postpones(self, card: Card) -> bool:
        """Put another card before one that needs torch, while that loads; where there is none, wait for torch."""
        if not _needs_worker(card) or await self._worker.is_ready():
            return False
        if self.session.postpone(lambda other: not _needs_worker(other)):
            return True
        await self._worker.wait_until_ready()
        return False

    def finish_turn(self) -> None:
        """Record the question that is over, and count it as done. A wrong answer that was left at that was one."""
        if self.turn is None or self.turn.phase == "asked" or self.session.card is not self.turn.card:
            return
        ended, self._over_at = self._over_at, None
        self._record(self.session.next(self._clock() if ended is None else ended))

    # --- what the learner does ------------------------------------------------------------------------------

    async def answer(self, answer: Answer) -> None:
        """Grade an answer to the question that is asked.

        Raises:
            WorkerFault: nothing can be run.
        """
        turn, now = self._current_turn(), self._clock()
        verdict = await grade(turn.presentation, answer, self._worker.runner)
        turn.add_answer(answer, verdict)
        if verdict.counts:
            self.session.answer(verdict.right, now)
        self._note_end(now)

    def give_hint(self) -> bool:
        """Give the hint; where there is none, or after it, the answer. Whether it was a hint."""
        if not self._current_turn().give_hint():
            self.reveal()
            return False
        self.session.hint()
        return True

    def reveal(self) -> None:
        """Show the right answer."""
        now = self._clock()
        self._current_turn().reveal()
        self.session.reveal(now)
        self._note_end(now)

    def run_code(self) -> None:
        """The code of the question was run by the learner: that shows the answer, or helps to find it."""
        turn = self._current_turn()
        if turn.phase == "over":
            return
        if turn.kind.run_gives_away:
            self.reveal()
        else:
            turn.code_was_run = True
            self.session.hint()

    def _current_turn(self) -> Turn:
        if self.turn is None:
            raise RuntimeError("no question is asked")
        return self.turn

    def _note_end(self, now: float) -> None:
        if self._current_turn().phase == "over":
            self._over_at = now


def _needs_worker(card: Card) -> bool:
    return kind_of(card.question).needs_worker
