"""What watching costs: long training loops under all probes and under none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from bench.harness import Figure, Samples, Target, progress
from bench.programs import IN_A_FUNCTION, TRAINING
from bench.run import PAUSE, loaded
from tutor.client.client import WorkerClient
from tutor.client.run_record import record_run
from tutor.protocol.codec import Run

ROUNDS = 8
STEPS = 20_000
LIMIT = Target("ratio", 1.10)
PROGRAMS = {"training loop": TRAINING, "training loop in a function": IN_A_FUNCTION}
CLOCK = "import time\n_began = time.process_time()\n", "print(time.process_time() - _began)\n"
"""Put before and behind: waiting for a core that others have doesn't count."""
NOTE = (
    f"probes: {STEPS:,} steps of a small MLP with SGD and a scheduler; processor time of the program, by its own clock"
)


def measure() -> Iterator[Figure]:
    """Observed, beside the same program unobserved, for each way to write the loop."""
    taken = asyncio.run(_take_turns())
    for name, (seen, unseen) in taken.items():
        yield Figure(f"{name}, observed", "s", Samples.of(seen), Samples.of(unseen), "not observed", LIMIT, NOTE)


async def _take_turns() -> dict[str, tuple[list[float], list[float]]]:
    runner = WorkerClient()
    await runner.start()
    taken: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in PROGRAMS}
    try:
        await loaded(runner)
        for number in range(ROUNDS):
            progress(f"probes {number}/{ROUNDS}")
            for name, source in PROGRAMS.items():
                for observe in (True, False) if number % 2 else (False, True):  # neither is always the second
                    taken[name][not observe].append(await _seconds(runner, source, observe=observe))
    finally:
        await runner.close()
    return taken


async def _seconds(runner: WorkerClient, source: str, *, observe: bool) -> float:
    await asyncio.sleep(PAUSE)
    source = CLOCK[0] + source.format(steps=STEPS) + CLOCK[1]
    record = await record_run(runner, Run(runner.new_id(), source, observe=observe, seconds=None))
    if record.status:
        raise RuntimeError(f"the loop failed with status {record.status}")
    return float("".join(chunk.text for chunk in record.output))
