"""Progress: where lessons stand within their chapters, and how much was done on each day."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from tutor.learner.calendar import LOCAL_DAY

if TYPE_CHECKING:
    from tutor.learner.store import Standing, Store

Place = Literal["passed", "revealed", "skipped", "begun", "new"]
"""How a lesson stands among the others:

``passed``: solved. ``revealed``: its solution was shown first; seen is not solved.
``skipped``: opened and left, or passed over: a later one of its chapter is passed or revealed.
``begun``: opened last, and not solved yet; or tried from the command line alone, where nothing is opened or left.
``new``: all others.
"""
PLACES: tuple[Place, ...] = ("passed", "revealed", "skipped", "begun", "new")


def places(chapters: Sequence[Sequence[str]], standings: Mapping[str, Standing], last: str | None) -> dict[str, Place]:
    """How the lessons of chapters stand, each given in order by their ids; ``last`` is the lesson opened last."""
    place_by_id: dict[str, Place] = {id: "new" for chapter in chapters for id in chapter}
    for chapter in chapters:
        later_is_done = False
        for id in reversed(chapter):
            standing = standings.get(id)
            state = standing.state if standing is not None else "new"
            if state == "passed" or state == "revealed":
                later_is_done = True
                place_by_id[id] = state
            elif id == last or (standing is not None and state == "begun" and standing.opened_at is None):
                place_by_id[id] = "begun"
            elif state == "begun" or later_is_done:
                place_by_id[id] = "skipped"
    return place_by_id


@dataclass(frozen=True, slots=True)
class Day:
    """How much was done on a day."""

    answers: int = 0
    """Questions answered, in reviews and quizzes."""
    passes: int = 0
    """Lessons whose checks were passed."""

    @property
    def done(self) -> int:
        """Both together."""
        return self.answers + self.passes


def days(store: Store) -> dict[date, Day]:
    """The days on which something was answered or passed."""
    rows = store.rows(
        f"SELECT {LOCAL_DAY.format('at')}, sum(kind = 'answered'),"
        " count(DISTINCT CASE WHEN kind = 'passed' THEN subject END)"
        " FROM event WHERE kind IN ('answered', 'passed') GROUP BY 1"
    )
    return {date.fromisoformat(on): Day(answers, passes) for on, answers, passes in rows}


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row."""

    current: int
    """Up to today; or up to yesterday, as long as today can still be added."""
    longest: int


def streak(active: Mapping[date, Day], today: date) -> Streak:
    """The days in a row on which something was done."""
    one = timedelta(days=1)
    longest = run = 0
    runs: dict[date, int] = {}
    for on in sorted(active):
        run = runs.get(on - one, 0) + 1
        runs[on] = run
        longest = max(longest, run)
    return Streak(runs.get(today, runs.get(today - one, 0)), longest)


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """All answers, counted."""

    given: int
    right: int
    """On the first try, without help."""
    questions: int
    """Different ones."""


def answers(store: Store) -> AnswerCounts:
    """Every answer in the log, summed up."""
    rows = store.rows("SELECT subject, detail FROM event WHERE kind = 'answered'")
    right = sum(json.loads(detail)["rating"] >= 3 for _, detail in rows)
    return AnswerCounts(len(rows), right, len({question for question, _ in rows}))
