"""A run in a fresh process, beside ``execute`` on a warm Jupyter kernel that has run the same code before."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.harness import Figure, Samples, Target, progress
from bench.programs import SMALL
from tutor.client.client import WorkerClient
from tutor.protocol.codec import Ended, Finished, Run

if TYPE_CHECKING:
    from bench.kernel import Kernel

ROUNDS = 100
"""Runs of autograd; of SGD and Adam half as many."""
PAUSE = 0.3
"""Seconds between a run and what is measured next, in which the next spare gets ready: people are slower."""
ROW = 30
"""Runs without a pause, each asked for when the one before has ended."""
NOTE = (
    f"run: observed as in the app; {PAUSE} s of quiet after each run; the kernel has imported torch and run the same "
    "code; execute counts to the status `idle`"
)


@dataclass
class Times:
    """Milliseconds from the request, a value a run."""

    finished: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    execute: list[float] = field(default_factory=list)


async def run(runner: WorkerClient, source: str) -> tuple[float, float]:
    """Milliseconds from the request to Finished and to Ended."""
    began, finished = time.perf_counter(), 0.0
    async for event in runner.run(Run(runner.new_id(), source)):
        if isinstance(event, Finished):
            finished = time.perf_counter() - began
        elif isinstance(event, Ended) and event.status:
            raise RuntimeError(f"the program failed with status {event.status}")
    return finished * 1e3, (time.perf_counter() - began) * 1e3


async def loaded(runner: WorkerClient) -> None:
    """Wait until nothing is left to load."""
    async with asyncio.timeout(60):
        while runner.ready is None or runner.ready.stage != "all":
            await asyncio.sleep(0.05)


def measure() -> Iterator[Figure]:
    """Autograd, SGD and Adam with pauses, and autograd one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        times, row = asyncio.run(_measure(folder))
    target = Target("ratio", 1.0)
    for name, taken in [*times.items(), ("autograd, no pause", row)]:
        peer = Samples.of(taken.execute)
        must = target if name == "autograd" else None
        for end, values in (("finished", taken.finished), ("ended", taken.ended)):
            must_end = must if end == "finished" else None
            yield Figure(f"run {name}, to {end}", "ms", Samples.of(values), peer, "warm kernel", must_end, NOTE)


async def _measure(folder: str) -> tuple[dict[str, Times], Times]:
    from bench.kernel import Kernel  # here, so that other figures can time runs where there is no Jupyter

    runner, kernel = WorkerClient(), Kernel(folder)
    await runner.start()
    try:
        await kernel.start()
        for source in ("import torch", *SMALL.values()):
            for _ in range(3):
                await kernel.execute(source)
        await loaded(runner)
        times = {}
        for name, source in SMALL.items():
            progress(f"run {name}")
            rounds = ROUNDS if name == "autograd" else ROUNDS // 2
            times[name] = await _take_turns(runner, kernel, source, rounds)
        progress("run without pauses")
        return times, await _in_a_row(runner, kernel, SMALL["autograd"])
    finally:
        await runner.close()
        await kernel.close()


async def _take_turns(runner: WorkerClient, kernel: Kernel, source: str, rounds: int) -> Times:
    times = Times()
    for _ in range(rounds):
        await asyncio.sleep(PAUSE)
        finished, ended = await run(runner, source)
        times.finished.append(finished)
        times.ended.append(ended)
        await asyncio.sleep(PAUSE)
        times.execute.append(await kernel.execute(source))
    return times


async def _in_a_row(runner: WorkerClient, kernel: Kernel, source: str) -> Times:
    times = Times()
    for _ in range(4):
        for _ in range(ROW):
            finished, ended = await run(runner, source)
            times.finished.append(finished)
            times.ended.append(ended)
        await asyncio.sleep(PAUSE)
        for _ in range(ROW):
            times.execute.append(await kernel.execute(source))
    return times
