"""Another pack than the shipped one: every command takes it, and what is remembered of it is apart."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.program import TUTOR
from tests.pty.terminal import Terminal
from tests.test_private_files import loosen, shared
from tutor import paths
from tutor.cli.commands.new import TEMPLATE
from tutor.cli.pack import Pack
from tutor.cli.trust import remember_trust
from tutor.learner.drafts import Drafts
from tutor.learner.store import Store

CURRICULUM = """title = "A pack of mine"

[[chapter]]
id = "autograd"
title = "Doubling"
about = "Twice as much"
lessons = ["backward"]
"""
SOLUTION = "import torch\n\nx = torch.tensor([1.0, 2.0, 4.0])\ny = x + x\n"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack whose only lesson has the id of a shipped one."""
    folder = tmp_path / "mine"
    (folder / "autograd").mkdir(parents=True)
    (folder / "curriculum.toml").write_text(CURRICULUM)
    (folder / "autograd" / "backward.py").write_text(TEMPLATE.read_text("utf-8").format(title="Twice the numbers"))
    return folder


@pytest.fixture(autouse=True)
def trusted(pack: Path, home: Path) -> None:
    """The user has said that it may run."""
    remember_trust(Pack(pack))


@pytest.mark.parametrize("words", [("list", "--pack", "mine"), ("--pack", "mine", "list"), ("list", "--pack=mine")])
def test_it_is_named_before_a_command_or_behind_it(tutor: Command, pack: Path, words: tuple[str, ...]) -> None:
    ended = tutor(*words)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"Twice the numbers" in ended.stdout and b"gradient" not in ended.stdout


def test_it_is_named_for_all_commands_by_the_environment(tutor: Command, pack: Path) -> None:
    assert b"Twice the numbers" in tutor("list", TUTOR_PACK=str(pack)).stdout
    assert b"The gradient of a scalar" in tutor("list", TUTOR_PACK="").stdout
    assert b"The gradient of a scalar" in tutor("list", "--pack", str(paths.lessons()), TUTOR_PACK=str(pack)).stdout


@pytest.mark.parametrize("words", [("list",), ("check", "backward"), ("doctor",), ("backward",), ()])
def test_a_folder_that_is_none_gets_a_sentence(tutor: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    none = "There is no folder `{}`: {} names a pack, which is a folder with curriculum.toml."
    empty = "There are no lessons in empty: a pack is a folder with curriculum.toml and chapter/lesson.py."
    for folder, sentence in (("gone", none), ("file", none), ("", none), ("empty", empty)):
        ended = tutor(*words, "--pack", folder)
        assert (ended.returncode, ended.stdout) == (2, b"")
        assert ended.stderr.decode() == f"tutor: {sentence.format(folder, '--pack')}\n"
    assert tutor(*words, TUTOR_PACK="gone").stderr.decode() == f"tutor: {none.format('gone', 'TUTOR_PACK')}\n"


def test_a_draft_of_it_and_what_became_of_it_are_apart(tutor: Command, pack: Path, home: Path) -> None:
    apart = paths.pack_home(home, pack)
    assert apart.parent.parent == home and apart.name.startswith("mine-")
    assert tutor("check", "backward", "--pack", "mine").returncode == 1  # the snippet is no attempt
    assert [path.name for path in apart.iterdir()] == ["trusted"]
    Drafts(apart).save("autograd/backward", SOLUTION)
    assert shared(home) == []
    assert tutor("check", "backward", "--pack", "mine").returncode == 0
    assert tutor("run", "backward", "--pack", "mine").returncode == 0
    for words, state in ((("--pack", "mine"), "passed"), ((), "new")):
        listed = json.loads(tutor("list", "--json", *words).stdout)
        states = {lesson["id"]: lesson["state"] for chapter in listed["chapters"] for lesson in chapter["lessons"]}
        assert states["autograd/backward"] == state
    assert json.loads(tutor("progress", "--json", "--pack", "mine").stdout)["lessons"]["passed"] == 1
    assert json.loads(tutor("progress", "--json").stdout)["lessons"]["passed"] == 0
    report = tutor("report", "-", "--pack", "mine").stdout.decode()
    assert report.startswith("# A pack of mine") and "1 of 1 lessons solved" in report and "| holds |" in report


def test_a_link_to_it_is_the_same_pack(tmp_path: Path, pack: Path, home: Path) -> None:
    (tmp_path / "link").symlink_to(pack)
    assert paths.pack_home(home, tmp_path / "link") == paths.pack_home(home, pack)
    (tmp_path / "x" / "mine").mkdir(parents=True)
    assert paths.pack_home(home, tmp_path / "x" / "mine") != paths.pack_home(home, pack)


@pytest.mark.parametrize("name", ["mine", "péché $(x)", "x" * 200, "..."])
def test_the_home_of_any_pack_lies_in_the_home(home: Path, tmp_path: Path, name: str) -> None:
    apart = paths.pack_home(home, tmp_path / name)
    assert paths.root(apart) == home and paths.root(home) == home
    assert Drafts(apart).save("a/b", "x\n") and shared(home) == []


def test_its_questions_are_asked_and_come_back(tutor: Command, pack: Path, home: Path) -> None:
    ended = tutor("quiz", "--plain", "--pack", "mine", stdin=b"q\n")
    assert ended.returncode == 0 and "2 questions." in ended.stdout.decode()
    assert paths.progress(paths.pack_home(home, pack)).exists() and not paths.progress(home).exists()
    assert tutor("review", "--plain", "--pack", "mine").returncode == 0


def test_it_is_proved(tutor: Command, pack: Path) -> None:
    for words in (("--pack", "mine"), ("mine",), ("mine", "backward"), ("--pack", "mine", "backward")):
        ended = tutor("verify", *words)
        assert ended.returncode == 0 and b"nothing is wrong: 1 lesson" in ended.stdout, ended.stderr


def test_the_doctor_looks_at_it(tutor: Command, pack: Path) -> None:
    assert "lessons   1 in mine" in tutor("doctor", "--pack", "mine").stdout.decode()


def test_an_export_of_it_is_taken_into_it_alone(tutor: Command, pack: Path, home: Path, tmp_path: Path) -> None:
    apart = paths.pack_home(home, pack)
    Drafts(apart).save("autograd/backward", SOLUTION)
    assert tutor("export", "mine.jsonl", "--pack", "mine").returncode == 0
    assert tutor("export", "ours.jsonl").returncode == 0
    refused = tutor("import", "mine.jsonl")
    assert refused.returncode == 2 and b"is of the pack mine: name its folder with --pack" in refused.stderr
    refused = tutor("import", "ours.jsonl", "--pack", "mine")
    assert refused.returncode == 2 and b"is not of this pack: import it without --pack" in refused.stderr
    elsewhere = str(tmp_path / "elsewhere")
    assert tutor("import", "mine.jsonl", "--pack", "mine", TUTOR_HOME=elsewhere).stderr == b""
    assert Drafts(paths.pack_home(Path(elsewhere), pack)).load("autograd/backward") == SOLUTION
    assert shared(Path(elsewhere)) == []


def test_what_others_could_write_of_it_is_not_run(tutor: Command, pack: Path, home: Path) -> None:
    """The folders between the home and the pack's own count, too."""
    Drafts(paths.pack_home(home, pack)).save("autograd/backward", SOLUTION)
    with closing(Store.open(paths.pack_home(home, pack))) as store:
        store.passed("autograd/backward")
    loosen(home / "packs")
    refused = tutor("run", "backward", "--pack", "mine", "--trust")
    assert refused.returncode == 2 and b"The draft was not run, as others could write to backward.py" in refused.stderr
    assert shared(home) == []
    home.chmod(0o777)
    (home / "thesis.txt").write_text("a home with other things keeps its mode")
    refused = tutor("run", "backward", "--pack", "mine", "--trust")
    assert refused.returncode == 2 and b"The draft was not run, as others can write to tutor" in refused.stderr


def test_the_app_opens_it(pack: Path, home: Path) -> None:
    with Terminal((*TUTOR, "--pack", str(pack), "backward"), columns=120, rows=36) as terminal:
        terminal.wait("Doubling › Twice the numbers", gone="loading")
        terminal.press("ctrl+r")
        terminal.wait("0 of 2")
        terminal.press("y", "ctrl+q")
        assert terminal.wait_for_end() == 0
    assert Drafts(paths.pack_home(home, pack)).ids() == ["autograd/backward"]
    assert Drafts(home).ids() == [] and shared(home) == []
