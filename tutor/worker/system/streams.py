"""The output of a run: a terminal of its own or two pipes, always drained, passed on up to a limit."""

from __future__ import annotations

import codecs
import fcntl
import io
import os
import pty
import struct
import sys
import termios
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal, TextIO

from tutor.protocol.codec import Output

Name = Literal["tty", "stdout", "stderr"]
_CHUNK = 1 << 16
_TAIL = 1 << 14
"""Characters at the end of a flood that are passed on after all: a traceback must not be lost in it."""


@dataclass(frozen=True)
class StreamEnds:
    """The descriptors of a run's output: what its keeper reads, by name, and what becomes its 1 and 2."""

    read: dict[Name, int]
    stdout: int
    stderr: int


def open_ends(as_terminal: bool) -> StreamEnds:
    """One terminal for both streams keeps their order, and shows itself as one; two pipes tell them apart."""
    if as_terminal:
        master, slave = pty.openpty()
        attributes = termios.tcgetattr(slave)
        attributes[1] &= ~termios.OPOST  # "\n" stays "\n"
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        os.set_blocking(master, False)
        return StreamEnds({"tty": master}, slave, slave)
    out, out_write = os.pipe()
    err, err_write = os.pipe()
    for descriptor in (out, err):
        os.set_blocking(descriptor, False)
    return StreamEnds({"stdout": out, "stderr": err}, out_write, err_write)


def set_size(terminal: int, rows: int, columns: int) -> None:
    """Tell a terminal, by either of its ends, how large it is."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def use_as_standard(stdin: int, stdout: int, stderr: int) -> None:
    """Make three descriptors 0, 1 and 2, and give Python's own standard streams anew, as at its start."""
    for target, source in enumerate((stdin, stdout, stderr)):
        os.dup2(source, target, inheritable=True)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = _standard(number, "w" if number else "r", f"<{name}>")
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _standard(descriptor: int, mode: Literal["r", "w"], name: str) -> TextIO:
    """A standard stream as pylifecycle.c's create_stdio makes it."""
    old = {0: sys.stdin, 1: sys.stdout, 2: sys.stderr}[descriptor]
    unbuffered = mode == "w" and bool(os.environ.get("PYTHONUNBUFFERED"))
    raw = io.FileIO(descriptor, mode + "b", closefd=False)
    raw.name = name
    binary: Any = raw
    if not unbuffered:
        binary = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    stream = io.TextIOWrapper(
        binary,
        encoding=old.encoding,
        errors="backslashreplace" if descriptor == 2 else old.errors,
        newline="\n",
        line_buffering=descriptor == 2 or raw.isatty(),
        write_through=unbuffered,
    )
    stream.mode = mode  # type: ignore[misc]
    return stream


@dataclass
class Relay:
    """One stream of a run: read without ever blocking the writer, decoded, passed on up to ``keep`` characters."""

    name: Name
    descriptor: int
    keep: int | None = None
    remember: bool = False
    """Whether to store the accepted text, for a check that asks what was printed."""
    dropped: int = 0
    open: bool = True
    accepted: int = 0
    """Characters that were or will be passed on, but for the end of a flood."""
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("surrogateescape")
    )
    _waiting: list[str] = field(default_factory=list)
    _past: list[str] = field(default_factory=list)
    _tail: deque[str] = field(default_factory=deque)
    _tail_size: int = 0

    def drain(self) -> bool:
        """Read what is there now, at most about a megabyte, so that a flood leaves time for a stop.

        Returns whether there may be more.
        """
        if not self.open:
            return False
        for _ in range(16):
            try:
                data = os.read(self.descriptor, _CHUNK)
            except BlockingIOError:
                return False
            except OSError:  # a terminal whose last writer is gone
                data = b""
            self._accept(self._decoder.decode(data, final=not data))
            if not data:
                self.open = False
                return False
        return True

    def _accept(self, text: str) -> None:
        room = len(text) if self.keep is None else max(0, self.keep - self.accepted)
        if head := text[:room]:
            self.accepted += len(head)
            self._waiting.append(head)
            if self.remember:
                self._past.append(head)
        if rest := text[room:]:
            self.dropped += len(rest)
            self._tail.append(rest)
            self._tail_size += len(rest)
            while self._tail_size - len(self._tail[0]) >= _TAIL:
                self._tail_size -= len(self._tail.popleft())

    @property
    def waiting(self) -> bool:
        """Whether something is there to be passed on."""
        return bool(self._waiting)

    def flush(self, run: int) -> Output | None:
        """Return the text since the last time, as one event."""
        if not self._waiting:
            return None
        text = "".join(self._waiting)
        self._waiting.clear()
        return Output(run, self.name, text)

    def end(self) -> None:
        """Let the end of what was dropped through, after a line that says how much is missing."""
        tail = "".join(self._tail)[-_TAIL:]
        self.dropped -= len(tail)
        if self.dropped > 0:
            tail = f"\n… {self.dropped:,} characters left out …\n{tail}"
        if tail:
            self._waiting.append(tail)
        self._tail.clear()

    def printed(self) -> str:
        """Return all text that was accepted so far."""
        return "".join(self._past)
