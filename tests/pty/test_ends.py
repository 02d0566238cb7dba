"""However the program ends, what was typed is there at the next start, and no process is left."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.processes import gone
from tests.program import TUTOR
from tests.pty.terminal import Terminal

LESSON = "autograd/backward"
TYPED = "# typed by hand"


def opened(terminal: Terminal) -> None:
    terminal.wait("The gradient of a scalar", "torch 2.")


def endless(terminal: Terminal) -> None:
    """A run under way that has children of its own."""
    terminal.press("ctrl+home")
    terminal.press(*"import subprocess; print('on' + 'going', flush=True); subprocess.run(['sleep', '600'])", "enter")
    terminal.press("ctrl+r")
    terminal.wait("ongoing")


def typed(terminal: Terminal, home: Path) -> None:
    """A line typed, and saved, which happens by itself within about a second."""
    terminal.press("ctrl+home", *TYPED, "enter")
    terminal.wait(TYPED)
    draft = home / "drafts" / f"{LESSON}.py"
    terminal.wait_until(lambda: draft.is_file() and TYPED in draft.read_text())


ENDS: dict[str, Callable[[Terminal], object]] = {
    "SIGHUP": lambda terminal: terminal.kill(signal.SIGHUP),
    "SIGTERM": lambda terminal: terminal.kill(signal.SIGTERM),
    "kill -9": lambda terminal: terminal.kill(signal.SIGKILL),
    "a closed terminal": lambda terminal: terminal.close_terminal(),
    "quit": lambda terminal: terminal.press("ctrl+q"),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_nothing_is_lost_and_nothing_is_left(end: Callable[[Terminal], object], home: Path) -> None:
    with Terminal((*TUTOR, LESSON), columns=120, rows=36) as terminal:
        opened(terminal)
        typed(terminal, home)
        endless(terminal)
        family = terminal.family()
        assert len(family) >= 6
        end(terminal)
        assert not gone(family)
    no_torch = (*TUTOR, "--python", "/bin/false")  # none is needed to read what was typed
    with Terminal(no_torch, columns=120, rows=36) as terminal:
        terminal.wait("The gradient of a scalar", TYPED)
        terminal.press("ctrl+q")
        assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_what_was_typed_a_moment_ago_is_saved_by_a_signal(number: signal.Signals, home: Path) -> None:
    with Terminal((*TUTOR, LESSON), columns=120, rows=36) as terminal:
        opened(terminal)
        terminal.press("ctrl+home", *TYPED)
        terminal.wait(TYPED)
        terminal.kill(number)
        assert terminal.wait_for_end() == 128 + number
    assert TYPED in (home / "drafts" / f"{LESSON}.py").read_text()


def test_a_terminal_that_takes_nothing_any_more_does_not_hold_it(home: Path) -> None:
    """As when an SSH link stalls: nobody reads, the program's writes block, and then the hang-up comes."""
    with Terminal((*TUTOR, LESSON), columns=120, rows=36) as terminal:
        opened(terminal)
        typed(terminal, home)
        family = terminal.family()
        for _ in range(400):
            terminal.press("ctrl+l")
        terminal.kill(signal.SIGHUP)
        assert not gone(family)


def test_a_kill_while_torch_is_still_loading_leaves_nothing(home: Path) -> None:
    with Terminal((*TUTOR, LESSON), columns=120, rows=36) as terminal:
        terminal.wait("loading")
        terminal.wait_until(lambda: len(terminal.family()) > 1)
        family = terminal.family()
        terminal.kill(signal.SIGKILL)
        assert not gone(family)
