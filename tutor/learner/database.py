"""The SQLite file of what is remembered: opened, brought to this version, set aside when it is damaged.

It keeps a rollback journal, not a write-ahead log: home folders are often on a network.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

MIGRATIONS = (
    """
    CREATE TABLE lesson (
        id TEXT PRIMARY KEY,
        opened_at REAL,
        attempts INTEGER NOT NULL DEFAULT 0,
        hints INTEGER NOT NULL DEFAULT 0,
        passed_at REAL,
        revealed_at REAL
    )
    """,
)
"""One statement each, run once and in order. ``user_version`` counts those a file has had; never edit one."""

Statement = tuple[str, tuple[object, ...]]
"""SQL and its values."""


class WrittenByNewer(sqlite3.Error):
    """The file has migrations that this version doesn't know."""


def open_(path: Path, patience: float) -> sqlite3.Connection:
    """A database that is sound and of this version. Raises sqlite3.Error."""
    database = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        _prove(database)
        _migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def _prove(database: sqlite3.Connection) -> None:
    [(said,)] = database.execute("PRAGMA quick_check(1)").fetchall()
    if said != "ok":
        error = sqlite3.DatabaseError(said)
        error.sqlite_errorname = "SQLITE_CORRUPT"
        raise error


def _migrate(database: sqlite3.Connection) -> None:
    def version() -> int:
        return int(database.execute("PRAGMA user_version").fetchone()[0])

    if version() > len(MIGRATIONS):
        raise WrittenByNewer
    if version() == len(MIGRATIONS):
        return
    with _transaction(database):
        for statement in MIGRATIONS[version() :]:  # asked again: another process may have come first
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def copy(disk: sqlite3.Connection | None) -> sqlite3.Connection:
    """A database in memory, with what can be read from the disk."""
    memory = sqlite3.connect(":memory:", isolation_level=None)
    if disk is not None:
        try:
            disk.backup(memory)
            _prove(memory)
        except sqlite3.Error:
            memory.close()
            memory = sqlite3.connect(":memory:", isolation_level=None)
    _migrate(memory)
    return memory


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # a full disk has rolled it back already
            database.execute("ROLLBACK")
        raise


def transact(database: sqlite3.Connection, statements: Iterable[Statement]) -> None:
    with _transaction(database):
        for statement, values in statements:
            database.execute(statement, values)


def is_damage(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def set_aside(path: Path) -> Path:
    """Give a damaged file, and the journal that belongs to it, a name that nothing else has."""
    names = (path.with_name(f"{path.stem}.damaged-{n}{path.suffix}") for n in itertools.count(1))
    aside = next(name for name in names if not name.exists())
    path.rename(aside)
    with contextlib.suppress(FileNotFoundError):
        path.with_name(f"{path.name}-journal").rename(aside.with_name(f"{aside.name}-journal"))
    return aside
