"""Looking closer at what a run left, behind it a runner that answers as the test says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tutor.client.run_record import RunRecord
from tutor.protocol.codec import (
    Bucket,
    Ended,
    Graph,
    Layer,
    Module,
    Node,
    Parameter,
    Parameters,
    ReadTensor,
    Series,
    Tensor,
    Tensors,
    TensorSlice,
    ValueDistribution,
)
from tutor.ui.inspect.state import default_mode, default_view, format_values, inspectables, possible_modes

WIDE, NARROW = (120, 36), (80, 24)
X = Tensor("x", "f32", (3, 4, 5), low=0, high=59, grad=Tensor("x.grad", "f32", (3, 4, 5), low=1, high=1))
LOSS = Series(0, "loss", "loss", tuple(Bucket(i, 1, 1 / (i + 1), 1 / (i + 1), 1 / (i + 1)) for i in range(50)))


def piece(request: ReadTensor) -> TensorSlice:
    """What the worker would say of a 3x4x5 tensor that counts from 0."""
    base = request.index[0] * 20 if request.index else 0
    rows = [tuple(float(base + 5 * row + column) for column in range(5)) for row in range(4)]
    window = tuple(row[request.left :] for row in rows[request.top :])
    return TensorSlice(
        0, request.name, "f32", (3, 4, 5), (window,), top=request.top, left=request.left, index=request.index,
        low=0, high=59, mean=29.5, std=17.5, zeros=1 / 60, histogram=(6,) * 10,
    )  # fmt: skip


async def ran(tutor, *events) -> None:
    tutor.runner.ready()
    tutor.runner.answers = lambda request: piece(request) if isinstance(request, ReadTensor) else None
    await tutor.press("ctrl+r")
    left = (LOSS, Tensors(0, (X, Tensor("y", "f32", (2,), text="[1, 2]"))), Ended(0, 0, seconds=0.01))
    await tutor.say(*(events or left))


def deep() -> Graph:
    """Twenty times relu(x + b), over a leaf."""
    nodes = [Node("Sum", "f32[]", "loss", (1,))]
    for layer in range(20):
        at = len(nodes)
        nodes += [
            Node("Relu", "f32[4]", "", (at + 1,)),
            Node("Add", "f32[4]", "", (at + 3, at + 2)),
            Node("", "f32[4]", f"net.{layer}.bias", leaf=True, keeps=True, grad="f32[4]"),
        ]
    return Graph(0, "loss", (*nodes, Node("", "f32[4]", "x", leaf=True, keeps=True)))


SPREAD = ValueDistribution(-1.0, 1.0, 2.0, 0.0, 0, (1, 2, 3, 2))
PARAMETERS = Parameters(0, tuple(Parameter(f"net.{i}.weight", "f32[4,4]", True, SPREAD, SPREAD) for i in range(30)))
NET = Module(
    0,
    "net",
    (
        Layer("", "Sequential", 0, "f32[2,4]", 400, 400),
        *(Layer(str(i), "Linear(4, 4)", 1, "f32[2,4]", 20, 20) for i in range(20)),
    ),
)


# --- what is decided --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "first"),
    [
        ((), "values"),
        ((7,), "values"),
        ((100_000,), "map"),
        ((4, 5), "values"),
        ((100, 5), "map"),
        ((3, 32, 32), "image"),
        ((1, 28, 28), "image"),
        ((3, 4, 4), "values"),
        ((32, 1, 28, 28), "image"),
        ((16, 3, 5, 5), "grid"),
        ((16, 8, 14, 14), "grid"),
        ((2, 8, 128, 64), "grid"),
        ((0, 4), "values"),
    ],
)
def test_a_tensor_is_first_seen_in_the_way_that_suits_its_shape(shape, first):
    assert default_mode(shape) == first and first in possible_modes(shape)


def test_pages_turn_one_dimension_and_go_on_in_the_one_outside_of_it():
    here = default_view("x", (2, 3, 4, 5)).with_mode("map")
    assert here.index == (0, 0) and here.slice == "x[0, 0, :, :]"
    seen = []
    for _ in range(6):
        here = here.turn_page(1)
        seen.append(here.index)
    assert seen == [(0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (1, 2)], "the last page is the last"
    assert replace(here, dim=here.next_dim).turn_page(-1).index == (0, 2)
    assert default_view("x", (4, 1, 6, 5)).with_mode("map").turn_page(1).index == (1, 0), (
        "there is one page only in between"
    )
    assert default_view("x", (4, 5)).turn_page(1).index == ()


def test_the_window_stays_within_the_matrix():
    here = default_view("x", (40, 30)).with_mode("values")
    assert here.scroll(5, 3, (10, 8)).top == 5
    assert here.scroll(500, 300, (10, 8)).top == 30 and here.scroll(0, 300, (10, 8)).left == 22
    assert here.scroll(-5, -5, (10, 8)) == here
    assert here.scroll(5, 5, (100, 100)) == here, "all of it is in sight"


def test_another_way_of_seeing_keeps_the_place():
    here = default_view("x", (6, 3, 9, 9)).with_mode("map").turn_page(1).turn_page(1)
    assert here.index == (0, 2)
    assert here.with_mode("image").index == (0,) and here.with_mode("image").with_mode("map").index == (0, 0)
    assert default_view("x", (4, 5)).with_mode("image").how == "values", "no image of a matrix"


def test_things_are_listed_with_their_gradients():
    record = RunRecord(0)
    record.take(Tensors(0, (X,)))
    record.take(LOSS)
    assert [value.id for value in inspectables(record)] == ["tensor x", "tensor x.grad", "curve loss"]
    assert inspectables(None) == [] and inspectables(RunRecord(1)) == []


def test_values_are_copied_in_full():
    assert format_values((((0.1, None), (float("inf"), 2.0)),)) == "0.1 nan\ninf 2.0"


# --- what is seen -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_a_list_and_a_tensor(opened, golden, size):
    async with opened("basics/one", size=size) as tutor:
        await ran(tutor)
        await tutor.press("alt+g")
        golden(f"closer-list-{size[0]}", tutor.text)
        await tutor.press("enter")
        await tutor.until(lambda: "x[0, :, :]" in tutor.text, "the tensor")
        golden(f"closer-values-{size[0]}", tutor.text)
        await tutor.press("h")
        golden(f"closer-histogram-{size[0]}", tutor.text)
        await tutor.press("m")
        golden(f"closer-map-{size[0]}", tutor.text)


async def test_nothing_to_look_at_is_said(opened):
    async with opened("basics/one") as tutor:
        await tutor.press("alt+g")
        assert "nothing to look at yet" in tutor.text


async def test_enter_opens_the_list_from_the_result_and_escape_leads_back_step_by_step(opened):
    async with opened("basics/one") as tutor:
        await ran(tutor)
        await tutor.press("enter")
        assert "What the last run left" not in tutor.text, "the editor has the keys"
        await tutor.press("ctrl+g", "enter")
        assert "What the last run left" in tutor.text
        await tutor.press("down", "enter")
        await tutor.until(lambda: "x.grad[0, :, :]" in tutor.text, "the gradient")
        await tutor.press("escape")
        assert "What the last run left" in tutor.text
        await tutor.press("enter")
        await tutor.until(lambda: "x.grad[0, :, :]" in tutor.text, "the same thing again")
        await tutor.press("escape", "escape")
        assert "Something about names" in tutor.text and tutor.app.focused.id == "blocks"


async def test_typing_narrows_the_list(opened):
    async with opened("basics/one") as tutor:
        await ran(tutor)
        await tutor.press("alt+g")
        await tutor.type("curve")
        assert "50 points" in tutor.text and "f32[2]" not in tutor.text
        await tutor.press("enter")
        assert "What the last run left" not in tutor.text
        assert sum(bool(line.strip()) for line in tutor.lines) > 30, "the curve takes the whole screen"
        await tutor.press("ctrl+c")
        assert "50 points" in tutor.text and "curve" in tutor.lines[6], "back in the list, which kept what was typed"


async def test_slices_ways_and_gradient_are_asked_for(opened):
    async with opened("basics/one") as tutor:
        await ran(tutor)
        await tutor.press("alt+g", "enter")
        await tutor.press("right_square_bracket")
        await tutor.until(lambda: "x[1, :, :]" in tutor.text, "the next slice")
        assert " 20 " in tutor.text and " 39" in tutor.text
        await tutor.press("p", "m", "n")
        await tutor.press("d")
        await tutor.until(lambda: "x.grad[1, :, :]" in tutor.text, "the gradient")
        asked = [(look.name, look.how, look.index) for look in tutor.runner.asked]
        assert asked[0] == ("x", "values", (0,)) and asked[-1] == ("x.grad", "map", (1,))
        assert all(look.run == tutor.runner.requests[-1].id for look in tutor.runner.asked)
        await tutor.press("i")
        assert "An image has 1 or 3 channels" in tutor.text
        await tutor.press("d")
        await tutor.until(lambda: "x[1, :, :]" in tutor.text, "the value again")


async def test_the_old_picture_stays_until_the_newest_answer_comes(opened):
    async with opened("basics/one") as tutor:
        await ran(tutor)
        await tutor.press("alt+g", "enter")
        await tutor.until(lambda: "x[0, :, :]" in tutor.text, "the first")
        tutor.runner.holds_back = True
        await tutor.press("n", "n")
        assert "x[0, :, :]" in tutor.text
        tutor.runner.answer_now()
        await tutor.until(lambda: "x[2, :, :]" in tutor.text, "the newest")
        assert " 40 " in tutor.text


async def test_a_worker_that_is_gone_is_told(opened):
    async with opened("basics/one") as tutor:
        await ran(tutor)
        tutor.runner.answers = lambda request: None
        await tutor.press("alt+g", "enter")
        await tutor.until(lambda: "run the draft again" in tutor.text, "the sentence")
        await tutor.press("c")
        assert "no values to copy" in tutor.text


async def test_copied_values_are_those_that_are_shown(opened):
    async with opened("basics/one") as tutor:
        await ran(tutor)
        await tutor.press("alt+g", "enter", "n")
        await tutor.until(lambda: "x[1, :, :]" in tutor.text, "the slice")
        await tutor.press("c")
        assert tutor.app.clipboard.splitlines()[0] == "20.0 21.0 22.0 23.0 24.0"
        assert "Copied 20 values" in tutor.text
        await tutor.press("ctrl+c")
        assert "Copied 20 values" in tutor.text and "x[1, :, :]" in tutor.text
        await tutor.press("n")
        assert "Copied" not in tutor.text


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_a_graph_unfolds_where_the_cursor_stands(opened, size):
    async with opened("basics/one", size=size) as tutor:
        await ran(tutor, deep(), Ended(0, 0))
        await tutor.press("alt+g", "enter")
        assert "net.19.bias" in tutor.text and "41 operations, 21 leaves" in tutor.text
        assert "net.2.bias" not in tutor.text
        while "Enter unfold" not in tutor.lines[-1]:
            await tutor.press("down")
        await tutor.press("enter")
        assert "net.2.bias" in tutor.text and "Enter fold" in tutor.lines[-1]
        await tutor.press("down", "down", "left")
        assert "net.2.bias" not in tutor.text and "Enter unfold" in tutor.lines[-1]
        await tutor.press("right", "left", "a")
        assert "net.2.bias" in tutor.text and "fold all" in tutor.lines[-1]
        await tutor.press("left")
        assert "unfold all" in tutor.lines[-1], "one of them is closed"
        await tutor.press("a", "a")
        assert "net.2.bias" not in tutor.text


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_parameters_and_modules_have_a_screen(opened, size):
    async with opened("basics/one", size=size) as tutor:
        await ran(tutor, PARAMETERS, NET, Ended(0, 0))
        await tutor.press("alt+g", "enter")
        assert "Linear(4, 4)" in tutor.text and "400 parameters" in tutor.text
        await tutor.press("escape", "down", "enter")
        assert "net.0.weight" in tutor.text and "gradient" in tutor.text
        await tutor.press("end")
        assert "net.29.weight" in tutor.text


async def test_ascii_shows_nothing_else(opened):
    async with opened("basics/one", ascii=True) as tutor:
        await ran(tutor)
        for key in ("alt+g", "enter", "h", "m"):
            await tutor.press(key)
            assert tutor.text.isascii(), key
    async with opened("basics/two", ascii=True) as tutor:
        await ran(tutor, deep(), PARAMETERS, NET, LOSS, Ended(0, 0))
        await tutor.press("alt+g")
        for _ in range(4):
            await tutor.press("enter")
            assert tutor.text.isascii()
            await tutor.press("escape", "down")


async def test_tiles_that_are_not_in_sight_are_reached(opened):
    def tiled(request: ReadTensor) -> TensorSlice:
        planes = tuple(tuple((float(tile),) * 8 for _ in range(8)) for tile in range(request.top, 64))
        return TensorSlice(
            0, "maps", "f32", (64, 8, 8), planes, tiles=64, top=request.top, low=0, high=63, histogram=(4,) * 16
        )

    async with opened("basics/one", size=NARROW) as tutor:
        await ran(tutor, Tensors(0, (Tensor("maps", "f32", (64, 8, 8), low=0, high=63),)), Ended(0, 0))
        tutor.runner.answers = tiled
        await tutor.press("alt+g", "enter", "g")
        await tutor.until(lambda: "grid" in tutor.lines[0], "the grid")
        assert " 2   " in tutor.text and "8 of 64 tiles" in tutor.text
        await tutor.press("end")
        await tutor.until(lambda: " 60   " in tutor.text, "the last tile")
        last = tutor.runner.asked[-1].top
        await tutor.press("down", "pagedown")
        assert tutor.runner.asked[-1].top == last, "there is no more"
        await tutor.press("home", "right", "down", "pagedown")
        tops = [look.top for look in tutor.runner.asked[-4:]]
        across, shown = tops[2] - tops[1], tops[3] - tops[2]
        assert tops[:2] == [0, 1] and across > 1 and shown % across == 0


async def test_back_in_the_list_typing_begins_anew(opened):
    async with opened("basics/one") as tutor:
        await ran(tutor)
        await tutor.press("alt+g")
        await tutor.type("x.grad")
        await tutor.press("enter")
        await tutor.until(lambda: "x.grad[0, :, :]" in tutor.text, "the gradient")
        await tutor.press("escape")
        assert tutor.text.count("x.grad") >= 2, "the list is as it was left"
        await tutor.type("loss")
        assert "Nothing has that" not in tutor.text
