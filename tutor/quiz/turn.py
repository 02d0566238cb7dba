"""One question while it is asked: answers tried, the hint, when nothing more can be won, and how it is rated then.

The app and the plain terminal ask by the same rules. Nothing here waits, draws or runs code.

Answers are rated as FSRS rates a review:

========================================================  =========
the answer                                                rating
========================================================  =========
never right: revealed, given up, or wrong twice           1  Again
right on the second try, or on the first after a hint     2  Hard
right on the first try                                    3  Good
the same, as fast as it can be read and typed             4  Easy
========================================================  =========

Nobody is marked down for taking long: the telephone may have rung.
"""

from __future__ import annotations

from typing import Literal

from tutor.curriculum.lesson import Question
from tutor.quiz.feedback import Verdict
from tutor.quiz.kinds import kind_of
from tutor.quiz.kinds.base import QuestionHint
from tutor.quiz.presentation import Answer, Presentation
from tutor.quiz.selection import Card

TRIES = 2
"""Answers that are graded before the right one is shown: a third is mostly what was left over."""

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
"""Their numbers in py-fsrs."""

_READING = 30.0
"""Characters read in a second, of prompt, code and options."""
_THINKING = 2.0
"""Seconds to choose, for a learner who knows the answer."""
_TYPING = 6.0
"""Seconds more to type it, or to put steps in order."""

Phase = Literal["asked", "wrong", "over"]
"""``wrong``: the last answer was, and another may be given."""


class Turn:
    """A card whose question was prepared.

    Attributes:
        card: the card.
        presentation: the question as it is shown.
        kind: its kind.
        tried: the answers that were graded, in their order.
        struck: positions of options that a hint has ruled out.
        hint: the text of the hint, as Markdown; empty before there was one.
        code_was_run: the code was opened and run while nothing was right yet, which helps as a hint does.
        verdict: on the last answer, also on one that does not count; None before the first.
        right: the last answer was right.
        revealed: the right answer was shown before it was given.
        seconds: from when it was shown until it was over, or left; 0 until then.
    """

    def __init__(self, card: Card, presentation: Presentation) -> None:
        self.card = card
        self.presentation = presentation
        self.kind = kind_of(presentation.question)
        self.tried: list[Answer] = []
        self.struck: set[int] = set()
        self.hint = ""
        self.code_was_run = False
        self.verdict: Verdict | None = None
        self.right = False
        self.revealed = False
        self.seconds = 0.0

    @property
    def phase(self) -> Phase:
        """How it stands."""
        if self.right or self.revealed or len(self.tried) >= TRIES:
            return "over"
        if self.presentation.mode == "one" and self.tried and len(self.open) < 2:
            return "over"
        return "wrong" if self.tried else "asked"

    @property
    def wrong_choices(self) -> list[int]:
        """Options that were answered one by one, and were not right."""
        if self.presentation.mode != "one":
            return []
        places = [place for answer in self.tried for place in answer if isinstance(place, int)]
        return [place for place in places if place not in self.presentation.right]

    @property
    def open(self) -> list[int]:
        """Positions of the options that are neither tried nor ruled out."""
        tried = {place for answer in self.tried for place in answer if self.presentation.mode == "one"}
        return [place for place in range(len(self.presentation.options)) if place not in tried | self.struck]

    @property
    def answer(self) -> str:
        """The right answer in words, as Markdown."""
        return self.kind.right_answer(self.presentation)

    @property
    def is_hinted(self) -> bool:
        """Something helped: the hint, or a run of the code."""
        return bool(self.hint) or self.code_was_run

    # --- what happens ---------------------------------------------------------------------------------------

    def add_answer(self, answer: Answer, verdict: Verdict) -> None:
        """An answer was graded. Of one that does not count only the verdict is shown."""
        self.verdict = verdict
        if verdict.counts:
            self.tried.append(answer)
            self.right = verdict.right

    def reveal(self) -> None:
        """Show the right answer."""
        self.revealed = self.revealed or self.phase != "over"
        if self.verdict is not None and not self.verdict.counts:
            self.verdict = None  # what was wrong with it is of no use any more

    @property
    def has_hint(self) -> bool:
        """There is a hint, and it was not given."""
        return self._next_hint() is not None

    def give_hint(self) -> bool:
        """Give the one hint that there is; False: there is none, or it was given."""
        hint = self._next_hint()
        if hint is not None:
            self.hint = hint.text
            self.struck |= hint.struck
        return hint is not None

    def _next_hint(self) -> QuestionHint | None:
        if self.hint or self.phase == "over":
            return None
        return self.kind.hint(self.presentation, self.open)

    # --- what became of it ----------------------------------------------------------------------------------

    @property
    def first_try(self) -> bool:
        """Right at once. Nothing else counts as right in the sums."""
        return self.right and len(self.tried) == 1

    @property
    def rating(self) -> int:
        """Again, Hard, Good or Easy, by the table above."""
        if not self.right:
            return AGAIN
        if self.is_hinted or len(self.tried) > 1:
            return HARD
        return EASY if self.seconds <= quick(self.card.question) else GOOD

    @property
    def course(self) -> dict[str, object]:
        """What is remembered of it beside its rating, as JSON can write it."""
        return {
            "right": self.right,
            "seconds": round(self.seconds, 3),
            "tries": len(self.tried),
            "hint": self.is_hinted,
            "revealed": self.revealed,
        }


def quick(question: Question) -> float:
    """Seconds in which a learner who knows the answer has read ``question`` and answered it."""
    code = question.code.text if question.code else ""
    mode = kind_of(question).mode
    options = 0 if mode == "text" else sum(len(option.text) for option in question.options)
    characters = len(question.prompt) + len(code) + options
    typing = _TYPING if mode in ("text", "order") else 0.0
    return _THINKING + typing + characters / _READING
