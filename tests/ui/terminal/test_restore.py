"""The end of the app, however it comes: the draft is saved, the worker let go, the terminal given back."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pexpect
import pytest

from tests.patience import PATIENCE

PROGRAM = """
import asyncio, sys
from pathlib import Path
from tutor.protocol.codec import Ready
from tutor.ui.app import Start, open_app

home = Path(sys.argv[2])

class Runner:
    on_event = None
    def new_id(self): return 1
    async def start(self): self.on_event(Ready("all", "3", "2.13.0"))
    def stop(self, run): pass
    async def close(self): (home / "closed").touch()
    def abandon(self): (home / "abandoned").touch()

sys.exit(open_app(Start(Path(sys.argv[1]), home, Runner, "basics/one")))
"""


@pytest.fixture
def start(pack: Path, home: Path):
    started = []

    def begin() -> pexpect.spawn:
        home.mkdir(exist_ok=True)
        env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(Path.cwd())}
        argv = ["-c", PROGRAM, str(pack), str(home)]
        child = pexpect.spawn(sys.executable, argv, env=env, dimensions=(36, 120), timeout=PATIENCE)
        child.delaybeforesend = None
        started.append(child)
        child.expect("torch 2.")
        return child

    yield begin
    for child in started:
        with contextlib.suppress(OSError, pexpect.ExceptionPexpect):  # a test may have closed or reaped it
            child.close(force=True)


def _draft(home: Path) -> str:
    return (home / "drafts/basics/one.py").read_text()


def _typed(child: pexpect.spawn, text: str) -> None:
    child.send(text)
    child.expect(text[-1])


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_saves_the_draft_at_once(start, home, number):
    child = start()
    _typed(child, "abZ")
    child.kill(number)
    child.expect(pexpect.EOF)
    child.close()
    assert _draft(home).startswith("abZ")
    assert child.exitstatus == 128 + number
    assert (home / "abandoned").exists()
    assert b"\x1b[?1049l" in child.before or number == signal.SIGHUP


def test_a_closed_terminal_saves_the_draft(start, home):
    child = start()
    _typed(child, "abZ")
    os.close(child.child_fd)
    os.waitpid(child.pid, 0)
    assert _draft(home).startswith("abZ") and (home / "abandoned").exists()


def test_a_terminal_that_takes_nothing_any_more_is_no_obstacle(start, home):
    """Nobody reads the pty: the writer thread of Textual is blocked, the handler must not be."""
    child = start()
    _typed(child, "abZ")
    for _ in range(400):
        child.send("\x0c\x1b[24~")  # redraw, other colours: a full screen each time
    child.kill(signal.SIGTERM)
    _, status = os.waitpid(child.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGTERM
    assert _draft(home).startswith("abZ")


def test_kill_nine_loses_no_more_than_the_last_moment(start, home):
    child = start()
    _typed(child, "abZ")
    until = time.monotonic() + PATIENCE
    while not (home / "drafts/basics/one.py").exists():
        assert time.monotonic() < until
        child.expect([pexpect.TIMEOUT, "never"], timeout=0.02)
    child.kill(signal.SIGKILL)
    child.expect(pexpect.EOF)
    assert _draft(home).startswith("abZ")
    assert b"bZx" in start().before  # the cursor stands on the first letter


def test_the_quit_key_ends_with_status_zero_and_closes_the_worker(start, home):
    child = start()
    child.send("\x11")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0 and (home / "closed").exists()
    assert b"\x1b[?1049l" in child.before
