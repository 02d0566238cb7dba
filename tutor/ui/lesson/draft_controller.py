"""The draft in the editor: it saves itself, follows its file, goes back to the snippet and to older drafts."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from tutor.ui import keys
from tutor.ui.base.delay import Delay
from tutor.ui.base.dialogs import ConfirmDialog
from tutor.ui.lesson.controller import Controller, Workspace
from tutor.ui.lesson.draft_file import DraftFile
from tutor.ui.messages import Redraw

if TYPE_CHECKING:
    from tutor.learner.store import Standing

SAVE_AFTER = 0.5
"""Seconds after a change at which the draft is saved, in the middle of typing too: a kill takes no more than that."""
LOOK_EVERY = 0.7
"""Seconds between two looks at the draft's file."""


@dataclass(frozen=True, slots=True)
class BeforeReset:
    """The draft, hints and mark from before a reset: undoing it brings all of them back."""

    draft: str
    standing: Standing
    is_solution_visible: bool


class DraftController(Controller):
    """The text of the editor and its file."""

    class SavingChanged(Message):
        """Drafts can no longer be saved, or can again."""

    class HelpChanged(Message):
        """A reset took hints and solution away, or the undoing of it brought them back."""

    class ChangedOutside(Message):
        """Another editor has written the draft that is now shown."""

    def __init__(self, workspace: Workspace, file: DraftFile) -> None:
        super().__init__(workspace)
        self._saving = Delay(self._screen.set_timer, SAVE_AFTER, self.save_in_thread)
        self._editor.older = lambda text: self.file.older(text)  # undo reaches further back than this session
        self.open(file)

    def open(self, file: DraftFile) -> None:
        """Turn to another draft, which the editor already has or is about to get."""
        self.file = file
        self._before_reset: BeforeReset | None = None

    def watch(self) -> None:
        """Look after the file from now on."""
        self._screen.set_interval(LOOK_EVERY, self.look_at_file)

    def change(self, text: str) -> None:
        """The editor has another text: save it in a moment.

        With the draft from before a reset, the hints that were shown come back as well.
        """
        self._session.draft = text
        self._saving.start()
        before = self._before_reset
        if before is not None and text == before.draft:
            self._before_reset = None
            self._learner.store.restore(before.standing)
            self._session.recall(before.standing.hints, before.standing.state == "revealed")
            self._session.is_solution_visible = before.is_solution_visible
            self._screen.post_message(self.HelpChanged())

    def follow_snippet(self, snippet: str) -> None:
        """The lesson gets another snippet: an editor that has the old one gets it, too, and a draft stays."""
        if self._editor.text == self._session.lesson.snippet.text:
            self.file.follow_snippet(snippet)
            self._editor.replace_all(snippet)

    def comment(self) -> None:
        """Comment lines in or out."""
        self._panes.turn_to("code")
        self._editor.action_comment()

    # --- saving ---------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Save now, before anything else is done."""
        self._saving.stop()
        problem = self._learner.problem
        self.file.keep(self._editor.text)
        self._report_problem(problem)

    def save_in_thread(self) -> None:
        """Save in a thread: a disk on a network may take its time, and keys don't wait for it."""
        self._saving.stop()
        text, problem, file = self._editor.text, self._learner.problem, self.file

        async def save() -> None:
            await asyncio.to_thread(file.keep, text)
            self._report_problem(problem)

        # not save(): where the app ends before the worker begins, nobody would await that coroutine
        self._screen.app.run_worker(save, group="save", exit_on_error=False)  # type: ignore[arg-type]

    def save_on_request(self) -> None:
        """Save, and say so."""
        self.save()
        if not self._learner.problem:
            self._screen.show_notice("Saved. Drafts also save themselves as you type.")

    def _report_problem(self, before: str) -> None:
        problem = self._learner.problem
        if problem != before and self._screen.is_mounted:
            self._screen.post_message(self.SavingChanged())
            if problem:
                self._screen.show_notice(problem, "bold red")

    # --- its file, and other editors ------------------------------------------------------------------------

    def look_at_file(self) -> None:
        """Take up what another editor wrote, unless others than the learner may have written it."""
        change = self.file.changed_outside() if self._screen.is_current else None
        if change is None:
            return
        text, distrust = change
        if distrust:
            self._screen.show_notice(f"Not run, as {distrust}. Try chmod go-w, or type on here.", "bold red")
            return
        self._editor.replace_all(text)
        self._screen.show_notice("The draft was changed by another editor.")
        self._screen.post_message(self.ChangedOutside())

    def edit_elsewhere(self) -> None:
        """Open the learner's own editor in this terminal; what it saved runs when it closes."""
        from tutor.ui.terminal import external_editor

        self.file.keep(self._editor.text, force=True)
        if self._learner.drafts.problem:
            self._screen.show_notice(self._learner.drafts.problem, "bold red")
            return
        with self._screen.app.suspend():
            trouble = external_editor.edit(self.file.path)
        self._screen.request(Redraw())
        self.look_at_file()
        if trouble:
            self._screen.show_notice(trouble, "bold red")

    # --- starting over, and going back ----------------------------------------------------------------------

    def ask_for_reset(self) -> None:
        """Ask, then put the snippet back. Undo brings the draft back, now or after the next start."""
        if self._editor.text != self._session.lesson.snippet.text:
            detail = f"Your draft is kept: {keys.format_key('ctrl+z')} or {keys.key('reset').name} brings it back."
            self._screen.app.push_screen(
                ConfirmDialog("Start over from the snippet?", detail, "start over"), self._reset
            )
            return
        text = self._learner.drafts.undo_reset(self._session.lesson.id)
        if text is None:
            self._screen.show_notice("This is the snippet already.")
        else:
            self._editor.replace_all(text)
            self._screen.show_notice("Your draft from before is back.")

    def _reset(self, yes: bool | None) -> None:
        if not yes:
            return
        self.save()
        session, id = self._session, self._session.lesson.id
        self._before_reset = BeforeReset(self._editor.text, self._learner.standing(id), session.is_solution_visible)
        self._learner.drafts.reset(id)
        self._learner.store.reset(id)
        session.start_over()
        self._editor.replace_all(session.lesson.snippet.text)
        self._screen.post_message(self.HelpChanged())
        self._panes.turn_to("code")
        self._screen.show_notice(f"Started over. {keys.format_key('ctrl+z')} brings your draft back.")

    def tell_age(self, when: float | None) -> None:
        """Undo has come to the beginning of this session, and went back to a draft of ``when``; None: to none."""
        if when is None:
            self._screen.show_notice("There is no older draft.")
        else:
            moment = time.strftime("%Y-%m-%d %H:%M", time.localtime(when))
            newer = f"{keys.format_key('ctrl+y')} brings the newer one back."
            self._screen.show_notice(f"Your draft of {moment}. {newer}")
