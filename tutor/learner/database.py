"""The SQLite file of the learner's progress: opened, brought to this version, set aside when it is damaged.

It keeps a rollback journal, not a write-ahead log: home folders are often on a network.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tutor import private_files


def _json(column: str) -> str:
    """SQL for a time as JSON has it, to the last bit."""
    return f"CASE WHEN {column} IS NULL THEN 'null' ELSE printf('%!.17g', {column}) END"


MIGRATIONS = (
    (
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
    ),
    (
        """
        CREATE TABLE event (
            uid TEXT NOT NULL UNIQUE,
            at REAL NOT NULL,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL
        )
        """,
        "CREATE INDEX event_of ON event (subject, at)",
        f"""
        INSERT INTO event SELECT
            'carried ' || id || ' ' || attempts || ' ' || coalesce(passed_at, revealed_at, opened_at, 0),
            coalesce(passed_at, revealed_at, opened_at, 0),
            'carried',
            id,
            printf(
                '{{"opened_at": %s, "attempts": %d, "hints": %d, "passed_at": %s, "revealed_at": %s}}',
                {_json("opened_at")}, attempts, hints, {_json("passed_at")}, {_json("revealed_at")}
            )
        FROM lesson
        """,
        "ALTER TABLE lesson ADD COLUMN failed TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE lesson ADD COLUMN in_a_row INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE lesson ADD COLUMN given TEXT",
        "ALTER TABLE lesson ADD COLUMN stumbled_at REAL",
        "ALTER TABLE lesson ADD COLUMN listed TEXT NOT NULL DEFAULT ''",
        """
        CREATE TABLE card (
            question TEXT PRIMARY KEY,
            lesson TEXT NOT NULL,
            state INTEGER,
            step INTEGER,
            stability REAL,
            difficulty REAL,
            due REAL,
            answered_at REAL,
            reviewed_at REAL
        )
        """,
    ),
)
"""The statements that lead from one version to the next, run once and in order; ``user_version`` says which a file has
had. Never edit one that was released.

``event`` is the log, and is only appended to. ``lesson`` and ``card`` are derived from it
(:mod:`tutor.learner.event_log` says how), and stored because reading the log at each start would take too long:

- ``lesson.failed``, ``in_a_row``: the check that failed last, and how often in a row; ``given``: the misconception that
  the first attempt showed; ``stumbled_at``: when it was more than a slip (:mod:`tutor.learner.review_queue`);
  ``listed``: the edition of the pack whose questions of the lesson have a card.
- ``card``: one for each question; without ``due`` where it was never answered. ``state`` to ``due`` are FSRS's.
  ``answered_at``: its last answer; ``reviewed_at``: its last answer in a review, which the daily limit counts.
"""

_TABLES = ("lesson", "event", "card")

Change = Callable[[sqlite3.Connection], None]
"""What is to be done within a transaction. It may be done again, on another copy of the data."""


class WrittenByNewer(sqlite3.Error):
    """The file has migrations that this version doesn't know."""


def open_(path: Path, patience: float) -> sqlite3.Connection:
    """A database that is sound and of this version. Raises sqlite3.Error, and OSError where no backup can be made."""
    _make(path)
    database = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        _check(database)
        _migrate(database, path)
        for table in _TABLES:
            database.execute(f"SELECT 1 FROM {table} LIMIT 1")
    except BaseException:
        database.close()
        raise
    return database


def _make(path: Path) -> None:
    """Make an empty file, which is a database to SQLite; left to itself it would make one that others can read.

    Journals take the mode of the file. A link that leads nowhere is not followed.
    """
    with contextlib.suppress(OSError):  # SQLite says it better
        private_files.create(path).close()
    if path.is_symlink() and not path.exists():
        raise sqlite3.OperationalError("it is a link that leads nowhere")


def _check(database: sqlite3.Connection) -> None:
    """Raise sqlite3.DatabaseError for a damaged file."""
    [(report,)] = database.execute("PRAGMA quick_check(1)").fetchall()
    if report != "ok":
        error = sqlite3.DatabaseError(report)
        error.sqlite_errorname = "SQLITE_CORRUPT"
        raise error


def _migrate(database: sqlite3.Connection, path: Path | None = None) -> None:
    """Bring it to this version; what was there is first copied to a file beside ``path``."""

    def version() -> int:
        return int(database.execute("PRAGMA user_version").fetchone()[0])

    if version() > len(MIGRATIONS):
        raise WrittenByNewer
    if version() == len(MIGRATIONS):
        return
    with _transaction(database):
        had = version()  # asked again: another process may have come first
        if path is not None and 0 < had < len(MIGRATIONS):
            _back_up(path, had)
        for statement in itertools.chain.from_iterable(MIGRATIONS[had:]):
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _back_up(path: Path, version: int) -> Path:
    """A copy of the file as ``progress.version-1.sqlite``, whole or not at all."""
    backup = _unused(path, f"version-{version}")
    fresh = private_files.unforeseen(backup)
    private_files.create(fresh).close()
    try:
        with contextlib.closing(sqlite3.connect(fresh)) as copy:
            _copy(path, copy)
        fresh.replace(backup)
    finally:
        fresh.unlink(missing_ok=True)
    return backup


def _copy(path: Path, into: sqlite3.Connection) -> None:
    """All that is in the file. Raises sqlite3.Error; a lock is not waited for."""
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", timeout=0.1, uri=True)) as source:
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM sqlite_master")  # takes the lock: ``backup`` would wait for it without end
        source.backup(into)


def in_memory(path: Path | None = None) -> sqlite3.Connection:
    """A database of this version with what is in the file; empty without one. Raises sqlite3.Error."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    try:
        if path is not None:
            _copy(path, database)
        _migrate(database)
    except BaseException:
        database.close()
        raise
    return database


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    _begin(database)
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # a full disk has rolled it back already
            database.execute("ROLLBACK")
        raise


def _begin(database: sqlite3.Connection) -> None:
    """Begin to write, waiting for others as long as the connection waits for locks.

    SQLite itself tries again after ever longer pauses, up to 100 ms: of two programs that write without a pause, where
    a write takes 20 ms, one would not meet the other's gaps for over two seconds.
    """
    [patience] = database.execute("PRAGMA busy_timeout").fetchone()
    until = time.monotonic() + patience / 1000
    database.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                database.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not is_lock(error) or time.monotonic() >= until:
                    raise
            time.sleep(0.001)
    finally:
        database.execute(f"PRAGMA busy_timeout = {patience}")


def transact(database: sqlite3.Connection, changes: Iterable[Change]) -> None:
    """Do all of it or, raising sqlite3.Error, nothing."""
    with _transaction(database):
        for change in changes:
            change(database)


def is_lock(error: sqlite3.Error) -> bool:
    """Whether it says that another program is at the file."""
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error of :func:`open_` means that the file is no database of ours (``SQLITE_ERROR``: other tables)."""
    name = getattr(error, "sqlite_errorname", "")
    return name == "SQLITE_ERROR" or name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def set_aside(path: Path) -> Path:
    """Give a damaged file a name that nothing else has. SQLite drops a journal that it finds beside an empty file."""
    return path.rename(_unused(path, "damaged"))


def _unused(path: Path, word: str) -> Path:
    """A name beside ``path``, with ``word`` and a number in it, that nothing has."""
    names = (path.with_name(f"{path.stem}.{word}-{n}{path.suffix}") for n in itertools.count(1))
    return next(name for name in names if not name.exists())
