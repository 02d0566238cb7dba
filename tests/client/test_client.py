"""How a worker is started and ended, as who asks for runs sees it."""

from __future__ import annotations

import asyncio
import os

from tests.program import PYTHON
from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.protocol.codec import Ended, Output, Run
from tutor.worker.system.processes import children


async def test_a_run_asked_for_while_the_worker_starts_starts_no_other() -> None:
    """Whoever presses the key at once would have a worker too many, and look at what the other one left."""
    before, runner = set(children(os.getpid())), WorkerClient(Launch(python=PYTHON))
    starting = asyncio.create_task(runner.start())
    try:
        events = [event async for event in runner.run(Run(runner.new_id(), "print(6 * 7)"))]
        await starting
        assert [event.text.strip() for event in events if isinstance(event, Output)] == ["42"]
        assert isinstance(events[-1], Ended) and events[-1].status == 0
        assert len(set(children(os.getpid())) - before) == 1
    finally:
        await runner.close()
    assert set(children(os.getpid())) <= before


async def test_closed_while_it_starts_nothing_is_left() -> None:
    before, runner = set(children(os.getpid())), WorkerClient(Launch(python=PYTHON))
    starting = asyncio.create_task(runner.start())
    await asyncio.sleep(0)  # it has begun
    await runner.close()
    await starting
    assert set(children(os.getpid())) <= before
