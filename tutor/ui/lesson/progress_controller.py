"""The way on from a lesson: its verdict is recorded; then come questions, the finish or the next lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.curriculum.manifest import Entry
from tutor.render.text.counted import counted
from tutor.ui import keys
from tutor.ui.lesson.controller import Controller
from tutor.ui.messages import ChooseQuiz, FinishChapter, OpenLesson, QuizRequest, StartQuiz

if TYPE_CHECKING:
    from tutor.protocol.codec import Checked


class ProgressController(Controller):
    """Records how a lesson stands, and leads on from it."""

    def recall(self) -> None:
        """Take up what the database knows of this lesson: hints shown, solution revealed."""
        id = self._session.lesson.id
        standing = self._learner.standing(id)
        self._session.recall(standing.hints, standing.state == "revealed")
        self._learner.store.opened(id)

    def record(self, lesson: str, failed_check: Checked | None) -> None:
        """Record the verdict on a lesson; ``failed_check`` is the first that was not passed, None when all were."""
        store = self._learner.store
        if failed_check is not None:
            store.attempted(lesson, failed=failed_check.name, misconception=failed_check.misconception)
            return
        store.passed(lesson)
        if lesson == self._session.lesson.id and self._session.passed:
            self._offer_way_on()

    def _offer_way_on(self) -> None:
        """Say what a finished lesson leads to."""
        from tutor.ui.finish.state import finished

        lesson, learner, catalog = self._session.lesson, self._learner, self._context.catalog
        offers = []
        if count := len(catalog.question_names(lesson.id)):
            offers.append((keys.key("quiz").name, f"quiz: {counted(count, 'question')}"))
        chapters = finished(catalog, learner.states(catalog), catalog.entry(lesson.id).chapter)
        if chapters:
            news = "**This was the last open lesson of all**" if len(chapters) > 1 else "**This chapter is finished**"
            offers.append((keys.key("finish").name, f"{news}: what you solved is checked again"))
        self._session.finished_chapters = len(chapters)
        if offers:
            self._result.offer(offers)

    # --- keys -----------------------------------------------------------------------------------------------

    def offers(self, action: str) -> bool:
        """Whether ``next`` or ``previous`` leads anywhere; the last lesson of all may lead to a finish."""
        lesson = self._session.lesson.id
        if action == "previous":
            return self._context.catalog.previous(lesson) is not None
        return bool(self._session.finished_chapters) or self._context.catalog.next(lesson) is not None

    def labels(self) -> dict[str, str]:
        """Next may lead to a finish first."""
        return {"next": "finish"} if self._session.finished_chapters else {}

    def start_quiz(self) -> None:
        """After a pass the questions of this lesson at once; else choose."""
        self._screen.clear_notice()
        lesson = self._session.lesson.id
        if self._session.passed and self._context.catalog.question_names(lesson):
            self._screen.request(StartQuiz(QuizRequest("lesson", lesson)))
        else:
            self._screen.request(ChooseQuiz(lesson))

    def finish(self) -> None:
        """Check again what was done in this chapter; at the end of the pack, all of it."""
        self._screen.clear_notice()
        self._screen.request(FinishChapter(self._session.lesson.id, whole=self._session.finished_chapters > 1))
        self._session.finished_chapters = 0

    def next(self) -> None:
        """The lesson after this one; by way of the finish, where one was reached."""
        if self._session.finished_chapters:
            self.finish()
            return
        self._go_to(self._context.catalog.next(self._session.lesson.id), "This was the last lesson.")

    def previous(self) -> None:
        """The lesson before this one."""
        self._go_to(self._context.catalog.previous(self._session.lesson.id), "This is the first lesson.")

    def _go_to(self, entry: Entry | None, otherwise: str) -> None:
        if entry is None:
            self._screen.show_notice(otherwise)
        else:
            self._screen.request(OpenLesson(entry.id))
