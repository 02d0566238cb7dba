"""What controls the parts of a lesson, each alone: behind it a screen that notes what it is told."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.message import Message
from textual.timer import Timer

from tests.patience import until
from tutor.curriculum.catalog import Catalog
from tutor.protocol.codec import Checked, Ended
from tutor.quiz.kinds import KINDS
from tutor.render.text.style import look
from tutor.ui.context import Context
from tutor.ui.learner_state import LearnerState
from tutor.ui.lesson.controller import Workspace
from tutor.ui.lesson.draft_controller import DraftController
from tutor.ui.lesson.draft_file import DraftFile
from tutor.ui.lesson.editor import Editor
from tutor.ui.lesson.pane_layout import PaneLayout
from tutor.ui.lesson.progress_controller import ProgressController
from tutor.ui.lesson.result_view import ResultPane
from tutor.ui.lesson.session import Session
from tutor.ui.lesson.text_controller import TextController
from tutor.ui.messages import FinishChapter, OpenLesson, Request
from tutor.ui.run_service import Machine, RunService


class Notebook:
    """A screen, as controllers see it: what they tell it is written down."""

    is_mounted = is_current = True

    def __init__(self, app: App[Any]) -> None:
        self.app = app
        self.notices: list[str] = []
        self.messages: list[Message] = []
        self.requests: list[Request] = []

    def set_timer(self, delay: float, callback: Callable[[], object]) -> Timer:
        return self.app.set_timer(delay, callback)

    def set_interval(self, interval: float, callback: Callable[[], object]) -> Timer:
        return self.app.set_interval(interval, callback)

    def post_message(self, message: Message) -> bool:
        self.messages.append(message)
        return True

    def request(self, request: Request) -> None:
        self.requests.append(request)

    def show_notice(self, sentence: str, style: str = "") -> None:
        self.notices.append(sentence)

    def clear_notice(self) -> None:
        self.notices.clear()


class Panes(App[None]):
    """The panes of a lesson without their screen."""

    def __init__(self, context: Context, lesson: str, draft: str) -> None:
        super().__init__()
        self.session = Session(context.catalog.lesson(lesson), draft)
        self.editor = Editor(draft, id="code")
        self.turned: list[str] = []
        result = ResultPane(context, self.session, id="result")
        self.panes = PaneLayout(self.editor, result, lambda: self.turned.append(self.panes.current))

    def compose(self):
        yield self.panes.body


class Parts:
    """All of them, around one lesson."""

    def __init__(self, context: Context, app: Panes) -> None:
        self.learner = context.learner
        self.app = app
        self.session = app.session
        self.screen = Notebook(app)
        workspace = Workspace(self.screen, context, app.panes, app.session)
        self.draft = DraftController(workspace, DraftFile(context.learner, app.session.lesson))
        self.text = TextController(workspace)
        self.progress = ProgressController(workspace)

    def kinds(self) -> list[type]:
        return [type(message) for message in self.screen.messages]

    def judged(self, state: str) -> Checked | None:
        """Let a run be judged; the check that did not pass."""
        self.session.begin(1, self.app.editor.text, 80, 24)
        check = Checked(1, "right", "`x` is right", state)
        for event in (check, Ended(1, 0)):
            self.session.outcome.take(event)
        return check if state == "failed" else None


@pytest.fixture
async def parts(pack: Path, home: Path):
    machine = Machine()
    context = Context(
        Catalog(pack, KINDS), LearnerState(home), machine, RunService(lambda: None, machine, lambda: None), look()
    )
    context.learner.open()
    app = Panes(context, "basics/one", "x = 0\nprint(x)\n")
    async with app.run_test(size=(120, 36)):
        yield Parts(context, app)
    context.learner.close()


# --- drafts -----------------------------------------------------------------------------------------------------


async def test_a_draft_that_cannot_be_saved_is_told_once_and_again_when_it_can(parts: Parts, home: Path):
    (home / "drafts").write_text("in the way")
    parts.app.editor.insert("y")
    for _ in range(2):
        parts.draft.save()
    assert parts.kinds() == [DraftController.SavingChanged] and "can't be saved" in parts.screen.notices[0]
    (home / "drafts").unlink()
    parts.draft.save()
    assert parts.kinds() == [DraftController.SavingChanged] * 2 and len(parts.screen.notices) == 1
    assert (home / "drafts/basics/one.py").read_text().startswith("yx")


async def test_a_save_that_is_cancelled_before_it_begins_leaves_no_coroutine_behind(parts: Parts):
    """Python would warn of it, and warnings are errors."""
    parts.draft.save_in_thread()
    parts.app.workers.cancel_group(parts.app, "save")
    assert await until(lambda: not list(parts.app.workers), asyncio.sleep)
    gc.collect()


async def test_what_another_editor_wrote_is_taken_up_and_what_others_could_have_written_is_not(parts: Parts, home):
    parts.app.editor.insert("y")
    parts.draft.save()
    file = home / "drafts/basics/one.py"
    file.write_text("x = 5\n")
    parts.draft.look_at_file()
    assert parts.app.editor.text == "x = 5\n" and parts.kinds() == [DraftController.ChangedOutside]
    file.write_text("import theirs\n")
    file.chmod(0o666)
    for _ in range(2):
        parts.draft.look_at_file()
    assert parts.app.editor.text == "x = 5\n" and len(parts.screen.messages) == 1
    assert sum("Not run, as " in notice for notice in parts.screen.notices) == 1


async def test_no_look_at_the_file_while_something_stands_over_the_lesson(parts: Parts, home: Path):
    parts.app.editor.insert("y")
    parts.draft.save()
    (home / "drafts/basics/one.py").write_text("x = 5\n")
    parts.screen.is_current = False
    parts.draft.look_at_file()
    assert parts.app.editor.text.startswith("yx") and parts.screen.messages == []


# --- text -------------------------------------------------------------------------------------------------------


async def test_hints_are_counted_and_said_to_be_over(parts: Parts):
    for number in (1, 2):
        parts.text.show_hint()
        assert parts.learner.standing("basics/one").hints == parts.session.hints == number
    parts.text.show_hint()
    assert parts.kinds() == [TextController.Extended] * 2 and "That was the last hint" in parts.screen.notices[0]


# --- panes ------------------------------------------------------------------------------------------------------


async def test_the_keys_go_round_the_panes(parts: Parts):
    for _ in range(4):
        parts.app.panes.turn_to(parts.app.panes.neighbour())
    parts.app.panes.turn_to(parts.app.panes.neighbour(-1))
    assert parts.app.turned == ["code", "result", "text", "code", "text"]
    assert parts.app.focused is parts.app.panes.text


# --- progress ---------------------------------------------------------------------------------------------------


async def test_a_lesson_leads_to_the_next_and_the_last_of_a_chapter_to_its_finish(parts: Parts):
    parts.progress.previous()
    assert parts.screen.notices == ["This is the first lesson."] and not parts.progress.offers("previous")
    parts.progress.record("basics/one", parts.judged("failed"))
    assert parts.learner.standing("basics/one").attempts == 1
    parts.learner.store.passed("basics/two")
    parts.progress.record("basics/one", parts.judged("passed"))
    assert parts.learner.standing("basics/one").state == "passed" and parts.progress.labels() == {"next": "finish"}
    parts.progress.next()
    parts.progress.next()
    assert parts.screen.requests == [FinishChapter("basics/one"), OpenLesson("basics/two")]


async def test_a_verdict_on_a_lesson_that_was_left_leads_nowhere(parts: Parts):
    parts.judged("passed")
    parts.learner.store.passed("basics/one")
    parts.progress.record("basics/two", None)
    assert parts.progress.labels() == {}
