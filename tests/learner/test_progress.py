"""Where lessons stand among the others, and days in a row."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.learner.conftest import DAY, NOON, Clock
from tutor.learner.calendar import day, end, start
from tutor.learner.progress import AnswerCounts, Day, Streak, answers, days, places, streak
from tutor.learner.review_queue import Reviews
from tutor.learner.store import Store

CHAPTER = ["a/one", "a/two", "a/three", "a/four", "a/five"]


def told(store: Store) -> list[str]:
    return list(places([CHAPTER], store.standings(), store.last_lesson()).values())


def test_a_new_chapter_is_new(store: Store):
    assert told(store) == ["new"] * 5


def test_what_was_passed_over_is_skipped_and_what_one_is_at_is_begun(store: Store, clock: Clock):
    for lesson in ("a/two", "a/three", "a/five"):
        clock.now += 1
        store.opened(lesson)
    assert told(store) == ["new", "skipped", "skipped", "new", "begun"]
    store.passed("a/three")
    assert told(store) == ["skipped", "skipped", "passed", "new", "begun"]
    store.opened("b/elsewhere")
    clock.now += 1
    store.opened("b/elsewhere")
    assert told(store) == ["skipped", "skipped", "passed", "new", "skipped"]


def test_who_works_from_the_command_line_opens_nothing_and_skips_nothing(store: Store):
    store.attempted("a/one")
    store.attempted("a/two")
    store.opened("a/three")
    assert told(store) == ["begun", "begun", "begun", "new", "new"]


def test_revealed_is_not_solved_but_one_may_go_on_from_it(store: Store):
    store.revealed("a/two")
    store.passed("a/two")
    assert told(store) == ["skipped", "revealed", "new", "new", "new"]


def test_a_day_ends_in_the_night():
    assert day(NOON) == date(2026, 3, 2)
    assert start(date(2026, 3, 2)) == NOON - 8 * 3600
    assert end(NOON) == start(date(2026, 3, 3)) == NOON + 16 * 3600
    assert day(NOON + 15.9 * 3600) == date(2026, 3, 2)
    assert day(NOON + 16 * 3600) == date(2026, 3, 3)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Pacific/Auckland"])
def test_days_are_those_of_the_clock_on_the_wall(store: Store, monkeypatch: pytest.MonkeyPatch, zone: str):
    """Python and SQLite agree on every hour of a year, changes of the clock among them."""
    import time

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    hours = [NOON + hour * 3600 for hour in range(0, 366 * 24, 5)]
    store.change(lambda database: [database.execute(_ANSWERED, (str(at), at)) for at in hours] and None)
    counted: dict[date, int] = {}
    for at in hours:
        assert start(day(at)) <= at < end(at)
        counted[day(at)] = counted.get(day(at), 0) + 1
    assert {on: done.answers for on, done in days(store).items()} == counted


_ANSWERED = "INSERT INTO event VALUES (?, ?, 'answered', 'a/b#c', '{}')"


def test_a_day_counts_answers_and_each_lesson_once(store: Store, clock: Clock):
    reviews = Reviews(store, lambda lesson: ())
    store.passed("a/one")
    store.passed("a/one")
    store.passed("a/two")
    reviews.record("a/one#x", 3, NOON)
    reviews.record("a/one#x", 1, NOON + 1)
    store.attempted("a/one")
    clock.now += 3 * DAY
    store.passed("a/one")
    assert days(store) == {date(2026, 3, 2): Day(answers=2, passes=2), date(2026, 3, 5): Day(passes=1)}
    assert answers(store) == AnswerCounts(given=2, right=1, questions=1)


def test_days_in_a_row():
    today = date(2026, 3, 2)
    assert streak({}, today) == Streak(0, 0)

    def active(*back: int) -> dict[date, Day]:
        return {today - timedelta(days=days): Day(1) for days in back}

    assert streak(active(0), today) == Streak(1, 1)
    assert streak(active(2, 1), today) == Streak(2, 2)
    assert streak(active(3, 2), today) == Streak(0, 2)
    assert streak(active(9, 8, 7, 6, 2, 1, 0), today) == Streak(3, 4)
