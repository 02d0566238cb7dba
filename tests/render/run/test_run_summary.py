"""What a program left, with nothing said twice."""

from tutor.protocol.codec import Layer, Module, Parameter, Parameters, Tensor, Tensors, ValueDistribution
from tutor.render.run import run_summary
from tutor.render.text.style import look

SMALL = Tensor("x", "f32", (3,), requires_grad=True, text="[1, 2, 4]")
BIAS = Tensor("net.bias", "f32", (2,), kind="Parameter", requires_grad=True, text="[1, 2]")
WEIGHT = Tensor("net.weight", "f32", (32, 2), kind="Parameter", requires_grad=True)
BUFFER = Tensor("net.mean", "f32", (32,))
SPREAD = ValueDistribution(-1.0, 1.0, 3.0)


def table(*names, hidden=0):
    return Parameters(1, tuple(Parameter(name, "f32[2]", True, SPREAD) for name in names), hidden)


def test_a_parameter_is_in_the_table_or_among_the_tensors(printed):
    known, event = Tensors(1, (SMALL, WEIGHT, BIAS, BUFFER)), table("x", "net.weight", "net.bias")
    drawn = printed(run_summary.table(event, known, look()), 80)
    assert "net.weight" in drawn and "net.bias" in drawn and "x  " not in drawn
    others = printed(run_summary.others(known, event, look()), 80)
    assert [line.split()[0] for line in others.splitlines()] == ["x", "net.mean"]


def test_a_few_values_need_no_table(printed):
    known, event = Tensors(1, (SMALL, BIAS)), table("x", "net.bias")
    assert run_summary.table(event, known, look()) is None
    assert "net.bias" in printed(run_summary.others(known, event, look()), 80)


def test_parameters_that_found_no_place_in_the_table_are_not_listed_as_tensors():
    known = Tensors(1, (WEIGHT, Tensor("net.late", "f32", (9,), kind="Parameter")))
    assert run_summary.others(known, table("net.weight", hidden=1), look()) is None


def test_nothing_left_is_nothing_drawn():
    assert run_summary.others(None, None, look()) is None and run_summary.others(Tensors(1, ()), None, look()) is None
    assert run_summary.table(None, None, look()) is None and run_summary.graphs((), look()) == []


def test_a_module_without_parameters_and_layers_says_nothing_new(printed):
    events = [
        Module(1, "loss_fn", (Layer("", "MSELoss"),)),
        Module(1, "net", (Layer("", "Linear(1, 1)", 0, "", 2, 2),)),
    ]
    (drawn,) = run_summary.modules(events, look())
    assert printed(drawn, 80).startswith("net  Linear(1, 1)")
