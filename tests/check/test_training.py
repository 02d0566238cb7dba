"""The steps of a training, as a check reads them."""

import pytest
import torch

from tutor.check import Unmet, steps

LOOP = """
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(2, 1)
w = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([w, *model.parameters()], lr=0.5)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.1)
for epoch in range(3):
    optimizer.zero_grad()
    loss = (w * w).sum() + model(w).sum()
    loss.backward()
    optimizer.step()
    scheduler.step()
"""


def test_what_each_step_used_changed_and_found_called(draft):
    first, second, third = steps(draft(LOOP))
    assert first.calls == ["zero_grad", "backward"]
    assert second.calls == third.calls == ["scheduler.step", "zero_grad", "backward"]
    assert [round(step.rates[0], 6) for step in (first, second, third)] == [0.5, 0.05, 0.005]
    assert set(first.gradients) == {"w", "model.weight", "model.bias"}
    assert torch.equal(first.before["w"], torch.ones(2))
    assert torch.allclose(first.after["w"], first.before["w"] - 0.5 * first.gradients["w"])
    assert torch.equal(second.before["w"], first.after["w"])
    assert len(first.losses) == 1 and third.losses < second.losses < first.losses


def test_a_rerun_with_another_value(draft):
    assert len(steps(draft("epochs = 2\n" + LOOP.replace("range(3)", "range(epochs)")), epochs=5)) == 5


def test_gradients_that_were_never_cleared_or_never_came(draft):
    first, second, _ = steps(draft(LOOP.replace("    optimizer.zero_grad()\n", "")))
    assert second.calls == ["scheduler.step", "backward"]
    assert torch.equal(second.gradients["model.bias"], 2 * first.gradients["model.bias"])
    none, _, _ = steps(draft(LOOP.replace("    loss.backward()\n", "")))
    assert none.gradients["w"] is None and none.losses == [] and torch.equal(none.before["w"], none.after["w"])


def test_parameters_that_no_name_reaches_go_by_their_place(draft):
    text = "import torch\nopt = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)\nopt.step()\n"
    (step,) = steps(draft(text))
    assert list(step.before) == ["parameter 0"]


@pytest.mark.parametrize("scheduler", ["ReduceLROnPlateau(optimizer)", "CosineAnnealingWarmRestarts(optimizer, 2)"])
def test_schedulers_with_a_step_of_their_own_are_seen(draft, scheduler):
    text = LOOP.replace("StepLR(optimizer, step_size=1, gamma=0.1)", scheduler)
    if "Plateau" in scheduler:
        text = text.replace("scheduler.step()", "scheduler.step(loss.item())")
    assert [step.calls.count("scheduler.step") for step in steps(draft(text))] == [0, 1, 1]


def test_a_scheduler_of_schedulers_steps_once(draft):
    parts = "SequentialLR(optimizer, [ConstantLR(optimizer), ExponentialLR(optimizer, 0.5)], milestones=[1])"
    text = LOOP.replace("torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.1)", parts)
    text = text.replace("from torch import nn", "from torch import nn\nfrom torch.optim.lr_scheduler import *")
    assert [step.calls.count("scheduler.step") for step in steps(draft(text))] == [0, 1, 1]


def test_nothing_stays_watched(draft):
    watched = torch.autograd.backward, torch.optim.Optimizer.zero_grad, torch.optim.lr_scheduler.LRScheduler.step
    with pytest.raises(Unmet, match="stops on line"):
        steps(draft("x = 1\n" + LOOP + "\nhalf = 1 / x\n"), x=0)
    assert watched == (
        torch.autograd.backward, torch.optim.Optimizer.zero_grad, torch.optim.lr_scheduler.LRScheduler.step
    )  # fmt: skip
