"""# The whole training loop

Training is five lines, repeated. Each does one thing, and their order is the whole art:

    optimizer.zero_grad()          empty gradients
    prediction = model(x)          what it says now
    loss = loss_fn(prediction, y)  how wrong that is
    loss.backward()                which way to move
    optimizer.step()               move, a little

Leave out the first or one of the last two, and nothing fails and nothing warns; the numbers on
screen are all you have. Without `backward()` or `step()` the loss stays where it was. Without
`zero_grad()` each gradient is added to all earlier ones, so the steps grow too long, and the loss
swings up and down.

The data are made on the spot: points on the line y = 2x − 1, plus noise. A model whose answer you
know is the best first test of any loop: the weight must come out near 2 and the bias near −1, and
the loss must fall to about 0.01, the noise squared.

## Task
The loop below only looks. Make it learn.

## Hints
- Three of the five lines are missing. The loss has a method that fills the gradients.
- The optimizer has two: one empties the gradients, one moves the parameters.
- Empty them anywhere except between `backward()` and `step()`.

## Takeaway
zero_grad, forward, loss, backward, step. When a training doesn't learn, print the loss first: flat
means that no step arrives; swinging means that the steps are too long, by the rate or by gradients
never emptied.
"""

# %% snippet -> backward_runs
import torch
from torch import nn

torch.manual_seed(0)
x = torch.linspace(-1, 1, 50).unsqueeze(1)
y = 2 * x - 1 + 0.1 * torch.randn(50, 1)

model = nn.Linear(1, 1)
loss_fn = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for step in range(100):
    prediction = model(x)
    loss = loss_fn(prediction, y)
    if step % 10 == 0:
        print(f"step {step:2}   loss {loss.item():.4f}")

print(model.weight.item(), model.bias.item())

# %% solution
import torch
from torch import nn

torch.manual_seed(0)
x = torch.linspace(-1, 1, 50).unsqueeze(1)
y = 2 * x - 1 + 0.1 * torch.randn(50, 1)

model = nn.Linear(1, 1)
loss_fn = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for step in range(100):
    optimizer.zero_grad()
    prediction = model(x)
    loss = loss_fn(prediction, y)
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(f"step {step:2}   loss {loss.item():.4f}")

print(model.weight.item(), model.bias.item())

# %% check
from typing import NamedTuple

import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook

from tutor.check import Unmet, again, expect, series


def backward_runs(run):
    """`backward()` runs in every step"""
    if len(series(run, "loss")) < 2:
        raise Unmet(
            "No loop over `backward()` was seen, so there are no gradients to learn from.",
            "Call `loss.backward()` inside the loop, once the loss is known.",
        )


def steps_find_gradients(run):
    """`optimizer.step()` follows it, and finds the gradients"""
    steps = _steps(run)
    if len(steps) < 2:
        raise Unmet(
            "No loop over `optimizer.step()` was seen: the gradients are there, and nothing moves.",
            "Call `optimizer.step()` inside the loop, after `loss.backward()`.",
        )
    for name, _ in run.model.named_parameters():
        if name not in steps[0]:
            raise Unmet(f"The optimizer does not hold `model.{name}`.", "Give it `model.parameters()`.")
    for found in [found for step in steps[:2] for found in step.values()]:
        if found.grad is None or not found.grad.any():
            raise Unmet(
                "`optimizer.step()` finds no gradients, and moves nothing.",
                "`backward()` fills them, so it comes first; `zero_grad()` empties them: never between the two.",
            )


def gradients_start_fresh(run):
    """each step uses the gradients of its own loss only"""
    first, second = _steps(run)[:2]
    if all(torch.equal(first[name].grad, second[name].grad) for name in first):
        raise Unmet(
            "The second `optimizer.step()` moves by the gradients of the first once more.",
            "Call `optimizer.step()` once after each `backward()`.",
        )
    weights = {name: found.value.requires_grad_() for name, found in first.items()}
    loss = nn.functional.mse_loss(torch.func.functional_call(run.model, weights, (run.x,)), run.y)
    for name, fresh in zip(weights, torch.autograd.grad(loss, list(weights.values())), strict=True):
        added = first[name].grad + fresh
        if torch.allclose(second[name].grad, added, rtol=1e-3):  # only this: a batch of x has other gradients
            raise Unmet(
                "The gradients of the second step still hold those of the first: nothing emptied them.",
                "Call `optimizer.zero_grad()` in every step, before `backward()`.",
            )


def line_is_found(run):
    """the weight comes out near 2 and the bias near -1"""
    expect(run.model.weight, "model.weight").close_to([[2.0]], rtol=0, atol=0.1)
    expect(run.model.bias, "model.bias").close_to([-1.0], rtol=0, atol=0.1)


class _Found(NamedTuple):
    grad: torch.Tensor | None
    """What the step used."""
    value: torch.Tensor
    """What it made of the parameter."""


def _steps(run):
    """What each optimizer step of the draft, run once more, leaves, by the name of the parameter."""
    seen = []

    def look(optimizer, *_):
        held = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        copies = [(p, p.grad if p.grad is None else p.grad.clone(), p.detach().clone()) for p in held]
        seen.append({id(p): _Found(grad, value) for p, grad, value in copies})

    hook = register_optimizer_step_post_hook(look)
    try:
        names = {id(p): name for name, p in again(run).model.named_parameters()}
    finally:
        hook.remove()
    return [{names[key]: found for key, found in step.items() if key in names} for step in seen]


# %% right: gradients emptied after the step
# without: optimizer.zero_grad()
# after: optimizer.step()
optimizer.zero_grad()

# %% right: the model empties them, and the loss is a function
# in place of: optimizer.zero_grad()
model.zero_grad()
# in place of: loss = loss_fn(prediction, y)
loss = nn.functional.mse_loss(prediction, y)

# %% right: more steps, and another rate
# in place of: optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
# before: optimizer.zero_grad()
assert model.training

# %% mistake: no backward(): step() finds no gradients, and moves nothing -> backward_runs
# without: loss.backward()

# %% mistake: no step(): the gradients are there, and nobody uses them -> steps_find_gradients
# without: optimizer.step()

# %% mistake: no zero_grad(): each step adds all the earlier gradients to its own -> gradients_start_fresh
# without: optimizer.zero_grad()

# %% mistake: zero_grad() between backward() and step() throws the gradients away -> steps_find_gradients
# without: optimizer.zero_grad()
# after: loss.backward()
optimizer.zero_grad()

# %% mistake: step() before backward(), just after the gradients were emptied -> steps_find_gradients
# after: loss = loss_fn(prediction, y)
optimizer.step()
# without: optimizer.step()

# %% mistake: the loop is right, and the rate too small to arrive in 100 steps -> line_is_found
# in place of: optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.001)

# %% question no_zero_grad
"""A loop without `zero_grad()`. The slope of the loss is 1 everywhere. Where does `w` stand after
three steps?

- 0.7: with `zero_grad()` it would; each step would then use a gradient of 1
- 0.9: that is after the first step
- 0.4
- 0.1: the gradients are 1, 2 and 3, not three times 3

Gradients add up to 1, 2, 3, so the steps are 0.1, 0.2 and 0.3 long: 1 − 0.6.
"""
import torch

w = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for _ in range(3):
    loss = 1 * w
    loss.backward()
    optimizer.step()
print(round(w.item(), 3))

# %% question constant_loss
"""The loop prints loss 2.8912, 2.8912, 2.8912 … What can be the reason?

- `zero_grad()` is missing: then the steps grow, and the loss swings up and down
- [x] `optimizer.step()` is missing, so the parameters never move
- The rate is a little too small: then the loss would still fall, only slowly
- The data have noise: noise keeps the loss from reaching 0, not from falling

Flat to the last digit means that no parameter moves at all: look for a missing `step()` or
`backward()`, or for an optimizer that holds the parameters of another model.
"""

# %% question zero_grad_too_late
"""`zero_grad()` between `backward()` and `step()`. What does the program print?

- 0.8 None: for that, `step()` must come before `zero_grad()`
- 1.0 2.0: `zero_grad()` emptied the gradient
- 0.8 2.0: `step()` found no gradient left to use
- 1.0 None

The derivative of w² was 2, until `zero_grad()` set `.grad` to None. `step()` passes over a
parameter without a gradient and says nothing.
"""
import torch

w = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
(w**2).backward()
optimizer.zero_grad()
optimizer.step()
print(w.item(), w.grad)

# %% question five_lines: order
"""Put the five lines of the loop in order.

First what the last round left is cleared; then predict, compare, find the slopes, and move.
"""
import torch
from torch import nn

torch.manual_seed(0)
x = torch.linspace(-1, 1, 20).unsqueeze(1)
y = 3 * x + 2
model, loss_fn = nn.Linear(1, 1), nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(50):
    optimizer.zero_grad()  # step
    prediction = model(x)  # step
    loss = loss_fn(prediction, y)  # step
    loss.backward()  # step
    optimizer.step()  # step
print(model.weight.item(), model.bias.item())

# %% question loss_after_the_step: predict round(loss.item(), 3)
"""One whole round of training, then a look at `loss`. What does it hold?

- `round(w.item() ** 2, 3)`: that is the loss of `w` as it is now, which nobody has computed yet
- `round(w.item(), 3)`: that is `w` after the step
- `2 * start`: that is the gradient

`loss` was computed before the step, and doesn't follow `w`. So what a loop prints after `step()` belongs to the
parameters before it.
"""
import torch

start = 4.0  # fresh: 3.0, 4.0, 5.0, 6.0, 7.0
w = torch.tensor(start, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.25)
optimizer.zero_grad()
loss = w**2
loss.backward()
optimizer.step()

# %% question steps_in_all: predict steps
"""How many steps does the optimizer take?

- `epochs * (samples // size)`: the last batch of an epoch is smaller, and gets a step as well
- `epochs * samples`: there is one step for each batch, not for each sample
- `epochs`: that would be one step for all samples together
- `samples // size + 1`: that is one epoch

In each epoch as many as there are batches, the last and smaller one included.
"""
import torch

samples = 100  # fresh: 90, 100, 110
size = 32  # fresh: 8, 16, 32
epochs = 3  # fresh: 2..4
w = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
steps = 0
for _ in range(epochs):
    for batch in torch.randn(samples).split(size):
        optimizer.zero_grad()
        (batch - w).square().mean().backward()
        optimizer.step()
        steps += 1

# %% question memory_grows: find the line
"""With each round this program needs more memory. Which line is at fault?

A sum of losses that are tensors keeps the graph of each round alive. `.item()` takes the number alone.
"""
import torch

w = torch.tensor(4.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
total = 0.0
for _ in range(5):
    loss = w.square()  # fine: a new graph each round, and the old one goes with the old loss
    optimizer.zero_grad()
    loss.backward()  # fine: this even frees what the graph had saved
    optimizer.step()
    total += loss  # at fault: total += loss.item()
print(total)

# %% question batch_in_parts: fill the blank
"""Gradient accumulation: the batch is too large, so it comes in parts, and there is one step for all. Make `w.grad` the
gradient that the whole batch would give.

- [x] `parts`
- `1`: the gradients of all parts are added, so the sum is too large
- `len(part)`: `mean` has divided by that already
- `len(x)`: `mean` has divided by the size of a part already

The mean of the whole batch is the mean of the means of its equal parts, so each loss is divided by their number.
"""
import torch

parts = 3  # fresh: 2..4
x = torch.arange(1.0, 25.0)
w = torch.tensor(2.0, requires_grad=True)
for part in x.split(24 // parts):
    divisor = ___
    loss = (w * part).mean() / divisor
    loss.backward()
print(round(w.grad.item(), 3), x.mean().item())

# %% question step_by_hand: write moved
"""Write `moved`: where a step of plain SGD with the rate `lr` takes `w`.

- `w + lr * gradient`: that goes uphill, for the gradient points to where the loss grows
- `w - gradient`: that leaves out the rate
- `-lr * gradient`: that is the step, and not where it leads
- `w * (1 - lr)`: how far it goes depends on the gradient, not on `w`

`step()` does no more than this, for each parameter.
"""
import torch

n = 3  # fresh: 2..5
lr = 0.1  # fresh: 0.1, 0.25, 0.5
w, gradient = 2 + torch.rand(n), torch.rand(n)
moved = w - lr * gradient

# %% question what_moves_parameters: choose all
"""Which of these change the parameters of `model`?

- `loss.backward()`: it fills `.grad`, and moves nothing
- [x] `optimizer.step()`: it moves each parameter that has a gradient
- `optimizer.zero_grad()`: it clears the gradients, not the parameters
- `model.train()`: it trains nothing; it only tells layers such as dropout how to behave
- [x] `model.load_state_dict(saved)`: it puts in the saved numbers

What the other lines prepare, `step()` does.
"""
