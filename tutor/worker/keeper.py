"""One small process per run, between the zygote and the program: it relays, watches, ends and reaps.

It speaks two line protocols. With the zygote, over a socket: requests come, events go. With the program's
process, over two pipes: the request and answers to ``?printed`` go, events come, and ``!warm`` once.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from tutor.runner.protocol import Cause, Ended, Event, Fault, Run, Stop, decode, encode
from tutor.worker import processes
from tutor.worker.lines import Lines
from tutor.worker.streams import Ends, Relay, open_ends, set_size

_WATCH = 0.05
"""Seconds between two looks at the memory."""
_COALESCE = 0.015
"""Seconds for which output is gathered before it is passed on."""
_INTERRUPT = 0.4
"""Seconds that an interrupted program has before it is killed."""
_LINGER = 0.5
"""Seconds that what a program left running has: multiprocessing's resource tracker cleans up in them."""


_DRAIN = 0.2
"""Seconds for which output is read on after the end, where a process left behind goes on writing."""


Begin = Callable[[int, int, Ends, int], NoReturn]
"""What a process does that becomes a program: request and event pipes, output streams, input."""


class Keeper:
    """Waits with its spare, hands it one run, and sees it to its end.

    Args:
        hub: the socket to the zygote.
        begin: what the forked child does.
        terminal: whether the program gets a terminal or two pipes.
        stdin: the descriptor that the program reads from.
        folder: where the run's own folder is made.
    """

    def __init__(self, hub: socket.socket, begin: Begin, terminal: bool, stdin: int, folder: str) -> None:
        self._hub = hub
        self._requests = Lines(hub.fileno())
        self._terminal = terminal
        self._parent_folder = folder
        self._folder: str | None = None
        self._run: Run | None = None
        self._cause: tuple[Cause, str] = ("", "")
        self._status: int | None = None
        self._kill_at: float | None = None
        self._leave = False
        self._fork(begin, stdin)

    def _make_folder(self) -> str:
        return tempfile.mkdtemp(prefix="run-", dir=self._parent_folder)

    def _get_ready(self) -> None:
        """What a run would wait for otherwise: its folder, and pages of this process that messages write to."""
        with suppress(OSError):  # a full disk is told when a run comes
            self._folder = self._make_folder()
        decode(encode(Run(0)))
        encode(Ended(0, 0))
        processes.private_memory([self._program])

    def _fork(self, begin: Begin, stdin: int) -> None:
        ends = open_ends(self._terminal)
        request_read, self._request = os.pipe()
        event_read, event_write = os.pipe()
        keeper = os.getpid()
        self._program = os.fork()
        if self._program == 0:
            os.setsid()
            processes.die_with(keeper, signal.SIGKILL)
            begin(request_read, event_write, ends, stdin)
        os.close(request_read)
        os.close(event_write)
        self._terminal_end = ends.read.get("tty")
        self._relays = [Relay(name, descriptor) for name, descriptor in ends.read.items()]
        if self._terminal:
            self._slave_end = ends.stdout  # held so that reading never fails before the program has ended
        else:
            ends.close_write()
        os.set_blocking(event_read, False)
        self._events = Lines(event_read)

    # --- the loop -------------------------------------------------------------------------------------------

    def keep(self) -> None:
        """Serve until the program has ended and nothing of it is left."""
        alarm = self._watch_signals()
        while self._status is None and not self._leave:
            self._wait(alarm)
            self._take_requests()
            self._pass_on()
            self._limits()
            self._reap()
        if self._status is None or self._cause[0]:
            self._sweep()
        self._report()
        self._let_linger()
        processes.sweep(os.getpid())
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _sweep(self) -> None:
        self._status = processes.sweep(os.getpid()).get(self._program, self._status)

    def _watch_signals(self) -> int:
        """A descriptor that turns readable when a child ends or when this process is asked to leave."""

        def leave(_number: int, _frame: FrameType | None) -> None:
            self._leave = True

        signal.signal(signal.SIGTERM, leave)
        return processes.alarm()

    def _wait(self, alarm: int) -> None:
        """Sleep until something can be done: bytes, a signal, or a deadline."""
        sources = [alarm, self._hub.fileno()]
        sources += [relay.descriptor for relay in self._relays if relay.open]
        if self._events.open:
            sources.append(self._events.descriptor)
        timeout = None
        if self._run is not None:
            timeout = _COALESCE if any(relay.waiting for relay in self._relays) else _WATCH
        readable, _, _ = select.select(sources, [], [], timeout)
        if alarm in readable:
            with suppress(BlockingIOError):
                os.read(alarm, 512)

    def _take_requests(self) -> None:
        if not select.select([self._hub], [], [], 0)[0]:
            return
        for line in self._requests.read():
            request = decode(line)
            if isinstance(request, Run) and self._run is None:
                self._hand_over(request)
            elif isinstance(request, Stop):
                self._interrupt("stopped", "You stopped it.", at_once=request.at_once)
        self._leave = self._leave or not self._requests.open

    def _hand_over(self, run: Run) -> None:
        self._run = run
        self._began = self._watched = time.monotonic()
        self._flushed = self._began
        self._baseline = processes.private_memory([self._program])
        for relay in self._relays:
            relay.keep, relay.remember = run.keep, run.check is not None
        if self._terminal_end is not None:
            set_size(self._terminal_end, run.rows, run.columns)
        path, folder = run.path, None
        if path is None:
            try:
                folder = self._folder = self._folder or self._make_folder()
                path = f"{folder}/{os.path.basename(run.name)}"
                with open(path, "w", encoding="utf-8", errors="surrogatepass") as file:
                    file.write(run.source)
            except OSError as error:
                self._send(
                    Fault(
                        run.id,
                        f"No folder could be made for the run: {error.strerror} ({self._parent_folder}).",
                    )
                )
                self._leave = True
                return
        order = {"path": path, "folder": folder}
        os.write(self._request, json.dumps(order).encode() + b"\n" + encode(run))

    # --- passing on -----------------------------------------------------------------------------------------

    def _pass_on(self) -> None:
        """Output first, then events: what a program printed before an event is shown before it."""
        lines = self._events.read() if self._events.open else []
        for relay in self._relays:
            if relay.open:
                relay.drain()
        if self._run is None:
            for line in lines:
                self._get_ready()
                self._hub.sendall(line)  # "!warm"
            return
        now = time.monotonic()
        if lines or now - self._flushed >= _COALESCE:
            self._flush()
            self._flushed = now
        for line in lines:
            if line == b"?printed\n":
                printed = "".join(relay.printed() for relay in self._relays if relay.name != "stderr")
                os.write(self._request, json.dumps(printed).encode() + b"\n")
            elif not line.startswith(b"!"):
                self._hub.sendall(line)

    def _flush(self) -> None:
        assert self._run is not None
        for relay in self._relays:
            if output := relay.flush(self._run.id):
                self._send(output)

    def _send(self, event: Event) -> None:
        with suppress(OSError):
            self._hub.sendall(encode(event))

    # --- limits and the end ---------------------------------------------------------------------------------

    def _limits(self) -> None:
        if self._run is None:
            return
        now = time.monotonic()
        if self._kill_at is not None and now >= self._kill_at:
            self._sweep()
            return
        seconds = self._run.seconds
        if seconds is not None and now - self._began >= seconds and self._kill_at is None:
            self._interrupt("seconds", f"It ran for {seconds:g} s, which is the limit here, and was ended.")
        if now - self._watched >= _WATCH:
            self._watched = now
            self._watch_memory(self._run.memory)

    def _watch_memory(self, limit: int | None) -> None:
        if limit is None or self._cause[0] == "memory":
            return
        family = processes.descendants(os.getpid())
        if processes.private_memory(family) - self._baseline <= limit:
            return
        held = processes.proportional_memory(family)
        if held > limit:
            sizes = f"{held / 1e9:.1f} GB of memory, more than the {limit / 1e9:.1f} GB allowed here"
            self._cause = ("memory", f"It held {sizes}, and was ended.")
            self._kill_at = 0.0

    def _interrupt(self, cause: Cause, sentence: str, *, at_once: bool = False) -> None:
        """Ask first, as ^C does; what doesn't hear it is killed a moment later. A second request doesn't wait."""
        if self._kill_at is not None or at_once:
            self._kill_at = 0.0
        if self._cause[0]:
            return
        self._cause = (cause, sentence)
        if at_once:
            return
        self._kill_at = time.monotonic() + _INTERRUPT
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._program, signal.SIGINT)

    def _reap(self) -> None:
        """A child that ended is the program, or an orphan of its that came to us."""
        self._status = processes.reap().get(self._program, self._status)

    def _report(self) -> None:
        assert self._status is not None
        if self._run is None:
            return
        until = time.monotonic() + _DRAIN
        for relay in self._relays:
            while relay.drain() and time.monotonic() < until:
                pass
            relay.end()
        self._pass_on()
        self._flush()
        code = os.waitstatus_to_exitcode(self._status)
        self._send(
            Ended(
                self._run.id,
                code if code >= 0 else 128 - code,
                *self._cause,
                seconds=time.monotonic() - self._began,
                dropped=sum(relay.dropped for relay in self._relays),
            )
        )

    def _let_linger(self) -> None:
        """Give what the program left behind a moment to end by itself."""
        until = time.monotonic() + _LINGER
        while time.monotonic() < until and processes.children(os.getpid()):
            for relay in self._relays:
                relay.drain()
            processes.reap()
            time.sleep(0.005)
