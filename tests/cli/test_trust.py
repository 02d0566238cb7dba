"""A pack that doesn't come with the program: none of its code runs before the user has said yes, once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Command, Open
from tests.cli.test_pack import SOLUTION, pack
from tests.program import TUTOR
from tests.pty.terminal import Terminal
from tests.test_private_files import needs_root, shared
from tutor import paths
from tutor.learner.drafts import Drafts
from tutor.learner.store import Store

__all__ = ["pack"]

QUESTION = "They are programs that run as you, with your rights. Run them? [y/N] "
RUNNING = [
    ("run", "backward", "--pack", "mine"),
    ("check", "backward", "--pack", "mine"),
    ("check", "backward", "answer.py", "--pack", "mine"),
    ("quiz", "--plain", "--pack", "mine"),
    ("review", "--plain", "--pack", "mine"),
    ("report", "-", "--pack", "mine"),
    ("verify", "--pack", "mine"),
    ("verify", "mine"),
    ("verify", "mine", "backward"),
    ("verify", "--mutate", "mine"),
]
"""Every command that runs code of a lesson."""
every_command = pytest.mark.parametrize("words", RUNNING, ids=" ".join)


@pytest.fixture
def marked(pack: Path, tmp_path: Path, home: Path) -> Path:
    """The pack, all programs of which leave a mark; the learner has solved its lesson. The mark's path."""
    mark = tmp_path / "it-ran"
    file = pack / "autograd" / "backward.py"
    leave = f"import pathlib; pathlib.Path({str(mark)!r}).touch()\nimport torch"
    file.write_text(file.read_text().replace("\nimport torch", f"\n{leave}"))
    (tmp_path / "answer.py").write_text(SOLUTION)
    drafts = Drafts(paths.pack_home(home, pack))
    drafts.save("autograd/backward", f"{leave}\n{SOLUTION}")
    store = Store.open(drafts.home)
    store.passed("autograd/backward")
    store.close()
    return mark


@every_command
def test_without_a_terminal_nothing_runs_and_the_option_that_says_yes_is_named(
    tutor: Command, marked: Path, pack: Path, words: tuple[str, ...]
) -> None:
    refused = tutor(*words)
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert refused.stderr.decode() == (
        f"tutor: The lessons in {pack} are programs that run as you, with your rights. Say yes to that with --trust.\n"
    )
    assert not marked.exists()


@every_command
def test_what_others_may_write_is_refused_whatever_was_said(
    tutor: Command, marked: Path, pack: Path, words: tuple[str, ...]
) -> None:
    (pack / "autograd").chmod(0o775)
    refused = tutor(*words, "--trust")
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert refused.stderr.decode() == (
        "tutor: Nothing was run, as others can write to autograd. "
        "If you know what is in mine, try `chmod -R go-w` on it.\n"
    )
    assert not marked.exists()


def test_yes_is_remembered_and_of_this_pack_alone(tutor: Command, marked: Path, pack: Path, home: Path) -> None:
    assert tutor("check", "backward", "--pack", "mine", "--trust").returncode == 0
    assert marked.exists()
    assert tutor("verify", "mine").returncode == 0
    assert shared(home) == []
    pack.rename(pack.with_name("other"))
    assert tutor("verify", "other").returncode == 2


def test_what_runs_nothing_asks_nothing(tutor: Command, marked: Path, tmp_path: Path) -> None:
    for words in (("list",), ("progress",), ("doctor",), ("export", "-"), ("run", "answer.py")):
        ended = tutor(*words, "--pack", "mine")
        assert (ended.returncode, ended.stderr) == (0, b""), words
    assert not marked.exists()


@pytest.mark.parametrize("words", [("list", "--trust"), ("--trust", "progress")])
def test_yes_is_said_to_what_runs_lessons(tutor: Command, pack: Path, words: tuple[str, ...]) -> None:
    refused = tutor(*words, "--pack", "mine")
    assert refused.returncode == 2 and b"Unrecognized arguments: --trust" in refused.stderr


def test_a_pack_that_only_links_to_the_shipped_one_is_shipped(tutor: Command, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(paths.lessons())
    assert tutor("verify", "link", "autograd/backward").returncode == 0


@pytest.mark.parametrize("answer", ["", "n", "yo", "\x04"])
def test_no_runs_nothing_and_is_not_remembered(terminal: Open, marked: Path, home: Path, answer: str) -> None:
    for _ in range(2):
        asked = terminal("run", "backward", "--pack", "mine")
        asked.until(QUESTION)
        asked.press(answer if answer == "\x04" else f"{answer}\r")
        assert asked.end() == 2
        assert "tutor: Nothing was run." in asked.shown
    assert not marked.exists() and not paths.trust(paths.pack_home(home, marked.with_name("mine"))).exists()


def test_yes_at_a_terminal_is_asked_for_once(terminal: Open, marked: Path, pack: Path) -> None:
    asked = terminal("check", "backward", "--pack", "mine", size=(200, 24))
    asked.until(QUESTION)
    assert f"These lessons do not come with tutor: {pack}" in asked.shown
    assert not marked.exists()
    asked.press("y\r")
    assert asked.end() == 0 and marked.exists()
    again = terminal("check", "backward", "--pack", "mine")
    assert again.end() == 0 and QUESTION not in again.shown


def test_a_path_in_the_question_commands_no_terminal(terminal: Open, pack: Path) -> None:
    pack.rename(pack.with_name("m\x1b]2;x\x07ine"))
    asked = terminal("verify", "m\x1b]2;x\x07ine")
    asked.until(QUESTION)
    asked.press("\r")
    assert asked.end() == 2 and b"\x1b]2;" not in asked.raw


def test_the_app_asks_before_it_opens(pack: Path) -> None:
    with Terminal((*TUTOR, "--pack", str(pack)), columns=120, rows=36) as terminal:
        terminal.wait("Run them? [y/N]")
        terminal.press("enter")
        assert terminal.wait_for_end() == 2
    for answer in ("y", None):
        with Terminal((*TUTOR, "--pack", str(pack)), columns=120, rows=36) as terminal:
            if answer:
                terminal.wait("Run them? [y/N]")
                terminal.press(answer, "enter")
            terminal.wait("A pack of mine", "0 of 1 lessons done", gone="loading")
            terminal.press("ctrl+q")
            assert terminal.wait_for_end() == 0


def file_of_another(pack: Path) -> None:
    os.chown(pack / "autograd" / "backward.py", 65534, 65534)


def folder_of_another(pack: Path) -> None:
    os.chown(pack, 65534, 65534)


def curriculum_for_all(pack: Path) -> None:
    (pack / "curriculum.toml").chmod(0o666)


def link(pack: Path) -> None:
    (pack / "autograd" / "backward.py").rename(pack / "there.py")
    (pack / "autograd" / "backward.py").symlink_to(pack / "there.py")


WAYS = [
    curriculum_for_all,
    link,
    pytest.param(file_of_another, marks=needs_root),
    pytest.param(folder_of_another, marks=needs_root),
]


@pytest.mark.parametrize("let_in", WAYS, ids=lambda way: way.__name__)
def test_every_way_in_is_seen(tutor: Command, pack: Path, let_in: Callable[[Path], None]) -> None:
    assert tutor("run", "backward", "--pack", "mine", "--trust").returncode == 0
    let_in(pack)
    refused = tutor("run", "backward", "--pack", "mine")
    assert refused.returncode == 2 and refused.stderr.startswith(b"tutor: Nothing was run, as ")
    assert b"They are not run" in tutor("doctor", "--pack", "mine").stdout


def test_an_answer_that_others_could_have_given_is_none(tutor: Command, pack: Path, home: Path) -> None:
    assert tutor("run", "backward", "--pack", "mine", "--trust").returncode == 0
    (home / "thesis.txt").write_text("a home with other things keeps its mode")
    home.chmod(0o777)
    assert b"Say yes to that with --trust" in tutor("verify", "mine").stderr


def test_an_answer_that_cannot_be_saved_holds_this_once(tutor: Command, pack: Path) -> None:
    ended = tutor("verify", "mine", "--trust", TUTOR_HOME="/proc/tutor")
    assert ended.returncode == 0 and b"tutor: It can't be remembered that mine may run: " in ended.stderr
