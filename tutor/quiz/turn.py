"""One question while it is asked: answers tried, what a hint has told, and when nothing more can be won.

The app and the plain terminal ask by the same rules. Nothing here waits, draws or runs code.
"""

from __future__ import annotations

import random
from typing import Literal

from tutor.curriculum.lesson import Question
from tutor.quiz.grading import Judgement, right_answer
from tutor.quiz.presentation import Put
from tutor.quiz.program import Answer
from tutor.quiz.session import Card

TRIES = 2
"""Answers that are judged before the right one is told: what comes third is mostly what was left over."""

Phase = Literal["asked", "wrong", "over"]
"""``wrong``: the last answer was, and another may be given."""


def judged_by_running(question: Question) -> bool:
    """Whether an answer to it is a program that has to run."""
    return question.kind in ("fill the blank", "write", "order")


def needs_worker(question: Question) -> bool:
    """Whether it can't be asked, or answered, before there is a worker."""
    return question.kind in ("prints", "predict", "match the curve") or judged_by_running(question)


class Turn:
    """A card that has been put.

    Attributes:
        card: the card.
        put: the question as it is put.
        tried: the answers that were judged, in their order.
        struck: positions of options that a hint has said to be wrong.
        hint: what the hint says, as Markdown; empty before there was one.
        ran: the code was opened and run while nothing was right yet, which helps as a hint does.
        judgement: of the last answer, also of one that does not count; None before the first.
        right: the last answer was right.
        revealed: the right answer was told before it was given.
    """

    def __init__(self, card: Card, put: Put) -> None:
        self.card = card
        self.put = put
        self.tried: list[Answer] = []
        self.struck: set[int] = set()
        self.hint = ""
        self.ran = False
        self.judgement: Judgement | None = None
        self.right = False
        self.revealed = False

    @property
    def phase(self) -> Phase:
        """How it stands."""
        if self.right or self.revealed or len(self.tried) >= TRIES:
            return "over"
        if self.one_of and self.tried and len(self.open) < 2:
            return "over"
        return "wrong" if self.tried else "asked"

    @property
    def one_of(self) -> bool:
        """It is answered with one of its options."""
        return not self.put.typed and self.put.kind not in ("choose all", "order")

    @property
    def open(self) -> list[int]:
        """Positions of the options of which nothing is known yet."""
        tried = {place for answer in self.tried if self.one_of for place in answer}
        return [place for place in range(len(self.put.options)) if place not in tried | self.struck]

    @property
    def answer(self) -> str:
        """The right answer in words, as Markdown."""
        return right_answer(self.put)

    # --- what happens ---------------------------------------------------------------------------------------

    def took(self, answer: Answer, judgement: Judgement) -> None:
        """An answer was judged. One that does not count is only told."""
        self.judgement = judgement
        if judgement.counts:
            self.tried.append(answer)
            self.right = judgement.right

    def reveal(self) -> None:
        """Tell the right answer."""
        self.revealed = self.revealed or self.phase != "over"
        if self.judgement is not None and not self.judgement.counts:
            self.judgement = None  # what was said to it is of no use any more

    @property
    def has_hint(self) -> bool:
        """There is a hint, and it was not given."""
        if self.hint or self.phase == "over":
            return False
        if self.put.typed:
            return bool(_typed(self.put))
        return not self.one_of or len(self._wrong) > 1

    def tell(self) -> bool:
        """Give the one hint that there is; False: there is none, or it was given."""
        if not self.has_hint:
            return False
        self.hint = _typed(self.put) if self.put.typed else self._of_options()
        return True

    @property
    def _wrong(self) -> list[int]:
        """Of the open options those that are wrong."""
        return [place for place in self.open if place not in self.put.right]

    def _of_options(self) -> str:
        put = self.put
        if put.kind == "choose all":
            count = len(put.right)
            return f"{count} of the {len(put.options)} {'is' if count == 1 else 'are'} right."
        if put.kind == "order":
            return f"`{put.options[put.right[0]].text.strip()}` comes first."
        if put.kind == "find the line":
            return self._near_line()
        chosen = random.Random(f"{put.seed} hint").choice(self._wrong)
        self.struck.add(chosen)
        return put.options[chosen].feedback or "It is not the one that is struck out."

    def _near_line(self) -> str:
        """Strike out the half of the lines that is farther from the right one, on one side of it or on both."""
        put, [right] = self.put, self.put.right
        count = len(put.options)
        size = max(2, count // 2)
        first = random.Random(f"{put.seed} hint").randint(max(0, right - size + 1), min(right, count - size))
        kept = range(first, first + size)
        self.struck |= {place for place in range(count) if place not in kept}
        lines = [(put.options[place].line or 0) + 1 for place in kept]
        return f"It is one of the lines {lines[0]} to {lines[-1]}."


def _typed(put: Put) -> str:
    question = put.question
    text = question.reference if put.kind == "write" else question.options[question.right[0]].text
    begin = text[: max(1, len(text) // 3)].strip()
    return f"A right answer begins with `{begin}`." if len(text) > 2 and "`" not in begin else ""
