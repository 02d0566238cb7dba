"""What is remembered is the learner's alone, whatever the umask and whatever made it."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tutor import paths
from tutor.learner.database import MIGRATIONS
from tutor.learner.drafts import Drafts

ROOT = Path(__file__).resolve().parents[1]
AT = 1_772_450_000.0
EXPORT = [
    {"tutor": "export", "version": 1, "made_at": AT},
    {"event": {"uid": "a", "at": AT, "kind": "passed", "subject": "autograd/backward", "detail": {}}},
    {"draft": {"lesson": "autograd/backward", "at": AT, "text": "x = 1\n"}},
    {"earlier": {"lesson": "autograd/backward", "at": AT - 9, "text": "x = 0\n"}},
    {"end": 3},
]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")


def command(*words: str, umask: int = 0o022, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """``tutor`` as a shell with this umask starts it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "tutor", *words],
        capture_output=True, text=True, umask=umask, cwd=cwd, env=environment, timeout=PATIENCE,
    )  # fmt: skip


def modes(folder: Path) -> dict[str, int]:
    every = (folder, *folder.rglob("*"))
    return {path.relative_to(folder).as_posix(): stat.S_IMODE(path.lstat().st_mode) for path in every}


def shared(folder: Path) -> list[str]:
    """What isn't 0700, or 0600 for a file."""
    found = modes(folder).items()
    return [f"{name} {mode:o}" for name, mode in found if mode != (0o700 if (folder / name).is_dir() else 0o600)]


def loosen(folder: Path) -> None:
    """As a home is that a version of before has made under umask 0."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)


@pytest.fixture
def no_umask() -> Iterator[None]:
    was = os.umask(0)
    yield
    os.umask(was)


@pytest.fixture
def remembered(home: Path, tmp_path: Path) -> Path:
    """A home with something of each kind."""
    (tmp_path / "from.jsonl").write_text("".join(json.dumps(line) + "\n" for line in EXPORT))
    assert command("import", str(tmp_path / "from.jsonl")).returncode == 0
    (home / "place.json").write_text("{}")
    return home


@pytest.mark.parametrize("umask", [0, 0o002, 0o022, 0o177], ids="{:03o}".format)
def test_what_a_command_remembers_is_private_whatever_the_umask(home: Path, tmp_path: Path, umask: int):
    (tmp_path / "from.jsonl").write_text("".join(json.dumps(line) + "\n" for line in EXPORT))
    assert command("import", str(tmp_path / "from.jsonl"), umask=umask).stderr == ""
    made = modes(home)
    assert {"drafts/autograd/backward.py", "versions/autograd/backward", "progress.sqlite"} <= set(made)
    assert shared(home) == []
    assert command("export", str(tmp_path / "to.jsonl"), umask=umask).stderr == ""
    assert stat.S_IMODE((tmp_path / "to.jsonl").stat().st_mode) == 0o600


def test_folders_on_the_way_to_a_home_are_as_usual(tmp_path: Path, no_umask: None, monkeypatch: pytest.MonkeyPatch):
    Drafts(tmp_path / "share" / "tutor").save("a/b", "x\n")
    assert stat.S_IMODE((tmp_path / "share").stat().st_mode) == 0o777
    assert shared(tmp_path / "share" / "tutor") == []


def test_a_command_makes_private_what_is_there_already(remembered: Path):
    loosen(remembered)
    assert command("list").returncode == 0
    assert shared(remembered) == []


def test_a_copy_of_an_older_database_is_private_too(home: Path, no_umask: None):
    home.mkdir()
    database = sqlite3.connect(paths.progress(home))
    database.execute(MIGRATIONS[0][0])
    database.execute("PRAGMA user_version = 1")
    database.close()
    assert command("progress", umask=0).returncode == 0
    assert list(home.glob("progress.version-1*"))
    assert shared(home) == []


def test_a_folder_that_holds_other_things_too_keeps_its_mode_and_they_theirs(remembered: Path):
    (remembered / "thesis.txt").write_text("mine, and for all to read")
    loosen(remembered)
    assert command("list").returncode == 0
    found = modes(remembered)
    assert (found.pop("."), found.pop("thesis.txt")) == (0o777, 0o666)
    assert set(found.values()) == {0o700, 0o600}


def test_links_are_not_followed_to_what_is_made_private(remembered: Path, tmp_path: Path):
    (tmp_path / "page.html").write_text("for all to read")
    (tmp_path / "page.html").chmod(0o644)
    (remembered / "drafts" / "link.py").symlink_to(tmp_path / "page.html")
    assert command("list").returncode == 0
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o644


@needs_root
def test_another_user_reads_nothing(remembered: Path, tmp_path: Path):
    loosen(remembered)
    assert command("list").returncode == 0
    for folder in (tmp_path, *list(tmp_path.parents)[:-2]):
        folder.chmod(folder.stat().st_mode | 0o011)
    for path in (remembered, *remembered.rglob("*")):
        read = "ls" if path.is_dir() else "cat"
        assert subprocess.run([read, str(path)], user="nobody", capture_output=True).returncode != 0, path


# --- a home in another user's folder ----------------------------------------------------------------------------


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A folder of another user's, in which anybody may write."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    folder.chmod(0o777)
    os.chown(folder, 65534, 65534)
    return folder


COMMANDS = [
    ("list",),
    ("progress",),
    ("run", "tensors/views"),
    ("check", "tensors/views"),
    ("quiz", "--plain"),
    ("review", "--plain"),
    ("report", "-"),
    ("export", "-"),
]


@needs_root
@pytest.mark.parametrize(("words", "below"), [(("list",), ""), *((words, "tutor") for words in COMMANDS)])
def test_no_command_keeps_anything_in_a_folder_of_another(theirs: Path, monkeypatch, words, below: str):
    monkeypatch.setenv("TUTOR_HOME", str(theirs / below))
    refused = command(*words)
    assert (refused.returncode, refused.stdout) == (2, "")
    told = f"tutor: {theirs / below} is in a folder that belongs to nobody. Set TUTOR_HOME to a folder of your own.\n"
    assert refused.stderr == told
    assert list(theirs.iterdir()) == []


@needs_root
def test_an_import_changes_nothing_in_a_folder_of_another(theirs: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("TUTOR_HOME", str(theirs))
    (tmp_path / "from.jsonl").write_text("".join(json.dumps(line) + "\n" for line in EXPORT))
    assert command("import", str(tmp_path / "from.jsonl")).returncode == 2
    assert list(theirs.iterdir()) == []


@needs_root
def test_the_doctor_names_the_owner(theirs: Path, monkeypatch):
    monkeypatch.setenv("TUTOR_HOME", str(theirs))
    assert "in a folder of nobody" in " ".join(command("doctor").stdout.split())


@needs_root
def test_an_export_follows_no_link_that_another_has_laid(home: Path, tmp_path: Path):
    (tmp_path / "to.jsonl").symlink_to(tmp_path / "mine.conf")
    os.chown(tmp_path / "to.jsonl", 65534, 65534, follow_symlinks=False)
    refused = command("export", str(tmp_path / "to.jsonl"))
    assert refused.returncode == 2 and "is a link that another user has laid" in refused.stderr
    assert not (tmp_path / "mine.conf").exists()


def test_no_name_that_is_written_to_can_be_foreseen(home: Path, monkeypatch: pytest.MonkeyPatch):
    """A link under each name that is written to would be needed, and each is used once."""
    names: list[str] = []
    opened = os.open

    def listen(path: str, flags: int, *rest: int) -> int:
        if flags & os.O_CREAT:
            assert flags & os.O_EXCL and flags & os.O_NOFOLLOW
            names.append(str(path))
        return opened(path, flags, *rest)

    monkeypatch.setattr(os, "open", listen)
    drafts = Drafts(home)
    for text in "abc":
        drafts.save("a/b", text)
        drafts.versions.add("a/b", AT, text)
    assert len(names) == len(set(names)) == 6
    assert not any(str(os.getpid()) in name for name in names)


def test_a_database_that_is_a_link_to_nowhere_is_not_made_elsewhere(home: Path, tmp_path: Path):
    home.mkdir()
    paths.progress(home).symlink_to(tmp_path / "elsewhere")
    (tmp_path / "from.jsonl").write_text("".join(json.dumps(line) + "\n" for line in EXPORT))
    refused = command("import", str(tmp_path / "from.jsonl"))
    assert refused.returncode == 2 and "it is a link that leads nowhere" in refused.stderr
    assert not (tmp_path / "elsewhere").exists()
