"""# When too little costs more than too much

A loaf baked and not sold costs a bakery 1 coin. A loaf wanted and not there costs it 10.
`nn.L1Loss` and `nn.MSELoss` charge both sides the same; where your errors don't cost the same,
write the loss yourself. It is a plain function, tensors in and one scalar out, and autograd finds
its gradient.

    miss = wanted − baked
    cost = 10 · miss  if miss > 0,  else −miss

    wanted 45, baked 42  ███████████████  30
                     43  ██████████       20
                     44  █████            10
                     45                    0
                     46  ▌                 1
                     47  █                 2

The answer to `miss > 0` differs from element to element, which a Python `if` can't handle.
`torch.where(condition, a, b)` takes `a` where the condition holds and `b` elsewhere. The loss is
the mean of all costs, so that it doesn't grow with the batch.

One trap waits in every loss written by hand. A model that ends in `nn.Linear(…, 1)` predicts with
shape `(n, 1)`, while the targets are often `(n,)`. Their difference broadcasts to `(n, n)`: each
prediction meets *every* target. No error is raised, and the model learns something else.

## Task
Let `asymmetric(prediction, target)` charge 10 for each loaf too few and 1 for each loaf too many,
and return the mean over the batch. `prediction` has shape `(n, 1)`, `target` has shape `(n,)`.

## Hints
- Print `miss.shape` inside the function: with 4 loaves it should be `(4,)`.
- `prediction.squeeze(1)` drops the dimension of size 1.
- `miss > 0` is True where too little was baked: make it the condition of `torch.where`, with `10 *
  miss` for one side.

## Takeaway
Any differentiable function that ends in a scalar can be a loss; make the two shapes equal in its
first line. This one is the *quantile loss* (or pinball loss): trained with it, a model no longer
aims for the middle of the targets but for the value that 10 out of 11 stay below.
"""

# %% snippet -> too_few_costs_ten
import torch


def asymmetric(prediction, target):
    miss = target - prediction
    return miss.abs().mean()


baked = torch.tensor([[40.0], [50.0], [60.0], [70.0]], requires_grad=True)
wanted = torch.tensor([45.0, 51.0, 50.0, 40.0])

loss = asymmetric(baked, wanted)
loss.backward()
print(loss.item())
print(baked.grad)

# %% solution
import torch


def asymmetric(prediction, target):
    miss = target - prediction.squeeze(1)
    return torch.where(miss > 0, 10 * miss, -miss).mean()


baked = torch.tensor([[40.0], [50.0], [60.0], [70.0]], requires_grad=True)
wanted = torch.tensor([45.0, 51.0, 50.0, 40.0])

loss = asymmetric(baked, wanted)
loss.backward()
print(loss.item())
print(baked.grad)

# %% check
import torch
from tutor.check import Unmet, expect


def _cost(miss):
    return torch.where(miss > 0, 10 * miss, -miss)


_LOSSES = {
    "each loaf costs 1, too few or too many": lambda miss: miss.abs().mean(),
    "each loaf costs 10, too few or too many": lambda miss: 10 * miss.abs().mean(),
    "the two sides are swapped: a loaf too many costs 10": lambda miss: _cost(-miss).mean(),
    "a loaf too many lowers the loss: its cost is negative": lambda miss: (_cost(miss) * miss.sign()).mean(),
    "a loaf too few lowers the loss: its cost is negative": lambda miss: -(_cost(miss) * miss.sign()).mean(),
    "the condition is the wrong way round, so that all costs are negative": lambda miss: -_cost(-miss).mean(),
    "a loaf too few costs 10 and 1 more": lambda miss: (_cost(miss) + miss.relu()).mean(),
    "a loaf too many costs nothing": lambda miss: 10 * miss.relu().mean(),
    "a loaf too few costs nothing": lambda miss: (-miss).relu().mean(),
    "too few and too many cancel: each cost has to be positive": lambda miss: miss.mean(),
    "it only counts how often too few were baked, not how many": lambda miss: torch.where(miss > 0, 10.0, 1.0).mean(),
    "the prices are divided by their sum: charge 10 and 1": lambda miss: _cost(miss).mean() / 11,
    "each miss is squared": lambda miss: miss.square().mean(),
    "each miss is squared: 10 for each loaf is `10 * miss`": lambda miss: (_cost(miss) * miss.abs()).mean(),
    "the mean over the batch is missing": _cost,
    "the costs are added: take their mean": lambda miss: _cost(miss).sum(),
    "it is divided by the sum of the weights: divide by the size of the batch": lambda miss: (
        _cost(miss).sum() / torch.where(miss > 0, 10, 1).sum()
    ),
}
"""What drafts with a typical mistake make of a batch, by what is wrong."""


def _size(run):
    """The size of the draft's own batch; 4 where that isn't known."""
    wanted = getattr(run, "wanted", None)
    return len(wanted) if isinstance(wanted, torch.Tensor) and wanted.ndim and len(wanted) else 4


def _call(run, prediction, target):
    """The draft's loss; None where an assert of the draft holds for batches of its own size only."""
    try:
        return expect(run.asymmetric, "asymmetric").calling(prediction, target)
    except Unmet as stop:
        if isinstance(stop.__cause__, AssertionError) and len(target) != _size(run):
            return None
        raise


def _loss(run, *misses):
    """The loss when 60 loaves are wanted each time, so that broadcasting changes nothing; and the misses.

    Where the draft refuses a batch of this size, they come as often as its own has room.
    """
    for size in (len(misses), _size(run)):
        miss = torch.tensor(misses).repeat(size)[:size]
        if loss := _call(run, (60 - miss).unsqueeze(1), torch.full((size,), 60.0)):
            break
    return loss, miss


def _same(loss, other):
    if not isinstance(loss, torch.Tensor) or loss.numel() != other.numel():
        return False
    return torch.allclose(loss.detach().flatten().double(), other.double())


def _expect_cost(run, miss):
    """Expect the cost of one miss; a mistake is named if it makes this loss and that of another batch, too."""
    (loss, one), (other, two) = _loss(run, miss), _loss(run, 3.0, -5.0)
    causes = [why for why, wrong in _LOSSES.items() if _same(loss.value, wrong(one)) and _same(other.value, wrong(two))]
    if not causes and isinstance(loss.value, torch.Tensor) and _same(loss.value.double().abs(), _cost(-one).mean()):
        causes = ["this miss is charged like one of the other side: look at your condition"]
    loss.close_to(_cost(one).mean().item(), rtol=1e-5, mistaken=dict.fromkeys(causes, loss.value) | _own(run, one))


def _own(run, misses):
    """Losses that follow the draft's own numbers in place of the arguments."""
    return {
        "that is the loss of your own numbers: use `prediction` and `target`": getattr(run, "loss", None),
        f"it is divided by {_size(run)}, whatever the size of the batch": _cost(misses).sum() / _size(run),
        "the mean of no elements is NaN: take one mean, over the whole batch": torch.tensor(torch.nan),
    }


def too_few_costs_ten(run):
    """each loaf too few costs 10, half a loaf 5"""
    for miss in (3.0, 0.5, 50.0):
        _expect_cost(run, miss)


def too_many_costs_one(run):
    """each loaf too many costs 1, half a loaf 0.5"""
    for miss in (-3.0, -0.5, -50.0):
        _expect_cost(run, miss)


def batch_is_averaged(run):
    """a batch of `(n, 1)` predictions and `(n,)` targets costs the mean of its n costs"""
    torch.manual_seed(0)
    for size in (_size(run), 1, 30):
        prediction, target = torch.rand(size, 1) * 60, torch.rand(size) * 60
        miss, every = target - prediction.squeeze(1), target - prediction
        mistaken = {
            "each prediction met every target: (n, 1) and (n,) broadcast to (n, n), so `squeeze(1)` first": (
                _cost(every).mean()
            ),
            "each prediction met every target, and the costs are added": _cost(every).sum(),
            "the costs are added: take their mean": _cost(miss).sum(),
            "the whole batch is charged as too few: choose for each element": 10 * miss.abs().mean(),
            "the whole batch is charged as too many: choose for each element": miss.abs().mean(),
            "the misses are averaged first, and cancel: average the costs": _cost(miss.mean()),
        }
        if loss := _call(run, prediction, target):
            loss.close_to(_cost(miss).mean().item(), rtol=1e-5, mistaken=mistaken | _own(run, miss))


def gradient_flows_back(run):
    """its gradient is -10/n where too few were baked, 1/n where too many"""
    size = _size(run)
    miss = torch.tensor([2.0, -4.0, 8.0, -7.0, 0.5]).repeat(size)[:size]
    prediction = (60 - miss).unsqueeze(1).requires_grad_()
    loss = run.asymmetric(prediction, torch.full((size,), 60.0))
    if not expect(loss, "the loss").is_tensor().value.requires_grad:
        raise Unmet(
            "The loss has no way back to `prediction`, so `backward()` has nowhere to go.",
            "Stay with tensors: `.item()`, `.tolist()`, `torch.tensor(...)` and `no_grad` leave the graph.",
        )
    loss.backward()
    expect(prediction.grad, "prediction.grad").close_to(torch.where(miss > 0, -10.0, 1.0).unsqueeze(1) / size)


# %% right: the larger of two lines
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
return torch.maximum(10 * miss, -miss).mean()

# %% right: relu on both sides
# in place of: miss = target - prediction.squeeze(1)
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
miss = target - prediction[:, 0]
return (10 * miss.relu() + (-miss).relu()).mean()

# %% right: weights by a mask, the target brought to (n, 1)
# in place of: miss = target - prediction.squeeze(1)
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
miss = target.unsqueeze(1) - prediction
weight = 1 + 9 * (miss > 0)
return (weight * miss.abs()).sum() / len(target)


# %% right: a module, with the miss the other way round
# in place of: def asymmetric(prediction, target):
# in place of: miss = target - prediction.squeeze(1)
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
class Asymmetric(torch.nn.Module):
    def forward(self, prediction, target):
        over = prediction.flatten() - target
        return torch.where(over < 0, -10 * over, over).mean()


asymmetric = Asymmetric()


# %% right: the prices are arguments, and the function prints and asserts
# in place of: def asymmetric(prediction, target):
# in place of: miss = target - prediction.squeeze(1)
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
def asymmetric(prediction, target, few=10.0, many=1.0):
    prediction = prediction.view_as(target)
    assert prediction.shape == target.shape
    miss = target - prediction
    print(miss.shape)
    return (few * miss.clamp(min=0) - many * miss.clamp(max=0)).mean()


# %% right: it insists on the shape of its own batch
# before: return torch.where(miss > 0, 10 * miss, -miss).mean()
assert miss.shape == (4,)

# %% right: one loaf after the other, and another batch
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
costs = [10 * one if one > 0 else -one for one in miss]
return torch.stack(costs).mean()
# in place of: baked = torch.tensor([[40.0], [50.0], [60.0], [70.0]], requires_grad=True)
baked = torch.rand(7, 1, requires_grad=True)
# in place of: wanted = torch.tensor([45.0, 51.0, 50.0, 40.0])
wanted = torch.rand(7)

# %% right: the quantile loss, 11 times
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
quantile = 10 / 11
return 11 * torch.max(quantile * miss, (quantile - 1) * miss).mean()

# %% mistake: (n, 1) against (n,) broadcasts: each prediction meets every target -> batch_is_averaged
# in place of: miss = target - prediction.squeeze(1)
miss = target - prediction

# %% mistake: the miss is taken the other way round, so too much costs ten -> too_few_costs_ten
# in place of: miss = target - prediction.squeeze(1)
miss = prediction.squeeze(1) - target

# %% mistake: a loaf too many lowers the loss, since its miss is negative -> too_many_costs_one
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
return torch.where(miss > 0, 10 * miss, miss).mean()

# %% mistake: one Python if decides for the whole batch -> batch_is_averaged
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
if (miss > 0).any():
    return 10 * miss.abs().mean()
return miss.abs().mean()

# %% mistake: the sum grows with the batch, and every step with it -> batch_is_averaged
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
return torch.where(miss > 0, 10 * miss, -miss).sum()

# %% mistake: the condition leaves out what is less than a loaf -> too_few_costs_ten
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
return torch.where(miss > 1, 10 * miss, -miss).mean()

# %% mistake: half a loaf too many is charged as too few -> too_many_costs_one
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
return torch.where(miss > -1, 10 * miss, -miss).mean()

# %% mistake: the cost doesn't rise above that of ten loaves -> too_few_costs_ten
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
return torch.where(miss > 0, 10 * miss.clamp(max=10), -miss).mean()

# %% mistake: 10 comes on top of 1 -> too_few_costs_ten
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
return (miss.abs() * (1 + 10 * (miss > 0))).mean()

# %% mistake: each side has a mean of its own -> too_few_costs_ten
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
return 10 * miss[miss > 0].mean() - miss[miss <= 0].mean()

# %% mistake: both sides are charged 10 -> too_many_costs_one
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
return 10 * miss.abs().mean()

# %% mistake: the misses are averaged before they are charged -> batch_is_averaged
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
miss = miss.mean()
return torch.where(miss > 0, 10 * miss, -miss)

# %% mistake: the mean is missing -> too_few_costs_ten
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
return torch.where(miss > 0, 10 * miss, -miss)
# in place of: loss.backward()
# in place of: print(loss.item())
loss.sum().backward()

# %% mistake: the size of one batch is typed in -> too_few_costs_ten
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
return torch.where(miss > 0, 10 * miss, -miss).sum() / 4

# %% mistake: a weighted mean divides by the weights, too -> too_few_costs_ten
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
weight = torch.where(miss > 0, 10.0, 1.0)
return (weight * miss.abs()).sum() / weight.sum()

# %% mistake: the function reads the batch of the program, not its arguments -> too_few_costs_ten
# in place of: miss = target - prediction.squeeze(1)
miss = wanted - baked.squeeze(1)

# %% mistake: tolist() leaves the graph, and the loss has no gradient -> gradient_flows_back
# in place of: miss = target - prediction.squeeze(1)
miss = (target - prediction.squeeze(1)).tolist()
# in place of: return torch.where(miss > 0, 10 * miss, -miss).mean()
return torch.tensor([10 * m if m > 0 else -m for m in miss]).mean()
# without: loss.backward()

# %% question broadcast_trap
"""The trap in one line. What does this print?

- torch.Size([4]): only if the predictions had been squeezed to `(4,)` first
- torch.Size([4, 1]): the missing dimension is added on the left: `(4,)` counts as `(1, 4)`
- torch.Size([4, 4])
- torch.Size([1, 4]): the column of predictions stretches too, over 4 columns

Broadcasting lines the shapes up from the right: `(4, 1)` and `(1, 4)` both stretch to `(4, 4)`.
"""
import torch

prediction, target = torch.zeros(4, 1), torch.zeros(4)
print((target - prediction).shape)

# %% question loaves_to_bake
"""On 20 days the bakery sells 1, 2, … 20 loaves, a different number each day. It wants to bake the
same number every day. Which number costs least?

- 19
- 10: about half of the days would fall short, each missing loaf at ten times the price
- 20: the twentieth loaf is sold on one day in 20, and a loaf left over on 19 days costs more than
  10
- 1: then nothing is ever left over, and nearly every day falls short

One loaf more is worth it while it sells on more than one day in 11. With `abs()` instead, the
middle would be best.
"""
import torch

wanted = torch.arange(1.0, 21.0)
baked = torch.arange(1.0, 21.0).unsqueeze(1)  # each number against each day
miss = wanted - baked
cost = torch.where(miss > 0, 10 * miss, -miss).mean(dim=1)
print(int(baked[cost.argmin()]))

# %% question slope_below
"""One loaf too few was baked. What is the gradient of the cost with respect to `baked`?

- 10.0: this is the cost; baking more makes it smaller, so the gradient is negative
- -10.0
- -1.0: that is the gradient of `abs()`; a missing loaf costs ten
- 1.0: that is the side of too many

A gradient step goes against the gradient: with −10 it raises `baked`, ten times as hard as +1 would
lower it.
"""
import torch

baked = torch.tensor(44.0, requires_grad=True)
miss = 45 - baked
torch.where(miss > 0, 10 * miss, -miss).backward()
print(baked.grad.item())

# %% question slopes_in_a_batch: predict baked.grad.tolist()
"""Two loaves too few in one shop, three too many in the other. What does
`baked.grad` hold?

- `[-float(price), 1.0]`: these are the slopes of the two costs; their mean takes half of each
- `[price / 2, -0.5]`: with more baked, the first cost falls and the second rises
- `[-float(price), 1.5]`: each side of the cost is a straight line, with the same slope for any miss

In a mean of two, each counts half: −price / 2 and 1 / 2. How large the miss is doesn't matter, only its sign.
"""
import torch

price = 10  # fresh: 4..12
wanted = torch.tensor([5.0, 5.0])
baked = torch.tensor([3.0, 8.0], requires_grad=True)
miss = wanted - baked
torch.where(miss > 0, price * miss, -miss).mean().backward()

# %% question late_and_early: write loss
"""A minute too late costs `late` coins, a minute too early costs one. `gap` holds the minutes of `n` trains, positive
where one was late. Write `loss`, the mean cost.

- `torch.where(gap > 0, gap, -late * gap).mean()`: that makes the early minutes dear
- `torch.where(gap > 0, late * gap, gap).mean()`: early minutes are negative, and would lower the cost
- `torch.where(gap > 0, late * gap, -gap).sum()`: a sum grows with the number of trains
- `late * gap.abs().mean()`: that charges early minutes like late ones

The cost has two sides, and `torch.where` takes for each train the one that holds.
"""
import torch

late = 5  # fresh: 3..9
n = 6  # fresh: 6..9
gap = 10 * torch.randn(n)
loss = torch.where(gap > 0, late * gap, -gap).mean()

# %% question price_for_a_share: fill the blank
"""You want to have enough loaves on a `share` of all days. A loaf left over costs 1: what must a missing one cost?

- [x] `share / (1 - share)`
- `1 / (1 - share)`: that is one too much, and makes the share larger than you wanted
- `share`: then a missing loaf costs less than a leftover, and you bake for fewer than half of the days
- `100 * share`: then you have enough on nearly all days

With a price p the best number is enough on p / (p + 1) of the days. For a share of 0.9 that takes p = 9.
"""
import torch

share = 0.9  # fresh: 0.75, 0.8, 0.9, 0.95
price = ___
wanted = torch.arange(1.0, 1000.0)  # each number on one of 999 days
baked = torch.arange(1.0, 1000.0).unsqueeze(1)  # each number against each day
miss = wanted - baked
cost = torch.where(miss > 0, price * miss, -miss).mean(dim=1)
print(int(baked[cost.argmin()]))

# %% question column_for_column: fill the blank
"""Make the target a column, so that each prediction meets only its own target.

- [x] `target.unsqueeze(1)`
- [x] `target[:, None]`
- [x] `target.view(-1, 1)`
- `target.unsqueeze(0)`: that is a row; against a column it stretches to a square

`(n,)` becomes `(n, 1)`, and two equal shapes don't broadcast.
"""
import torch

n = 4  # fresh: 3..6
prediction = torch.arange(n).unsqueeze(1)
target = torch.arange(n) + 5
miss = ___ - prediction
print(miss.shape, miss.sum())

# %% question one_if_for_all: find the line
"""For one shop at a time the cost is right. For these two it should be 26.5, and 10.0 is printed. Which line is at
fault?

The condition differs from element to element, and an `if` asks only once. One shop's leftovers are then charged at −10
a loaf.
"""
import torch


def cost(baked, wanted):
    miss = wanted - baked  # fine: both have the shape (2,)
    factor = 10 if miss.sum() > 0 else -1  # at fault: factor = torch.where(miss > 0, 10, -1)
    return (factor * miss).mean()  # fine: the mean is taken once each miss has its price


print(cost(torch.tensor([40.0, 48.0]), torch.tensor([45.0, 45.0])).item())

# %% question can_train: choose all
"""`miss = target - prediction`. Which of these can train the model that predicts?

- [x] `torch.where(miss > 0, 10 * miss, -miss).mean()`: each side has a slope of its own
- `(miss > 0).float().mean()`: a comparison has no gradient, and `backward()` fails
- `miss.round().abs().mean()`: the slope of `round` is 0 everywhere, so nothing ever moves
- [x] `miss.square().sum()`: a sum will do; it only makes steps longer in larger batches
- `torch.tensor(miss.tolist()).mean()`: the numbers in a list know nothing of the model

A loss needs a slope: a small change of the prediction has to change it a little.
"""
