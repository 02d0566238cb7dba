"""Drawings of a run told line by line, against their golden texts."""

from __future__ import annotations

import math

import pytest
from rich.console import Group
from rich.text import Text

from tutor.protocol.codec import Binding, Hint, Tensor
from tutor.render.run.replay import Change, NamedValue, changes, code, progress, variables
from tutor.render.text.style import look

RAMP = tuple(math.sin(step / 5) for step in range(32))
SOURCE = """\
net = nn.Linear(784, 10)
for x, y in batches:
    loss = F.cross_entropy(net(x), y)
    loss.backward()
    optimizer.step()
print(f"{loss.item():.3f} after a line that is much too long for sixty columns")"""
HINTS = {
    1: Hint(1, (Binding("net", "Linear"), Binding("net.weight", "f32[10,784]", True), Binding("net.bias", "f32[10]"))),
    2: Hint(2, (Binding("x", "f32[32,784]"), Binding("y", "i64[32]")), passes=3),
    3: Hint(3, (Binding("loss", "2.31", True),), passes=3),
}


def one(name: str, what: str, tensor: Tensor | None = None) -> NamedValue:
    return NamedValue(Binding(name, what), tensor)


def tensor(name: str, shape: tuple[int, ...], text: str = "", **more: object) -> Tensor:
    return Tensor(name, "f32", shape, text=text, **more)  # type: ignore[arg-type]


WEIGHT = tensor("net.weight", (10, 784), low=-0.0357, high=0.0357, strip=RAMP, requires_grad=True, kind="Parameter")
MOVED = tensor("net.weight", (10, 784), low=-0.0411, high=0.0398, strip=RAMP[::-1], requires_grad=True)
LONG = "encoder.layers.0.self_attn.in_proj_weight"
CHANGES = [
    Change("step", one("step", "1"), one("step", "2")),
    Change(
        "w", one("w", "f32[2]", tensor("w", (2,), "[1.0, 2.0]")), one("w", "f32[2]", tensor("w", (2,), "[0.5, 1.5]"))
    ),
    Change("w", one("w", "f32[2]", tensor("w", (2,), "[1.0, 2.0]")), one("w", "f32[1]", tensor("w", (1,), "[3.0]"))),
    Change("net.weight", one("net.weight", "f32[10,784]", WEIGHT), one("net.weight", "f32[10,784]", MOVED)),
    Change("x", None, one("x", "f32[3]", tensor("x", (3,), nans=2, infs=1))),
    Change("ghost", None, one("ghost", "f32[8]", tensor("ghost", (8,), note="meta: it has a shape and no values"))),
    Change("return", None, one("return", "f32[]", tensor("return", (), "3.5"))),
    Change("w.grad", one("w.grad", "f32[2]"), None),
]
NAMES = [
    one("net", "Linear"),
    one("net.weight", "f32[10,784]", WEIGHT),
    one("step", "2"),
    one(LONG, "f32[2304,768]", tensor(LONG, (2304, 768), low=0.0, high=0.0, strip=(0.0, 0.0))),
    one("loss", "2.31", tensor("loss", (), "2.31", requires_grad=True)),
    one("net.weight.grad", "f32[10,784]", tensor("net.weight.grad", (10, 784), low=-1.0, high=2.5, strip=RAMP)),
    one("orphan.grad", "f32[1]", tensor("orphan.grad", (1,), "[1.0]")),
]


def test_code_with_the_line_just_passed_and_hints(golden):
    lines = [Text(line) for line in SOURCE.split("\n")]
    golden("steps-code", lambda look: Group(code(lines, 3, HINTS, look), Text(), code(lines, 5, {}, look, failed=True)))


def test_what_a_line_changed(golden):
    golden("steps-changes", lambda look: changes(CHANGES, look))


def test_many_changes_are_counted(printed):
    many = [Change(f"w{number}", None, one(f"w{number}", "1")) for number in range(40)]
    lines = printed(changes(many, look()), 60).splitlines()
    assert len(lines) == 25 and lines[-1].strip() == "+16 more"


def test_what_is_known_with_gradients_below_their_tensors(golden):
    golden("steps-known", lambda look: variables("Known now", NAMES, {"loss"}, look))


@pytest.mark.parametrize("width", [20, 24, 40, 200])
def test_no_line_is_wider_than_there_is_room(width):
    for made in (changes(CHANGES, look()), variables("Known now", NAMES, set(), look())):
        assert max(line.cell_len for line in made.lines(width)) <= width


def test_progress_fills_its_line():
    assert [progress(at, 4, look(ascii=True), 8).plain for at in range(5)] == [
        "--------", "==------", "====----", "======--", "========",
    ]  # fmt: skip
    assert progress(0, 0, look(), 4).plain == "────"
