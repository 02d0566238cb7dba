"""Drawing a curve: a learner who scrubs a number waits for it, many times a second."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Sequence

from bench.harness import Figure, Samples, Target, progress
from tutor.protocol.codec import Bucket, Series
from tutor.render.plot.curve import curve
from tutor.render.text.style import look

POINTS = 100_000
WIDTH, HEIGHT = 100, 20
"""Of the drawing, in cells."""
ROUNDS = 40
LIMIT = 30.0
"""Milliseconds for a curve of so many points."""
NOTE = (
    f"curve: a noisy loss of {POINTS:,} points at {WIDTH}x{HEIGHT} cells, laid out from the events on; "
    "as buckets of one point each, and as the worker sends it, with the run before behind"
)


def measure() -> Iterator[Figure]:
    """Every point a bucket, in braille and in ASCII; and as a run brings it."""
    chance = random.Random(1)
    values = [2 * math.exp(-step / 30_000) + 0.2 * chance.random() for step in range(POINTS)]
    values[70_000] = 9.0
    one, many = _series(values, 1), _series(values, 512)
    progress("drawing curves")
    target = Target("median", LIMIT)
    yield Figure(f"curve of {POINTS:,} points", "ms", _timed(one), target=target, note=NOTE)
    yield Figure(f"curve of {POINTS:,} points, ASCII", "ms", _timed(one, ascii=True), target=target, note=NOTE)
    yield Figure("curve as the worker sends it", "ms", _timed(many, many), note=NOTE)


def _series(values: Sequence[float], width: int) -> Series:
    parts = (values[start : start + width] for start in range(0, len(values), width))
    buckets = (Bucket(place * width, len(part), min(part), max(part), part[-1]) for place, part in enumerate(parts))
    return Series(1, "loss", "loss", tuple(buckets))


def _timed(series: Series, before: Series | None = None, *, ascii: bool = False) -> Samples:
    signs, taken = look(ascii=ascii), []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        curve((series,), signs, HEIGHT, (before,) if before else ()).lines(WIDTH)
        taken.append((time.perf_counter() - began) * 1000)
    return Samples.of(taken)
