"""The app's own memory after many runs and a flood of output: a tenth of an hour unless the whole is asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.app import LessonApp, keep_draft
from bench.harness import Figure, Samples, Target, progress
from bench.terminal import has

HOUR = 600
"""Runs that stand for an hour: one every six seconds."""
FLOOD = 200_000_000
"""Bytes that the last run prints."""
_FLOODING = f"""for _ in range({FLOOD} // 1000):
    print("x" * 999)
print("the end of it")
"""
NOTE = (
    f"memory: {HOUR} runs, each with an edit and a new verdict, stand for an hour of one every six seconds; then one "
    f"run prints {FLOOD // 1_000_000} MB; RSS of the app's own process, in 10^6 bytes"
)


def measure(runs: int = HOUR // 10) -> Iterator[Figure]:
    """After the first verdict, after ``runs`` runs, and after the flood."""
    target = Target("worst", 120)
    named = "an hour of runs" if runs >= HOUR else f"a shorter version: {runs} runs"
    with tempfile.TemporaryDirectory() as folder, LessonApp(Path(folder), 120, 36) as app:
        started = app.rollup("Rss")
        for number in range(runs):
            if number % 50 == 0:
                progress(f"memory: run {number}/{runs}, {app.rollup('Rss'):.0f} MB")
            app.change()
            app.run()
        ran, shared = app.rollup("Rss"), app.rollup("Pss")
        progress("memory: a flood of output")
        keep_draft(Path(folder), _FLOODING)  # the app runs a draft that another editor has changed
        app.wait(has("None of 2 requirements hold."), patience=120)
        app.settle(1.0)
        flooded, most = app.rollup("Rss"), app.most_ever()
    yield Figure("UI memory after one run", "MB", Samples.of([started]))
    yield Figure(f"UI memory, {named}", "MB", Samples.of([ran]), target=target, note=NOTE)
    yield Figure(f"UI memory, {named}, proportional", "MB", Samples.of([shared]))
    flood = f"{named} and {FLOOD // 1_000_000} MB of output"
    yield Figure(f"UI memory, {flood}", "MB", Samples.of([flooded]), target=target)
    yield Figure(f"UI memory, {flood}, the most ever", "MB", Samples.of([most]))
