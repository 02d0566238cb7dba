"""The progress page: chapters as a table, days as a heat map, reviews to come as bars."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from tests.render.conftest import text_of
from tutor.render.learner.progress import ChapterProgress, activity_heatmap, forecast, progress
from tutor.render.text.style import look

TODAY = date(2026, 3, 4)
"""A Wednesday."""


def test_a_year_of_days(golden: Callable[..., None]):
    done = {TODAY - timedelta(days=back): (back * 7) % 31 for back in range(0, 300) if back % 5}
    golden("days", lambda look: activity_heatmap(done, TODAY, look), (30, 80, 120))


def test_the_first_day(golden: Callable[..., None]):
    golden("days-first", lambda look: activity_heatmap({TODAY: 1}, TODAY, look), (40,))


def test_what_comes_due(golden: Callable[..., None]):
    golden("forecast", lambda look: forecast((7, 3, 0, 12, 1, 5, 0, 0, 2, 4, 6, 8, 9, 10), TODAY, look), (40, 80))


def test_what_is_long_overdue_leaves_the_other_days_to_be_told_apart(golden: Callable[..., None]):
    golden("forecast-overdue", lambda look: forecast((3661, 3, 0, 12, 1), TODAY, look), (40,))


def test_nothing_comes_due():
    assert text_of(forecast((0, 0, 0), TODAY, look()), 40).splitlines()[0].split() == ["0", "0", "0"]


def test_how_far_one_has_come(golden: Callable[..., None]):
    rows = [
        ChapterProgress("Devices", {"passed": 3}),
        ChapterProgress(
            "A chapter with quite a long title `x.grad`", {"passed": 1, "revealed": 1, "skipped": 2, "new": 996}
        ),
        ChapterProgress("Autograd", {"passed": 19, "begun": 1}),
        ChapterProgress("Parallel", {"new": 9}),
        ChapterProgress("Empty", {}),
    ]
    golden("progress", lambda look: progress(rows, look), (50, 80, 120))
