"""What a learner does with a question before it is answered: where the cursor is, what is ticked, moved or typed."""

from __future__ import annotations

from tutor.quiz.answer_parser import LETTERS
from tutor.quiz.program import Answer
from tutor.quiz.turn import Turn
from tutor.render.learner.question import Marks, marks


class Answering:
    """An answer in the making. Nothing here draws or waits."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.cursor = 0
        self.ticked: set[int] = set()
        self.order = list(range(len(turn.put.options)))
        self.held = False
        self.typed = ""

    @property
    def kind(self) -> str:
        """How the question is asked."""
        return self.turn.put.kind

    @property
    def marks(self) -> Marks:
        """How it looks now."""
        cursor = None if self.turn.put.typed else self.cursor
        return marks(
            self.turn,
            cursor=cursor,
            chosen=frozenset(self.ticked),
            order=tuple(self.order),
            held=self.held,
            typed=self.typed,
        )

    def answer(self) -> Answer | None:
        """What would be answered now; None where that was judged already, or can't be right any more."""
        if self.turn.put.typed:
            made: Answer = self.typed
        elif self.kind == "order":
            made = tuple(self.order)
        elif self.kind == "choose all":
            made = tuple(sorted(self.ticked))
        else:
            return (self.cursor,) if self.cursor in self.turn.open else None
        return None if made in self.turn.tried else made

    def chosen(self) -> int | None:
        """The option that the program is opened with where each has its own: the one under the cursor."""
        return self.cursor if self.turn.put.options else None

    # --- keys -----------------------------------------------------------------------------------------------

    def move(self, step: int) -> None:
        """Move the cursor to the next option that may be chosen; a step that is held goes with it."""
        if self.held:
            self.shift(step)
        elif self.turn.one_of:
            beyond = [place for place in self.turn.open if (place - self.cursor) * step > 0]
            if beyond:
                self.cursor = beyond[0] if step > 0 else beyond[-1]
        elif not self.turn.put.typed:
            self.cursor = min(max(0, self.cursor + step), len(self.turn.put.options) - 1)

    def end(self, step: int) -> None:
        """Move the cursor to the first or the last option."""
        for _ in self.turn.put.options:
            self.move(step)

    def shift(self, step: int) -> None:
        """Move the step under the cursor one place up or down."""
        other = self.cursor + step
        if self.kind == "order" and 0 <= other < len(self.order):
            self.order[self.cursor], self.order[other] = self.order[other], self.order[self.cursor]
            self.cursor = other

    def space(self) -> None:
        """Tick the option under the cursor, or take the tick away; pick a step up, or put it down."""
        if self.kind == "choose all":
            self.ticked ^= {self.cursor}
        elif self.kind == "order":
            self.held = not self.held

    def letter(self, letter: str) -> Answer | None:
        """Choose an option by its letter: an answer, but where several are chosen."""
        place = LETTERS.find(letter)
        if len(letter) != 1 or not 0 <= place < len(self.turn.put.options) or self.kind in ("order", "find the line"):
            return None
        if self.kind == "choose all":
            self.cursor = place
            self.space()
            return None
        if place not in self.turn.open:
            return None
        self.cursor = place
        return (place,)
