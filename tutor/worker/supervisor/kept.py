"""The keeper as the hub sees it."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import socket
import time
from dataclasses import dataclass

from tutor.protocol.codec import Run
from tutor.worker.system.line_reader import Lines

_GRACE = 5.0
"""Seconds that a keeper has beyond those of its program before it is taken for deaf: a program may have stopped it."""


@dataclass
class Kept:
    """A keeper: idle with its spare, or with a run."""

    socket: socket.socket
    lines: Lines
    best: bool
    """Whether everything is loaded in it."""
    warm: bool = False
    run: Run | None = None
    started: bool = False
    """Whether the run has reached its process."""
    pid: int = 0
    deadline: float = math.inf
    """When the run has to have ended, by the monotonic clock."""

    def expect_end(self, seconds: float | None) -> None:
        """Its run has so many seconds more; None: as many as it wants."""
        if seconds is not None:
            self.deadline = min(self.deadline, time.monotonic() + seconds + _GRACE)

    def end_if_deaf(self) -> None:
        """Kill it where its run should have ended long ago; that it has ended is heard next."""
        if self.pid and time.monotonic() >= self.deadline:
            self.deadline = math.inf
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
