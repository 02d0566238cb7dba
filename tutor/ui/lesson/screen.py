"""The lesson screen: what its keys do."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.curriculum.lesson import Lesson
from tutor.ui import keys
from tutor.ui.base.confirm import Ask
from tutor.ui.base.scroll_view import Sheet
from tutor.ui.inspect.state import inspectables
from tutor.ui.lesson.editor import Editor
from tutor.ui.lesson.passed import PassedScreen
from tutor.ui.messages import Redraw

if TYPE_CHECKING:
    from tutor.learner.store import Standing
    from tutor.protocol.codec import Event

STALE = 0.15
"""Seconds that the last result stays while the next run has said nothing: most answer before, without a flicker."""
STALE_ASIDE = 1.0
"""The same for a run beside the learner's typing, whose parts replace those of the last one by one."""


@dataclass(frozen=True, slots=True)
class Before:
    """What a reset took away, so that undoing it brings all of it back."""

    draft: str
    standing: Standing
    solution_shown: bool


class LessonScreen(PassedScreen):
    """A lesson that is open, and all that can be done with it."""

    _before: Before | None = None
    _aside = False
    """The run under way was not asked for by a key of its own."""
    _first = ""
    """The block that it puts at the top of the result."""

    def on_mount(self) -> None:
        """Undo reaches further back than this session."""
        self.editor.older = lambda text: self.draft.older(text)

    def open(self, lesson: Lesson) -> None:
        """Turn to another lesson. The run under way ends, and undo does not reach back over it."""
        self.stop_run()
        self._before = None
        super().open(lesson)

    # --- runs -----------------------------------------------------------------------------------------------

    def action_run(self) -> None:
        """Run and check the draft. Whoever wrote it, the learner now wants it run."""
        self.clear_notice()
        self.draft.distrust = ""
        self.run_draft()

    def run_draft(self, *, aside: bool = False, first: str = "", baseline: bool = True) -> None:
        """Ask for a run; what it says arrives in :meth:`_take`."""
        self._aside, self._first, self._wanted = aside, first, False
        if not aside:
            self.close_list()
        sheet = self.result.sheet
        columns = sheet.columns if sheet.size.width else self.app.size.width - 2
        run = self.desk.runs.new_id()
        rows = max(4, sheet.size.height or 24)
        request = self.session.begin(run, self.editor.text, columns, rows, baseline=baseline)
        self.app.run_worker(self.desk.runs.follow(request, self._take), name=f"run {run}", group="runs")
        if self.narrow and self._pane != "result" and not aside:
            self.turn_to("result")  # now, while the program runs, and not when its verdict is there to be painted
        self.set_timer(STALE_ASIDE if aside else STALE, lambda: self._give_up_the_last(run))

    def _give_up_the_last(self, run: int) -> None:
        outcome = self.session.outcome
        if outcome is not None and outcome.run == run and not outcome.over:
            self.result.give_up_the_last(waiting=outcome.waiting)
            self.show_footer()
            self.keep_aside()

    def _take(self, event: Event) -> None:
        outcome = self.session.outcome
        waiting = outcome is not None and outcome.waiting
        part = self.session.take(event)
        if part is None or outcome is None or not self.is_mounted:
            return
        if waiting and not outcome.waiting:
            self.result.turn_over(aside=self._aside, first=self._first)
        self.result.took(part)
        if outcome.over:
            self._conclude(judged=any(check.state in ("passed", "failed") for check in outcome.checks.values()))
        self.heard(part)

    def _conclude(self, *, judged: bool) -> None:
        """A run is over. The disk is told of it once the verdict is painted."""
        self.show_footer()
        id, passed = self.session.lesson.id, self.session.passed
        # A number on its way is no attempt.
        if judged and (not self._aside or (passed and self.desk.memory.standing(id).state != "passed")):
            self.call_after_refresh(self.record_verdict, id, self.failed_check(passed))
        if not self._aside:
            self.call_after_refresh(self.keep_aside)

    def stop_run(self) -> None:
        """End the run under way, if there is one."""
        if self.session.running and self.session.outcome is not None:
            self.desk.runs.stop(self.session.outcome.run)

    def suspend(self) -> None:
        """Something else is done in this place now: no run goes on, and none begins by itself."""
        self.stop_run()
        self._forget()
        self.keep_draft()

    def action_stop(self) -> None:
        """Stop the run; when there is none, this is the copy key."""
        if self.session.running:
            self.stop_run()
        elif self._pane == "code" and self.editor.selected_text:
            self.editor.action_copy()
            self.show_notice("Copied.")
        else:
            self.show_notice(f"Nothing is running. {keys.key('quit').name} leaves.")

    def action_scroll(self, step: int) -> None:
        """Scroll what stands beside the editor, without leaving it: the result, or the text where only that is seen."""
        sheet = self.query_one("#text", Sheet) if self.narrow and self._pane == "text" else self.result.sheet
        sheet.scroll_to(y=sheet.scroll_offset.y + step, animate=False)

    # --- help of three strengths, and starting over ----------------------------------------------------------

    def action_hint(self) -> None:
        """One more hint, at the end of the text."""
        self.clear_notice()
        number = self.session.hint()
        if number is None:
            words = "That was the last hint" if self.session.lesson.hints else "There are no hints here"
            self.show_notice(f"{words}; {keys.key('reveal').name} shows the solution.")
            return
        self.desk.memory.store.hinted(self.session.lesson.id, number)
        self._show_in_text(f"hint {number - 1}")

    def action_reveal(self) -> None:
        """Ask, then show the solution at the end of the text."""
        if self.session.solution_shown or self.session.revealed or self.session.passed:
            self._reveal(True)
            return
        detail = "The lesson will be marked: solution seen."
        self.app.push_screen(Ask("Show the solution?", detail, "show it"), self._reveal)

    def _reveal(self, yes: bool | None) -> None:
        if yes:
            self.session.reveal()
            self.desk.memory.store.revealed(self.session.lesson.id)
            self._show_in_text("solution")

    def _show_in_text(self, block: str) -> None:
        self.show_text()
        if self.narrow:
            self.turn_to("text")
        self.query_one("#text", Sheet).reveal(block)
        self.show_header()
        self.show_footer()

    def action_reset(self) -> None:
        """Ask, then put the snippet back. Undo brings the draft back, now or after the next start."""
        snippet = self.session.lesson.snippet.text
        if self.editor.text != snippet:
            detail = f"Your draft is kept: {keys.format_key('ctrl+z')} or {keys.key('reset').name} brings it back."
            self.app.push_screen(Ask("Start over from the snippet?", detail, "start over"), self._reset)
            return
        text = self.desk.memory.drafts.undo_reset(self.session.lesson.id)
        if text is None:
            self.show_notice("This is the snippet already.")
        else:
            self.editor.replace_all(text)
            self.show_notice("Your draft from before is back.")

    def _reset(self, yes: bool | None) -> None:
        if not yes:
            return
        self.keep_draft()
        memory, id = self.desk.memory, self.session.lesson.id
        self._before = Before(self.editor.text, memory.standing(id), self.session.solution_shown)
        memory.drafts.reset(id)
        memory.store.reset(id)
        self.session.start_over()
        self.editor.replace_all(self.session.lesson.snippet.text)
        self.show_text()
        self.turn_to("code")
        self.show_notice(f"Started over. {keys.format_key('ctrl+z')} brings your draft back.")

    def on_editor_went_back(self, message: Editor.WentBack) -> None:
        """Undo has come to the beginning of this session."""
        if message.when is None:
            self.show_notice("There is no older draft.")
        else:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(message.when))
            self.show_notice(f"Your draft of {when}. {keys.format_key('ctrl+y')} brings the newer one back.")

    def draft_changed(self, text: str) -> None:
        """With the draft from before a reset, the hints that were shown come back as well."""
        super().draft_changed(text)
        before = self._before
        if before is not None and text == before.draft:
            self._before = None
            self.desk.memory.store.restore(before.standing)
            self.session.recall(before.standing.hints, before.standing.state == "revealed")
            self.session.solution_shown = before.solution_shown
            self.show_text()
            self.show_header()

    # --- elsewhere ------------------------------------------------------------------------------------------

    def offers(self, action: str) -> bool:
        """Whether an action makes sense now; there must be something to look closer at."""
        return bool(inspectables(self.session.outcome)) if action == "closer" else super().offers(action)

    def action_closer(self) -> None:
        """A full screen for what the last run left."""
        self.clear_notice()
        found = inspectables(self.session.outcome)
        if self.session.outcome is None or not found:
            self.show_notice(f"There is nothing to look at yet: {keys.key('run').name} runs the draft.")
            return
        from tutor.ui.inspect.picker import inspect_picker

        self._forget()  # a run that began by itself now would take away what is looked at

        run, before = self.session.outcome.run, self.session.previous_series
        self.app.push_screen(inspect_picker(found, self.desk.look, self.desk.runs, run, before))

    def action_words(self) -> None:
        """Show the error as Python prints it, or hide that again."""
        if not self.offers("words"):
            self.show_notice("There is no error to show.")
            return
        if self.narrow:
            self.turn_to("result")
        self.result.toggle_words()

    def action_replay(self) -> None:
        """Walk through a run of the draft, line by line."""
        self.clear_notice()
        self.suspend()  # a run that began by itself now would take the place of the one that is walked through
        from tutor.ui.replay.screen import ReplayScreen
        from tutor.ui.replay.state import MOST

        columns = max(20, self.app.size.width - 4)
        request = self.session.replay(self.desk.runs.new_id(), self.editor.text, columns, self.app.size.height, MOST)
        self.app.push_screen(ReplayScreen(self.desk, request, self.session.lesson.title))

    def action_editor(self) -> None:
        """The learner's own editor, in this terminal; what it saved runs when it closes."""
        from tutor.ui.terminal import external_editor

        self.draft.keep(self.editor.text, force=True)
        if self.desk.memory.drafts.problem:
            self.show_notice(self.desk.memory.drafts.problem, "bold red")
            return
        with self.app.suspend():
            trouble = external_editor.edit(self.draft.path)
        self.request(Redraw())
        self._look_at_file()
        if trouble:
            self.show_notice(trouble, "bold red")

    def action_comment(self) -> None:
        """Comment lines in or out."""
        self.turn_to("code")
        self.editor.action_comment()
