"""Single runs on the device: beside a warm kernel, what of them is the CUDA context, the first one, and a scrub."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench.gpu.place import NO_GPU, SIZE, Place
from bench.gpu.programs import CONTEXT, SGD, SMALL
from bench.harness import Figure, Row, Samples, Statement, progress
from bench.run import PAUSE, Times, loaded, run
from tutor.client.client import WorkerClient
from tutor.protocol.codec import Ended, Finished, Output, Run

if TYPE_CHECKING:
    from bench.kernel import Kernel

ROUNDS = 10
NOTE = (
    f"run: observed, request to Finished, {PAUSE} s of quiet after each; the kernel holds a CUDA context of its own "
    "and has run the same code before"
)
CONTEXT_NOTE = "context: from the first tensor on the GPU until it is there; cuBLAS: from the first product until it is"


def turns(most: int, seconds: float) -> Iterator[int]:
    """The numbers of so many rounds; after ``seconds`` no other begins, but two there are."""
    began = time.perf_counter()
    for number in range(most):
        if number < 2 or time.perf_counter() - began < seconds:
            yield number


def wait_for(place: Place) -> str:
    """The line by which a program waits until the device has done what it was asked."""
    return "torch.cuda.synchronize()" if place.gpu else ""


def environment(place: Place) -> dict[str, str]:
    """That of a program which isn't ours, and is to find the same device."""
    return os.environ | ({"CUDA_VISIBLE_DEVICES": place.device.uuid} if place.device.uuid else {})


@contextlib.asynccontextmanager
async def warm_runner() -> AsyncIterator[WorkerClient]:
    """A runner with everything loaded."""
    runner = WorkerClient()
    await runner.start()
    try:
        await loaded(runner)
        yield runner
    finally:
        await runner.close()


# --- beside a warm kernel -----------------------------------------------------------------------------------------


def beside_kernel(place: Place) -> Iterator[Row]:
    """Autograd, SGD and Adam."""
    with tempfile.TemporaryDirectory() as folder:
        kernel = _kernel(folder, place)
        times = asyncio.run(_take_turns(place, kernel))
    if kernel is None:
        yield Statement("warm Jupyter kernel", "not measured: ipykernel or jupyter_client isn't installed here")
    for name, taken in times.items():
        peer = Samples.of(taken.execute) if taken.execute else None
        beside = "warm kernel" if peer else ""
        label = f"run {name} {place.words}, to finished"
        yield Figure(label, "ms", Samples.of(taken.finished), peer, beside, note=NOTE)


def _kernel(folder: str, place: Place) -> Kernel | None:
    try:
        import ipykernel  # noqa: F401 -- the kernel is a process, which would fail late and in other words

        from bench.kernel import Kernel
    except ModuleNotFoundError:
        return None
    return Kernel(folder, place.device.uuid)


async def _take_turns(place: Place, kernel: Kernel | None) -> dict[str, Times]:
    times = {name: Times() for name in SMALL}
    async with warm_runner() as runner, contextlib.AsyncExitStack() as ends:
        if kernel is not None:
            await kernel.start()
            ends.push_async_callback(kernel.close)
        for name, template in SMALL.items():
            progress(f"run {name} {place.words}")
            source = template.format(device=place.torch_name)
            if kernel is not None:
                for _ in range(place.rounds(3)):
                    await kernel.execute(source)
            for _ in turns(place.rounds(ROUNDS), 12):
                await asyncio.sleep(PAUSE)
                times[name].finished.append((await run(runner, source))[0])
                if kernel is not None:
                    await asyncio.sleep(PAUSE)
                    times[name].execute.append(await kernel.execute(source))
    return times


# --- the context ----------------------------------------------------------------------------------------------


@dataclass
class Contexts:
    """Milliseconds, a value a run."""

    context: list[float] = field(default_factory=list)
    cublas: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)

    def add(self, printed: str, whole: float) -> None:
        """Take what a program has printed, and what all of it took."""
        context, cublas = printed.split()[:2]
        self.context.append(float(context) * 1e3)
        self.cublas.append(float(cublas) * 1e3)
        self.whole.append(whole * 1e3)

    def shares(self) -> list[float]:
        """How much of each run was for both, in percent."""
        rows = zip(self.context, self.cublas, self.whole, strict=True)
        return [100 * (context + cublas) / whole for context, cublas, whole in rows]


def context(place: Place) -> Iterator[Row]:
    """A run that makes a CUDA context, starts cuBLAS and takes a few steps with SGD."""
    ours, fresh = asyncio.run(_time_contexts(place))
    if not place.gpu:
        yield Statement("CUDA context in a run", NO_GPU)
        return
    peer = "fresh Python"
    context, cublas = Samples.of(fresh.context), Samples.of(fresh.cublas)
    yield Figure("CUDA context in a run", "ms", Samples.of(ours.context), context, peer, note=CONTEXT_NOTE)
    yield Figure("cuBLAS in a run", "ms", Samples.of(ours.cublas), cublas, peer)
    yield Figure("that run, to finished", "ms", Samples.of(ours.whole))
    yield Figure("context and cuBLAS, of that run", "%", Samples.of(ours.shares()))


async def _time_contexts(place: Place) -> tuple[Contexts, Contexts]:
    first = CONTEXT.format(device=place.torch_name, wait=wait_for(place))
    whole = first + SGD.format(device=place.torch_name)
    ours, fresh = Contexts(), Contexts()
    async with warm_runner() as runner:
        for number in turns(place.rounds(ROUNDS), 20):
            progress(f"context {number}")
            await asyncio.sleep(PAUSE)
            ours.add(*await _printed_by(runner, whole))
            fresh.add(*_python(place, first))
    return ours, fresh


async def _printed_by(runner: WorkerClient, source: str) -> tuple[str, float]:
    """What a run prints, and the seconds from the request to Finished."""
    printed, finished, began = "", 0.0, time.perf_counter()
    async for event in runner.run(Run(runner.new_id(), source)):
        if isinstance(event, Output):
            printed += event.text
        elif isinstance(event, Finished):
            finished = time.perf_counter() - began
        elif isinstance(event, Ended) and event.status:
            raise RuntimeError(f"the program failed with status {event.status}: {printed.strip()[-200:]}")
    return printed, finished


def _python(place: Place, source: str) -> tuple[str, float]:
    """What a fresh Python prints for it, and the seconds that it takes in all."""
    began = time.perf_counter()
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, env=environment(place), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"a fresh Python failed: {done.stderr.strip()[-200:]}")
    return done.stdout, time.perf_counter() - began


# --- the first run, and a scrub -----------------------------------------------------------------------------------


def first_run(place: Place) -> Iterator[Row]:
    """From the start of a worker to the end of a program that it was given at once."""
    ours, theirs = [], []
    source = SGD.format(device=place.torch_name)
    for number in turns(place.rounds(4), 25):
        progress(f"first run {number}")
        theirs.append(_python(place, source)[1] * 1e3)
        ours.append(asyncio.run(_start_and_run(source)))
    label = f"first run after start {place.words}, to finished"
    yield Figure(label, "ms", Samples.of(ours), Samples.of(theirs), "fresh Python")


async def _start_and_run(source: str) -> float:
    began = time.perf_counter()
    runner = WorkerClient()
    await runner.start()
    started = time.perf_counter() - began
    try:
        return started * 1e3 + (await run(runner, source))[0]
    finally:
        await runner.close()


def scrub(place: Place) -> Iterator[Row]:
    """From the key that changes a number to the new curve, computed on the device, in the real app."""
    from bench.scrub import DRAFT, ScrubbedApp

    draft = DRAFT.replace("torch.zeros((), ", f'torch.zeros((), device="{place.torch_name}", ')
    with tempfile.TemporaryDirectory() as folder, ScrubbedApp(Path(folder), *SIZE, draft) as app:
        taken = [app.step(up=turn % 2 == 0) * 1e3 for turn in turns(place.rounds(ROUNDS), 20)]
    yield Figure(f"key to new curve {place.words}", "ms", Samples.of(taken))
