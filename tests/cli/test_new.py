"""``tutor new``: what it writes is a lesson that holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command

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
        'Name it in lessons/curriculum.toml: "per_sample_gradients" among the lessons of chapter `autograd`.',
        "Then `tutor verify lessons autograd/per_sample_gradients` proves it.",
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


@pytest.mark.parametrize("id", ["hooks", "autograd/Hooks", "autograd/../x", "autograd/hooks.py", "a/b/c"])
def test_an_id_is_chapter_and_name(tutor: Command, pack: Path, id: str) -> None:
    ended = tutor("new", id)
    assert ended.returncode == 2 and b"is no id of a lesson" in ended.stderr
    assert [path.name for path in pack.iterdir()] == ["curriculum.toml"]


def test_where_no_pack_is_it_is_said(tutor: Command, tmp_path: Path) -> None:
    ended = tutor("new", "autograd/hooks")
    assert ended.returncode == 2 and b"There is no pack here" in ended.stderr
    assert not (tmp_path / "autograd").exists()
