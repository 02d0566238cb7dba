"""A run walked through line by line: the state, the screen, and the screen with the real worker."""

from __future__ import annotations

import random

import pytest

from tests.patience import until
from tutor.client.client import WorkerClient
from tutor.protocol.codec import Binding, Ended, Finished, Frame, Output, Raised, Step, Steps, Tensor
from tutor.ui.app import Start, Tutor
from tutor.ui.replay.screen import ReplayScreen
from tutor.ui.replay.state import Replay

WIDE, NARROW = (120, 36), (80, 24)


def tensor(name: str, text: str, shape=(2,), *, grad: bool = False) -> Tensor:
    return Tensor(name, "f32", shape, requires_grad=grad, text=text, low=0.0, high=1.0, strip=(0.0, 1.0))


def step(line: int, *tensors: Tensor, gone=(), printed=0, function="", depth=0, **values: str) -> Step:
    told = tuple(Binding(one.name, "f32[2]", one.requires_grad) for one in tensors)
    told += tuple(Binding(name.replace("__", "."), what) for name, what in values.items())
    return Step(line, function, depth, told, tensors, tuple(gone), printed)


SOURCE = """\
import torch

def double(v):
    return v * 2

w = torch.ones(2, requires_grad=True)
for i in range(2):
    loss = double(w).sum()
    loss.backward()
    print(i)
    w.grad = None
"""
W = tensor("w", "[1.0, 1.0]", grad=True)
CALL = (
    step(8),
    step(3, tensor("v", "[1.0, 1.0]", grad=True), function="double", depth=1),
    step(4, tensor("return", "[2.0, 2.0]"), function="double", depth=1),
)
STEPS = (
    step(1),
    step(3),
    step(6, W),
    step(7, i="0"),
    *CALL,
    step(8, tensor("loss", "4.0", ())),
    step(9, tensor("w.grad", "[2.0, 2.0]")),
    step(10, printed=2),
    step(11, gone=["w.grad"], printed=2),
    step(7, i="1", printed=2),
    *CALL,
    step(8, tensor("loss", "4.0", ()), printed=2),
    step(9, tensor("w.grad", "[2.0, 2.0]"), printed=2),
    step(10, printed=4),
    step(11, gone=["w.grad"], printed=4),
    step(7, printed=4),
)


def replayed(*steps: Step, cut: bool = False) -> Replay:
    replay = Replay(SOURCE, 1)
    replay.take(Output(1, "tty", "0\n1\n"))
    for one in steps:
        replay.take(Steps(1, (one,)))
    if cut:
        replay.take(Steps(1, (), cut=True))
    replay.take(Ended(1, 0))
    return replay


def everything(replay: Replay) -> list[object]:
    """All that is shown at a step."""
    moment = replay.moment
    names = [(scope.function, [(one.binding, one.tensor) for one in scope.names.values()]) for scope in moment.scopes]
    return [replay.step, names, moment.changes, replay.hints(), replay.printed, moment.pass_number, replay.calls]


def names(replay: Replay, scope: int = 0) -> dict[str, str]:
    return {
        one.binding.name: one.tensor.text if one.tensor else one.binding.what
        for one in replay.moment.scopes[scope].names.values()
    }


# --- the state ----------------------------------------------------------------------------------------------


def test_the_first_step_is_shown_as_soon_as_it_is_there():
    replay = Replay(SOURCE, 1)
    assert replay.step is None and replay.moment.scopes[0].names == {} and replay.moment.changes == ()
    replay.take(Steps(1, STEPS[:1]))
    assert replay.at == 0 and replay.step == STEPS[0]
    replay.take(Steps(1, STEPS[1:3]))
    assert replay.at == 0 and len(replay.steps) == 3


def test_names_are_known_as_they_were_then():
    replay = replayed(*STEPS)
    replay.go(8)
    assert names(replay) == {"w": "[1.0, 1.0]", "i": "0", "loss": "4.0", "w.grad": "[2.0, 2.0]"}
    assert [(change.name, change.before, change.after.tensor.text) for change in replay.moment.changes] == [
        ("w.grad", None, "[2.0, 2.0]")
    ]
    replay.go(10)
    assert "w.grad" not in names(replay) and replay.moment.changes[0].after is None
    replay.go(11)
    (change,) = replay.moment.changes
    assert (change.before.binding.what, change.after.binding.what) == ("0", "1")


def test_within_a_function_its_own_names_come_first_and_go_when_it_returns():
    replay = replayed(*STEPS)
    replay.go(4)
    assert replay.calls == "double" and [scope.function for scope in replay.moment.scopes] == [""]
    replay.go(5)
    assert [scope.function for scope in replay.moment.scopes] == ["double", ""]
    assert names(replay) == {"v": "[1.0, 1.0]"} and names(replay, 1) == {"w": "[1.0, 1.0]", "i": "0"}
    replay.go(6)
    assert replay.moment.changes[0].name == "return" and "return" not in names(replay)
    replay.go(7)
    assert [scope.function for scope in replay.moment.scopes] == [""]


def test_back_and_forth_shows_what_going_straight_there_shows():
    straight = []
    for index in range(len(STEPS)):
        replay = replayed(*STEPS)
        replay.go(index)
        straight.append(everything(replay))
    walk, chance = replayed(*STEPS), random.Random(1)
    for index in [*range(len(STEPS)), *reversed(range(len(STEPS))), *(chance.randrange(len(STEPS)) for _ in range(60))]:
        walk.go(index)
        assert everything(walk) == straight[index]


def test_it_stops_at_both_ends():
    replay = replayed(*STEPS)
    assert not replay.go(-5) and replay.at == 0
    assert replay.go(999) and replay.at == len(STEPS) - 1 and replay.last


def test_another_pass_is_the_same_line_later_or_earlier():
    replay = replayed(*STEPS)
    replay.go(7)
    assert (replay.moment.pass_number, replay.passes) == (1, 2)
    assert replay.other_pass(1) and (replay.step.line, replay.at, replay.moment.pass_number) == (8, 15, 2)
    assert not replay.other_pass(1)
    assert replay.other_pass(-1) and replay.at == 7
    replay.go(2)
    assert replay.passes == 1 and not replay.other_pass(1) and not replay.other_pass(-1)


def test_hints_are_those_of_the_moment():
    replay = replayed(*STEPS)
    replay.go(8)
    assert {line: (hint.bindings[0].what, hint.passes) for line, hint in replay.hints().items()} == {
        3: ("f32[2]", 1), 4: ("f32[2]", 1), 6: ("f32[2]", 1), 7: ("0", 1), 8: ("f32[2]", 1), 9: ("f32[2]", 1),
    }  # fmt: skip
    replay.go(11)
    assert replay.hints()[7].bindings[0].what == "1" and replay.hints()[7].passes == 2


def test_the_output_is_that_of_the_moment():
    replay = replayed(*STEPS)
    assert [(replay.go(index), replay.printed)[1] for index in (8, 9, 15, 17)] == ["", "0\n", "0\n", "0\n1\n"]


def test_an_error_is_shown_at_the_last_step_only_and_not_where_the_program_was_cut():
    error = Raised(1, "ValueError", "no", (Frame(9, "<module>", "loss.backward()"),))
    for cut in (False, True):
        replay = Replay(SOURCE, 1)
        replay.take(Output(1, "tty", "0\nTraceback ...\n"))
        replay.take(Steps(1, (STEPS[0], step(9, printed=2)), cut))
        replay.take(error)
        replay.take(Ended(1, 1))
        assert replay.error is None
        replay.go(1)
        assert (replay.error is error) is not cut
        assert replay.printed == "0\n"


# --- the screen ---------------------------------------------------------------------------------------------


async def walk(tutor, *, ended: bool = True):
    """Open the replay of the draft; all its steps have arrived."""
    tutor.app.screen.editor.replace_all(SOURCE)
    await tutor.press("alt+w")
    await tutor.until(lambda: isinstance(tutor.app.screen, ReplayScreen), "the screen")
    await tutor.say(Output(0, "tty", "0\n1\n"), *(Steps(0, (one,)) for one in STEPS))
    if ended:
        await tutor.say(Finished(0, 0.01), Ended(0, 0))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_a_step_in_a_loop_and_one_in_a_function(opened, golden, size):
    async with opened("basics/one", size=size) as tutor:
        await walk(tutor)
        await tutor.press(*["right"] * 5)
        golden(f"replay-function-{size[0]}", tutor.text)
        await tutor.press("n", "j", "right")
        golden(f"replay-loop-{size[0]}", tutor.text)


async def test_the_replay_in_ascii(opened, golden):
    async with opened("basics/one", size=NARROW, ascii=True) as tutor:
        await walk(tutor)
        await tutor.press("end", "left", "left", "left")
        golden("replay-ascii", tutor.text)
        assert tutor.text.isascii()


async def test_keys_go_back_and_forth_and_from_pass_to_pass(opened):
    async with opened("basics/one") as tutor:
        await walk(tutor)
        replay = tutor.app.screen.replay
        for key, expected in [
            ("right", 1), ("n", 2), ("j", 3), ("left", 2), ("p", 1), ("k", 0), ("left", 0),
            ("end", 19), ("right", 19), ("up", 11), ("up", 3), ("down", 11), ("home", 0),
        ]:  # fmt: skip
            await tutor.press(key)
            assert replay.at == expected, key
        assert "step 1 of 20" in tutor.text


async def test_what_has_arrived_can_be_walked_while_more_comes(opened):
    async with opened("basics/one") as tutor:
        await walk(tutor, ended=False)
        assert "step 1 of 20…" in tutor.text
        await tutor.press("end", "right")
        assert "come no further yet" in tutor.text
        await tutor.say(Steps(0, (step(7),)))
        await tutor.press("right")
        assert "step 21 of 21…" in tutor.text


async def test_it_runs_the_draft_with_the_random_numbers_of_its_last_run(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+r")
        await tutor.say(Finished(0, 0.01, seed=99), Ended(0, 0))
        await tutor.press("alt+w")
        request = tutor.runner.requests[-1]
        assert (request.seed, request.steps, request.check, request.observe) == (99, 400, None, False)
        await tutor.say(Ended(0, 0))
        await tutor.press("escape")
        tutor.app.screen.editor.replace_all("y = 1\n")
        await tutor.press("alt+w")
        assert tutor.runner.requests[-1].source == "y = 1\n" and tutor.runner.requests[-1].seed is None


async def test_a_run_that_goes_on_beyond_its_steps_is_ended(opened):
    async with opened("basics/one") as tutor:
        await walk(tutor, ended=False)
        await tutor.say(Steps(0, (), cut=True))
        await tutor.until(lambda: "of the first 20" in tutor.text, "the cut")
        assert tutor.runner.stopped == [tutor.runner.requests[-1].id]
        assert "stopped" not in tutor.text


async def test_leaving_ends_the_run_and_changes_nothing_in_the_lesson(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("ctrl+r")
        await tutor.passes()
        before = tutor.app.screen.session.outcome
        await tutor.press("alt+w")
        await tutor.say(Steps(0, STEPS[:3]))
        await tutor.press("q")
        assert tutor.runner.stopped == [tutor.runner.requests[-1].id]
        assert tutor.app.screen.session.outcome is before and "Takeaway" in tutor.text


async def test_no_run_that_begins_by_itself_takes_its_place(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("alt+l")
        await tutor.passes()
        await tutor.type("y")
        await tutor.press("alt+w")
        await tutor.pilot.pause(0.5)
        assert [request.steps > 0 for request in tutor.runner.requests] == [False, True]
        await tutor.say(Ended(0, 0))
        await tutor.press("escape")
        await tutor.until(lambda: len(tutor.runner.requests) == 3, "live mode goes on")
        assert tutor.runner.requests[2].source.startswith("yx = 0")


async def test_no_step_at_all_is_told(opened):
    async with opened("basics/one") as tutor:
        tutor.runner.ready()
        await tutor.press("alt+w")
        assert "It runs…" in tutor.text
        frame = Frame(1, "<module>", "x = (", 4, 5)
        await tutor.say(Raised(0, "SyntaxError", "'(' was never closed", (frame,)), Ended(0, 1))
        assert "SyntaxError on line 1" in tutor.text and "was never closed" in tutor.text
        await tutor.press("right", "left", "up", "down", "home", "end", "pagedown", "pageup")
        await tutor.press("escape")
        await tutor.press("alt+w")
        await tutor.say(Ended(0, 0))
        assert "No line of it was run." in tutor.text


async def test_it_can_be_resized(opened):
    async with opened("basics/one", size=WIDE) as tutor:
        await walk(tutor)
        await tutor.press("end", "left", "left", "left")
        await tutor.pilot.resize_terminal(*NARROW)
        await tutor.pilot.pause()
        narrow = tutor.text
        assert "line 9 · pass 2 of 2" in narrow and "loss.backward()" in narrow
        await tutor.pilot.resize_terminal(*WIDE)
        await tutor.pilot.pause()
        assert "line 9 · pass 2 of 2" in tutor.text and tutor.lines[1].index("line 9") > 60


# --- with the real worker -----------------------------------------------------------------------------------


async def test_the_real_worker_tells_what_the_screen_shows(pack, home):
    step = "(w * 3).sum().backward()"
    source = f"import torch\nw = torch.ones(2, requires_grad=True)\nfor i in range(2):\n    {step}\nboom\n"
    app = Tutor(Start(pack, home, WorkerClient, "basics/one"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        app.screen.editor.replace_all(source)
        await pilot.press("alt+w")
        assert await until(lambda: isinstance(app.screen, ReplayScreen) and app.screen.replay.record.over, pilot.pause)
        await pilot.press("end")
        await pilot.pause()
        text = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "NameError on line 5" in text and "[6.0, 6.0]" in text
        await pilot.press("left", "left")
        await pilot.pause()
        text = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "[3.0, 3.0] → [6.0, 6.0]" in text
