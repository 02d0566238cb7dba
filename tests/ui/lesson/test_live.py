"""A number changed by a held key, and live mode: runs beside the learner."""

from __future__ import annotations

import pytest

from tests.patience import PATIENCE, until
from tutor import paths
from tutor.client.client import WorkerClient
from tutor.protocol.codec import Binding, Bucket, Checked, Ended, Finished, Hint, Hints, Output, Raised, Series
from tutor.render.text.layout import number
from tutor.ui.app import Start, Tutor
from tutor.ui.lesson.live_controller import broken_line

WIDE, NARROW = (120, 36), (80, 24)


def rates(*values: float) -> Series:
    return Series(
        0, "learning rate", "lr", tuple(Bucket(at, 1, value, value, value) for at, value in enumerate(values))
    )


def curves(last: float):
    """What a run of a schedule says, its checks too."""
    return (
        Finished(0, 0.01),
        rates(0.5, 0.25, last),
        Hints(0, (Hint(1, (Binding("x", f"is {last}"),)),)),
        Checked(0, "right", "`x` is 1", "failed", "`x` is not 1."),
        Ended(0, 0, seconds=0.01),
    )


def sources(tutor) -> list[str]:
    return [request.source.split("\n")[0] for request in tutor.runner.requests]


@pytest.fixture(autouse=True)
def slow_hands(monkeypatch):
    """However long a busy machine takes from one key to the next, a key that is pressed again is held."""
    monkeypatch.setattr("tutor.ui.lesson.editor.HOLD", PATIENCE)


# --- a number ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "line"), [("alt+up", "x = 1"), ("alt+a", "x = 1"), ("alt+down", "x = -1"), ("alt+x", "x = -1")]
)
async def test_a_key_changes_the_number_and_runs(opened, key, line):
    async with opened("basics/one") as tutor:
        await tutor.press(key)
        assert line in tutor.text and sources(tutor) == [line]
        assert tutor.app.focused.id == "code"


async def test_each_run_that_ended_is_drawn_and_the_newest_number_runs_next(opened, monkeypatch):
    monkeypatch.setattr("tutor.ui.lesson.live_controller.SETTLED", PATIENCE)
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        await tutor.press("alt+up", "alt+up", "alt+up")
        assert sources(tutor) == ["x = 1"] and not tutor.runner.stopped
        await tutor.say(*curves(0.101))
        assert "0.101" in tutor.text and "x = 3" in tutor.text
        assert sources(tutor) == ["x = 1", "x = 3"] and not tutor.runner.stopped
        await tutor.say(*curves(0.103))
        assert "0.103" in tutor.text and len(tutor.runner.requests) == 2


async def test_a_run_that_does_not_end_is_replaced_once_the_key_is_let_go(opened):
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        await tutor.press("alt+up", "alt+up")
        await tutor.until(lambda: len(tutor.runner.requests) == 2, "the second run")
        assert tutor.runner.stopped == [1] and sources(tutor) == ["x = 1", "x = 2"]


async def test_checks_that_take_their_time_are_not_waited_for(opened):
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        await tutor.press("ctrl+n")  # a lesson with one check: give it a first that says nothing yet
        await tutor.press("alt+up", "alt+up")
        await tutor.say(*curves(0.101)[:3], Checked(0, "another", "`x` is nice", "passed"))
        await tutor.until(lambda: len(tutor.runner.requests) == 2, "the second run")
        assert "0.101" in tutor.text


async def test_one_undo_goes_back_to_before_the_key_was_held(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("y", "backspace")
        await tutor.press("alt+up", "alt+up", "alt+down", "alt+up")
        assert "x = 2" in tutor.text
        await tutor.press("ctrl+z")
        assert "x = 0" in tutor.text and tutor.app.screen.editor.text == "x = 0\nprint(x)\n"
        await tutor.press("ctrl+y")
        assert "x = 2" in tutor.text


async def test_a_key_in_between_ends_the_hold(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("alt+up", "alt+up", "left", "right", "alt+up", "alt+up", "ctrl+z")
        assert tutor.app.screen.editor.text.startswith("x = 0")  # the cursor came back to where it was
        await tutor.press("alt+up", "end", "alt+up", "ctrl+z")
        assert tutor.app.screen.editor.text.startswith("x = 1")


@pytest.mark.parametrize(
    ("text", "column", "keys", "then"),
    [
        ("x = 9", 4, ["alt+up"], ("x = 10", 4)),
        ("x = 9", 5, ["alt+up"], ("x = 10", 6)),
        ("x = 10", 5, ["alt+down"], ("x = 9", 4)),
        ("x = 1", 4, ["alt+down", "alt+down"], ("x = -1", 4)),
        ("f(0.5, lr=0.1)", 0, ["alt+up", "alt+up"], ("f(0.52, lr=0.1)", 2)),
        ("f(0.5, lr=0.1)", 14, ["alt+up", "alt+up"], ("f(0.5, lr=0.12)", 10)),
        ("x = 1e-9", 5, ["alt+down"], ("x = 9e-10", 5)),
    ],
)
async def test_the_cursor_stays_on_the_number(opened, text, column, keys, then):
    async with opened("basics/one") as tutor:
        editor = tutor.app.screen.editor
        editor.replace_all(text)
        editor.move_cursor((0, column))
        await tutor.press(*keys)
        assert (editor.text, editor.cursor_location) == (then[0], (0, then[1]))


async def test_no_number_is_told_and_nothing_runs(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("down", "alt+up")
        assert "There is no number in this line." in tutor.text and not tutor.runner.requests
        await tutor.press("left")
        assert "no number" not in tutor.text
        tutor.app.screen.editor.replace_all("x = True")
        await tutor.press("alt+up")
        assert "It is True already." in tutor.text and not tutor.runner.requests


async def test_hints_stay_on_the_changed_line_until_the_next_come(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("alt+up")
        await tutor.say(*curves(0.5))
        await tutor.press("alt+up")
        assert "x = 2" in tutor.text and "is 0.5" in tutor.text
        await tutor.say(*curves(0.25))
        assert "is 0.25" in tutor.text


async def test_curves_stand_first_with_those_from_before_the_hold_behind_them(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+r")
        await tutor.say(Output(0, "tty", "line\r\n" * 60), *curves(0.011))
        await tutor.press("ctrl+g", "end", "ctrl+g", "ctrl+g")
        previous = tutor.app.screen.session
        for last in (0.012, 0.013):
            await tutor.press("alt+up")
            await tutor.say(*curves(last))
            assert [bucket.last for bucket in previous.previous_series["learning rate"].buckets][-1] == 0.011
        lines = [line for line in tutor.lines if "learning rate" in line or "is not 1" in line]
        assert "learning rate" in lines[0] and "0.013" in lines[0] and "is not 1" in lines[1]
        await tutor.press("ctrl+r")
        await tutor.say(*curves(0.014))
        lines = [line for line in tutor.lines if "learning rate" in line or "is not 1" in line]
        assert "is not 1" in lines[0]


async def test_nothing_of_the_last_result_flickers_and_nothing_of_it_stays(opened):
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        await tutor.press("alt+up")
        await tutor.say(Output(0, "tty", "printed\r\n"), *curves(0.5))
        await tutor.press("alt+up")
        await tutor.say(Finished(0, 0.01), rates(0.5, 0.3), Hints(0, ()))
        await tutor.until(lambda: "0.3" in tutor.text, "the curve")
        assert "printed" in tutor.text and "is not 1" in tutor.text and "running" not in tutor.text
        await tutor.say(Ended(0, 0, seconds=0.01))
        assert "printed" not in tutor.text and "is not 1" not in tutor.text and "0.3" in tutor.text


async def test_what_an_error_says_goes_with_it(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("alt+down")
        await tutor.say(Raised(0, "ValueError", "Invalid learning rate", ()), Ended(0, 1))
        assert "Invalid learning rate" in tutor.text
        await tutor.press("alt+up")
        await tutor.say(*curves(0.5))
        assert "Invalid learning rate" not in tutor.text and "ValueError" not in tutor.text


async def test_steps_on_the_way_are_no_attempts_but_a_pass_is_a_pass(opened):
    async with opened("basics/one") as tutor:
        store = tutor.app.context.learner.store
        await tutor.press("alt+up")
        await tutor.say(*curves(0.5))
        assert store.standing("basics/one").attempts == 0
        await tutor.press("alt+up")
        await tutor.passes()
        await tutor.until(lambda: store.standing("basics/one").state == "passed", "the pass")


async def test_narrow_some_code_stands_over_the_result_until_another_key(opened, golden):
    async with opened("basics/one", size=NARROW) as tutor:
        tutor.runner.ready()
        await tutor.press("ctrl+g")
        assert "print(x)" in tutor.text
        await tutor.press("alt+up")
        await tutor.say(*curves(0.1))
        await tutor.until(lambda: "0.1" in tutor.lines[8], "the curve")
        golden("scrub-80", tutor.text)
        assert "x = 1" in tutor.text and tutor.app.focused.id == "code"
        await tutor.press("alt+up")
        assert "learning rate" in tutor.text
        await tutor.press("left")
        assert "x = 2" in tutor.text and "learning rate" not in tutor.text
        await tutor.press("alt+up", "ctrl+g")
        assert "learning rate" in tutor.text and "x = 3" not in tutor.text


async def test_narrow_it_turns_to_the_code_from_any_pane(opened):
    async with opened("basics/one", size=NARROW) as tutor:
        assert "Something about names." in tutor.text
        await tutor.press("alt+up")
        assert "x = 1" in tutor.text and "Something about names." not in tutor.text


@pytest.mark.parametrize("size", [(24, 6), (40, 12), (200, 15)])
async def test_where_there_is_no_room_for_both_the_code_stays(opened, size):
    async with opened("basics/one", size=size) as tutor:
        await tutor.press("alt+up", "alt+up")
        await tutor.say(*curves(0.5))
        assert "x = 2" in tutor.text


# --- live mode --------------------------------------------------------------------------------------------------


async def test_live_mode_runs_after_a_pause_and_only_what_parses(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("alt+l")
        assert "live" in tutor.lines[0] and "Alt+L" in tutor.text and sources(tutor) == ["x = 0"]
        await tutor.say(Output(0, "tty", "hello\r\n"), Ended(0, 0))
        await tutor.type("y = (")
        await tutor.until(lambda: "line 1 doesn't parse" in tutor.lines[0], "the note")
        assert "hello" in tutor.text and len(tutor.runner.requests) == 1
        await tutor.type("1)\n")
        await tutor.until(lambda: len(tutor.runner.requests) == 2, "the run")
        assert sources(tutor)[1] == "y = (1)" and "parse" not in tutor.lines[0]


async def test_live_mode_leaves_pane_focus_and_place_alone(opened):
    async with opened("basics/one", size=NARROW) as tutor:
        await tutor.press("ctrl+g", "alt+l")
        await tutor.type("y = 1\n")
        await tutor.until(lambda: len(tutor.runner.requests) == 2, "the run")
        await tutor.say(Output(0, "tty", "hello\r\n"), *curves(0.5))
        assert "y = 1" in tutor.text and "hello" not in tutor.text and tutor.app.focused.id == "code"


async def test_live_mode_scrolls_nothing_back(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("alt+l")
        await tutor.say(Output(0, "tty", "".join(f"line {number}\r\n" for number in range(100))), Ended(0, 0))
        for _ in range(4):
            await tutor.press("alt+j")
        at = tutor.app.screen.result.sheet.scroll_offset.y
        await tutor.press("end", "0")
        await tutor.until(lambda: len(tutor.runner.requests) == 2, "the run")
        await tutor.say(Output(0, "tty", "".join(f"line {number}\r\n" for number in range(100))), Ended(0, 0))
        assert at and tutor.app.screen.result.sheet.scroll_offset.y == at


async def test_live_mode_goes_with_the_same_key_and_is_not_remembered(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("alt+l", "alt+l")
        await tutor.type("y = 1\n")
        await tutor.pilot.pause(0.5)
        assert "live" not in tutor.lines[0] and len(tutor.runner.requests) == 1
        await tutor.press("alt+l")
        await tutor.until(lambda: len(tutor.runner.requests) == 2, "the run of what was typed before")
    async with opened() as tutor:
        assert "live" not in tutor.lines[0]


async def test_live_mode_runs_no_number_twice_and_no_lesson_that_was_only_opened(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("alt+l")
        await tutor.say(Ended(0, 0))
        await tutor.press("alt+up")
        await tutor.say(*curves(0.5))
        await tutor.pilot.pause(0.5)
        assert sources(tutor) == ["x = 0", "x = 1"]
        await tutor.press("ctrl+n")
        await tutor.pilot.pause(0.5)
        assert len(tutor.runner.requests) == 2 and "live" in tutor.lines[0]


async def test_a_stuck_program_is_replaced(opened):
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        await tutor.press("alt+l")
        await tutor.type("while True: x = 1\n")
        await tutor.until(lambda: "running" in tutor.text, "the run")
        stuck = tutor.runner.requests[-1].id
        await tutor.type("y = 1\n")
        await tutor.until(lambda: stuck in tutor.runner.stopped, "the next run")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("", 0),
        ("x = 1\n", 0),
        ("x = '\\d'\n", 0),  # a warning is no error
        ("x = (\n", 1),
        ("x = 1\ny = = 2\n", 2),
        ("if x:\n", 1),
        ("x = 'abc", 1),
        ("x = 1\0", 1),
        ("(" * 300, 1),
    ],
)
def test_where_a_draft_does_not_parse(source, line):
    assert broken_line(source) == line


# --- with the real worker ---------------------------------------------------------------------------------------

SCHEDULE = """\
import torch

gamma = 0.95
w = torch.zeros((), requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.5)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
for epoch in range(20):
    optimizer.zero_grad()
    loss = (w - 3).square()
    loss.backward()
    optimizer.step()
    scheduler.step()
"""


async def test_a_schedule_is_scrubbed(home):
    app = Tutor(Start(paths.lessons(), home, WorkerClient, "optimizers/exponential_lr"))
    async with app.run_test(size=(160, 50)) as pilot:
        editor = app.screen.editor

        def shows(line: str, *words: str) -> bool:
            lines = [strip.text for strip in app.screen._compositor.render_strips()]
            return any(line in text and all(word in text for word in words) for text in lines)

        editor.replace_all(SCHEDULE)
        editor.move_cursor((2, 9))
        assert await until(lambda: app.context.machine.stage == "all", pilot.pause), "the worker"
        for _ in range(5):
            await pilot.press("alt+down")
        assert editor.text.splitlines()[2] == "gamma = 0.90"
        rate = number(0.5 * 0.9**19)
        assert await until(lambda: shows(f"learning rate  {rate}"), pilot.pause), "the curve of the last number"
        assert await until(lambda: shows("gamma = 0.90", "gamma", " 0.9 "), pilot.pause), "its hint"
        assert shows("for epoch in range(20):", "19  ×20") and shows("w = torch.zeros", "∇")
        await pilot.press("ctrl+z")
        assert editor.text == SCHEDULE
