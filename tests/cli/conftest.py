"""The command as a shell starts it: with pipes, or in a terminal of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

from tests.patience import PATIENCE
from tests.program import TUTOR

ROOT = Path(__file__).resolve().parents[2]
Command = Callable[..., subprocess.CompletedProcess[bytes]]


def surroundings(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **more}


@pytest.fixture
def tutor(tmp_path: Path) -> Command:
    """``tutor("run", "x.py", stdin=b"...", NAME="value")`` in an empty folder, with pipes."""

    def go(*words: str, stdin: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
        ended = subprocess.run(
            [*TUTOR, *words], input=stdin, capture_output=True, cwd=tmp_path, env=surroundings(**more), timeout=PATIENCE
        )
        assert b"Traceback (most recent call last)" not in ended.stderr or b"tutor/" not in ended.stderr
        return ended

    return go


class Terminal:
    """The command in a terminal, and what its screen shows."""

    def __init__(self, command: list[str], folder: Path, size: tuple[int, int], more: dict[str, str]) -> None:
        self.columns, self.rows = size
        self.screen = pyte.HistoryScreen(self.columns, self.rows, history=1000, ratio=0.5)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.process = pexpect.spawn(
            command[0],
            command[1:],
            cwd=str(folder),
            env=surroundings(**more),
            dimensions=(self.rows, self.columns),
            timeout=PATIENCE,
        )

    def until(self, text: str) -> None:
        """Wait until ``text`` has been written."""
        self.process.expect_exact(text)
        self._take(self.process.before + self.process.after)

    def press(self, keys: str) -> None:
        self.process.send(keys)

    def end(self) -> int:
        """Wait for the end; the exit status."""
        self.process.expect(pexpect.EOF)
        self._take(self.process.before)
        self.process.wait()
        assert self.process.exitstatus is not None
        return self.process.exitstatus

    def _take(self, data: bytes) -> None:
        self.raw += data
        self._stream.feed(data)

    @property
    def shown(self) -> str:
        above = ["".join(line[x].data for x in range(self.columns)) for line in self.screen.history.top]
        return "\n".join(line.rstrip() for line in [*above, *self.screen.display]).rstrip()


Open = Callable[..., Terminal]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Open]:
    """``terminal("run", "x.py", size=(80, 24), NAME="value")``; ``command`` instead of ``python -m tutor``."""
    opened: list[Terminal] = []

    def go(*words: str, size: tuple[int, int] = (80, 24), command: list[str] | None = None, **more: str) -> Terminal:
        opened.append(Terminal([*(command or TUTOR), *words], tmp_path, size, more))
        return opened[-1]

    yield go
    for one in opened:
        one.process.close(force=True)
