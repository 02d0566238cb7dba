"""From stop to the end of programs that won't, and until no process of theirs is left."""

from __future__ import annotations

import asyncio
import importlib.util
import time
from collections.abc import Iterator

import psutil  # comes with ipykernel

from bench.harness import ROOT, Figure, Samples, Target, progress
from bench.run import PAUSE, loaded
from tutor.client.client import WorkerClient
from tutor.protocol.codec import Ended, Output, Run

ROUNDS = 5
NOTE = "stop: one stop, from the request to Ended and until every process that the run had is gone; the worst counts"


def stubborn() -> dict[str, str]:
    """The programs that the tests stop."""
    spec = importlib.util.spec_from_file_location("test_stop", ROOT / "tests" / "worker" / "test_stop.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    programs: dict[str, str] = module.STUBBORN
    return programs


def measure() -> Iterator[Figure]:
    """Each stubborn program."""
    times = asyncio.run(_measure(stubborn()))
    target = Target("worst", 1.5)
    for name, pairs in times.items():
        yield Figure(f"stop {name}, none left", "s", Samples.of([gone for _, gone in pairs]), target=target, note=NOTE)
    ended = [ended for pairs in times.values() for ended, _ in pairs]
    yield Figure("stop any of these, to Ended", "s", Samples.of(ended), target=target)


async def _measure(programs: dict[str, str]) -> dict[str, list[tuple[float, float]]]:
    runner = WorkerClient()
    await runner.start()
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    try:
        await loaded(runner)
        for number in range(ROUNDS):
            progress(f"stop {number}/{ROUNDS}")
            for name, source in programs.items():
                await asyncio.sleep(PAUSE)
                times[name].append(await _stop(runner, source))
    finally:
        await runner.close()
    return times


async def _stop(runner: WorkerClient, source: str) -> tuple[float, float]:
    assert runner.pid is not None
    worker = psutil.Process(runner.pid)
    below = worker.children(recursive=True)
    lasting = {process for process in below if process.children()}  # zygote and keeper; the spare has no child
    request, stopped, family = Run(runner.new_id(), source, seconds=None), 0.0, set[psutil.Process]()
    async for event in runner.run(request):
        if isinstance(event, Output) and not stopped:
            await asyncio.sleep(0.1)  # orphans and floods are under way
            family = set(worker.children(recursive=True))
            stopped = time.perf_counter()
            runner.stop(request.id)
        elif isinstance(event, Ended) and event.cause != "stopped":
            raise RuntimeError(f"it ended by itself: {event}")
    ended = time.perf_counter() - stopped
    while (alive := _alive(family - lasting)) or len(worker.children(recursive=True)) > len(below):
        if time.perf_counter() - stopped > 10:
            raise RuntimeError(f"still there after 10 s: {alive or worker.children(recursive=True)}")
        await asyncio.sleep(0.002)
    return ended, time.perf_counter() - stopped


def _alive(processes: set[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.is_running()]
