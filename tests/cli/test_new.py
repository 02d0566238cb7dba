"""``tutor new``: what it writes is a lesson that holds, or a pack of one."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import Command, surroundings
from tests.patience import PATIENCE
from tests.program import TUTOR
from tests.test_private_files import modes, shared

CURRICULUM = """title = "Mine"
[[chapter]]
id = "autograd"
title = "Autograd"
about = "Derivatives."
lessons = ["per_sample_gradients"]
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "lessons"
    folder.mkdir()
    (folder / "curriculum.toml").write_text(CURRICULUM)
    return folder


def test_a_new_lesson_holds_as_it_is(tutor: Command, pack: Path) -> None:
    ended = tutor("new", "autograd/per_sample_gradients")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.decode().splitlines() == [
        "lessons/autograd/per_sample_gradients.py is a lesson that holds, to be made into yours.",
        "lessons/curriculum.toml names it, as the last of chapter `autograd`.",
        "`tutor verify lessons autograd/per_sample_gradients` proves it.",
    ]
    text = (pack / "autograd/per_sample_gradients.py").read_text("utf-8")
    assert text.startswith('"""# Per sample gradients\n')
    proved = tutor("verify", "lessons", "--trust")
    assert proved.returncode == 0, proved.stdout.decode()


def test_nothing_is_written_over(tutor: Command, pack: Path) -> None:
    (pack / "autograd").mkdir()
    (pack / "autograd/hooks.py").write_text("mine\n")
    ended = tutor("new", "autograd/hooks")
    assert (ended.returncode, ended.stderr) == (2, b"tutor: `lessons/autograd/hooks.py` is there already.\n")
    assert (pack / "autograd/hooks.py").read_text() == "mine\n"


def test_the_curriculum_names_a_new_lesson_and_is_as_it_was_else(tutor: Command, pack: Path) -> None:
    commented = "# Mine.\n" + CURRICULUM.replace('["per', '[ # one\n  "per').replace('ts"]', 'ts",\n]')
    (pack / "curriculum.toml").write_text(commented)
    for id in ("autograd/per_sample_gradients", "autograd/hooks", "tensors/views"):
        assert tutor("new", id).returncode == 0
    text = (pack / "curriculum.toml").read_text()
    assert text.startswith(commented.removesuffix("]\n") + '  "hooks",\n]\n')
    chapters = {chapter["id"]: chapter["lessons"] for chapter in tomllib.loads(text)["chapter"]}
    assert chapters == {"autograd": ["per_sample_gradients", "hooks"], "tensors": ["views"]}
    listed = tutor("list", "--pack", "lessons").stdout.decode()
    assert "Hooks" in listed and "Tensors" in listed and "Views" in listed


def test_a_curriculum_that_is_written_in_another_way_is_left_to_its_author(tutor: Command, pack: Path) -> None:
    (pack / "curriculum.toml").write_text("no toml")
    ended = tutor("new", "autograd/hooks")
    assert ended.returncode == 0
    assert b'Name it in lessons/curriculum.toml: "hooks" among the lessons of chapter `autograd`.' in ended.stdout
    assert (pack / "curriculum.toml").read_text() == "no toml"


def test_a_lesson_is_written_into_the_pack_that_is_named(tutor: Command, pack: Path, tmp_path: Path) -> None:
    pack.rename(tmp_path / "elsewhere")
    assert tutor("new", "autograd/hooks", "--pack", "elsewhere").returncode == 0
    assert (tmp_path / "elsewhere/autograd/hooks.py").exists()


@pytest.mark.parametrize("id", ["autograd/Hooks", "autograd/../x", "autograd/hooks.py", "a/b/c"])
def test_an_id_is_chapter_and_name(tutor: Command, pack: Path, id: str) -> None:
    ended = tutor("new", id)
    assert ended.returncode == 2 and b"is no id of a lesson" in ended.stderr
    assert [path.name for path in pack.iterdir()] == ["curriculum.toml"]


def test_where_no_pack_is_it_is_said(tutor: Command, tmp_path: Path) -> None:
    ended = tutor("new", "autograd/hooks")
    assert ended.returncode == 2 and b"There is no pack here" in ended.stderr
    assert not (tmp_path / "autograd").exists()


# --- a pack -----------------------------------------------------------------------------------------------------


def test_a_new_pack_holds_and_is_trusted(tutor: Command, tmp_path: Path, home: Path) -> None:
    ended = tutor("new", "my_pack")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert "`tutor --pack my_pack` opens it, and `tutor verify my_pack` proves it." in ended.stdout.decode()
    proved = tutor("verify", "my_pack")
    assert proved.returncode == 0 and b"nothing is wrong: 1 lesson" in proved.stdout, proved.stderr
    assert b"Doubling" in tutor("list", "--pack", "my_pack").stdout
    assert (tomllib.loads((tmp_path / "my_pack/curriculum.toml").read_text()))["title"] == "My pack"
    assert tutor("new", "more/views", "--pack", "my_pack").returncode == 0
    proved = tutor("verify", "my_pack")
    assert proved.returncode == 0 and b"nothing is wrong: 2 lessons" in proved.stdout, proved.stdout
    assert shared(home) == []


@pytest.mark.parametrize("word", ["./packs/a b", "{tmp_path}/x", "empty", "Größe"])
def test_a_pack_is_made_where_it_is_named(tutor: Command, tmp_path: Path, word: str) -> None:
    (tmp_path / "empty" / ".git").mkdir(parents=True)
    word = word.format(tmp_path=tmp_path)
    assert tutor("new", word).returncode == 0
    assert (tmp_path / word / "basics" / "doubling.py").is_file()
    assert tutor("list", "--pack", word).returncode == 0


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("full", "There is something in `full` already: name a folder that isn't there, or is empty."),
        ("file", "`file` can't be made: File exists."),
        ("./file/x", "`file/x` can't be made: Not a directory."),
        ("/proc/x", "`/proc/x` can't be made: No such file or directory."),
        ("x\x1by", "`x␛y` has characters that can't be seen: name the pack otherwise."),
    ],
)
def test_nothing_is_made_where_something_is(tutor: Command, tmp_path: Path, word: str, sentence: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    ended = tutor("new", word)
    assert (ended.returncode, ended.stdout, ended.stderr.decode()) == (2, b"", f"tutor: {sentence}\n")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "full", "thesis.txt"]


@pytest.mark.parametrize("umask", [0o002, 0o077], ids="{:03o}".format)
def test_nobody_else_may_write_what_is_new(tmp_path: Path, umask: int) -> None:
    for words in (("new", "mine"), ("new", "basics/more", "--pack", "mine"), ("verify", "mine")):
        command = [*TUTOR, *words]
        subprocess.run(command, cwd=tmp_path, env=surroundings(), umask=umask, check=True, timeout=PATIENCE)
    assert [name for name, mode in modes(tmp_path / "mine").items() if mode & (0o022 | umask)] == []
