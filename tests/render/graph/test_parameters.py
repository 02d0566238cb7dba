"""The table of parameters, and what is said of those that strike."""

from dataclasses import replace

import pytest

from tutor.protocol.codec import Parameter, Parameters, ValueDistribution
from tutor.render.graph.parameters import parameters, strip, warnings
from tutor.render.text.style import look

BELL = (0, 1, 2, 4, 9, 17, 30, 44, 45, 28, 18, 8, 5, 2, 1, 0)


def spread(size, zeros=0.0, **other):
    return ValueDistribution(-size, size, size * 7.3, zeros, histogram=BELL, **other)


HEALTHY = Parameters(
    1,
    (
        Parameter("net.0.weight", "f32[16,8]", True, spread(0.3512), spread(0.0123, 0.34)),
        Parameter("net.0.bias", "f32[16]", True, ValueDistribution(0.0, 0.0, 0.0, 1.0), spread(1.5e-7)),
        Parameter("net.2.weight", "f32[3,16]", False, spread(0.25)),
        Parameter("net.2.bias", "f32[3]", True, spread(0.2)),
        Parameter("ghost", "f32[8,8]", True, ValueDistribution()),
    ),
)
STRIKING = Parameters(
    1,
    (
        *(
            Parameter(f"encoder.layers.{n}.self_attn.in_proj_weight", "f32[2304,768]", True, spread(0.06, sampled=True),
                      spread(1e-12), "vanishing")
            for n in range(5)
        ),
        Parameter("head.weight", "f32[10,768]", True, spread(0.03), spread(4000.0), "exploding"),
        Parameter("head.bias", "f32[10]", True, spread(0.03), replace(spread(0.1), bad=2), "bad"),
        Parameter("gate.weight", "f32[4,4]", True, ValueDistribution(bad=16), ValueDistribution(bad=16), "bad"),
        Parameter("dead.weight", "f32[4,4]", True, spread(0.5), ValueDistribution(0.0, 0.0, 0.0, 1.0), "zero"),
    ),
    hidden=60,
)  # fmt: skip
DRAWN = {
    "parameters": lambda look: parameters(HEALTHY, look),
    "parameters-striking": lambda look: parameters(STRIKING, look, 18, "Alt+G"),
    "parameters-all": lambda look: parameters(STRIKING, look, None),
}


@pytest.mark.parametrize("name", DRAWN)
def test_drawings(name, golden):
    golden(name, DRAWN[name])


@pytest.mark.parametrize("width", [20, 40, 60, 100, 120])
@pytest.mark.parametrize("limit", [8, 14, None])
def test_no_line_is_too_wide_and_there_are_not_more_than_asked_for(width, limit):
    for event in (HEALTHY, STRIKING, Parameters(1, ())):
        drawn = parameters(event, look(), limit).lines(width)
        assert all(line.cell_len <= width for line in drawn)
    if limit is not None:
        assert len(parameters(HEALTHY, look(), limit).lines(width)) <= limit


def test_what_strikes_is_said_even_where_the_table_is_cut(printed):
    text = printed(parameters(STRIKING, look(), 8), 120)
    for word in ("Vanishing", "Exploding", "NaN or infinities", "All of the gradient of dead.weight is 0"):
        assert word in text


def test_sentences_name_three_and_count_the_rest():
    vanishing, exploding, bad, zero, values = warnings(STRIKING)
    assert vanishing.count("`encoder.") == 3 and "and 2 more" in vanishing and vanishing.endswith("move them.")
    assert exploding.endswith("A step replaces it.")
    assert "`head.bias`, `gate.weight`" in bad and "`dead.weight`" in zero and "`gate.weight`" in values
    assert not list(warnings(HEALTHY))


def test_a_strip_shows_where_there_is_nothing():
    assert strip((0, 0, 8, 8, 1, 0), look(), 3) == strip((0, 0, 8, 8, 1, 0), look(), 3)
    assert strip((0, 0, 8, 8, 1, 0), look(), 3).plain == "▁█▂" and strip((), look()).plain == ""
