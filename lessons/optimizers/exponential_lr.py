"""# A learning rate that shrinks: ExponentialLR

Each batch pulls `w` to a slightly different place. With a constant rate the last steps are as long
as the first, so `w` jumps around its best value, about 2.9, and never comes to rest. Long steps at
first and short ones later give both: a quick start and a quiet end. `ExponentialLR` multiplies the
rate by γ each time its `step()` is called:

    lrₜ = lr₀ · γᵗ          lr₀ = 0.5, γ = 0.8

    epoch 0   0.500  █████████████████████████
          1   0.400  ████████████████████
          2   0.320  ████████████████
          3   0.256  █████████████
          4   0.205  ██████████
          …
         14   0.022  █

Two objects have a `step()` now. `optimizer.step()` moves the weights, once a batch.
`scheduler.step()` moves the rate, here once an epoch, *after* the optimizer's steps. Called before
them, it shrinks the rate before the first value was ever used; torch warns, and goes on.

## Task
Let the rate be 0.5 in the first epoch and shrink by a factor of 0.8 from each epoch to the next.
Watch `w` come to rest.

## Hints
- `torch.optim.lr_scheduler.ExponentialLR` takes the optimizer and `gamma=`. Make it once, before
  the loops.
- Call its `step()` at the end of each epoch: inside the outer loop, outside the inner one.

## Takeaway
Optimizer first, then scheduler. Choose γ by the end you want, γ = (lr_end / lr₀)^(1 / epochs), and
not too small: all the rates to come add up to lr₀ / (1 − γ) and no more, so training may stop
moving before it has arrived.
"""

# %% snippet picture=curve:lr -> rate_shrinks_each_epoch
import torch

torch.manual_seed(0)
x = torch.randn(100)
y = 3 * x + torch.randn(100)

w = torch.zeros((), requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.5)

for epoch in range(15):
    rate = optimizer.param_groups[0]["lr"]
    for rows in torch.randperm(100).split(20):
        loss = (w * x[rows] - y[rows]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch:2}   lr {rate:.3f}   w {w.item():.3f}")

# %% solution
import torch

torch.manual_seed(0)
x = torch.randn(100)
y = 3 * x + torch.randn(100)

w = torch.zeros((), requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.5)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)

for epoch in range(15):
    rate = optimizer.param_groups[0]["lr"]
    for rows in torch.randperm(100).split(20):
        loss = (w * x[rows] - y[rows]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scheduler.step()
    print(f"epoch {epoch:2}   lr {rate:.3f}   w {w.item():.3f}")

# %% check
from dataclasses import replace
from functools import cache

import torch

from tutor.check import Unmet, again, beside_solution, expect, steps


def each_step_has_its_backward(run):
    """there is one `optimizer.step()` for each `backward()`"""
    for number, step in enumerate(_steps(run), 1):
        if number == 1 and "backward" not in step.calls:
            raise Unmet(
                "The first `optimizer.step()` runs before any `backward()`, and finds no gradient.",
                "Call `optimizer.step()` after `loss.backward()`.",
            )
        if "backward" not in step.calls:
            raise Unmet(
                f"`optimizer.step()` number {number} has no `backward()` of its own: it repeats the step before.",
                "Call `optimizer.step()` once after each `loss.backward()`.",
            )


def each_step_uses_its_own_batch(run):
    """each step uses the gradient of its own batch only"""
    x, y = expect(run.x).is_tensor().value, expect(run.y).is_tensor().value
    points = {"x": torch.full_like(x, 0.5), "y": torch.ones_like(y)}  # where 0.5 w should be 1, in any batch
    for number, step in enumerate(_steps(run, **points), 1):
        gradient, error = next(iter(step.gradients.values())), 0.5 * next(iter(step.before.values())) - 1
        if error.abs().max() < 1e-3:
            break
        if gradient is None or not gradient.any():
            raise Unmet(
                f"`optimizer.step()` number {number} finds no gradient: it was emptied.",
                "Call `optimizer.zero_grad()` before `loss.backward()`, never after it.",
            )
        if (gradient * error).sum() < -1e-6:
            if number == 1:
                raise Unmet(
                    "The first `optimizer.step()` moves `w * x` away from `y`.",
                    "Call `backward()` on `loss` as it is given, with no other sign.",
                )
            raise Unmet(
                f"`optimizer.step()` number {number} still uses the gradients of the batches before.",
                "Call `optimizer.zero_grad()` for each batch, before `loss.backward()`.",
            )


def first_epoch_uses_the_first_rate(run):
    """the first step is made with a rate of 0.5"""
    first = _steps(run)[0]
    if "scheduler.step" in first.calls and first.rates[0] != 0.5:
        raise Unmet(
            f"`scheduler.step()` runs before the first `optimizer.step()`, so the rate is {first.rates[0]:.4g} there.",
            "Call `scheduler.step()` at the end of each epoch, after all steps of the optimizer.",
        )
    expect(first.rates[0], "the rate of the first step").close_to(0.5)


def rate_holds_within_an_epoch(run):
    """all batches of an epoch use the same rate"""
    for epoch, rates in enumerate(_rates(run)):
        if any(rate != rates[0] for rate in rates):
            raise Unmet(
                f"Within epoch {epoch} the rate changes: {', '.join(f'{rate:.4g}' for rate in rates[:6])}.",
                "Change it once an epoch: call `scheduler.step()` after the loop over the batches, not inside it.",
            )


def rate_shrinks_each_epoch(run):
    """from each epoch to the next the rate is multiplied by 0.8"""
    rates = [batches[0] for batches in _rates(run)]
    expect(len(rates), "the number of epochs with a step in them").above(1)
    factor = rates[1] / rates[0]
    if all(rate == rates[0] for rate in rates):
        raise Unmet(
            f"The rate is {rates[0]:.4g} in all {len(rates)} epochs.",
            "Make an `ExponentialLR` of this optimizer, and call its `step()` at the end of each epoch.",
        )
    expected = [0.5 * 0.8**epoch for epoch in range(len(rates))]
    mistaken = {
        "it shrinks one epoch late": [0.5, *expected[:-1]],
        "it shrinks twice in each epoch: `scheduler.step()` runs twice": [0.5 * 0.64**e for e in range(len(rates))],
        f"it is multiplied by {factor:.4g} from epoch to epoch": [0.5 * factor**e for e in range(len(rates))],
    }
    expect(rates, "the rate by epoch").close_to(expected, rtol=1e-4, atol=1e-9, mistaken=mistaken)


def w_comes_to_rest(run):
    """`w` comes to rest near its best value"""
    try:
        anew, given = beside_solution(run)
    except Unmet:
        raise
    except Exception:  # the solution can't work with what the draft gives, such as an optimizer made by a function
        anew = given = again(run)
    x, y = given.x.flatten(), given.y.flatten()
    best, w = (x @ y / (x @ x)).item(), torch.as_tensor(expect(anew.w).is_a(torch.Tensor, float).value).mean().item()
    if not abs(w - best) < 0.1 + 0.1 * abs(best):
        raise Unmet(
            f"`w` ends at {w:.4g}; its best value is {best:.4g}.",
            "Only `optimizer.step()` should change `w`: does anything set it back?",
        )


@cache
def _steps(run, **changes):
    """The steps of `w`, each with all that was called since the one before.

    Others may be there to compare with: those of the optimizer whose rate changes count.
    """
    every = steps(run, **changes)
    own = [step for step in every if "w" in step.before] or every
    changing = {id(step.optimizer) for step in own if step.rates != own[0].rates}
    if len(changing) == 1:
        own = [step for step in own if id(step.optimizer) in changing]
    if not own:
        raise Unmet("`optimizer.step()` never ran.", "Call it for each batch, after `loss.backward()`.")
    places, merged, calls = {id(step) for step in own}, [], []
    for step in every:
        calls += step.calls
        if id(step) in places:
            merged.append(replace(step, calls=calls))
            calls = []
    return merged


@cache
def _rates(run):
    """The rates of the draft's steps, a list for each epoch."""
    rates = [step.rates[0] for step in _steps(run)]
    size = _batches(run) or next((place for place, rate in enumerate(rates) if rate != rates[0]), len(rates))
    return [rates[start : start + size] for start in range(0, len(rates), size)]


def _batches(run):
    """How many batches an epoch has: one ends when each target was used, or one is used again. 0 if that isn't seen."""
    used = []
    targets = run.y.detach().clone().requires_grad_().clone()
    targets.register_hook(lambda gradient: used.append(gradient != 0))
    try:
        again(run, y=targets)
    except Unmet:  # it needs targets without a gradient
        return 0
    batches, covered = [], torch.zeros_like(targets, dtype=torch.bool)
    for batch in used:
        if any(torch.equal(batch, other) for other in batches):  # to compare with, another `w` learns from it too
            continue
        if (batch & covered).any():
            break
        batches.append(batch)
        covered |= batch
    return len(batches)


# %% right: LambdaLR with the power
# in place of: scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.8**epoch)

# %% right: StepLR that steps each epoch
# in place of: scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.8)

# %% right: the rate set by hand
# without: scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)
# in place of: scheduler.step()
optimizer.param_groups[0]["lr"] *= 0.8

# %% right: a DataLoader, other batches, another number of epochs
# in place of: for epoch in range(15):
# in place of: rate = optimizer.param_groups[0]["lr"]
# in place of: for rows in torch.randperm(100).split(20):
# in place of: loss = (w * x[rows] - y[rows]).square().mean()
# in place of: optimizer.zero_grad()
# in place of: loss.backward()
# in place of: optimizer.step()
# in place of: scheduler.step()
# in place of: print(f"epoch {epoch:2}   lr {rate:.3f}   w {w.item():.3f}")
from torch.utils.data import DataLoader, TensorDataset

loader = DataLoader(TensorDataset(x, y), batch_size=30, shuffle=True, drop_last=True)
for number in range(1, 21):
    for some_x, some_y in loader:
        loss = (w * some_x - some_y).square().mean()
        loss.backward()
        optimizer.step()
        w.grad = None
    scheduler.step()

# %% right: a constant rate in the same loop, to compare with
# after: scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)
v = torch.zeros((), requires_grad=True)
constant = torch.optim.SGD([v], lr=0.5)
# in place of: loss.backward()
constant.zero_grad()
loss.backward()
(v * x[rows] - y[rows]).square().mean().backward()
constant.step()

# %% right: a function that trains with any factor, and other data
# in place of: torch.manual_seed(0)
torch.manual_seed(11)
# in place of: y = 3 * x + torch.randn(100)
y = torch.randn(100) - 5 * x


# in place of: w = torch.zeros((), requires_grad=True)
# in place of: optimizer = torch.optim.SGD([w], lr=0.5)
# in place of: scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)
def train(gamma):
    w = torch.zeros((), requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.5)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=gamma)
    for _ in range(15):
        for rows in torch.randperm(100).split(20):
            optimizer.zero_grad()
            (w * x[rows] - y[rows]).square().mean().backward()
            optimizer.step()
        scheduler.step()
    return w


# in place of: for epoch in range(15):
# in place of: rate = optimizer.param_groups[0]["lr"]
# in place of: for rows in torch.randperm(100).split(20):
# in place of: loss = (w * x[rows] - y[rows]).square().mean()
# in place of: optimizer.zero_grad()
# in place of: loss.backward()
# in place of: optimizer.step()
# in place of: scheduler.step()
# in place of: print(f"epoch {epoch:2}   lr {rate:.3f}   w {w.item():.3f}")
jumping = train(gamma=1.0)
w = train(gamma=0.8)
assert abs(w.item() + 5) < 1


# %% right: the optimizer is made by a function
# in place of: optimizer = torch.optim.SGD([w], lr=0.5)
def make_optimizer(parameter, rate):
    return torch.optim.SGD([parameter], lr=rate)


optimizer = make_optimizer(w, 0.5)

# %% right: the number of the epoch decides
# in place of: scheduler.step()
scheduler.step(epoch + 1)

# %% mistake: the scheduler steps before the optimizer, so 0.5 is skipped -> first_epoch_uses_the_first_rate
# before: rate = optimizer.param_groups[0]["lr"]
scheduler.step()
# without: scheduler.step()

# %% mistake: the scheduler steps with each batch, not each epoch -> rate_holds_within_an_epoch
# without: scheduler.step()
# after: optimizer.step()
scheduler.step()

# %% mistake: the epochs are right, and the rate changes after their first batch -> rate_holds_within_an_epoch
# without: scheduler.step()
# after: optimizer.step()
if optimizer.param_groups[0]["lr"] == rate:
    scheduler.step()

# %% mistake: 0.4 from the beginning -> first_epoch_uses_the_first_rate
# in place of: optimizer = torch.optim.SGD([w], lr=0.5)
optimizer = torch.optim.SGD([w], lr=0.4)

# %% mistake: no zero_grad(): the gradients of all batches add up -> each_step_uses_its_own_batch
# without: optimizer.zero_grad()

# %% mistake: zero_grad() once an epoch -> each_step_uses_its_own_batch
# without: optimizer.zero_grad()
# after: rate = optimizer.param_groups[0]["lr"]
optimizer.zero_grad()

# %% mistake: zero_grad() between backward() and step() -> each_step_uses_its_own_batch
# without: optimizer.zero_grad()
# after: loss.backward()
optimizer.zero_grad()

# %% mistake: two steps with each gradient -> each_step_has_its_backward
# after: optimizer.step()
optimizer.step()

# %% mistake: step() before backward() -> each_step_has_its_backward
# before: loss.backward()
optimizer.step()
# without: optimizer.step()

# %% mistake: the loss is made larger -> each_step_uses_its_own_batch
# in place of: loss.backward()
(-loss).backward()

# %% mistake: the factor is 0.9 -> rate_shrinks_each_epoch
# in place of: scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)

# %% mistake: epoch 1 has the rate of epoch 0 once more -> rate_shrinks_each_epoch
# in place of: scheduler.step()
scheduler.step(epoch)

# %% mistake: the scheduler steps twice an epoch -> rate_shrinks_each_epoch
# after: scheduler.step()
scheduler.step()

# %% mistake: the scheduler belongs to another optimizer -> rate_shrinks_each_epoch
# in place of: scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)
scheduler = torch.optim.lr_scheduler.ExponentialLR(torch.optim.SGD([w], lr=0.5), gamma=0.8)

# %% mistake: w starts anew in each epoch -> w_comes_to_rest
# after: rate = optimizer.param_groups[0]["lr"]
w.data.zero_()

# %% mistake: the scheduler exists, but nobody calls its step() -> rate_shrinks_each_epoch
# without: scheduler.step()

# %% mistake: the rate is computed and printed, and the optimizer never hears of it -> rate_shrinks_each_epoch
# without: scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)
# in place of: rate = optimizer.param_groups[0]["lr"]
rate = 0.5 * 0.8**epoch
# without: scheduler.step()

# %% question third_step
"""Three steps of the scheduler, each after one of the optimizer. Which rate comes next?

- [0.25]: that is after two steps
- [0.125]
- [0.5]: each step multiplies the rate as it is now, not the first one
- [-0.5]: the rate is multiplied by γ; taking 0.5 off three times would be another schedule

1 · 0.5³ = 0.125. `get_last_lr()` gives a list, with one rate for each parameter group.
"""
import torch

w = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=1.0)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
for _ in range(3):
    optimizer.step()
    scheduler.step()
print(scheduler.get_last_lr())

# %% question how_far
"""The slope is 1 everywhere, so each step moves `w` by exactly the rate. How far does `w` get in 50
steps, from 0?

- 50.0: that would be a constant rate of 1
- 1.0: that is the first step alone
- 2.0
- 25.0: half of the way of a constant rate; but it is the rate that halves, each time anew

1 + ½ + ¼ + … comes to lr₀ / (1 − γ) = 2. A goal at 3 would never be reached, however long you
train.
"""
import torch

w = torch.tensor(0.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=1.0)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
for _ in range(50):
    optimizer.zero_grad()
    (-w).backward()
    optimizer.step()
    scheduler.step()
print(round(w.item(), 3))

# %% question which_gamma
"""The rate should fall to a tenth in 20 epochs. Which `gamma`?

- 0.1: so much is lost in a single epoch
- 0.995: that is 1 − 0.1/20, and leaves nine tenths after 20 epochs
- 0.05: one twentieth of the rate would be left after one epoch
- 0.891

γ²⁰ = 0.1, so γ is the 20th root of 0.1. For 100 epochs it would be 0.977.
"""
import torch

w = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=1.0)
gamma = 0.1 ** (1 / 20)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
for _ in range(20):
    optimizer.step()
    scheduler.step()
assert abs(scheduler.get_last_lr()[0] - 0.1) < 1e-9
print(round(gamma, 3))

# %% question curve_among_four: match the curve
"""Which scheduler draws this curve?

- [x] `ExponentialLR(optimizer, gamma)`
- `StepLR(optimizer, step_size=5, gamma=gamma**5)`: that is a staircase, which waits five epochs before each fall
- `LinearLR(optimizer, 1.0, gamma**20, total_iters=20)`: that is a straight line: it falls by the same amount each time
- `CosineAnnealingLR(optimizer, T_max=20)`: that is flat at both ends, and steep in the middle

It falls by the same share each time, so it is steep at first and flat at the end.
"""
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, LinearLR, StepLR

gamma = 0.8  # fresh: 0.75, 0.8, 0.85
optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
scheduler = ___
for _ in range(20):
    optimizer.step()
    scheduler.step()

# %% question gamma_from_curve: match the curve
"""Look for the epoch at which half of the rate is left. Which `gamma` draws this curve?

- [x] `0.9`
- `0.5`: then half is left after one epoch
- `0.8`: then half is left after three epochs
- `0.97`: then half is left only after 23 epochs

0.9⁷ = 0.48, so seven epochs leave about half, and the next seven leave half of that.
"""
import torch
from torch.optim.lr_scheduler import ExponentialLR

lr = 0.1  # fresh: 0.1, 0.2, 0.4
optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
scheduler = ExponentialLR(optimizer, gamma=___)
for _ in range(30):
    optimizer.step()
    scheduler.step()

# %% question gamma_for_an_end: write gamma
"""After `epochs` steps of `ExponentialLR` the rate should have gone from `start` to `end`. Write `gamma`.

- `end / start`: that would be there after a single step
- `end / start / epochs`: factors multiply, so the share of each is a root and not a quotient
- `(start / end) ** (1 / epochs)`: that is above 1, and the rate would grow
- `1 - (start - end) / epochs`: that would take off the same amount each time

`gamma` to the power of `epochs` has to be end / start; so it is the root of that.
"""
epochs = 20  # fresh: 10..40
start = 0.5  # fresh: 0.1, 0.5
end = 0.001  # fresh: 0.01, 0.001
gamma = (end / start) ** (1 / epochs)

# %% question scheduler_first: predict used
"""The scheduler steps before the optimizer. With which rates does the optimizer take its three steps?

- `[1.0, round(gamma, 3), round(gamma**2, 3)]`: that needs the other order, the optimizer first
- `[1.0, 1.0, round(gamma, 3)]`: a scheduler acts at once, and doesn't wait for the next epoch
- `[1.0, 1.0, 1.0]`: the warning stops nothing; the rate is multiplied all the same

The first rate is gone before it was ever used, and the whole schedule is one epoch early.
"""
import warnings

import torch

warnings.simplefilter("ignore")  # torch warns of this order, and goes on
gamma = 0.5  # fresh: 0.5, 0.8, 0.9
w = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=1.0)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
used = []
for _ in range(3):
    scheduler.step()
    used.append(round(optimizer.param_groups[0]["lr"], 3))
    optimizer.step()

# %% question step_in_the_inner_loop: predict round(scheduler.get_last_lr()[0], 3)
"""`scheduler.step()` got into the inner loop. Which rate is left at the end?

- `round(0.9**epochs, 3)`: that is one step for each epoch; here it is one for each batch
- `round(0.9**batches, 3)`: that is where the rate stands after the first epoch
- `round(0.9 ** (epochs + batches), 3)`: in each epoch there are as many steps as batches
- `1.0`: the rate doesn't begin anew with an epoch

The scheduler counts its own steps and knows nothing of epochs. A `gamma` chosen for epochs makes the rate fall
much too early.
"""
import torch

epochs = 3  # fresh: 2..4
batches = 5  # fresh: 5..7
w = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=1.0)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
for _ in range(epochs):
    for _ in range(batches):
        optimizer.step()
        scheduler.step()

# %% question rate_never_shrinks: find the line
"""The rate should be multiplied by `gamma` after each step, but all steps are equally long. Which line is at fault?

`SGD(…, lr=lr)` takes the number and keeps it in its `param_groups`; the name `lr` is only yours.
"""
import torch

gamma = 0.8  # fresh: 0.5, 0.8, 0.9
lr = 0.5
w = torch.tensor(0.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=lr)  # fine: the first rate is 0.5
for _ in range(5):
    optimizer.zero_grad()
    (-w).backward()  # fine: the slope is 1 everywhere, so a step is as long as the rate
    optimizer.step()
    lr = lr * gamma  # at fault: optimizer.param_groups[0]["lr"] *= gamma
    print(round(w.item(), 3))

# %% question two_steps_in_order: order
"""Put the lines of this loop in order: the first step of `w` is to have the first rate.

The scheduler comes after the optimizer, so that each rate is used before it shrinks.
"""
import torch

w = torch.tensor(4.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.4)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
for _ in range(3):
    optimizer.zero_grad()  # step
    loss = w.square()  # step
    loss.backward()  # step
    optimizer.step()  # step
    scheduler.step()  # step
print(w.item())

# %% question who_changes_the_rate: choose all
"""`lr = 0.1`, `optimizer = SGD([w], lr=lr)`, and a scheduler for it; `saved` is the optimizer's state, from an earlier
epoch. Which of these change the rate of the next step?

- [x] `scheduler.step()`: that is its only task
- [x] `optimizer.param_groups[0]["lr"] = 0.01`: this is where the optimizer reads its rate
- `lr = 0.01`: the optimizer has its own copy of the number
- `scheduler.get_last_lr()`: that only tells the rate
- [x] `optimizer.load_state_dict(saved)`: the rate is in the state, with the other settings of each group

The rate lives in the `param_groups` of the optimizer, and nowhere else.
"""
