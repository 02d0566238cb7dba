"""What a draft was before is found again, by the next process too; and it doesn't grow without end."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.learner.conftest import DAY, NOON
from tutor import paths
from tutor.learner.draft_history import BYTES, MOST, DraftHistory, versions_to_keep
from tutor.learner.drafts import Drafts

ID = "autograd/backward"


def texts(home: Path, id: str = ID) -> list[str]:
    return [version.text() for version in DraftHistory(home).of(id)]


def test_each_save_leaves_what_was_there_before_the_latest_first(home: Path):
    drafts = Drafts(home)
    assert drafts.versions.of(ID) == ()
    for text in ("one\n", "two\n", "two\n", "three\n", "é\n"):
        drafts.save(ID, text)
    assert texts(home) == ["three\n", "two\n", "one\n"]
    assert texts(home, "autograd/other") == []


def test_a_version_has_the_time_at_which_it_was_saved(home: Path):
    drafts = Drafts(home)
    drafts.save(ID, "one\n")
    os.utime(paths.draft(home, ID), (NOON, NOON))
    drafts.save(ID, "two\n")
    [version] = drafts.versions.of(ID)
    assert version.at == NOON


def test_what_another_editor_wrote_is_kept_too(home: Path):
    drafts = Drafts(home)
    drafts.save(ID, "mine\n")
    paths.draft(home, ID).write_bytes(b"theirs\r\n")
    drafts.save(ID, "mine again\n")
    assert texts(home) == ["theirs\n"]


def test_another_editor_that_writes_in_place_changes_no_version(home: Path):
    drafts = Drafts(home)
    drafts.save(ID, "one\n")
    drafts.save(ID, "two\n")
    with paths.draft(home, ID).open("w") as file:
        file.write("scribbled")
    assert texts(home) == ["one\n"]


def test_what_a_reset_takes_is_kept_however_often(home: Path):
    drafts = Drafts(home)
    for text in ("one\n", "two\n"):
        drafts.save(ID, text)
        drafts.reset(ID)
    assert texts(home) == ["two\n", "one\n"]
    assert drafts.undo_reset(ID) == "two\n"


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK])
def test_a_file_system_without_links_keeps_copies(home: Path, monkeypatch: pytest.MonkeyPatch, number: int):
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    drafts = Drafts(home)
    drafts.save(ID, "one\n")
    at = paths.draft(home, ID).stat().st_mtime
    drafts.save(ID, "two\n")
    assert texts(home) == ["one\n"]
    assert abs(drafts.versions.of(ID)[0].path.stat().st_mtime - at) < 1e-3
    assert len(list(paths.versions(home, ID).iterdir())) == 1


def test_where_no_version_can_be_kept_the_draft_is_saved_all_the_same(home: Path):
    drafts = Drafts(home)
    drafts.save(ID, "one\n")
    (home / "versions").write_text("in the way")
    assert drafts.save(ID, "two\n")
    assert drafts.problem == ""
    assert Drafts(home).load(ID) == "two\n"
    assert drafts.versions.of(ID) == ()


def test_one_from_elsewhere_takes_its_place_by_time_and_only_once(home: Path):
    versions = DraftHistory(home)
    for at, text in ((NOON, "noon\n"), (NOON - DAY, "before\n"), (NOON + DAY, "after\n"), (NOON, "noon\n")):
        versions.add(ID, at, text)
    assert [(version.at - NOON, version.text()) for version in versions.of(ID)] == [
        (DAY, "after\n"),
        (0, "noon\n"),
        (-DAY, "before\n"),
    ]


def test_an_hour_of_typing_leaves_the_first_the_latest_and_some_between(home: Path):
    drafts = Drafts(home)
    for second in range(400):
        drafts.save(ID, f"{second}\n")
        os.utime(paths.draft(home, ID), (NOON + second, NOON + second))
    drafts.save(ID, "end\n")
    kept = [int(text) for text in texts(home)]
    assert MOST <= len(kept) < MOST + 10
    assert kept[:10] == list(range(399, 389, -1))
    assert kept[-1] == 0
    gaps = [after - before for after, before in pairwise(kept)]
    assert max(abs(gap) for gap in gaps) <= 60
    assert abs(gaps[-1]) > 3 * abs(gaps[0])


def test_large_drafts_have_fewer_versions():
    names = [f"{n:013d}-00000000.py" for n in range(20)]
    assert versions_to_keep(names, dict.fromkeys(names, BYTES // 5)) == names[15:]
    assert versions_to_keep(names, dict.fromkeys(names, BYTES * 2)) == names[19:]


def test_two_tutors_at_one_draft_lose_no_version(home: Path):
    program = """
import sys
from pathlib import Path
from tutor.learner.drafts import Drafts
drafts = Drafts(Path(sys.argv[1]))
for n in range(20):
    assert drafts.save("a/b", f"{sys.argv[2]} {n}"), drafts.problem
"""
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(home), who], cwd=Path(__file__).parents[2])
        for who in ("one", "two")
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    last = Drafts(home).load("a/b")
    assert last in ("one 19", "two 19")
    assert all(text.split()[0] in ("one", "two") for text in texts(home, "a/b"))
