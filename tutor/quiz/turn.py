"""One question while it is asked: answers tried, the hint, and when nothing more can be won.

The app and the plain terminal ask by the same rules. Nothing here waits, draws or runs code.
"""

from __future__ import annotations

from typing import Literal

from tutor.quiz.feedback import Verdict
from tutor.quiz.kinds import kind_of
from tutor.quiz.kinds.base import Hint
from tutor.quiz.presentation import Answer, Presentation
from tutor.quiz.session import Card

TRIES = 2
"""Answers that are graded before the right one is shown: a third is mostly what was left over."""

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

    def _next_hint(self) -> Hint | None:
        if self.hint or self.phase == "over":
            return None
        return self.kind.hint(self.presentation, self.open)
