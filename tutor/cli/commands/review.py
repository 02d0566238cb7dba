"""``tutor review`` without the app: what is due, line by line."""

from __future__ import annotations

import argparse
import random
import time

from tutor.cli.lessons import shipped
from tutor.cli.plain_quiz import PlainQuiz
from tutor.cli.run_loop import launch
from tutor.quiz import selection
from tutor.render.learner.quiz_summary import nothing_due


def command(options: argparse.Namespace) -> int:
    """Ask what is due; 0 also when that is nothing."""
    catalog = shipped()
    with PlainQuiz(catalog, "review") as quiz:
        now, reviews = time.time(), quiz.reviews
        due = selection.of_ids(catalog, reviews.due(now))[: options.count]
        if not due:
            told = reviews.waiting(now, None), reviews.forecast(now, 60), reviews.reviewed(now)
            quiz.paper.say(nothing_due(*told))
            return 0
        cards = selection.in_order(due, random.randrange(1 << 31))
        return quiz.ask("Review", cards, launch(options.python, options.device))
