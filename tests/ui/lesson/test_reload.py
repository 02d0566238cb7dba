"""An author saves the file of the open lesson: the app shows it as it is then, and the draft stays."""

from __future__ import annotations

from pathlib import Path

from tests.ui.conftest import Opened
from tutor.ui.lesson.draft_controller import LOOK_EVERY

ANEW = "The lesson was read anew."


def save(pack: Path, *changes: tuple[str, str], lesson: str = "basics/one") -> None:
    """Change the lesson as an editor does: a new file in the place of the old one."""
    path = pack / f"{lesson}.py"
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    fresh = path.with_name("saving~")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)


async def reloaded(tutor: Opened, notice: str = ANEW) -> None:
    await tutor.until(lambda: notice in tutor.lines[-1], notice)
    await tutor.pilot.pause()


async def test_text_title_hints_and_checks_are_those_of_the_file(opened, pack: Path):
    async with opened("basics/one") as tutor:
        await tutor.press("f2", "f2")
        assert "A second hint." in tutor.text
        changes = ("# The first lesson", "# How names begin"), ("about names", "about *binding*")
        save(pack, *changes, ("- A second hint.\n", ""), ('"""`x` is 1"""', '"""`x` is one"""'))
        await reloaded(tutor)
        assert "Basics › How names begin" in tutor.lines[0]
        assert "Something about binding." in tutor.text and "Hint 1 of 1" in tutor.text
        assert "second hint" not in tutor.text
        await tutor.press("ctrl+r")
        assert '"""`x` is one"""' in tutor.runner.requests[-1].check.source
        await tutor.press("f10")
        assert "How names begin" in tutor.text and "The first lesson" not in tutor.text


async def test_a_draft_stays_and_the_solution_on_show_is_the_new_one(opened, pack: Path):
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.press("f3", "y")
        save(pack, ("x = 0\nprint(x)", "x = 7\nprint(x)"), ("x = 1\nprint(x)", "x = 0 + 1\nprint(x)"))
        await reloaded(tutor)
        assert tutor.app.screen.editor.text == "yx = 0\nprint(x)\n"
        assert "x = 0 + 1" in tutor.text
        await tutor.press("f4", "y")
        assert tutor.app.screen.editor.text == "x = 7\nprint(x)\n"


async def test_a_snippet_that_nobody_touched_becomes_the_new_one(opened, pack: Path):
    async with opened("basics/one") as tutor:
        save(pack, ("x = 0\nprint(x)", "x = 7\nprint(x)"))
        await reloaded(tutor)
        assert tutor.app.screen.editor.text == "x = 7\nprint(x)\n"
        await tutor.press("ctrl+s")
        assert not (tutor.home / "drafts").exists()


async def test_a_fault_is_told_by_file_and_line_and_the_last_lesson_stays(opened, pack: Path):
    async with opened("basics/one") as tutor:
        line = (pack / "basics/one.py").read_text("utf-8").splitlines().index("## Hints") + 1
        save(pack, ("## Hints", "## Hnts"), ("about names", "about binding"))
        await reloaded(tutor, f"one.py:{line}: `## Hnts` is no section")
        assert "Something about names." in tutor.text
        await tutor.press("ctrl+r")
        assert len(tutor.runner.requests) == 1
        save(pack, ("## Hnts", "## Hints"))
        await reloaded(tutor)
        assert "Something about binding." in tutor.text


async def test_a_fault_in_a_question_is_told_too(opened, pack: Path):
    async with opened("basics/one") as tutor:
        save(pack, ("# %% mistake", '# %% question q: guess\n"""What?"""\n\n# %% mistake'))
        await reloaded(tutor, "one.py:")
        assert "guess" in tutor.lines[-1]


async def test_a_file_that_is_away_for_a_moment_is_waited_for(opened, pack: Path):
    async with opened("basics/one") as tutor:
        path = pack / "basics/one.py"
        text = path.read_text("utf-8")
        path.unlink()
        await tutor.pilot.pause(2 * LOOK_EVERY)
        assert "one.py" not in tutor.lines[-1]
        path.write_text(text.replace("about names", "about binding"), "utf-8")
        await reloaded(tutor)
        assert "Something about binding." in tutor.text


async def test_a_lesson_that_was_saved_while_another_was_open_is_read_when_it_is_opened(opened, pack: Path):
    async with opened("basics/one") as tutor:
        assert tutor.app.context.catalog.lesson("basics/two").title == "The second lesson"
        save(pack, ("Something about", "All about"), lesson="basics/two")
        await tutor.press("f8")
        await reloaded(tutor)
        assert "All about 数" in tutor.text


async def test_a_lesson_that_was_broken_opens_once_it_is_mended(opened, pack: Path):
    save(pack, ("## Hints", "## Hnts"))
    async with opened() as tutor:
        await tutor.until(lambda: "broken" in tutor.text, "the fault")
        await tutor.press("enter")
        assert "can't be opened" in tutor.text
        save(pack, ("## Hnts", "## Hints"))
        await tutor.press("escape", "enter")
        assert "Something about names." in tutor.text
        await tutor.press("f10")
        assert "broken" not in tutor.text


async def test_what_others_may_have_written_is_not_read(opened, pack: Path):
    async with opened("basics/one") as tutor:
        (pack / "basics/one.py").chmod(0o666)
        save_in_place = (pack / "basics/one.py").read_text("utf-8").replace("about names", "about theirs")
        (pack / "basics/one.py").write_text(save_in_place, "utf-8")
        await reloaded(tutor, "The lesson was not read anew, as others can write to one.py. Try chmod go-w.")
        assert "Something about names." in tutor.text
        (pack / "basics/one.py").chmod(0o644)
        await reloaded(tutor)
        assert "Something about theirs." in tutor.text


async def test_a_file_that_is_only_looked_at_changes_nothing(opened, pack: Path):
    async with opened("basics/one") as tutor:
        before = tutor.text
        (pack / "basics/one.py").read_bytes()
        await tutor.pilot.pause(2 * LOOK_EVERY)
        assert tutor.text == before
