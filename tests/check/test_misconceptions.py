"""Planted mistakes are recognised by name; values that only look alike are not."""

import itertools
import subprocess
import sys

import pytest
import torch

from tests.patience import PATIENCE
from tutor.check import Unmet, again, expect

PLANTED = {
    "axes-swapped": [
        ("a = torch.arange(6.).reshape(2, 3)", "a.T", "a"),
        ("a = torch.arange(9.).reshape(3, 3)", "a.T", "a"),
        ("a = torch.randn(2, 3, 4)", "a.transpose(1, 2)", "a"),
        ("a = torch.randn(2, 3, 4)", "a.permute(2, 0, 1)", "a"),
    ],
    "reshaped-not-transposed": [
        ("a = torch.arange(6.).reshape(2, 3)", "a.reshape(3, 2)", "a.T"),
        ("a = torch.randn(2, 3, 4)", "a.reshape(2, 4, 3)", "a.transpose(1, 2)"),
    ],
    "transposed-not-reshaped": [("a = torch.randn(2, 3, 4)", "a.permute(0, 2, 1)", "a.reshape(2, 4, 3)")],
    "extra-dim": [("a = torch.randn(4, 3)", "a.sum(1, keepdim=True)", "a.sum(1)")],
    "missing-dim": [("a = torch.randn(4, 3)", "a.sum(1)", "a.sum(1, keepdim=True)")],
    "wrong-dim": [
        ("a = torch.randn(3, 4)", "a.sum(0)", "a.sum(1)"),
        ("a = torch.randn(4, 4)", "a.mean(0)", "a.mean(1)"),
        ("a = torch.randn(3, 4)", "a.softmax(0)", "a.softmax(1)"),
        ("a = torch.randn(3, 4)", "a.argmax(0)", "a.argmax(1)"),
        ("a = torch.randn(3, 4)", "a.sum()", "a.sum(1)"),
        ("a = torch.randn(3, 4)", "a.argmax()", "a.argmax(1)"),
        ("a = torch.randn(3, 4)", "a.cumsum(0)", "a.cumsum(1)"),
        ("a = torch.randn(3, 4)", "a.std(0)", "a.std(1)"),
        ("a = torch.randn(3, 4)", "a.sort(0).values", "a.sort(1).values"),
        ("a = torch.randn(3, 4)", "a.flip(0)", "a.flip(1)"),
    ],
    "elementwise-for-matmul": [
        ("a = torch.randn(3, 3); b = torch.randn(3, 3)", "a * b", "a @ b"),
        ("a = torch.randn(3, 3); b = torch.randn(3)", "a * b", "a @ b"),
        ("a = torch.randn(3, 3)", "a * a", "a @ a"),
    ],
    "matmul-for-elementwise": [("a = torch.randn(3, 3); b = torch.randn(3, 3)", "a @ b", "a * b")],
    "softmax-before-cross-entropy": [
        (
            "s = torch.randn(5, 3); t = torch.tensor([0, 2, 1, 1, 0])",
            "F.cross_entropy(s.softmax(1), t)",
            "F.cross_entropy(s, t)",
        ),
        (
            "s = torch.randn(5, 3); t = torch.randn(5, 3).softmax(1)",
            "F.cross_entropy(s.softmax(1), t)",
            "F.cross_entropy(s, t)",
        ),
    ],
    "sigmoid-before-logits-loss": [
        (
            "s = torch.randn(5); t = torch.tensor([0., 1, 1, 0, 1])",
            "F.binary_cross_entropy_with_logits(s.sigmoid(), t)",
            "F.binary_cross_entropy_with_logits(s, t)",
        )
    ],
    "broadcast-loss": [
        ("p = torch.randn(5, 1); t = torch.randn(5)", "((p - t) ** 2).mean()", "((p[:, 0] - t) ** 2).mean()"),
        ("p = torch.randn(5, 1); t = torch.randn(5)", "(t - p).abs().mean()", "(p[:, 0] - t).abs().mean()"),
        ("p = torch.randn(5, 1); t = torch.randn(5)", "p - t", "p[:, 0] - t"),
        ("p = torch.randn(5, 1); t = torch.randn(5)", "p - t", "p - t[:, None]"),
    ],
    "sum-for-mean": [
        ("a = torch.randn(7)", "a.sum()", "a.mean()"),
        ("a = torch.randn(7, 3)", "a.sum(0)", "a.mean(0)"),
        ("p = torch.randn(7); t = torch.randn(7)", "F.mse_loss(p, t, reduction='sum')", "F.mse_loss(p, t)"),
    ],
    "mean-for-sum": [
        ("p = torch.randn(7); t = torch.randn(7)", "F.mse_loss(p, t)", "F.mse_loss(p, t, reduction='sum')")
    ],
    "sign-flipped": [("a = torch.randn(4)", "-a", "a"), ("a = torch.tensor(3.)", "-a", "a")],
    "integer-dtype": [
        ("a = 1", "torch.tensor([1, 2, 4])", "torch.tensor([1., 2., 4.])"),
        ("a = torch.tensor([1.7, -2.5, 4])", "a.long()", "a"),
    ],
    "dropout-active": [
        ("a = torch.arange(1., 9); keep = torch.tensor([1., 0, 1, 1, 0, 1, 1, 0])", "a * keep / 0.6", "a"),
        ("a = torch.randn(40)", "F.dropout(a, 0.25)", "a"),
    ],
    "doubled": [
        ("a = torch.randn(4)", "2 * a", "a"),
        ("a = torch.randn(5).sum()", "2 * a", "a"),
        ("p = torch.randn(5); t = torch.randn(5)", "(p - t).square().sum()", "(p - t).square().sum() / 2"),
    ],
    "halved": [("a = torch.randn(4)", "a / 2", "a")],
    "squared": [("a = torch.randn(4)", "a**2", "a"), ("a = torch.rand(1).squeeze()", "a * a", "a")],
    "not-squared": [("a = torch.rand(4)", "a.sqrt()", "a"), ("a = torch.randn(9)", "a.norm()", "a.norm() ** 2")],
    "signs-lost": [("a = torch.randn(4)", "a.abs()", "a")],
    "inverted": [("a = torch.randn(4)", "1 / a", "a")],
    "logarithm": [("a = torch.rand(4)", "a.log()", "a")],
    "exponential": [("a = torch.randn(4)", "a.exp()", "a")],
    "off-by-one": [
        ("a = torch.randn(6, 2)", "a[:-1]", "a[1:]"),
        ("a = torch.randn(6, 2)", "a[1:]", "a[:-1]"),
        ("a = 1", "torch.arange(6.)", "torch.arange(5.)"),
        ("a = 1", "torch.arange(1., 5.)", "torch.arange(5.)"),
    ],
}
PLANTED_CASES = [(name, *case) for name, cases in PLANTED.items() for case in cases]


def _run(draft, made, actual):
    return draft(f"import torch\nfrom torch.nn import functional as F\ntorch.manual_seed(5)\n{made}\nout = {actual}\n")


def _expected(run, expression):
    names = {name: getattr(run, name) for name in ("a", "b", "p", "t", "s", "torch", "F") if hasattr(run, name)}
    return eval(expression, names)


@pytest.mark.parametrize(("name", "made", "actual", "expected"), PLANTED_CASES)
def test_a_planted_mistake_is_named(draft, name, made, actual, expected):
    run = _run(draft, made, actual)
    with pytest.raises(Unmet) as failed:
        expect(run.out).close_to(_expected(run, expected))
    assert failed.value.misconception == name, failed.value.message
    assert "`out`" in failed.value.message
    assert failed.value.advice
    expect(_run(draft, made, expected).out).close_to(_expected(run, expected))  # and the right one passes


# Values that differ in another way than a misconception would have it, or that several would explain.
NEAR = [
    ("a = torch.arange(6.).reshape(2, 3)", "a.T + 0.1", "a"),  # transposed, and wrong besides
    ("a = torch.zeros(2, 3)", "a.T", "a"),  # all alike: nothing tells that axes were swapped
    ("a = torch.tensor([[1., 2], [2, 1]])", "a * 1.5", "a"),  # symmetric
    ("a = torch.randn(4, 3)", "a.sum(0) * 1.01", "a.sum(1)"),
    ("a = torch.randn(3, 3); b = torch.randn(3, 3)", "a + b", "a @ b"),
    ("a = torch.randn(3, 3); b = torch.randn(3, 3)", "b @ a", "a @ b"),
    ("a = torch.randn(7)", "a * 5", "a"),  # 5 is no size of anything
    ("a = torch.randn(7)", "a * 2.5", "a"),
    ("a = torch.tensor([0., 0, 0])", "a + 1", "a"),  # a multiple of nothing
    ("a = torch.randn(4)", "a.abs()", "-a.abs() - 1"),
    ("a = torch.arange(1., 5)", "a * torch.tensor([1., 0, 1, 1])", "a"),  # zeros, but nothing scaled
    ("a = torch.arange(1., 5)", "a * torch.tensor([2., 0, 2, 3])", "a"),  # scaled unevenly
    ("a = torch.arange(1., 5)", "a * torch.tensor([0., 0, 0, 0])", "a"),
    ("a = torch.tensor([0., 1, 2, 0, 5])", "a * torch.tensor([1., 1.5, 1.5, 1, 1.5])", "a"),  # only scaled
    ("a = torch.tensor([1., 2, 1, 2, 1])", "torch.tensor([2., 1, 2, 1, 2])", "a"),  # shifted either way
    ("a = torch.ones(5)", "torch.tensor([2., 1, 1, 1, 1])", "a"),  # one wrong at the start of a constant
    ("a = torch.tensor(1.)", "torch.tensor(2.)", "a"),  # one element
    ("a = torch.tensor([1.5, 2.5])", "torch.tensor([7, 8])", "a"),  # integers, other ones
    ("p = torch.randn(5, 1); t = torch.randn(5)", "((p - t) ** 2).mean() * 1.5", "((p[:, 0] - t) ** 2).mean()"),
    (
        "s = torch.randn(5, 3); t = torch.tensor([0, 2, 1, 1, 0])",
        "F.cross_entropy(s.sigmoid(), t)",
        "F.cross_entropy(s, t)",
    ),
    ("a = torch.tensor([float('nan'), 1])", "a", "torch.tensor([2., 1])"),
    ("a = torch.tensor([float('inf'), 1])", "a", "torch.tensor([2., 1])"),
    ("a = torch.tensor([1 + 1j, 2])", "a * 3j", "a"),
    ("a = torch.tensor([True, False, True])", "~a", "a"),
    ("a = torch.ones(0, 3)", "a.T", "a"),
]


@pytest.mark.parametrize(("made", "actual", "expected"), NEAR)
def test_what_only_looks_alike_is_not_named(draft, made, actual, expected):
    run = _run(draft, made, actual)
    with pytest.raises(Unmet) as failed:
        expect(run.out).close_to(_expected(run, expected))
    assert failed.value.misconception == ""
    assert "`out`" in failed.value.message


def test_random_other_values_are_never_named(draft):
    """400 pairs of unrelated values, some with sizes that invite a false claim."""
    torch.manual_seed(0)
    shapes = [(), (1,), (2,), (3,), (2, 2), (2, 3), (3, 3), (4, 1), (2, 3, 4)]
    run = draft("import torch\na = torch.randn(3, 3)\nb = torch.randn(3)\np = torch.randn(4, 1)\nt = torch.randn(4)")
    for shape, draw in itertools.product(shapes, (torch.randn, torch.rand)):
        for _ in range(22):
            with pytest.raises(Unmet) as failed:
                expect((run, draw(shape))[1], "out").close_to(draw(shape))
            assert failed.value.misconception == "", failed.value.message


# --- what needs the program's text ------------------------------------------------------------------------------

GRADS = [
    ("x = torch.ones(3)\n(x * 2).sum()", "not-tracked"),
    ("x = torch.ones(3, requires_grad=True)\ny = (x * 2).sum()", "never-called-backward"),
    ("w = torch.ones(3, requires_grad=True)\nx = w * 3\n(x * 2).sum().backward()", "not-a-leaf"),
    (
        "x = torch.ones(3, requires_grad=True)\ny = (x * 2).sum()\ny.backward(retain_graph=True)\ny.backward()",
        "gradients-accumulated",
    ),
    (
        "x = torch.ones(3, requires_grad=True)\nfor _ in range(5):\n    (x * 2).sum().backward()",
        "gradients-accumulated",
    ),
    (
        "x = torch.ones(3, requires_grad=True)\nopt = torch.optim.SGD([x])\n(x * 2).sum().backward()\nopt.zero_grad()",
        "zero-gradient",
    ),
    (
        "x = torch.ones(3, requires_grad=True)\nopt = torch.optim.SGD([x])\n(x * 2).sum().backward()\n"
        "opt.zero_grad(set_to_none=False)",
        "zero-gradient",
    ),
    ("x = torch.ones(3, requires_grad=True)\n(x * 4).sum().backward()", ""),  # twice as large, by one backward()
    ("x = torch.ones(3, requires_grad=True)\n(x * -2).sum().backward()", "sign-flipped"),
    ("x = torch.ones(3, requires_grad=True)\n(x.detach() * w).sum().backward()", ""),
]


@pytest.mark.parametrize(("text", "name"), GRADS)
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
def test_why_a_gradient_is_wrong_or_missing(draft, text, name):
    run = draft(f"import torch\nw = torch.ones(3, requires_grad=True)\n{text}")
    with pytest.raises(Unmet) as failed:
        expect(run.x.grad).close_to(torch.full((3,), 2.0))
    assert failed.value.misconception == name, failed.value.message
    assert "`x.grad`" in failed.value.message


def test_the_advice_names_the_scalar_to_call_backward_on(draft):
    run = draft("import torch\nx = torch.ones(3, requires_grad=True)\nmiss = (x * 2).sum()")
    with pytest.raises(Unmet) as failed:
        expect(run.x.grad).is_tensor()
    assert failed.value.message == "`x.grad` is None: `backward()` was never called."
    assert failed.value.advice == "`miss.backward()` fills it."


def test_a_gradient_that_grad_returned_is_not_in_the_leaf(draft):
    text = "x = torch.ones(3, requires_grad=True)\nmiss = (x * 2).sum()\ntorch.autograd.grad(miss, x)"
    run = draft(f"import torch\n{text}")
    with pytest.raises(Unmet) as failed:
        expect(run.x.grad).is_tensor()
    assert failed.value.message == "`x.grad` is None: `grad(...)` returns gradients, and fills none."


def test_what_was_before_a_step_tells_a_step_that_never_happened(draft):
    start, goal = torch.tensor([1.0, 2.0]), torch.tensor([0.9, 1.8])
    run = draft("import torch\nw = torch.tensor([1.0, 2.0])\nother = torch.tensor([1.0, 2.1])")
    with pytest.raises(Unmet) as failed:
        expect(run.w).close_to(goal, before=start)
    assert failed.value.misconception == "no-optimizer-step"
    with pytest.raises(Unmet) as failed:
        expect(run.other).close_to(goal, before=start)
    assert failed.value.misconception == ""
    with pytest.raises(Unmet) as failed:
        expect(run.w).differs_from(start)
    assert failed.value.misconception == "no-optimizer-step"
    expect(run.other).differs_from(start)


def test_what_was_before_tells_gradients_that_were_added_to_it(draft):
    run = draft("import torch\nx = torch.ones(2, requires_grad=True)\n(x * 5).sum().backward()")
    with pytest.raises(Unmet) as failed:
        expect(run.x.grad).close_to(torch.tensor([3.0, 3.0]), before=torch.tensor([2.0, 2.0]))
    assert failed.value.misconception == "gradients-accumulated"


def test_a_function_is_searched_for_in_its_own_arguments(draft):
    run = draft(
        "import torch\ndef share(scores):\n    return scores.softmax(0)\ndef nothing(scores):\n    scores.softmax(1)"
    )
    scores = torch.randn(3, 4)
    with pytest.raises(Unmet) as failed:
        expect(run.share).calling(scores).close_to(scores.softmax(1))
    assert failed.value.misconception == "wrong-dim"
    with pytest.raises(Unmet) as failed:
        expect(run.nothing).calling(scores).close_to(scores.softmax(1))
    assert failed.value.misconception == "missing-return"
    assert "line 4" in failed.value.advice


# --- the author's own -------------------------------------------------------------------------------------------


def test_a_mistake_that_the_author_foresaw(draft):
    run = draft("import torch\nx = torch.tensor([1.0, 2.0])")
    asked = {
        "only the first": torch.tensor(1.0),
        "the order was forgotten": lambda: run.x.clone(),
        "fails": lambda: run.no_such_name,
    }
    with pytest.raises(Unmet) as failed:
        expect(run.x).close_to(torch.tensor([2.0, 1.0]), mistaken=asked)
    assert failed.value.message.endswith("The order was forgotten.")
    assert failed.value.misconception == ""
    with pytest.raises(Unmet) as failed:
        expect(run.x).close_to(torch.tensor([2.0, 1.5]), mistaken={"wrong-dim: it ran over rows": [1.0, 2.0]})
    assert failed.value.misconception == "wrong-dim"
    assert failed.value.message.endswith("It ran over rows.")
    with pytest.raises(Unmet) as failed:
        expect(run.x).close_to(torch.tensor([2.0, 1.5]), mistaken={"wrong-dim": [1.0, 2.0]})
    assert failed.value.misconception == "wrong-dim"
    assert failed.value.message.endswith("Wrong dim.")
    with pytest.raises(Unmet) as failed:
        expect(run.x).close_to(torch.tensor([2.0, 1.5]), mistaken={"is it the first?": [1.0, 2.0]})
    assert failed.value.message.endswith(". Is it the first?")
    with pytest.raises(Unmet) as failed:
        expect(run.x).close_to(torch.tensor([2.0, 1.5]), mistaken={"wrong-dim": [1.0, 2.001]})
    assert failed.value.misconception == ""


def test_a_comparison_with_a_mistake_leaves_nothing_behind(draft):
    run = draft("import torch\na = torch.randn(3, 3, requires_grad=True)\nout = a.sum(0)")
    state = torch.default_generator.get_state()
    with pytest.raises(Unmet):
        expect(run.out).close_to(run.a.sum(1))
    assert run.a.grad is None
    assert torch.equal(torch.default_generator.get_state(), state)


def test_the_search_starts_no_thread():
    program = (
        "import os, torch\n"
        "from tutor.check import Unmet, again, expect\n"
        "s, t = torch.arange(12.0).sin().reshape(4, 3), torch.tensor([0, 1, 2, 1])\n"
        "out, right = torch.tensor(-9.5), torch.tensor(3.5)\n"
        "before = len(os.listdir('/proc/self/task'))\n"
        "asked = expect(lambda s, t: out).calling(s, t)\n"
        "try:\n"
        "    asked.close_to(right)\n"
        "except Unmet:\n"
        "    print(len(os.listdir('/proc/self/task')) - before, torch.get_num_threads() > 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.stdout, done.stderr) == ("0 True\n", "")


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
@pytest.mark.parametrize("shape", [(8, 1), (1, 8), (3, 4)])
def test_right_values_in_another_dtype_are_no_misconception(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    expected = torch.rand(shape)
    with pytest.raises(Unmet) as unmet:
        expect(expected.to(dtype), "x").close_to(expected)
    assert unmet.value.misconception == "" and "expected f32" in unmet.value.message


def test_a_value_is_not_taken_for_its_own_origin(draft):
    run = draft("import torch\ntarget = torch.eye(8, 1)")
    with pytest.raises(Unmet) as failed:
        expect(run.target).close_to(torch.ones(8, 1))
    assert failed.value.misconception == "" and "`target` has 0 at" in failed.value.message


# --- what a rerun shows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["torch.tensor([2.0, 4.0])", "2 * torch.tensor([1.0, 2.0])", "start"])
def test_what_does_not_follow_the_values_of_a_rerun(draft, value):
    run = draft(f"import torch\nx = torch.tensor([1.0, 2.0])\nstart = 2 * torch.tensor([1.0, 2.0])\ny = {value}")
    other = again(run, x=torch.tensor([3.0, 5.0]))
    with pytest.raises(Unmet) as failed:
        expect(other.y).close_to(2 * other.x)
    assert failed.value.misconception == "typed-in"
    assert failed.value.message == "`y` is still what it was with the first `x`."


def test_a_gradient_that_is_typed_in_is_told_of_the_tensor_that_was_replaced(draft):
    text = "x = torch.tensor([1.0, 2.0], requires_grad=True)\nx.grad = torch.tensor([2.0, 4.0])"
    run = draft(f"import torch\n{text}")
    other = again(run, x=torch.tensor([3.0, 5.0], requires_grad=True))
    with pytest.raises(Unmet) as failed:
        expect(other.x.grad).close_to(2 * other.x.detach())
    assert failed.value.message == "`x.grad` is still what it was with the first `x`."


def test_what_follows_a_rerun_wrongly_is_not_typed_in(draft):
    other = again(draft("import torch\nx = torch.tensor([1.0, 2.0])\ny = 3 * x"), x=torch.tensor([3.0, 5.0]))
    with pytest.raises(Unmet) as failed:
        expect(other.y).close_to(2 * other.x)
    assert failed.value.misconception == ""


# --- what returns nothing, and what is dropped ------------------------------------------------------------------


@pytest.mark.parametrize(
    "ask",
    [
        lambda e: e.close_to(torch.ones(2)),
        lambda e: e.close_to(3.0),
        lambda e: e.close_to([1.0, 2.0]),
        lambda e: e.close_to([torch.ones(2)]),
        lambda e: e.close_to({"a": torch.ones(2)}),
        lambda e: e.equals(3),
        lambda e: e.equals("a"),
        lambda e: e.is_a(torch.nn.Module),
        lambda e: e.has_shape(2),
        lambda e: e.has_length(2),
        lambda e: e.has_dtype(torch.float32),
        lambda e: e.on("cpu"),
        lambda e: e.requires_grad(),
        lambda e: e.contains(1),
        lambda e: e.below(2),
        lambda e: e.training(True),
        lambda e: e.shares_memory_with(torch.ones(2)),
        lambda e: e.calling(2),
    ],
)
@pytest.mark.parametrize("returned", ["y = f(x)", "y = 1\ny = f(x)"])
def test_a_missing_return_is_told_by_every_expectation(draft, ask, returned):
    run = draft(f"import torch\nx = torch.ones(2)\ndef f(x):\n    x * 2\n{returned}")
    with pytest.raises(Unmet) as failed:
        ask(expect(run.y))
    assert failed.value.misconception == "missing-return", failed.value.message
    assert failed.value.advice == "`f` on line 3 has no `return`."


def test_a_path_without_a_return(draft):
    run = draft("def f(x):\n    if x > 0:\n        return x")
    with pytest.raises(Unmet) as failed:
        expect(run.f).calling(-1).equals(1)
    assert failed.value.message == "`f(-1)` returns None; expected a Python int, 1."
    assert failed.value.advice == "`f` on line 1 comes to its end without a `return` here."


@pytest.mark.parametrize(
    ("line", "ask"),
    [
        ("x.to(torch.float64)", lambda e: e.has_dtype(torch.float64)),
        ("x.double()", lambda e: e.close_to(torch.ones(2, 3, dtype=torch.float64))),
        ("x.to('meta')", lambda e: e.on("meta")),
        ("x.t()", lambda e: e.has_shape(3, 2)),
        ("x.mul(5)", lambda e: e.close_to(torch.full((2, 3), 5.0))),
    ],
)
def test_a_result_that_is_dropped_is_named_with_its_line(draft, line, ask):
    run = draft(f"import torch\nx = torch.ones(2, 3)\n{line}")
    with pytest.raises(Unmet) as failed:
        ask(expect(run.x))
    assert failed.value.advice == f"Line 3 drops the result of `{line}`: write `x = {line}`."
    kept = draft(f"import torch\nx = torch.ones(2, 3)\ny = {line}")
    with pytest.raises(Unmet) as failed:
        ask(expect(kept.x))
    assert "drops" not in failed.value.advice
