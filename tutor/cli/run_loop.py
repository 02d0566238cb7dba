"""One run in a worker of its own, from its start to its end or to ^C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

from tutor.cli.errors import Refusal
from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.client.run_record import RunRecord
from tutor.protocol.codec import Event, Run, encode

Take = Callable[[Event], object]
WORKER_FAULT = 3
INTERRUPTED = 130
_KILLED = (130, 137)
"""The statuses of a program that was ended by ^C, or killed because it didn't hear it."""


def exit_status(record: RunRecord, interrupted: bool) -> int:
    """The exit status that tells how a run ended; ``interrupted``: somebody asked for that."""
    if record.fault:
        return WORKER_FAULT
    if record.ended is None or (interrupted and record.status in _KILLED):
        return INTERRUPTED
    return record.status


def launch(python: str | None, device: str | None) -> Launch:
    """A worker as the options ask for it."""
    return Launch(python=python or sys.executable, device=device)


def follow(launch: Launch, request: Run, take: Take, patience: float | None = 0.4) -> bool:
    """Run ``request`` and give each event to ``take``; whether ^C was pressed. It interrupts, a second one kills.

    After the first the program has ``patience`` seconds; None: its time, as it has under python, to save what it must.

    Raises:
        Refusal: the worker can't be started.
    """
    return asyncio.run(_follow(launch, request, take, patience))


def follow_as_json(record: RunRecord, launch: Launch, request: Run, patience: float | None = 0.4) -> bool:
    """The same into a record, with each event as one line of standard output."""

    def take(event: Event) -> None:
        write(1, encode(event).replace(b"\x7f", rb"\u007f"))  # the one control character that JSON leaves
        record.take(event)
        record.drain()

    return follow(launch, request, take, patience)


async def _follow(launch: Launch, request: Run, take: Take, patience: float | None) -> bool:
    runner = WorkerClient(replace(launch, warm=False))  # one run gains nothing from work done ahead of it
    following = asyncio.ensure_future(_take_all(runner, request, take))
    interrupts = 0

    def interrupt() -> None:
        nonlocal interrupts
        interrupts += 1
        if runner.ready is None or interrupts > 2:
            following.cancel()
        else:
            runner.stop(request.id, patience)

    with _on_interrupt(interrupt):
        try:
            await following
        except asyncio.CancelledError:
            return True
        finally:
            await runner.close()
    return interrupts > 0


async def start(runner: WorkerClient) -> None:
    """Start the worker. Raises Refusal: there is no such Python."""
    try:
        await runner.start()
    except OSError as error:
        raise no_such_python(runner.launch, error) from None


def no_such_python(launch: Launch, error: OSError) -> Refusal:
    """The end of a command whose worker can't be started."""
    return Refusal(f"`{launch.python}` can't be started: {error.strerror}. Name a Python with --python.")


async def _take_all(runner: WorkerClient, request: Run, take: Take) -> None:
    await start(runner)
    async with contextlib.aclosing(runner.run(request)) as events:  # type: ignore[type-var]
        async for event in events:
            take(event)


@contextlib.contextmanager
def _on_interrupt(interrupt: Callable[[], None]) -> Iterator[None]:
    """Hear ^C, unless whoever started this process told it not to (``nohup``, ``&`` in a script)."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)


def write(descriptor: int, data: bytes) -> None:
    """Write all of it. Raises BrokenPipeError when the reader has left."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:  # a program that shares the terminal with us has set it so
            select.select([], [descriptor], [])


def tell(sentence: str) -> None:
    """A word to whoever started the command, on standard error."""
    print(f"tutor: {sentence}", file=sys.stderr, flush=True)
