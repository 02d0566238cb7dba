"""``tutor review`` without the app: what is due, line by line."""

from __future__ import annotations

import argparse
import random
import time

from tutor.cli.lessons import shipped
from tutor.cli.plain_quiz import Plain
from tutor.cli.run_loop import launch
from tutor.quiz import selection
from tutor.render.learner.quiz_summary import nothing_due


def command(options: argparse.Namespace) -> int:
    """Ask what is due; 0 also when that is nothing."""
    catalog = shipped()
    with Plain(catalog, "review") as plain:
        now, reviews = time.time(), plain.reviews
        due = selection.of_ids(catalog, reviews.due(now))[: options.count]
        if not due:
            told = reviews.waiting(now, None), reviews.forecast(now, 60), reviews.reviewed(now)
            plain.paper.say(nothing_due(*told))
            return 0
        cards = selection.in_order(due, random.randrange(1 << 31))
        return plain.ask("Review", cards, launch(options.python, options.device))
