"""The program process's end of the pipe on which it reports, safe from what the program does to descriptors."""

from __future__ import annotations

import os
import threading
from typing import TextIO

from tutor.protocol.codec import Event, encode


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

    def write(self, line: bytes) -> bool:
        """Pass a line on. The descriptor is looked at first: its number may be another file's by now.

        Returns whether all of it was passed on.
        """
        if os.getpid() != self._owner:
            return False
        with self._lock:
            rest = memoryview(line)
            while rest and _identity(self._descriptor) == self._identity:
                rest = rest[os.write(self._descriptor, rest) :]
        return not rest


class Answers:
    """Reads the keeper's answers to questions that a channel passed on, a line each."""

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines
        self._identity = _identity(lines.fileno())

    def ask(self, channel: Channel, question: bytes) -> str:
        """The answer to ``question``; waits for it.

        Raises:
            OSError: where the program has closed one of the pipes, or this is a child that it forked.
        """
        if _identity(self._lines.fileno()) != self._identity or not channel.write(question):
            raise OSError("the keeper can't be asked")
        return self._lines.readline()


def _identity(descriptor: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino
