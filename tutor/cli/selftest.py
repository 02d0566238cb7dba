"""The test of a worker: its versions, its device, its times."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, replace

from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.client.run_record import record_run
from tutor.client.runner import WorkerFault
from tutor.protocol.codec import Device, Event, Fault, Ready, Run

_PROGRAM = """
import json, torch
print(json.dumps([torch.__version__, torch.version.cuda, torch.version.hip]))
"""
_PATIENCE = 30.0
"""Seconds for what loads after torch."""


@dataclass(slots=True)
class Examined:
    """The result; times are seconds."""

    fault: str = ""
    """Why nothing can be run; the rest is empty then."""
    python: str = ""
    torch: str = ""
    cuda: str | None = None
    hip: str | None = None
    device: Device | None = None
    loaded: float = 0.0
    """From the start of the worker until runs are taken."""
    first: float = 0.0
    """From the request to the end of a run, with nothing else loaded."""
    warm: float = 0.0
    """The same once all is loaded; 0 where that never came."""


async def examine(launch: Launch) -> Examined:
    """Start a worker, run a small program in it twice, and end it. Never raises for what may be wrong there."""
    examined = Examined()
    torch, everything = asyncio.Event(), asyncio.Event()
    began = time.monotonic()

    def hear(event: Event) -> None:
        if isinstance(event, Ready):
            examined.python = event.python
            examined.loaded = examined.loaded or time.monotonic() - began
            torch.set()
            if event.stage == "all":
                everything.set()
        elif isinstance(event, Device):
            examined.device = event
        elif isinstance(event, Fault):
            examined.fault = event.sentence
            torch.set()
            everything.set()

    runner = WorkerClient(replace(launch, streams="pipes"), hear)
    try:
        await runner.start()
        await torch.wait()
        if not examined.fault:
            examined.first = await _run(runner, examined)
        if not examined.fault:
            async with asyncio.timeout(_PATIENCE):
                await everything.wait()
            examined.warm = await _run(runner, examined)
    except TimeoutError:
        pass
    except OSError as error:
        examined.fault = f"{launch.python} can't be started: {error.strerror}."
    finally:
        await runner.close()
    return examined


async def _run(runner: WorkerClient, examined: Examined) -> float:
    began = time.monotonic()
    try:
        record = await record_run(runner, Run(runner.new_id(), _PROGRAM, observe=False))
    except WorkerFault as fault:
        examined.fault = str(fault)
        return 0.0
    if record.status:
        examined.fault = f"A program of two lines ended with status {record.status}. {record.sentence}".strip()
    else:
        printed = "".join(chunk.text for chunk in record.output if chunk.stream == "stdout")
        examined.torch, examined.cuda, examined.hip = json.loads(printed)
    return time.monotonic() - began
