"""Leaving with what can't be saved: it is asked first, and can be kept in another file."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pexpect
import pytest

from tests.ui.terminal.test_restore import start

__all__ = ["start"]


def texts(file: Path) -> list[str]:
    records = map(json.loads, file.read_text().splitlines())
    return [record["draft"]["text"] for record in records if "draft" in record]


@pytest.fixture
def blocked(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No folder can be made where the home would be: not even root can save there. Returns the folder one is in."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    home.write_text("in the way")
    return tmp_path / "here"


SIZES = pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 12), (24, 9)], ids=str)


@SIZES
async def test_leaving_asks_and_saves_elsewhere(opened, blocked: Path, size):
    async with opened("basics/one", size=size) as tutor:
        await tutor.type("y")
        await tutor.press("ctrl+q", "ctrl+q")
        await tutor.until(lambda: "Not saved" in tutor.text, "the question")
        assert "Enter save" in tutor.text and "Esc" in tutor.text and "^D leave" in tutor.text
        assert tutor.app.return_code is None
        await tutor.press("enter")
        assert tutor.app.return_code == 0
    [file] = blocked.iterdir()
    assert [text[:6] for text in texts(file)] == ["yx = 0"]
    assert file.stat().st_mode & 0o777 == 0o600


async def test_a_name_that_cannot_be_is_told_and_another_taken(opened, blocked: Path):
    (blocked / "mine.txt").write_text("mine")
    async with opened("basics/one", size=(80, 24)) as tutor:
        await tutor.type("y")
        await tutor.press("ctrl+q")
        field = tutor.app.screen.query_one("#elsewhere")
        field.value = str(blocked / "mine.txt")
        await tutor.press("enter")
        assert "mine.txt is there already" in tutor.text
        field.value = str(blocked / "no" / "such")
        await tutor.press("enter")
        assert "can't be written there" in tutor.text
        field.value = "other.jsonl"
        await tutor.press("enter")
        assert tutor.app.return_code == 0
    assert (blocked / "mine.txt").read_text() == "mine"
    assert texts(blocked / "other.jsonl")


async def test_one_can_go_on_or_give_it_up(opened, blocked: Path):
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.press("ctrl+q", "escape")
        await tutor.type("z")
        assert "yzx = 0" in tutor.text and tutor.app.return_code is None
        await tutor.press("ctrl+q", "ctrl+d")
        assert tutor.app.return_code == 0
    assert list(blocked.iterdir()) == []


async def test_where_all_is_saved_nothing_is_asked(opened):
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.press("ctrl+q")
        assert tutor.app.return_code == 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_saves_where_it_can(start, home: Path, tmp_path: Path, monkeypatch, number):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    home.mkdir()
    (home / "drafts").write_text("in the way")
    child = start()
    child.send("abZ")
    child.expect("Z")
    child.kill(number)
    child.expect(pexpect.EOF)
    [file] = (tmp_path / "temporary").glob("tutor-unsaved-*.jsonl")
    assert [text[:3] for text in texts(file)] == ["abZ"]
    assert file.stat().st_mode & 0o777 == 0o600
