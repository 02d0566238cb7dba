"""The file of what is remembered: versions, two tutors at once, kill -9."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.kill import kill, moments
from bench.writers import at_once
from tests.learner.conftest import NOON
from tutor import paths
from tutor.learner import database
from tutor.learner.event_log import rebuild
from tutor.learner.review_queue import Reviews
from tutor.learner.store import Standing, Store

ROOT = Path(__file__).parents[2]

ROWS = [
    ("a/begun", 5.5, 3, 1, None, None),
    ("a/new", 1772445600.123456, 0, 0, None, None),
    ("a/passed", 1.0, 2, 0, 7.25, None),
    ("a/revealed", 2.0, 4, 3, None, 8.0),
]


@pytest.fixture
def first_version(home: Path) -> Path:
    """A file as the first version wrote it."""
    home.mkdir()
    path = paths.progress(home)
    with contextlib.closing(sqlite3.connect(path)) as made:
        for statement in database.MIGRATIONS[0]:
            made.execute(statement)
        made.executemany("INSERT INTO lesson VALUES (?, ?, ?, ?, ?, ?)", ROWS)
        made.execute("PRAGMA user_version = 1")
        made.commit()
    return path


def standings() -> dict[str, Standing]:
    return {row[0]: Standing(*row) for row in ROWS}


# --- versions -----------------------------------------------------------------------------------------------


def test_a_file_of_the_first_version_is_copied_and_brought_to_this_one(first_version: Path):
    raw = first_version.read_bytes()
    store = Store.open(first_version.parent)
    assert store.problem == ""
    assert store.standings() == standings()
    store.change(rebuild)
    assert store.standings() == standings()
    store.passed("a/new")
    store.close()
    [backup] = first_version.parent.glob("progress.version-*")
    assert backup.name == "progress.version-1-1.sqlite"
    assert len(backup.read_bytes()) == len(raw)
    with contextlib.closing(sqlite3.connect(backup)) as kept:
        assert kept.execute("SELECT * FROM lesson ORDER BY id").fetchall() == sorted(ROWS)
        assert kept.execute("PRAGMA user_version").fetchone() == (1,)
    Store.open(first_version.parent).close()
    assert len(list(first_version.parent.iterdir())) == 2


def test_a_migration_that_fails_changes_nothing(first_version: Path, monkeypatch: pytest.MonkeyPatch):
    raw = first_version.read_bytes()
    broken = (*database.MIGRATIONS[:1], (*database.MIGRATIONS[1], "INSERT INTO nowhere VALUES (1)"))
    monkeypatch.setattr(database, "MIGRATIONS", broken)
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        database.open_(first_version, 0.1)
    assert first_version.read_bytes() == raw


def test_where_no_backup_can_be_made_nothing_is_migrated_and_all_is_still_shown(
    first_version: Path, monkeypatch: pytest.MonkeyPatch
):
    raw = first_version.read_bytes()

    def full(path: Path, version: int) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(database, "_back_up", full)
        store = Store.open(first_version.parent)
        assert "can't be saved" in store.problem and "No space left" in store.problem
        store.hinted("a/begun", 3)
        assert store.standing("a/begun").hints == 3
        assert first_version.read_bytes() == raw
    store.hinted("a/new", 1)
    assert store.problem == ""
    store.close()
    later = Store.open(first_version.parent)
    assert (later.standing("a/begun").hints, later.standing("a/new").hints) == (3, 1)
    later.close()


def test_two_that_migrate_at_once(first_version: Path):
    program = """
import sys
from pathlib import Path
from tutor.learner.store import Store
store = Store.open(Path(sys.argv[1]), patience=30)
assert store.problem == "" and len(store.standings()) == 4, store.problem
store.attempted("a/new")
"""
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(first_version.parent)], cwd=ROOT) for _ in range(3)
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    store = Store.open(first_version.parent)
    assert store.standing("a/new").attempts == 3
    store.close()
    assert len(list(first_version.parent.glob("*.version-*"))) == 1


def test_killed_in_the_middle_of_a_migration(first_version: Path):
    program = """
import os, signal, sqlite3, sys
from pathlib import Path
from tutor.learner import database
real = sqlite3.connect
class Connection(sqlite3.Connection):
    def execute(self, statement, *values):
        if "user_version = 2" in statement:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().execute(statement, *values)
sqlite3.connect = lambda *args, **kwargs: real(*args, factory=Connection, **kwargs)
database.open_(Path(sys.argv[1]), 1)
"""
    ended = subprocess.run([sys.executable, "-c", program, str(first_version)], cwd=ROOT)
    assert ended.returncode == -9
    store = Store.open(first_version.parent)
    assert store.problem == ""
    assert store.standings() == standings()
    store.close()


# --- two tutors ---------------------------------------------------------------------------------------------


def test_two_tutors_lose_nothing_and_none_waits_long(home: Path):
    """The bench has a thousand writes each."""
    assert max(at_once(home, 150)) < 1.0
    store = Store.open(home)
    [(answers, distinct)] = store.rows("SELECT count(*), count(DISTINCT uid) FROM event WHERE kind = 'answered'")
    assert answers == distinct == 2 * 75 + 2
    assert store.standing("both/x").attempts == 150
    cards = store.rows("SELECT * FROM card ORDER BY question")
    store.change(rebuild)
    assert store.rows("SELECT * FROM card ORDER BY question") == cards
    store.close()


def test_where_writing_is_slow_both_come_to_it(home: Path):
    assert max(at_once(home, 50, hold=0.02)) < 1.0


# --- what can't be written ------------------------------------------------------------------------------------


@pytest.fixture
def locked(home: Path) -> Iterator[Callable[[], sqlite3.Connection]]:
    with contextlib.ExitStack() as stack:

        def lock() -> sqlite3.Connection:
            other = stack.enter_context(contextlib.closing(sqlite3.connect(paths.progress(home), isolation_level=None)))
            other.execute("BEGIN IMMEDIATE")
            return other

        yield lock


def test_answers_that_cannot_be_written_count_all_the_same_and_are_written_later(
    home: Path, locked: Callable[[], sqlite3.Connection]
):
    store = Store.open(home, patience=0.01)
    reviews = Reviews(store, lambda lesson: ())
    reviews.record("a/b#c", 1, NOON)
    other = locked()
    reviews.record("a/b#c", 3, NOON + 86400)
    due = store.rows("SELECT due FROM card WHERE question = 'a/b#c'")
    reviews.record("a/b#d", 4, NOON + 86400)
    assert not store.saved
    assert "another program keeps" in store.problem
    assert reviews.forecast(NOON + 86400, 60) and reviews.reviewed(NOON + 86400) == 2
    other.execute("ROLLBACK")
    store.opened("a/b")
    assert store.saved and store.problem == ""
    store.close()
    later = Store.open(home)
    assert later.rows("SELECT due FROM card WHERE question = 'a/b#c'") == due
    assert len(later.rows("SELECT 1 FROM event")) == 4
    later.close()


def test_a_lock_is_waited_for(home: Path, locked: Callable[[], sqlite3.Connection]):
    store = Store.open(home, patience=0.3)
    locked()
    began = time.perf_counter()
    store.opened("a/b")
    assert not store.saved
    assert time.perf_counter() - began >= 0.3
    store.close()


def test_a_store_that_need_not_be_made_is_made_when_something_is_recorded(home: Path):
    store = Store.open(home, make=False)
    assert store.standings() == {} and store.problem == ""
    assert not home.exists()
    store.opened("a/b")
    assert store.saved
    store.close()
    again = Store.open(home, make=False)
    assert set(again.standings()) == {"a/b"}
    again.close()


# --- kill -9 --------------------------------------------------------------------------------------------------


def test_a_kill_at_any_moment_costs_nothing_that_was_said_to_be_saved(home: Path):
    """The bench has two hundred."""
    kept = [kill(home, records, seconds) for records, seconds in moments(random.Random(1), 12)]
    assert [each.lost for each in kept if each.lost] == []
    assert sum(each.told for each in kept) > 50
