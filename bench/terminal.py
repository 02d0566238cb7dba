"""A program in a pseudo-terminal, and the screen that it painted, with the moment of every byte."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import psutil
import pyte

Condition = Callable[[list[str]], bool]
"""Whether the lines of the screen show what is waited for."""


class NeverPainted(Exception):  # noqa: N818 -- it reads as what it says
    """The screen didn't come to show what was waited for."""


class Terminal:
    """One program, its screen, and every process below it.

    Bytes are read as they come and stamped; the screen is made from them afterwards, so that making it neither
    delays a stamp nor takes the processor from the program.
    """

    def __init__(self, command: list[str], home: Path, columns: int = 80, rows: int = 24) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.sent = 0
        """Bytes that the program has sent."""
        self.changed = 0.0
        """The moment at which the text of the screen last changed."""
        self.began = time.perf_counter()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], command, environment(home))

    # --- keys and screen --------------------------------------------------------------------------------------

    def press(self, keys: str) -> float:
        """Send keys; the moment at which that was done."""
        now = time.perf_counter()
        os.write(self._master, keys.encode())
        return now

    @property
    def lines(self) -> list[str]:
        return list(self.screen.display)

    def read(self, quiet: float, patience: float = 20.0) -> list[tuple[float, bytes]]:
        """What comes until nothing has come for ``quiet`` seconds, each chunk with its moment."""
        chunks: list[tuple[float, bytes]] = []
        until = time.perf_counter() + patience
        while time.perf_counter() < until and select.select([self._master], [], [], quiet)[0]:
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:  # the program has closed its terminal
                break
            chunks.append((time.perf_counter(), data))
            self.sent += len(data)
        return chunks

    def await_bytes(self, patience: float = 2.0) -> None:
        """Sleep until something has come that is to be read; the settling afterwards reads it."""
        select.select([self._master], [], [], patience)

    def wait(self, shows: Condition, quiet: float = 0.1, patience: float = 30.0) -> float:
        """The moment at which the bytes came after which the screen showed it.

        ``quiet`` is how long nothing must have come before the screen is looked at.

        Raises:
            NeverPainted: when it hadn't after ``patience`` seconds, or when the screen shows it already.
        """
        if shows(self.lines):
            raise NeverPainted("the screen shows it already:\n" + "\n".join(self.lines))
        until = time.perf_counter() + patience
        while time.perf_counter() < until:
            found = None
            for moment, chunk in self.read(quiet, patience=2.0):
                self._feed(moment, chunk)
                if found is None and shows(self.lines):
                    found = moment
            if found is not None:
                return found
        raise NeverPainted("waited in vain; the screen:\n" + "\n".join(self.lines))

    def settle(self, quiet: float = 0.3, patience: float = 20.0) -> None:
        """Take in what comes until nothing has come for ``quiet`` seconds."""
        for moment, chunk in self.read(quiet, patience):
            self._feed(moment, chunk)

    def _feed(self, moment: float, chunk: bytes) -> None:
        before = self.lines
        self._stream.feed(chunk)
        if self.lines != before:
            self.changed = moment

    # --- the process ------------------------------------------------------------------------------------------

    def rollup(self, field: str) -> float:
        """A line of the program's ``smaps_rollup``, as ``Rss`` or ``Pss``, in MB (10^6 bytes)."""
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * 1024 / 1e6
        raise KeyError(field)

    def most_ever(self) -> float:
        """The most memory (RSS) that the program's own process ever held, in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6

    def mapped(self) -> list[str]:
        """Every file mapped into the program's own process."""
        maps = Path(f"/proc/{self.pid}/maps").read_text().splitlines()
        return sorted({line.split(maxsplit=5)[5] for line in maps if len(line.split(maxsplit=5)) == 6})

    def close(self) -> None:
        """End the program and all below it, and wait until they are gone."""
        family = [psutil.Process(self.pid)]
        with contextlib.suppress(psutil.Error):
            family += family[0].children(recursive=True)
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        os.close(self._master)
        psutil.wait_procs(family[1:], timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def environment(home: Path) -> dict[str, str]:
    """A terminal of full colour, and nothing of the user's own."""
    names = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "CUDA_VISIBLE_DEVICES")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    user = home / "user"
    user.mkdir(parents=True, exist_ok=True)
    own = {"HOME": str(user), "TUTOR_HOME": str(home / "tutor")}
    return kept | own | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


def has(text: str) -> Condition:
    """A line that contains ``text``."""
    return lambda lines: any(text in line for line in lines)


def both(one: Condition, other: Condition) -> Condition:
    return lambda lines: one(lines) and other(lines)
