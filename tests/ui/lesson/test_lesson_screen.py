"""The lesson screen, behind it a runner that says what the test tells it to."""

from __future__ import annotations

import errno
import os
import stat
import threading
from contextlib import nullcontext

import pytest
from textual import events

from tutor.learner.store import Store
from tutor.protocol.codec import Bucket, Checked, Ended, Fault, Finished, Output, Raised, Series, Tensor, Tensors
from tutor.ui.lesson.screen import LessonScreen

WIDE, NARROW = (120, 36), (80, 24)


def draft(home, lesson="basics/one"):
    path = home / "drafts" / f"{lesson}.py"
    return path.read_text() if path.exists() else None


def full_disk(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def failing(tutor):
    await tutor.press("ctrl+r")
    await tutor.say(
        Output(0, "tty", "0\r\n"),
        Finished(0, 0.004),
        Tensors(0, (Tensor("t", "f32", (2,), text="[1.0, 2.0]"),)),
        Checked(0, "right", "`x` is 1", "failed", "`x` is 0, not 1.", "Change line 1."),
        Ended(0, 0, seconds=0.004),
    )


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_a_lesson_before_and_after_a_run(opened, golden, size):
    async with opened("basics/one", size=size) as tutor:
        tutor.runner.ready()
        await tutor.pilot.pause()
        golden(f"lesson-{size[0]}", tutor.text)
        await failing(tutor)
        golden(f"failed-{size[0]}", tutor.text)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_a_finished_lesson_stays_with_takeaway_and_difference(opened, golden, size):
    async with opened("basics/one", size=size) as tutor:
        tutor.runner.ready()
        await tutor.press("ctrl+r")
        await tutor.passes()
        golden(f"passed-{size[0]}", tutor.text)
        assert "Takeaway" in tutor.text and "basics/two" not in tutor.text


async def test_ascii_shows_nothing_else(opened, golden):
    async with opened("basics/one", size=WIDE, ascii=True) as tutor:
        await failing(tutor)
        golden("failed-ascii", tutor.text)
        assert tutor.text.isascii()
        await tutor.press("ctrl+f")
        assert tutor.text.isascii()


async def test_a_run_asks_for_the_draft_as_it_stands(opened):
    async with opened("basics/one") as tutor:
        await tutor.type("y = 2\n")
        await tutor.press("ctrl+r")
        request = tutor.runner.requests[-1]
        assert request.source == "y = 2\nx = 0\nprint(x)\n"
        assert request.check is not None


async def test_f5_runs_as_well(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("f5")
        assert len(tutor.runner.requests) == 1


async def test_narrow_a_run_turns_to_the_result_and_typing_to_the_code(opened):
    async with opened("basics/one", size=NARROW) as tutor:
        assert "Something about names." in tutor.text
        await tutor.press("ctrl+r")
        await tutor.passes()
        assert "Takeaway" in tutor.text and "Something about names." not in tutor.text
        await tutor.press("y")
        assert "yx = 0" in tutor.text and "Takeaway" not in tutor.text


async def test_panes_are_one_key_apart_and_come_round(opened):
    async with opened("basics/one", size=NARROW) as tutor:
        shown = []
        for _ in range(4):
            shown.append(next(word for word in ("about names", "print(x)", "checks:") if word in tutor.text))
            await tutor.press("ctrl+g")
        assert shown == ["about names", "print(x)", "checks:", "about names"]


async def test_tab_goes_from_pane_to_pane_but_indents_in_the_editor(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("tab")
        assert "    x = 0" in tutor.text
        await tutor.press("ctrl+g")
        focus = []
        for _ in range(2):
            focus.append(tutor.app.focused.id)
            await tutor.press("tab")
        assert focus == ["blocks", "text"] and tutor.app.focused.id == "code"


async def test_typing_finds_the_editor_from_any_pane(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+g", "ctrl+g", "q")
        assert "qx = 0" in tutor.text and tutor.app.focused.id == "code"


@pytest.mark.parametrize("pane", ["text", "result"])
async def test_all_that_is_typed_in_one_burst_finds_the_editor(opened, pane):
    async with opened("basics/one") as tutor:
        tutor.app.screen.panes.turn_to(pane)
        await tutor.pilot.pause()
        for key in ("y", "equals_sign", "space", "1", "enter", "z"):  # as they arrive in one read
            character = {"equals_sign": "=", "space": " "}.get(key, key if len(key) == 1 else None)
            tutor.app.post_message(events.Key(key, character))
        await tutor.until(lambda: "z" in tutor.app.screen.editor.text, "the last of it")
        await tutor.pilot.pause()
        assert tutor.app.screen.editor.text == "y= 1\nzx = 0\nprint(x)\n"
        assert tutor.app.focused is tutor.app.screen.editor


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_what_is_pasted_finds_the_editor_from_any_pane_once(opened, size):
    async with opened("basics/one", size=size) as tutor:
        editor = tutor.app.screen.editor
        for pane in ("text", "code", "result"):
            tutor.app.screen.panes.turn_to(pane)
            tutor.app.post_message(events.Paste("y = 1\n"))
            await tutor.pilot.pause()
            assert tutor.app.focused is editor and "y = 1" in tutor.text
        assert editor.text == "y = 1\n" * 3 + "x = 0\nprint(x)\n"


async def test_a_long_output_keeps_what_comes_after_it_in_sight(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+r")
        await tutor.say(
            Output(0, "tty", "".join(f"line {number}\r\n" for number in range(100))),
            Tensors(0, (Tensor("t", "f32", (2,), text="[1.0, 2.0]"),)),
            Ended(0, 0),
        )
        assert "94 earlier lines" in tutor.text and "[1.0, 2.0]" in tutor.text
        await tutor.press("ctrl+g", "end")
        assert "line 99" in tutor.text and "line 80" in tutor.text


async def test_the_result_scrolls_while_the_editor_has_the_keys(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+r")
        await tutor.say(Output(0, "tty", "".join(f"line {number}\r\n" for number in range(100))), Ended(0, 0))
        before = tutor.text
        await tutor.press("alt+j")
        assert tutor.text != before and tutor.app.focused.id == "code"
        await tutor.press("ctrl+up")
        assert tutor.text == before


async def test_output_is_shown_while_it_comes(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+r")
        await tutor.say(Output(0, "tty", "first\r\n"))
        await tutor.until(lambda: "first" in tutor.text and "running" in tutor.text, "the first line")
        await tutor.say(Output(0, "tty", "second\r\n"))
        await tutor.until(lambda: "second" in tutor.text, "the second line")
        await tutor.say(Ended(0, 0, seconds=1.5))
        assert "1.5 s" in tutor.text


async def test_the_last_result_goes_when_the_next_run_keeps_silent(opened):
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        await failing(tutor)
        await tutor.press("ctrl+r")
        await tutor.until(lambda: "x is 0, not 1" not in tutor.text, "an empty result")
        assert "running" in tutor.text


async def test_stop_ends_the_run_and_says_so(opened):
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        await tutor.press("ctrl+r")
        await tutor.until(lambda: "^C stop" in tutor.text, "the stop key")
        told = (
            'Traceback (most recent call last):\r\n  File "/tmp/one.py", line 1, in <module>\r\nKeyboardInterrupt\r\n'
        )
        await tutor.say(Output(0, "tty", "begun\r\n" + told), Raised(0, "KeyboardInterrupt", "", ()))
        await tutor.press("ctrl+c")
        await tutor.until(lambda: "stopped" in tutor.text, "the end")
        assert tutor.runner.stopped == [1] and "begun" in tutor.text
        assert "KeyboardInterrupt" not in tutor.text and "Traceback" not in tutor.text
        await tutor.press("ctrl+c")
        assert "Nothing is running" in tutor.text and tutor.runner.stopped == [1]


async def test_another_run_replaces_the_one_under_way(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+r")
        await tutor.say(Output(0, "tty", "of the first\r\n"))
        await tutor.press("ctrl+r")
        await tutor.say(Output(0, "tty", "of the second\r\n"))
        await tutor.until(lambda: "of the second" in tutor.text, "the second run")
        assert "of the first" not in tutor.text and "stopped" not in tutor.text


async def test_an_error_is_drawn(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+r")
        await tutor.say(Raised(0, "NameError", "name 'y' is not defined", ()), Ended(0, 1, seconds=0.01))
        assert "✗ NameError" in tutor.text and "name 'y' is not defined" in tutor.text


async def test_what_ended_a_run_is_told_before_the_line_that_it_interrupted(opened):
    async with opened("basics/one", size=NARROW) as tutor:
        await tutor.press("ctrl+r")
        await tutor.say(Output(0, "tty", "step\r\n" * 40), Raised(0, "KeyboardInterrupt", "", ()))
        await tutor.say(Ended(0, 137, "seconds", "It ran for 60 s, the most it may.", seconds=60.0))
        at = [tutor.text.find(words) for words in ("It ran for 60 s", "KeyboardInterrupt", "step")]
        assert -1 < at[0] < at[1] < at[2]


async def test_curves_are_drawn(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+r")
        buckets = tuple(Bucket(start, 1, value, value, value) for start, value in enumerate((4.0, 2.0, 1.0, 0.5)))
        await tutor.say(Series(0, "loss", "loss", buckets), Finished(0, 0.1), Ended(0, 0, seconds=0.1))
        await tutor.until(lambda: "loss" in tutor.text, "a curve")


@pytest.mark.parametrize(
    ("picture", "order"),
    [
        ("", ["Takeaway", "loss ", "norm ", "alpha ", "omega "]),
        ("picture=curve:norm", ["norm ", "loss ", "Takeaway", "alpha ", "omega "]),
        ("picture=tensor:omega", ["omega ", "alpha ", "Takeaway", "loss ", "norm "]),
    ],
)
async def test_the_picture_of_the_lesson_comes_first_once_it_passes(opened, pack, picture, order):
    lesson = pack / "basics/one.py"
    lesson.write_text(lesson.read_text().replace("# %% snippet", f"# %% snippet {picture}"))
    both = tuple(Tensor(name, "f32", (2,), text="[1.0, 2.0]") for name in ("alpha", "omega"))
    buckets = tuple(Bucket(start, 1, value, value, value) for start, value in enumerate((4.0, 2.0, 1.0, 0.5)))
    curves = [Series(0, name, kind, buckets) for name, kind in (("loss", "loss"), ("gradient norm", "norm"))]
    async with opened("basics/one", size=(120, 80)) as tutor:
        await tutor.press("ctrl+r")
        await tutor.say(*curves, Tensors(0, both), Finished(0, 0.1))
        await tutor.say(Checked(0, "right", "`x` is 1", "failed", "`x` is 0."), Ended(0, 1, seconds=0.1))
        assert max(map(tutor.text.index, ("loss ", "norm "))) < min(map(tutor.text.index, ("alpha ", "omega ")))
        await tutor.press("ctrl+r")
        await tutor.say(*curves, Tensors(0, both), Finished(0, 0.1))
        await tutor.say(Checked(0, "right", "`x` is 1", "passed"), Ended(0, 0, seconds=0.1))
        places = [tutor.text.rindex(words) for words in order]
        assert places == sorted(places), tutor.text


async def test_a_worker_that_dies_is_told_and_the_next_run_is_asked_of_it(opened):
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        await tutor.press("ctrl+r")
        tutor.runner._queues[1].put_nowait(Fault(None, "The worker was killed."))
        await tutor.until(lambda: "The worker was killed." in tutor.text, "the fault")
        await tutor.press("ctrl+r")
        await tutor.passes()
        assert "passed" in tutor.text


async def test_how_far_the_worker_is(opened):
    async with opened("basics/one") as tutor:
        assert "loading torch" in tutor.text
        await tutor.press("ctrl+r")
        await tutor.until(lambda: "runs as soon as torch is loaded" in tutor.text, "the wait")
        tutor.runner.ready()
        await tutor.until(lambda: "cpu · torch 2.13" in tutor.text and "loading" not in tutor.text, "ready")


# --- hints, solution, starting over -----------------------------------------------------------------------------


async def test_hints_one_by_one_are_remembered(opened, home):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+t")
        assert "Hint 1 of 2" in tutor.text and "A second hint" not in tutor.text
        await tutor.press("ctrl+t")
        assert "A second hint" in tutor.text
        await tutor.press("ctrl+t")
        assert "That was the last hint" in tutor.text
    async with opened("basics/one") as tutor:
        await tutor.until(lambda: "A second hint" in tutor.text, "the hints of the last time")


async def test_the_solution_is_asked_for_once_and_marked(opened, home):
    async with opened("basics/one") as tutor:
        await tutor.press("f3")
        assert "Show the solution?" in tutor.text
        await tutor.press("escape")
        assert "Solution" not in tutor.text
        await tutor.press("f3", "y")
        assert "Solution" in tutor.text and "x = 1" in tutor.text
    assert Store.open(home).standing("basics/one").state == "revealed"


async def test_a_pass_is_recorded(opened, home):
    async with opened("basics/one") as tutor:
        await failing(tutor)
        await tutor.press("ctrl+r")
        await tutor.passes()
        await tutor.until(lambda: "1 of 2" in tutor.lines[0], "the progress")
    standing = Store.open(home).standing("basics/one")
    assert (standing.state, standing.attempts) == ("passed", 2)


async def test_reset_asks_and_undo_brings_the_draft_back(opened, home):
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.press("f4", "n")
        assert "yx = 0" in tutor.text
        await tutor.press("f4", "y")
        assert "yx = 0" not in tutor.text
        await tutor.press("ctrl+z")
        assert "yx = 0" in tutor.text
        await tutor.press("f4", "y")
    async with opened("basics/one") as tutor:
        assert "yx = 0" not in tutor.text
        await tutor.press("f4")
        assert "yx = 0" in tutor.text


async def test_what_a_question_is_answered_with_is_seen_on_a_small_screen(opened):
    async with opened("basics/one", size=(40, 10)) as tutor:
        await tutor.type("y")
        await tutor.press("f4")
        assert "Y start over     Esc no" in tutor.text


async def test_a_hint_is_seen_that_is_asked_for_where_another_pane_is(opened, pack):
    path = pack / "basics/one.py"
    path.write_text(path.read_text().replace("Something about names.", "A line.\n\n" * 20))
    async with opened("basics/one", size=NARROW) as tutor:
        await failing(tutor)
        assert "A line." not in tutor.text
        await tutor.press("ctrl+t")
        assert "Hint 1 of 2" in tutor.text
        await tutor.press("ctrl+g", "ctrl+g", "f3", "y")
        assert "Solution" in tutor.text


async def test_undoing_a_reset_brings_hints_and_the_mark_back(opened, home):
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.press("ctrl+t", "f3", "y")
        assert "Hint 1 of 2" in tutor.text and "Solution" in tutor.text
        await tutor.press("f4", "y")
        assert "Hint 1 of 2" not in tutor.text and "Solution" not in tutor.text
        assert tutor.app.context.learner.standing("basics/one").state == "begun"
        await tutor.press("ctrl+z")
        assert "Hint 1 of 2" in tutor.text and "Solution" in tutor.text
        assert tutor.app.context.learner.standing("basics/one").state == "revealed"


# --- the draft --------------------------------------------------------------------------------------------------


async def test_undo_goes_back_beyond_the_start_and_redo_comes_forward_again(opened, home):
    for typed in ("1", "2"):  # the snippet itself is no draft: this leaves the draft from before the second
        async with opened("basics/one") as tutor:
            await tutor.type(typed)
            await tutor.press("ctrl+s")
    async with opened("basics/one") as tutor:
        editor = tutor.app.screen.editor
        second = editor.text
        assert "2" in second.splitlines()[0] and "1" in second.splitlines()[0]
        await tutor.type("#")
        await tutor.press("ctrl+s", "ctrl+z", "ctrl+s")
        assert editor.text == second, "what was typed in this session goes first"
        await tutor.press("ctrl+z")
        first = editor.text
        assert first == "1x = 0\nprint(x)\n" and "Your draft of 2" in tutor.lines[-1]
        await tutor.press("ctrl+z")
        assert editor.text == first and "There is no older draft." in tutor.lines[-1]
        await tutor.press("ctrl+y")
        assert editor.text == second
        await tutor.press("ctrl+y")
        assert "#" in editor.text, "then what had been undone before"
        await tutor.press("ctrl+z", "ctrl+z", "ctrl+s")
        assert editor.text == first and draft(home) == first
        await tutor.type("y")
        await tutor.press("ctrl+y")
        assert "y" in editor.text.splitlines()[0], "an edit ends what could be redone"
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+z", "ctrl+z")
        assert tutor.app.screen.editor.text != first, "and nothing that was saved is out of reach"


async def test_a_draft_saves_itself_a_moment_after_the_last_key(opened, home):
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.until(lambda: draft(home) == "yx = 0\nprint(x)\n", "the draft")


async def test_looking_at_a_lesson_makes_no_draft(opened, home):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+n", "ctrl+q")
    assert not (home / "drafts").exists()


@pytest.mark.parametrize("leave", [["ctrl+q"], ["ctrl+n"], ["f10"], ["ctrl+s"]], ids=lambda keys: keys[0])
async def test_a_draft_is_saved_when_the_learner_leaves(opened, home, leave):
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.press(*leave)
        assert draft(home) == "yx = 0\nprint(x)\n"


async def test_the_next_start_opens_where_the_last_one_stood(opened, home):
    async with opened("basics/two") as tutor:
        await tutor.type("ab")
        await tutor.press("ctrl+q")
    async with opened() as tutor:
        assert "The second lesson" in tutor.lines[0] and "abx = 0" in tutor.text
        assert tutor.app.screen.editor.cursor_location == (0, 2)


async def test_a_home_that_cannot_be_written_is_told_and_the_lesson_goes_on(opened, home):
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.press("ctrl+s")
        assert "can't be saved" in tutor.text and "not saved" in tutor.lines[0]
        await tutor.press("ctrl+r")
        await tutor.passes()
        assert "passed" in tutor.text


async def test_what_another_editor_saves_is_taken_up_and_run(opened, home):
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.press("ctrl+s")
        (home / "drafts/basics/one.py").write_text("x = 5\n")
        await tutor.until(lambda: tutor.runner.requests, "the run")
        assert tutor.runner.requests[-1].source == "x = 5\n"
        await tutor.press("ctrl+z")
        assert "yx = 0" in tutor.text


async def test_own_saves_are_not_taken_for_another_editors(opened, home):
    async with opened("basics/one") as tutor:
        await tutor.type("y")
        await tutor.press("ctrl+s")
        await tutor.pilot.pause(1.0)
        assert tutor.runner.requests == []


async def test_the_learners_own_editor(opened, home, tmp_path, monkeypatch):
    editor = tmp_path / "ed"
    editor.write_text('#!/bin/sh\nprintf "x = 9\\n" > "$1"\n')
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("EDITOR", str(editor))
    async with opened("basics/one") as tutor:
        monkeypatch.setattr(type(tutor.app), "suspend", _suspend)
        await tutor.press("ctrl+o")
        assert "x = 9" in tutor.text
        assert tutor.runner.requests[-1].source == "x = 9\n"


async def test_an_editor_that_is_not_there_is_told(opened, monkeypatch):
    monkeypatch.setenv("EDITOR", "/no/such/editor --wait")
    async with opened("basics/one", size=NARROW) as tutor:
        monkeypatch.setattr(type(tutor.app), "suspend", _suspend)
        await tutor.press("ctrl+o")
        assert tutor.lines[-1] == " Set EDITOR to yours: it could not be started (No such file or directory)."


def _suspend(self):
    """A test has no terminal to give away."""
    return nullcontext()


# --- elsewhere --------------------------------------------------------------------------------------------------


async def test_next_and_previous_go_through_the_pack_and_stop_at_its_ends(opened):
    async with opened("basics/one") as tutor:
        assert "^N next" in tutor.lines[-1]
        await tutor.press("f7")
        assert "This is the first lesson." in tutor.text
        await tutor.press("ctrl+n")
        assert "Basics › The second lesson" in tutor.lines[0]
        await tutor.press("ctrl+n")
        assert "More › A third lesson" in tutor.lines[0] and "^N next" not in tutor.lines[-1]
        await tutor.press("ctrl+n")
        assert "This was the last lesson." in tutor.text
        await tutor.press("f7")
        assert "The second lesson" in tutor.lines[0]


async def test_what_is_typed_in_one_burst_with_the_key_for_the_next_lesson_is_meant_for_that(opened, home):
    async with opened("basics/one") as tutor:
        tutor.app.post_message(events.Key("ctrl+n", None))
        tutor.app.post_message(events.Key("y", "y"))
        tutor.app.post_message(events.Paste("z"))
        tutor.app.post_message(events.Key("ctrl+s", None))
        await tutor.until(lambda: draft(home, "basics/two") or draft(home, "basics/one"), "that it is saved")
        assert "The second lesson" in tutor.lines[0]
    assert draft(home, "basics/two") == "yzx = 0\nprint(x)\n" and draft(home, "basics/one") is None


async def test_the_lesson_one_is_at_is_begun_and_the_one_that_was_left_is_skipped(opened):
    async with opened("basics/one") as tutor:
        assert "0 of 2 ◐○" in tutor.lines[0]
        await tutor.press("ctrl+n")
        assert "0 of 2 –◐" in tutor.lines[0]
        await tutor.press("f7")
        assert "0 of 2 ◐–" in tutor.lines[0]


async def test_moving_on_stops_the_run_and_shows_nothing_of_it(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+r", "ctrl+n")
        assert tutor.runner.stopped == [1]
        await tutor.pilot.pause()
        assert "not run yet" in tutor.text


@pytest.mark.parametrize(
    "size", [(20, 5), (10, 3), (30, 8), (60, 16), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}"
)
async def test_no_size_is_too_small_to_go_on(opened, size):
    async with opened("basics/one", size=size) as tutor:
        await tutor.press("ctrl+t", "ctrl+g", "y", "ctrl+r")
        await tutor.passes()
        await tutor.press("ctrl+f", "escape", "f1", "escape", "ctrl+p", "escape")
        if size[1] < 6:
            assert f"{size[0]}x{size[1]}"[:8] in tutor.text
        await tutor.pilot.resize_terminal(120, 36)
        await tutor.until(lambda: "Takeaway" in tutor.text and "yx = 0" in tutor.text, "all of it")


async def test_what_runs_left_does_not_pile_up(opened):
    async with opened("basics/one") as tutor:
        for _ in range(3):
            await tutor.press("ctrl+r")
            await tutor.say(*[Output(0, "tty", "a line\r\n" * 2_000) for _ in range(5)], Ended(0, 0))
        screen = tutor.app.screen
        assert isinstance(screen, LessonScreen)
        assert screen.session.outcome.output == []
        assert screen.result.sheet.count() < 2_100
        assert "8,000 earlier lines" in tutor.text and "All that it printed" not in tutor.text


async def test_a_draft_that_could_not_be_saved_is_saved_once_it_can(opened, home, monkeypatch):
    async with opened("basics/one") as tutor:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full_disk)
            await tutor.type("# kept")
            await tutor.until(lambda: "not saved" in tutor.lines[0], "that it can't be saved")
        await tutor.press("ctrl+s")
        assert "not saved" not in tutor.lines[0]
        assert "# kept" in (home / "drafts/basics/one.py").read_text()


async def test_keys_do_not_wait_for_a_disk_that_hangs(opened, home, monkeypatch):
    free, hanging, sync = threading.Event(), threading.Event(), os.fsync

    def hang(descriptor):
        hanging.set()
        assert free.wait(20)
        sync(descriptor)

    async with opened("basics/one") as tutor:
        monkeypatch.setattr(os, "fsync", hang)
        await tutor.type("# slow")
        await tutor.until(hanging.is_set, "the save that hangs")
        await tutor.type(" disk")
        assert "# slow disk" in tutor.text
        free.set()
        await tutor.until(lambda: "# slow disk" in (draft(home) or ""), "what was typed")
