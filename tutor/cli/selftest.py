"""A worker put to the test: what it has, and how long it takes."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, replace

from tutor.client.client import Runner
from tutor.client.launch import Launch
from tutor.protocol.codec import Device, Ended, Event, Fault, Output, Ready, Run

_PROGRAM = """
import json, torch
print(json.dumps([torch.__version__, torch.version.cuda, torch.version.hip]))
"""
_PATIENCE = 30.0
"""Seconds for what loads after torch."""


@dataclass(slots=True)
class Examined:
    """What was found; times are seconds."""

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
    found = Examined()
    torch, everything = asyncio.Event(), asyncio.Event()
    began = time.monotonic()

    def hear(event: Event) -> None:
        if isinstance(event, Ready):
            found.python = event.python
            found.loaded = found.loaded or time.monotonic() - began
            torch.set()
            if event.stage == "all":
                everything.set()
        elif isinstance(event, Device):
            found.device = event
        elif isinstance(event, Fault):
            found.fault = event.sentence
            torch.set()
            everything.set()

    runner = Runner(replace(launch, streams="pipes"), hear)
    try:
        await runner.start()
        await torch.wait()
        if not found.fault:
            found.first = await _run(runner, found)
        if not found.fault:
            async with asyncio.timeout(_PATIENCE):
                await everything.wait()
            found.warm = await _run(runner, found)
    except TimeoutError:
        pass
    except OSError as error:
        found.fault = f"{launch.python} can't be started: {error.strerror}."
    finally:
        await runner.close()
    return found


async def _run(runner: Runner, found: Examined) -> float:
    began = time.monotonic()
    printed = ""
    async for event in runner.run(Run(runner.new_id(), _PROGRAM, observe=False)):
        if isinstance(event, Output) and event.stream == "stdout":
            printed += event.text
        elif isinstance(event, Fault):
            found.fault = event.sentence
        elif isinstance(event, Ended) and event.status:
            found.fault = f"A program of two lines ended with status {event.status}. {event.sentence}".strip()
    if not found.fault:
        found.torch, found.cuda, found.hip = json.loads(printed)
    return time.monotonic() - began
