"""``tutor quiz`` and ``tutor review`` without the app: questions line by line."""

from __future__ import annotations

import argparse
import random

from tutor.cli.errors import Refusal
from tutor.cli.lessons import shipped
from tutor.curriculum.catalog import Catalog, UnknownLesson
from tutor.quiz import selection


def subject(wanted: str | None, catalog: Catalog | None = None) -> tuple[selection.Scope, str]:
    """What the quiz is on, and the id of the chapter or lesson. Raises Refusal."""
    if wanted is None:
        return "all", ""
    catalog = catalog or shipped()
    try:
        return "chapter", selection.chapter_named(catalog, wanted).id
    except LookupError as unknown:
        try:
            return "lesson", catalog.find(wanted).id
        except UnknownLesson:
            raise Refusal(str(unknown)) from None


def command(options: argparse.Namespace) -> int:
    """Ask line by line: 0 gone through or left, 3 where there is no worker."""
    from tutor.cli.plain_quiz import PlainQuiz
    from tutor.cli.run_loop import launch

    catalog = shipped()
    what, id = subject(options.subject, catalog)
    title, cards = selection.of_subject(catalog, what, id, random.randrange(1 << 31), options.count)
    if not cards:
        raise Refusal("There are no questions on that.")
    with PlainQuiz(catalog, "lesson" if what == "lesson" else "quiz") as quiz:
        return quiz.ask(title, cards, launch(options.python, options.device))
