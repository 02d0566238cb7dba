"""The app: it wires lessons, the learner, the worker and the screens together."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, ClassVar

from rich.color import ColorSystem
from textual import events, on
from textual.binding import BindingType
from textual.filter import NoColor
from textual.message import Message

from tutor.curriculum.catalog import Catalog
from tutor.curriculum.lesson import LessonError
from tutor.quiz.kinds import KINDS
from tutor.render.text.style import Background, look
from tutor.ui import keys, themes
from tutor.ui.base.dialogs import ConfirmDialog, Elsewhere
from tutor.ui.base.screen import PlaceScreen
from tutor.ui.context import Context
from tutor.ui.home.screen import HomeScreen
from tutor.ui.learner_state import LearnerState
from tutor.ui.lesson.editor import Editor
from tutor.ui.lesson.screen import LessonScreen
from tutor.ui.messages import (
    ChooseQuiz,
    FindLesson,
    FinishChapter,
    GoHome,
    OpenLesson,
    QuizRequest,
    Redraw,
    Request,
    StartQuiz,
)
from tutor.ui.run_service import Machine, RunService
from tutor.ui.terminal.frame_diff import FramedApp

if TYPE_CHECKING:
    from tutor.client.client import WorkerClient


@dataclass(frozen=True, slots=True)
class Start:
    """The arguments of the app."""

    lessons: Path
    """Folder of the pack."""
    home: Path
    """Folder of all that is remembered."""
    runner: Callable[[], WorkerClient]
    """Makes the runner; called once, after the first paint, so it may import what it needs."""
    lesson: str | None = None
    """Id of the lesson to open; None: where the learner last stood."""
    ascii: bool = False
    """The terminal shows nothing but ASCII."""
    quiz: QuizRequest | None = None
    """The quiz to open at once, over where the learner last stood."""


class Tutor(FramedApp):
    """The tutor in a terminal."""

    CSS_PATH = Path(__file__).with_name("tutor.tcss")
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    TITLE = "tutor"
    _requests = 0
    """Requests of screens that are still to be met."""

    def __init__(self, start: Start, **options: Any) -> None:
        super().__init__(ascii=start.ascii, **options)
        self.animation_level = "none"
        machine = Machine()
        runs = RunService(start.runner, machine, self._machine_changed)
        self.context = Context(
            Catalog(start.lessons, KINDS), LearnerState(start.home), machine, runs, look(ascii=start.ascii)
        )
        self._start = start
        self._home = HomeScreen(self.context)
        self._lesson: LessonScreen | None = None
        self._set_colours()
        self._look_again()

    # --- colours --------------------------------------------------------------------------------------------

    def _set_colours(self) -> None:
        for theme in themes.themes():
            self.register_theme(theme)
        # Unwatched: each watcher would have the stylesheet parsed anew, 17 ms before the first paint.
        self.set_reactive(Tutor.ansi_theme_dark, themes.terminal_theme(themes.DARK))
        self.set_reactive(Tutor.ansi_theme_light, themes.terminal_theme(themes.LIGHT))
        sixteen = self.console._color_system in (None, ColorSystem.STANDARD, ColorSystem.WINDOWS)
        chosen = self.context.learner.stood.colours
        self._plain = self.no_color or os.environ.get("TERM") == "dumb"
        self._colours = 0 if self._plain or self.console._color_system is None else 16 if sixteen else 256
        usual = themes.usual(os.environ.get("COLORFGBG", ""), sixteen=sixteen or self._plain)
        self.theme = chosen if chosen in themes.NAMES and usual != "terminal" else usual
        self.set_class(self._start.ascii, "-ascii")
        if self._plain:
            # Textual's own answer to NO_COLOR is greys; this one is the terminal's two colours.
            self._filters = [*self._filters[:1], NoColor()]

    def action_theme(self) -> None:
        """Turn to the next of dark, light, and the terminal's own colours, and name it."""
        names = themes.NAMES if not self._plain else ("terminal",)
        self.theme = names[(names.index(self.theme) + 1) % len(names)] if self.theme in names else names[0]
        self._colour_code()
        self._look_again()
        self._stand()
        if isinstance(self.screen, PlaceScreen):
            self.screen.show_notice(f"Colours: {self.theme}.")

    @on(Redraw)
    def action_redraw(self) -> None:
        """Paint every cell of the terminal anew."""
        self.forget_frame()
        self.screen.refresh()

    def _look_again(self) -> None:
        """Draw with the signs and styles that suit the theme's background."""
        background: Background | None = (
            None if self.theme == "terminal" else "dark" if self.theme == "dark" else "light"
        )
        self.context.look = look(ascii=self._start.ascii, background=background, colours=self._colours)
        over = [screen for screen in self.screen_stack if isinstance(screen, PlaceScreen)] if self.is_running else []
        for screen in dict.fromkeys((self._home, self._lesson, *over)):
            if screen is not None and screen.is_mounted:
                screen.look_again()

    def _colour_code(self) -> None:
        if self._lesson is not None and self._lesson.is_mounted:
            self._lesson.editor.colour(themes.code_theme(self.theme, colour=not self._plain))

    # --- beginning ------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Paint first: the lesson that was asked for, or where the learner last stood, or home."""
        ids = {entry.id for entry in self.context.catalog.entries}
        stood = self.context.learner.stood
        lesson = self._start.lesson or ("" if stood.home else stood.lesson)
        if lesson not in ids or not self.open(lesson):
            self._go_home(GoHome(""))
        if self._start.quiz is not None:
            self._start_quiz(StartQuiz(self._start.quiz))
        self.app_resume_signal.subscribe(self, lambda _: self.forget_frame())
        self.call_after_refresh(self._painted)

    async def _painted(self) -> None:
        """The first paint is out: now all that it need not wait for."""
        gc.enable()
        self.run_worker(self.context.runs.start(), name="worker", exit_on_error=False)
        self.context.learner.open()
        self._colour_code()
        if self._lesson is not None:
            self._lesson.recall()
        if isinstance(self.screen, HomeScreen):
            self.screen.draw()
        self.run_worker(self.context.learner.make_private, thread=True, name="privacy", exit_on_error=False)
        self.run_worker(self._read_lessons, thread=True, name="faults", exit_on_error=False)

    def _read_lessons(self) -> None:
        """Read all lessons; and explain an error to nobody, as the first takes 30 ms that no learner need wait for."""
        from tutor.explain import explain
        from tutor.protocol.codec import Raised

        explain(Raised(0, "", "", ()))
        if faults := self.context.catalog.faults():
            self.call_later(self._home.faults, faults)  # a lesson that is whole is not kept from anybody

    def _machine_changed(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, PlaceScreen) and screen.is_mounted:
                screen.machine_changed()

    # --- where the learner is -------------------------------------------------------------------------------

    @on(OpenLesson)
    def _open_lesson(self, message: OpenLesson) -> None:
        self.open(message.lesson)

    def open(self, id: str) -> bool:
        """Open a lesson. A broken one is told by file and line, and the learner stays where they are."""
        try:
            lesson = self.context.catalog.lesson(id)
        except LessonError as error:
            detail = f"{error.path}:{error.line}: {error.sentence}"
            self.call_after_refresh(self.push_screen, ConfirmDialog("This lesson can't be opened.", detail))
            return False
        if self._lesson is None:
            self._lesson = LessonScreen(self.context, lesson)
        elif self._lesson.session.lesson is not lesson:
            self._lesson.open(lesson)
        self._show(self._lesson)
        self.call_after_refresh(self._stand)  # first, as what is begun and what was left depends on it
        if self.context.learner.is_open:
            self.call_after_refresh(self._lesson.recall)
            self.call_after_refresh(self._colour_code)
        return True

    @on(GoHome)
    def _go_home(self, message: GoHome) -> None:
        self._show(self._home)
        self._home.resume(message.lesson)
        if message.lesson:
            self._stand()

    def _show(self, screen: PlaceScreen) -> None:
        if self.screen is screen:
            return
        name = type(screen).__name__
        if not self.is_screen_installed(screen):
            self.install_screen(screen, name)
        if isinstance(self.screen, PlaceScreen):
            self.switch_screen(name)
        else:
            self.push_screen(name)

    @on(FindLesson)
    def _find_lesson(self, message: FindLesson) -> None:
        """Choose a lesson from a list that typing narrows."""
        from tutor.ui.base.picker import Chooser, lessons

        typed = message.typed
        if typed and isinstance(self.screen, Chooser):  # the rest of a burst
            self.screen.add(typed)
            return
        rows = lessons(self.context.catalog, self.context.learner.states(self.context.catalog), self.context.look)
        here = self._lesson.session.lesson.id if self._lesson is not None else None
        self.push_screen(Chooser("A title, or a word in the text", rows, self.open, typed=typed, here=here))

    @on(StartQuiz)
    def _start_quiz(self, message: StartQuiz) -> None:
        """Open a quiz over where the learner is."""
        from tutor.ui.quiz.screen import QuizScreen

        self._suspend_lesson()

        def leave(_: None) -> None:
            if self.screen is self._home:
                self._home.resume()

        self.push_screen(QuizScreen(self.context, message.quiz), leave)

    @on(ChooseQuiz)
    def _choose_quiz(self, message: ChooseQuiz) -> None:
        """Choose from a list which questions to be asked."""
        from tutor.ui.base.picker import Chooser, wishes
        from tutor.ui.quiz.selection import choices

        quizzes = choices(self.context, message.lesson)

        def choose(index: str) -> None:
            self._start_quiz(StartQuiz(quizzes[int(index)][0]))

        rows = wishes([row[1:] for row in quizzes], self.context.look)
        self.push_screen(Chooser("Questions on what?", rows, choose))

    @on(FinishChapter)
    def _finish_chapter(self, message: FinishChapter) -> None:
        """Open the finish of a chapter, or of the pack, over where the learner is."""
        from tutor.learner.progress import answers
        from tutor.render.text.counted import answered
        from tutor.ui.finish.screen import FinishScreen
        from tutor.ui.finish.state import Finish

        catalog, learner = self.context.catalog, self.context.learner
        entry = catalog.entry(message.lesson)
        chapters = [chapter for chapter in catalog.chapters if message.whole or chapter.id == entry.chapter]
        self._suspend_lesson()
        finish = Finish(catalog, chapters, learner.states(catalog))
        if message.whole:
            total = answers(learner.store)
            finish.figures = answered(total.given, total.questions, total.right)
        self.push_screen(FinishScreen(self.context, finish, catalog.next(message.lesson)))

    def _suspend_lesson(self) -> None:
        """Something else is done over the lesson: no run of it goes on, and its draft is saved."""
        if self._lesson is not None and self._lesson.is_mounted:
            self._lesson.suspend()

    def _stand(self) -> None:
        """Remember where the learner stands."""
        stood = replace(self.context.learner.stood, home=self._home in self.screen_stack, colours=self.theme)
        lesson = self._lesson
        if lesson is not None and lesson.is_mounted:
            row, column = lesson.editor.cursor_location
            stood = replace(stood, lesson=lesson.session.lesson.id, row=row, column=column)
        self.context.learner.leave(stood)

    # --- keys in a burst, as over a slow link ---------------------------------------------------------------

    def post_message(self, message: Message) -> bool:
        """Count requests on their way."""
        posted = super().post_message(message)
        if posted and isinstance(message, Request):  # and else nothing: threads post here too
            self._requests += 1
        return posted

    @on(Request)
    def _request_met(self) -> None:
        """Called after the handler of the request itself, as Textual goes from a message's class to its bases."""
        self._requests -= 1

    async def on_event(self, event: events.Event) -> None:
        """Let what was asked for before a key come before it, and what was typed before it into the editor."""
        if self._requests and isinstance(event, (events.Key, events.Paste)):
            self.post_message(event)  # behind the request: it may be meant for what that opens
            return
        if isinstance(event, events.Key) and event.key in keys.FIRST and isinstance(self.focused, Editor):
            caught_up = asyncio.Event()
            self.focused.call_later(caught_up.set)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(caught_up.wait(), 1)
        await super().on_event(event)

    # --- the end --------------------------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """Save, end the worker, leave. What can't be saved is not left behind unasked."""
        if isinstance(self.screen, Elsewhere):  # the key was held down
            return
        for screen in self.screen_stack:
            if isinstance(screen, PlaceScreen):
                screen.break_off()
        if self._lesson is not None:
            self._lesson.draft.save()
        self._stand()
        learner = self.context.learner
        if learner.unsaved:
            self.push_screen(Elsewhere(learner.unsaved, learner.save_elsewhere), self._leave)
        else:
            self.exit(0)

    def _leave(self, yes: bool | None) -> None:
        if yes:
            self.exit(0)

    async def on_unmount(self) -> None:
        """Nothing of the worker outlives the app."""
        await self.context.runs.close()
        self.context.learner.close()

    def leave_now(self, number: int, frame: FrameType | None) -> None:
        """The terminal is gone, or the system asks: save and end at once. A plain signal handler.

        It may come at any moment, with a terminal that takes nothing any more: it waits for nothing.
        """
        path = None
        try:
            lesson = self._lesson
            if lesson is not None and lesson.is_mounted:
                lesson.draft.file.keep(lesson.editor.text)
            path = self.context.learner.save_drafts_anywhere()
            self._stand()
        finally:
            self.context.runs.abandon()
            self.give_back_terminal(f"Unsaved drafts are in {path}: tutor import FILE." if path else "")
            os._exit(128 + number)


def open_app(start: Start) -> int:
    """Open the app in this terminal; the exit status of the program."""
    gc.disable()  # until painted: a collection costs the first paint 50 ms
    keys.recognise()
    app = Tutor(start)
    for name in ("SIGHUP", "SIGTERM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), app.leave_now)
    status = app.run(mouse=False)  # so that the terminal's own selection works
    return app.return_code or 0 if status is None else status
