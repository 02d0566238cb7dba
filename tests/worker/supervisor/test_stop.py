"""Whatever a program does, stop ends it soon, with all that it has started, and the next run is like any other."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from tests import processes
from tests.patience import PATIENCE
from tutor.client.client import WorkerClient
from tutor.protocol.codec import Checked, Complete, Ended, Event, Output, Run

STUBBORN = {
    "a loop": "print('go')\nwhile True:\n    pass\n",
    "a loop that ignores signals": (
        "import signal\n"
        "for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):\n"
        "    signal.signal(number, signal.SIG_IGN)\n"
        "print('go')\n"
        "while True:\n"
        "    pass\n"
    ),
    "a loop that catches everything": (
        "print('go')\n"
        "while True:\n"
        "    try:\n"
        "        while True:\n"
        "            pass\n"
        "    except BaseException:\n"
        "        pass\n"
    ),
    "a flood of output": "print('go')\nwhile True:\n    print('x' * 1000)\n",
    "a C call": "import torch\nprint('go')\nx = torch.ones(6000, 6000)\nwhile True:\n    x @ x\n",
    "a sleeping C call": "import ctypes\nprint('go')\nctypes.CDLL(None).pause()\n",
    "orphans in their own session": (
        "import os, time\n"
        "for _ in range(5):\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        if os.fork() == 0:\n"
        "            time.sleep(600)\n"
        "        os._exit(0)\n"
        "print('go', flush=True)\n"
        "time.sleep(600)\n"
    ),
    "children that fork on": (
        "import os, time\n"
        "print('go', flush=True)\n"
        "for _ in range(40):\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        time.sleep(600)\n"
        "time.sleep(600)\n"
    ),
}


def family(runner: WorkerClient) -> set[int]:
    """The worker's processes: with no run, these are the hub, the zygote, a keeper with its spare, and a reader."""
    assert runner.pid is not None
    return processes.family(runner.pid)


@pytest.fixture(autouse=True)
async def reader(runner: WorkerClient) -> None:
    """Something has been asked: there is a reader."""
    await runner.ask(Complete(runner.new_id(), "x", 0, 1))


async def settled(runner: WorkerClient) -> set[int]:
    """The processes once there are no more than at rest."""
    now = family(runner)
    try:
        async with asyncio.timeout(PATIENCE):
            while len(now := family(runner)) != 5:
                await asyncio.sleep(0.01)
    except TimeoutError:
        table = subprocess.run(["ps", "-o", "pid,ppid,stat,args", *map(str, now)], capture_output=True, text=True)
        pytest.fail(f"not the five processes of a worker at rest:\n{table.stdout}")
    return now


@pytest.mark.parametrize("source", STUBBORN.values(), ids=STUBBORN)
async def test_stop_ends_everything(source: str, runner: WorkerClient) -> None:
    run = Run(runner.new_id(), source)
    events, stopped = list[Event](), False
    async for event in runner.run(run):
        events.append(event)
        if isinstance(event, Output) and not stopped:
            stopped = True
            runner.stop(run.id)
    ended = events[-1]
    assert isinstance(ended, Ended) and ended.cause == "stopped" and ended.sentence == "You stopped it."
    await settled(runner)
    following = Run(runner.new_id(), "print('next')")
    async for event in runner.run(following):
        events.append(event)
    assert events[-1] == Ended(following.id, 0, seconds=events[-1].seconds)  # type: ignore[union-attr]


async def test_a_new_run_replaces_the_one_under_way(runner: WorkerClient) -> None:
    first = Run(runner.new_id(), "print('first')\nwhile True:\n    pass\n")
    second = Run(runner.new_id(), "print('second')")
    events: list[Event] = []

    async def follow(run: Run) -> None:
        async for event in runner.run(run):
            events.append(event)
            if run is first and isinstance(event, Output):
                asyncio.get_running_loop().call_soon(started.set)

    started = asyncio.Event()
    one = asyncio.create_task(follow(first))
    await started.wait()
    await follow(second)
    await one
    endings = [(event.run, event.status, event.cause) for event in events if isinstance(event, Ended)]
    assert endings == [(first.id, 137, "stopped"), (second.id, 0, "")]


async def test_what_a_stopped_program_left_is_shown_and_its_checks_wait(run, runner: WorkerClient) -> None:
    from tutor.protocol.codec import CheckCell, Tensors

    check = CheckCell("def has_x(run):\n    '''`x` is there'''\n    run.x\n", "lesson.py", 1)
    request = Run(runner.new_id(), "import torch\nx = torch.ones(3)\nprint('go')\nwhile True:\n    pass\n", check=check)
    events = []
    async for event in runner.run(request):
        events.append(event)
        if isinstance(event, Output) and event.text.startswith("go"):
            runner.stop(request.id)
    assert [tensor.name for event in events if isinstance(event, Tensors) for tensor in event.tensors] == ["x"]
    assert [event.state for event in events if isinstance(event, Checked)] == ["waits"]


async def test_orphans_of_a_program_that_ended_by_itself_are_gone_too(run, runner: WorkerClient) -> None:
    source = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)\nprint('bye')\n"
    ran = await run(source)
    assert ran.ended.status == 0 and ran.text() == "bye\n"
    await settled(runner)


async def test_close_leaves_no_process(environment: None) -> None:
    own = WorkerClient()
    await own.start()
    run = Run(own.new_id(), "import subprocess\nprint('go', flush=True)\nsubprocess.run(['sleep', '600'])\n")
    pids: set[int] = set()
    async for event in own.run(run):
        if isinstance(event, Output):
            await own.ask(Complete(own.new_id(), "x", 0, 1))
            while len(pids := family(own)) < 6:
                await asyncio.sleep(0.01)
            await own.close()
    assert len(pids) >= 6
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
