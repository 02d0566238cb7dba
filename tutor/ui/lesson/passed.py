"""What follows a lesson's verdict: it is remembered; and after a pass, what it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.curriculum.lesson import Lesson
from tutor.curriculum.manifest import Entry
from tutor.render.text.counted import counted
from tutor.ui import keys
from tutor.ui.lesson.live_controller import LiveScreen
from tutor.ui.messages import ChooseQuiz, FinishChapter, GoHome, OpenLesson, QuizRequest, StartQuiz

if TYPE_CHECKING:
    from tutor.protocol.codec import Checked


class PassedScreen(LiveScreen):
    """A lesson, and the way on from it."""

    _finished = 0
    """How many chapters were finished by the last pass: the next lesson is then reached by way of their finish."""

    def open(self, lesson: Lesson) -> None:
        """Turn to another lesson."""
        self._finished = 0
        super().open(lesson)

    def offers(self, action: str) -> bool:
        """Whether an action makes sense now; the last lesson of all may lead to a finish."""
        return bool(action == "next" and self._finished) or super().offers(action)

    def labels(self) -> dict[str, str]:
        """Next may lead to a finish first."""
        return {**super().labels(), **({"next": "finish"} if self._finished else {})}

    def failed_check(self, passed: bool) -> Checked | None:
        """The check that tells why a run did not pass."""
        checks = self.session.verdict()
        return None if passed else next((check for check in checks if check.state == "failed"), checks[0])

    def record_verdict(self, id: str, failed: Checked | None) -> None:
        """Remember how a run was judged; ``failed``: the first check that was not passed, None when all were."""
        store = self.desk.memory.store
        if failed is None:
            store.passed(id)
        else:
            store.attempted(id, failed=failed.name, misconception=failed.misconception)
        self.show_header()
        if failed is None and id == self.session.lesson.id and self.session.passed:
            self._lead_on()

    def _lead_on(self) -> None:
        """Say what a finished lesson leads to."""
        from tutor.ui.finish.state import finished

        lesson, memory, catalog = self.session.lesson, self.desk.memory, self.desk.catalog
        offers = []
        if count := len(lesson.questions):
            offers.append((keys.key("quiz").name, f"quiz: {counted(count, 'question')}"))
        chapters = finished(catalog, memory.states(catalog), catalog.entry(lesson.id).chapter)
        if chapters:
            what = "**This was the last open lesson of all**" if len(chapters) > 1 else "**This chapter is finished**"
            offers.append((keys.key("finish").name, f"{what}: what you solved is checked again"))
        self._finished = len(chapters)
        if offers:
            self.result.offer(offers)
        self.show_footer()

    # --- questions ------------------------------------------------------------------------------------------

    def action_quiz(self) -> None:
        """After a pass the questions of this lesson at once; else choose."""
        self.clear_notice()
        id = self.session.lesson.id
        if self.session.passed and self.session.lesson.questions:
            self.request(StartQuiz(QuizRequest("lesson", id)))
        else:
            self.request(ChooseQuiz(id))

    def action_finish(self) -> None:
        """What was done in this chapter is checked again; at the end of the pack, all of it."""
        self.clear_notice()
        self.request(FinishChapter(self.session.lesson.id, whole=self._finished > 1))
        self._finished = 0

    def action_next(self) -> None:
        """The lesson after this one; by way of the finish, where one was reached."""
        if self._finished:
            self.action_finish()
            return
        self._step(self.desk.catalog.next(self.session.lesson.id), "This was the last lesson.")

    def action_previous(self) -> None:
        """The lesson before this one."""
        self._step(self.desk.catalog.previous(self.session.lesson.id), "This is the first lesson.")

    def _step(self, entry: Entry | None, otherwise: str) -> None:
        if entry is None:
            self.show_notice(otherwise)
        else:
            self.request(OpenLesson(entry.id))

    def action_home(self) -> None:
        """All lessons."""
        self.keep_draft()
        self.request(GoHome(self.session.lesson.id))
