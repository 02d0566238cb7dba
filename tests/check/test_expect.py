"""What `expect` asks, and the sentence in which it says what is wrong."""

import re

import numpy as np
import pytest
import torch
from torch import nn

from tutor.check import Unmet, expect

RUNGS = [
    ("x = None", torch.ones(2), "`x` is None; expected a tensor f32[2]."),
    ("x = 0.5", torch.ones(2), "`x` is a Python float, 0.5; expected a tensor f32[2]."),
    ("x = [1.0, 2.0]", torch.ones(2), "`x` is a list of 2 items; expected a tensor f32[2]."),
    (
        "import numpy\nx = numpy.ones(2)",
        torch.ones(2),
        "`x` is a NumPy array of float64 with shape (2,); expected a tensor f32[2].",
    ),
    ("x = torch.sum", torch.ones(2), "`x` is a function; expected a tensor f32[2]."),
    ("class Net: pass\nx = Net()", torch.ones(2), "`x` is an object of your class Net; expected a tensor f32[2]."),
    ("class Net: pass\nx = Net", torch.ones(2), "`x` is the class Net, not an object of it; expected a tensor f32[2]."),
    ("x = torch.randn(3)", torch.ones(2), "`x` has shape (3,); expected (2,)."),
    ("x = torch.randn(3, 2)", torch.ones(2), "`x` has shape (3, 2); expected (2,)."),
    ("x = torch.ones(2).double()", torch.ones(2), "`x` is f64; expected f32."),
    (
        "x = torch.ones(2) * 1.5",
        torch.ones(2) * 4.1,
        "`x` has 1.5 at [0], where 4.1 was expected; all of 2 values differ, this one most.",
    ),
    (
        "x = torch.tensor([1.0, 7.0])",
        torch.ones(2),
        "`x` has 7 at [1], where 1 was expected; every other value is right.",
    ),
    (
        "x = torch.tensor([[1.0, 1.5], [9.0, 1.0]])",
        torch.ones(2, 2),
        "`x` has 9 at [1, 0], where 1 was expected; 2 of 4 values differ, this one most.",
    ),
    ("x = torch.tensor([1, float('nan'), 1])", torch.ones(3), "`x` is NaN at [1]; expected 1."),
    ("x = torch.tensor(float('nan'))", torch.tensor(2.5), "`x` is NaN; expected 2.5."),
    (
        "x = torch.tensor([1, float('inf')])",
        torch.ones(2),
        "`x` has inf at [1], where 1 was expected; every other value is right.",
    ),
    (
        "x = torch.tensor([1.0, 1.0])",
        torch.tensor([1, float("nan")]),
        "`x` has 1 at [1], where nan was expected; every other value is right.",
    ),
    ("x = torch.tensor(1.5)", 4.1, "`x` is 1.5; expected 4.1."),
    ("x = 1.5", 4.1, "`x` is 1.5; expected 4.1."),
    ("x = 0.3333349", 0.3333301, "`x` is 0.333335; expected 0.33333."),
    (
        "x = torch.tensor([1.0, 1.000002], dtype=torch.float64)",
        torch.tensor([1.0, 1.000001], dtype=torch.float64),
        "`x` has 1.000002 at [1], where 1.000001 was expected; every other value is right.",
    ),
    ("x = True", 1, "`x` is a Python bool, True; expected a number."),
    ("x = 10**400", 1, re.compile(r"`x` is 10000.*; expected 1\.")),
    ("x = [1.0, 2.5]", [1.0, 4.0], "`x` has 2.5 at [1], where 4 was expected; every other value is right."),
    ("x = ['a', 'b']", [1.0, 4.0], "`x` is a list of 2 items; expected 2 numbers."),
    (
        "x = torch.ones(2, device='meta')",
        torch.ones(2),
        "The values of `x` can't be read: meta: it has a shape and no values.",
    ),
    (
        "x = torch.ones(9)\nx.untyped_storage().resize_(0)",
        torch.ones(9),
        "The values of `x` can't be read: storage freed.",
    ),
    ("x = [torch.ones(2)]", [torch.ones(2), torch.ones(1)], "`x` holds 1 values; expected 2."),
    ("x = (torch.ones(2), None)", [torch.ones(2), torch.ones(1)], "`x[1]` is None; expected a tensor f32[1]."),
    ("x = {'w': torch.ones(2)}", {"w": torch.ones(2), "b": torch.ones(1)}, "`x` has no entry 'b'."),
    ("x = {'w': torch.zeros(1)}", {"w": torch.ones(1)}, "`x['w']` is 0; expected 1."),
    ("x = {'w': torch.ones(1), 'z': 1}", {"w": torch.ones(1)}, "`x` has an entry 'z' that isn't expected."),
]


@pytest.mark.parametrize(("text", "expected", "message"), RUNGS)
def test_close_to_stops_at_the_first_rung_that_fails(draft, text, expected, message):
    run = draft(f"import torch\ntorch.manual_seed(1)\n{text}")
    with pytest.raises(Unmet) as failed:
        expect(run.x).close_to(expected)
    if isinstance(message, str):
        assert failed.value.message == message
    else:
        assert message.fullmatch(failed.value.message)


CLOSE = [
    ("torch.tensor([1.0, 2.0])", torch.tensor([1.0, 2.0 + 1e-6])),
    ("torch.tensor([1.0, float('nan'), float('inf')])", torch.tensor([1.0, float("nan"), float("inf")])),
    ("torch.ones(2).to_sparse()", torch.ones(2)),
    ("torch.tensor([1 + 2j])", torch.tensor([1 + 2j])),
    ("torch.tensor([True, False])", torch.tensor([True, False])),
    ("torch.empty(0, 3)", torch.empty(0, 3)),
    ("torch.nn.Parameter(torch.ones(2))", torch.ones(2)),
    ("torch.ones(2, requires_grad=True) * 2", torch.full((2,), 2.0)),
    ("torch.tensor([1.0, 2.0])", [1, 2]),
    ("torch.tensor([1, 2])", [1, 2]),
    ("torch.tensor(2.0, dtype=torch.float64)", 2),
    ("torch.tensor([1.0], dtype=torch.bfloat16)", torch.tensor([1.01], dtype=torch.bfloat16)),
    ("3", 3.0),
    ("[1, 2.0]", (1.0, 2)),
    ("torch.linalg.qr(torch.eye(2))", [torch.eye(2), torch.eye(2)]),
    ("{'w': torch.ones(1)}", {"w": torch.ones(1)}),
]


@pytest.mark.parametrize(("made", "expected"), CLOSE)
def test_close_to_accepts(draft, made, expected):
    expect(draft(f"import torch\nx = {made}").x).close_to(expected)


def test_a_subclass_is_compared_by_its_values_and_never_asked(draft):
    run = draft(
        "import torch\n"
        "class Mine(torch.Tensor):\n"
        "    @classmethod\n"
        "    def __torch_function__(cls, *args, **kw):\n"
        "        raise RuntimeError('asked')\n"
        "    def __repr__(self):\n"
        "        raise RuntimeError('asked')\n"
        "x = torch.ones(2).as_subclass(Mine)"
    )
    expect(run.x).close_to(torch.ones(2))
    with pytest.raises(Unmet, match="`x` has 1 at"):
        expect(run.x).close_to(torch.tensor([2.5, 3.0]))


def test_both_tensors_are_sent_along(draft):
    run = draft("import torch\nx = torch.tensor([1.0, 7.0])")
    with pytest.raises(Unmet) as failed:
        expect(run.x).close_to(torch.ones(2))
    assert (failed.value.actual.name, failed.value.actual.text) == ("x", "[1.0, 7.0]")
    assert failed.value.expected.text == "[1.0, 1.0]"


def test_advice_names_the_line(draft):
    run = draft("import torch\n\nx = torch.ones(2)\ny = x * 3\nz = torch.ones(2, requires_grad=True) * 2")
    with pytest.raises(Unmet) as failed:
        expect(run.x).requires_grad()
    assert (failed.value.message, failed.value.advice) == (
        "`x` has requires_grad=False.",
        "Try `requires_grad=True` where line 3 makes it.",
    )
    with pytest.raises(Unmet) as failed:
        expect(run.y).close_to(torch.tensor([7.1, 3.0]))
    assert failed.value.advice == "Look at line 4, where `y` is made."
    with pytest.raises(Unmet) as failed:
        expect(run.z).is_leaf()
    assert failed.value.message == "`z` is not a leaf: it was made by Mul."
    assert "line 5" in failed.value.advice


ASKED = [  # a question, a draft that meets it, one that doesn't, and the sentence
    (
        lambda e: e.is_a(int, str),
        "x = 1",
        "x = 1.5",
        "`x` is a Python float, 1.5; expected an object of `int` or `str`.",
    ),
    (lambda e: e.is_tensor(), "x = torch.ones(1)", "x = 1", "`x` is a Python int, 1; expected a tensor."),
    (
        lambda e: e.has_shape(2, -1),
        "x = torch.ones(2, 3)",
        "x = torch.ones(3, 2)",
        "`x` has shape (3, 2); expected (2, any).",
    ),
    (lambda e: e.has_shape(), "x = torch.tensor(1)", "x = torch.ones(1)", "`x` has shape (1,); expected ()."),
    (
        lambda e: e.has_dtype(torch.float16),
        "x = torch.ones(1).half()",
        "x = torch.ones(1)",
        "`x` is f32; expected f16.",
    ),
    (lambda e: e.on("cpu"), "x = torch.ones(1)", "x = torch.ones(1, device='meta')", "`x` is on meta; expected cpu."),
    (
        lambda e: e.on("cpu"),
        "x = torch.nn.Linear(1, 1)",
        "x = torch.nn.Linear(1, 1, device='meta')",
        "`x.weight` is on meta; expected cpu.",
    ),
    (
        lambda e: e.is_leaf(False),
        "x = torch.ones(1, requires_grad=True) * 2",
        "x = torch.ones(1)",
        "`x` is a leaf; expected the result of an operation on a tensor that tracks gradients.",
    ),
    (
        lambda e: e.requires_grad(False),
        "x = torch.ones(1)",
        "x = torch.ones(1, requires_grad=True)",
        "`x` still tracks gradients.",
    ),
    (
        lambda e: e.has_grad(),
        "x = torch.ones(1, requires_grad=True)\nx.backward()",
        "x = torch.ones(1, requires_grad=True) * 2\nx.backward()",
        "`x.grad` is None: `x` is not a leaf (it was made by Mul), and `backward()` fills leaves.",
    ),
    (
        lambda e: e.training(False),
        "x = torch.nn.Dropout().eval()",
        "x = torch.nn.Sequential(torch.nn.Dropout()).eval()\nx[0].train()",
        "`x.0` is in training mode.",
    ),
    (
        lambda e: e.training(True),
        "x = torch.nn.Dropout()",
        "x = torch.nn.Dropout().eval()",
        "`x` is in evaluation mode.",
    ),
    (lambda e: e.equals("ab"), "x = 'ab'", "x = 'abc'", "`x` is 'abc'; expected 'ab'."),
    (lambda e: e.equals((1, 2)), "x = torch.ones(1, 2).shape", "x = (1, 3)", "`x` is (1, 3); expected (1, 2)."),
    (lambda e: e.equals(2), "x = 2.0", "x = torch.tensor(2)", "`x` is a tensor i64[]; expected a Python int, 2."),
    (lambda e: e.equals(True), "x = True", "x = 1", "`x` is a Python int, 1; expected a Python bool, True."),
    (lambda e: e.equals(torch.ones(2)), "x = torch.ones(2)", "x = torch.zeros(2)", re.compile("`x` has 0 at .*")),
    (lambda e: e.contains("b"), "x = 'abc'", "x = 'xyz'", "`x` has no 'b' in it: it is 'xyz'."),
    (lambda e: e.contains(1), "x = {1: 2}", "x = []", "`x` has no 1 in it: it is empty."),
    (lambda e: e.below(2), "x = torch.tensor([1.5])", "x = 2.0", "`x` is 2; expected less than 2."),
    (lambda e: e.above(0.5), "x = 1", "x = torch.tensor(0.25)", "`x` is 0.25; expected more than 0.5."),
    (lambda e: e.between(1, 2), "x = 2", "x = 2.1", "`x` is 2.1; expected between 1 and 2."),
    (lambda e: e.below(2), "x = 1", "x = torch.ones(2)", "`x` is a tensor f32[2]; expected a number less than 2."),
    (lambda e: e.above(0), "x = 1", "x = float('nan')", "`x` is nan; expected more than 0."),
    (
        lambda e: e.has_parameters(6),
        "x = torch.nn.Linear(2, 2)",
        "x = torch.nn.Linear(2, 2, bias=False)",
        "`x` has 4 parameters; expected 6.",
    ),
    (
        lambda e: e.has_option("lr", 0.1),
        "x = torch.optim.SGD([torch.ones(1)], lr=0.1)",
        "x = torch.optim.SGD([torch.ones(1)], lr=0.25)",
        "`x.param_groups[0]['lr']` is 0.25; expected 0.1.",
    ),
    (
        lambda e: e.has_option("lr", 0.1, group=1),
        "x = torch.optim.SGD([{'params': [torch.ones(1)]}, {'params': [torch.ones(1)]}], lr=0.1)",
        "x = torch.optim.SGD([torch.ones(1)], lr=0.1)",
        "`x` has 1 parameter groups; expected 2.",
    ),
    (lambda e: e.has_length(2), "x = [1, 2]", "x = [1, 2, 3]", "`x` has 3 items; expected 2."),
    (
        lambda e: e.has_length(2),
        "x = torch.ones(2, 3)",
        "x = 2",
        "`x` is a Python int, 2; expected a value of 2 items.",
    ),
    (
        lambda e: e.not_calling("softmax").calling(torch.ones(2)),
        "def x(a): return a.exp() / a.exp().sum()",
        "def x(a): return torch.nn.Softmax(dim=0)(a)",
        "`x` calls `softmax`; it shall do without.",
    ),
    (lambda e: e.calling(2).equals(4), "def x(a): return 2 * a", "def x(a): return a", "`x(2)` is 2; expected 4."),
    (
        lambda e: e.calling(0),
        "def x(a): return a",
        "def x(a):\n    return 1 / a",
        "`x(0)` stops on line 3 of your code: ZeroDivisionError: division by zero",
    ),
    (
        lambda e: e.calling(0),
        "def x(a): return a",
        "def x(): return 1",
        re.compile(r"`x\(0\)` stops: TypeError: x\(\) takes 0.*"),
    ),
    (
        lambda e: e.calling(0),
        "def x(a): return a",
        "import sys\ndef x(a): sys.exit(3)",
        "`x(0)` stops on line 3 of your code: SystemExit: 3",
    ),
    (lambda e: e.calling(0), "x = abs", "x = 3", "`x` is a Python int, 3; expected a function."),
    (
        lambda e: e.raises(ValueError, "a"),
        "x = int",
        "x = str",
        "`x('a')` returns a str of 1 character; expected it to raise ValueError.",
    ),
    (
        lambda e: e.raises(TypeError, "a"),
        "x = abs",
        "x = int",
        re.compile(r"`x\('a'\)` stops: ValueError: invalid literal.*"),
    ),
]


@pytest.mark.parametrize(("question", "right", "wrong", "message"), ASKED)
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
def test_what_can_be_asked(draft, question, right, wrong, message):
    run = draft(f"import torch\n{right}")
    assert question(expect(run.x)) is not None
    run = draft(f"import torch\n{wrong}")
    with pytest.raises(Unmet) as failed:
        question(expect(run.x))
    if isinstance(message, str):
        assert failed.value.message == message
    else:
        assert message.fullmatch(failed.value.message)


def test_memory(draft):
    run = draft(
        "import torch, numpy\n"
        "x = torch.arange(6.)\nview = x.view(2, 3)[1:]\ncopy = x.clone()\nx.detach()\n"
        "array = numpy.arange(6.)\nlive = torch.from_numpy(array[2:])\nback = live.numpy()[1:]\nsparse = x.to_sparse()"
    )
    expect(run.view).shares_memory_with(run.x)
    expect(run.copy).has_own_memory(run.x)
    expect(run.live).shares_memory_with(run.array)
    expect(run.back).shares_memory_with(run.array).has_own_memory(run.x)
    expect(run.back).shares_memory_with(run.live)
    with pytest.raises(Unmet) as failed:
        expect(run.copy).shares_memory_with(run.x)
    assert failed.value.message == "`copy` has memory of its own: a change of `x` doesn't show in it."
    with pytest.raises(Unmet) as failed:
        expect(run.back).has_own_memory(run.array)
    assert failed.value.message == "`back` shares its memory: a change of `array` shows in it."
    assert failed.value.advice == "Try `.copy()`."
    with pytest.raises(Unmet, match="expected a tensor"):
        expect(run.sparse).shares_memory_with(run.x)


def test_an_optimizer_holds_the_parameters(draft):
    run = draft(
        "import torch\nnet = torch.nn.Linear(1, 1)\nother = torch.nn.Linear(1, 1)\n"
        "opt = torch.optim.SGD(net.parameters())"
    )
    expect(run.opt).optimizes(run.net)
    with pytest.raises(Unmet, match="does not hold the model's parameter `weight`"):
        expect(run.opt).optimizes(run.other)


@pytest.mark.parametrize(
    "method", ["__repr__", "__str__", "__len__", "__eq__", "__bool__", "__hash__", "__getattribute__"]
)
@pytest.mark.parametrize(
    "question",
    [
        lambda e: e.is_tensor(),
        lambda e: e.close_to(1.0),
        lambda e: e.close_to(torch.ones(2)),
        lambda e: e.close_to([1.0]),
        lambda e: e.equals(1),
        lambda e: e.contains(1),
        lambda e: e.below(1),
        lambda e: e.calling(),
    ],
)
def test_what_the_learner_defined_is_never_called_to_describe_it(draft, method, question):
    made = f"def {method}(self, *args):\n        called.append(1)\n        raise RuntimeError"
    run = draft(f"called = []\nclass Evil:\n    {made}\nx = Evil()")
    with pytest.raises(Unmet) as failed:
        question(expect(run.x))
    assert "an object of your class Evil" in failed.value.message
    assert run.called == []


def test_messages_stay_short(draft):
    run = draft("x = 'a' * 10**7\ny = list(range(10**5))\ndef f(*a): raise ValueError('b' * 10**6)")
    for question in (
        lambda: expect(run.x).equals("b" * 10**7),
        lambda: expect(run.y).equals([1]),
        lambda: expect(run.y).contains("z" * 10**6),
        lambda: expect(run.f).calling(run.x, run.y),
    ):
        with pytest.raises(Unmet) as failed:
            question()
        assert len(failed.value.message) < 1000


def test_numpy_values_count_as_numbers_only_through_equals(draft):
    run = draft("import numpy\nx = numpy.float64(2.5)")
    expect(run.x).equals(2.5).close_to(2.5).below(3)  # numpy.float64 is a Python float
    assert isinstance(run.x, np.float64)


def test_a_module_that_is_given_the_wrong_shape(draft):
    run = draft("import torch\nnet = torch.nn.Linear(3, 1)")
    with pytest.raises(Unmet, match=r"`net\(f32\[2,4\]\)` stops: RuntimeError: mat1 and mat2"):
        expect(run.net).is_a(nn.Module).calling(torch.randn(2, 4) * 1e5 + 0.123456)
