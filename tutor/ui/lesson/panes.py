"""The panes of a lesson: what stands where, who has the keys, and the draft in the editor."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from tutor.curriculum.lesson import Lesson
from tutor.render.learner.lesson_list import dots
from tutor.ui import keys
from tutor.ui.base.bars import Bar, Footer, Piece, fit
from tutor.ui.base.screen import NARROW, PlaceScreen
from tutor.ui.base.scroll_view import Sheet
from tutor.ui.context import Desk
from tutor.ui.lesson import text_view
from tutor.ui.lesson.draft_file import DraftFile
from tutor.ui.lesson.editor import Editor
from tutor.ui.lesson.result_view import ResultPane
from tutor.ui.lesson.session import Session

Pane = Literal["text", "code", "result"]
PANES: tuple[Pane, ...] = ("text", "code", "result")

SAVE_AFTER = 0.5
"""Seconds after a change at which the draft is saved, in the middle of typing too: a kill takes no more than that."""
LOOK_EVERY = 0.7
"""Seconds between two looks at the draft's file."""
GLANCED = 6
"""Lines of code over a result where only one pane is seen."""


class PanesScreen(PlaceScreen):
    """One lesson after the other, in the same widgets."""

    PLACE = "lesson"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("lesson")
    glancing = False
    """Where only one pane is seen: a few lines of code stand over the result for the moment."""

    def __init__(self, desk: Desk, lesson: Lesson) -> None:
        super().__init__(desk)
        self._pane: Pane = "text"
        self._saving: Timer | None = None
        self._begin(lesson)

    def _begin(self, lesson: Lesson) -> None:
        self.draft = DraftFile(self.desk.memory, lesson)
        self.session = Session(lesson, self.draft.text)

    # --- the parts ------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Header, the three panes, footer."""
        yield Bar(id="header")
        with Horizontal(id="body"):
            yield Sheet(id="text")
            with Vertical(id="work"):
                yield Editor(self.draft.text, id="code")
                yield ResultPane(self.desk, id="result")
        yield Footer(id="footer")
        yield Bar(id="tiny")

    @property
    def editor(self) -> Editor:
        """The editor."""
        return self.query_one("#code", Editor)

    @property
    def result(self) -> ResultPane:
        """The result pane."""
        return self.query_one(ResultPane)

    @property
    def narrow(self) -> bool:
        """One pane at a time."""
        return self.has_class("-narrow")

    def on_mount(self) -> None:
        """Show the lesson; look after its file from now on."""
        self.set_class(self.app.size.width < NARROW[0] or self.app.size.height < NARROW[1], "-narrow")
        self.show_lesson()
        self.set_interval(LOOK_EVERY, self._look_at_file)

    def open(self, lesson: Lesson) -> None:
        """Turn to another lesson. The draft of the one before is saved."""
        self.keep_draft()
        self._begin(lesson)
        if self.is_mounted:
            self.editor.load_text(self.draft.text)
            self._pane = "text"
            self.show_lesson()

    def show_lesson(self) -> None:
        """Show a lesson from its beginning."""
        self._notice = None
        self.show_header()
        self.show_footer()
        self.show_text()
        self.query_one("#text", Sheet).scroll_home(animate=False)
        self.result.open(self.session)
        self.fit_editor()
        self.turn_to("text" if self.narrow else "code")
        stood = self.desk.memory.stood
        if stood.lesson == self.session.lesson.id:
            self.editor.move_cursor(self.editor.clamp_visitable((stood.row, stood.column)))
        if self.draft.distrust:
            self.show_notice(f"Read it before you run it, as {self.draft.distrust}.", "bold red")

    def remember(self) -> None:
        """Take up what the database knows of this lesson: hints shown, solution revealed."""
        standing = self.desk.memory.standing(self.session.lesson.id)
        self.session.recall(standing.hints, standing.state == "revealed")
        self.desk.memory.store.opened(self.session.lesson.id)
        if self.is_mounted:
            self.show_text()
            self.show_header()
            self.show_footer()

    def look_again(self) -> None:
        """Signs and styles have changed."""
        self.show_header()
        self.show_text()
        self.result.look_again()

    def show_text(self) -> None:
        """Draw the text pane."""
        self.query_one("#text", Sheet).show(text_view.text_page(self.session, self.desk.look))

    def show_header(self) -> None:
        """Where the learner is; the panes when only one is seen; the machine; how far the chapter is."""
        catalog, look, id = self.desk.catalog, self.desk.look, self.session.lesson.id
        chapter = next(chapter for chapter in catalog.chapters if chapter.id == catalog.entry(id).chapter)
        crumb = text_view.crumb(chapter.title, self.session.lesson.title, look)
        states = self.desk.memory.states(catalog)
        progress = dots([states.get(other.id, "new") for other in chapter.entries], look)
        pieces = [*self.machine_pieces(), Piece(progress, 3)]
        if self.narrow:
            pieces.append(Piece(text_view.tabs(PANES, self._pane, look), 1))
        self.query_one("#header", Bar).show(lambda width: fit(crumb, pieces, width, gap=self.gap))

    def offers(self, action: str) -> bool:
        """Whether an action makes sense now."""
        if action in ("next", "previous"):
            step = getattr(self.desk.catalog, action)
            return step(self.session.lesson.id) is not None
        return self.session.offers(action)

    def labels(self) -> dict[str, str]:
        """The pane key says where it leads."""
        return {"pane": PANES[(PANES.index(self._pane) + 1) % 3]}

    def machine_changed(self) -> None:
        """The worker has said something new of itself."""
        super().machine_changed()
        if self.is_mounted:
            self.result.say()
            if self.desk.machine.fault and not self.session.running:
                self.show_notice(self.desk.machine.fault, "bold red")

    # --- panes ----------------------------------------------------------------------------------------------

    def turn_to(self, pane: Pane) -> None:
        """Give a pane the keys, and the screen where only one fits."""
        self._pane = pane
        self._lay_out(True)
        holder = {"text": self.query_one("#text", Sheet), "code": self.editor, "result": self.result.sheet}
        holder[pane].focus(scroll_visible=False)
        self._lay_out(False)  # after the focus has left what is hidden, or Textual looks for another one itself
        self.show_header()
        self.show_footer()

    def _lay_out(self, shown: bool) -> None:
        """Show what is to be seen, or hide what is not: all panes, or the one that has the keys.

        It is set here and not by a class of the screen, which would give every widget its style anew.
        """
        one = self._pane if self.narrow else None
        for id, wanted in {
            "text": one in (None, "text"),
            "work": one != "text",
            "code": one in (None, "code"),
            "result": one in (None, "result") or self.glancing,
        }.items():
            widget = self.query_one(f"#{id}")
            if wanted == shown and widget.display != shown:
                widget.display = shown

    def resized(self) -> None:
        """Lay out anew."""
        self._lay_out(True)
        self._lay_out(False)
        self.fit_editor()
        self.show_header()

    def fit_editor(self) -> None:
        """In the split, as much room for the editor as its code needs, up to half."""
        room = self.app.size.height - 3
        lines = self.editor.document.line_count + 1
        split = GLANCED if self.glancing else "1fr"
        self.editor.styles.height = split if self.narrow else max(6, min(lines, room // 2))

    def on_key(self, event: events.Key) -> None:
        """Typing goes to the editor, wherever the focus is; tab goes from pane to pane outside of it."""
        late = self._pane == "code"  # of a burst, sent to another pane before: the editor lets none of these go on
        typed = event.character if event.is_printable else "\n" if late and event.key == "enter" else None
        if typed and (late or event.key != "space"):
            event.stop()
            self.turn_to("code")
            self.editor.insert(typed)
        elif event.key == "enter" and self._pane == "result":
            event.stop()
            self.call_later(self.run_action, "closer")
        elif event.key in ("tab", "shift+tab"):
            event.stop()
            event.prevent_default()
            self.clear_notice()
            self.turn_to(PANES[(PANES.index(self._pane) + (1 if event.key == "tab" else 2)) % 3])

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted goes to the editor as well, wherever the focus is."""
        if self._pane != "code":
            self.turn_to("code")
            self.editor.insert(event.text)

    def action_pane(self) -> None:
        """The next pane."""
        self.clear_notice()
        self.turn_to(PANES[(PANES.index(self._pane) + 1) % 3])

    # --- the draft ------------------------------------------------------------------------------------------

    def on_text_area_changed(self) -> None:
        """A key was typed, or an edit undone."""
        self.draft_changed(self.editor.text)

    def draft_changed(self, text: str) -> None:
        """Save in a moment; offer a reset only where there is something to reset."""
        offered = self.offers("reset")
        self.session.draft = text
        if offered != self.offers("reset"):
            self.show_footer()
        if not self.narrow and self.editor.document.line_count + 1 > self.editor.size.height:
            self.fit_editor()
        if self._saving is None:
            self._saving = self.set_timer(SAVE_AFTER, self.keep_aside)

    def keep_draft(self) -> None:
        """Save the draft now, before anything else is done."""
        text, had = self._text_to_keep(), self.desk.memory.problem
        self.draft.keep(text)
        self._tell_problem(had)

    def keep_aside(self) -> None:
        """Save the draft in a thread: a disk on a network may take its time, and keys don't wait for it."""
        text, had, draft = self._text_to_keep(), self.desk.memory.problem, self.draft

        async def save() -> None:
            await asyncio.to_thread(draft.keep, text)
            self._tell_problem(had)

        self.app.run_worker(save(), group="save", exit_on_error=False)

    def _text_to_keep(self) -> str:
        if self._saving is not None:
            self._saving.stop()
            self._saving = None
        return self.editor.text if self.is_mounted else self.draft.text

    def _tell_problem(self, had: str) -> None:
        if self.desk.memory.problem != had and self.is_mounted:
            self.show_header()
            if self.desk.memory.problem:
                self.show_notice(self.desk.memory.problem, "bold red")

    def _look_at_file(self) -> None:
        change = self.draft.changed_outside() if self.is_current else None
        if change is None:
            return
        if change.distrust:
            self.show_notice(f"Not run, as {change.distrust}. Try chmod go-w, or type on here.", "bold red")
            return
        self.editor.replace_all(change.text)
        self.show_notice("The draft was changed by another editor.")
        self.run_draft()

    def action_save(self) -> None:
        """Save, and say so."""
        self.keep_draft()
        if not self.desk.memory.problem:
            self.show_notice("Saved. Drafts also save themselves as you type.")

    def run_draft(self, *, aside: bool = False, first: str = "", baseline: bool = True) -> None:
        """Run what the editor holds.

        Args:
            aside: beside what the learner does: it leaves the pane and the place in the result as they are.
            first: a block that goes to the top of the result.
            baseline: whether the curves of the last run are seen behind the new ones; else those seen so far stay.
        """
        raise NotImplementedError
