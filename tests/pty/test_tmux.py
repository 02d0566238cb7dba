"""The program in tmux, where most people on a server run what must outlive their link."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tests.patience import PATIENCE
from tests.program import TUTOR
from tutor.ui.terminal.frame_diff import TerminalFrame

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
Tmux = Callable[..., str]


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """A tmux server of our own, with nobody's settings."""
    base = ["tmux", "-S", str(tmp_path / "socket"), "-f", os.devnull]

    def command(*words: str) -> str:
        # An environment of its own: readline, which pytest loads, puts COLUMNS and LINES behind os.environ's back.
        return subprocess.run([*base, *words], env={**os.environ}, capture_output=True, text=True, check=True).stdout

    yield command
    subprocess.run([*base, "kill-server"], capture_output=True, check=False)


def shows(tmux: Tmux, *wanted: str, seconds: float = PATIENCE) -> str:
    until = time.monotonic() + seconds
    while not all(text in (screen := tmux("capture-pane", "-p")) for text in wanted):
        assert time.monotonic() < until, f"never showed {wanted}:\n{screen}"
        time.sleep(0.05)
    return screen


def test_rows_with_graphemes_of_doubtful_width_are_right_in_tmux(tmux: Tmux, tmp_path: Path) -> None:
    graphemes = ["👨‍👩‍👧", "🇩🇪", "👍🏽", "❤️", "1️⃣", "🏴‍☠️", "e\u0301", "각"]
    frame, width = TerminalFrame(Console()), 30
    for step in ("old", "new"):
        rows = [f"A {step} {grapheme}" + " " * (12 - cell_len(grapheme)) + f"| {step} Z" for grapheme in graphemes]
        update = LayoutUpdate([[Strip([Segment(row)])] for row in rows], Region(0, 0, width, len(rows)))
        (tmp_path / step).write_text(frame.changes(update, (width, len(rows)), (0, 0)), encoding="utf-8")
    show = shlex.join(["cat", str(tmp_path / "old"), str(tmp_path / "new")]) + "; sleep 60"
    tmux("-u", "new-session", "-d", "-x", str(width), "-y", str(len(rows)), show)
    tmux("set-option", "-g", "status", "off")
    shows(tmux, "| new Z")
    for grapheme, line in zip(graphemes, tmux("capture-pane", "-p").splitlines(), strict=False):
        assert line.startswith("A new ") and line.endswith("| new Z") and "old" not in line, grapheme


def test_a_lesson_in_tmux_by_its_keys_alone(tmux: Tmux, home: Path) -> None:
    program = f"TUTOR_HOME={shlex.quote(str(home))} {shlex.join(TUTOR)} autograd/backward"
    tmux("new-session", "-d", "-x", "80", "-y", "24", program)
    shows(tmux, "The gradient of a scalar", " · 0 of 2")
    tmux("send-keys", "C-r")
    shows(tmux, "None of 2 requirements hold", "Try requires_grad=True")
    tmux("send-keys", "C-t")
    shows(tmux, "Hint 1 of 2")
    tmux("send-keys", "C-n")
    shows(tmux, "The vector–Jacobian product")
    tmux("send-keys", "F1")
    shows(tmux, "Run the draft and check it")
    tmux("send-keys", "Escape")
    tmux("resize-window", "-x", "120", "-y", "36")
    shows(tmux, "import torch", "Task")
    tmux("send-keys", "C-q")
    until = time.monotonic() + PATIENCE
    with pytest.raises(subprocess.CalledProcessError):  # the server ends with its last program
        while time.monotonic() < until:
            tmux("capture-pane", "-p")
