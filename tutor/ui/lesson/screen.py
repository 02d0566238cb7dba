"""The lesson screen: it composes the panes, owns what controls them, and routes keys and messages."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import TextArea

from tutor.curriculum.lesson import Lesson
from tutor.render.learner.lesson_list import dots
from tutor.ui import keys
from tutor.ui.base.bars import Bar, Piece, fit
from tutor.ui.base.screen import PlaceScreen
from tutor.ui.context import Context
from tutor.ui.inspect.state import inspectables
from tutor.ui.lesson import text_view
from tutor.ui.lesson.completion_controller import CompletionController
from tutor.ui.lesson.controller import Workspace
from tutor.ui.lesson.draft_controller import DraftController
from tutor.ui.lesson.draft_file import DraftFile
from tutor.ui.lesson.editor import Editor
from tutor.ui.lesson.live_controller import LiveController
from tutor.ui.lesson.pane_layout import PANES, PaneLayout
from tutor.ui.lesson.progress_controller import ProgressController
from tutor.ui.lesson.reload_controller import ReloadController
from tutor.ui.lesson.result_view import ResultPane
from tutor.ui.lesson.run_controller import RunController
from tutor.ui.lesson.session import Session
from tutor.ui.lesson.text_controller import TextController
from tutor.ui.messages import GoHome


class LessonScreen(PlaceScreen):
    """One lesson after the other, in the same widgets."""

    PLACES = ("lesson",)
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("lesson")

    def __init__(self, context: Context, lesson: Lesson) -> None:
        super().__init__(context)
        file = DraftFile(context.learner, lesson)
        self.session = Session(lesson, file.text, file.distrust)
        self.editor = Editor(file.text, id="code")
        self.result = ResultPane(context, self.session, id="result")
        self.panes = PaneLayout(self.editor, self.result, self._pane_turned)
        workspace = Workspace(self, context, self.panes, self.session)
        self.text = TextController(workspace)
        self.draft = DraftController(workspace, file)
        self.reload = ReloadController(workspace, self.draft)
        self.runs = RunController(workspace)
        self.live = LiveController(workspace, self.runs)
        self.completion = CompletionController(workspace)
        self.progress = ProgressController(workspace)
        self._route_keys()

    def _route_keys(self) -> None:
        """Textual finds what a key does by its name. These actions a controller does on its own."""
        self.action_hint = self.text.show_hint
        self.action_reveal = self.text.ask_for_solution
        self.action_save = self.draft.save_on_request
        self.action_reset = self.draft.ask_for_reset
        self.action_editor = self.draft.edit_elsewhere
        self.action_comment = self.draft.comment
        self.action_live = self.live.toggle
        self.action_complete = self.completion.complete
        self.action_completion = self.completion.toggle
        self.action_docs = self.completion.document
        self.action_scroll = self.panes.scroll
        self.action_finish = self.progress.finish
        self.action_next = self.progress.next
        self.action_previous = self.progress.previous

    # --- opening --------------------------------------------------------------------------------------------

    def body(self) -> ComposeResult:
        """The three panes."""
        yield self.panes.body

    def on_mount(self) -> None:
        """Show the lesson; look after its file from now on."""
        self.set_class(self.panes.narrow, "-narrow")
        self._show_lesson()
        self.draft.watch()
        self.reload.watch()

    def open(self, lesson: Lesson) -> None:
        """Turn to another lesson. The draft of the one before is saved; its run ends; undo does not reach back."""
        self.runs.stop()
        self.draft.save()
        file = DraftFile(self.context.learner, lesson)
        self.session.open(lesson, file.text, file.distrust)
        self.draft.open(file)
        self.live.cancel()
        self.editor.load_text(file.text)
        if self.is_mounted:
            self._show_lesson()

    def _show_lesson(self) -> None:
        """Show a lesson from its beginning."""
        self._notice = None
        self.text.show(from_top=True)
        self.result.open()
        self.panes.fit_editor()
        self.panes.turn_to("text" if self.panes.narrow else "code")
        stood = self.context.learner.stood
        if stood.lesson == self.session.lesson.id:
            self.editor.move_cursor(self.editor.clamp_visitable((stood.row, stood.column)))
        if self.session.distrust:
            self.show_notice(f"Read it before you run it, as {self.session.distrust}.", "bold red")

    def recall(self) -> None:
        """Take up what the database knows of this lesson."""
        self.progress.recall()
        if self.is_mounted:
            self._redraw_text()

    def suspend(self) -> None:
        """Something else is done in this place now: no run goes on, and none begins by itself."""
        self.runs.stop()
        self.live.cancel()
        self.draft.save()

    # --- drawing --------------------------------------------------------------------------------------------

    def look_again(self) -> None:
        """Signs and styles have changed."""
        self.show_header()
        self.text.show()
        self.result.look_again()

    @on(DraftController.SavingChanged)
    @on(LiveController.Changed)
    def show_header(self) -> None:
        """Show chapter and lesson; the panes when only one is seen; the machine; how far the chapter is."""
        catalog, look, id = self.context.catalog, self.context.look, self.session.lesson.id
        chapter = next(chapter for chapter in catalog.chapters if chapter.id == catalog.entry(id).chapter)
        crumb = text_view.crumb(chapter.title, self.session.lesson.title, look)
        states = self.context.learner.states(catalog)
        progress = dots([states.get(other.id, "new") for other in chapter.entries], look)
        pieces = [*self.machine_pieces(), Piece(progress, 3)]
        if self.live.label:
            pieces.insert(0, Piece(Text(self.live.label, look.title_style), 0))
        if self.panes.narrow:
            pieces.append(Piece(text_view.tabs(PANES, self.panes.current, look), 1))
        self.query_one("#header", Bar).show(lambda width: fit(crumb, pieces, width, gap=self.gap))

    def offers(self, action: str) -> bool:
        """Whether an action makes sense now."""
        if action in ("next", "previous"):
            return self.progress.offers(action)
        return bool(inspectables(self.session.outcome)) if action == "closer" else self.session.offers(action)

    def labels(self) -> dict[str, str]:
        """The pane key says where it leads, and so does the next one."""
        return {"pane": self.panes.neighbour(), **self.progress.labels()}

    def machine_changed(self) -> None:
        """The worker has reported something new of itself."""
        super().machine_changed()
        self.result.say()
        if self.context.machine.fault and not self.session.running:
            self.show_notice(self.context.machine.fault, "bold red")

    def resized(self) -> None:
        """Lay out anew. The cursor is elsewhere then, and with it the list of names."""
        self.completion.close()
        self.panes.fit()
        self.show_header()

    @on(Editor.Pressed)
    def clear_notice(self) -> None:
        """Another key, maybe one that the editor takes: a glance at the code ends with it."""
        super().clear_notice()
        self.panes.end_glance()

    # --- what happened --------------------------------------------------------------------------------------

    def _pane_turned(self) -> None:
        """Another pane has the keys. The list of names belongs to the editor alone."""
        self.completion.close()
        self.show_header()
        self.show_footer()

    @on(TextArea.Changed)
    def _text_changed(self) -> None:
        """A key was typed, or an edit undone. Offer a reset only where there is something to reset."""
        offered = self.offers("reset")
        self.draft.change(self.editor.text)
        if offered != self.offers("reset"):
            self.show_footer()
        self.panes.grow_editor()
        self.completion.text_changed()
        self.live.wait_for_pause()

    @on(TextArea.SelectionChanged)
    def _cursor_moved(self) -> None:
        self.completion.cursor_moved()

    @on(Editor.WentBack)
    def _went_back(self, message: Editor.WentBack) -> None:
        self.draft.tell_age(message.when)

    @on(DraftController.HelpChanged)
    @on(ReloadController.Reloaded)
    def _redraw_text(self) -> None:
        self.text.show()
        self._redraw_edges()

    @on(TextController.Extended)
    def _redraw_edges(self) -> None:
        """Other hints, or the solution: other keys make sense now."""
        self.show_header()
        self.show_footer()

    @on(RunController.Slow)
    def _run_is_slow(self) -> None:
        self.show_footer()
        self.draft.save_in_thread()

    @on(RunController.Ended)
    def _run_ended(self, message: RunController.Ended) -> None:
        """The disk is told of it once the verdict is painted."""
        self.show_footer()
        if message.is_judged:
            self.call_after_refresh(self._record, message)
        if not message.is_aside:
            self.call_after_refresh(self.draft.save_in_thread)

    def _record(self, message: RunController.Ended) -> None:
        self.progress.record(message.lesson, message.failed_check)
        self._redraw_edges()

    def on_screen_suspend(self) -> None:
        """Another screen stands over this one."""
        self.completion.close()

    def on_screen_resume(self) -> None:
        """Back from what stood over this: live mode goes on with what was typed before."""
        self.live.wait_for_pause()

    # --- keys -----------------------------------------------------------------------------------------------

    async def _on_key(self, event: events.Key) -> None:
        """Typing goes to the editor, wherever the focus is; outside of it panes have keys of their own."""
        pane = self.panes.current
        late = pane == "code"  # of a burst, sent to another pane before: the editor lets none of these go on
        typed = event.character if event.is_printable else "\n" if late and event.key == "enter" else None
        if typed and (late or event.key != "space"):
            event.stop()
            self.panes.turn_to("code")
            self.editor.insert(typed)
        elif (action := keys.action(event.key, "panes")) and (pane == "result" or action != "closer"):
            event.stop()
            event.prevent_default()
            await self.run_action(action)

    def on_paste(self, event: events.Paste) -> None:
        """Paste into the editor as well, wherever the focus is."""
        if self.panes.current != "code":
            self.panes.turn_to("code")
            self.editor.insert(event.text)

    def action_run(self) -> None:
        """Run and check the draft. Whoever wrote it, the learner now wants it run."""
        self.clear_notice()
        self.session.distrust = ""
        self.run_draft()

    @on(DraftController.ChangedOutside)
    def run_draft(self) -> None:
        """Run what the editor holds, and turn to the result where only one pane is seen."""
        self.live.drop_number()
        self.completion.close()
        self.runs.start()
        if self.panes.narrow and self.panes.current != "result":
            self.panes.turn_to("result")  # now, while the program runs, and not when its verdict is to be painted

    def action_stop(self) -> None:
        """Stop the run; when there is none, this is the copy key."""
        if self.session.running:
            self.runs.stop()
        elif self.panes.current == "code" and self.editor.selected_text:
            self.editor.action_copy()
            self.show_notice("Copied.")
        else:
            self.show_notice(f"Nothing is running. {keys.key('app.quit').name} leaves.")

    def action_pane(self, step: int = 1) -> None:
        """The next pane, or the one before."""
        self.clear_notice()
        self.panes.turn_to(self.panes.neighbour(step))

    def action_scrub(self, step: int) -> None:
        """Make the number at the cursor larger or smaller, and run. A glance goes on while the key is held."""
        super().clear_notice()
        self.live.scrub(step)

    def action_words(self) -> None:
        """Show the error as Python prints it, or hide that again."""
        if not self.offers("words"):
            self.show_notice("There is no error to show.")
            return
        if self.panes.narrow:
            self.panes.turn_to("result")
        self.result.toggle_words()

    def action_closer(self) -> None:
        """A full screen for what the last run left."""
        self.clear_notice()
        outcome = self.session.outcome
        rows = inspectables(outcome)
        if outcome is None or not rows:
            self.show_notice(f"There is nothing to look at yet: {keys.key('run').name} runs the draft.")
            return
        from tutor.ui.inspect.picker import inspect_picker

        self.live.cancel()  # a run that began by itself now would take away what is looked at
        previous = self.session.previous_series
        self.app.push_screen(inspect_picker(rows, self.context.look, self.context.runs, outcome.run, previous))

    def action_replay(self) -> None:
        """Walk through a run of the draft, line by line."""
        self.clear_notice()
        self.suspend()  # a run that began by itself now would take the place of the one that is walked through
        from tutor.ui.replay.screen import ReplayScreen
        from tutor.ui.replay.state import MOST

        request = self.runs.replay_request(MOST)
        self.app.push_screen(ReplayScreen(self.context, request, self.session.lesson.title))

    def action_quiz(self) -> None:
        """Questions on this lesson, or a choice of them."""
        self.progress.start_quiz()

    def action_home(self) -> None:
        """All lessons."""
        self.draft.save()
        self.request(GoHome(self.session.lesson.id))
