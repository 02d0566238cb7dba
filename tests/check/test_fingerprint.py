"""Two drafts have one fingerprint only if they do the same."""

from __future__ import annotations

import contextlib
import io

import pytest
import torch

from tutor.check.fingerprint import fingerprint
from tutor.check.program import Program


def of(source: str, *inputs: str) -> str:
    """The fingerprint of a draft that was run with one seed."""
    torch.manual_seed(0)
    namespace: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exec(source, namespace)
    return fingerprint(Program(namespace, source, "draft.py", printed=output.getvalue), inputs)


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("x = torch.ones(3) * 2", "x = torch.ones(3) + torch.ones(3)"),
        ("x = torch.full((100,), 0.1).sum()", "x = torch.full((100,), 0.1).double().sum().float()"),
        ("f = lambda x: x + 1\ny = f(1)", "f = lambda x: 1 + x\ny = f(1)"),
        ("x = {2, 1}", "x = {1, 2}"),
    ],
)
def test_what_does_the_same(one: str, same: str) -> None:
    assert of("import torch\n" + one) == of("import torch\n" + same)


@pytest.mark.parametrize(
    "other",
    [
        "x = torch.tensor([1.0, 2.01])",
        "x = torch.tensor([[1.0, 2.0]])",
        "x = torch.tensor([1.0, 2.0]).double()",
        "x = torch.tensor([1.0, 2.0], requires_grad=True)",
        "x = torch.tensor([1.0, 2.0], requires_grad=True) * 1",
        "x = torch.tensor([1.0, 2.0], requires_grad=True)\nx.sum().backward()",
        "x = torch.tensor([1.0, 2.0])\ny = x",
        "x = torch.tensor([1.0, 2.0])\nprint(x)",
        "x = [1.0, 2.0]",
        "x = (1.0, 2.0)",
        "x = torch.nn.Linear(1, 2)",
        "x = torch.nn.Linear(1, 2).eval()",
        "x = torch.optim.SGD([torch.ones(2, requires_grad=True)], lr=0.1)",
        "x = torch.optim.SGD([torch.ones(2, requires_grad=True)], lr=0.2)",
        "x = torch.ones(2).to_sparse()",
        "x = torch.ones(2, device='meta')",
        "class A: pass\nx = A()\nx.b = 1",
        "class A: pass\nx = A()\nx.b = 2",
    ],
)
def test_what_does_something_else(other: str) -> None:
    assert of("import torch\nx = torch.tensor([1.0, 2.0])") != of("import torch\n" + other)


def test_views_and_copies_are_told_apart() -> None:
    start = "import torch\nx = torch.ones(4)\n"
    assert of(start + "y = x.view(4)") != of(start + "y = x.clone()")


def test_other_inputs_show_what_these_hide() -> None:
    start = "import torch\nx = torch.tensor([2.0, 2.0])\n"
    assert of(start + "y = x * 2") == of(start + "y = x + 2")
    assert of(start + "y = x * 2", "x") != of(start + "y = x + 2", "x")


def test_an_error_for_other_inputs_is_a_part_of_it() -> None:
    start = "n = 2\n"
    assert of(start + "y = [1, 2][:n]", "n") != of(start + "y = [1, 2][n - 2 : n]", "n")
    assert of(start + "y = [0, 1, 2][n]", "n") != of(start + "y = [0, 1, 2, 3][n]", "n")
