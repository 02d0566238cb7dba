"""``tutor progress``: how far one has come, what was done on which day, and what is to come."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from tutor import __version__
from tutor.cli.gate import as_json
from tutor.cli.home import own_home
from tutor.curriculum.catalog import Catalog
from tutor.learner.calendar import day
from tutor.learner.progress import PLACES, answers, days, places, streak
from tutor.render.text.counted import answered, counted

if TYPE_CHECKING:
    from tutor.cli.output import Page
    from tutor.learner.store import Store
    from tutor.render.text.layout import Drawing

AHEAD = 14
"""Days of the forecast."""


class ProgressSummary:
    """All that the command tells, as things stand at the time ``now``."""

    def __init__(self, store: Store, catalog: Catalog, now: float) -> None:
        from tutor.learner.review_queue import Reviews

        reviews = Reviews(store, catalog.question_names, __version__)
        self.catalog = catalog
        self.places = places([chapter.ids for chapter in catalog.chapters], store.standings(), store.last_lesson())
        """Of every lesson, by its id."""
        self.answers = answers(store)
        self.today = day(now)
        self.days = days(store)
        self.streak = streak(self.days, self.today)
        self.due = reviews.waiting(now)
        """Questions to review now."""
        self.reviewed = reviews.reviewed(now)
        """Questions reviewed today."""
        self.forecast = reviews.forecast(now, AHEAD)
        self.problem = store.problem


def command(options: argparse.Namespace) -> int:
    """Print it, as a page or as one object. Asking makes no database."""
    from tutor.learner.store import Store

    with closing(Store.open(own_home(options.pack), make=False)) as store:
        summary = ProgressSummary(store, options.pack.catalog, time.time())
    if options.json:
        print(as_json(_object(summary)))
        return 0
    from tutor.cli.output import page

    _draw(summary, page())
    return 0


def _object(summary: ProgressSummary) -> dict[str, object]:
    return {
        "chapters": [
            {"id": chapter.id, "title": chapter.title, **_counts(summary, chapter.ids)}
            for chapter in summary.catalog.chapters
        ],
        "lessons": _counts(summary, list(summary.places)),
        "answers": asdict(summary.answers),
        "reviews": {"due": summary.due, "today": summary.reviewed},
        "streak": {"days": summary.streak.current, "longest": summary.streak.longest},
        "forecast": [
            {"day": str(summary.today + timedelta(days=place)), "due": number}
            for place, number in enumerate(summary.forecast)
        ],
        "days": [{"day": str(on), **asdict(done)} for on, done in sorted(summary.days.items())],
        "problem": summary.problem,
    }


def _counts(summary: ProgressSummary, lessons: list[str]) -> dict[str, int]:
    counts = Counter(summary.places[id] for id in lessons)
    return {place: counts[place] for place in PLACES}


def _draw(summary: ProgressSummary, paper: Page) -> None:
    from rich.text import Text

    from tutor.render.learner.progress import ChapterProgress, activity_heatmap, forecast, progress
    from tutor.render.text.layout import inline

    look = paper.look

    def part(heading: str, drawing: Drawing) -> None:
        paper.console.print()
        paper.console.print(Text(heading, look.title_style), drawing, sep="\n")

    rows = [ChapterProgress(chapter.title, _counts(summary, chapter.ids)) for chapter in summary.catalog.chapters]
    paper.draw(progress(rows, look))
    paper.console.print()
    for line in _sentences(summary):
        paper.console.print(inline(line, look))
    if summary.days:
        done = {on: each.done for on, each in summary.days.items()}
        part("Answers and passes of each day", activity_heatmap(done, summary.today, look))
    if any(summary.forecast):
        part("Questions that come due", forecast(summary.forecast, summary.today, look))
    if summary.problem:
        paper.console.print()
        paper.say((look.spell(summary.problem), look.loud_style))


def _sentences(summary: ProgressSummary) -> list[str]:
    answers_so_far = summary.answers
    lines = []
    if sentence := answered(answers_so_far.given, answers_so_far.questions, answers_so_far.right):
        lines.append(sentence)
    if summary.streak.current:
        lines.append(
            f"{counted(summary.streak.current, 'day')} in a row; the longest row was {summary.streak.longest}."
        )
    elif summary.streak.longest:
        lines.append(f"The longest row of days was {summary.streak.longest}.")
    today = f", {summary.reviewed} reviewed today" if summary.reviewed else ""
    if summary.due:
        lines.append(f"{counted(summary.due, 'question')} to review{today}: `tutor review`.")
    else:
        lines.append(f"Nothing to review{today}.")
    return lines
