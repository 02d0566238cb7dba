"""Lines between processes: read as bytes come, and sent from a program, whatever that does to descriptors."""

from __future__ import annotations

import os
import threading
from typing import TextIO

from tutor.protocol.codec import Event, encode


class LineReader:
    """The whole lines among the bytes of a descriptor."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.open = True
        self._rest = b""

    def read(self) -> list[bytes]:
        """The lines that are there, each with its newline; ``open`` is False once the other end is closed."""
        try:
            data = os.read(self.descriptor, 1 << 18)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        self.open = bool(data)
        lines = (self._rest + data).splitlines(keepends=True)
        self._rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        return lines


class Channel:
    """The program's end of its pipes to the keeper. One that closed the pipe, or its forked child, sends nothing.

    Args:
        descriptor: the pipe to the keeper.
        answers: brings its answers to questions, a line each.
    """

    def __init__(self, descriptor: int, answers: TextIO | None = None) -> None:
        self._descriptor = descriptor
        self._identity = _identity(descriptor)
        self._answers = answers
        self._answers_identity = None if answers is None else _identity(answers.fileno())
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

    def ask(self, question: bytes) -> str:
        """The keeper's answer to ``question``; waits for it.

        Raises:
            OSError: where the program has closed one of the pipes, or this is a child that it forked.
        """
        assert self._answers is not None
        if _identity(self._answers.fileno()) != self._answers_identity or not self.write(question):
            raise OSError("the keeper can't be asked")
        return self._answers.readline()


def _identity(descriptor: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino
