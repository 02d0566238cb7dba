"""The hub, the root process of a worker: it forks keepers ahead of runs and carries messages to and fro.

It imports torch, and from then on it is always ready to carry messages and, at first, to fork. What makes later
runs faster is imported by the *zygote*, a process forked from it that takes over the forking once it has
loaded; should that be killed, the hub forks another. Neither makes a tensor, calls CUDA or starts a thread,
so that both stay safe to fork. Where forking a process that has imported torch is not safe (macOS with MPS),
the hub stays without torch, and each spare is a new Python of its own.
"""

from __future__ import annotations

import contextlib
import math
import os
import platform
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from tutor.protocol.codec import Ask, Device, Ended, Event, Fault, Ready, Run, Stop, decode, encode
from tutor.worker.introspection.server import empty_answer
from tutor.worker.supervisor.keeper import run_keeper, serve_forks
from tutor.worker.supervisor.spare import SNAPSHOT, RunEnvironment
from tutor.worker.system import folder, processes
from tutor.worker.system.channel import LineReader

_PATIENCE = 3
"""Spares that may die one after the other before a run is refused."""
_GRACE = 5.0
"""Seconds that a keeper gets beyond its program's before it counts as unresponsive: a program may have stopped it."""


@dataclass
class KeeperHandle:
    """A keeper, as the hub has it: idle with its spare, or with a run."""

    socket: socket.socket
    lines: LineReader
    is_loaded: bool
    """Whether everything is loaded in it."""
    is_warm: bool = False
    run: Run | None = None
    has_started: bool = False
    """Whether the run has reached its process."""
    pid: int = 0
    deadline: float = math.inf
    """When the run has to have ended, by the monotonic clock."""

    def expect_end(self, seconds: float | None) -> None:
        """Expect the end of the run in so many seconds; None: at any time."""
        if seconds is not None:
            self.deadline = min(self.deadline, time.monotonic() + seconds + _GRACE)

    def kill_if_unresponsive(self) -> None:
        """Kill the keeper if its run should have ended long ago; its socket then closes, which the hub reads next."""
        if self.pid and time.monotonic() >= self.deadline:
            self.deadline = math.inf
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


class QueryQueue:
    """Passes requests to the reader one at a time, the newest first.

    The reader is a process that is started when it is first needed. Of each kind only the newest request waits: it
    makes the answer to an older one useless, which then gets an empty one.

    Args:
        fork_reader: starts a reader at the other end of a socket; returns its process id.
        write_line: passes an answer on.
        selector: calls back when a descriptor has something to read.
    """

    def __init__(
        self,
        fork_reader: Callable[[socket.socket], int],
        write_line: Callable[[bytes], None],
        selector: selectors.BaseSelector,
    ) -> None:
        self._fork_reader = fork_reader
        self._write_line = write_line
        self._selector = selector
        self._waiting: list[Ask] = []
        self._in_progress: Ask | None = None
        self._socket: socket.socket | None = None
        self._pid = 0

    def add(self, request: Ask) -> None:
        """Add ``request``; it is answered when its turn comes."""
        for outdated in [waiting for waiting in self._waiting if type(waiting) is type(request)]:
            self._waiting.remove(outdated)
            self._write_line(encode(empty_answer(outdated, "Something else was asked meanwhile.")))
        self._waiting.append(request)
        self._send_next()

    def _send_next(self) -> None:
        if self._in_progress is not None or not self._waiting:
            return
        if self._socket is None:
            self._socket = self._start_reader()
        self._in_progress = self._waiting.pop()
        with contextlib.suppress(OSError):  # it has ended: its socket closes, which is read next
            self._socket.sendall(encode(self._in_progress))

    def _start_reader(self) -> socket.socket:
        near, far = socket.socketpair()
        self._pid = self._fork_reader(far)
        far.close()
        self._selector.register(near, selectors.EVENT_READ, partial(self._read_answers, LineReader(near.fileno())))
        return near

    def _read_answers(self, lines: LineReader) -> None:
        for line in lines.read():
            self._in_progress = None
            self._write_line(line)
        if not lines.open:
            unanswered, self._in_progress = self._in_progress, None
            self._close_socket()
            if unanswered is not None:
                why = "The process that looks things up ended over this."
                self._write_line(encode(empty_answer(unanswered, why)))
        self._send_next()

    def _close_socket(self) -> None:
        if self._socket is not None:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None

    def end(self) -> None:
        """End the reader, whatever it is at: it has nothing to lose."""
        if self._socket is not None:
            self._close_socket()
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)


class Hub:
    """Carries messages between the program, on two descriptors, and the keeper, on a socket."""

    def __init__(self, environment: RunEnvironment, requests: int, events: int) -> None:
        self._environment = environment
        self._backend = environment.backend
        self._requests = LineReader(requests)
        self._events = events
        self._selector = selectors.DefaultSelector()
        self._keeper: KeeperHandle | None = None
        self._own_children: set[int] = set()
        self._pending: Run | None = None
        self._device: Device | None = None
        """The device that runs will find; they wait until it is detected."""
        self._refusal = ""
        """Why no run can begin."""
        self._zygote: socket.socket | None = None
        self._zygote_pid = 0
        self._loaded = self._backend.is_separate
        self._stage = ""
        self._deaths = 0
        self._queries = QueryQueue(self._fork_reader, self._write_line, self._selector)

    def serve(self) -> None:
        """Serve until the program closes its end; then leave nothing behind."""
        self._watch(self._requests.descriptor, self._take_requests)
        alarm = processes.alarm()
        self._watch(alarm, lambda: self._reap(alarm))
        try:
            self._detect_device()
            if not self._backend.waits_for_device:
                self._fork_keeper()
            if not self._backend.is_separate:
                self._report_stage("torch", sys.modules["torch"].__version__)
                self._fork_zygote()
            while self._requests.open:
                for key, _ in self._selector.select(self._until_unresponsive()):
                    key.data()
                if self._keeper is not None:
                    self._keeper.kill_if_unresponsive()
        except BrokenPipeError:
            pass
        self._shut_down()

    def _until_unresponsive(self) -> float | None:
        """Seconds until the keeper counts as unresponsive; None where no end of a run is expected."""
        deadline = math.inf if self._keeper is None else self._keeper.deadline
        return None if deadline == math.inf else max(0.0, deadline - time.monotonic())

    def _watch(self, descriptor: int, action: Callable[[], None]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, action)

    def _reap(self, alarm: int) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(alarm, 512)
        self._own_children -= processes.reap().keys()

    def _write_line(self, line: bytes) -> None:
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(self._events, rest) :]

    def _send(self, event: Event) -> None:
        self._write_line(encode(event))

    # --- requests -------------------------------------------------------------------------------------------

    def _take_requests(self) -> None:
        for line in self._requests.read():
            try:
                request = decode(line)
            except ValueError as error:
                self._send(Fault(None, f"The worker was asked for something it doesn't know: {error}"))
                continue
            if isinstance(request, Run):
                self._queue_run(request)
            elif isinstance(request, Stop):
                self._stop(request)
            elif isinstance(request, Ask):
                self._queries.add(request)

    def _queue_run(self, run: Run) -> None:
        if self._pending is not None:
            self._send(Ended(self._pending.id, 130, "stopped", "Another run took its place before it began."))
        self._pending = run
        if self._keeper is not None and self._keeper.run is not None:
            self._send_to_keeper(Stop(self._keeper.run.id, patience=0))
        self._start_pending()

    def _stop(self, request: Stop) -> None:
        if self._pending is not None and self._pending.id == request.run:
            self._pending = None
            self._send(Ended(request.run, 130, "stopped", "You stopped it before it began."))
        else:
            self._send_to_keeper(request)

    def _send_to_keeper(self, request: Run | Stop) -> None:
        keeper = self._keeper
        if keeper is None:
            return
        if isinstance(request, Stop) and keeper.run is not None and keeper.run.id == request.run:
            keeper.expect_end(request.patience)
        with contextlib.suppress(OSError):  # it has ended: its socket closes, which is read next
            keeper.socket.sendall(encode(request))

    # --- the device -----------------------------------------------------------------------------------------

    def _detect_device(self) -> None:
        """Have the device detected in a process of its own: torch must not touch one where others are forked."""
        answer, write = os.pipe()
        self._fork(lambda: os.write(write, encode(self._backend.detect())))
        os.close(write)
        self._watch(answer, partial(self._read_device, LineReader(answer)))

    def _read_device(self, answer: LineReader) -> None:
        """Pass the device on, and let runs begin: fork a keeper where none was forked before."""
        for line in answer.read():
            event = decode(line)
            self._device = event if isinstance(event, Device) else Device("cpu", "CPU")
            self._refusal = event.sentence if isinstance(event, Fault) else ""
            self._write_line(line)
        if not answer.open:
            self._selector.unregister(answer.descriptor)
            os.close(answer.descriptor)
            self._device = self._device or Device("cpu", "CPU", why="asking for a device failed")
        if self._device is not None and self._keeper is None:
            self._fork_keeper()
        self._start_pending()

    # --- the keeper -----------------------------------------------------------------------------------------

    def _fork_keeper(self) -> None:
        """Fork a keeper: from the zygote once it has loaded, else from here."""
        near, far = socket.socketpair()
        is_loaded = self._loaded
        if self._zygote is not None and self._loaded:
            try:
                socket.send_fds(self._zygote, [f"{self._token}\n".encode()], [far.fileno()])
            except OSError:  # it has ended: its socket closes, which is read next
                is_loaded = False
        if self._zygote is None or not is_loaded:
            self._fork(partial(run_keeper, far, self._environment, self._token))
        far.close()
        self._keeper = KeeperHandle(near, LineReader(near.fileno()), is_loaded)
        self._watch(near.fileno(), partial(self._read_keeper, self._keeper))

    @property
    def _token(self) -> str:
        """The device that a keeper makes visible; empty while it isn't known, and where no keeper has torch."""
        return "" if self._device is None or self._backend.is_separate else self._device.token

    def _fork(self, child: Callable[[], object]) -> int:
        hub = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                processes.die_with(hub, signal.SIGTERM)
                child()
            finally:
                os._exit(0)
        self._own_children.add(pid)
        return pid

    def _start_pending(self) -> None:
        """Give the pending run to the keeper, once the device is known and the previous run has ended."""
        if self._pending is None or self._device is None:
            return
        if self._keeper is not None and self._keeper.run is not None:
            return
        if self._refusal:
            self._refuse(self._refusal)
        elif self._deaths >= _PATIENCE:
            self._refuse("No process for a run could be started. `tutor doctor` may tell why.")
            self._deaths = 0  # whatever was in the way may be gone by the next run
            self._fork_keeper()
        elif self._keeper is not None:
            run, self._pending = self._pending, None
            self._keeper.run, self._keeper.has_started = run, False
            self._send_to_keeper(replace(run, device=run.device or self._device.token))

    def _refuse(self, sentence: str) -> None:
        assert self._pending is not None
        self._send(Fault(self._pending.id, sentence))
        self._pending = None

    def _read_keeper(self, keeper: KeeperHandle) -> None:
        """Pass a keeper's lines on to the program unchanged, and note the end of a run and of the keeper."""
        for line in keeper.lines.read():
            if line.startswith(b"!keeper"):
                keeper.pid = int(line.split()[1])
                continue
            if line.startswith(b"!warm"):
                keeper.is_warm, self._deaths = True, 0
                if keeper.is_loaded:
                    self._report_stage("all", line.split()[1].decode())
                continue
            self._write_line(line)
            if line.startswith(b'{"is": "Started"'):
                keeper.has_started = keeper.is_warm = True
                keeper.expect_end(keeper.run.seconds if keeper.run is not None else None)
            if line.startswith((b'{"is": "Ended"', b'{"is": "Fault"')):
                keeper.run, keeper.deadline = None, math.inf
                self._upgrade_keeper()
                self._start_pending()
        if not keeper.lines.open and keeper is self._keeper:
            self._handle_lost_keeper(keeper)

    def _upgrade_keeper(self) -> None:
        """Replace an idle keeper by one that is forked from the zygote, once the zygote has loaded."""
        if self._loaded and self._keeper is not None and not self._keeper.is_loaded and self._keeper.run is None:
            self._release_keeper()
            self._fork_keeper()

    def _report_stage(self, stage: Literal["torch", "all"], torch_version: str) -> None:
        if stage != self._stage:
            self._stage = stage
            self._send(Ready(stage, platform.python_version(), torch_version))

    def _release_keeper(self) -> None:
        """Close the socket to the keeper; it ends its spare, and then itself."""
        assert self._keeper is not None
        self._selector.unregister(self._keeper.socket.fileno())
        self._keeper.socket.close()
        self._keeper = None

    def _handle_lost_keeper(self, keeper: KeeperHandle) -> None:
        """Handle a keeper that has ended: its program killed it, its disk is full, or its spare never started."""
        self._release_keeper()
        processes.sweep(os.getpid(), spare=self._own_children)
        if keeper.run is not None and keeper.has_started:
            sentence = "The program killed or stopped the process that watches over it, and was ended."
            self._send(Ended(keeper.run.id, 137, "lost", sentence))
        elif not keeper.is_warm or keeper.run is not None:
            self._deaths += 1
            self._pending = self._pending or keeper.run
        if self._deaths < _PATIENCE:
            self._fork_keeper()
        self._start_pending()

    def _fork_reader(self, far: socket.socket) -> int:
        return self._fork(partial(self._backend.serve_queries, far, f"{self._environment.folder}/{SNAPSHOT}"))

    # --- the zygote ---------------------------------------------------------------------------------------

    def _fork_zygote(self) -> None:
        near, far = socket.socketpair()
        self._zygote, self._loaded = near, False
        self._zygote_pid = self._fork(partial(serve_forks, far, self._environment))
        far.close()
        self._watch(near.fileno(), self._read_zygote)

    def _read_zygote(self) -> None:
        assert self._zygote is not None
        message = self._zygote.recv(64)
        if message:  # it has loaded: a spare of its own takes the place of the one that hasn't
            self._loaded = True
            self._upgrade_keeper()
            return
        self._selector.unregister(self._zygote.fileno())
        self._zygote.close()
        self._fork_zygote()

    def _shut_down(self) -> None:
        self._queries.end()
        if self._keeper is not None:
            self._release_keeper()
        if self._zygote is not None and not self._loaded:  # it doesn't listen for a second, and has no children yet
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._zygote_pid, signal.SIGKILL)
        until = time.monotonic() + 2
        while processes.descendants(os.getpid()) and time.monotonic() < until:
            if self._zygote is not None:
                self._zygote.close()
                self._zygote = None
            processes.reap()
            time.sleep(0.005)
        processes.sweep(os.getpid())
        folder.remove(self._environment.folder)
