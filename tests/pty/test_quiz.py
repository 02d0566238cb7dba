"""Quiz mode in a real terminal: opened from the shell, left, and what was answered kept."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import pytest

from tests.program import TUTOR
from tests.pty.terminal import Terminal
from tutor import paths
from tutor.curriculum.catalog import Catalog
from tutor.learner.store import Store
from tutor.quiz.kinds import KINDS

ALT_DOWN, ALT_Q, ALT_V = "\x1b[1;3B", "\x1bq", "\x1bv"


def due(home: Path, kind: str) -> None:
    """A shipped question of this kind was answered wrongly a month ago."""
    catalog = Catalog(paths.lessons(), KINDS)
    id = next(
        f"{entry.id}#{question.name}"
        for entry in catalog.entries
        for question in catalog.lesson(entry.id).supplement.questions
        if question.kind == kind
    )
    store = Store.open(home, clock=lambda: time.time() - 30 * 86_400)
    store.record("answered", id, rating=1, sitting="quiz")
    store.close()


def count(home: Path) -> int:
    store = Store.open(home)
    [(number,)] = store.rows("SELECT count(*) FROM event WHERE kind = 'answered'")
    store.close()
    return int(number)


def test_the_shell_opens_a_quiz_and_leaving_it_leads_home(home: Path) -> None:
    with Terminal((*TUTOR, "quiz", "tensors", "--count", "2")) as terminal:
        terminal.wait("Quiz › Tensors", "0 of 2", "don't know")
        terminal.press("f3")
        terminal.wait("The answer", "go on", "1 of 3")
        terminal.press("enter")
        terminal.wait("don't know", gone="The answer")
        terminal.press("escape")
        terminal.wait("0 of 1 right at the first try", "Worth reading again")
        terminal.press("escape")
        terminal.wait("Begin", "1  Devices")
        terminal.press("ctrl+q")
        assert terminal.wait_for_end() == 0
    assert count(home) == 1


def test_lines_are_moved_with_alt_and_an_arrow(home: Path) -> None:
    due(home, "order")
    with Terminal((*TUTOR, "review"), columns=120, rows=36) as terminal:
        terminal.wait("Review", "0 of 1", "Alt+↑ ↓ move")
        first = steps(terminal)
        terminal.press(ALT_DOWN)
        terminal.wait_until(lambda: steps(terminal)[:2] == [first[1], first[0]])
        terminal.press("up", "k", " ", "down")
        terminal.wait_until(lambda: steps(terminal) == first)
        terminal.press(" ", "enter")
        terminal.wait("Not right yet")


def test_what_comes_in_one_go_with_enter_is_judged_whole(home: Path) -> None:
    """As it does over a slow line, and when a terminal pastes without brackets."""
    due(home, "write")
    with Terminal((*TUTOR, "review"), columns=120, rows=36) as terminal:
        terminal.wait("Review", "0 of 1", "^T hint")
        terminal.child.send("no_such_name\r")
        terminal.wait("name 'no_such_name' is not defined")


def steps(terminal: Terminal) -> list[str]:
    return re.findall(r"^...\d\.  (.*?)\s*$", terminal.text, re.MULTILINE)


def test_from_home_with_a_key_and_what_is_due_with_another(home: Path) -> None:
    due(home, "choose")
    with Terminal() as terminal:
        terminal.wait("Begin", "1 due")
        terminal.press(ALT_Q)
        terminal.wait("Review: what you are about to forget", "All chapters, mixed")
        terminal.press("escape")
        terminal.wait("Begin", gone="All chapters, mixed")
        terminal.press(ALT_V)
        terminal.wait(" Review", "0 of 1", "A-")
        terminal.press("?", "?", "?")
        terminal.wait("The answer")
        terminal.press(ALT_Q)
        terminal.wait("right at the first try")


@pytest.mark.parametrize("gone", ["closed", "killed"])
def test_what_was_counted_as_answered_outlives_the_terminal(home: Path, gone: str) -> None:
    due(home, "choose")
    with Terminal((*TUTOR, "review")) as terminal:
        terminal.wait("0 of 1", "hint")
        terminal.press("f3")
        terminal.wait("1 of 2")
        if gone == "closed":
            terminal.close_terminal()
        else:
            terminal.kill(signal.SIGKILL)
        terminal.child.wait()
    assert count(home) == 2


def test_an_ascii_terminal(home: Path) -> None:
    due(home, "match the curve")
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TERM": "vt100"}
    with Terminal((*TUTOR, "review"), env=locale) as terminal:
        terminal.wait("learning rate", "hint")
        assert terminal.text.isascii()
        terminal.press("f3")
        terminal.wait("? Shown", "The answer")
        assert terminal.text.isascii()
