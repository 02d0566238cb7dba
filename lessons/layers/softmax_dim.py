"""# Softmax: what adds up to 1

A classifier gives each class a score, called a *logit*, which may be any number. Softmax turns
scores into shares that are positive and add up to 1:

    pᵢ = exp(zᵢ) / Σⱼ exp(zⱼ)     j runs along dim

`dim` is the axis along which the alternatives of one choice lie:

               cat   dog   owl
    image 0    2.0   1.0   0.0   ─▶ dim=1: each row
    image 1    2.0   3.0   1.0   ─▶ adds up to 1
                │     │     │
                ▼     ▼     ▼
        dim=0: each column adds up to 1

With `dim=1` the classes of one image compete: is it a cat, a dog or an owl? With `dim=0` the images
compete: which of them is most like a cat? Both run, and both results have the same shape, so a
wrong `dim` raises nothing. But an answer then depends on what else is in the batch, and training
goes badly for no visible reason.

`dim=-1` isn't always right either. When each *pixel* chooses a class, scores have the shape (image,
class, row, column), and the alternatives lie along axis 1. `nn.Softmax()` without `dim` guesses,
with a warning: 1 for two or four axes, 0 for one or three.

## Task
In `logits` each image chooses one class; in `maps` each pixel chooses one. Set both `dim`.

## Hints
- Along which axis do the alternatives lie? The comments name the axes.
- Axes count from 0.

## Takeaway
Softmax runs along the axis of the alternatives. Look once at `p.sum(dim)`: it must be 1 for every
choice.
"""

# %% snippet picture=tensor:probs -> each_image_chooses
import torch
from torch import nn

torch.manual_seed(0)
logits = torch.randn(4, 3)  # image, class
maps = torch.randn(2, 3, 5, 5)  # image, class, row, column

probs = nn.Softmax(dim=0)(logits)
pixel_probs = nn.Softmax(dim=-1)(maps)

print("one image:", probs[0].sum())
print("one pixel:", pixel_probs[0, :, 2, 2].sum())

# %% solution
import torch
from torch import nn

torch.manual_seed(0)
logits = torch.randn(4, 3)  # image, class
maps = torch.randn(2, 3, 5, 5)  # image, class, row, column

probs = nn.Softmax(dim=1)(logits)
pixel_probs = nn.Softmax(dim=1)(maps)

print("one image:", probs[0].sum())
print("one pixel:", pixel_probs[0, :, 2, 2].sum())

# %% check
import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from tutor.check import Unmet, again, expect


class _OtherGuess(TorchFunctionMode):
    """Inside, softmax without `dim` goes along axis 0, where torch would guess another one."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function in (functional.softmax, functional.log_softmax, functional.softmin) and kwargs.get("dim") is None:
            kwargs = kwargs | {"dim": 0}
        return function(*args, **kwargs)


def _mistakes(z):
    """What drafts with a typical mistake make of the scores `z`, each with its cause."""
    axes = {0: "images", 2: "rows", 3: "columns"}
    along = {
        f"softmax went along dim {dim}, where the {axes[dim]} compete: the classes lie along dim 1": z.softmax(dim)
        for dim in range(z.ndim)
        if dim != 1
    }
    return along | {
        "all scores add up to 1 together: the sum is over the classes of one choice": z.flatten().softmax(0).view_as(z),
        "all pixels of an image compete: the classes lie along dim 1": z.flatten(-2).softmax(-1).view_as(z),
        "those are the logarithms of the shares": z.log_softmax(1),
        "`exp` is missing: a negative score makes a negative share": z / z.sum(1, keepdim=True),
        "`exp` is missing: a share is exp(z) by the sum of all exp(z)": z / z.abs().sum(1, keepdim=True),
        "`exp` is missing, so each share is by the size of its score": z.abs() / z.abs().sum(1, keepdim=True),
        "those are the `exp` of the scores: divide by their sum": z.exp(),
        "sigmoid looks at each score alone, so they don't add up to 1": z.sigmoid(),
        "the smallest score has the largest share: the sign is flipped": (-z).softmax(1),
        "softmax was applied twice": z.softmax(1).softmax(1),
        "those are the scores as they were": z,
        "that is the class that each choice takes, not the shares": z.argmax(1),
    }


def _shares(z, draft):
    """The softmax of `z` over its classes, in the float dtype that the draft has."""
    right = z.double().softmax(1)
    return right.to(draft.dtype) if isinstance(draft, torch.Tensor) and draft.is_floating_point() else right.float()


def _expect_shares(name, value, z):
    expect(value, name).close_to(_shares(z, value), rtol=1e-5, mistaken=_mistakes(z.double()))


def each_image_chooses(run):
    """`probs` are shares that add up to 1 for each image"""
    expect(run.logits).has_shape(-1, -1)
    _expect_shares("probs", again(run, logits=run.logits, maps=run.maps).probs, run.logits)


def each_pixel_chooses(run):
    """`pixel_probs` are shares that add up to 1 for each pixel"""
    expect(run.maps).has_shape(-1, -1, -1, -1)
    _expect_shares("pixel_probs", again(run, logits=run.logits, maps=run.maps).pixel_probs, run.maps)


def other_scores_too(run):
    """they are right for other scores, too"""
    torch.manual_seed(1)
    logits, maps = 3 * torch.randn(run.logits.shape), 3 * torch.randn(run.maps.shape)
    other = again(run, logits=logits, maps=maps)
    own = {f"that is `{name}` of your own scores": getattr(run, name) for name in ("probs", "pixel_probs")}
    expect(other.probs).close_to(_shares(logits, other.probs), rtol=1e-5, mistaken=own)
    expect(other.pixel_probs).close_to(_shares(maps, other.pixel_probs), rtol=1e-5, mistaken=own)


def dim_is_set(run):
    """both `dim` are set: without one, softmax guesses"""
    right = again(run, logits=run.logits, maps=run.maps)
    with _OtherGuess():
        other = again(run, logits=run.logits, maps=run.maps)
    for name in ("probs", "pixel_probs"):
        if not torch.equal(getattr(other, name), getattr(right, name)):
            raise Unmet(
                f"The softmax of `{name}` has no `dim`: torch guesses the axis, and warns.",
                "Write `dim=1`, the axis of the classes.",
            )


# %% right: functions in place of modules, dims from the end
# in place of: probs = nn.Softmax(dim=1)(logits)
probs = logits.softmax(-1)
# in place of: pixel_probs = nn.Softmax(dim=1)(maps)
pixel_probs = torch.softmax(maps, dim=-3)

# %% right: by its definition
# in place of: probs = nn.Softmax(dim=1)(logits)
probs = logits.exp() / logits.exp().sum(1, keepdim=True)

# %% right: one module for both
# in place of: probs = nn.Softmax(dim=1)(logits)
softmax = nn.Softmax(dim=1)
probs = softmax(logits)
# in place of: pixel_probs = nn.Softmax(dim=1)(maps)
pixel_probs = softmax(maps)

# %% right: prints in a loop, an assert, and a look at what softmax guesses
# before: print("one image:", probs[0].sum())
for image in range(4):
    print(image, logits[image], probs[image].sum())
assert torch.equal(probs, nn.Softmax()(logits))

# %% right: other sizes from another seed, in one line
# in place of: torch.manual_seed(0)
# in place of: logits = torch.randn(4, 3)  # image, class
# in place of: maps = torch.randn(2, 3, 5, 5)  # image, class, row, column
torch.manual_seed(42)
logits, maps = torch.randn(8, 10), torch.randn(1, 4, 6, 7)

# %% right: image by image, and with the classes moved to the end
# in place of: probs = nn.Softmax(dim=1)(logits)
probs = torch.stack([logits[image].softmax(dim=0) for image in range(4)])
# in place of: pixel_probs = nn.Softmax(dim=1)(maps)
pixel_probs = maps.permute(0, 2, 3, 1).softmax(dim=-1).permute(0, 3, 1, 2)

# %% right: rows and columns as one axis, its size typed in
# in place of: pixel_probs = nn.Softmax(dim=1)(maps)
pixel_probs = nn.Softmax(dim=1)(maps.view(2, 3, 25)).view(2, 3, 5, 5)

# %% right: in double precision
# in place of: probs = nn.Softmax(dim=1)(logits)
probs = logits.softmax(dim=1, dtype=torch.float64)

# %% right: in place, and with a function
# in place of: probs = nn.Softmax(dim=1)(logits)
probs = logits.exp_() / logits.sum(dim=1, keepdim=True)
# in place of: pixel_probs = nn.Softmax(dim=1)(maps)
pixel_probs = nn.functional.log_softmax(maps, dim=1).exp()

# %% mistake: dim=0 lets the images compete with each other -> each_image_chooses
# in place of: probs = nn.Softmax(dim=1)(logits)
probs = nn.Softmax(dim=0)(logits)

# %% mistake: the last axis of maps holds the columns of the picture, not the classes -> each_pixel_chooses
# in place of: probs = nn.Softmax(dim=1)(logits)
# in place of: pixel_probs = nn.Softmax(dim=1)(maps)
softmax = nn.Softmax(dim=-1)
probs = softmax(logits)
pixel_probs = softmax(maps)

# %% mistake: without exp, negative scores make negative shares -> each_image_chooses
# in place of: probs = nn.Softmax(dim=1)(logits)
probs = logits / logits.sum(dim=1, keepdim=True)

# %% mistake: LogSoftmax gives the logarithms of the shares -> each_pixel_chooses
# in place of: pixel_probs = nn.Softmax(dim=1)(maps)
pixel_probs = nn.LogSoftmax(dim=1)(maps)

# %% mistake: the sum went over all images at once, so the whole batch adds up to 1 -> each_image_chooses
# in place of: probs = nn.Softmax(dim=1)(logits)
probs = logits.exp() / logits.exp().sum()

# %% mistake: without dim, softmax guesses, and warns -> dim_is_set
# in place of: probs = nn.Softmax(dim=1)(logits)
probs = nn.Softmax()(logits)

# %% mistake: the function guesses too -> dim_is_set
# in place of: pixel_probs = nn.Softmax(dim=1)(maps)
pixel_probs = nn.functional.softmax(maps)

# %% mistake: the same scores are drawn again, so that others change nothing -> other_scores_too
# in place of: probs = nn.Softmax(dim=1)(logits)
torch.manual_seed(0)
probs = nn.Softmax(dim=1)(torch.randn(4, 3))

# %% mistake: dim=2 lets the rows of a picture compete -> each_pixel_chooses
# in place of: pixel_probs = nn.Softmax(dim=1)(maps)
pixel_probs = nn.Softmax(dim=2)(maps)

# %% mistake: all pixels of a map compete -> each_pixel_chooses
# in place of: pixel_probs = nn.Softmax(dim=1)(maps)
pixel_probs = maps.flatten(2).softmax(dim=2).view_as(maps)

# %% mistake: softmax of softmax is flatter -> each_image_chooses
# in place of: probs = nn.Softmax(dim=1)(logits)
probs = nn.Softmax(dim=1)(nn.Softmax(dim=1)(logits))

# %% question equal_scores
"""All scores are equal. What does this print?

- 0.25: four alternatives would share along dim 1
- 0.5
- 0.125: eight would share if softmax went over the whole tensor
- 1.0: that is the sum of a column, not one of its elements

Along dim 0 there are two elements, and equal scores share equally.
"""
import torch

scores = torch.zeros(2, 4)
print(scores.softmax(dim=0)[0, 0].item())

# %% question batch_of_one
"""One image goes through alone. Somebody wrote `dim=0`. What does this print?

- [1.0, 1.0, 1.0]
- [0.09, 0.24, 0.67]: that would be dim=1
- [0.33, 0.33, 0.33]: equal shares need equal scores along one axis

With a batch of one, each class competes with nobody and gets everything.
"""
import torch

logits = torch.tensor([[1.0, 2.0, 3.0]])
print([round(p, 2) for p in logits.softmax(dim=0)[0].tolist()])

# %% question attention_dim
"""Attention scores have the shape (batch, head, query, key). Each query spreads its attention over the keys.
Which `dim` does softmax need?

- [x] -1
- 1: there the heads would compete
- 2: there the queries would compete for each key
- 0: there the examples of the batch would compete

The alternatives are the keys, and they lie along the last axis.
"""

# %% question sum_of_everything: predict round(p.sum().item())
"""The classes of each image compete. What do all shares of the batch add up to?

- `1`: that is one image; each has its own 1
- `classes`: that comes with `dim=0`, where each class adds up to 1
- `images * classes`: that is how many shares there are

One choice for each image, and each adds up to 1.
"""
import torch

images = 8  # fresh: 7..12
classes = 3  # fresh: 3..6
p = torch.randn(images, classes).softmax(dim=1)

# %% question softmax_twice: find the line
"""The scores are right and far apart, yet the loss stays high, and training crawls. Which line is at fault?

`cross_entropy` runs softmax itself. Given shares for scores, it takes 0 and 1 for scores that hardly differ.
"""
import torch
from torch.nn.functional import cross_entropy

score = 9.0  # fresh: 7.0, 8.0, 9.0, 10.0
logits = torch.tensor([[score, 0.0, 0.0], [0.0, 0.0, score]])
target = torch.tensor([0, 2])  # fine: the places of the right classes
probs = logits.softmax(dim=1)  # fine: shares of the classes, good to look at
print("sure:", probs.max().item())
loss = cross_entropy(probs, target)  # at fault: loss = cross_entropy(logits, target)
print("loss:", loss.item())

# %% question softmax_by_hand: order
"""Put the steps of softmax in order, so that large scores do no harm.

`exp` of a float32 is `inf` from 89 on. Less the largest score, no score is above 0, and the shares are the same.
"""
import torch

base = 500.0  # fresh: 200.0, 500.0, 1000.0
z = base + torch.tensor([[0.0, 1.0, 2.0], [3.0, 0.0, 0.0]])
z = z - z.max(dim=1, keepdim=True).values  # step
z = z.exp()  # step
z = z / z.sum(dim=1, keepdim=True)  # step
print(z)

# %% question channels_last: write p
"""`maps` has the axes (image, row, column, class), and each pixel chooses one class. Give `p` the shares.

- `maps.softmax(dim=1)`: in this layout dim 1 holds the rows of the picture
- `maps.softmax(dim=0)`: there the images compete
- `maps.softmax(dim=2)`: there the columns of the picture compete
- `maps.log_softmax(dim=-1)`: those are the logarithms of the shares

The alternatives lie along the last axis here. Which axis it is, the layout decides and not the number of axes.
"""
import torch

classes = 4  # fresh: 3..6
maps = torch.randn(2, 5, 5, classes)
p = maps.softmax(dim=-1)

# %% question same_shares: choose all
"""`z` has the axes (image, class). Which of these have the same `softmax(dim=1)` as `z`?

- [x] `z + 100`: each score of an image grows by the same number
- [x] `z - z.max(dim=1, keepdim=True).values`: each image loses a number of its own, the same for all its classes
- [x] `z.log_softmax(dim=1)`: it takes one number from all scores of an image
- `z * 2`: the differences double, and the largest share grows
- `z - z.mean(dim=0)`: each class loses another number, so the differences in an image change

Only the differences between the scores of one choice count.
"""

# %% question padded_keys: fill the blank
"""The last score belongs to padding, which must get no share at all. What is written over it?

- [x] `float("-inf")`
- [x] `-1e9`
- `0.0`: exp(0) is 1, so the padding still gets a share
- `float("inf")`: inf less inf is NaN, for the whole row

exp(−∞) is 0. Masks in attention are made in this way, before softmax and not after it.
"""
import torch

score = 2.0  # fresh: 1.0, 2.0, 3.0
scores = torch.tensor([[score, 1.0, 0.5]])
padding = torch.tensor([[False, False, True]])
print(scores.masked_fill(padding, ___).softmax(dim=-1))
