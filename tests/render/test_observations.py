"""What a program left, with nothing said twice."""

import typing

from tutor.client.run_record import RunRecord
from tutor.protocol.codec import Layer, Module, Observation, Parameter, Parameters, Tensor, Tensors, ValueDistribution
from tutor.render.observations import DRAWINGS, Setting
from tutor.render.text.style import look

SMALL = Tensor("x", "f32", (3,), requires_grad=True, text="[1, 2, 4]")
BIAS = Tensor("net.bias", "f32", (2,), kind="Parameter", requires_grad=True, text="[1, 2]")
WEIGHT = Tensor("net.weight", "f32", (32, 2), kind="Parameter", requires_grad=True)
BUFFER = Tensor("net.mean", "f32", (32,))
SPREAD = ValueDistribution(-1.0, 1.0, 3.0)


def table(*names, hidden=0):
    return Parameters(1, tuple(Parameter(name, "f32[2]", True, SPREAD) for name in names), hidden)


def blocks(*observations):
    """The drawings of a record with these observations, by their blocks."""
    record = RunRecord(1)
    for observation in observations:
        record.take(observation)
    return {drawing.block: drawn for drawing in DRAWINGS if (drawn := drawing.draw(record, Setting(look())))}


def test_blocks_come_in_their_order():
    order = [drawing.block for drawing in DRAWINGS]
    assert order == ["value", "curves", "graphs", "parameters", "modules", "tensors"]


def test_each_observation_but_those_of_the_editor_is_drawn():
    drawn = {kind.__name__ for drawing in DRAWINGS for kind in drawing.kinds}
    assert {kind.__name__ for kind in typing.get_args(Observation)} - drawn == {"Hints", "Steps"}


def test_a_parameter_is_in_the_table_or_among_the_tensors(printed):
    drawn = blocks(Tensors(1, (SMALL, WEIGHT, BIAS, BUFFER)), table("x", "net.weight", "net.bias"))
    rows = printed(drawn["parameters"][0], 80)
    assert "net.weight" in rows and "net.bias" in rows and "x  " not in rows
    others = printed(drawn["tensors"][0], 80)
    assert [line.split()[0] for line in others.splitlines()] == ["x", "net.mean"]


def test_a_few_values_need_no_table(printed):
    drawn = blocks(Tensors(1, (SMALL, BIAS)), table("x", "net.bias"))
    assert list(drawn) == ["tensors"] and "net.bias" in printed(drawn["tensors"][0], 80)


def test_parameters_that_found_no_place_in_the_table_are_not_listed_as_tensors():
    late = Tensors(1, (WEIGHT, Tensor("net.late", "f32", (9,), kind="Parameter")))
    assert list(blocks(late, table("net.weight", hidden=1))) == ["parameters"]


def test_nothing_observed_is_nothing_drawn():
    assert blocks() == {} and blocks(Tensors(1, ())) == {}


def test_a_module_without_parameters_and_layers_says_nothing_new(printed):
    (drawn,) = blocks(
        Module(1, "loss_fn", (Layer("", "MSELoss"),)),
        Module(1, "net", (Layer("", "Linear(1, 1)", 0, "", 2, 2),)),
    )["modules"]
    assert printed(drawn, 80).startswith("net  Linear(1, 1)")
