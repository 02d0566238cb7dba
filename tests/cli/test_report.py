"""``tutor report`` against the shipped lessons and the real worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tutor import paths
from tutor.curriculum.catalog import Catalog
from tutor.learner.drafts import Drafts
from tutor.learner.store import Store
from tutor.quiz.kinds import KINDS


@pytest.fixture
def done(home: Path) -> None:
    """One lesson solved, one whose draft no longer is, one seen, one passed over."""
    catalog, store, drafts = Catalog(paths.lessons(), KINDS), Store.open(home), Drafts(home)
    for id in ("tensors/views", "math/rounding"):
        lesson = catalog.lesson(id)
        store.passed(id)
        drafts.save(id, lesson.solution.text if id == "tensors/views" else lesson.snippet.text)
    store.revealed("autograd/vector_jacobian")
    store.record("answered", "tensors/views#q", rating=3, sitting="quiz")
    store.close()


def row(text: str, title: str) -> str:
    return next(line for line in text.splitlines() if title in line)


@pytest.mark.usefixtures("done")
def test_what_is_solved_seen_and_skipped_is_written_each_as_itself(tutor: Command, tmp_path: Path) -> None:
    ended = tutor("report", "mine.md")
    assert ended.returncode == 1 and ended.stderr == b"tutor: These do not hold any more: math/rounding.\n"
    text = (tmp_path / "mine.md").read_text("utf-8")
    assert "2 of 15 lessons solved, 1 with the solution seen, 2 skipped. 1 of these hold on torch 2" in text
    assert "1 answer to 1 question, 100 % right at the first try." in text
    assert "| solved | 20" in row(text, "Views, copies") and row(text, "Views, copies").endswith("| holds |")
    assert "| does not hold: " in row(text, "Rounding, and eight bits")
    assert "| solution seen | 20" in row(text, "The vector–Jacobian product")
    assert "| skipped |" in row(text, "Memory shared with NumPy") and "| skipped |" in row(text, "gradient of a scalar")
    assert row(text, "The whole training loop") == "| The whole training loop | | | |"
    assert tutor("report", "mine.md").returncode == 1, "a report may be written anew"
    assert (tmp_path / "mine.md").read_text("utf-8") == text


def test_over_what_is_no_report_none_is_written(tutor: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# My notes\n")
    ended = tutor("report", "notes.md")
    assert ended.returncode == 2 and b"is no report: name another file" in ended.stderr
    assert (tmp_path / "notes.md").read_text() == "# My notes\n"


def test_a_report_of_nothing_leaves_no_database(tutor: Command, home: Path) -> None:
    ended = tutor("report", "-")
    assert ended.returncode == 0 and b"0 of 15 lessons solved." in ended.stdout
    assert not home.exists()


def test_a_link_stays_a_link_and_a_device_takes_it(tutor: Command, tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# Mine: a report\n")
    (tmp_path / "link.md").symlink_to("there.md")
    assert tutor("report", "link.md").returncode == 0
    assert (tmp_path / "link.md").is_symlink() and "0 of 15" in (tmp_path / "there.md").read_text("utf-8")
    assert b"0 of 15 lessons solved." in tutor("report", "/dev/stdout").stdout
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".md") == ["link.md", "there.md"]


def test_what_cannot_be_written_is_said(tutor: Command, tmp_path: Path) -> None:
    ended = tutor("report", "gone/mine.md")
    assert ended.returncode == 2 and b"can't be written" in ended.stderr
    ended = tutor("report", ".")
    assert (ended.returncode, ended.stderr) == (2, b"tutor: `.` is a folder: name a file.\n")


def test_no_worker_no_report(tutor: Command, tmp_path: Path) -> None:
    ended = tutor("report", "mine.md", "--python", "/bin/false")
    assert ended.returncode == 3 and b"no report was written" in ended.stderr
    assert not (tmp_path / "mine.md").exists()
    assert tutor("report", "mine.md", "--python", "/nowhere/python").returncode == 2
