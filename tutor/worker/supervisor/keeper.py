"""The keeper, a small process between the zygote and the programs: it forks, relays, watches, ends and reaps them.

The zygote has everything loaded, and does nothing but fork keepers.

It speaks two line protocols. With the hub, over a socket: requests come, events go. With the process of a
program, over two pipes: the request and answers to ``?printed`` and ``?count`` go; events come, ``!warm`` once before
them and ``!leaving`` after. A program that kills its parent kills the keeper and nothing above it; the hub then has
another forked.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from contextlib import suppress
from types import FrameType

from tutor.protocol.codec import Cause, Ended, Event, Fault, Run, Started, Stop, decode, encode
from tutor.worker.supervisor.spare import RunEnvironment, Spare
from tutor.worker.system import folder, processes
from tutor.worker.system.channel import LineReader

_WATCH = 0.05
"""Seconds between two looks at the memory."""
_COALESCE = 0.015
"""Seconds for which output is gathered before it is passed on."""
_PATIENCE = 0.4
"""Seconds that a program has after the limit of its time, before it is killed."""
_SNAPSHOT_WRITING = 1.5
"""Seconds that an ended program has to write its snapshot, when the hub closes the socket to its keeper."""
_LINGER = 0.5
"""Seconds that processes have which a program left running: multiprocessing's resource tracker cleans up in them."""


class Keeper:
    """Keeps a spare forked ahead, hands it a run, sees the run to its end, and forks the next.

    Args:
        hub: the socket to the hub.
        environment: the surroundings of programs.
    """

    def __init__(self, hub: socket.socket, environment: RunEnvironment) -> None:
        self._hub = hub
        self._requests = LineReader(hub.fileno())
        self._environment = environment
        self._leaving = False
        self._linger_until: float | None = None
        self._ended: list[Spare] = []
        self._fork_spare()

    def _fork_spare(self) -> None:
        self._spare = Spare(self._environment)
        self._status: int | None = None
        self._cause: tuple[Cause, str] = ("", "")
        self._kill_at: float | None = None
        self._flushed = self._watched = 0.0

    def keep(self) -> None:
        """Serve until the hub closes its socket, or a spare ends that never had a run."""
        alarm = self._watch_signals()
        while not self._leaving:
            self._wait(alarm)
            self._take_requests()
            self._pass_on()
            self._check_limits()
            self._reap()
            if self._status is not None:
                self._finish()
        self._wait_for_snapshots()
        self._sweep()
        if self._spare.run is not None:
            self._cause = self._cause if self._cause[0] else ("stopped", "The worker was closed.")
            self._report()
        for spare in (*self._ended, self._spare):
            spare.close()

    def _wait_for_snapshots(self) -> None:
        """Wait for a program that has just ended to write its snapshot."""
        until = time.monotonic() + _SNAPSHOT_WRITING
        while any(processes.lives(spare.pid) for spare in self._ended) and time.monotonic() < until:
            self._reap()
            time.sleep(0.001)

    def _watch_signals(self) -> int:
        """Return a descriptor that turns readable when a child ends or when this process gets SIGTERM."""

        def leave(_number: int, _frame: FrameType | None) -> None:
            self._leaving = True

        signal.signal(signal.SIGTERM, leave)
        return processes.alarm()

    def _wait(self, alarm: int) -> None:
        """Sleep until something can be done: bytes, a signal, or a deadline."""
        timeout = None
        if self._spare.run is not None:
            timeout = _COALESCE if any(relay.waiting for relay in self._spare.relays) else _WATCH
        elif self._linger_until is not None:
            timeout = 0.01
        readable, _, _ = select.select([alarm, self._hub.fileno(), *self._spare.sources], [], [], timeout)
        if alarm in readable:
            with suppress(BlockingIOError):
                os.read(alarm, 512)

    def _take_requests(self) -> None:
        if not select.select([self._hub], [], [], 0)[0]:
            return
        for line in self._requests.read():
            request = decode(line)
            if isinstance(request, Run) and self._spare.run is None:
                self._hand_over(request)
            elif isinstance(request, Stop) and self._spare.run is not None and self._spare.run.id == request.run:
                self._interrupt("stopped", "You stopped it.", request.patience)
        self._leaving = self._leaving or not self._requests.open

    def _hand_over(self, run: Run) -> None:
        self._remove_leftovers()
        self._watched = time.monotonic()
        try:
            self._send(Started(run.id, self._spare.hand_over(run)))
        except OSError as error:
            place = f"{error.strerror} ({self._environment.folder})"
            self._send(Fault(run.id, f"The program could not be written to a file: {place}."))
            self._spare.run = None
            self._leaving = True
        else:
            self._spare.start()  # after Started, from which on the hub knows how long this may take

    # --- passing on -----------------------------------------------------------------------------------------

    def _pass_on(self) -> None:
        """Output first, then events: what a program printed before an event is shown before it."""
        spare = self._spare
        lines = spare.events.read() if spare.events.open else []
        for relay in spare.relays:
            relay.drain()
        now = time.monotonic()
        if lines or now - self._flushed >= _COALESCE:
            self._flush()
            self._flushed = now
        for line in lines:
            if line == b"?printed\n":
                spare.answer_printed()
            elif line == b"?count\n":
                spare.answer_count()
            elif line.startswith(b"!warm") and self._spare.run is None:
                spare.prepare()
                self._hub.sendall(line)
            elif line.startswith(b"!leaving"):
                self._status = int(line.split()[1]) << 8  # as wait(2) will have it
            elif not line.startswith(b"!"):
                self._hub.sendall(line)

    def _flush(self) -> None:
        for output in self._spare.outputs():
            self._send(output)

    def _send(self, event: Event) -> None:
        with suppress(OSError):
            self._hub.sendall(encode(event))

    # --- limits ---------------------------------------------------------------------------------------------

    def _check_limits(self) -> None:
        now = time.monotonic()
        if self._linger_until is not None and (now >= self._linger_until or self._has_only_spare()):
            self._remove_leftovers()
        if self._spare.run is None:
            return
        if self._kill_at is not None and now >= self._kill_at:
            self._sweep()
            return
        seconds = self._spare.run.seconds
        if seconds is not None and now - self._spare.began >= seconds and not self._cause[0]:
            self._interrupt("seconds", f"It ran for {seconds:g} s, which is the limit here, and was ended.")
        if now - self._watched >= _WATCH:
            self._watched = now
            self._watch_memory(self._spare.run.memory)

    def _watch_memory(self, limit: int | None) -> None:
        if limit is None or self._cause[0] == "memory":
            return
        family = processes.descendants(os.getpid())
        if processes.private_memory(family) - self._spare.baseline <= limit:
            return
        memory = processes.proportional_memory(family)
        if memory > limit:
            sizes = f"{memory / 1e9:.1f} GB of memory, more than the {limit / 1e9:.1f} GB allowed here"
            self._cause = ("memory", f"It held {sizes}, and was ended.")
            self._kill_at = 0.0

    def _interrupt(self, cause: Cause, sentence: str, patience: float | None = _PATIENCE) -> None:
        """Interrupt the program as ^C does, and kill it a moment later if it goes on; a second request kills now."""
        if self._cause[0] or patience == 0:
            self._kill_at = 0.0
        self._cause = self._cause if self._cause[0] else (cause, sentence)
        if self._kill_at == 0.0:
            return
        self._kill_at = None if patience is None else time.monotonic() + patience
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._spare.pid, signal.SIGINT)

    # --- the end of a run -----------------------------------------------------------------------------------

    def _reap(self) -> None:
        """Reap ended children: the program, or its orphans, which this process adopted."""
        self._note_status(processes.reap())

    def _sweep(self) -> None:
        self._note_status(processes.sweep(os.getpid()))

    def _note_status(self, statuses: dict[int, int]) -> None:
        """Note the program's status. The one that it announced when it left stays, whatever ended it a moment later."""
        if self._status is None:
            self._status = statuses.get(self._spare.pid)

    def _finish(self) -> None:
        """Report the end of the program, and only then fork the next spare, out of the run's way."""
        if self._spare.run is None:
            self._leaving = True
            return
        if self._cause[0]:
            self._sweep()
        self._report()
        self._ended.append(self._spare)
        self._linger_until = time.monotonic() + _LINGER
        self._fork_spare()

    def _report(self) -> None:
        assert self._spare.run is not None
        dropped = self._spare.drain_to_the_end()
        self._pass_on()
        self._flush()
        code = -signal.SIGKILL if self._status is None else os.waitstatus_to_exitcode(self._status)
        seconds = time.monotonic() - self._spare.began
        status = code if code >= 0 else 128 - code
        self._send(Ended(self._spare.run.id, status, *self._cause, seconds=seconds, dropped=dropped))

    def _has_only_spare(self) -> bool:
        return processes.children(os.getpid()) == [self._spare.pid]

    def _remove_leftovers(self) -> None:
        """End the processes that the last program left running, and remove its folder."""
        if self._linger_until is not None:
            processes.sweep(os.getpid(), spare=[self._spare.pid])
            for spare in self._ended:
                spare.close()
            self._ended.clear()
            self._linger_until = None


def run_keeper(hub: socket.socket, environment: RunEnvironment, token: str) -> None:
    """Be a keeper, which keeps nothing open but the socket to the hub and the programs' input.

    Its spares find the device of ``token``, from before they do anything; empty: a run tells them.
    """
    if token:  # without it, this process may be one that never imports torch
        from tutor.worker.system.device import make_visible

        make_visible(token)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    processes.adopt_orphans()
    processes.close_all_but(hub.fileno(), *environment.descriptors)
    folder.hold(environment.folder)  # this process may outlive the hub by a moment
    with suppress(OSError):  # the hub has ended, and its socket closes, which is read next
        hub.sendall(f"!keeper {os.getpid()}\n".encode())
    Keeper(hub, environment).keep()


def serve_forks(hub: socket.socket, environment: RunEnvironment) -> None:
    """Be the zygote: load the rest, then fork a keeper for each socket that comes, with the token of its device.

    A keeper outlives a zygote that is killed, since it may be with a run; its socket tells it when the hub has ended.
    """
    processes.close_all_but(hub.fileno(), *environment.descriptors)
    environment.backend.load()
    hub.sendall(b"loaded\n")
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers that have ended are nobody's concern here
    while True:
        line, sockets, _, _ = socket.recv_fds(hub, 512, 1)
        if not line:
            return
        pid = os.fork()
        if pid == 0:
            try:
                run_keeper(socket.socket(fileno=sockets[0]), environment, line.decode().strip())
            finally:
                os._exit(0)
        os.close(sockets[0])
