"""The review queue: the questions that a learner is about to forget.

These can be asked, the most urgent first:

1. questions of a lesson in which the learner stumbled: a check recognised a misconception that the first attempt did
   not show (that one is most often the snippet's own, which the lesson is about), or the same check failed three times
   in a row. They come once, ten minutes later at the soonest, whether the lesson was solved since or not;
2. questions that were answered before and that FSRS wants back today or earlier;
3. questions of lessons that were solved, never answered so far.

Questions of other lessons come only if somebody asked for them in a quiz: from then on they are due like all others.
At most :data:`DAILY` of these questions are reviewed in a day. Nothing piles up by that: the others are as due
tomorrow.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import zip_longest

from tutor.learner.calendar import LOCAL_DAY, day, end, start
from tutor.learner.store import Store

DAILY = 20
"""Questions reviewed in a day."""
SOON = 600.0
"""Seconds from a stumble to the lesson's questions: what was just read would only be repeated."""

_LISTED_AT_ONCE = 20
"""Lessons whose questions are looked up in one go: more than enough for a day."""

_STUMBLED = "lesson.stumbled_at > coalesce(card.answered_at, 0) AND lesson.stumbled_at + :soon <= :now"
_CANDIDATES = f"""
    FROM card LEFT JOIN lesson ON lesson.id = card.lesson
    WHERE card.due < :tonight
    OR ({_STUMBLED})
    OR (card.due IS NULL AND lesson.passed_at IS NOT NULL)
"""
_IN_ORDER = f"""
    SELECT card.question {_CANDIDATES}
    ORDER BY coalesce({_STUMBLED}, 0) DESC, card.due IS NULL, card.due, lesson.passed_at, card.rowid
"""
_UNLISTED = """
    SELECT id FROM lesson WHERE listed <> ? AND (passed_at IS NOT NULL OR stumbled_at IS NOT NULL)
    ORDER BY passed_at LIMIT ?
"""


class Reviews:
    """The questions that are due, and the record of answers. All times are seconds since 1970."""

    def __init__(self, store: Store, names: Callable[[str], Iterable[str]], edition: str = "1") -> None:
        """Nothing is read yet.

        Args:
            store: where it is remembered.
            names: the names of a lesson's questions, by its id; empty where there is no such lesson any more. It is
                asked for some twenty lessons in a row (``Catalog.question_names`` is made for it).
            edition: what the pack is called in this version of it: in another one, lessons may have other questions.
        """
        self._store = store
        self._names = names
        self._edition = edition

    def due(self, now: float) -> tuple[str, ...]:
        """Ids (``chapter/lesson#name``) of the questions to review now, chapters taking turns."""
        room = self._remaining_today(now, DAILY)
        due: list[str] = []
        if room == 0:
            return ()
        self._list_questions()
        for (question,) in self._store.rows(_IN_ORDER, _at(now)):
            lesson, _, name = question.partition("#")
            if name in self._names(lesson):
                due.append(question)
            if len(due) == room:
                break
        return _alternate_chapters(due)

    def waiting(self, now: float, limit: int | None = DAILY) -> int:
        """How many :meth:`due` gives, and at times more: it may count questions that the pack has no longer."""
        self._list_questions()
        [(number,)] = self._store.rows(f"SELECT count(*) {_CANDIDATES}", _at(now))
        return int(number) if limit is None else min(int(number), self._remaining_today(now, limit))

    def record(self, question: str, rating: int, now: float, sitting: str = "review", **course: object) -> None:
        """Remember an answer, whichever sitting it was given in. Raises ValueError: it is no answer to a question.

        Args:
            question: ``chapter/lesson#name``.
            rating: 1 Again, 2 Hard, 3 Good, 4 Easy.
            now: when it was answered.
            sitting: ``review``, which the daily limit counts, ``quiz`` or ``lesson``.
            course: what else is to be remembered of it, as JSON can write it (:attr:`tutor.quiz.turn.Turn.course`).
        """
        if "#" not in question or rating not in (1, 2, 3, 4):
            raise ValueError(f"no answer: {question!r} rated {rating!r}")
        from tutor.learner import scheduler  # noqa: F401 -- now, and not while others wait for the file

        self._store.record("answered", question, at=now, rating=rating, **course, sitting=sitting)

    def reviewed(self, now: float) -> int:
        """How many questions were reviewed on the day of ``now``, and not later: the clock may have been ahead."""
        today = (start(day(now)), end(now))
        rows = self._store.rows("SELECT count(*) FROM card WHERE reviewed_at >= ? AND reviewed_at < ?", today)
        return int(rows[0][0])

    def forecast(self, now: float, days: int = 14) -> tuple[int, ...]:
        """How many questions come due on each of ``days`` days, as things stand; on the first, all that are due."""
        today = day(now)
        rows = self._store.rows(
            f"SELECT {LOCAL_DAY.format('due')}, count(*) FROM card WHERE due < ? GROUP BY 1",
            (start(today + timedelta(days=days)),),
        )
        counts = [0] * days
        for on, number in rows:
            counts[max(0, (date.fromisoformat(on) - today).days)] += number
        return tuple(counts)

    def _remaining_today(self, now: float, limit: int) -> int:
        return max(0, limit - self.reviewed(now))

    def _list_questions(self) -> None:
        """See to it that the questions of solved lessons have a card, a few lessons at a time."""
        lessons = [id for (id,) in self._store.rows(_UNLISTED, (self._edition, _LISTED_AT_ONCE))]
        if lessons:
            questions = {lesson: [f"{lesson}#{name}" for name in self._names(lesson)] for lesson in lessons}
            self._store.change(partial(_list, questions=questions, edition=self._edition))


def _list(database: sqlite3.Connection, questions: dict[str, list[str]], edition: str) -> None:
    for lesson, ids in questions.items():
        rows = [(id, lesson) for id in ids]
        database.executemany("INSERT OR IGNORE INTO card (question, lesson) VALUES (?, ?)", rows)
        database.execute("UPDATE lesson SET listed = ? WHERE id = ?", (edition, lesson))


def _at(now: float) -> dict[str, object]:
    return {"now": now, "tonight": end(now), "soon": SOON}


def _alternate_chapters(questions: Sequence[str]) -> tuple[str, ...]:
    """One of each chapter, then the next of each: within a chapter, and among the first ones, as they were."""
    chapters: dict[str, list[str]] = {}
    for question in questions:
        chapters.setdefault(question.partition("/")[0], []).append(question)
    rounds = zip_longest(*chapters.values())
    return tuple(question for one in rounds for question in one if question is not None)
