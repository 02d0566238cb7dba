"""The worker's root process: it has keepers forked ahead of runs and carries messages to and fro.

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
from dataclasses import replace
from functools import partial
from typing import Literal

from tutor.protocol.codec import Ask, Ended, Event, Fault, Ready, Run, Stop, decode, encode
from tutor.worker.supervisor.backends import Start
from tutor.worker.supervisor.device_probe import Detection
from tutor.worker.supervisor.kept import Kept
from tutor.worker.supervisor.query_queue import Asks
from tutor.worker.supervisor.spare import SHELF, Seat
from tutor.worker.supervisor.zygote import breed, keep
from tutor.worker.system import folder, processes
from tutor.worker.system.line_reader import Lines

_PATIENCE = 3
"""Spares that may die one after the other before a run is refused."""


class Hub:
    """Carries messages between the program, on two descriptors, and the keeper, on a socket."""

    def __init__(self, start: Start, seat: Seat, requests: int, events: int) -> None:
        self._start = start
        self._seat = seat
        self._requests = Lines(requests)
        self._events = events
        self._selector = selectors.DefaultSelector()
        self._kept: Kept | None = None
        self._own: set[int] = set()
        self._pending: Run | None = None
        self._detection: Detection | None = None
        self._zygote: socket.socket | None = None
        self._zygote_pid = 0
        self._loaded = start.separate
        self._stage = ""
        self._deaths = 0
        self._asks = Asks(self._fork_reader, self._say, self._watch, self._selector.unregister)

    def serve(self) -> None:
        """Until the program closes its end; then leave nothing behind."""
        self._watch(self._requests.descriptor, self._take_requests)
        alarm = processes.alarm()
        self._watch(alarm, lambda: self._reap(alarm))
        try:
            self._detection = Detection(
                self._fork, self._start.detect, self._say, self._watch, self._selector.unregister, self._begin_runs
            )
            if not self._start.waits:
                self._prepare()
            if not self._start.separate:
                self._tell_stage("torch", sys.modules["torch"].__version__)
                self._fork_zygote()
            while self._requests.open:
                for key, _ in self._selector.select(self._until_deaf()):
                    key.data()
                if self._kept is not None:
                    self._kept.end_if_deaf()
        except BrokenPipeError:
            pass
        self._leave()

    def _until_deaf(self) -> float | None:
        """Seconds until the keeper is taken for deaf; None where nothing is expected of it."""
        deadline = math.inf if self._kept is None else self._kept.deadline
        return None if deadline == math.inf else max(0.0, deadline - time.monotonic())

    def _watch(self, descriptor: int, action: Callable[[], None]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, action)

    def _reap(self, alarm: int) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(alarm, 512)
        self._own -= processes.reap().keys()

    def _say(self, line: bytes) -> None:
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(self._events, rest) :]

    def _tell(self, event: Event) -> None:
        self._say(encode(event))

    # --- requests -------------------------------------------------------------------------------------------

    def _take_requests(self) -> None:
        for line in self._requests.read():
            try:
                request = decode(line)
            except ValueError as error:
                self._tell(Fault(None, f"The worker was asked for something it doesn't know: {error}"))
                continue
            if isinstance(request, Run):
                self._replace(request)
            elif isinstance(request, Stop):
                self._stop(request)
            elif isinstance(request, Ask):
                self._asks.take(request)

    def _replace(self, run: Run) -> None:
        if self._pending is not None:
            self._tell(Ended(self._pending.id, 130, "stopped", "Another run took its place before it began."))
        self._pending = run
        if self._kept is not None and self._kept.run is not None:
            self._ask(Stop(self._kept.run.id, patience=0))
        self._hand_over()

    def _stop(self, request: Stop) -> None:
        if self._pending is not None and self._pending.id == request.run:
            self._pending = None
            self._tell(Ended(request.run, 130, "stopped", "You stopped it before it began."))
        else:
            self._ask(request)

    def _ask(self, request: Run | Stop) -> None:
        kept = self._kept
        if kept is None:
            return
        if isinstance(request, Stop) and kept.run is not None and kept.run.id == request.run:
            kept.expect_end(request.patience)
        with contextlib.suppress(OSError):  # that it has ended is heard next
            kept.socket.sendall(encode(request))

    # --- the keeper -----------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Have a keeper forked: by the zygote once it has loaded, else from here."""
        near, far = socket.socketpair()
        best = self._loaded
        if self._zygote is not None and self._loaded:
            try:
                socket.send_fds(self._zygote, [f"{self._token}\n".encode()], [far.fileno()])
            except OSError:  # it is gone, and that will be heard
                best = False
        if self._zygote is None or not best:
            self._fork(partial(keep, far, self._seat, self._token))
        far.close()
        self._kept = Kept(near, Lines(near.fileno()), best)
        self._watch(near.fileno(), partial(self._hear, self._kept))

    @property
    def _token(self) -> str:
        """The device that a keeper makes visible; empty while it isn't known, and where no keeper has torch."""
        return "" if self._detection is None or self._start.separate else self._detection.token or ""

    def _fork(self, child: Callable[[], None]) -> int:
        hub = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                processes.die_with(hub, signal.SIGTERM)
                child()
            finally:
                os._exit(0)
        self._own.add(pid)
        return pid

    def _begin_runs(self) -> None:
        """Once the device is known, have a keeper forked, where there was none before it; runs may wait for one."""
        assert self._detection is not None
        if self._detection.device is not None and self._kept is None:
            self._prepare()
        self._hand_over()

    def _hand_over(self) -> None:
        """Give the pending run to the keeper, once the device is known and the run before it has ended."""
        detection = self._detection
        if self._pending is None or detection is None or detection.device is None:
            return
        if self._kept is not None and self._kept.run is not None:
            return
        if detection.refusal:
            self._refuse(detection.refusal)
        elif self._deaths >= _PATIENCE:
            self._refuse("No process for a run could be started. `tutor doctor` may tell why.")
            self._deaths = 0  # whatever was in the way may be gone by the next run
            self._prepare()
        elif self._kept is not None:
            run, self._pending = self._pending, None
            self._kept.run, self._kept.started = run, False
            self._ask(replace(run, device=run.device or detection.token))

    def _refuse(self, sentence: str) -> None:
        assert self._pending is not None
        self._tell(Fault(self._pending.id, sentence))
        self._pending = None

    def _hear(self, kept: Kept) -> None:
        """What a keeper says goes on to the program as it is; the end of a run, and its own, is noticed."""
        for line in kept.lines.read():
            if line.startswith(b"!keeper"):
                kept.pid = int(line.split()[1])
                continue
            if line.startswith(b"!warm"):
                kept.warm, self._deaths = True, 0
                if kept.best:
                    self._tell_stage("all", line.split()[1].decode())
                continue
            self._say(line)
            if line.startswith(b'{"is": "Started"'):
                kept.started = kept.warm = True
                kept.expect_end(kept.run.seconds if kept.run is not None else None)
            if line.startswith((b'{"is": "Ended"', b'{"is": "Fault"')):
                kept.run, kept.deadline = None, math.inf
                self._better()
                self._hand_over()
        if not kept.lines.open and kept is self._kept:
            self._lost(kept)

    def _better(self) -> None:
        """Once the zygote has loaded, a keeper forked from it takes the place of an idle one that hasn't."""
        if self._loaded and self._kept is not None and not self._kept.best and self._kept.run is None:
            self._forget()
            self._prepare()

    def _tell_stage(self, stage: Literal["torch", "all"], torch_version: str) -> None:
        if stage != self._stage:
            self._stage = stage
            self._tell(Ready(stage, platform.python_version(), torch_version))

    def _forget(self) -> None:
        """Let go of the keeper; it ends its spare, and then itself."""
        assert self._kept is not None
        self._selector.unregister(self._kept.socket.fileno())
        self._kept.socket.close()
        self._kept = None

    def _lost(self, kept: Kept) -> None:
        """A keeper has ended: its program killed it, its disk is full, or its spare never came to life."""
        self._forget()
        processes.sweep(os.getpid(), spare=self._own)
        if kept.run is not None and kept.started:
            sentence = "The program killed or stopped the process that watches over it, and was ended."
            self._tell(Ended(kept.run.id, 137, "lost", sentence))
        elif not kept.warm or kept.run is not None:
            self._deaths += 1
            self._pending = self._pending or kept.run
        if self._deaths < _PATIENCE:
            self._prepare()
        self._hand_over()

    def _fork_reader(self, far: socket.socket) -> int:
        return self._fork(partial(self._start.read, far, f"{self._seat.folder}/{SHELF}"))

    # --- the zygote ---------------------------------------------------------------------------------------

    def _fork_zygote(self) -> None:
        near, far = socket.socketpair()
        self._zygote, self._loaded = near, False
        self._zygote_pid = self._fork(partial(breed, far, self._start, self._seat))
        far.close()
        self._watch(near.fileno(), self._hear_zygote)

    def _hear_zygote(self) -> None:
        assert self._zygote is not None
        heard = self._zygote.recv(64)
        if heard:  # it has loaded: a spare of its own takes the place of the one that hasn't
            self._loaded = True
            self._better()
            return
        self._selector.unregister(self._zygote.fileno())
        self._zygote.close()
        self._fork_zygote()

    def _leave(self) -> None:
        self._asks.end()
        if self._kept is not None:
            self._forget()
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
        folder.remove(self._seat.folder)
