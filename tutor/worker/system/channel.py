"""The program's end of its pipes to the keeper, safe from what the program does to descriptors."""

from __future__ import annotations

import os
import threading
from typing import TextIO

from tutor.protocol.codec import Event, encode


class Channel:
    """Sends events to the keeper. A program that closed the pipe, or a child that it forked, sends nothing.

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
