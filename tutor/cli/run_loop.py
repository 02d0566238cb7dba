"""One run in a worker of its own, from its start to its end or to ^C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tutor.cli.errors import Refusal
from tutor.client.client import Runner
from tutor.client.launch import Launch
from tutor.protocol.codec import Ended, Event, Fault, Run, encode

Take = Callable[[Event], None]
WORKER_FAULT = 3
INTERRUPTED = 130
_KILLED = (130, 137)
"""The statuses of a program that was ended by ^C, or killed because it didn't hear it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, and whether someone asked for that."""

    end: Ended | Fault | None
    """None: it was given up before it began."""
    interrupted: bool

    @property
    def status(self) -> int:
        """The exit status that tells it."""
        if self.end is None:
            return INTERRUPTED
        if isinstance(self.end, Fault):
            return WORKER_FAULT
        return INTERRUPTED if self.interrupted and self.end.status in _KILLED else self.end.status


def launch(python: str | None, device: str | None) -> Launch:
    """A worker as the options ask for it."""
    return Launch(python=python or sys.executable, device=device)


def follow(launch: Launch, request: Run, take: Take, patience: float | None = 0.4) -> Outcome:
    """Run ``request`` and give each event to ``take``. ^C interrupts the program, a second one kills it.

    After the first it has ``patience`` seconds; None: its time, as it has under python, to save what it must.

    Raises:
        Refusal: the worker can't be started.
    """
    return asyncio.run(_follow(launch, request, take, patience))


async def _follow(launch: Launch, request: Run, take: Take, patience: float | None) -> Outcome:
    runner = Runner(replace(launch, warm=False))  # one run gains nothing from work done ahead of it
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
            return Outcome(await following, interrupts > 0)
        except asyncio.CancelledError:
            return Outcome(None, True)
        except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
            raise Refusal(
                f"`{launch.python}` can't be started: {error.strerror}. Name a Python with --python."
            ) from None
        finally:
            await runner.close()


async def _take_all(runner: Runner, request: Run, take: Take) -> Ended | Fault | None:
    async with contextlib.aclosing(runner.run(request)) as events:  # type: ignore[type-var]
        async for event in events:
            take(event)
            if isinstance(event, (Ended, Fault)):
                return event
    return None


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


def write_event(event: Event) -> None:
    """An event as one line of standard output."""
    write(1, encode(event).replace(b"\x7f", rb"\u007f"))  # the one control character that JSON leaves


def tell(sentence: str) -> None:
    """A word to whoever started the command, on standard error."""
    print(f"tutor: {sentence}", file=sys.stderr, flush=True)
