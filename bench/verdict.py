"""From the run key to the painted verdict, in the real app."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.app import LessonApp
from bench.harness import Figure, Samples, Target, progress

ROUNDS = 60
SIZES = ((120, 36), (80, 24))
NOTE = (
    "verdict: an edit turns a passing draft into a failing one and back, so that each verdict awaited is a new one; "
    "at 80x24 the key also turns from the code to the result"
)


def measure() -> Iterator[Figure]:
    """On a wide screen, where the code stays, and at 80x24, where the pane turns."""
    for columns, rows in SIZES:
        times = []
        with tempfile.TemporaryDirectory() as folder, LessonApp(Path(folder), columns, rows) as app:
            for number in range(ROUNDS):
                if number % 20 == 0:
                    progress(f"verdict at {columns}x{rows}, {number}/{ROUNDS}")
                app.change()
                app.settle(0.8)  # the draft is saved and the next spare ready, as before any human key
                times.append(app.run() * 1e3)
        name = f"key to painted verdict, {columns}x{rows}"
        yield Figure(name, "ms", Samples.of(times), target=Target("median", 60), note=NOTE)
