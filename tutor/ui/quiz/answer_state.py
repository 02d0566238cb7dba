"""An answer before it is given: the cursor, the ticks, the order and the text."""

from __future__ import annotations

from tutor.quiz.answer_parser import LETTERS
from tutor.quiz.presentation import Answer, Mode
from tutor.quiz.turn import Turn
from tutor.render.learner.question import Marks, marks


class AnswerState:
    """An answer that is being chosen, ordered or typed. Nothing here draws or waits."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.cursor = 0
        self.ticked: set[int] = set()
        self.order = list(range(len(turn.presentation.options)))
        self.is_moving = False
        self.typed = ""

    @property
    def mode(self) -> Mode:
        """How the question is answered."""
        return self.turn.presentation.mode

    @property
    def marks(self) -> Marks:
        """The marks that it makes."""
        return marks(
            self.turn,
            cursor=None if self.mode == "text" else self.cursor,
            ticked=frozenset(self.ticked),
            order=tuple(self.order),
            is_moving=self.is_moving,
            typed=self.typed,
        )

    @property
    def draft(self) -> Answer:
        """The answer as it stands, whether or not it may be given."""
        match self.mode:
            case "text":
                return self.typed
            case "order":
                return tuple(self.order)
            case "several":
                return tuple(sorted(self.ticked))
        return (self.cursor,)

    def answer(self) -> Answer | None:
        """The answer that may be given now; None where it was graded already, or is ruled out."""
        if self.mode == "one":
            return self.draft if self.cursor in self.turn.open else None
        return None if self.draft in self.turn.tried else self.draft

    # --- keys -----------------------------------------------------------------------------------------------

    def move(self, step: int) -> None:
        """Move the cursor to the next option that may be chosen, or the step that is being moved."""
        if self.is_moving:
            self.shift(step)
        elif self.mode == "one":
            beyond = [place for place in self.turn.open if (place - self.cursor) * step > 0]
            if beyond:
                self.cursor = beyond[0] if step > 0 else beyond[-1]
        elif self.mode != "text":
            self.cursor = min(max(0, self.cursor + step), len(self.turn.presentation.options) - 1)

    def leave_struck_option(self) -> None:
        """Move the cursor off an option that a hint has ruled out."""
        if self.mode == "one" and self.cursor not in self.turn.open:
            self.cursor = self.turn.open[0]

    def move_to_end(self, step: int) -> None:
        """Move the cursor to the first or the last option."""
        for _ in self.turn.presentation.options:
            self.move(step)

    def shift(self, step: int) -> None:
        """Move the step under the cursor one place up or down."""
        other = self.cursor + step
        if self.mode == "order" and 0 <= other < len(self.order):
            self.order[self.cursor], self.order[other] = self.order[other], self.order[self.cursor]
            self.cursor = other

    def toggle(self) -> None:
        """Tick the option under the cursor, or take the tick away; begin or stop moving a step."""
        if self.mode == "several":
            self.ticked ^= {self.cursor}
        elif self.mode == "order":
            self.is_moving = not self.is_moving

    def choose_letter(self, letter: str) -> Answer | None:
        """Choose an option by its letter: an answer, but where several are chosen."""
        place = LETTERS.find(letter)
        in_range = len(letter) == 1 and 0 <= place < len(self.turn.presentation.options)
        if not in_range or self.turn.kind.options_are_lines:
            return None
        if self.mode == "several":
            self.cursor = place
            self.toggle()
            return None
        if place not in self.turn.open:
            return None
        self.cursor = place
        return (place,)
