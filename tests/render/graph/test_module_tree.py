"""A module's layers as an outline."""

import pytest

from tutor.protocol.observations import Activation, Activations, Layer, Module
from tutor.render.graph.module_tree import module, rows, title
from tutor.render.graph.outline import limit_lines, lines
from tutor.render.text.layout import Drawing
from tutor.render.text.style import look

ONE = Module(1, "model", (Layer("", "Linear(1, 1)", 0, "f32[50,1]", 2, 2),))
MIXED = Module(
    1,
    "net",
    (
        Layer("", "Net", 0, "f32[4,3]", 467, 323),
        Layer("body", "Sequential", 1, "f32[4,16]", 416, 272),
        Layer("body.0", "Linear(8, 16)", 2, "f32[4,16]", 144, 0),
        Layer("body.1", "ReLU", 2, "f32[4,16]"),
        Layer("body.2", "Linear(16, 16)", 2, "f32[4,16]", 272, 272),
        Layer("drop", "Dropout(0.5)", 1, "", training=False),
        Layer("head", "Linear(16, 3)", 1, "f32[4,3]", 51, 51),
        Layer("rnn", "LSTM(4, 3)", 1, "(f32[3,2,3], (f32[1,2,3], f32[1,2,3]))"),
    ),
    hidden=3,
)


def block(place):
    path = f"layers.{place}"
    return (
        Layer(path, "TransformerBlock", 2, "f32[2,5,16]", 3_152_000, 3_152_000),
        Layer(f"{path}.attention", "MultiheadAttention(16, 4)", 3, "(f32[2,5,16], None)", 1_088, 1_088),
        Layer(f"{path}.norm", "LayerNorm(16)", 3, "f32[2,5,16]", 32, 32),
    )


DEEP = Module(
    1,
    "gpt",
    (
        Layer("", "GPT", 0, "f32[2,5,100]", 37_824_000, 37_824_000, False),
        Layer("layers", "ModuleList", 1, "", 37_824_000, 37_824_000, False),
        *(layer for place in range(12) for layer in block(place)),
    ),
    note="compiled",
)
PAIRS = Module(
    1,
    "deep",
    (
        Layer("", "Sequential", 0, "f32[4,16]", 3264, 3264),
        *(
            Layer(f"{n}", *(("Sigmoid", 1, "f32[4,16]") if n % 2 else ("Linear(16, 16)", 1, "f32[4,16]", 272, 272)))
            for n in range(24)
        ),
    ),
)
STATISTICS = Activations(
    1,
    "net",
    (
        Activation("", 0.0, 1.0),
        Activation("body", 0.5012, 12.25, 0.25),
        Activation("body.0", -0.0312, 0.998, 0.0),
        Activation("body.1", 0.391, 0.58, 0.5, 0.125),
        Activation("body.2", None, None, 0.0, None, 64),
        Activation("head", 3e-9, 0.0, 1.0, 0.0),
    ),
)


def unfolded(event, look, limit, key):
    """The first lines of an outline that has all its folds open."""
    return Drawing(
        lambda width: [
            *title(event, look, width),
            *limit_lines(rows(event, look, True), look, width, limit - len(title(event, look, width)), key),
        ]
    )


DRAWN = {
    "module-one": lambda look: module(ONE, look),
    "module-mixed": lambda look: module(MIXED, look),
    "module-deep": lambda look: module(DEEP, look),
    "module-pairs": lambda look: module(PAIRS, look),
    "module-statistics": lambda look: module(MIXED, look, activations=STATISTICS),
    "module-cut": lambda look: unfolded(DEEP, look, 9, "Alt+G"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_drawings(name, golden):
    golden(name, DRAWN[name])


@pytest.mark.parametrize("event", [DEEP, PAIRS])
def test_a_fold_opens_and_closes(event):
    closed = rows(event, look())
    (fold,) = [row for row in closed if row.fold]
    opened = rows(event, look(), frozenset({fold.key}))
    assert [row.open for row in opened if row.fold] == [True]
    assert len(opened) > len(closed) and opened == rows(event, look(), True)
    drawn = [row.key for row in opened if not row.fold]
    assert len(set(drawn)) == len(drawn) and len(drawn) >= 24


@pytest.mark.parametrize("width", [20, 40, 60, 120])
def test_there_is_a_line_for_each_row_and_none_is_too_wide(width):
    for event in (ONE, MIXED, DEEP, PAIRS, Module(1, "none", ())):
        for open in (False, True):
            shown = rows(event, look(), open)
            drawn = lines(shown, look(), width)
            assert len(drawn) == len(shown) and all(line.cell_len <= width for line in drawn)
            assert all(line.cell_len <= width for line in module(event, look()).lines(width))


def test_what_is_so_of_a_whole_is_said_once(printed):
    frozen = [
        Layer(layer.name, layer.kind, layer.depth, layer.output, layer.parameters, 0, False) for layer in MIXED.layers
    ]
    text = printed(module(Module(1, "net", tuple(frozen)), look()), 120)
    assert text.count("frozen") == 1 and text.count("eval mode") == 1


@pytest.mark.parametrize("width", range(20, 140, 5))
def test_statistics_take_no_room_from_what_is_drawn_without_them(width):
    plain = lines(rows(MIXED, look()), look(), width)
    with_statistics = lines(rows(MIXED, look(), False, STATISTICS), look(), width)
    for line, longer in zip(plain, with_statistics, strict=True):
        assert longer.plain.startswith(line.plain.rstrip()) and longer.cell_len <= width
