"""Runs that nobody asks for with a key of their own: a number changed by a held key, and a pause in typing."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from textual.message import Message

from tutor.ui import keys
from tutor.ui.base.delay import Delay
from tutor.ui.lesson.controller import Controller, Workspace
from tutor.ui.lesson.run_controller import RunController

if TYPE_CHECKING:
    from tutor.client.run_record import Part

PAUSE = 0.3
"""Seconds after the last key of which live mode makes a run."""
SETTLED = 0.15
"""Seconds without a step after which the number is what the learner wants: a run for an older one is replaced."""
JUDGED = 0.01
"""Seconds that the checks of a run have while a newer number waits."""


class LiveController(Controller):
    """The draft runs as it changes, beside the learner: such a run takes neither the pane nor the focus."""

    class Changed(Message):
        """Live mode was switched on or off, or the draft parses or doesn't any more."""

    def __init__(self, workspace: Workspace, runs: RunController) -> None:
        super().__init__(workspace)
        self._runs = runs
        self.on = False
        """A run on every pause in typing."""
        self._pausing = Delay(self._screen.set_timer, PAUSE, self._paused)
        self._settling = Delay(self._screen.set_timer, SETTLED, self._settled)
        self._judging = Delay(self._screen.set_timer, JUDGED, self._judged)
        self._number_waits = False
        """The number has changed since the run under way was asked for."""
        self._baseline = False
        """The next run is the first of a number's: the curves from before it stay behind those that follow."""
        self._broken_line = 0
        """The line at which the draft doesn't parse; 0: it does."""
        runs.on_part = self._go_on

    def cancel(self) -> None:
        """No run begins by itself before the next change."""
        for delay in (self._pausing, self._settling, self._judging):
            delay.stop()
        self._number_waits = False
        self._broken_line = 0

    def drop_number(self) -> None:
        """A run with a key of its own begins: it has the newest number."""
        self._number_waits = False

    # --- a number, changed by a held key ----------------------------------------------------------------------

    def scrub(self, step: int) -> None:
        """Make the number at the cursor larger or smaller, and run."""
        is_first = self._editor.current_hold is None
        trouble = self._editor.step_number(step > 0)
        if trouble:
            self._screen.show_notice(trouble)
            return
        if is_first:
            self._baseline = True
            self._result.sheet.scroll_home(animate=False)
        self._panes.glance()
        if not self._session.running:
            self._run_number()
            return
        self._number_waits = True
        self._settling.restart()

    def _settled(self) -> None:
        if self._number_waits:
            self._run_number()

    def _run_number(self) -> None:
        self._judging.stop()
        self._number_waits = False
        self._runs.start(aside=True, top_block="curves", baseline=self._baseline)
        self._baseline = False

    def _go_on(self, part: Part) -> None:
        """A run has changed a part of its result: go on to the newest number once it has shown what it can.

        What it showed is drawn, even when it is not the newest that was asked for. Checks that take their time are
        not waited for.
        """
        if not self._number_waits:
            return
        if not self._session.running:
            self._result.draw()
            self._run_number()
        elif part == "Checked":
            self._judging.start()

    def _judged(self) -> None:
        if self._number_waits:
            self._result.draw()
            self._run_number()

    # --- live mode --------------------------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """Live mode, for the header, and why the draft doesn't run yet; empty: it is off."""
        if not self.on:
            return ""
        if self._session.distrust:
            return f"live after {keys.key('run').name}"
        return f"live: line {self._broken_line} doesn't parse" if self._broken_line else "live"

    def toggle(self) -> None:
        """Run on every pause in typing, or only when asked."""
        self._screen.clear_notice()
        self.on = not self.on
        self.cancel()
        if self.on:
            self._paused(at_once=self._session.outcome is None)
            notice = f"Live: the draft runs whenever you pause. {keys.key('live').name} ends that."
        else:
            notice = f"The draft runs when you press {keys.key('run').name}."
        self._screen.show_notice(notice)
        self._screen.post_message(self.Changed())

    def wait_for_pause(self) -> None:
        """The draft has changed, or what stood over it has gone: in live mode, wait for a pause."""
        if self.on:
            self._pausing.restart()

    def _paused(self, *, at_once: bool = False) -> None:
        """Run what has changed, or ``at_once`` whatever there is, if it parses."""
        text = self._editor.text
        line = broken_line(text)
        if line != self._broken_line:
            self._broken_line = line
            self._screen.post_message(self.Changed())
        outcome = self._session.outcome
        last_run = self._session.first_draft if outcome is None else outcome.source
        if not line and (at_once or text != last_run) and not self._session.distrust:
            self._number_waits = False
            self._runs.start(aside=True)


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
