"""Whether anything of torch is mapped into the app's own process, after it has shown a verdict."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.app import LessonApp
from bench.harness import Figure, Samples, Target, progress

NOTE = "libtorch: files in /proc/PID/maps of the app whose path names torch, after a run and its verdict"


def measure() -> Iterator[Figure]:
    """The files of torch that are mapped."""
    progress("libtorch in the app's process")
    with tempfile.TemporaryDirectory() as folder, LessonApp(Path(folder), 120, 36) as app:
        mapped = app.mapped()
    if not any("python" in path for path in mapped):
        raise RuntimeError("the maps read are not those of the app: no Python in them")
    torch = [path for path in mapped if "torch" in path]
    yield Figure("files of torch mapped", "", Samples.of([len(torch)]), target=Target("worst", 0), note=NOTE)
