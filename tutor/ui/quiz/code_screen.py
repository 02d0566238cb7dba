"""The code of a question, opened: it can be read, changed and run, and is thrown away at the end."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from tutor.protocol.codec import Event
from tutor.render.text.markdown import spans
from tutor.ui import keys, themes
from tutor.ui.base.bars import Bar, fit
from tutor.ui.base.screen import NARROW, FullScreen
from tutor.ui.context import Context
from tutor.ui.lesson.editor import Editor
from tutor.ui.lesson.result_view import ResultPane
from tutor.ui.lesson.session import Session
from tutor.ui.quiz.answer_state import AnswerState


class CodeScreen(FullScreen):
    """An editor over a result. :attr:`was_run` says afterwards whether the code was run before the answer."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("code")
    PLACES: ClassVar[tuple[keys.Place, ...]] = ("code",)

    def __init__(self, context: Context, state: AnswerState) -> None:
        super().__init__()
        self.context = context
        self.turn = state.turn
        self.was_run = False
        lesson = context.catalog.lesson(self.turn.card.lesson)
        answer = None if self.turn.phase == "over" else state.draft  # the right one is not shown before that
        program = self.turn.kind.program(self.turn.presentation, answer)
        # The limits of the lesson hold for its questions too; there is nothing to check.
        self.session = Session(replace(lesson, checks=(), takeaway=""), program)
        self.editor = Editor(self.session.draft, id="code")
        self.result = ResultPane(context, self.session, id="result")
        self._on_result = False

    def body(self) -> ComposeResult:
        """The code over its result."""
        yield Vertical(self.editor, self.result, id="body")

    def on_mount(self) -> None:
        """Show the code."""
        plain = not self.app.console.color_system or self.app.no_color
        self.editor.colour(themes.code_theme(self.app.theme, colour=not plain))
        self.result.open()
        self._lay_out()
        self.editor.focus()
        look = self.context.look
        prompt = self.turn.card.question.prompt.partition("\n")[0]
        title = Text.assemble((f"Code {look.here} ", look.dim_style), spans(prompt, look))
        self.query_one("#header", Bar).show(lambda width: fit(title, [], width, gap="  "))
        self.show_footer()

    def on_resize(self) -> None:
        """There is other room."""
        self._lay_out()

    def _lay_out(self) -> None:
        """Code and result one over the other; where that is too little for both, the one that has the keys."""
        size = self.app.size
        low = size.height < NARROW[1]
        self.editor.display = not low or not self._on_result
        self.result.display = not low or self._on_result
        lines = self.editor.document.line_count + 1
        self.editor.styles.height = "1fr" if low else min(lines, (size.height - 3) // 2)

    # --- running --------------------------------------------------------------------------------------------

    def action_run(self) -> None:
        """Run it."""
        runs = self.context.runs
        request = self.session.begin(runs.new_id(), self.editor.text, *self.result.terminal_size)
        self.app.run_worker(runs.follow(replace(request, check=None), self._take), group="runs")
        self.result.turn_over()
        self.result.say()
        self.was_run = self.turn.phase != "over"
        self._show_pane(result=self.app.size.height < NARROW[1])

    def _take(self, event: Event) -> None:
        outcome = self.session.outcome
        part = outcome.take(event) if outcome is not None else None
        if outcome is None or part is None or not self.is_mounted:
            return
        self.result.took(part)
        if outcome.over:
            from tutor.protocol.observations import Hints

            hints = outcome.latest(Hints)
            self.editor.show_hints(hints.lines if hints is not None else (), outcome.source, self.context.look)
            self.show_footer()

    def action_stop(self) -> None:
        """Stop the run, or copy."""
        if self.session.running and self.session.outcome is not None:
            self.context.runs.stop(self.session.outcome.run)
        elif self.editor.selected_text:
            self.editor.action_copy()

    # --- keys -----------------------------------------------------------------------------------------------

    def action_pane(self) -> None:
        """From the code to the result, and back."""
        self._show_pane(result=not self._on_result)

    def _show_pane(self, *, result: bool) -> None:
        self._on_result = result
        self._lay_out()
        (self.result.sheet if result else self.editor).focus()
        self.show_footer()

    def on_key(self, event: events.Key) -> None:
        """Typing goes to the code."""
        if self._on_result and event.is_printable and event.character and event.key != "space":
            event.stop()
            self._show_pane(result=False)
            self.editor.insert(event.character)

    def action_comment(self) -> None:
        """Comment lines in or out."""
        self.editor.action_comment()

    def action_leave(self) -> None:
        """Back to the question."""
        if self.session.running:
            self.action_stop()
        self.dismiss(None)

    def offers(self, action: str) -> bool:
        """There is something to stop only while it runs."""
        return action != "stop" or self.session.running

    def labels(self) -> dict[str, str]:
        """Before the question is answered: what running the code means for it."""
        if self.turn.phase == "over":
            return {}
        return {"run": "run: shows the answer" if self.turn.kind.run_gives_away else "run: counts as a hint"}
