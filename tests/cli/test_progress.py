"""How far one has come, and all that is remembered in one file, from the command line."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

from tests.cli.conftest import Command
from tutor import paths
from tutor.curriculum.catalog import Catalog
from tutor.learner.drafts import Drafts
from tutor.learner.review_queue import Reviews
from tutor.learner.store import Store
from tutor.quiz.kinds import KINDS

ID = "autograd/backward"


def learn(home: Path) -> None:
    """An afternoon's work, four days ago."""
    at = time.time() - 4 * 86400
    clock = itertools.count(at)
    store = Store.open(home, lambda: next(clock))
    reviews = Reviews(store, Catalog(paths.lessons(), KINDS).question_names)
    store.passed("tensors/views")
    store.opened("device/to_device")
    store.revealed("math/rounding")
    store.opened(ID)
    for question, rating in zip(reviews.due(at), (1, 3, 4), strict=False):
        reviews.record(question, rating, at)
    store.close()
    Drafts(home).save(ID, "x = 1\n")
    Drafts(home).save(ID, "x = 2\n")


def test_on_the_first_day_there_is_nothing_and_asking_leaves_nothing_behind(tutor: Command, home: Path) -> None:
    ended = tutor("progress")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.endswith(b"\n\nNothing to review.\n")
    told = json.loads(tutor("progress", "--json").stdout)
    assert told["lessons"]["new"] == sum(told["lessons"].values()) > 10
    assert told["reviews"] == {"due": 0, "today": 0}
    assert not home.exists()


def test_what_was_done_is_told(tutor: Command, home: Path) -> None:
    learn(home)
    text = tutor("progress").stdout.decode()
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 100
    assert "The longest row of days was 1." in text
    assert "to 3 questions, 67 % right at the first try." in text
    assert "Answers and passes of each day" in text and "Questions that come due" in text
    chapters = {line.split()[0]: line.split()[2:] for line in text.splitlines()[1:12]}
    assert chapters["Devices"] == ["1", "2"] and chapters["Autograd"] == ["1", "1"]


def test_what_was_done_as_one_object(tutor: Command, home: Path) -> None:
    learn(home)
    told = json.loads(tutor("progress", "--json").stdout)
    assert set(told) == {
        "chapters", "lessons", "answers", "reviews", "streak", "forecast", "days", "problem"
    }  # fmt: skip
    by_chapter = {chapter["id"]: chapter for chapter in told["chapters"]}
    assert by_chapter["tensors"] | {"title": ""} == {
        "id": "tensors", "title": "", "passed": 1, "revealed": 0, "skipped": 1, "begun": 0, "new": 0
    }  # fmt: skip
    assert (by_chapter["device"]["skipped"], by_chapter["autograd"]["begun"]) == (1, 1)
    assert by_chapter["math"]["revealed"] == 1
    assert told["answers"] == {"given": 3, "right": 2, "questions": 3}
    assert [(day["answers"], day["passes"]) for day in told["days"]] == [(3, 1)]
    assert len(told["forecast"]) == 14
    assert told["reviews"]["due"] >= told["forecast"][0]["due"] == 2
    assert told["problem"] == ""


def test_without_unicode_it_is_ascii(tutor: Command, home: Path) -> None:
    learn(home)
    assert tutor("progress", PYTHONIOENCODING="ascii").stdout.isascii()


def test_out_on_one_machine_and_in_on_another(tutor: Command, home: Path, tmp_path: Path) -> None:
    learn(home)
    ended = tutor("export", "mine.jsonl")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout == b"mine.jsonl holds 7 events, 1 draft and 1 earlier version.\n"
    there = str(tmp_path / "there")
    assert tutor("import", "mine.jsonl", TUTOR_HOME=there).stdout == b"New: 7 events, 1 draft and 1 earlier version.\n"
    assert tutor("import", "mine.jsonl", TUTOR_HOME=there).stdout == b"Nothing in it is new.\n"
    assert tutor("progress", "--json", TUTOR_HOME=there).stdout == tutor("progress", "--json").stdout
    assert Drafts(Path(there)).load(ID) == "x = 2\n"
    piped = tutor("export", "-")
    assert json.loads(piped.stdout.splitlines()[-1]) == {"end": 9}
    into = tutor("import", "-", "--json", stdin=piped.stdout, TUTOR_HOME=str(tmp_path / "third"))
    assert json.loads(into.stdout) == {"events": 7, "drafts": 1, "earlier": 1}
    assert json.loads(tutor("export", "mine.jsonl", "--json").stdout)["events"] == 7


def test_an_export_replaces_nothing_but_an_export(tutor: Command, home: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    ended = tutor("export", "thesis.tex")
    assert ended.returncode == 2
    assert ended.stderr == b"tutor: `thesis.tex` is there already, and is no export: name another file.\n"
    assert (tmp_path / "thesis.tex").read_text() == "years of work"
    assert tutor("export", "no/such/folder/x").stderr == (
        b"tutor: `no/such/folder/x` can't be written: No such file or directory.\n"
    )
    assert not home.exists()


def test_what_is_no_export_changes_nothing(tutor: Command, home: Path, tmp_path: Path) -> None:
    learn(home)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    whole = tutor("export", "-").stdout
    for name, content, said in (
        ("picture.png", b"\x89PNG\r\n\x1a\n", "is no export of tutor"),
        ("notes.txt", b"hello", "is no export of tutor"),
        ("cut", whole[:-20], "is damaged: its end is missing, or isn't where it should be"),
        ("bad", whole.replace(b'"kind": "opened"', b'"kind": 3', 1), "is damaged in line 6"),
        ("later", whole.replace(b'"version": 1', b'"version": 9', 1), "was written by a newer version of tutor"),
    ):
        (tmp_path / name).write_bytes(content)
        ended = tutor("import", name)
        assert ended.stderr.decode() == f"tutor: `{name}` {said}. Nothing was changed.\n"
        assert (ended.returncode, ended.stdout) == (2, b"")
    assert tutor("import", "gone").stderr == b"tutor: `gone` can't be read: No such file or directory.\n"
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
