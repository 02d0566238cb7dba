"""Runs of the draft: they are asked for, what they report is shown, and the one under way can be stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from tutor.ui.lesson.controller import Controller, Workspace

if TYPE_CHECKING:
    from tutor.client.run_record import Part, RunRecord
    from tutor.protocol.codec import Checked, Event, Run

STALE = 0.15
"""Seconds that the last result stays while the next run has said nothing: most answer before, without a flicker."""
STALE_ASIDE = 1.0
"""The same for a run beside the learner's typing, whose parts replace those of the last one by one."""


class RunController(Controller):
    """One run after the other, each in the place of the last."""

    class Slow(Message):
        """The run under way takes its time: it can be stopped."""

    @dataclass
    class Ended(Message):
        """A run is over."""

        lesson: str
        is_judged: bool
        """It is an attempt, or a pass: its verdict is to be recorded."""
        failed_check: Checked | None
        """The first check that failed, else one that was not judged; None: all were passed."""
        is_aside: bool

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._aside = False
        """The run under way was not asked for by a key of its own."""
        self._top_block = ""
        """The block that it puts at the top of the result."""
        self.on_part: Callable[[Part], None] = lambda part: None
        """Called at once when a run has changed a part of its result."""

    def start(self, *, aside: bool = False, top_block: str = "", baseline: bool = True) -> None:
        """Run what the editor holds.

        Args:
            aside: beside what the learner does: it leaves the place in the result as it is.
            top_block: a block that goes to the top of the result.
            baseline: whether the curves of the last run are seen behind the new ones; else those seen so far stay.
        """
        self._aside, self._top_block = aside, top_block
        run = self._context.runs.new_id()
        columns, rows = self._result.terminal_size
        request = self._session.begin(run, self._editor.text, columns, rows, baseline=baseline)
        self._screen.app.run_worker(self._context.runs.follow(request, self._take), name=f"run {run}", group="runs")
        self._screen.set_timer(STALE_ASIDE if aside else STALE, lambda: self._drop_last_result(run))

    def replay_request(self, steps: int) -> Run:
        """The request for a run that is walked through line by line, at most ``steps`` of them."""
        size = self._screen.app.size
        run = self._context.runs.new_id()
        return self._session.replay(run, self._editor.text, max(20, size.width - 4), size.height, steps)

    def stop(self) -> None:
        """End the run under way, if there is one."""
        if self._session.running and self._session.outcome is not None:
            self._context.runs.stop(self._session.outcome.run)

    # --- what a run reports ---------------------------------------------------------------------------------

    def _drop_last_result(self, run: int) -> None:
        outcome = self._session.outcome
        if outcome is not None and outcome.run == run and not outcome.over:
            self._result.give_up_the_last(waiting=outcome.waiting)
            self._screen.post_message(self.Slow())

    def _take(self, event: Event) -> None:
        outcome = self._session.outcome
        if outcome is None:
            return
        waiting = outcome.waiting
        part = outcome.take(event)
        if part is None or not self._screen.is_mounted:
            return
        if waiting and not outcome.waiting:
            self._result.turn_over(aside=self._aside, first=self._top_block)
        self._result.took(part)
        if outcome.over:
            self._conclude(outcome)
        self._show_hints(part, outcome)
        self.on_part(part)

    def _show_hints(self, part: Part, outcome: RunRecord) -> None:
        """Draw what lines made when it comes. What the run before made stays until then, or until it never will."""
        from tutor.protocol.observations import Hints

        hints = outcome.latest(Hints)
        if part == "Hints" or (outcome.over and hints is None):
            self._editor.show_hints(hints.lines if hints is not None else (), outcome.source, self._context.look)

    def _conclude(self, outcome: RunRecord) -> None:
        """A run is over. That of a number on its way is no attempt, but its first pass is a pass."""
        lesson, checks = self._session.lesson.id, outcome.verdict()
        is_judged = any(check.state in ("passed", "failed") for check in checks)
        if is_judged and self._aside:
            is_judged = outcome.passed and self._learner.standing(lesson).state != "passed"
        failed = None if outcome.passed else outcome.failed_check or next(iter(checks), None)
        self._screen.post_message(self.Ended(lesson, is_judged, failed, self._aside))
