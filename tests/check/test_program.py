"""What a check gets of a draft: names, text, output, reruns."""

import sys

import pytest
import torch

from tutor.check import Unmet, again, calls, expect, on_meta, printed, series, source, tree


def test_the_names_of_the_draft_are_attributes_and_nothing_else_is(draft):
    run = draft("output = 1\nsource = 2\nnamespace = 3\nprinted = 4")
    assert (run.output, run.source, run.namespace, run.printed) == (1, 2, 3, 4)
    assert not [name for name in dir(type(run)) if not name.startswith("_")]


def test_a_missing_name_is_told_with_the_nearest(draft):
    with pytest.raises(Unmet) as failed:
        _ = draft("import torch\n\nX = 3").x
    assert failed.value.message == "There is no `x`; you have `X` on line 3."
    with pytest.raises(Unmet) as failed:
        _ = draft("modle = 3").model
    assert failed.value.message == "There is no `model`; you have `modle` on line 1."
    with pytest.raises(Unmet) as failed:
        _ = draft("a = 3").model
    assert failed.value.message == "There is no `model`."


def test_a_name_whose_line_was_never_reached_is_told_as_such(draft):
    with pytest.raises(Unmet) as failed:
        _ = draft("if False:\n    x = 1").x
    assert "has no value" in failed.value.message
    assert "Line 2" in failed.value.advice


def test_names_that_a_check_can_do_without(draft):
    run = draft("x = 1")
    assert getattr(run, "y", None) is None
    assert not hasattr(run, "__wrapped__")


def test_text_output_and_series(draft):
    run = draft("import torch\nx = torch.ones(1, requires_grad=True)\nprint('hello')\nx.backward()\nx.backward")
    assert printed(run) == "hello\n"
    assert source(run).startswith("import torch")
    assert len(tree(run).body) == 5
    assert (calls(run, "backward"), calls(run, "print"), calls(run, "step")) == (1, 1, 0)
    assert series(run, "loss") == [2.0, 1.0]
    assert series(run, "lr") == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("y = 1\nx = 2", 2),
        ("x = 1\nx += 1", 2),
        ("for x in [1]:\n    pass", 1),
        ("with open('/dev/null') as x:\n    pass", 1),
        ("import math as x", 1),
        ("x = 1\ny = [x for x in range(3)]", 1),
        ("x = 1\ndef f():\n    x = 2", 1),
        ("try:\n    pass\nfinally:\n    x = 1", 4),
        ("a, (x, b) = 1, (2, 3)", 1),
    ],
)
def test_the_line_that_last_bound_a_name(draft, text, line):
    with pytest.raises(Unmet) as failed:
        _ = draft(text).X
    assert f"on line {line}." in failed.value.message


# --- again ----------------------------------------------------------------------------------------------------


def test_a_rerun_takes_the_given_value_and_leaves_the_first_run_alone(draft, capfd):
    run = draft("x = 2\ny = x * 10\nprint(y)")
    other = again(run, x=3)
    assert (other.y, run.y) == (30, 20)
    assert (printed(other), printed(run)) == ("30\n", "20\n")
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("x: int = 1\nout = x", 5),
        ("x = z = 1\nout = (x, z)", (5, 1)),
        ("x, z = 1, 2\nout = (x, z)", (5, 2)),
        ("if True:\n    x = 1\nout = x", 5),
        ("x = 1\nx = x + 1\nout = x", 6),
        ("x = 1\nx += 1\nout = x", 6),
        ("x = 1\ndef f():\n    x = 7\n    return x\nout = (x, f())", (5, 7)),
        ("x = 1\nx = 2\nout = x", 5),
        ("def x():\n    pass\nout = x", 5),
    ],
)
def test_which_assignments_a_rerun_replaces(draft, text, result):
    assert again(draft(text), x=5).out == result


def test_a_leaf_given_to_reruns_keeps_no_gradient_from_them(draft):
    run = draft("import torch\nx = torch.ones(2, requires_grad=True)\n(3 * x).sum().backward()")
    given = torch.zeros(2, requires_grad=True)
    for _ in range(2):
        assert again(run, x=given).x.grad.tolist() == [3, 3]
    assert given.grad is None


def test_a_rerun_starts_from_torchs_own_defaults_and_leaves_those_of_the_draft(draft):
    run = draft(
        "import torch\nx = torch.ones(2)\ntorch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)"
    )
    try:
        assert again(run).x.dtype == torch.float32
        assert torch.get_default_dtype() == torch.float64
        assert not torch.is_grad_enabled()
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)


def test_a_rerun_is_main_while_it_runs(draft):
    before = sys.modules["__main__"]
    run = draft("import sys\nx = 1\nsame = sys.modules['__main__'].__dict__ is globals()")
    assert again(run).same
    assert sys.modules["__main__"] is before


def test_a_rerun_that_fails_is_told_with_its_line(draft):
    run = draft("x = 2\ny = 1 / x")
    with pytest.raises(Unmet) as failed:
        again(run, x=0)
    assert (
        failed.value.message
        == "Run again with another `x`, your code stops on line 2: ZeroDivisionError: division by zero"
    )


@pytest.mark.parametrize(
    "line", ["print([1, 2][x])", "assert x == 1, [1, 2][x]", "for i in range(2):\n    print(1 / (x - 5))"]
)
def test_what_only_prints_or_asserts_may_stop_on_other_values(draft, line):
    assert again(draft(f"x = 1\n{line}\ny = 2 * x"), x=5).y == 10


def test_an_assert_within_a_function_is_what_the_function_does(draft):
    run = draft("x = 1\ndef half(n):\n    assert n % 2\n    return n\ny = half(x)")
    with pytest.raises(Unmet, match="your code stops on line 3: AssertionError"):
        again(run, x=2)


def test_a_rerun_that_exits_has_run(draft):
    run = draft("x = 2")
    run_exits = draft("import sys\nx = 2\nif x == 3:\n    sys.exit(1)\ny = 1")
    assert again(run, x=9).x == 9
    assert not hasattr(again(run_exits, x=3), "y")


def test_a_rerun_of_a_name_that_is_not_assigned(draft):
    with pytest.raises(Unmet, match="There is no `lr`"):
        again(draft("x = 1"), lr=1)
    with pytest.raises(Unmet, match="`step` is not assigned"):
        again(draft("for step in range(3):\n    pass"), step=1)


def test_bytes_and_warnings_of_a_rerun_are_swallowed_too(draft, capfd):
    run = draft(
        "import sys, warnings\nx = 1\nif x == 2:\n    sys.stdout.buffer.write(b'ab')\n    print('!', file=sys.stderr)"
    )
    assert printed(again(run, x=2)) == "ab"
    assert capfd.readouterr() == ("", "")


# --- how a value is named --------------------------------------------------------------------------------------


def _message(question) -> str:
    with pytest.raises(Unmet) as failed:
        question()
    return failed.value.message


def test_the_name_is_read_off_the_call(draft):
    run = draft("import torch\nx = torch.ones(2)\nnet = torch.nn.Linear(1, 1)\ndef f(a): return a")
    assert _message(lambda: expect(run.x).is_a(int)).startswith("`x` is")
    assert _message(lambda: expect(run.net.weight).is_a(int)).startswith("`net.weight` is")
    assert _message(lambda: expect(run.x[0]).is_a(int)).startswith("`x[0]` is")
    assert _message(lambda: expect(run.x.sum()).is_a(int)).startswith("`x.sum()` is")
    assert _message(lambda: expect(run.f(run.x)).is_a(int)).startswith("`f(x)` is")
    assert _message(lambda: expect(
        run.x
    ).is_a(int)).startswith("`x` is")  # fmt: skip


def test_a_value_kept_by_the_check_has_the_name_it_was_given_under(draft):
    run = draft("first = [1]\nsecond = [1]")
    kept = run.second
    _ = run.first
    assert _message(lambda: (run, expect(kept).is_a(int))).startswith("`second` is")
    made = object()
    assert _message(lambda: (run, expect(made).is_a(int))).startswith("the value is")


def test_a_name_that_is_given_is_used(draft):
    run = draft("x = 1.5")
    assert _message(lambda: expect(run.x, "the output").is_a(str)).startswith("the output is")
    assert _message(lambda: expect(run.x, "q for scale = 1").is_a(str)).startswith("`q` for scale = 1 is")


def test_on_meta_numbers_are_read_as_zeros(draft):
    run = draft("import torch\ndevice = torch.device('cpu')\nx = torch.ones(2, device=device)\nfirst = x[0].item()")
    other = on_meta(run)
    assert (other.x.is_meta, other.first, run.first) == (True, 0.0, 1.0)
    with pytest.raises(Unmet) as failed:
        on_meta(draft("import torch\nx = torch.ones(2)"))
    assert failed.value.message == "There is no `device`."
