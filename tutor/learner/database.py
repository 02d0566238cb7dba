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
        database.execute("SELECT id FROM lesson LIMIT 1")
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


def in_memory() -> sqlite3.Connection:
    """An empty database of this version."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    _migrate(database)
    return database


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
    """Do all of it or, raising sqlite3.Error, nothing."""
    with _transaction(database):
        for statement, values in statements:
            database.execute(statement, values)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error of :func:`open_` means that the file is no database of ours (``SQLITE_ERROR``: other tables)."""
    name = getattr(error, "sqlite_errorname", "")
    return name == "SQLITE_ERROR" or name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def set_aside(path: Path) -> Path:
    """Give a damaged file a name that nothing else has. SQLite drops a journal that it finds beside an empty file."""
    names = (path.with_name(f"{path.stem}.damaged-{n}{path.suffix}") for n in itertools.count(1))
    aside = next(name for name in names if not name.exists())
    path.rename(aside)
    return aside
