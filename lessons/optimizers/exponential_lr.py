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

# %% snippet -> rate_shrinks_each_epoch
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
from torch.optim.optimizer import register_optimizer_step_pre_hook

from tutor.check import again, expect


def first_epoch_uses_the_first_rate(run):
    """the first step is made with a rate of 0.5"""
    rates = _rates(run)
    expect(len(rates), "the number of optimizer steps").above(0)
    mistaken = {"the scheduler stepped before the optimizer, and the first rate was never used": 0.4}
    expect(rates[0], "the rate of the first step").close_to(0.5, mistaken=mistaken)


def rate_holds_within_an_epoch(run):
    """all 5 batches of an epoch use the same rate"""
    rates = _rates(run)
    for batch, rate in enumerate(rates[:5]):
        expect(rate, f"the rate of batch {batch} in epoch 0").close_to(rates[0])


def rate_shrinks_each_epoch(run):
    """from each epoch to the next the rate is multiplied by 0.8"""
    never = {"the rate never changes: no scheduler.step() reaches this optimizer": 0.5}
    rates = _rates(run)[::5]
    expect(len(rates), "the number of epochs with a step in them").above(1)
    for epoch, rate in enumerate(rates):
        expect(rate, f"the rate in epoch {epoch}").close_to(0.5 * 0.8**epoch, mistaken=never)


def _rates(run):
    """The rate at each optimizer step of the draft, which runs once more for it."""
    rates = []
    hook = register_optimizer_step_pre_hook(lambda made, *_: rates.append(made.param_groups[0]["lr"]))
    try:
        again(run)
    finally:
        hook.remove()
    return rates


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

# %% mistake: the scheduler steps before the optimizer, so 0.5 is skipped -> first_epoch_uses_the_first_rate
# before: rate = optimizer.param_groups[0]["lr"]
scheduler.step()
# without: scheduler.step()

# %% mistake: the scheduler steps with each batch, not each epoch -> rate_holds_within_an_epoch
# without: scheduler.step()
# after: optimizer.step()
scheduler.step()

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
