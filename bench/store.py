"""A store with years in it: what is due, the home screen; and two tutors that write at once."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.harness import ROOT, Figure, Samples, Target, progress
from bench.writers import at_once
from tutor.learner.event_log import Event, write
from tutor.learner.store import Store

LESSONS, ANSWERS, WRITES = 1000, 10_000, 1000
QUESTIONS = 6
"""Of each lesson."""
ROUNDS = 12
NOTE = (
    f"full store: {ANSWERS:,} answers, {LESSONS:,} lessons of {QUESTIONS} questions, each attempted three times and "
    "solved; due: from Store.open to the ids of twenty questions, in a fresh process, the names of their lessons' "
    "questions read from files"
)
_DAY = 86400.0

DUE = """
import sys, time
from pathlib import Path
from tutor.curriculum.catalog import Catalog
from tutor.quiz.kinds import KINDS
catalog = Catalog(Path(sys.argv[2]), KINDS)
began = time.perf_counter()
from tutor.learner.store import Store
from tutor.learner.review_queue import Reviews
store = Store.open(Path(sys.argv[1]))
opened = time.perf_counter()
standings = store.standings()
stood = time.perf_counter()
due = Reviews(store, catalog.question_names).due(time.time())
ready = time.perf_counter()
assert len(due) == 20 and len(standings) == 1000
print(opened - began, stood - opened, ready - began)
"""


def fill(home: Path) -> None:
    """Make the store of someone who has learned for 300 days."""
    store = Store.open(home)
    chance = random.Random(1)
    today = time.time()

    def happen(database: sqlite3.Connection) -> None:
        for number in range(LESSONS):
            lesson, at = lesson_id(number), today - 300 * _DAY + number * 60
            write(database, Event(at, "opened", lesson))
            for _ in range(3):
                write(database, Event(at, "attempted", lesson, {"failed": "shape", "misconception": ""}))
            write(database, Event(at, "passed", lesson))
        for number in range(ANSWERS):
            question = f"{lesson_id(chance.randrange(LESSONS))}#q{chance.randrange(QUESTIONS)}"
            rating = chance.choices((1, 2, 3, 4), (2, 2, 5, 1))[0]
            detail = {"rating": rating, "right": rating > 1, "seconds": 8.125, "tries": 1, "sitting": "review"}
            at = today - 299 * _DAY + number * 298 * _DAY / ANSWERS
            write(database, Event(at, "answered", question, detail))

    store.change(happen)
    store.close()


def pack(folder: Path) -> None:
    """Make lessons to go with it."""
    text = ['title = "Many"']
    chapters: dict[str, list[str]] = {}
    for number in range(LESSONS):
        chapter, _, name = lesson_id(number).partition("/")
        chapters.setdefault(chapter, []).append(name)
    for chapter, names in chapters.items():
        (folder / chapter).mkdir(parents=True)
        text.append(f'[[chapter]]\nid = "{chapter}"\ntitle = "{chapter}"\nlessons = {names}')
        for name in names:
            cells = "".join(f'# %% question q{n}\n"""How?\n"""\n' for n in range(QUESTIONS))
            (folder / chapter / f"{name}.py").write_text(f'"""# Lesson {name}\n"""\n{cells}')
    (folder / "curriculum.toml").write_text("\n".join(text))


def lesson_id(number: int) -> str:
    return f"chapter{number // 50}/lesson{number}"


def measure() -> Iterator[Figure]:
    """What is due, what is painted, and who waits for whom."""
    with tempfile.TemporaryDirectory() as folder:
        progress("a store with years in it")
        home, lessons = Path(folder, "full", "tutor"), Path(folder, "pack")
        fill(home)
        pack(lessons)
        yield from _due(home, lessons)
        yield _first_paint(home.parent)
        progress("two tutors at once")
        longest = at_once(Path(folder, "two"), WRITES)
        target = Target("worst", 1.0)
        yield Figure("two tutors, longest wait for a record", "s", Samples.of(longest), target=target)
        store = Store.open(Path(folder, "two"))
        [(there,)] = store.rows("SELECT count(*) FROM event")
        store.close()
        lost = Samples.of([2 * (WRITES + 1) - there])
        yield Figure(f"two tutors, lost of {WRITES:,} records each", "", lost, target=Target("worst", 0))


def _due(home: Path, lessons: Path) -> Iterator[Figure]:
    times: list[list[float]] = []
    for _ in range(ROUNDS + 1):
        command = [sys.executable, "-c", DUE, str(home), str(lessons)]
        said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
        times.append([float(word) * 1e3 for word in said.split()])
    opened, stood, ready = zip(*times[1:], strict=True)
    yield Figure("full store, opened", "ms", Samples.of(opened))
    yield Figure("full store, where all lessons stand", "ms", Samples.of(stood))
    yield Figure("full store, what is due", "ms", Samples.of(ready), target=Target("median", 100), note=NOTE)


def _first_paint(full: Path) -> Figure:
    from bench.first_paint import AT_HOME, BARE, BARE_SHOWS, Paints
    from bench.harness import TUTOR

    home, bare = Paints(), Paints()
    for number in range(ROUNDS + 2):
        progress(f"first paint with a full store {number}/{ROUNDS + 1}")
        if number == 2:  # two to warm the caches
            home, bare = Paints(), Paints()
        bare.start(BARE, full, BARE_SHOWS)
        home.start(TUTOR, full, AT_HOME)
    peer = Samples.of(bare.first)
    target = Target("ratio", 1.3)
    return Figure("first paint, home, full store", "ms", Samples.of(home.first), peer, "bare Textual", target)
