"""``tutor quiz`` and ``tutor review`` without the app: questions line by line."""

from __future__ import annotations

import argparse
import contextlib
import random
import time

from tutor.cli.errors import Refusal
from tutor.cli.home import own_home
from tutor.cli.trust import require_trust
from tutor.curriculum.catalog import Catalog, UnknownLesson
from tutor.quiz import selection

_SITTINGS: dict[selection.Scope, str] = {"lesson": "lesson", "due": "review"}


def scope(options: argparse.Namespace, catalog: Catalog) -> tuple[selection.Scope, str]:
    """Which questions the command asks, and the id of the chapter or lesson. Raises Refusal."""
    if options.command == "review":
        return "due", ""
    if options.subject is None:
        return "all", ""
    try:
        return "chapter", selection.chapter_named(catalog, options.subject).id
    except LookupError as unknown:
        try:
            return "lesson", catalog.find(options.subject).id
        except UnknownLesson:
            raise Refusal(str(unknown)) from None


def command(options: argparse.Namespace) -> int:
    """Ask line by line: 0 gone through or left, or nothing is due; 3 where there is no worker."""
    from tutor.cli.plain_quiz import PlainQuiz
    from tutor.cli.run_loop import launch
    from tutor.render.learner.quiz_summary import nothing_due

    catalog, seed = options.pack.catalog, random.randrange(1 << 31)
    on, id = scope(options, catalog)
    require_trust(options.pack)
    start = launch(options.python, options.device)
    quiz = PlainQuiz(catalog, own_home(options.pack), _SITTINGS.get(on, "quiz"), start)
    with contextlib.closing(quiz):
        if on != "due":
            title, cards = selection.of_subject(catalog, on, id, seed, options.count)
            if not cards:
                raise Refusal("There are no questions on that.")
            return quiz.ask(title, cards)
        now, reviews = time.time(), quiz.reviews
        due = selection.of_ids(catalog, reviews.due(now))[: options.count]
        if due:
            return quiz.ask("Review", selection.in_order(due, seed))
        quiz.paper.say(nothing_due(reviews.waiting(now, None), reviews.forecast(now, 60), reviews.reviewed(now)))
        return 0
