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
import torch

from tutor.check import expect


def both_are_trained(run):
    """the optimizer holds both parameters of `model`"""
    expect(run.optimizer, "optimizer").optimizes(run.model)


def bias_is_free(run):
    """the bias doesn't decay, and arrives at 10"""
    expect(_decay_of(run.optimizer, run.model.bias), "the weight_decay of the bias").equals(0)
    expect(run.model.bias, "model.bias").close_to(run.y.mean(0), rtol=0, atol=0.01)


def weight_still_decays(run):
    """the weight is as small as a decay of 0.5 makes it"""
    expect(_decay_of(run.optimizer, run.model.weight), "the weight_decay of the weight").equals(0.5)
    mistaken = {"it was trained without decay": _solve(run, 0.0)}
    expect(run.model.weight, "model.weight").close_to(_solve(run, 0.5), rtol=0, atol=0.01, mistaken=mistaken)


def _decay_of(optimizer, parameter):
    """The decay of the group that holds the parameter; None when no group does."""
    for group in optimizer.param_groups:
        if any(held is parameter for held in group["params"]):
            return group["weight_decay"]
    return None


def _solve(run, decay):
    """Where SGD comes to rest: 2/n xᵀ(xw + b − y) + decay · w = 0, with x centred and b free."""
    pull = 2 / len(run.x) * run.x.T @ run.x + decay * torch.eye(run.x.shape[1])
    return torch.linalg.solve(pull, 2 / len(run.x) * run.x.T @ run.y).T


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
