"""The client of a worker: it starts one, runs programs in it, stops them, and starts it again."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

from tutor.client.launch import Launch
from tutor.client.runner import WorkerFault
from tutor.protocol.codec import (
    Answer,
    Ask,
    Device,
    Ended,
    Event,
    Fault,
    MiB,
    Ready,
    Request,
    Run,
    Stop,
    decode,
    encode,
)

_LONGEST_LINE = 64 * MiB
_GRACE = 3.0
"""Seconds that a worker has to end its programs and itself before it is killed."""


class WorkerClient:
    """One worker. Runs are handed to it one at a time: a new one replaces the one under way.

    Attributes:
        ready: how far the worker has come, once it has said so.
        device: where programs run, once it is known.
        on_event: called with each event that belongs to no run (Ready, Device, Fault), if given.
    """

    def __init__(self, launch: Launch | None = None, on_event: Callable[[Event], None] | None = None) -> None:
        self.launch = launch or Launch()
        self.ready: Ready | None = None
        self.device: Device | None = None
        self.on_event = on_event
        self._ids = itertools.count(1)
        self._process: Process | None = None
        self._listener: asyncio.Task[None] | None = None
        self._runs: dict[int, asyncio.Queue[Event]] = {}
        self._answers: dict[int, asyncio.Future[Answer | None]] = {}
        self._changing = asyncio.Lock()
        """Held while the worker is started or ended: a key may ask for a run before the start is through."""
        self._closing = False
        self._complaint = ""
        """Why the worker can't go on, in its own words."""
        self._news = asyncio.Event()
        """Set with each event that belongs to no run."""

    def new_id(self) -> int:
        """A number for the next run, or the next thing to ask."""
        return next(self._ids)

    async def start(self) -> None:
        """Start the worker, if it isn't there. Runs may be asked for at once; they begin when torch is there.

        Raises:
            OSError: when there is no such Python.
        """
        async with self._changing:
            if self.pid is None:
                await self._start()

    @property
    def pid(self) -> int | None:
        """The number of the worker's process, whose descendants run the programs; None while there is none."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def _start(self) -> None:
        if self._listener is not None:  # of a worker that has ended: it tells all runs that are known
            await self._listener
        self._closing = False
        self._complaint = ""
        self._process = await asyncio.create_subprocess_exec(
            *self.launch.command(),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            limit=_LONGEST_LINE,
            start_new_session=True,
            pass_fds=self.launch.descriptors(),
        )
        self._listener = asyncio.create_task(self._listen(self._process))

    async def wait_until(self, condition: Callable[[], object]) -> None:
        """Wait until :attr:`ready` and :attr:`device` are as asked for. Raises WorkerFault: the worker can't go on."""
        while not condition():
            if self._complaint:
                raise WorkerFault(self._complaint)
            self._news.clear()
            await self._news.wait()

    async def run(self, request: Run) -> AsyncIterator[Event]:
        """The events of one run as they come, the last of them Ended or Fault."""
        await self.start()
        queue: asyncio.Queue[Event] = asyncio.Queue()
        self._runs[request.id] = queue
        try:
            self._send(request)
            while True:
                event = await queue.get()
                yield event
                if isinstance(event, (Ended, Fault)):
                    return
        finally:
            del self._runs[request.id]

    async def ask(self, request: Ask) -> Answer | None:
        """The answer, without waiting for any run; None when the worker isn't there, or ends before it answers."""
        if self.pid is None:
            return None
        answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._answers[request.ask] = answer
        try:
            self._send(request)
            return await answer
        finally:
            del self._answers[request.ask]

    def stop(self, run: int, patience: float | None = 0.4) -> None:
        """Ask for the end of a run, and kill it after ``patience`` seconds; None: leave it its time.

        Its events go on until Ended. A second call doesn't wait any longer.
        """
        self._send(Stop(run, patience))

    async def close(self) -> None:
        """End the worker and all that it runs; nothing is left of it afterwards."""
        async with self._changing:
            self._closing = True
            if self._process is not None:
                await self._end(self._process)
            self._process = self._listener = None

    async def _end(self, process: Process) -> None:
        assert process.stdin is not None
        process.stdin.close()
        try:
            # While it imports torch it has no children yet, and doesn't listen: it need not be waited for.
            await asyncio.wait_for(process.wait(), _GRACE if self.ready else 0)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._listener is not None:
            await self._listener

    def abandon(self) -> None:
        """Let go of the worker at once, from a signal handler: it ends what it runs when its input closes."""
        self._closing = True
        transport = None if self._process is None or self._process.stdin is None else self._process.stdin.transport
        if transport is not None:
            transport.abort()

    # --- messages -------------------------------------------------------------------------------------------

    def _send(self, request: Request) -> None:
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(encode(request))

    async def _listen(self, process: Process) -> None:
        assert process.stdout is not None
        complaints = asyncio.create_task(_last_line(process))
        with contextlib.suppress(ValueError, ConnectionError):  # a line longer than any that a worker writes
            while line := await process.stdout.readline():
                self._take(line)
        status, last_line = await process.wait(), await complaints
        if not self._closing and not self._complaint:
            self._complaint = _obituary(status, self.ready is not None, last_line)
            self._notify(Fault(None, self._complaint))
        for run, queue in self._runs.items():
            closed = Ended(run, 137, "stopped", "The worker was closed.")
            queue.put_nowait(closed if self._closing else Fault(None, self._complaint))
        for answer in self._answers.values():
            _settle(answer, None)
        self.ready = None

    def _take(self, line: bytes) -> None:
        try:
            event = cast(Event, decode(line))  # a worker makes no requests
        except ValueError:
            return
        if isinstance(event, Ready):
            self.ready = event
        elif isinstance(event, Device):
            self.device = event
        elif isinstance(event, Fault) and event.run is None:
            self._complaint = event.sentence
        ask, run = getattr(event, "ask", None), getattr(event, "run", None)
        if isinstance(ask, int):
            if ask in self._answers:
                _settle(self._answers[ask], event)
        elif run is None:
            self._notify(event)
        elif run in self._runs:
            self._runs[run].put_nowait(event)

    def _notify(self, event: Event) -> None:
        self._news.set()
        if self.on_event is not None:
            self.on_event(event)


def _settle(waiting: asyncio.Future[Any], answer: Event | None) -> None:
    if not waiting.done():  # whoever waits may have given up
        waiting.set_result(answer)


async def _last_line(process: Process) -> str:
    """What the worker itself last wrote to standard error, which programs don't share."""
    assert process.stderr is not None
    last = b""
    while data := await process.stderr.read(1 << 16):
        last = (last + data)[-2000:]
    return last.decode(errors="replace").strip().rpartition("\n")[2]


def _obituary(status: int, had_torch: bool, complaint: str) -> str:
    how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
    why = f" ({complaint})" if complaint else ""
    if had_torch:
        return f"The worker {how}{why}. The next run starts another."
    return f"The worker {how}{why} before torch was loaded. Try `python -c 'import torch'`, or `tutor doctor`."
