"""A question on the screen: drawn, with a line to type into, and the keys that choose, tick, move and type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.console import Group, RenderableType
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input

from tutor.quiz.presentation import Answer
from tutor.quiz.turn import Turn
from tutor.render.learner import question
from tutor.render.text.layout import Drawing, hang
from tutor.render.text.markdown import lesson_text, spans
from tutor.ui.base.bars import Bar
from tutor.ui.base.list_view import Row, Rows
from tutor.ui.base.scroll_view import Sheet
from tutor.ui.context import Context
from tutor.ui.quiz.answer_state import AnswerState

LOWEST_CURVE = 7
ABOVE = 1
"""Lines above a question."""
BARS = 4
"""Header, footer, and the line to type into with an empty one above it."""

_STEPS = {"up": -1, "k": -1, "down": 1, "j": 1}


class QuestionView(Vertical):
    """Shows a question, a sentence in its place, or a summary, and tells by messages what the learner does.

    It never has the focus: keys come from the screen, by :meth:`press`, unless they are typed into the field.
    """

    @dataclass
    class Answered(Message):
        """An answer is given; ``()`` where nothing is ticked yet."""

        answer: Answer

    class Edited(Message):
        """The answer that is chosen or typed has changed, and was not given yet."""

    @dataclass
    class ActionRequested(Message):
        """The learner wants to go on, a hint, the right answer, or the code."""

        action: Literal["next", "tip", "tell", "code"]

    def __init__(self, context: Context, *, id: str) -> None:
        super().__init__(id=id)
        self.context = context
        self.state: AnswerState | None = None
        """The answer to the question that is shown; None where none is."""
        self._blocks: dict[str, RenderableType] = {}
        self._sheet = Sheet(id="asked")
        self._sheet.can_focus = False
        self._target = Bar(id="target")
        self._field = Input(compact=True, select_on_focus=False, id="typed")
        self._field.cursor_blink = False
        self._line = Horizontal(self._target, self._field, id="line")
        self._rows = Rows(widest=98, id="reread")

    def compose(self) -> ComposeResult:
        """The question, a line to type into, and a list to choose lessons from."""
        yield from (self._sheet, self._line, self._rows)

    def on_mount(self) -> None:
        """Show nothing yet."""
        self._line.display = self._rows.display = False

    @property
    def shows_summary(self) -> bool:
        """All has been asked, or the learner has seen enough."""
        return self._rows.display

    @property
    def lesson(self) -> str | None:
        """The lesson under the cursor of the summary; None where there is none."""
        return self._rows.choice

    # --- showing --------------------------------------------------------------------------------------------

    def show_turn(self, turn: Turn) -> None:
        """Show a question from its beginning."""
        self.state = AnswerState(turn)
        self._field.value = ""
        is_typed = turn.presentation.mode == "text"
        self._line.display = is_typed
        if is_typed:
            self._label_field(turn)
            self._field.focus()
        else:
            self.screen.set_focus(None)
        self.draw(anew=True)
        self._sheet.scroll_home(animate=False)

    def _label_field(self, turn: Turn) -> None:
        look = self.context.look
        name = turn.kind.field_label(turn.presentation.question) or look.here
        label = Text.assemble("  ", (name, look.name_style))
        self._target.styles.width = label.cell_len + 1
        self._target.show(lambda width: label)

    def show_sentence(self, sentence: str, *, is_fault: bool = False) -> None:
        """Show a sentence where the question would be."""
        self._show_instead({"sentence": self.sentence(sentence, is_fault=is_fault)})
        self._fit()

    def sentence(self, sentence: str, *, is_fault: bool = False) -> Drawing:
        """A sentence, drawn."""
        look = self.context.look
        head = Text.assemble((f"{look.broken} ", look.broken_style)) if is_fault else Text("")
        body = spans(sentence, look)
        return Drawing(lambda width: hang(head, body, width))

    def show_summary(self, summary: Drawing, rows: Sequence[Row]) -> None:
        """Show the summary of a quiz over lessons to choose from."""
        self._show_instead({"summary": summary})
        self._sheet.styles.height = self._sheet.count() + ABOVE
        self._rows.show(rows)
        self._rows.display = True
        self._sheet.scroll_home(animate=False)
        self._rows.focus()

    def _show_instead(self, blocks: dict[str, RenderableType]) -> None:
        self.state = None
        self._line.display = False
        self._blocks = blocks
        self._sheet.show(blocks)

    def show_verdict(self) -> None:
        """Show the state of the turn, after an answer or a hint."""
        if self.state is None:
            return
        if self.state.turn.phase == "over":
            self._line.display = False
            self.screen.set_focus(None)
        self.draw()
        if "verdict" in self._blocks:
            self._sheet.reveal("verdict")

    # --- drawing --------------------------------------------------------------------------------------------

    def draw(self, *, anew: bool = False) -> None:
        """Draw what has changed; ``anew``: all of it."""
        if self.state is None:
            return
        turn, look, marks = self.state.turn, self.context.look, self.state.marks
        presentation, before = turn.presentation, {} if anew else self._blocks
        blocks: dict[str, RenderableType] = {
            "prompt": before.get("prompt") or lesson_text(presentation.question.prompt, look)
        }
        code: RenderableType | None = None
        if presentation.code:
            changes = presentation.mode == "text" or turn.kind.options_are_lines
            unchanged = None if changes else before.get("code")
            code = unchanged or question.code(presentation, look, marks)
        if presentation.series is not None:
            blocks["curve"] = question.curve_to_match(turn, look, self._curve_height())
        elif code is not None:
            blocks["code"] = code
        if options := question.options(presentation, look, marks):
            blocks["options"] = Group(*options)
        if (verdict := question.verdict(turn, look)) is not None:
            blocks["verdict"] = verdict
        if presentation.series is not None and code is not None:
            blocks["code"] = code  # below the curve, which is what is asked about
        self._blocks = blocks
        self._sheet.show(blocks)
        self._fit()

    def _fit(self) -> None:
        """Where an answer is typed, the line to type into stands right below the question."""
        if self._line.display:
            self._sheet.styles.height = max(1, min(self._sheet.count() + ABOVE, self.app.size.height - BARS))
        else:
            self._sheet.styles.height = "1fr"

    def _curve_height(self) -> int:
        return max(LOWEST_CURVE, min(question.CURVE_HEIGHT + 2, self.app.size.height // 2 - 2))

    def _keep_cursor_in_sight(self, state: AnswerState) -> None:
        presentation, look, sheet = state.turn.presentation, self.context.look, self._sheet
        if options := question.options(presentation, look, state.marks):
            above = options[: state.cursor]
            row = sheet.at("options") + sum(len(option.lines(sheet.columns)) for option in above)
        else:
            row = sheet.at("code")
            row += question.rows_above(presentation, look, state.marks, state.cursor, sheet.columns)
        top, height = sheet.scroll_offset.y, sheet.size.height
        if not top <= row < top + height - 1:
            sheet.scroll_to(y=max(0, row - height // 2), animate=False)

    # --- keys -----------------------------------------------------------------------------------------------

    def press(self, event: events.Key) -> None:
        """Do what a key means to the question that is shown."""
        state = self.state
        if state is None:
            return
        if event.key in ("pageup", "pagedown"):
            (self._sheet.action_page_up if event.key == "pageup" else self._sheet.action_page_down)()
        elif state.turn.phase == "over":
            self._press_after_end(event)
        elif event.key == "enter":
            event.stop()
            self._give_answer(state)
        elif state.mode != "text":
            self._press_on_options(state, event)

    def _press_after_end(self, event: events.Key) -> None:
        if event.key in ("enter", "right", "space"):
            event.stop()
            self.post_message(self.ActionRequested("next"))
        elif event.key in _STEPS:
            (self._sheet.action_scroll_up if _STEPS[event.key] < 0 else self._sheet.action_scroll_down)()
        elif event.key == "o":
            self.post_message(self.ActionRequested("code"))

    def _press_on_options(self, state: AnswerState, event: events.Key) -> None:
        if event.character and (answer := state.choose_letter(event.character)) is not None:
            self.post_message(self.Answered(answer))
            return
        match event.key:
            case "question_mark":
                self.post_message(self.ActionRequested("tip"))
                return
            case "o":
                self.post_message(self.ActionRequested("code"))
                return
            case "home" | "end":
                state.move_to_end(-1 if event.key == "home" else 1)
            case "space":
                state.toggle()
            case key if key in _STEPS:
                state.move(_STEPS[key])
        self._show_edit(state)

    def shift(self, step: int) -> None:
        """Move the step under the cursor up or down."""
        if self.state is not None:
            self.state.shift(step)
            self._show_edit(self.state)

    def _show_edit(self, state: AnswerState) -> None:
        self.draw()
        if state.turn.presentation.options:
            self._keep_cursor_in_sight(state)
        self.post_message(self.Edited())

    def _give_answer(self, state: AnswerState) -> None:
        """Answer; where nothing has changed since the last answer, ask for the right one."""
        self._read_field(state)
        answer = state.answer()
        if answer is None:
            self.post_message(self.ActionRequested("tell"))
            return
        if answer != ():
            state.is_moving = False
        self.post_message(self.Answered(answer))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show a text that is being typed in its place in the code."""
        event.stop()
        if self.state is not None and self.state.turn.phase != "over" and self._read_field(self.state):
            self.draw()
            self.post_message(self.Edited())

    def _read_field(self, state: AnswerState) -> bool:
        """Take over the text of the field; False: it is the same as before.

        Over a slow line keys come many at once, and Enter is here before the field has told what was typed.
        """
        before = state.typed
        if state.mode == "text":
            state.typed = self._field.value.strip()
        return state.typed != before
