"""What only a machine with a GPU can tell: ``python -m bench gpu``, in less than eight minutes and without a network.

Run it from the root of a checkout, with a Python that has torch and what ``tutor[dev,bench]`` names; what isn't
installed is left out, and said. Without a GPU all of it runs on the CPU in its place, so that it is known to work, and
each figure that the CPU can't stand for is called not measured.

Measured so far on no GPU at all:

| figure | beside | on a GPU |
|---|---|---|
| the GPU of a run in the app | the header of the app | unmeasured |
| run autograd, SGD, Adam, to finished | a warm Jupyter kernel | unmeasured |
| CUDA context and cuBLAS, of that run | a fresh Python | unmeasured |
| first run after start | a fresh Python | unmeasured |
| key to new curve (scrub) | - | unmeasured |
| 20,000 steps, observed | not observed, ratio at most 1.10 | unmeasured |
| synchronisations that probes add to a training loop | 0 | unmeasured |
| tests marked gpu | all pass | unmeasured |
"""

from __future__ import annotations

import asyncio
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeGuard

from bench.gpu import place, runs, suite, training
from bench.gpu.place import NO_GPU, Place
from bench.harness import Row, Statement, progress

Section = Callable[[Place], Iterator[Row]]

SECTIONS: dict[str, tuple[Section, int]] = {
    "device": (place.compare_header, 40),
    "runs beside a warm kernel": (runs.beside_kernel, 75),
    "CUDA context": (runs.context, 45),
    "first run": (runs.first_run, 45),
    "scrub": (runs.scrub, 45),
    "probes": (training.probes, 95),
    "synchronisations": (training.synchronisations, 40),
    "tests": (suite.tests, 60),
}
"""Each with the seconds that it may take."""
ASKING = 30
"""Seconds in which the worker must tell its device."""
PATIENCE = 4
"""A try may be made on a busy machine: each section is then given so many times its seconds."""


class OutOfTime(KeyboardInterrupt):
    """A section has used its seconds up. As at ^C, asyncio lets it through, and no ``except Exception`` takes it."""


def measure(*, quick: bool = False) -> Iterator[Row]:
    """Each section, within its time; one that fails says why, and the others go on."""
    try:
        with _within(ASKING):
            device = asyncio.run(place.ask_worker())
    except (Exception, OutOfTime) as error:
        yield Statement("device", _reason(error, ASKING), False)
        return
    here = Place(device, quick)
    number = "" if device.index is None else f", cuda:{device.index} to nvidia-smi"
    name = f"{device.name}{number} ({device.why})"
    yield Statement("device", name if here.gpu else f"{NO_GPU}; the CPU takes its place: {name}")
    for title, (section, usual) in SECTIONS.items():
        seconds = PATIENCE * usual if quick else usual
        progress(f"gpu: {title}, at most {seconds} s")
        yield from _measured(title, section, seconds, here)


def _measured(title: str, section: Section, seconds: int, here: Place) -> list[Row]:
    """What a section has measured, and why the rest of it is missing."""
    rows: list[Row] = []
    began = time.perf_counter()
    try:
        with _within(seconds):
            for row in section(here):
                rows.append(row)
    except (Exception, OutOfTime) as error:
        progress(traceback.format_exc())
        excused = _is_missing(error) or (isinstance(error, OutOfTime) and not here.gpu)  # the CPU may be slow
        rows.append(Statement(title, _reason(error, seconds), None if excused else False))
    progress(f"gpu: {title} took {time.perf_counter() - began:.0f} s")
    return rows


def _reason(error: BaseException, seconds: int) -> str:
    if isinstance(error, OutOfTime):
        return f"not measured: it took longer than {seconds} s"
    if _is_missing(error):
        return f"not measured: {error.name} isn't installed here"
    return f"not measured: {type(error).__name__}: {str(error).partition(chr(10))[0]}"


def _is_missing(error: BaseException) -> TypeGuard[ModuleNotFoundError]:
    """Whether a package of others isn't installed, which is no fault of what is measured."""
    return isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] not in ("tutor", "bench")


@contextmanager
def _within(seconds: int) -> Iterator[None]:
    """Raise :class:`OutOfTime` in what takes longer."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
