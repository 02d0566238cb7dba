"""Homes that can't be written, terminals that are too small or too old: the tutor still teaches, and says so."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import TUTOR
from tests.pty.terminal import Terminal

LESSON = "autograd/backward"


def taught(terminal: Terminal, *also: str) -> None:
    """A lesson opens, runs and is judged; leaving asks first where something can't be saved."""
    terminal.wait("The gradient of a scalar")
    terminal.press("ctrl+r")
    terminal.wait("None of 2 requirements hold", *also)
    terminal.press("ctrl+q")
    if "not saved" in also:
        terminal.wait("Not saved. Keep it in another file?")
        terminal.press("ctrl+d")
    assert terminal.wait_for_end() == 0


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    """Not even root can make a folder in /proc."""
    with Terminal((*TUTOR, LESSON), columns=120, rows=36, env={"TUTOR_HOME": "/proc/tutor"}) as terminal:
        taught(terminal, "not saved")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk can only be mounted by root")
    try:
        with pytest.raises(OSError, match="No space left"), (disk / "filling").open("wb") as file:
            while True:
                file.write(bytes(1024))
                file.flush()
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_keeps_nothing_and_is_passed_over_for_the_folders_of_runs(full_disk: Path) -> None:
    env = {"TUTOR_HOME": str(full_disk / "home"), "TMPDIR": str(full_disk)}
    with Terminal((*TUTOR, LESSON), columns=120, rows=36, env=env) as terminal:
        taught(terminal, "not saved")


@pytest.mark.parametrize(
    "env",
    [
        {"LANG": "C", "LC_ALL": "C", "TERM": "xterm", "COLORTERM": ""},
        {"LANG": "POSIX", "LC_ALL": "POSIX", "TERM": "linux", "NO_COLOR": "1"},
        {"TERM": "dumb"},
    ],
    ids=lambda env: env["TERM"],
)
def test_a_locale_that_is_not_utf_8_few_colours_or_none_and_20_by_5_until_it_grows(env: dict[str, str]) -> None:
    with Terminal((*TUTOR, LESSON), columns=20, rows=5, env={**env, "PYTHONCOERCECLOCALE": "0"}) as terminal:
        terminal.wait("20x5, needs")
        terminal.rest()
        terminal.resize(80, 24)
        taught(terminal)
