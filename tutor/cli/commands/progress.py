"""``tutor progress``: how far one has come, what was done on which day, and what is to come."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tutor import __version__
from tutor.cli.gate import as_json
from tutor.cli.home import own_home
from tutor.cli.lessons import shipped
from tutor.curriculum.catalog import Catalog
from tutor.learner.calendar import day
from tutor.learner.progress import PLACES, Answers, Day, Place, Streak, answers, days, places, streak
from tutor.render.text.counted import answered, counted

if TYPE_CHECKING:
    from tutor.cli.output import Page
    from tutor.learner.store import Store
    from tutor.render.text.layout import Drawing

AHEAD = 14
"""Days of the forecast."""


@dataclass(frozen=True, slots=True)
class ProgressSummary:
    """All that the command tells."""

    catalog: Catalog
    places: dict[str, Place]
    """Of every lesson, by its id."""
    answers: Answers
    today: date
    days: dict[date, Day]
    streak: Streak
    due: int
    """Questions to review now."""
    reviewed: int
    """Questions reviewed today."""
    forecast: tuple[int, ...]
    problem: str


def command(options: argparse.Namespace) -> int:
    """Print it, as a page or as one object. Asking makes no database."""
    from tutor.learner.store import Store

    store = Store.open(own_home(), make=False)
    try:
        summary = _progress(store, shipped(), time.time())
    finally:
        store.close()
    if options.json:
        print(as_json(_object(summary)))
        return 0
    from tutor.cli.output import page

    _draw(summary, page())
    return 0


def _progress(store: Store, catalog: Catalog, now: float) -> ProgressSummary:
    from tutor.learner.review_queue import Reviews

    standings, last = store.standings(), store.last_lesson()
    lesson_places = places([chapter.ids for chapter in catalog.chapters], standings, last)
    reviews = Reviews(store, catalog.question_names, __version__)
    today, active = day(now), days(store)
    return ProgressSummary(
        catalog,
        lesson_places,
        answers(store),
        today,
        active,
        streak(active, today),
        reviews.waiting(now),
        reviews.reviewed(now),
        reviews.forecast(now, AHEAD),
        store.problem,
    )


def _object(summary: ProgressSummary) -> dict[str, object]:
    return {
        "chapters": [
            {"id": chapter.id, "title": chapter.title, **_counts(summary, chapter.ids)}
            for chapter in summary.catalog.chapters
        ],
        "lessons": _counts(summary, list(summary.places)),
        "answers": {
            "given": summary.answers.given,
            "right": summary.answers.right,
            "questions": summary.answers.questions,
        },
        "reviews": {"due": summary.due, "today": summary.reviewed},
        "streak": {"days": summary.streak.current, "longest": summary.streak.longest},
        "forecast": [
            {"day": str(summary.today + timedelta(days=place)), "due": number}
            for place, number in enumerate(summary.forecast)
        ],
        "days": [
            {"day": str(on), "answers": done.answers, "passes": done.passes}
            for on, done in sorted(summary.days.items())
        ],
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
