"""What watching costs: a long training loop observed and not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from bench.harness import Figure, Samples, progress
from bench.programs import TRAINING
from bench.run import PAUSE, loaded
from tutor.runner.protocol import Ended, Finished, Run
from tutor.runner.runner import Runner

ROUNDS = 5
STEPS = 20_000
NOTE = f"probes: {STEPS:,} steps of a small MLP with SGD and a scheduler; the program's own seconds, by its own clock"


def measure() -> Iterator[Figure]:
    """Observed, beside the same program unobserved."""
    seen, unseen = asyncio.run(_take_turns())
    yield Figure("training loop, observed", "s", Samples.of(seen), Samples.of(unseen), "not observed", note=NOTE)


async def _take_turns() -> tuple[list[float], list[float]]:
    runner = Runner()
    await runner.start()
    seen, unseen = [], []
    try:
        await loaded(runner)
        for number in range(ROUNDS):
            progress(f"probes {number}/{ROUNDS}")
            seen.append(await _seconds(runner, observe=True))
            unseen.append(await _seconds(runner, observe=False))
    finally:
        await runner.close()
    return seen, unseen


async def _seconds(runner: Runner, *, observe: bool) -> float:
    await asyncio.sleep(PAUSE)
    source, seconds = TRAINING.format(steps=STEPS), 0.0
    async for event in runner.run(Run(runner.new_id(), source, observe=observe, seconds=None)):
        if isinstance(event, Finished):
            seconds = event.seconds
        elif isinstance(event, Ended) and event.status:
            raise RuntimeError(f"the loop failed with status {event.status}")
    return seconds
