"""Home, finding a lesson, the palette, help."""

from __future__ import annotations

import json

import pytest
from textual import events
from textual.widgets import Input

from tutor.learner.store import Store
from tutor.protocol.codec import Fault
from tutor.ui import keys
from tutor.ui.home.screen import HomeScreen

WIDE, NARROW = (120, 36), (80, 24)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_home_shows_what_there_is_and_what_is_done(opened, home, golden, size):
    store = Store.open(home)
    store.passed("basics/one")
    store.opened("basics/two")
    store.revealed("more/three")
    store.close()
    async with opened(size=size) as tutor:
        tutor.runner.ready()
        await tutor.pilot.pause()
        golden(f"home-{size[0]}", tutor.text)


async def test_enter_goes_on_where_the_learner_was(opened):
    async with opened("basics/two") as tutor:
        await tutor.press("f10")
        assert "Continue  The second lesson" in tutor.text
        await tutor.press("ctrl+q")
    async with opened() as tutor:
        assert "Continue  The second lesson" in tutor.text
        await tutor.press("home", "enter")
        assert "Basics › The second lesson" in tutor.lines[0]


async def test_what_another_tutor_has_recorded_is_seen_on_coming_back(opened, home):
    async with opened() as tutor:
        assert "passed" not in tutor.text
        await tutor.press("enter")
        store = Store.open(home)
        store.passed("basics/two")
        store.close()
        await tutor.press("f10")
        await tutor.until(lambda: "passed" in tutor.text, "what the other has recorded")


async def test_the_first_day_begins_with_the_first_lesson(opened):
    async with opened() as tutor:
        assert "Begin  The first lesson" in tutor.text
        await tutor.press("enter")
        assert "Basics › The first lesson" in tutor.lines[0]


async def test_the_cursor_goes_from_lesson_to_lesson(opened):
    async with opened() as tutor:
        await tutor.press("down", "down", "down")
        assert any(line.startswith("›") and "A third lesson" in line for line in tutor.lines)
        await tutor.press("down", "up", "enter")
        assert "The second lesson" in tutor.lines[0]


async def test_a_broken_lesson_is_shown_with_file_and_line_and_the_others_work(opened, pack, golden):
    broken = pack / "basics" / "one.py"
    broken.write_text(broken.read_text().replace("# %% solution", "# %% sulution"))
    async with opened() as tutor:
        await tutor.until(lambda: "broken" in tutor.text, "the fault")
        assert "basics/one.py:" in tutor.text
        await tutor.press("down", "enter")
        assert "This lesson can't be opened." in tutor.text and "one.py:" in tutor.text
        await tutor.press("escape", "down", "enter")
        assert "The second lesson" in tutor.lines[0]


async def test_a_broken_lesson_asked_for_by_name_is_told(opened, pack):
    (pack / "basics" / "one.py").write_text("def (:\n")
    async with opened("basics/one") as tutor:
        await tutor.until(lambda: "This lesson can't be opened." in tutor.text, "the fault")


async def test_a_curriculum_that_cannot_be_read_is_told_and_its_lessons_are_there(opened, pack):
    (pack / "curriculum.toml").write_text("[[chapter\n")
    async with opened() as tutor:
        await tutor.until(lambda: "curriculum.toml:" in tutor.text, "the fault")
        assert "A third lesson" in tutor.text


async def test_a_pack_without_lessons_is_told(opened, pack):
    for file in [*pack.rglob("*.py"), pack / "curriculum.toml"]:
        file.unlink()
    async with opened() as tutor:
        await tutor.until(lambda: "There are no lessons in" in tutor.text, "the sentence")
        await tutor.press("enter", "ctrl+f", "escape")


async def test_a_home_that_cannot_be_written_is_told(opened, home):
    home.write_text("a file where the folder should be")
    async with opened() as tutor:
        await tutor.until(lambda: "can't be saved" in tutor.text, "the sentence")


async def test_a_worker_that_does_not_start_is_told(opened):
    async with opened() as tutor:
        tutor.runner.on_event(Fault(None, "The worker ended: no module named torch."))
        await tutor.until(lambda: "no module named torch" in tutor.text and "no worker" in tutor.lines[0], "the fault")


async def test_a_damaged_place_is_no_obstacle(opened, home):
    home.mkdir()
    (home / "place.json").write_text("{")
    async with opened() as tutor:
        assert "Begin" in tutor.text


async def test_a_place_whose_lesson_is_gone_leads_home(opened, home):
    home.mkdir()
    stood = {"lesson": "gone/lesson", "home": False, "row": 1, "column": 1, "colours": ""}
    (home / "place.json").write_text(json.dumps(stood))
    async with opened() as tutor:
        assert "Begin  The first lesson" in tutor.text


# --- finding ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("third", "A third lesson"),
        ("thrdls", "A third lesson"),
        ("les sec", "The second lesson"),
        ("more/", "A third lesson"),
    ],
)
async def test_titles_and_ids_are_found_by_some_of_their_letters(opened, typed, title):
    async with opened() as tutor:
        await tutor.press("ctrl+f")
        await tutor.type(typed)
        await tutor.press("enter")
        assert title in tutor.lines[0]


async def test_a_word_of_the_text_finds_its_lesson(opened, golden):
    async with opened("basics/one", size=NARROW) as tutor:
        await tutor.press("ctrl+f")
        await tutor.type("broadcasting")
        golden("find-80", tutor.text)
        await tutor.press("enter")
        assert "The second lesson" in tutor.lines[0]


async def test_nothing_found_is_told_and_chooses_nothing(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+f")
        await tutor.type("qqq")
        assert "Nothing has that." in tutor.text
        await tutor.press("enter")
        assert "The first lesson" in tutor.lines[0]


async def test_a_word_typed_in_one_burst_at_home_is_looked_for_once(opened):
    async with opened() as tutor:
        for key in "third":  # as they arrive in one read
            tutor.app.post_message(events.Key(key, key))
        await tutor.until(lambda: any(field.value == "third" for field in tutor.app.screen.query(Input)), "all of it")
        await tutor.press("escape")
        assert isinstance(tutor.app.screen, HomeScreen)


async def test_typing_at_home_finds(opened):
    async with opened() as tutor:
        await tutor.press("g", "r", "a")
        assert "gra" in tutor.text and "in the text" in tutor.text


# --- palette and help -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["home", "lesson"])
async def test_the_palette_has_every_action_of_the_place(opened, place):
    async with opened("basics/one" if place == "lesson" else None, size=(120, 60)) as tutor:
        await tutor.press("ctrl+p")
        for row in keys.at(place):
            if row.action in (
                "palette",
                "open",
                "stop",
                "reset",
                "previous",
                "closer",
                "words",
            ):  # itself, a key, and what can't be done now
                continue
            assert row.help[:40] in tutor.text, row.action


async def test_the_palette_does_what_is_chosen(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+p")
        await tutor.type("hint")
        await tutor.press("enter")
        assert "Hint 1 of 2" in tutor.text


async def test_the_palette_can_leave(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+p")
        await tutor.type("leave")
        await tutor.press("enter")
        await tutor.until(lambda: tutor.app.return_value == 0, "the end")
    assert tutor.runner.closed


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_help_is_the_key_table(opened, golden, size):
    async with opened("basics/one", size=size) as tutor:
        await tutor.press("f1")
        golden(f"help-{size[0]}", tutor.text)
        await tutor.press("escape")
        assert "Run the draft" not in tutor.text


async def test_colours_go_round_and_are_remembered(opened, home):
    async with opened("basics/one") as tutor:
        assert tutor.app.theme == "dark"
        await tutor.press("f12")
        assert tutor.app.theme == "light" and "Colours: light." in tutor.text
        await tutor.press("ctrl+q")
    async with opened("basics/one") as tutor:
        assert tutor.app.theme == "light"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
async def test_no_colour_means_none(opened, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    async with opened("basics/one") as tutor:
        await tutor.press("x", "shift+left")
        for strip in tutor.app.screen._compositor.render_strips():
            for segment in strip:
                style = segment.style
                assert style is None or all(c is None or c.is_default for c in (style.color, style.bgcolor))


async def test_a_background_that_the_terminal_tells_is_followed(opened, monkeypatch):
    monkeypatch.setenv("COLORFGBG", "0;15")
    async with opened() as tutor:
        assert tutor.app.theme == "light"
