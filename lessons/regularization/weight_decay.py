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

# %% snippet
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


# %% mistake: the bias has a group, but takes over the decay given to all -> bias_is_free
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(64, 2)
x -= x.mean(0)
y = x @ torch.tensor([[3.0], [-1.0]]) + 10

model = nn.Linear(2, 1)
groups = [{"params": [model.weight]}, {"params": [model.bias]}]
optimizer = torch.optim.SGD(groups, lr=0.1, weight_decay=0.5)

for _ in range(200):
    optimizer.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()

print(model.weight.data, model.bias.data)

# %% mistake: the bias is in no group, so it keeps the value it was born with -> both_are_trained
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(64, 2)
x -= x.mean(0)
y = x @ torch.tensor([[3.0], [-1.0]]) + 10

model = nn.Linear(2, 1)
optimizer = torch.optim.SGD([model.weight], lr=0.1, weight_decay=0.5)

for _ in range(200):
    optimizer.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()

print(model.weight.data, model.bias.data)

# %% mistake: the decay is gone for the weight too -> weight_still_decays
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(64, 2)
x -= x.mean(0)
y = x @ torch.tensor([[3.0], [-1.0]]) + 10

model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for _ in range(200):
    optimizer.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()

print(model.weight.data, model.bias.data)

# %% mistake: the wrong one of the two decays -> bias_is_free
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(64, 2)
x -= x.mean(0)
y = x @ torch.tensor([[3.0], [-1.0]]) + 10

model = nn.Linear(2, 1)
groups = [
    {"params": [model.weight]},
    {"params": [model.bias], "weight_decay": 0.5},
]
optimizer = torch.optim.SGD(groups, lr=0.1)

for _ in range(200):
    optimizer.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()

print(model.weight.data, model.bias.data)

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
