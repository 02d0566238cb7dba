"""The program process's end of the pipe on which it reports, safe from what the program does to descriptors."""

from __future__ import annotations

import os
import threading

from tutor.runner.protocol import Event, encode


class Channel:
    """Sends events to the keeper. A program that closed the pipe, or a child that it forked, sends nothing."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._identity = _identity(descriptor)
        self._owner = os.getpid()
        self._lock = threading.Lock()

    def send(self, event: Event) -> None:
        """Pass an event on."""
        self.write(encode(event))

    def write(self, line: bytes) -> None:
        """Pass a line on. The descriptor is looked at first: its number may be another file's by now."""
        if os.getpid() != self._owner:
            return
        with self._lock:
            rest = memoryview(line)
            while rest and _identity(self._descriptor) == self._identity:
                rest = rest[os.write(self._descriptor, rest) :]


def _identity(descriptor: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino
