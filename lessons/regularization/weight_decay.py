"""# Weight decay on weights, not on biases

`weight_decay=λ` makes an optimizer shrink its parameters a little at every step. SGD adds it to the
gradient,

    gradient ← gradient + λ·w

so each step also multiplies `w` by 1 − lr·λ: a pull towards 0.

On weights this helps: small weights react less to noise in the input, and the model overfits less.
A bias reacts to no input; it only moves the output up or down. To pull it towards 0 is to pull
every prediction towards 0.

The targets of this lesson are centred on 10, so the bias should become 10. With λ = 0.5 on
everything the optimizer stops where the two pulls are equal, and the bias ends at 8:

    2 (b − 10) + 0.5 · b = 0      b = 20 / 2.5 = 8

Options such as `lr` and `weight_decay` can differ between **parameter groups**: give the optimizer
a list of dicts, each with its own `"params"`. A group without a value of its own takes the one
given to all.

    SGD([{"params": [...], "weight_decay": 0.1},
         {"params": [...]}], lr=0.1)

## Task
Keep the decay of 0.5 on the weight, take it off the bias, and go on training both.

## Hints
- You need two groups: one for `model.weight`, one for `model.bias`. Each `"params"` is a list.
- A `weight_decay=` given to the optimizer itself holds for all groups that don't say otherwise.
- `"weight_decay": 0.0` in the group of the bias says otherwise.

## Takeaway
In a real model, sort `model.parameters()` by `p.ndim`: matrices and kernels (`ndim >= 2`) decay;
biases and the scales of norm layers (`ndim == 1`) don't. Then count the parameters of all groups,
so that none is left out.
"""

# %% snippet -> bias_is_free
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(64, 2)
x -= x.mean(0)
y = x @ torch.tensor([[3.0], [-1.0]]) + 10

model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.5)

for _ in range(200):
    optimizer.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()

print(model.weight.data, model.bias.data)

# %% solution
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(64, 2)
x -= x.mean(0)
y = x @ torch.tensor([[3.0], [-1.0]]) + 10

model = nn.Linear(2, 1)
groups = [
    {"params": [model.weight], "weight_decay": 0.5},
    {"params": [model.bias], "weight_decay": 0.0},
]
optimizer = torch.optim.SGD(groups, lr=0.1)

for _ in range(200):
    optimizer.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()

print(model.weight.data, model.bias.data)

# %% check
import copy
from functools import cache

import torch
from torch import nn

from tutor.check import Unmet, again, expect, steps


def both_are_trained(run):
    """steps of an optimizer move both parameters of `model`"""
    if not _steps(run):
        raise Unmet("`optimizer.step()` never runs.", "Call it in every round, after `backward()`.")
    for name in ("model.weight", "model.bias"):
        own = [step for step in _steps(run) if name in step.before]
        if not own:
            raise Unmet(
                f"No optimizer step moves `{name}`: it keeps the value that it began with.",
                "Put it into one of the groups. A second optimizer needs a `step()` of its own.",
            )
        if torch.equal(own[0].before[name], own[-1].after[name]):
            if not any(step.gradients[name] is not None for step in own):
                raise Unmet(
                    f"`optimizer.step()` never finds a gradient for `{name}`, and doesn't move it.",
                    "Does it require gradients, and does `zero_grad()` come before `backward()`?",
                )
            raise Unmet(f"`{name}` has gradients, and no step moves it.", "Is the learning rate of its group 0?")


def gradients_start_fresh(run):
    """each step uses the gradients of its own `backward()`"""
    target = 10.0
    x, y = expect(run.x).is_tensor().value, expect(run.y).is_tensor().value
    calls, since = [], {}
    for step in steps(run, x=torch.zeros_like(x), y=torch.full_like(y, target)):  # what `model` says is its bias
        calls += step.calls
        names = tuple(step.before)
        if "backward" not in calls[since.get(names, 0) :] and "model.bias" in names:
            raise Unmet(
                "`optimizer.step()` runs without a `backward()` since the last one: the same gradients are used again.",
                "Call `step()` once after each `backward()`.",
            )
        since[names] = len(calls)
        gradient = step.gradients.get("model.bias")
        if gradient is not None and (gradient * (step.before["model.bias"] - target)).sum() < -1e-3:
            raise Unmet(
                "The gradients of earlier steps are still there when `optimizer.step()` runs.",
                "Call `optimizer.zero_grad()` in every round, before `backward()`.",
            )


def bias_is_free(run):
    """the bias doesn't decay, and arrives at the mean of the targets"""
    decay = _decay(run, "model.bias")
    if decay:
        raise Unmet(
            f"The optimizer's group that holds `model.bias` has a `weight_decay` of {decay:g}; expected 0.",
            'Give the bias a group of its own, with `"weight_decay": 0.0`.',
        )
    end, rest = _from_rest(run).model.bias.item(), _at_rest(run)[2].bias.item()
    if not abs(end - rest) < 0.06 * abs(rest):
        raise Unmet(
            f"Something besides the loss pulls `model.bias`: for targets around {rest:.4g} it ends at {end:.4g}.",
            "Leave the bias out of every penalty and decay, in all steps.",
        )
    own, best = [step for step in _steps(run) if "model.bias" in step.before], run.y.mean()
    begin, end = own[0].before["model.bias"], own[-1].after["model.bias"]
    if not (end - best).abs() < 0.2 * (begin - best).abs():
        raise Unmet(
            f"`model.bias` ends at {end.item():.4g}, still far from the mean of the targets, {best.item():.4g}.",
            "Take more steps, or a larger learning rate.",
        )


def weight_still_decays(run):
    """the weight is as small as a decay of 0.5 makes it"""
    decay = _decay(run, "model.weight")
    if decay not in (0, 0.5):
        raise Unmet(
            f"The optimizer's group that holds `model.weight` has a `weight_decay` of {decay:g}; expected 0.5.",
            'Write `"weight_decay": 0.5` in the group of the weight.',
        )
    x, y, model = _at_rest(run)
    end, rest, free = _from_rest(run).model.weight, model.weight, torch.linalg.lstsq(x, y - y.mean()).solution.T
    if (end - rest).abs().max() < 0.06 * rest.abs().max():
        return
    if (end - free).abs().max() < 0.06 * free.abs().max():
        raise Unmet(
            "`model.weight` does not decay any more.",
            'Write `"weight_decay": 0.5` in its group; only the group of the bias gets 0.',
        )
    strength = "less" if end.norm() > rest.norm() else "more"
    raise Unmet(
        f"`model.weight` is pulled towards 0 {strength} than by a decay of 0.5.",
        "Let nothing but `weight_decay=0.5` make it decay.",
    )


@cache
def _steps(run):
    """The steps of the draft, run once more."""
    return steps(run)


def _decay(run, name):
    """The largest decay of the groups that hold a parameter; 0 if there is none."""
    decays = [0.0]
    for step in _steps(run):
        groups = [group for group in step.optimizer.param_groups for _ in group["params"]]
        decays += [
            group.get("weight_decay", 0.0) for own, group in zip(step.before, groups, strict=True) if own == name
        ]
    return max(decays, key=abs)


@cache
def _at_rest(run):
    """Data, and a model where plain SGD leaves it, if the weight decays by 0.5 and the bias is free.

    There 2/n xᵀ(xw + b − y) + 0.5 w = 0, with x centred and b the mean of y.
    """
    model = copy.deepcopy(expect(run.model).is_a(nn.Linear).value)
    x = run.x.detach() - run.x.detach().mean(0)
    weight = 20.0 * (-1.0) ** torch.arange(x.shape[1]).unsqueeze(1)
    pull = 2 / len(x) * x.T @ x
    with torch.no_grad():
        model.weight.copy_(torch.linalg.solve(pull + 0.5 * torch.eye(len(pull)), pull @ weight).T)
        model.bias.fill_(-30.0)
    return x, x @ weight - 30, model


@cache
def _from_rest(run):
    """What the draft leaves when it starts there."""
    x, y, model = _at_rest(run)
    return again(run, x=x, y=y, model=copy.deepcopy(model))


# %% right: the decay for all, and none in the group of the bias
# in place of: groups = [
groups = [{"params": [model.weight]}, {"params": [model.bias], "weight_decay": 0}]
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
optimizer = torch.optim.SGD(groups, lr=0.1, weight_decay=0.5)

# %% right: groups by the number of dimensions, with more steps
# in place of: groups = [
decayed = [p for p in model.parameters() if p.ndim > 1]
free = [p for p in model.parameters() if p.ndim <= 1]
groups = [{"params": free}, {"params": decayed, "weight_decay": 0.5}]
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
optimizer = torch.optim.SGD(groups, lr=0.1, weight_decay=0.0)

# %% right: a group added later
# in place of: groups = [
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
optimizer = torch.optim.SGD([model.weight], lr=0.1, weight_decay=0.5)
optimizer.add_param_group({"params": [model.bias], "weight_decay": 0.0})

# %% right: an optimizer for each
# in place of: groups = [
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
optimizer = torch.optim.SGD([model.weight], lr=0.1, weight_decay=0.5)
second = torch.optim.SGD([model.bias], lr=0.1)
# in place of: optimizer.zero_grad()
model.zero_grad()
# after: optimizer.step()
second.step()

# %% right: the penalty is a part of the loss
# in place of: groups = [
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
# in place of: nn.functional.mse_loss(model(x), y).backward()
loss = nn.functional.mse_loss(model(x), y) + 0.25 * model.weight.square().sum()
loss.backward()

# %% right: other data and a smaller rate, each group with its own
# in place of: torch.manual_seed(0)
torch.manual_seed(4)
# in place of: x = torch.randn(64, 2)
x = torch.randn(100, 3)
# in place of: y = x @ torch.tensor([[3.0], [-1.0]]) + 10
y = x @ torch.tensor([[3.0], [-1.0], [5.0]]) - 40
# in place of: model = nn.Linear(2, 1)
model = nn.Linear(3, 1)
# in place of: groups = [
groups = [{"params": [model.weight], "lr": 0.02}, {"params": [model.bias]}]
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
optimizer = torch.optim.SGD(groups, lr=0.01, weight_decay=0.5)
optimizer.param_groups[1]["weight_decay"] = 0.0

# %% right: both ways beside each other, batch by batch
# before: model = nn.Linear(2, 1)
pulled = nn.Linear(2, 1)
everything = torch.optim.SGD(pulled.parameters(), lr=0.1, weight_decay=0.5)
# in place of: for _ in range(200):
# in place of: optimizer.zero_grad()
# in place of: nn.functional.mse_loss(model(x), y).backward()
# in place of: optimizer.step()
for _ in range(50):
    for rows in torch.randperm(64).split(16):
        optimizer.zero_grad()
        everything.zero_grad()
        nn.functional.mse_loss(model(x[rows]), y[rows]).backward()
        nn.functional.mse_loss(pulled(x[rows]), y[rows]).backward()
        optimizer.step()
        everything.step()
# after: print(model.weight.data, model.bias.data)
assert model.bias.item() > pulled.bias.item() + 1

# %% mistake: the bias has a group, but takes over the decay given to all -> bias_is_free
# in place of: groups = [
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
groups = [{"params": [model.weight]}, {"params": [model.bias]}]
optimizer = torch.optim.SGD(groups, lr=0.1, weight_decay=0.5)

# %% mistake: the bias is in no group, so it keeps the value it was born with -> both_are_trained
# in place of: groups = [
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
optimizer = torch.optim.SGD([model.weight], lr=0.1, weight_decay=0.5)

# %% mistake: the decay is gone for the weight too -> weight_still_decays
# in place of: groups = [
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

# %% mistake: the wrong one of the two decays -> bias_is_free
# in place of: groups = [
groups = [
    {"params": [model.weight]},
    {"params": [model.bias], "weight_decay": 0.5},
]

# %% mistake: the second optimizer never steps -> both_are_trained
# in place of: groups = [
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
optimizer = torch.optim.SGD([model.weight], lr=0.1, weight_decay=0.5)
second = torch.optim.SGD([model.bias], lr=0.1)

# %% mistake: the bias is held where it should arrive -> both_are_trained
# after: model = nn.Linear(2, 1)
model.bias.requires_grad_(False).fill_(10.0)

# %% mistake: the group of the bias has a rate of 0 -> both_are_trained
# in place of: groups = [
groups = [
    {"params": [model.weight], "weight_decay": 0.5},
    {"params": [model.bias], "weight_decay": 0.0, "lr": 0.0},
]

# %% mistake: no zero_grad(): the gradients add up -> gradients_start_fresh
# without: optimizer.zero_grad()

# %% mistake: two steps with each gradient -> gradients_start_fresh
# after: optimizer.step()
optimizer.step()

# %% mistake: the bias decays, and is set in the end -> bias_is_free
# in place of: groups = [
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.5)
# before: print(model.weight.data, model.bias.data)
model.bias.data.fill_(10.0)

# %% mistake: the decay of the bias is taken off after the training -> bias_is_free
# in place of: groups = [
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
groups = [{"params": [model.weight]}, {"params": [model.bias]}]
optimizer = torch.optim.SGD(groups, lr=0.1, weight_decay=0.5)
# before: print(model.weight.data, model.bias.data)
optimizer.param_groups[1]["weight_decay"] = 0.0

# %% mistake: the penalty in the loss pulls on the bias too -> bias_is_free
# in place of: groups = [
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
# in place of: nn.functional.mse_loss(model(x), y).backward()
penalty = 0.25 * sum(parameter.square().sum() for parameter in model.parameters())
(nn.functional.mse_loss(model(x), y) + penalty).backward()

# %% mistake: the rate is too small to arrive -> bias_is_free
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
optimizer = torch.optim.SGD(groups, lr=0.0001)

# %% mistake: another decay than before -> weight_still_decays
# in place of: groups = [
groups = [{"params": [model.weight], "weight_decay": 0.05}, {"params": [model.bias], "weight_decay": 0.0}]

# %% mistake: 0.5 times the square has a derivative twice as large -> weight_still_decays
# in place of: groups = [
# in place of: optimizer = torch.optim.SGD(groups, lr=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
# in place of: nn.functional.mse_loss(model(x), y).backward()
(nn.functional.mse_loss(model(x), y) + 0.5 * model.weight.square().sum()).backward()

# %% mistake: the penalty is in the loss and in the optimizer -> weight_still_decays
# in place of: nn.functional.mse_loss(model(x), y).backward()
(nn.functional.mse_loss(model(x), y) + 0.25 * model.weight.square().sum()).backward()

# %% question flat_loss
"""A step with a gradient of 0: what is left of `w`?

- 1.8
- 2.0: without decay, yes; decay acts even where the loss is flat
- 1.0: the decay of 0.5 is multiplied by the rate `lr` first
- 1.9: that would be `lr` · 0.5 taken once, not times `w`

Decay adds 0.5 · 2 = 1 to the gradient, and the step takes off lr · 1 = 0.2: `w` ← (1 − 0.2 · 0.5) ·
2.
"""
import torch

w = torch.tensor(2.0, requires_grad=True)
w.grad = torch.tensor(0.0)
torch.optim.SGD([w], lr=0.2, weight_decay=0.5).step()
print(round(w.item(), 3))

# %% question two_groups
"""Which decay does each of the two groups have?

- [0.0, 0.0]: a group that says nothing takes the value given to the optimizer
- [0.1, 0.1]: what a group says itself comes before the value given to all
- [0.0, 0.1]
- [0.0, None]: every group has every option once the optimizer is made

The first group says 0.0 for itself; the second takes over the 0.1.
"""
import torch
from torch import nn

layer = nn.Linear(2, 1)
groups = [{"params": [layer.bias], "weight_decay": 0.0}, {"params": [layer.weight]}]
optimizer = torch.optim.SGD(groups, lr=0.1, weight_decay=0.1)
print([group["weight_decay"] for group in optimizer.param_groups])

# %% question adam_and_decay
"""Adam puts the decay into the gradient too, then divides by the gradient's usual size. Two
weights, 1.0 and 100.0, take a step with a gradient of 0. How much does each lose?

- [0.001, 0.1]: in proportion, as in AdamW, which shrinks the weights apart from the gradient
- [0.01, 0.01]
- [0.0, 0.0]: decay acts without a gradient
- [0.1, 10.0]: that is the decay itself, without the rate

Divided by its own size, the first step is lr for both, large weight or small. AdamW exists to mend
this: its decay doesn't pass through the division.
"""
import torch

w = torch.tensor([1.0, 100.0], requires_grad=True)
w.grad = torch.zeros(2)
torch.optim.Adam([w], lr=0.01, weight_decay=0.1).step()
print([round(lost, 3) for lost in (torch.tensor([1.0, 100.0]) - w).tolist()])

# %% question where_it_rests: predict round(b.item(), 2)
"""The loss pulls `b` towards `goal`, the decay pulls it towards 0. Where does `b` come to rest?

- `float(goal)`: there the loss doesn't pull at all, and the decay still does
- `round(goal / (1 + decay), 2)`: the slope of the loss is twice the distance to `goal`
- `0.0`: there the decay doesn't pull at all, and the loss does
- `round(goal * (1 - 0.1 * decay), 2)`: that is one step of decay from `goal`, and many follow

It rests where both pull equally: 2 (b − goal) + decay · b = 0. With a large decay that is far from `goal`.
"""
import torch

goal = 10  # fresh: 4..12
decay = 0.5  # fresh: 0.5, 1.0, 3.0
b = torch.tensor(0.0, requires_grad=True)
optimizer = torch.optim.SGD([b], lr=0.1, weight_decay=decay)
for _ in range(200):
    optimizer.zero_grad()
    (b - goal).square().backward()
    optimizer.step()

# %% question as_a_penalty: write penalty
"""SGD without decay, given `loss + penalty`, should take the same steps as SGD with `weight_decay=decay`, given
`loss`. Write `penalty`.

- `decay * w.square().sum()`: its derivative is 2 · decay · w, twice what the optimizer adds
- `decay * w`: that is what is added to the gradient; wanted is a number with that derivative
- `decay * w.sum()`: its derivative is the same for all weights, large or small
- `decay * w.abs().sum()`: that is L1, which pulls small weights as hard as large ones
- `decay / 2 * w.square().mean()`: the mean makes it weaker, the more weights there are

Its derivative by `w` is decay · w, which is what `weight_decay` adds to the gradient.
"""
import torch

n = 3  # fresh: 2..6
decay = 0.1  # fresh: 0.01, 0.1, 0.5
w = torch.randn(n, requires_grad=True)
penalty = decay / 2 * w.square().sum()

# %% question what_decays: fill the blank
"""Pick what should decay: neither a bias nor the scale of the norm layer.

- [x] `p.ndim >= 2`
- [x] `p.ndim > 1`
- `"bias" not in name`: the scale of a norm layer is called `weight` too
- `p.ndim >= 1`: a bias is a vector, and has one dimension

Only matrices and kernels have two dimensions or more; biases and scales are vectors.
"""
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8), nn.ReLU(), nn.Linear(8, 1))
decayed = [name for name, p in model.named_parameters() if ___]
print(decayed)

# %% question penalty_without_pull: find the line
"""`w` should rest at 1.5, halfway between 3 and 0, but it goes to 3, as if there were no penalty. Which line is at
fault?

A number has no gradient: with `.item()` the loss grows by the penalty, and the step doesn't know of it.
"""
import torch

w = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)  # fine: no `weight_decay` here, for the loss has a penalty
for _ in range(100):
    optimizer.zero_grad()
    penalty = w.square().item()  # at fault: penalty = w.square()
    loss = (w - 3).square() + penalty  # fine: a penalty is added to the loss
    loss.backward()
    optimizer.step()
print(round(w.item(), 3))

# %% question decay_or_penalty: choose all
"""With which of these is `weight_decay` the same as a penalty of λ/2 · Σw² in the loss?

- [x] `SGD(…, weight_decay=λ)`: it adds λ·w to the gradient
- [x] `SGD(…, momentum=0.9, weight_decay=λ)`: it adds λ·w before the momentum sees the gradient
- [x] `Adam(…, weight_decay=λ)`: it adds λ·w to the gradient, as a penalty would
- `AdamW(…, weight_decay=λ)`: it shrinks `w` by itself, and its averages of the gradient see nothing of it
- `Adam(…, weight_decay=λ, decoupled_weight_decay=True)`: that is AdamW by another name

A penalty acts through the gradient. The W in AdamW says that its decay doesn't.
"""

# %% question decay_unasked
"""No decay was asked for, and the gradient is 0. What is left of `w`?

- 1.0: with `Adam` it would be; AdamW decays unless you say `weight_decay=0`
- 0.999
- 0.99: the decay is multiplied by the rate
- 0.9: that would be a full step, for which there is no gradient

The `weight_decay` of AdamW is 0.01 if nothing is said, so `w` is multiplied by 1 − 0.1 · 0.01.
"""
import torch

w = torch.tensor(1.0, requires_grad=True)
w.grad = torch.tensor(0.0)
torch.optim.AdamW([w], lr=0.1).step()
print(round(w.item(), 4))
