"""kill -9 at random moments, while answers, attempts and drafts are written, and while a learner types in the app.

Run as a program (``python -m bench.kill HOME``) it is the one that writes, and says on a pipe what it was told is
saved; tests use it too.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.harness import ROOT, TUTOR, Figure, Samples, Target, progress
from tutor.learner.drafts import Drafts
from tutor.learner.event_log import rebuild
from tutor.learner.review_queue import Reviews
from tutor.learner.store import Store

KILLS = 200
HOMES = 10
"""Stores that are written to, killed and written to again, so that what is killed is no new one."""
AT_ONCE = 2
"""Writers that live side by side, each with a store of its own; more would die before they have started."""
TYPED = 20
"""Kills of the real app."""
MOST_RECORDS = 60
"""What the writer has saved at most when it is killed."""
LATEST = 0.03
"""Seconds up to which it goes on after that: a few records more."""
START = 0.3
"""The same for a writer that has saved nothing yet: it starts in a quarter of a second."""
NOTE = (
    "kill -9: what was lost of what was said to be saved; each time the store has to open, whole, and its tables have "
    "to be what the log comes to. Typing: the age of the oldest key that was not in the draft"
)


def write(home: Path) -> None:
    """Answer, attempt and type without end; each thing is told once it is saved."""
    store, drafts = Store.open(home), Drafts(home)
    reviews = Reviews(store, lambda lesson: ())
    number = len(store.rows("SELECT 1 FROM event"))
    while True:
        number += 1
        if drafts.save("a/b", f"{number} " * 200):
            _tell(f"draft {number}")
        reviews.record(f"a/b#q{number % 7}", number % 4 + 1, time.time(), seconds=number)
        if store.saved:
            _tell(f"answer {number}")
        store.attempted("a/b", failed=f"check {number}")
        if store.saved:
            _tell(f"attempt {number}")


def _tell(what: str) -> None:
    os.write(1, f"{what}\n".encode())


@dataclass(frozen=True)
class Kept:
    """What was told to be saved before a kill, and what of it is gone."""

    told: int
    lost: tuple[str, ...]


def moments(chance: random.Random, count: int) -> list[tuple[int, float]]:
    """Moments to kill the writer at: a number of saved records, and seconds after the last of them."""
    records = [chance.randrange(MOST_RECORDS) for _ in range(count)]
    return [(number, chance.uniform(0, LATEST if number else START)) for number in records]


def kill(home: Path, records: int, seconds: float) -> Kept:
    """Kill the writer some seconds after it has saved so many records, and look at what it left.

    Raises:
        AssertionError: the store doesn't open, or its tables are not what its log comes to.
    """
    writer = subprocess.Popen(
        [sys.executable, "-m", "bench.kill", str(home)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert writer.stdout is not None
    first = [writer.stdout.readline() for _ in range(records)]
    time.sleep(seconds)
    writer.kill()
    rest, _ = writer.communicate()
    told = [line for line in (*first, *rest.splitlines(keepends=True)) if line.endswith("\n")]
    store = Store.open(home)
    try:
        assert store.problem == "", store.problem
        answers = {seconds for (seconds,) in store.rows("SELECT json_extract(detail, '$.seconds') FROM event")}
        failed = {check for (check,) in store.rows("SELECT json_extract(detail, '$.failed') FROM event")}
        draft = int((Drafts(home).load("a/b") or "0").split()[0])
        there = {"answer": answers.__contains__, "attempt": lambda n: f"check {n}" in failed, "draft": draft.__ge__}
        lost = [line for line in told if not there[line.split()[0]](int(line.split()[1]))]
        before = _tables(store)
        store.change(rebuild)
        assert _tables(store) == before
    finally:
        store.close()
    return Kept(len(told), tuple(lost))


def _tables(store: Store) -> object:
    return store.rows("SELECT * FROM lesson ORDER BY id"), store.rows("SELECT * FROM card ORDER BY question")


def measure() -> Iterator[Figure]:
    """What is lost."""
    chance = random.Random(4)
    lost: list[float] = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        homes = [Path(folder, str(number)) for number in range(HOMES)]
        each = [moments(chance, KILLS // HOMES) for _ in homes]
        progress(f"kill -9 while writing, {KILLS} times")
        for found in pool.map(_lost, homes, each):
            lost += found
            progress(f"kill -9 while writing, {len(lost)}/{KILLS}")
    yield Figure("kill -9: acknowledged and lost", "records", Samples.of(lost), target=Target("worst", 0), note=NOTE)
    ages = [_typing_lost(chance.uniform(0.2, 3.0)) for _ in _counted(TYPED)]
    yield Figure("kill -9: typing lost", "s", Samples.of(ages), target=Target("worst", 1.0), note=NOTE)


def _lost(home: Path, kills: Sequence[tuple[int, float]]) -> list[int]:
    """How many records each of several kills has cost, of writers that had one store one after the other."""
    return [len(kill(home, *moment).lost) for moment in kills]


def _counted(times: int) -> Iterator[int]:
    for number in range(times):
        progress(f"kill -9 while typing, {number}/{times}")
        yield number


def _typing_lost(seconds: float) -> float:
    """Seconds of typing that a kill of the real app after ``seconds`` of it has cost."""
    from bench.app import LESSON
    from bench.terminal import Terminal, has

    letters = "abcdefghijklmnopqrstuvwxyz"
    pressed: list[float] = []
    with tempfile.TemporaryDirectory() as folder, Terminal([*TUTOR, LESSON], Path(folder), 120, 36) as terminal:
        terminal.wait(has("^R run"))
        terminal.settle()
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            pressed.append(terminal.press(letters[len(pressed) % 26]))
            terminal.settle(quiet=0.03, patience=0.05)
        os.kill(terminal.pid, signal.SIGKILL)
        killed = time.perf_counter()
        text = Drafts(Path(folder, "tutor")).load(LESSON) or ""
    typed = "".join(letters[n % 26] for n in range(len(pressed)))
    saved = max(n for n in range(len(typed) + 1) if typed[:n] in text)
    return killed - pressed[saved] if saved < len(pressed) else 0.0


if __name__ == "__main__":
    write(Path(sys.argv[1]))
