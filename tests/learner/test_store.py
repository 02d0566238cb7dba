"""Where lessons stand: the rules of a pass, and what is left when the file can't be used."""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.learner.conftest import fill_disk
from tutor import paths
from tutor.learner.store import Standing, Store

ID = "autograd/backward"

CANNOT = "Your progress can't be saved, and lasts only until you leave: "


@pytest.fixture
def opened() -> Iterator[Callable[..., Store]]:
    """Opens stores whose clock says 1, 2, 3 ..., and closes them at the end."""
    clock = itertools.count(1)
    with contextlib.ExitStack() as stack:

        def open_store(home: Path, patience: float = 0.01) -> Store:
            store = Store.open(home, clock=lambda: float(next(clock)), patience=patience)
            stack.callback(store.close)
            return store

        yield open_store


def remembered(home: Path) -> dict[str, Standing]:
    """What is in the file, as the next process sees it."""
    store = Store.open(home)
    try:
        assert store.problem == ""
        return store.standings()
    finally:
        store.close()


# --- how a lesson stands ------------------------------------------------------------------------------------


def test_on_the_first_day_all_is_new(home: Path, opened: Callable[..., Store]):
    store = opened(home)
    assert store.standing(ID) == Standing(ID)
    assert store.standing(ID).state == "new"
    assert store.standings() == {}
    assert store.last_lesson() is None
    assert store.problem == ""


def test_what_happened_is_there_the_next_day(home: Path, opened: Callable[..., Store]):
    store = opened(home)
    store.opened(ID)
    assert store.standing(ID).state == "begun"
    store.attempted(ID)
    store.hinted(ID, 2)
    store.passed(ID)
    store.close()
    assert remembered(home) == {ID: Standing(ID, opened_at=1, attempts=2, hints=2, passed_at=4)}
    assert remembered(home)[ID].state == "passed"


def test_the_first_pass_is_the_one_that_counts(home: Path, opened: Callable[..., Store]):
    store = opened(home)
    store.passed(ID)
    store.passed(ID)
    store.attempted(ID)
    assert store.standing(ID) == Standing(ID, attempts=3, passed_at=1)
    assert store.standing(ID).state == "passed"


def test_a_pass_after_a_reveal_stays_revealed_until_passed_after_a_reset(home: Path, opened: Callable[..., Store]):
    store = opened(home)
    store.opened(ID)
    store.revealed(ID)
    store.passed(ID)
    assert store.standing(ID).state == "revealed"
    store.reset(ID)
    assert store.standing(ID).state == "begun"
    store.passed(ID)
    assert store.standing(ID).state == "passed"


def test_a_solution_looked_at_after_a_pass_takes_nothing_away(home: Path, opened: Callable[..., Store]):
    store = opened(home)
    store.passed(ID)
    store.revealed(ID)
    assert store.standing(ID) == Standing(ID, attempts=1, passed_at=1)
    store.reset(ID)
    assert store.standing(ID).state == "passed"


def test_a_reset_hides_the_hints_and_can_be_undone(home: Path, opened: Callable[..., Store]):
    store = opened(home)
    store.opened(ID)
    store.hinted(ID, 3)
    store.revealed(ID)
    before = store.standing(ID)
    store.reset(ID)
    assert store.standing(ID).hints == 0
    store.restore(before)
    assert store.standing(ID) == before
    assert before.state == "revealed"


def test_the_last_lesson_is_the_one_opened_last(home: Path, opened: Callable[..., Store]):
    store = opened(home)
    for id in ("a/one", "a/two", "a/one"):
        store.opened(id)
    store.passed("a/two")
    assert store.last_lesson() == "a/one"
    assert set(store.standings()) == {"a/one", "a/two"}


# --- the file -----------------------------------------------------------------------------------------------


def test_it_says_which_schema_it_has_and_keeps_no_write_ahead_log(home: Path, opened: Callable[..., Store]):
    opened(home).opened(ID)
    with contextlib.closing(sqlite3.connect(paths.progress(home))) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (2,)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert [path.name for path in home.iterdir()] == ["progress.sqlite"]


def test_two_processes_lose_nothing_of_each_other(home: Path):
    program = """
import sys
from pathlib import Path
from tutor.learner.store import Store
store = Store.open(Path(sys.argv[1]), patience=30)
for _ in range(50):
    store.attempted("a/b")
    store.opened(sys.argv[2])
assert store.problem == "", store.problem
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(home), id],
            cwd=Path(__file__).parents[2],
        )
        for id in ("a/c", "a/d")
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert remembered(home)["a/b"].attempts == 100


def test_a_lock_that_stays_is_told_and_what_was_recorded_is_written_after_it(home: Path, opened: Callable[..., Store]):
    store = opened(home)
    store.opened(ID)
    with contextlib.closing(sqlite3.connect(paths.progress(home), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        store.passed(ID)
        assert store.problem == f"{CANNOT}another program keeps {paths.progress(home)} locked."
        assert store.standing(ID).state == "passed"
        other.execute("ROLLBACK")
    store.opened("a/b")
    assert store.problem == ""
    store.opened("a/b")
    assert (store.standing(ID).state, store.standing(ID).attempts) == ("passed", 1)
    assert {id: standing.state for id, standing in remembered(home).items()} == {ID: "passed", "a/b": "begun"}


def test_a_full_disk_is_told_and_the_lesson_goes_on(
    home: Path, connections: list[sqlite3.Connection], opened: Callable[..., Store]
):
    store = opened(home)
    store.opened(ID)
    fill_disk(connections[-1])
    long = "a/" + "b" * 100_000
    store.passed(long)
    assert store.problem == f"{CANNOT}the disk that holds {home} is full."
    assert store.standing(long).state == "passed"
    assert store.standing(ID).state == "begun"
    assert store.last_lesson() == ID
    connections[-1].execute("PRAGMA max_page_count = 1000000")
    store.opened(ID)
    assert store.problem == ""
    assert remembered(home)[long].state == "passed"


def test_a_write_that_the_kernel_refuses(tmp_path: Path):
    program = """
import resource, sys
from pathlib import Path
from tutor.learner.store import Store
store = Store.open(Path(sys.argv[1]))
store.opened("a/b")
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
store.passed("a/b")
print(store.standing("a/b").state, store.problem)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.startswith(f"passed {CANNOT}")
    assert remembered(tmp_path)["a/b"].state == "begun"


@pytest.fixture
def read_only(tmp_path: Path, opened: Callable[..., Store]) -> Iterator[Path]:
    """A home whose file this process may read but not write, even if it is root's."""
    home = tmp_path / "home"
    opened(home).opened(ID)
    paths.progress(home).chmod(0o444)
    home.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        for folder in (tmp_path, *list(tmp_path.parents)[:-2]):
            folder.chmod(folder.stat().st_mode | 0o011)
        os.setresuid(65534, 65534, 0)
    try:
        yield home
    finally:
        if is_root:
            os.setresuid(0, 0, 0)
        home.chmod(0o755)


def test_a_read_only_home_still_tells_where_lessons_stand(read_only: Path, opened: Callable[..., Store]):
    store = opened(read_only)
    assert store.problem == f"{CANNOT}{read_only} can't be written to."
    assert store.standing(ID).state == "begun"
    store.passed(ID)
    store.opened("a/b")
    assert store.standing(ID).state == "passed"
    assert store.last_lesson() == "a/b"
    assert store.problem == f"{CANNOT}{read_only} can't be written to."
    later = opened(read_only)
    assert set(later.standings()) == {ID}


def test_a_home_that_cannot_be_made(read_only: Path, opened: Callable[..., Store]):
    store = opened(read_only / "below")
    assert store.problem == f"{CANNOT}{read_only / 'below'} can't be written to."
    store.passed(ID)
    assert store.standing(ID).state == "passed"


@pytest.mark.parametrize("damage", ["no database", "a torn page", "another's tables"])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(home: Path, opened: Callable[..., Store], damage: str):
    store = opened(home)
    for n in range(30):
        store.hinted(f"a/{'long' * 100}-{n}", 1)  # so that it takes several pages
    store.close()
    path = paths.progress(home)
    if damage == "no database":
        path.write_bytes(b"not a database at all, and long enough to be one" * 100)
    elif damage == "a torn page":
        raw = bytearray(path.read_bytes())
        raw[4096:8192] = b"\xff" * 4096
        path.write_bytes(raw)
    else:
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("DROP TABLE lesson")
    raw = path.read_bytes()
    path.with_name("progress.damaged-1.sqlite").write_text("an earlier one")

    store = opened(home)
    aside = path.with_name("progress.damaged-2.sqlite")
    problem = f"The record of your progress was damaged: it is kept as {aside}, and a new one was begun."
    assert store.problem == problem
    assert aside.read_bytes() == raw
    assert path.with_name("progress.damaged-1.sqlite").read_text() == "an earlier one"
    store.passed(ID)
    assert store.problem == problem
    assert set(remembered(home)) == {ID}


def test_a_file_of_a_newer_version_is_left_alone(home: Path, opened: Callable[..., Store]):
    opened(home).opened(ID)
    path = paths.progress(home)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    raw = path.read_bytes()
    store = opened(home)
    assert store.problem == f"{CANNOT}{path} was written by a newer version of tutor."
    store.passed("a/b")
    assert store.standing("a/b").state == "passed"
    assert path.read_bytes() == raw


def test_the_store_needs_no_other_part_of_the_program():
    program = (
        "import sys, tutor.learner.store; print(sorted(name for name in sys.modules if name.startswith('tutor.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == (
        "['tutor.learner', 'tutor.learner.database', 'tutor.learner.event_log', 'tutor.learner.store', 'tutor.paths',"
        " 'tutor.private_files']\n"
    )


def test_drafts_come_without_sqlite():
    program = "import sys, tutor.learner.drafts; print('sqlite3' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == "False\n"
