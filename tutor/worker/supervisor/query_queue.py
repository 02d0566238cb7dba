"""The queue of queries, on the hub's side: they go to a reader process, which is started when it is first needed."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
from collections.abc import Callable
from functools import partial

from tutor.protocol.codec import Ask, encode
from tutor.worker.introspection.server import empty_answer
from tutor.worker.system.line_reader import LineReader


class QueryQueue:
    """Passes requests to the reader one at a time, the newest first.

    Of each kind only the newest waits: it makes the answer to an older one useless, which then gets an empty one.

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
