"""A quiz from its first question to its summary: the cards, their results, and the sums.

Nothing here waits, draws, runs code, or looks at a clock: times are seconds of any clock that goes on, handed in.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from tutor.curriculum.lesson import Question
from tutor.quiz.rating import quick, rating


@dataclass(frozen=True, slots=True)
class Card:
    """A question that is to be asked."""

    id: str
    """``chapter/lesson#name``."""
    question: Question
    seed: int
    """To prepare it with; on a retry the same, so that nothing moves."""
    again: bool = False
    """It was not right at first, and comes a second time."""

    @property
    def chapter(self) -> str:
        """The chapter that it is from."""
        return self.id.partition("/")[0]

    @property
    def lesson(self) -> str:
        """The id of its lesson."""
        return self.id.partition("#")[0]


def deal(questions: Iterable[tuple[str, Question]], seed: int, count: int | None = None) -> tuple[Card, ...]:
    """Cards for questions with their ids, at most ``count``, in an order that ``seed`` decides.

    Chapters alternate as far as they can, and within one its lessons: mixed questions are remembered longer. Where
    fewer are dealt than there are, all chapters have their share.
    """
    chance = random.Random(seed)
    cards = [Card(id_, question, chance.randrange(1 << 31)) for id_, question in questions]
    chance.shuffle(cards)
    by_lesson = _alternating(cards, lambda card: card.lesson)
    return tuple(_alternating(by_lesson, lambda card: card.chapter)[:count])


def _alternating(cards: Sequence[Card], group: Callable[[Card], str]) -> list[Card]:
    """Each group in its order; the next card is from the largest group left that isn't the last card's."""
    waiting: dict[str, list[Card]] = {}
    for card in reversed(cards):
        waiting.setdefault(group(card), []).append(card)
    order = list(dict.fromkeys(group(card) for card in cards))
    dealt: list[Card] = []
    last = ""
    while waiting:
        other = [name for name in order if name in waiting and name != last] or [last]
        last = max(other, key=lambda name: len(waiting[name]))
        dealt.append(waiting[last].pop())
        if not waiting[last]:
            del waiting[last]
    return dealt


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one card."""

    card: Card
    right: bool
    """It was answered rightly in the end, without being revealed."""
    tries: int
    hint: bool
    revealed: bool
    seconds: float
    """From when it was shown until it was right, or was skipped."""

    @property
    def first_try(self) -> bool:
        """Right at once. Nothing else counts as right in the sums."""
        return self.right and self.tries == 1

    @property
    def rating(self) -> int:
        """1 Again, 2 Hard, 3 Good, 4 Easy, by the rule of :mod:`tutor.quiz.rating`."""
        return rating(
            right=self.right,
            tries=self.tries,
            hint=self.hint,
            revealed=self.revealed,
            seconds=self.seconds,
            quick=quick(self.card.question),
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a session."""

    done: int
    total: int
    """Cards in all; those that come again are among them as soon as that is known."""
    right: int
    """Questions that were right on the first try, and those that were not; a second coming changes neither."""
    wrong: int
    streak: int
    """How many cards in a row were right on the first try, up to now."""
    best_streak: int
    """The longest such row."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The sums of a session."""

    questions: int
    """Those that were asked, each counted once."""
    right: int
    """Those right on the first try."""
    corrected: int
    """Those that were not, and were when they came again."""
    best_streak: int
    """The longest row of cards right on the first try."""
    seconds: float
    remaining: int
    """Questions that were not asked; a second coming is none."""
    reread: tuple[tuple[str, int], ...]
    """Ids of lessons with the number of questions that were not right on the first try, most first."""


class QuizSession:
    """One quiz. Show :attr:`card`, call :meth:`start`, then a method for each act of the learner, then :meth:`next`.

    Attributes:
        card: the card to be asked now; None at the end.
        results: of all cards that are done, in their order.
    """

    def __init__(self, cards: Sequence[Card]) -> None:
        self._waiting = list(cards)
        self.results: list[Result] = []
        self.card: Card | None = None
        self._take()

    def _take(self) -> None:
        self.card = self._waiting.pop(0) if self._waiting else None
        self._started = self._ended = 0.0
        self._tries = 0
        self._right = self._hint = self._revealed = False

    # --- what happens to a card -------------------------------------------------------------------------------

    def start(self, now: float) -> None:
        """The card is shown."""
        self._started = self._ended = now

    def answer(self, right: bool, now: float) -> None:
        """An answer was graded. After a right one, or once the answer was revealed, nothing changes any more."""
        if self.settled:
            return
        self._tries += 1
        self._right = right
        self._ended = now

    def hint(self) -> None:
        """A hint is shown."""
        self._hint = self._hint or not self.settled

    def reveal(self, now: float) -> None:
        """The right answer is shown before it was given."""
        if not self.settled:
            self._revealed, self._ended = True, now

    @property
    def settled(self) -> bool:
        """Nothing more can change with this card: it was right, or was revealed."""
        return self._right or self._revealed

    @property
    def tries(self) -> int:
        """Answers to this card that were graded."""
        return self._tries

    def next(self, now: float) -> Result:
        """Go on from the card, answered or not, to the next. One that was not right on the first try comes again, once.

        Raises:
            ValueError: there is no card left.
        """
        if self.card is None:
            raise ValueError("there is no card left")
        card, ended = self.card, self._ended if self.settled else now
        result = Result(card, self._right, self._tries, self._hint, self._revealed, max(0.0, ended - self._started))
        self.results.append(result)
        if not result.first_try and not card.again:
            self._waiting.append(_second(card))
        self._take()
        return result

    def postpone(self, is_able: Callable[[Card], bool]) -> bool:
        """Take the first waiting card that ``is_able`` before this one, which comes next; False: there is none.

        The card that was asked last is not taken: as long as nothing came in between, its answer is still in mind.
        """
        last = self.results[-1].card.id if self.results else ""
        places = (place for place, card in enumerate(self._waiting) if is_able(card) and card.id != last)
        place = next(places, None)
        if self.card is None or place is None:
            return False
        chosen = self._waiting.pop(place)
        self._waiting[:0] = [chosen, self.card]
        self._take()
        return True

    def skip(self) -> None:
        """Drop the card, as if it had not been dealt: it can't be asked here."""
        self._take()

    # --- how it stands ----------------------------------------------------------------------------------------

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        first = [result for result in self.results if not result.card.again]
        right = sum(result.first_try for result in first)
        streak = best = 0
        for result in self.results:
            streak = streak + 1 if result.first_try else 0
            best = max(best, streak)
        done = len(self.results)
        total = done + len(self._waiting) + (self.card is not None)
        return Progress(done, total, right, len(first) - right, streak, best)

    @property
    def summary(self) -> Summary:
        """The sums so far."""
        progress = self.progress
        wrong = Counter(r.card.lesson for r in self.results if not r.card.again and not r.first_try)
        return Summary(
            questions=progress.right + progress.wrong,
            right=progress.right,
            corrected=sum(result.first_try for result in self.results if result.card.again),
            best_streak=progress.best_streak,
            seconds=sum(result.seconds for result in self.results),
            remaining=sum(not card.again for card in (self.card, *self._waiting) if card is not None),
            reread=tuple(wrong.most_common()),
        )


def _second(card: Card) -> Card:
    """The card as it comes again: fresh numbers are other ones, what has none looks as it did."""
    return replace(card, again=True, seed=card.seed + 1 if card.question.fresh else card.seed)


class Reviews(Protocol):
    """The part of :class:`tutor.learner.review_queue.Reviews` that quizzes need."""

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


def record(reviews: Reviews, result: Result, now: float, sitting: str) -> None:
    """Record a card that is done; its second coming in the same session is practice, and no answer of its own.

    Args:
        reviews: where answers are recorded.
        result: the result of the card.
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
