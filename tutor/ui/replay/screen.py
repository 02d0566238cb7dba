"""The screen of a replay: a run line by line, forwards and backwards."""

from __future__ import annotations

from typing import ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from tutor.protocol.codec import Event, Run
from tutor.render.run import replay as drawn
from tutor.render.run.error import raised
from tutor.render.text.code import highlight
from tutor.render.text.layout import Drawing, hang
from tutor.render.text.markdown import spans
from tutor.render.text.transcript import Transcript
from tutor.ui import keys
from tutor.ui.base.bars import Bar, Piece, Rule, fit
from tutor.ui.base.screen import FullScreen, is_narrow
from tutor.ui.base.scroll_view import Sheet
from tutor.ui.context import Context
from tutor.ui.replay.state import NameScope, Replay

PRINTED = 12
"""Lines of output that are shown: the last."""
AROUND = 3
"""Lines of code that stay in sight above and below the one that is shown."""


class ReplayScreen(FullScreen):
    """Runs its request when it opens. Steps can be walked through as soon as they arrive."""

    PLACES = ("replay",)
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("replay")

    def __init__(self, context: Context, request: Run, title: str) -> None:
        super().__init__()
        self.context = context
        self.replay = Replay(request.source, request.id)
        self._request = request
        self._title = title
        self._code = list(highlight("\n".join(self.replay.lines), context.look).split("\n", allow_blank=True))

    def body(self) -> ComposeResult:
        """The code; beside or below it the changes of the line and the values of names."""
        moment = Vertical(Rule(id="rule"), Sheet(id="state"), id="moment")
        yield Container(Sheet(id="lines"), moment, id="replay")

    def on_mount(self) -> None:
        """Run it."""
        self._fit()
        self.draw()
        self.app.run_worker(
            self.context.runs.follow(self._request, self._take), name=f"replay {self._request.id}", group="runs"
        )

    def on_resize(self) -> None:
        """There is other room."""
        self._fit()
        self.draw()

    def _fit(self) -> None:
        size = self.app.size
        narrow = is_narrow(size)
        self.set_class(narrow, "-narrow")
        room = size.height - 3
        self.query_one("#lines").styles.height = min(len(self._code), room // 2) if narrow else "1fr"

    # --- what the run reports -------------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        replay = self.replay
        began, finished = replay.at >= 0, replay.last
        if not replay.take(event) or not self.is_mounted:
            return
        if replay.record.steps_cut and not replay.record.over:
            self.context.runs.stop(self._request.id)  # nothing more is told of it
        if (replay.at >= 0) != began or replay.last != finished or replay.record.over:
            self.draw()
        else:
            self._show_header()

    # --- drawing --------------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Draw all anew."""
        replay, look = self.replay, self.context.look
        step, error = replay.step, replay.error
        line = step.line if step is not None else 0
        if error is not None and error.frames:
            line = error.frames[-1].line
        lines, state = self.query_one("#lines", Sheet), self.query_one("#state", Sheet)
        lines.show({"code": drawn.code(self._code, line, replay.hints(), look, failed=error is not None)})
        lines.keep_in_sight(line - 1, AROUND)
        state.show(self._blocks())
        if error is not None:
            state.scroll_home(animate=False)
        self.query_one("#rule", Rule).say(self._position(), look.rule)
        self._show_header()
        self.show_footer()

    def _show_header(self) -> None:
        replay, look = self.replay, self.context.look
        title = spans(self._title, look, look.title_style)
        title = Text.assemble((f"Step by step {look.here} ", look.dim_style), title)
        total = len(replay.steps)
        cut = replay.record.steps_cut
        count = f"the first {total:,}" if cut else f"{total:,}"
        more = "" if replay.record.over or cut else look.more
        pieces = [Piece(Text(f"step {replay.at + 1:,} of {count}{more}" if total else ""))]

        def line(width: int) -> Text:
            bar = drawn.progress(replay.at + 1, total, look, max(8, width // 6))
            return fit(title, [*pieces, Piece(bar, 2)], width, gap="  ")

        self.query_one("#header", Bar).show(line)

    def _position(self) -> Text:
        """The line, function and pass, for the rule over the values."""
        replay, look = self.replay, self.context.look
        step = replay.step
        if step is None:
            return Text("")
        words = [Text(f"line {step.line}", look.title_style)]
        if step.function:
            words.append(Text(f"in {look.spell(step.function)}"))
        if replay.passes > 1:
            words.append(Text(f"pass {replay.moment.pass_number:,} of {replay.passes:,}"))
        return Text(f" {look.waits} ").join(words)

    def _blocks(self) -> dict[str, RenderableType]:
        replay, look = self.replay, self.context.look
        blocks: dict[str, RenderableType] = {}
        if replay.error is not None:
            blocks["error"] = raised(replay.error, look)
        if replay.moment.changes:
            blocks["did"] = drawn.changes(replay.moment.changes, look)
        elif replay.error is None:
            blocks["did"] = self._no_change()
        for number, scope in enumerate(replay.moment.scopes):
            if names := list(scope.names.values()):
                changed = {change.name for change in replay.moment.changes} if number == 0 else ()
                blocks[f"known {number}"] = drawn.variables(self._title_of(number, scope), names, changed, look)
        if (transcript := self._printed()) is not None:
            blocks["printed"] = Group(Text("Printed so far", look.title_style), transcript)
        record = replay.record
        if replay.last and not record.steps_cut and record.sentence and replay.step is not None:
            sentence = look.spell(record.sentence)
            blocks["ended"] = Drawing(lambda width: hang("", Text(sentence), width))
        return blocks

    def _no_change(self) -> Drawing:
        """A sentence where the line changed no name, or where there is no line."""
        replay, look = self.replay, self.context.look
        if replay.step is not None:
            words = f"It calls {replay.calls}." if replay.calls else "It changed no name."
        elif replay.record.sentence:
            words = replay.record.sentence
        elif replay.record.over:
            words = "No line of it was run."
        elif self.context.machine.stage == "starting":
            words = f"It runs as soon as torch is loaded{look.more}"
        else:
            words = f"It runs{look.more}"
        return Drawing(lambda width: hang("", Text(look.spell(words), look.dim_style), width))

    def _title_of(self, number: int, scope: NameScope) -> str:
        """The title of a scope: the line stands in the first one, the others wait for it to return."""
        if number == 0:
            return f"Known in {scope.function}" if scope.function else "Known now"
        return f"Known in {scope.function or 'the program'} when it called"

    def _printed(self) -> Transcript | None:
        """The last lines of what the program had printed by then."""
        transcript = Transcript(self.context.look)
        transcript.feed(self.replay.printed)
        return transcript.tail(PRINTED) if transcript else None

    # --- keys -----------------------------------------------------------------------------------------------

    def action_step(self, step: int) -> None:
        """To the next line that was passed, or back to the one before."""
        self.clear_notice()
        end = "That is the end." if self.replay.record.over else "The program has come no further yet."
        self._draw_or_notify(self.replay.go(self.replay.at + step), end if step > 0 else "That is the beginning.")

    def action_pass(self, step: int) -> None:
        """To the same line in its next pass, or in the one before."""
        self.clear_notice()
        self._draw_or_notify(
            self.replay.other_pass(step), f"There is no {'later' if step > 0 else 'earlier'} pass of this line."
        )

    def action_end(self, step: int) -> None:
        """To the first step, or the last so far."""
        self.clear_notice()
        self.replay.go(0 if step < 0 else len(self.replay.steps) - 1)
        self.draw()

    def _draw_or_notify(self, moved: bool, sentence: str) -> None:
        if moved:
            self.draw()
        elif self.replay.steps:
            self.show_notice(sentence)

    def action_scroll(self, step: int) -> None:
        """Scroll what is known."""
        state = self.query_one("#state", Sheet)
        (state.action_page_down if step > 0 else state.action_page_up)()

    def action_leave(self) -> None:
        """Back to the lesson; a run that is still under way ends."""
        if not self.replay.record.over:
            self.context.runs.stop(self._request.id)
        self.dismiss(None)
