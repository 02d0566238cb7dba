"""A long training loop on the device under all probes and under none: its time, and how often CUDA is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from bench.gpu.place import NO_GPU, Place
from bench.gpu.programs import CLOCK, COUNT, IN_A_FUNCTION, LOOP, TRAINING
from bench.gpu.runs import turns, wait_for, warm_runner
from bench.harness import Figure, Row, Samples, Statement, progress
from bench.probes import LIMIT, STEPS
from bench.run import PAUSE
from tutor.client.client import WorkerClient
from tutor.protocol.codec import Ended, Output, Run, Series

ROUNDS = 4
QUICK_STEPS = 200
COUNTED_STEPS = 2000
"""More than wait on a device before they are gathered there, which is part of the hot path, too."""
LOOPS = {"a training loop": LOOP, "a training loop in a function": IN_A_FUNCTION}


def probes(place: Place) -> Iterator[Row]:
    """The loop observed, beside the same loop unobserved."""
    steps = QUICK_STEPS if place.quick else STEPS
    clock = "perf_counter" if place.gpu else "process_time"
    source = (CLOCK[0] + LOOP + CLOCK[1]).join((TRAINING, ""))
    source = source.format(device=place.torch_name, wait=wait_for(place), clock=clock, steps=steps)
    observed, plain = asyncio.run(_take_turns(place, source))
    note = f"{steps:,} steps of a small MLP by the program's own clock: {clock}, after a first step"
    label = f"{steps:,} steps {place.words}, observed"
    target = LIMIT if place.gpu and not place.quick else None
    yield Figure(label, "s", Samples.of(observed), Samples.of(plain), "not observed", target, note)


async def _take_turns(place: Place, source: str) -> tuple[list[float], list[float]]:
    taken: tuple[list[float], list[float]] = ([], [])
    async with warm_runner() as runner:
        for number in turns(place.rounds(ROUNDS), 55):
            progress(f"probes {number}")
            for observe in (True, False) if number % 2 else (False, True):  # neither is always the second
                printed, _ = await _run(runner, source, observe=observe)
                taken[not observe].append(float(printed))
    return taken


async def _run(runner: WorkerClient, source: str, *, observe: bool) -> tuple[str, int]:
    """What it prints, and how many points the curve of its loss has."""
    await asyncio.sleep(PAUSE)
    printed, points = "", 0
    async for event in runner.run(Run(runner.new_id(), source, observe=observe, seconds=None)):
        if isinstance(event, Output):
            printed += event.text
        elif isinstance(event, Series) and event.kind == "loss":
            points = sum(bucket.count for bucket in event.buckets)
        elif isinstance(event, Ended) and event.status:
            raise RuntimeError(f"the loop failed with status {event.status}: {printed.strip()[-200:]}")
    return printed, points


def synchronisations(place: Place) -> Iterator[Row]:
    """How many more there are in a loop under all probes than under none; there may be none."""
    yield from asyncio.run(_count_all(place))


async def _count_all(place: Place) -> list[Statement]:
    async with warm_runner() as runner:
        return [await _count(runner, place, name, loop) for name, loop in LOOPS.items()]


async def _count(runner: WorkerClient, place: Place, name: str, loop: str) -> Statement:
    label = f"synchronisations that probes add to {name}"
    steps = QUICK_STEPS if place.quick else COUNTED_STEPS
    before, behind = COUNT if place.gpu else ("", "")
    source = (TRAINING + before + loop + behind).format(device=place.torch_name, steps=steps)
    observed, points = await _run(runner, source, observe=True)
    plain, _ = await _run(runner, source, observe=False)
    if points < steps:
        raise RuntimeError(f"the probes have seen {points} of {steps} losses: nothing is proved without them")
    if not place.gpu:
        return Statement(label, NO_GPU)
    (deliberate, with_probes), (_, without) = map(int, observed.split()), map(int, plain.split())
    if not deliberate:
        return Statement(label, "not measured: torch doesn't tell of a synchronisation that was made on purpose")
    text = f"{with_probes - without} in {steps} steps ({with_probes} observed, {without} not observed)"
    return Statement(label, text, with_probes == without)
