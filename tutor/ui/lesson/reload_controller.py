"""The file of the open lesson: an author who saves it sees it at once, as a learner will."""

from __future__ import annotations

from textual.message import Message

from tutor import paths, private_files
from tutor.curriculum.lesson import LessonError
from tutor.ui import keys
from tutor.ui.lesson.controller import Controller, Workspace
from tutor.ui.lesson.draft_controller import LOOK_EVERY, DraftController


class ReloadController(Controller):
    """Reads the lesson anew when its file has changed. The draft stays, and so does the lesson where the new is broken.

    The file is polled as that of the draft is. Of a pack that comes with the program, it costs no more than that.
    """

    class Reloaded(Message):
        """The lesson is another one."""

    def __init__(self, workspace: Workspace, draft: DraftController) -> None:
        super().__init__(workspace)
        self._draft = draft

    def watch(self) -> None:
        """Look after the file from now on."""
        self._screen.set_interval(LOOK_EVERY, self.look_at_file)

    def look_at_file(self) -> None:
        """Take up what the author has saved, unless others may have written it, or it is no lesson; say so then."""
        catalog, id = self._context.catalog, self._session.lesson.id
        if not (self._screen.is_current and catalog.has_changed(id)):
            return
        path = self._session.lesson.path
        is_shipped = catalog.folder.resolve() == paths.lessons().resolve()
        if reason := "" if is_shipped else private_files.exposure(path, catalog.folder):
            self._screen.show_notice(f"The lesson was not read anew, as {reason}. Try chmod go-w.", "bold red")
            return
        try:
            lesson = catalog.reread(id)
        except LessonError as error:
            self._screen.show_notice(f"{error.path.name}:{error.line}: {error.sentence}", "bold red")
            return
        self._draft.follow_snippet(lesson.snippet.text)
        self._session.replace_lesson(lesson)
        self._screen.post_message(self.Reloaded())
        self._screen.show_notice(f"The lesson was read anew. {keys.key('run').name} runs and checks the draft.")
