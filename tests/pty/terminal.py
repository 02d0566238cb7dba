"""The real program in a real pseudo-terminal, and the screen that it has painted there."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import pexpect
import pyte

from tests.patience import PATIENCE
from tests.processes import family
from tests.program import TUTOR

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "ctrl+home": "\x1b[1;5H",
    "ctrl+end": "\x1b[1;5F",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f5": "\x1b[15~",
    "f10": "\x1b[21~",
}


class Terminal:
    """A program in a terminal of its own. Leaving the context closes the terminal and waits for the program."""

    def __init__(
        self, command: Sequence[str] = TUTOR, *, columns: int = 80, rows: int = 24, env: Mapping[str, str] | None = None
    ) -> None:
        usual = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes = 0
        environment = {**os.environ, **usual, **(env or {})}
        self.child = pexpect.spawn(
            command[0], [*command[1:]], dimensions=(rows, columns), env=environment, timeout=PATIENCE
        )
        self.child.delaybeforesend = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.close(force=True)

    def press(self, *keys: str) -> None:
        """Send keys by name, ``ctrl+r`` or ``alt+g``, or as the characters they are."""
        for key in keys:
            if key.startswith("ctrl+") and len(key) == 6:
                self.child.send(chr(ord(key[5]) - 96))
            elif key.startswith("alt+") and len(key) == 5:
                self.child.send("\x1b" + key[4])
            else:
                self.child.send(KEYS.get(key, key))

    def read(self, seconds: float = 0.02) -> bool:
        """Take in what the program sends within so many seconds; False once it has ended."""
        try:
            data = self.child.read_nonblocking(1 << 16, timeout=seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.bytes += len(data)
        self._stream.feed(data)
        return True

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait(self, *wanted: str, gone: str = "", seconds: float = PATIENCE) -> None:
        """Until every text is on the screen, and ``gone`` isn't; AssertionError with the screen otherwise."""

        def shows() -> bool:
            text = self.text
            return all(word in text for word in wanted) and not (gone and gone in text)

        until = time.monotonic() + seconds
        while not shows():
            before, alive = self.bytes, True
            while alive and self.bytes == before and time.monotonic() < until:  # to read the screen costs milliseconds
                alive = self.read(0.2)
            assert time.monotonic() < until and alive, f"never showed {wanted} without {gone!r}:\n{self.text}"

    def wait_until(self, holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Until something outside of the screen holds."""
        until = time.monotonic() + seconds
        while not holds():
            self.read()
            assert time.monotonic() < until, f"it never came to hold; the screen:\n{self.text}"

    def rest(self, seconds: float = 0.3) -> None:
        """Until nothing has come for so long."""
        quiet = time.monotonic() + seconds
        while time.monotonic() < quiet:
            before = self.bytes
            if not self.read(0.02):
                return
            if self.bytes != before:
                quiet = time.monotonic() + seconds

    def wait_for_end(self, seconds: float = PATIENCE) -> int:
        """The exit status, or minus the signal, once the program has ended."""
        until = time.monotonic() + seconds
        while self.child.isalive():
            self.read()
            assert time.monotonic() < until, f"still running:\n{self.text}"
        status = self.child.exitstatus
        return -self.child.signalstatus if status is None else status

    def close_terminal(self) -> None:
        """What happens to a program when its window is closed: nobody holds the other end any more."""
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, self.child.child_fd)  # the descriptor itself is pexpect's to close
        os.close(nothing)

    def kill(self, number: signal.Signals) -> None:
        os.kill(self.child.pid, number)

    def resize(self, columns: int, rows: int) -> None:
        self.child.setwinsize(rows, columns)
        self.screen.resize(rows, columns)

    def family(self) -> set[int]:
        """The program and all that descends from it, now."""
        return family(self.child.pid)
