"""What was asked between runs, on the hub's side: it goes to a reader, which is started when it is first needed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable

from tutor.protocol.codec import Answer, Ask, encode
from tutor.worker.introspection.server import empty_answer
from tutor.worker.system.line_reader import Lines


class Asks:
    """Passes requests to the reader one at a time, the newest first.

    Of each kind only the newest waits: the answer to one before it isn't wanted any more, so it is told that.

    Args:
        start: starts a reader at the other end of a socket; its process id.
        say: passes an answer on.
        watch: calls back when a descriptor has something to read.
        unwatch: the end of that.
    """

    def __init__(
        self,
        start: Callable[[socket.socket], int],
        say: Callable[[bytes], None],
        watch: Callable[[int, Callable[[], None]], None],
        unwatch: Callable[[int], object],
    ) -> None:
        self._start = start
        self._say = say
        self._watch = watch
        self._unwatch = unwatch
        self._waiting: list[Ask] = []
        self._asked: Ask | None = None
        self._socket: socket.socket | None = None
        self._lines: Lines | None = None
        self._pid = 0

    def take(self, request: Ask) -> None:
        """Have ``request`` answered when its turn comes."""
        for before in self._waiting:
            if type(before) is type(request):
                self._waiting.remove(before)
                self._tell(empty_answer(before, "Something else was asked meanwhile."))
                break
        self._waiting.append(request)
        self._pass_on()

    def _tell(self, answer: Answer) -> None:
        self._say(encode(answer))

    def _pass_on(self) -> None:
        if self._asked is not None or not self._waiting:
            return
        if self._socket is None:
            self._begin()
        assert self._socket is not None
        self._asked = self._waiting.pop()
        with contextlib.suppress(OSError):  # that it has ended is heard next
            self._socket.sendall(encode(self._asked))

    def _begin(self) -> None:
        near, far = socket.socketpair()
        self._pid = self._start(far)
        far.close()
        self._socket, self._lines = near, Lines(near.fileno())
        self._watch(near.fileno(), self._hear)

    def _hear(self) -> None:
        assert self._lines is not None
        for line in self._lines.read():
            self._asked = None
            self._say(line)
        if not self._lines.open:
            lost, self._asked = self._asked, None
            self._forget()
            if lost is not None:
                self._tell(empty_answer(lost, "The process that looks things up ended over this."))
        self._pass_on()

    def _forget(self) -> None:
        if self._socket is not None:
            self._unwatch(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def end(self) -> None:
        """End the reader, whatever it is at: it has nothing to lose."""
        if self._socket is not None:
            self._forget()
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
