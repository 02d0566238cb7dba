"""What torch offers, while one writes: names to go on with, and what the name at the cursor is."""

from __future__ import annotations

import time
from dataclasses import replace

from textual import events, on
from textual.timer import Timer
from textual.widgets import TextArea

from tutor.ui import keys
from tutor.ui.base.scroll_view import Sheet
from tutor.ui.lesson.completion import Offer, asks, offer
from tutor.ui.lesson.completion_popup import Popup
from tutor.ui.lesson.panes import Pane, PanesScreen

ASK_AFTER = 0.06
"""Seconds of quiet after which is asked how a name may go on."""
SEEN_AFTER = 0.25
"""Seconds after which a learner can have seen the list. A key that comes sooner was meant for the text."""
PATIENCE = 0.4
"""Seconds that an answer may take before it is said that one waits for it."""


class ReferenceScreen(PanesScreen):
    """The panes of a lesson, with completion in the editor and the documentation of a name."""

    _popup: Popup | None = None
    _typed = False
    """The last key was typed into the text, and what follows from it has not been looked at."""
    _asking: Timer | None = None
    _opened_at = 0.0
    _declined: tuple[int, int] | None = None
    """Row and column of the name for which the list was closed: it stays closed until another name begins."""

    def on_mount(self) -> None:
        """Look at the editor's keys."""
        self.editor.before_key = self._before_key

    # --- completion -----------------------------------------------------------------------------------------

    @property
    def popup(self) -> Popup:
        """The list at the cursor; made when it is first needed."""
        if self._popup is None:
            self._popup = Popup(self.desk.look)
            self.mount(self._popup)
        return self._popup

    @property
    def _offer(self) -> Offer | None:
        return self._popup.offer if self._popup is not None else None

    def draft_changed(self, text: str) -> None:
        """Go on from what was typed; what changed the text otherwise closes the list."""
        super().draft_changed(text)
        typed, self._typed = self._typed, False
        if typed:
            self._go_on()
        else:
            self.close_list()

    def _before_key(self, event: events.Key) -> bool:
        self._typed = event.is_printable or event.key == "backspace"
        shown = self._offer
        if shown is None or self._typed:
            return False
        if event.key == "tab" or (event.key == "enter" and shown.chosen is not None):
            self._accept(shown)
        elif event.key == "escape":
            self._declined = (shown.row, shown.start)
            self.close_list()
        elif event.key == "down" and time.monotonic() - self._opened_at >= SEEN_AFTER:
            self._move(shown, 1)
        elif event.key == "up" and shown.chosen is not None:
            self._move(shown, -1)
        else:
            self.close_list()
            return False
        return True

    def _move(self, shown: Offer, step: int) -> None:
        shown.move(step)
        self._show(shown)

    def _accept(self, shown: Offer) -> None:
        """Put the whole name where its beginning was typed, as one edit that can be undone."""
        row, column = self.editor.cursor_location
        self.close_list()
        self.editor.history.checkpoint()
        name = shown.pick(self.editor.document[row][column:])
        self.editor.replace(name, (shown.row, shown.start), (row, column), maintain_selection_offset=False)
        self.editor.history.checkpoint()

    def _go_on(self) -> None:
        row, column = self.editor.cursor_location
        line = self.editor.document[row]
        shown = self._offer
        if shown is not None:
            if shown.follow(row, column, line):
                self._show(shown)
            else:
                self.close_list()
        self._stop_asking()
        wanted = self.desk.memory.stood.completion and self.desk.machine.stage != "starting"
        if wanted and self.editor.selection.is_empty and asks(line[:column]):
            self._asking = self.set_timer(ASK_AFTER, self._ask)

    def _ask(self) -> None:
        self._asking = None
        self.run_worker(self._complete(), group="completion", exclusive=True, exit_on_error=False)

    async def _complete(self, *, asked: bool = False) -> None:
        """Ask how the name before the cursor may go on; show it if the cursor is still in that name then."""
        from tutor.protocol.codec import Complete, Completions

        row, column = self.editor.cursor_location
        text = self.editor.text
        answer = await self.desk.runs.ask(Complete(self.desk.runs.new_id(), text, row, column))
        if not isinstance(answer, Completions) or not self.is_current or self._pane != "code":
            return
        lines = text.split("\n")
        found = offer(answer, row, lines[row])
        now = self.editor.cursor_location
        if (row, found.start) == self._declined and not asked:
            return
        self._declined = None
        before = self._offer
        if before is not None and before.chosen is not None and before.start == found.start:
            return  # the learner has moved into the list: it stays as they see it
        if found.follow(*now, self.editor.document[now[0]]):
            self._show(found)
        else:
            self.close_list()
            if asked:
                self.show_notice("Nothing is known that could follow here.")

    def _show(self, shown: Offer) -> None:
        if self._offer is None:
            self._opened_at = time.monotonic()
        self.popup.show(shown, self.editor.cursor_screen_offset, self.app.size, self.desk.look)

    def close_list(self) -> None:
        """Take the list away, and ask for no other."""
        self._stop_asking()
        if self._popup is not None:
            self._popup.close()

    def _stop_asking(self) -> None:
        if self._asking is not None:
            self._asking.stop()
            self._asking = None

    @on(TextArea.SelectionChanged)
    def _cursor_moved(self) -> None:
        shown = self._offer
        if shown is not None:
            row, column = self.editor.cursor_location
            if row != shown.row or column < shown.start:
                self.close_list()

    def turn_to(self, pane: Pane) -> None:
        """The list belongs to the editor alone."""
        self.close_list()
        super().turn_to(pane)

    def on_screen_suspend(self) -> None:
        """Another screen stands over this one."""
        self.close_list()

    def on_resize(self, event: events.Resize) -> None:
        """The cursor is elsewhere now."""
        self.close_list()

    def action_complete(self) -> None:
        """Ask for the list, whatever was typed."""
        self.clear_notice()
        self.turn_to("code")
        if not self._worker_listens("Names are completed"):
            return
        self._declined = None
        self.run_worker(self._complete(asked=True), group="completion", exclusive=True, exit_on_error=False)

    def action_completion(self) -> None:
        """Offer names while one types, or leave one alone."""
        stood = self.desk.memory.stood
        self.desk.memory.stood = replace(stood, completion=not stood.completion)
        self.close_list()
        if stood.completion:
            self.show_notice(f"Names are offered no more; {keys.key('complete').name} asks for them.")
        else:
            self.show_notice("Names are offered while you type: Tab takes the first.")

    # --- what a name is -------------------------------------------------------------------------------------

    def action_docs(self) -> None:
        """Show what the name at the cursor is."""
        self.clear_notice()
        self.close_list()
        if self._worker_listens("Documentation comes"):
            self.run_worker(self._document(), group="docs", exclusive=True, exit_on_error=False)

    def _worker_listens(self, what: str) -> bool:
        machine = self.desk.machine
        if machine.fault:
            self.show_notice(machine.fault, "bold red")
        elif machine.stage == "starting":
            self.show_notice(f"{what} from the installed torch, which is still being loaded.")
        return not machine.fault and machine.stage != "starting"

    async def _document(self) -> None:
        from tutor.protocol.codec import Docs, Documented
        from tutor.ui.lesson.docs_screen import DocsScreen

        row, column = self.editor.cursor_location
        waiting = self.set_timer(PATIENCE, lambda: self.show_notice("Looking it up."))
        answer = await self.desk.runs.ask(Docs(self.desk.runs.new_id(), self.editor.text, row, column))
        waiting.stop()
        self.clear_notice()
        if not self.is_current:
            return
        if not isinstance(answer, Documented):
            self.show_notice("The worker is not there to answer.", "bold red")
        elif not answer.name:
            self.show_notice(
                answer.note.replace("`", "") or "There is no name under the cursor that anything is known of."
            )
        else:
            beside = 0 if self.narrow else self.query_one("#text", Sheet).outer_size.width
            self.app.push_screen(DocsScreen(answer, self.desk.look, beside))
