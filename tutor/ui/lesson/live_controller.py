"""Runs that nobody asks for with a key of their own: a number changed by a held key, and a pause in typing."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from rich.text import Text
from textual.timer import Timer

from tutor.curriculum.lesson import Lesson
from tutor.ui import keys
from tutor.ui.base.bars import Piece
from tutor.ui.lesson.completion_controller import ReferenceScreen
from tutor.ui.lesson.editor import Editor
from tutor.ui.lesson.panes import Pane

if TYPE_CHECKING:
    from tutor.client.run_record import Part

PAUSE = 0.3
"""Seconds after the last key of which live mode makes a run."""
SETTLED = 0.15
"""Seconds without a step after which the number is what the learner wants: a run for an older one is replaced."""
JUDGED = 0.01
"""Seconds that the checks of a run have while a newer number waits."""
GLANCE = 14
"""Rows that a screen of one pane needs to show some code over the result."""


class LiveScreen(ReferenceScreen):
    """The draft runs as it changes, beside the learner: such a run takes neither the pane nor the focus."""

    live = False
    """A run on every pause in typing."""
    _pausing: Timer | None = None
    _settling: Timer | None = None
    _judging: Timer | None = None
    _wanted = False
    """The number has changed since the run under way was asked for."""
    _baseline = False
    """The next run is the first of a number's: the curves from before it stay behind those that follow."""
    _unparsed = 0
    """The line at which the draft doesn't parse; 0: it does."""

    def _begin(self, lesson: Lesson) -> None:
        super()._begin(lesson)
        self._loaded = self.draft.text
        self._forget()

    def _forget(self) -> None:
        for timer in (self._pausing, self._settling, self._judging):
            if timer is not None:
                timer.stop()
        self._pausing = self._settling = self._judging = None
        self._wanted = False
        self._unparsed = 0

    # --- what lines made --------------------------------------------------------------------------------------

    def show_hints(self, part: Part) -> None:
        """Draw what lines made when it comes. What the run before made stays until then, or until it never will."""
        outcome = self.session.outcome
        if outcome is None:
            return
        from tutor.protocol.observations import Hints

        hints = outcome.latest(Hints)
        if part == "Hints" or (outcome.over and hints is None):
            self.editor.show_hints(hints.lines if hints is not None else (), outcome.source, self.desk.look)

    # --- a number, changed by a held key ----------------------------------------------------------------------

    def action_scrub(self, step: int) -> None:
        """Make the number at the cursor larger or smaller, and run."""
        super().clear_notice()
        began = not self.editor.holding
        trouble = self.editor.step_number(step > 0)
        if trouble:
            self.show_notice(trouble)
            return
        if began:
            self._baseline = True
            self.result.sheet.scroll_home(animate=False)
        self._glance()
        if not self.session.running:
            self._run_number()
            return
        self._wanted = True
        if self._settling is None:
            self._settling = self.set_timer(SETTLED, self._settled)
        else:
            self._settling.reset()

    def _settled(self) -> None:
        self._settling = None
        if self._wanted:
            self._run_number()

    def _run_number(self) -> None:
        if self._judging is not None:
            self._judging.stop()
            self._judging = None
        self.run_draft(aside=True, first="curves", baseline=self._baseline)
        self._baseline = False

    def heard(self, part: Part) -> None:
        """A run has said something new: draw its hints, and go on to the newest number once it has shown what it can.

        What it showed is drawn, even when it is not the newest that was asked for. Checks that take their time are
        not waited for.
        """
        self.show_hints(part)
        if not self._wanted:
            return
        if not self.session.running:
            self.result.draw()
            self._run_number()
        elif part == "Checked" and self._judging is None:
            self._judging = self.set_timer(JUDGED, self._judged)

    def _judged(self) -> None:
        self._judging = None
        if self._wanted:
            self.result.draw()
            self._run_number()

    def _glance(self) -> None:
        """Where one pane is seen: a few lines of code over the result, until another key."""
        if not self.narrow or self.glancing:
            return
        if self._pane != "code":
            self.turn_to("code")
        if self.app.size.height >= GLANCE:
            self._set_glancing(True)
            self.call_after_refresh(self.editor.scroll_cursor_visible, center=True)

    def _set_glancing(self, glancing: bool) -> None:
        self.glancing = glancing
        self._lay_out(True)
        self._lay_out(False)
        self.fit_editor()

    def clear_notice(self) -> None:
        """Another key: what was said goes away, and the whole pane is there again."""
        super().clear_notice()
        if self.glancing:
            self._set_glancing(False)
            self.call_after_refresh(self.editor.scroll_cursor_visible)

    def turn_to(self, pane: Pane) -> None:
        """Give a pane the keys."""
        if self.glancing:
            self._set_glancing(False)
        super().turn_to(pane)

    def on_editor_pressed(self, message: Editor.Pressed) -> None:
        """Keys that the editor takes are keys too."""
        self.clear_notice()

    # --- live mode --------------------------------------------------------------------------------------------

    def action_live(self) -> None:
        """Run on every pause in typing, or only when asked."""
        self.clear_notice()
        self.live = not self.live
        self._forget()
        if self.live:
            self._paused(at_once=self.session.outcome is None)
            self.show_notice(f"Live: the draft runs whenever you pause. {keys.key('live').name} ends that.")
        else:
            self.show_notice(f"The draft runs when you press {keys.key('run').name}.")
        self.show_header()

    def draft_changed(self, text: str) -> None:
        """In live mode, wait for a pause."""
        super().draft_changed(text)
        if self.live:
            self._wait_for_a_pause()

    def on_screen_resume(self) -> None:
        """Back from what stood over this: live mode goes on with what was typed before."""
        if self.live:
            self._wait_for_a_pause()

    def _wait_for_a_pause(self) -> None:
        if self._pausing is None:
            self._pausing = self.set_timer(PAUSE, self._paused)
        else:
            self._pausing.reset()

    def _paused(self, *, at_once: bool = False) -> None:
        """Run what has changed, or ``at_once`` whatever there is, if it parses."""
        self._pausing = None
        text = self.editor.text
        unparsed = broken_line(text)
        if unparsed != self._unparsed:
            self._unparsed = unparsed
            self.show_header()
        ran = self._loaded if self.session.outcome is None else self.session.outcome.source
        if not unparsed and (at_once or text != ran) and not self.draft.distrust:
            self.run_draft(aside=True)

    def machine_pieces(self) -> list[Piece]:
        """Live mode is told in the header, and where the draft can't be run yet."""
        pieces = super().machine_pieces()
        if self.live:
            words = f"live: line {self._unparsed} doesn't parse" if self._unparsed else "live"
            if self.draft.distrust:
                words = f"live after {keys.key('run').name}"
            pieces.insert(0, Piece(Text(words, self.desk.look.title_style), 0))
        return pieces


def broken_line(source: str) -> int:
    """The line at which ``source`` is no Python, counted from 1; 0 when it is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are for the learner to see when it runs
            ast.parse(source)
    except SyntaxError as error:
        return max(1, error.lineno or 1)
    except (ValueError, RecursionError, MemoryError):  # a null character, or deeper than Python goes
        return 1
    return 0
