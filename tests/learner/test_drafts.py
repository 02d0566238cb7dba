"""Drafts: nothing that was typed is lost, whatever the disk does."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutor.learner.drafts import Drafts

ID = "autograd/backward"


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(tmp_path / "home")


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_draft_is_a_plain_file_and_comes_back(tmp_path: Path, drafts: Drafts):
    assert drafts.load(ID) is None
    assert files(tmp_path) == []
    assert drafts.save(ID, "x = 1\n")
    assert drafts.save(ID, "é = '∂'\n")
    assert files(tmp_path / "home/drafts") == ["autograd/backward.py"]
    assert (tmp_path / "home/drafts/autograd/backward.py").read_bytes() == "é = '∂'\n".encode()
    assert Drafts(tmp_path / "home").load(ID) == "é = '∂'\n"
    assert drafts.problem == ""


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"a = 1\r\nb = 2\r\n", "a = 1\nb = 2\n"),
        (b"\xef\xbb\xbfa = 1\n", "a = 1\n"),
        (b"# caf\xe9\n", "# café\n"),
        (b"", ""),
    ],
)
def test_what_another_editor_wrote_is_read(tmp_path: Path, drafts: Drafts, raw: bytes, text: str):
    drafts.save(ID, "x = 1\n")
    (tmp_path / "home/drafts/autograd/backward.py").write_bytes(raw)
    assert drafts.load(ID) == text


def test_what_is_no_text_is_saved_all_the_same(drafts: Drafts):
    assert drafts.save(ID, "x = '\ud800'\n")
    assert drafts.load(ID) == "x = '?'\n"


@pytest.mark.parametrize(
    "id",
    ["", "..", "../x", "a/../../x", "/etc/passwd", "a//b", "a/", "a/.hidden", "a\\b", "a/b.py", "a\0b", "a/b\n", "ü/b"],
)
def test_an_id_cannot_leave_the_folder(tmp_path: Path, drafts: Drafts, id: str):
    for ask in (drafts.load, drafts.reset, drafts.undo_reset, lambda id: drafts.save(id, "x")):
        with pytest.raises(ValueError, match=r"is no lesson's id: those look like `autograd/backward`\."):
            ask(id)
    assert files(tmp_path) == []


# --- reset --------------------------------------------------------------------------------------------------


def test_a_reset_can_be_undone_by_the_next_process_too(tmp_path: Path, drafts: Drafts):
    drafts.save(ID, "old\n")
    assert drafts.reset(ID)
    assert drafts.load(ID) is None
    assert Drafts(tmp_path / "home").undo_reset(ID) == "old\n"
    assert drafts.load(ID) == "old\n"
    assert drafts.undo_reset(ID) is None


def test_undoing_changes_places_with_what_was_begun_since(drafts: Drafts):
    drafts.save(ID, "old\n")
    drafts.reset(ID)
    drafts.save(ID, "new\n")
    assert drafts.undo_reset(ID) == "old\n"
    assert drafts.undo_reset(ID) == "new\n"
    assert drafts.load(ID) == "new\n"


def test_a_second_reset_without_a_draft_keeps_the_first_backup(drafts: Drafts):
    drafts.save(ID, "old\n")
    drafts.reset(ID)
    assert drafts.reset(ID)
    assert drafts.undo_reset(ID) == "old\n"


def test_without_a_draft_there_is_nothing_to_reset_or_undo(tmp_path: Path, drafts: Drafts):
    assert drafts.reset(ID)
    assert drafts.undo_reset(ID) is None
    assert files(tmp_path) == []


# --- a disk that fails --------------------------------------------------------------------------------------


def test_a_full_disk_keeps_the_old_file_and_the_new_text(
    tmp_path: Path, drafts: Drafts, monkeypatch: pytest.MonkeyPatch
):
    drafts.save(ID, "old\n")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full_disk)
        assert not drafts.save(ID, "new\n")
        assert not drafts.save("autograd/hooks", "hooks\n")
    home = tmp_path / "home"
    assert drafts.problem == (
        f"Your drafts can't be saved: the disk that holds {home} is full. They last only until you leave."
    )
    assert files(home) == ["drafts/autograd/backward.py"]
    assert Drafts(home).load(ID) == "old\n"
    assert drafts.load(ID) == "new\n"
    assert drafts.load("autograd/hooks") == "hooks\n"
    assert drafts.save("autograd/third", "third\n")
    assert drafts.problem == ""
    later = Drafts(home)
    assert [later.load(id) for id in (ID, "autograd/hooks", "autograd/third")] == ["new\n", "hooks\n", "third\n"]


def test_a_reset_on_a_full_disk_takes_no_file_away(tmp_path: Path, drafts: Drafts, monkeypatch: pytest.MonkeyPatch):
    """A full disk still lets files be removed; the backup has to be there first."""
    drafts.save(ID, "old\n")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full_disk)
        drafts.save(ID, "new\n")
        patch.setattr(Path, "replace", full_disk)
        patch.setattr(os, "fsync", lambda _: None)
        assert not drafts.reset(ID)
    assert Drafts(tmp_path / "home").load(ID) == "old\n"
    assert drafts.load(ID) is None
    assert drafts.undo_reset(ID) == "new\n"


def test_a_write_that_stops_half_way_keeps_the_old_file(tmp_path: Path):
    """A real write past a real limit: the kernel takes the first 100 bytes and refuses the rest."""
    program = """
import resource, sys
from pathlib import Path
from tutor.learner.drafts import Drafts
drafts = Drafts(Path(sys.argv[1]))
drafts.save("a/b", "old")
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
assert not drafts.save("a/b", "n" * 1_000_000)
sys.stdout.write(drafts.problem)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.startswith("Your drafts can't be saved: ")
    assert files(tmp_path) == ["drafts/a/b.py"]
    assert Drafts(tmp_path).load("a/b") == "old"


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A home with one draft that this process may read but not write, even if it is root's."""
    home = tmp_path / "home"
    Drafts(home).save(ID, "old\n")
    folders = [home, home / "drafts", home / "drafts" / "autograd"]
    for folder in folders:
        folder.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        for folder in (tmp_path, *list(tmp_path.parents)[:-2]):
            folder.chmod(folder.stat().st_mode | 0o011)
        for path in (home, *home.rglob("*")):
            os.chown(path, 65534, 65534)
        os.setresuid(65534, 65534, 0)
    try:
        yield home
    finally:
        if is_root:
            os.setresuid(0, 0, 0)
        for folder in folders:
            folder.chmod(0o755)


def test_a_home_that_is_read_only(read_only: Path):
    drafts = Drafts(read_only)
    assert drafts.load(ID) == "old\n"
    assert not drafts.save(ID, "new\n")
    assert drafts.problem == (
        f"Your drafts can't be saved: {read_only} can't be written to. They last only until you leave."
    )
    assert drafts.load(ID) == "new\n"
    assert not drafts.reset(ID)
    assert drafts.load(ID) is None
    assert drafts.undo_reset(ID) == "new\n"
    assert Drafts(read_only).load(ID) == "old\n"


def test_a_home_that_is_a_file(tmp_path: Path):
    home = tmp_path / "home"
    home.write_text("mine")
    drafts = Drafts(home)
    assert drafts.load(ID) is None
    assert not drafts.save(ID, "x\n")
    assert drafts.problem.startswith("Your drafts can't be saved: ")
    assert drafts.load(ID) == "x\n"
    assert home.read_text() == "mine"


def test_a_draft_that_cannot_be_read(tmp_path: Path, drafts: Drafts):
    path = tmp_path / "home/drafts/autograd/backward.py"
    path.mkdir(parents=True)
    assert drafts.load(ID) is None
    assert drafts.problem == f"The draft in {path} can't be read: Is a directory."


# --- in the middle of a save --------------------------------------------------------------------------------


def test_a_signal_handler_may_save_in_the_middle_of_a_save(
    tmp_path: Path, drafts: Drafts, monkeypatch: pytest.MonkeyPatch
):
    """The handler's text is the later one, and stays; the save that it interrupted leaves nothing behind."""
    fsync, saved = os.fsync, []

    def interrupted(descriptor: int) -> None:
        fsync(descriptor)
        if not saved:
            saved.append("by the handler")
            signal.raise_signal(signal.SIGHUP)

    monkeypatch.setattr(os, "fsync", interrupted)
    was = signal.signal(signal.SIGHUP, lambda *_: drafts.save(ID, "later\n"))
    try:
        drafts.save(ID, "sooner\n")
    finally:
        signal.signal(signal.SIGHUP, was)
    assert saved
    assert drafts.load(ID) == "later\n"
    assert files(tmp_path) == ["home/drafts/autograd/backward.py"]


def test_a_signal_handler_may_save_before_the_interrupted_save_has_written(tmp_path: Path, drafts: Drafts):
    class Interrupted(str):
        def encode(self, *how: str) -> bytes:
            signal.raise_signal(signal.SIGHUP)
            return super().encode(*how)

    was = signal.signal(signal.SIGHUP, lambda *_: drafts.save(ID, "later\n"))
    try:
        drafts.save(ID, Interrupted("sooner\n"))
    finally:
        signal.signal(signal.SIGHUP, was)
    assert drafts.load(ID) == "later\n"
    assert files(tmp_path) == ["home/drafts/autograd/backward.py"]


def test_a_slow_save_in_a_thread_does_not_undo_a_later_one(drafts: Drafts, monkeypatch: pytest.MonkeyPatch):
    fsync, begun, go_on = os.fsync, threading.Event(), threading.Event()

    def slow(descriptor: int) -> None:
        if threading.current_thread() is thread:
            begun.set()
            assert go_on.wait(10)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", slow)
    thread = threading.Thread(target=drafts.save, args=(ID, "sooner\n"))
    thread.start()
    assert begun.wait(10)
    drafts.save(ID, "later\n")
    go_on.set()
    thread.join(10)
    assert drafts.load(ID) == "later\n"


def test_killed_in_the_middle_of_a_save_the_draft_is_whole(tmp_path: Path):
    program = """
import sys
from pathlib import Path
from tutor.learner.drafts import Drafts
drafts = Drafts(Path(sys.argv[1]))
drafts.save("a/b", "0" * 100_000)
print("saved", flush=True)
for n in range(1, 100_000):
    drafts.save("a/b", str(n % 10) * 100_000)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "saved\n"
    process.kill()
    process.wait()
    process.stdout.close()
    text = Drafts(tmp_path).load("a/b")
    assert text is not None
    assert len(text) == 100_000
    assert len(set(text)) == 1
