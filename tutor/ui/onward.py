"""What is opened over a lesson, or over all lessons: questions, and the finish of a chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.ui.wanted import Wanted

if TYPE_CHECKING:
    from tutor.ui.app import Tutor


def ask(app: Tutor, wanted: Wanted) -> None:
    """Open a quiz; from it a lesson may be opened again."""
    from tutor.ui.base.place import PlaceScreen
    from tutor.ui.quiz.screen import QuizScreen
    from tutor.ui.quiz.selection import quiz

    app.rest()
    screen = QuizScreen(app.desk, quiz(app.desk, wanted))

    def leave(_: None) -> None:
        if screen.reread:
            app.open(screen.reread)
        elif isinstance(app.screen, PlaceScreen):
            app.screen.arrive()

    app.push_screen(screen, leave)


def choose(app: Tutor, lesson: str | None = None) -> None:
    """Choose what to be asked: what is due comes first, then ``lesson`` if there is one."""
    from tutor.ui.base.picker import Chooser, wishes
    from tutor.ui.quiz.selection import choices

    found = choices(app.desk, lesson)

    def chosen(place: str | None) -> None:
        if place is not None:
            ask(app, found[int(place)][0])

    app.push_screen(Chooser("Questions on what?", wishes([row[1:] for row in found], app.desk.look)), chosen)


def finish(app: Tutor, lesson: str, *, whole: bool = False) -> None:
    """Check again what is done in the chapter of ``lesson``, or in the ``whole`` pack."""
    from tutor.learner.progress import answers
    from tutor.render.text.counted import answered
    from tutor.ui.finish.screen import FinishScreen
    from tutor.ui.finish.state import Finish

    catalog = app.desk.catalog
    entry = catalog.entry(lesson)
    chapters = [chapter for chapter in catalog.chapters if whole or chapter.id == entry.chapter]
    app.rest()
    made = Finish(catalog, chapters, app.desk.memory.states(catalog))
    if whole:
        given = answers(app.desk.memory.store)
        made.figures = answered(given.given, given.questions, given.right)
    screen = FinishScreen(app.desk, made, catalog.next(lesson))

    def leave(_: None) -> None:
        if isinstance(screen.wanted, Wanted):
            ask(app, screen.wanted)
        elif screen.wanted:
            app.open(screen.wanted)

    app.push_screen(screen, leave)
