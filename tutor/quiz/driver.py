"""The course of a quiz, the same for the app and for the plain terminal: both only show it and read answers.

Cards that need torch wait while it loads and others can be asked; questions that can't be asked here are left out;
answers are graded, counted and recorded.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Protocol

from tutor.client.runner import CodeRunner
from tutor.quiz import feedback
from tutor.quiz.executor import Unfinished
from tutor.quiz.feedback import Verdict
from tutor.quiz.kinds import kind_of
from tutor.quiz.presentation import Answer, CannotAsk, Presentation
from tutor.quiz.selection import Card
from tutor.quiz.turn import Turn


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a quiz."""

    done: int
    total: int
    """Cards in all; those that come again are among them as soon as that is known."""
    streak: int
    """How many cards in a row were right on the first try, up to now."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The sums of a quiz."""

    questions: int
    """Those that were asked, each counted once."""
    right: int
    """Those right on the first try; a second coming does not change that."""
    corrected: int
    """Those that were not, and were when they came again."""
    best_streak: int
    """The longest row of cards right on the first try."""
    seconds: float
    remaining: int
    """Questions that were not asked; a second coming is none."""
    reread: tuple[tuple[str, int], ...]
    """Ids of lessons with the number of questions that were not right on the first try, most first."""


class Worker(Protocol):
    """The worker, as the app or the plain terminal lends it to a quiz."""

    @property
    def runner(self) -> CodeRunner:
        """Where code runs."""

    async def is_ready(self) -> bool:
        """Whether torch is loaded."""

    async def wait_until_ready(self) -> None:
        """Wait for torch, where it is still being loaded, and say so."""


class QuizDriver:
    """Goes through the cards of a quiz.

    Attributes:
        turn: the question that is asked; None before the first, between two, and at the end.
        results: the turns that are done, in their order.
        skipped: why questions were left out since the last one was asked, a sentence each.
    """

    def __init__(
        self,
        cards: Sequence[Card],
        worker: Worker,
        record: Callable[[Turn], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``record`` is called with each turn that is done."""
        self.turn: Turn | None = None
        self.results: list[Turn] = []
        self.skipped: list[str] = []
        self._waiting = list(cards)
        """The card that is asked, or comes next, and those after it."""
        self._worker = worker
        self._record = record
        self._clock = clock
        self._started = 0.0
        """When the turn was first shown."""

    # --- from card to card ----------------------------------------------------------------------------------

    @property
    def card(self) -> Card | None:
        """The card that is asked, or comes next; None at the end."""
        return self._waiting[0] if self._waiting else None

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
        while (card := self.card) is not None:
            if await self._postpones(card):
                continue
            try:
                presentation = await kind_of(card.question).prepare(card.question, self._worker.runner, card.seed)
            except CannotAsk as reason:
                self.skipped.append(f"A question of {card.lesson} was left out. {reason}")
                self._waiting.pop(0)
                continue
            self.turn = Turn(card, presentation)
            self._started = self._clock()
            return self.turn
        return None

    async def _postpones(self, card: Card) -> bool:
        """Put another card before one that needs torch, while that loads; where there is none, wait for torch.

        The card that was asked last is not put there: as long as nothing came in between, its answer is still in mind.
        """
        if not _needs_worker(card) or await self._worker.is_ready():
            return False
        last = self.results[-1].card.id if self.results else ""
        other = next((other for other in self._waiting if not _needs_worker(other) and other.id != last), None)
        if other is None:
            await self._worker.wait_until_ready()
            return False
        self._waiting.remove(other)
        self._waiting.insert(0, other)
        return True

    def finish_turn(self) -> None:
        """Record the question that is over, and count it as done. A wrong answer that was left at that was one.

        What was not right on the first try comes again, once: with other fresh numbers; without any, as it was.
        """
        turn = self.turn
        if turn is None or turn.phase == "asked" or self.card is not turn.card:
            return
        if turn.phase == "wrong":
            turn.seconds = self._clock() - self._started
        card = self._waiting.pop(0)
        self.results.append(turn)
        if not turn.first_try and not card.again:
            self._waiting.append(replace(card, again=True, seed=card.seed + bool(card.question.fresh)))
        self._record(turn)

    # --- what the learner does ------------------------------------------------------------------------------

    async def answer(self, answer: Answer) -> None:
        """Grade an answer to the question that is asked.

        Raises:
            WorkerFault: nothing can be run.
        """
        turn, now = self._current_turn(), self._clock()
        turn.add_answer(answer, await grade(turn.presentation, answer, self._worker.runner))
        self._note_end(turn, now)

    def give_hint(self) -> bool:
        """Give the hint; where there is none, or after it, the answer. Whether it was a hint."""
        if self._current_turn().give_hint():
            return True
        self.reveal()
        return False

    def reveal(self) -> None:
        """Show the right answer."""
        turn, now = self._current_turn(), self._clock()
        turn.reveal()
        self._note_end(turn, now)

    def run_code(self) -> None:
        """The code of the question was run by the learner: that shows the answer, or helps to find it."""
        turn = self._current_turn()
        if turn.phase == "over":
            return
        if turn.kind.run_gives_away:
            self.reveal()
        else:
            turn.code_was_run = True

    def _current_turn(self) -> Turn:
        if self.turn is None:
            raise RuntimeError("no question is asked")
        return self.turn

    def _note_end(self, turn: Turn, now: float) -> None:
        if turn.phase == "over":
            turn.seconds = now - self._started

    # --- how it stands --------------------------------------------------------------------------------------

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        done = len(self.results)
        return Progress(done, done + len(self._waiting), self._streaks()[-1])

    @property
    def summary(self) -> Summary:
        """The sums so far."""
        turns = [turn for turn in self.results if not turn.card.again]
        wrong = Counter(turn.card.lesson for turn in turns if not turn.first_try)
        return Summary(
            questions=len(turns),
            right=len(turns) - wrong.total(),
            corrected=sum(turn.first_try for turn in self.results if turn.card.again),
            best_streak=max(self._streaks()),
            seconds=sum(turn.seconds for turn in self.results),
            remaining=sum(not card.again for card in self._waiting),
            reread=tuple(wrong.most_common()),
        )

    def _streaks(self) -> list[int]:
        """How many cards in a row were right on the first try, before the first card and after each."""
        rights = (turn.first_try for turn in self.results)
        return list(accumulate(rights, lambda streak, right: streak + 1 if right else 0, initial=0))


def _needs_worker(card: Card) -> bool:
    return kind_of(card.question).needs_worker


async def grade(presentation: Presentation, answer: Answer, runner: CodeRunner) -> Verdict:
    """Grade ``answer``. What is typed runs in the worker only, ten seconds at most.

    Raises:
        WorkerFault: nothing can be run.
        ValueError: the answer doesn't fit the mode of the question, or names options that aren't there.
    """
    _require_fit(presentation, answer)
    if isinstance(answer, str) and not answer.strip():
        return Verdict(False, ("Nothing is typed yet.",), counts=False)
    try:
        return await kind_of(presentation.question).grade(presentation, answer, runner)
    except Unfinished as ended:
        return feedback.ended_early(ended)


def _require_fit(presentation: Presentation, answer: Answer) -> None:
    mode, all = presentation.mode, set(range(len(presentation.options)))
    if isinstance(answer, str):
        fits = mode == "text"
    else:
        places = set(answer)
        fits = mode != "text" and places <= all and len(places) == len(answer)
        fits &= mode != "order" or places == all
        fits &= mode != "one" or len(answer) == 1
    if not fits:
        raise ValueError(f"{answer!r} is no answer of the mode {mode} to a question with {len(all)} options")
