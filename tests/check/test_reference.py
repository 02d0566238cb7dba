"""The solution beside the draft: who changes what is given is judged by what the solution makes of it."""

import pytest

from tutor.check import Unmet, beside_solution, same_as_solution
from tutor.check.program import draft_of

SNIPPET = """
import torch
from torch import nn

torch.manual_seed(0)
scale = 2.0
x = torch.randn(6, 1)
model = nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(3):
    print(model(x * scale).mean().item())
"""
SOLUTION = SNIPPET.replace(
    "    print",
    """    optimizer.zero_grad()
    loss = (model(x * scale) - 1).square().mean()
    loss.backward()
    optimizer.step()
    print""",
)

SGD = "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)"
MAKE = """from torch.optim import Adam
factor = 3
def rate():
    return 0.01 * factor
def make(net):
    return Adam(net.parameters(), lr=rate())
optimizer = make(model)"""


@pytest.fixture
def attempt(draft):
    """A draft of the lesson, which is the solution with texts replaced."""

    def write(*changes):
        text = SOLUTION
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        run = draft(text)
        draft_of(run).solution, draft_of(run).snippet = SOLUTION, SNIPPET
        return run

    return write


@pytest.mark.parametrize(
    "change",
    [
        ("scale = 2.0", "scale = -0.5"),
        ("manual_seed(0)", "manual_seed(7)"),
        ("torch.manual_seed(0)\n", ""),
        ("randn(6, 1)", "rand(50, 1) * 3"),
        ("lr=0.1", "lr=0.01, momentum=0.9"),
        ("range(3)", "range(11)"),
        (SGD, "optimizer = torch.optim.Adam(model.parameters())"),
        (SGD, f"rate = 0.2\n{SGD.replace('0.1', 'rate')}"),
        (SGD, MAKE),
        ("scale = 2.0\nx = torch.randn(6, 1)", "scale, x = 3.0, torch.randn(9, 1)"),
        ("model = nn.Linear(1, 1)", "model = nn.Sequential(nn.Linear(1, 3), nn.Tanh(), nn.Linear(3, 1))"),
        ("for epoch in range(3)", "rounds = 5\nfor epoch in range(rounds)"),
        ("    optimizer.step()", "    optimizer.step()\n    assert epoch < 3, x[5]\n    print(loss.item())"),
        ("(model(x * scale) - 1).square().mean()", "nn.functional.mse_loss(model(x * scale), torch.ones(len(x), 1))"),
    ],
    ids=str,
)
def test_what_is_given_may_be_changed(attempt, change):
    run = attempt(change)
    same_as_solution(run, "loss", "model", "x")
    same_as_solution(run, "loss", x=run.x * 3 + 1, scale=0.3)


@pytest.mark.parametrize(
    ("change", "name", "sentence"),
    [
        (("- 1)", "- 1.5)"), "loss", "`loss` is "),
        (("    optimizer.zero_grad()\n", ""), "model.weight", "`model.weight` "),
        (("    optimizer.step()\n", ""), "model", "`model['weight']` "),
        (("    loss.backward()\n", ""), "model.weight.grad", "`model.weight.grad` is None"),
        (("model = nn.Linear(1, 1)", "model = nn.Linear(1, 1)\nmodel.weight.data.fill_(3.0)"), "loss", "`loss` is "),
        (("    loss =", "    cost ="), "loss", "There is no `loss`"),
    ],
    ids=str,
)
def test_what_is_other_than_the_solution_is_told_by_its_name(attempt, change, name, sentence):
    old, new = change
    run = attempt(*([(old, new), ("loss.backward", "cost.backward")] if new == "    cost =" else [change]))
    with pytest.raises(Unmet) as failed:
        same_as_solution(run, name)
    assert failed.value.message.startswith(sentence)


def test_a_value_typed_for_the_given_numbers_shows_on_others(draft):
    run = draft("x = 3\ny = 9")
    draft_of(run).solution, draft_of(run).snippet = "x = 3\ny = x * x", "x = 3"
    same_as_solution(run, "y")
    with pytest.raises(Unmet, match="`y` is still what it was with the first `x`"):
        same_as_solution(run, "y", x=4)


def test_both_programs_are_returned(attempt):
    ours, theirs = beside_solution(attempt(("scale = 2.0", "scale = 3.0")), scale=5.0)
    assert (ours.scale, theirs.scale) == (5.0, 5.0)
    assert ours.x.equal(theirs.x) and ours.x is not theirs.x and ours.model is not theirs.model
