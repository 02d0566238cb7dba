"""The app keeps what it remembers from others, and runs nothing that others could have written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.pty.terminal import Terminal
from tests.test_private_files import command, loosen, needs_root, no_umask, shared
from tests.ui.finish.test_finish import HOLDS, judged, pass_it, solve
from tutor.learner.drafts import Drafts
from tutor.protocol.codec import Ended
from tutor.ui.lesson.draft_controller import LOOK_EVERY
from tutor.ui.lesson.live_controller import PAUSE

__all__ = ["no_umask"]


async def test_what_the_app_remembers_is_private(opened, home: Path, no_umask):
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.press("ctrl+s")
        await tutor.type("z")
        await tutor.press("ctrl+s", "f12")
    for name in ("drafts/basics/one.py", "versions/basics/one", "progress.sqlite", "place.json"):
        assert (home / name).exists()
    assert shared(home) == []


async def test_what_is_there_already_becomes_private_at_the_start(opened, home: Path, no_umask):
    Drafts(home).save("more/three", "x = 1\n")
    Drafts(home).save("more/three", "x = 2\n")
    (home / "place.json").write_text("{}")
    loosen(home)
    async with opened("basics/one") as tutor:
        await tutor.until(lambda: not shared(home), "a private home")


# --- what others could have written -----------------------------------------------------------------------------


def file_for_all(home: Path) -> None:
    (home / "drafts/basics/one.py").chmod(0o664)


def folder_for_all(home: Path) -> None:
    (home / "drafts").chmod(0o2770)


def home_for_all(home: Path) -> None:
    home.chmod(0o777)


def file_of_another(home: Path) -> None:
    os.chown(home / "drafts/basics/one.py", 65534, 65534)


def folder_of_another(home: Path) -> None:
    os.chown(home / "drafts/basics", 65534, 65534)


def link(home: Path) -> None:
    (home / "drafts/basics/one.py").rename(home / "theirs.py")
    (home / "drafts/basics/one.py").symlink_to(home / "theirs.py")


WAYS = [
    file_for_all,
    folder_for_all,
    home_for_all,
    link,
    pytest.param(file_of_another, marks=needs_root),
    pytest.param(folder_of_another, marks=needs_root),
]
every_way = pytest.mark.parametrize("let_in", WAYS, ids=lambda way: way.__name__)


@every_way
@pytest.mark.parametrize("live", [False, True], ids=["", "live"])
async def test_what_others_could_have_saved_is_neither_shown_nor_run(opened, home, let_in, live):
    async with opened("basics/one", size=(80, 24)) as tutor:
        await tutor.type("y")
        await tutor.press("ctrl+s")
        if live:
            await tutor.press("alt+l")
            await tutor.until(lambda: tutor.runner.requests, "the first live run")
            await tutor.say(Ended(0, 0))
        runs = len(tutor.runner.requests)
        (home / "drafts/basics/one.py").write_text("import theirs\n")
        let_in(home)
        await tutor.until(lambda: "Not run, as " in tutor.lines[-1], "the reason")
        assert "Try chmod go-w" in tutor.lines[-1]
        await tutor.pilot.pause(LOOK_EVERY + PAUSE)
        assert len(tutor.runner.requests) == runs and tutor.app.screen.editor.text.startswith("yx = 0")


async def test_once_the_file_is_the_learners_alone_it_is_taken_up_and_run(opened, home):
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.press("ctrl+s")
        (home / "drafts/basics/one.py").write_text("x = 5\n")
        file_for_all(home)
        await tutor.until(lambda: "Not run, as others can write to one.py" in tutor.text, "the reason")
        (home / "drafts/basics/one.py").chmod(0o644)
        await tutor.until(lambda: tutor.runner.requests, "the run")
        assert tutor.runner.requests[-1].source == "x = 5\n"


async def test_what_is_typed_instead_is_saved_and_theirs_is_kept_as_a_copy(opened, home):
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.press("ctrl+s")
        (home / "drafts/basics/one.py").write_text("import theirs\n")
        file_for_all(home)
        await tutor.until(lambda: "Not run, as " in tutor.text, "the reason")
        await tutor.type("z")
        await tutor.press("ctrl+s")
        assert Drafts(home).load("basics/one").startswith("yzx = 0")
        [theirs, *_] = Drafts(home).versions.of("basics/one")
        assert theirs.text() == "import theirs\n" and not theirs.path.stat().st_mode & 0o077


@every_way
async def test_a_draft_that_others_could_have_written_waits_for_the_run_key(opened, home, let_in):
    Drafts(home).save("basics/one", "x = 7\n")
    let_in(home)
    async with opened("basics/one", size=(80, 24)) as tutor:
        assert "Read it before you run it" in tutor.text
        await tutor.press("alt+l")
        await tutor.type("y")
        await tutor.pilot.pause(PAUSE * 2)
        assert not tutor.runner.requests and "live after ^R" in tutor.text
        await tutor.press("ctrl+r")
        assert tutor.runner.requests[-1].source == "yx = 7\n"


@every_way
async def test_what_is_checked_again_is_not_run_where_others_could_have_written_it(opened, home, let_in):
    solve(home, "basics/one")
    let_in(home)
    async with opened("basics/two") as tutor:
        tutor.runner.ready()
        await pass_it(tutor)
        await tutor.press("alt+f")
        await tutor.until(lambda: "It was not run, as " in tutor.text, "the reason")
        await judged(tutor, 2, *HOLDS)
        assert [request.name for request in tutor.runner.requests] == ["two.py", "two.py"]


@pytest.mark.parametrize("words", [("run", "tensors/views"), ("check", "tensors/views")], ids=lambda words: words[0])
def test_a_command_runs_no_draft_that_others_could_have_written(home, words):
    Drafts(home).save("tensors/views", "print('theirs')\n")
    loosen(home)
    refused = command(*words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("tutor: The draft was not run, as others could write to views.py until now. Read ")


def test_a_report_runs_no_draft_that_others_could_have_written(home, tmp_path):
    solve(home, "tensors/views", draft=f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    loosen(home)
    assert "was not run, as others could write to views.py until now" in command("report", "-").stdout
    assert not (tmp_path / "ran").exists()


# --- a home in another user's folder ----------------------------------------------------------------------------


@needs_root
async def test_in_a_folder_of_another_the_app_writes_nothing_and_says_so(opened, home):
    home.mkdir()
    home.chmod(0o777)
    os.chown(home, 65534, 65534)
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.press("ctrl+s")
        assert "can't be saved" in tutor.text and "not saved" in tutor.lines[0]
        assert list(home.iterdir()) == []


@needs_root
def test_the_app_does_not_open_in_a_folder_of_another(home):
    home.mkdir()
    os.chown(home, 65534, 65534)
    with Terminal() as terminal:
        terminal.wait_for_end(30)
        assert "belongs to nobody. Set TUTOR_HOME" in terminal.text.replace("\n", "")
    assert list(home.iterdir()) == []
