"""The learner's progress in one SQLite file: where each lesson stands, and the log of all that happened."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from tutor import paths, private_files
from tutor.learner.database import Change, WrittenByNewer, in_memory, is_damage, is_lock, open_, set_aside, transact
from tutor.learner.event_log import Event, write

COLUMNS = "id, opened_at, attempts, hints, passed_at, revealed_at"

_RECENT, _GAP = 0.02, 0.003
"""Seconds: whoever wrote so recently leaves the others this gap."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a lesson stands. Times are seconds since 1970."""

    id: str
    opened_at: float | None = None
    """When it was last opened."""
    attempts: int = 0
    """How often a draft was checked."""
    hints: int = 0
    """How many hints are shown."""
    passed_at: float | None = None
    """When it was first solved."""
    revealed_at: float | None = None
    """When its solution was shown, unless it was solved by then."""

    @property
    def state(self) -> Literal["new", "begun", "passed", "revealed"]:
        """In a word. A pass after the solution was shown leaves it ``revealed``: seen is not solved."""
        if self.passed_at is not None:
            return "passed"
        if self.revealed_at is not None:
            return "revealed"
        return "new" if self.opened_at is None and not self.attempts else "begun"


class Store:
    """The learner's progress, from :meth:`open` to :meth:`close`; for use in one thread.

    It never raises for what may happen to a disk. What can't be written is kept in memory, counts in all
    answers, and is tried again at the next record.
    """

    def __init__(self, home: Path, clock: Callable[[], float], patience: float, make: bool) -> None:
        """Called by :meth:`open`."""
        self.problem = ""
        """Why nothing can be saved, or which file was damaged, in a sentence for the learner; else empty."""
        self._home = home
        self._path = paths.progress(home)
        self._clock = clock
        self._patience = patience
        self._notice = ""
        self._disk: sqlite3.Connection | None = None
        self._memory: sqlite3.Connection | None = None
        """Stands in for the disk as long as something isn't written there."""
        self._last: list[tuple[Any, ...]] = []
        """The rows of lessons as they were last read."""
        self._unsaved: list[Change] = []
        self._wrote = -_RECENT
        if not make and not self._path.exists():
            self._memory = in_memory()
            return
        try:
            self._disk = self._connect()
        except (sqlite3.Error, OSError) as error:
            self._stand_in(self._why(error))
            return
        self.problem = self._notice
        if not (os.access(self._path, os.W_OK) and os.access(home, os.W_OK)):
            self._stand_in(f"{home} can't be written to")

    @classmethod
    def open(
        cls, home: Path, clock: Callable[[], float] = time.time, patience: float = 2.0, *, make: bool = True
    ) -> Store:
        """The store in the folder ``home``.

        Args:
            home: the folder of all that is remembered.
            clock: gives the time in seconds since 1970.
            patience: seconds to wait while another process writes.
            make: make the file if it isn't there; else it is made when something is recorded.
        """
        return cls(home, clock, patience, make)

    def close(self) -> None:
        """Let go of the file."""
        for database in (self._disk, self._memory):
            if database is not None:
                database.close()

    # --- where lessons stand ---

    @property
    def saved(self) -> bool:
        """Whether all that was recorded is on the disk."""
        return self._memory is None

    def standing(self, id: str) -> Standing:
        """Where a lesson stands; one never met is ``new``."""
        return self.standings().get(id, Standing(id))

    def standings(self) -> dict[str, Standing]:
        """Every lesson of which something is recorded, by id."""
        rows = self.rows(f"SELECT {COLUMNS} FROM lesson")
        if self.saved:
            self._last = rows
        return {row[0]: Standing(*row) for row in rows}

    def last_lesson(self) -> str | None:
        """The lesson that was opened last; None on the first day."""
        opened = {id: at for id, standing in self.standings().items() if (at := standing.opened_at) is not None}
        return max(opened, key=opened.__getitem__) if opened else None

    # --- events ---

    def opened(self, id: str) -> None:
        """The learner is at this lesson."""
        self.record("opened", id)

    def attempted(self, id: str, *, failed: str = "", misconception: str = "") -> None:
        """A draft was checked and did not pass.

        A misconception that the first attempt did not show, or the same check failed for the third time in a row,
        brings the lesson's questions into the next review (:mod:`tutor.learner.review_queue`).

        Args:
            id: the lesson.
            failed: the name of the first check that failed.
            misconception: the name of the misconception that was recognised, ``axes-swapped``; empty: none was.
        """
        self.record("attempted", id, failed=failed, misconception=misconception)

    def passed(self, id: str) -> None:
        """A draft was checked and passed. After a reveal this is one more attempt, no more."""
        self.record("passed", id)

    def revealed(self, id: str) -> None:
        """The solution was shown. A lesson solved by then stays solved."""
        self.record("revealed", id)

    def hinted(self, id: str, count: int) -> None:
        """So many hints are shown now."""
        self.record("hinted", id, shown=count)

    def reset(self, id: str) -> None:
        """The learner starts afresh: no hint is shown, a reveal is forgotten. A pass stays."""
        self.record("reset", id)

    def restore(self, standing: Standing) -> None:
        """Undo a reset that came after ``standing`` was read.

        Hints and reveal are as they were, and where the solution had been seen, a pass since then is none. Attempts
        stay counted: they were made.
        """
        self.record("restored", standing.id, hints=standing.hints, revealed_at=standing.revealed_at)

    def record(self, kind: str, subject: str, *, at: float | None = None, **detail: object) -> None:
        """Append an event to the log, and update the tables (:mod:`tutor.learner.event_log`).

        Args:
            kind: what happened.
            subject: to which lesson or question.
            at: when, in seconds since 1970; None: now.
            detail: what else is to be remembered of it, as JSON can write it.
        """
        event = Event(self._clock() if at is None else at, kind, subject, detail)
        self.change(partial(write, event=event))

    # --- the file, and what stands in for it ---

    def rows(self, query: str, values: Sequence[object] | dict[str, object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query, including those that couldn't be written yet."""
        if self._memory is None and self._disk is not None:
            try:
                return self._disk.execute(query, values).fetchall()
            except sqlite3.Error as error:
                self._stand_in(self._why(error))
        assert self._memory is not None
        return self._memory.execute(query, values).fetchall()

    def change(self, change: Change) -> None:
        """Do ``change`` in a transaction of its own, after all those that couldn't be written before."""
        if time.monotonic() - self._wrote < _RECENT:
            time.sleep(_GAP)  # so that of two programs, of which one writes without a pause, the other comes to it too
        try:
            if self._disk is None:
                self._disk = self._connect()
            transact(self._disk, [*self._unsaved, change])
        except (sqlite3.Error, OSError) as error:
            self._stand_in(self._why(error))
        else:
            self._resume()
            return
        assert self._memory is not None
        transact(self._memory, [change])
        self._unsaved.append(change)

    def _stand_in(self, why: str) -> None:
        self.problem = f"Your progress can't be saved, and lasts only until you leave: {why}."
        if self._memory is not None:
            return
        try:
            self._memory = in_memory(self._path)
        except (sqlite3.Error, OSError):  # it can't even be read
            self._memory = in_memory()
            self._memory.executemany(f"INSERT INTO lesson ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", self._last)

    def _resume(self) -> None:
        """All is on disk again."""
        self._wrote = time.monotonic()
        self._unsaved.clear()
        self.problem = self._notice
        if self._memory is not None:
            self._memory.close()
            self._memory = None

    def _connect(self) -> sqlite3.Connection:
        if private_files.other_owner(self._home):
            raise PermissionError
        with contextlib.suppress(OSError):  # SQLite will say so, unless the file is there to be read
            private_files.make_folder(self._home, self._home)
        try:
            return open_(self._path, self._patience)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        aside = set_aside(self._path)
        self._notice = f"The record of your progress was damaged: it is kept as {aside}, and a new one was begun."
        return open_(self._path, self._patience)

    def _why(self, error: Exception) -> str:
        if isinstance(error, WrittenByNewer):
            return f"{self._path} was written by a newer version of tutor"
        name = getattr(error, "sqlite_errorname", "")
        unwritable = name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"))
        if unwritable or isinstance(error, PermissionError):
            return f"{self._home} can't be written to"
        if name == "SQLITE_FULL":
            return f"the disk that holds {self._home} is full"
        if isinstance(error, sqlite3.Error) and is_lock(error):
            return f"another program keeps {self._path} locked"
        return f"{self._path}: {error}"
