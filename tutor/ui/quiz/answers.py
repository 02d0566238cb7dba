"""What the keys of a quiz do: they choose, tick, move, type, and go on."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tutor.quiz.program import Answer
from tutor.ui import keys
from tutor.ui.base.list_view import Rows
from tutor.ui.quiz.question_view import QuestionScreen


class AnswersScreen(QuestionScreen):
    """A question that listens. What an answer leads to is for :class:`tutor.ui.quiz.screen.QuizScreen` to say."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.bindings("quiz"),
        Binding("escape", "leave", show=False, priority=True),
        Binding("ctrl+c", "interrupt", show=False, priority=True),
        Binding("alt+up", "shift(-1)", show=False, priority=True),
        Binding("alt+down", "shift(1)", show=False, priority=True),
    ]

    @property
    def answerable(self) -> bool:
        return self.turn is not None and self.turn.phase != "over" and not self.busy and not self.over

    # --- keys -----------------------------------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:  # type: ignore[override]  # Textual takes either
        """Keys mean what the question makes of them."""
        event.prevent_default()  # or what is said here would be hushed by the same key
        self.hush()
        if self.over:
            if event.key == "enter":
                event.stop()
                self.leave_for(self.query_one(Rows).choice or "")
            return
        if self.turn is None and not self.busy and event.key == "enter":
            event.stop()
            if self.sitting.card is None:
                self.leave_for("")
            else:
                self.ask_next()  # the worker may be there again
        if self.turn is None or self.hand is None or self.busy:
            return
        if event.key in ("pageup", "pagedown"):
            (self.sheet.action_page_up if event.key == "pageup" else self.sheet.action_page_down)()
        elif self.turn.phase == "over":
            if event.key in ("enter", "right", "space"):
                event.stop()
                self.ask_next()
            elif event.key in ("up", "k", "down", "j"):
                (self.sheet.action_scroll_up if event.key in ("up", "k") else self.sheet.action_scroll_down)()
            elif event.key == "o":
                self.action_code()
        elif event.key == "enter":
            event.stop()
            await self._enter()
        elif not self.turn.put.typed:
            await self._pressed(event)

    async def _pressed(self, event: events.Key) -> None:
        """A key to a question with something to choose from."""
        hand = self.hand
        assert hand is not None
        steps = {"up": -1, "k": -1, "down": 1, "j": 1}
        if event.character and (answer := hand.letter(event.character)) is not None:
            await self.answer_with(answer)
            return
        if event.key in steps:
            hand.move(steps[event.key])
        elif event.key in ("home", "end"):
            hand.end(-1 if event.key == "home" else 1)
        elif event.key == "space":
            hand.space()
        elif event.key == "question_mark":
            self.action_tip()
            return
        elif event.key == "o":
            self.action_code()
            return
        self.draw()
        self.follow()

    async def _enter(self) -> None:
        """Answer; where nothing has changed since the last answer, show the right one."""
        assert self.hand is not None
        self._take_typed()
        answer = self.hand.answer()
        if answer is None:
            self.action_tell()
        elif answer == ():
            self.say("Nothing is chosen yet: Space ticks an option.")
        else:
            self.hand.held = False
            await self.answer_with(answer)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What is typed is seen in its place in the code."""
        event.stop()
        if self.turn is not None and self.turn.phase != "over":
            if self._take_typed():
                self.hush()
            self.draw()

    def _take_typed(self) -> bool:
        """Take over what stands in the field; False: nothing new does.

        Over a slow line keys come many at once, and Enter is here before the field has told what was typed.
        """
        before = self.hand.typed if self.hand is not None else ""
        if self.hand is not None and self.hand.turn.put.typed:
            self.hand.typed = self.field.value.strip()
        return self.hand is not None and self.hand.typed != before

    def action_shift(self, step: int) -> None:
        """Move a step up or down."""
        self.hush()
        if self.answerable and self.hand is not None:
            self.hand.shift(step)
            self.draw()
            self.follow()

    # --- what it leads to -----------------------------------------------------------------------------------

    def ask_next(self) -> None:
        """Go on to the next question."""
        raise NotImplementedError

    async def answer_with(self, answer: Answer) -> None:
        """Judge an answer."""
        raise NotImplementedError

    def leave_for(self, lesson: str) -> None:
        """Leave, for a lesson if it isn't empty."""
        raise NotImplementedError

    def action_tip(self) -> None:
        """A hint; where there is none, or after it, the answer."""
        raise NotImplementedError

    def action_tell(self) -> None:
        """The answer."""
        raise NotImplementedError

    def action_code(self) -> None:
        """The code, to be read, changed and run."""
        raise NotImplementedError
