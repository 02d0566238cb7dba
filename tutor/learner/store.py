"""Where each lesson stands, in one SQLite file."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tutor import paths
from tutor.learner.database import Statement, WrittenByNewer, in_memory, is_damage, open_, set_aside, transact

COLUMNS = "id, opened_at, attempts, hints, passed_at, revealed_at"


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
    """What is remembered, from :meth:`open` to :meth:`close`; for use in one thread.

    It never raises for what may happen to a disk. What can't be written is kept in memory, counts in all
    answers, and is tried again at the next record.
    """

    def __init__(self, home: Path, clock: Callable[[], float], patience: float) -> None:
        """Called by :meth:`open`."""
        self.problem = ""
        """What keeps it from remembering, or was found damaged, in a sentence for the learner; else empty."""
        self._home = home
        self._path = paths.progress(home)
        self._clock = clock
        self._notice = ""
        self._disk: sqlite3.Connection | None = None
        self._memory: sqlite3.Connection | None = None
        """Stands in for the disk as long as something isn't written there."""
        self._last: list[tuple[Any, ...]] = []
        """The rows as they were last read."""
        self._unsaved: list[Statement] = []
        try:
            self._disk = self._connect(patience)
        except (sqlite3.Error, OSError) as error:
            self._stand_in(self._why(error))
            return
        self.problem = self._notice
        if not (os.access(self._path, os.W_OK) and os.access(home, os.W_OK)):
            self._stand_in(f"{home} can't be written to")

    @classmethod
    def open(cls, home: Path, clock: Callable[[], float] = time.time, patience: float = 2.0) -> Store:
        """The store in the folder ``home``, made if it isn't there.

        Args:
            home: the folder of all that is remembered.
            clock: gives the time in seconds since 1970.
            patience: seconds to wait while another process writes.
        """
        return cls(home, clock, patience)

    def close(self) -> None:
        """Let go of the file."""
        for database in (self._disk, self._memory):
            if database is not None:
                database.close()

    # --- what is known ---

    def standing(self, id: str) -> Standing:
        """Where a lesson stands; one never met is ``new``."""
        return self.standings().get(id, Standing(id))

    def standings(self) -> dict[str, Standing]:
        """Every lesson of which something is recorded, by id."""
        return {row[0]: Standing(*row) for row in self._rows()}

    def last_lesson(self) -> str | None:
        """The lesson that was opened last; None on the first day."""
        opened = {id: at for id, standing in self.standings().items() if (at := standing.opened_at) is not None}
        return max(opened, key=opened.__getitem__) if opened else None

    # --- what happened ---

    def opened(self, id: str) -> None:
        """The learner is at this lesson."""
        self._change(id, "opened_at = ?", self._clock())

    def attempted(self, id: str) -> None:
        """A draft was checked and did not pass."""
        self._change(id, "attempts = attempts + 1")

    def passed(self, id: str) -> None:
        """A draft was checked and passed. After a reveal this is one more attempt, no more."""
        self._change(
            id,
            "attempts = attempts + 1, passed_at = CASE WHEN revealed_at IS NULL THEN coalesce(passed_at, ?) END",
            self._clock(),
        )

    def revealed(self, id: str) -> None:
        """The solution was shown. A lesson solved by then stays solved."""
        self._change(
            id,
            "revealed_at = CASE WHEN passed_at IS NULL THEN coalesce(revealed_at, ?) END",
            self._clock(),
        )

    def hinted(self, id: str, shown: int) -> None:
        """So many hints are shown now."""
        self._change(id, "hints = ?", shown)

    def reset(self, id: str) -> None:
        """The learner starts afresh: no hint is shown, a reveal is forgotten. A pass stays."""
        self._change(id, "hints = 0, revealed_at = NULL")

    def restore(self, standing: Standing) -> None:
        """Undo whatever was recorded of the lesson since ``standing`` was read."""
        self._change(
            standing.id,
            "opened_at = ?, attempts = ?, hints = ?, passed_at = ?, revealed_at = ?",
            standing.opened_at,
            standing.attempts,
            standing.hints,
            standing.passed_at,
            standing.revealed_at,
        )

    # --- the file, and what stands in for it ---

    def _rows(self) -> list[tuple[Any, ...]]:
        if self._memory is None and self._disk is not None:
            try:
                self._last = self._disk.execute(f"SELECT {COLUMNS} FROM lesson").fetchall()
            except sqlite3.Error as error:
                self._stand_in(self._why(error))
            else:
                return self._last
        assert self._memory is not None
        return self._memory.execute(f"SELECT {COLUMNS} FROM lesson").fetchall()

    def _change(self, id: str, change: str, *values: object) -> None:
        """Record a change of a lesson's row, and all those that couldn't be written before."""
        fresh: list[Statement] = [
            ("INSERT INTO lesson (id) VALUES (?) ON CONFLICT DO NOTHING", (id,)),
            (f"UPDATE lesson SET {change} WHERE id = ?", (*values, id)),
        ]
        if self._disk is not None:
            try:
                transact(self._disk, [*self._unsaved, *fresh])
            except sqlite3.Error as error:
                self._stand_in(self._why(error))
            else:
                self._resume()
                return
        assert self._memory is not None
        transact(self._memory, fresh)
        self._unsaved += fresh

    def _stand_in(self, why: str) -> None:
        self.problem = f"Your progress can't be saved, and lasts only until you leave: {why}."
        if self._memory is not None:
            return
        self._memory = in_memory()
        if self._disk is not None:
            with contextlib.suppress(sqlite3.Error):
                self._last = self._disk.execute(f"SELECT {COLUMNS} FROM lesson").fetchall()
        transact(
            self._memory, [(f"INSERT INTO lesson ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", row) for row in self._last]
        )

    def _resume(self) -> None:
        """All is on disk again."""
        self._unsaved.clear()
        self.problem = self._notice
        if self._memory is not None:
            self._memory.close()
            self._memory = None

    def _connect(self, patience: float) -> sqlite3.Connection:
        with contextlib.suppress(OSError):  # SQLite will say so, unless the file is there to be read
            self._home.mkdir(parents=True, exist_ok=True)
        try:
            return open_(self._path, patience)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        aside = set_aside(self._path)
        self._notice = f"The record of your progress was damaged: it is kept as {aside}, and a new one was begun."
        return open_(self._path, patience)

    def _why(self, error: Exception) -> str:
        if isinstance(error, WrittenByNewer):
            return f"{self._path} was written by a newer version of tutor"
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            return f"{self._home} can't be written to"
        if name == "SQLITE_FULL":
            return f"the disk that holds {self._home} is full"
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return f"another program keeps {self._path} locked"
        return f"{self._path}: {error}"
