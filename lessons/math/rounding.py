"""# Rounding, and eight bits

Four functions make each element whole. They part ways below zero, and at the half:

    x      -2.5  -1.5  -0.7  0.5  1.5  2.5
    round    -2    -2    -1    0    2    2  nearest
    floor    -3    -2    -1    0    1    2  down
    ceil     -2    -1     0    1    2    3  up
    trunc    -2    -1     0    0    1    2  to zero

`fix` is another name of `trunc`. `round` doesn't do what school taught: a half goes to the **even**
neighbour, so 2.5 becomes 2. If every half went up, a sum of many numbers would drift up; to even,
about as many go down as up.

Rounding is how a large model shrinks to a quarter. Each weight, a float of 32 bits, is stored as a
whole number `q` of 8 bits, counted in steps of `scale`, so that x ≈ q · scale:

    x ▶ ÷ scale ▶ round ▶ clip −128…127 ▶ int8 = q

Without `round`, the conversion to int8 cuts fractions off, as `trunc` does, and the weights shrink
towards zero. Without `clip`, 200 doesn't fit in 8 bits and wraps around to −56: the largest weight
turns negative.

## Task
Make `q` from `x` as in the picture: int8, the nearest step, and what is out of range at the end of
the range.

## Hints
- Stay in floats until the last step. `x / scale` has the methods `round` and `clip`.
- `clip` takes the lowest and the highest value that are allowed.
- At the very end: `.to(torch.int8)`.

## Takeaway
Converting to an integer dtype cuts the fraction off and wraps what doesn't fit: round, clip, then
convert. `torch.round` sends halves to the even neighbour.
"""

# %% snippet -> nearest_step
import torch

scale = 0.5
x = torch.tensor([0.25, 0.75, 1.25, -0.4, 100.0, -100.0])

q = (x / scale).to(torch.int8)

print(x)
print(q * scale)

# %% solution
import torch

scale = 0.5
x = torch.tensor([0.25, 0.75, 1.25, -0.4, 100.0, -100.0])

q = (x / scale).round().clip(-128, 127).to(torch.int8)

print(x)
print(q * scale)

# %% check
import torch
from tutor.check import again, expect


def _codes(run, *values):
    """What the draft makes of these values at scale 1, under a name that shows them."""
    q = again(run, x=torch.tensor(values), scale=1.0).q
    return expect(q, f"q for x = {', '.join(f'{value:g}' for value in values)}")


def q_is_int8(run):
    """`q` has one int8 for each element of `x`"""
    expect(run.x).is_tensor()
    expect(run.q).is_tensor().has_shape(*run.x.shape).has_dtype(torch.int8)


def nearest_step(run):
    """each value of `q` is the nearest whole number of steps; a half goes to the even one"""
    values = (-2.5, -1.5, -0.7, 0.4, 0.5, 0.6, 2.5)
    x = torch.tensor(values)
    mistaken = {
        "the fraction was cut off, as `trunc` does": x.trunc().to(torch.int8),
        "everything was rounded down, as `floor` does": x.floor().to(torch.int8),
        "everything was rounded up, as `ceil` does": x.ceil().to(torch.int8),
        "halves were rounded up, and not to the even neighbour": (x + 0.5).floor().to(torch.int8),
    }
    _codes(run, *values).close_to(x.round().to(torch.int8), mistaken=mistaken)


def ends_of_the_range(run):
    """what is out of range becomes -128 or 127, and what is within stays"""
    values = (-200.0, -128.0, 0.0, 127.0, 200.0)
    wrapped = torch.tensor([56, -128, 0, 127, -56], dtype=torch.int8)
    mistaken = {"what doesn't fit wrapped around: it wasn't clipped before the conversion": wrapped}
    _codes(run, *values).close_to(torch.tensor(values).clip(-128, 127).to(torch.int8), mistaken=mistaken)


def scale_counts(run):
    """`q * scale` is at most half a step away from `x`, with another `scale` too"""
    x = torch.linspace(-20, 20, 97)
    q = again(run, x=x, scale=0.25).q
    expect(q, "q for scale = 0.25").is_tensor()
    expect(q.float() * 0.25, "q * scale for scale = 0.25").close_to(x, rtol=0, atol=0.125)


# %% right: clamped before it is rounded
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = torch.round(torch.clamp(x / scale, -128, 127)).type(torch.int8)

# %% right: the range from iinfo, by minimum and maximum
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
range8 = torch.iinfo(torch.int8)
steps = torch.round(x / scale)
q = steps.minimum(torch.tensor(float(range8.max))).maximum(torch.tensor(float(range8.min))).char()

# %% right: what torch itself quantizes with
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = torch.quantize_per_tensor(x, scale, 0, torch.qint8).int_repr()

# %% mistake: without round, the conversion cuts off the fraction -> nearest_step
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x / scale).clip(-128, 127).to(torch.int8)

# %% mistake: halves are always rounded up, as at school -> nearest_step
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x / scale + 0.5).floor().clip(-128, 127).to(torch.int8)

# %% mistake: without clip, 200 wraps around to -56 -> ends_of_the_range
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x / scale).round().long().to(torch.int8)

# %% mistake: clip came after the conversion, when it was too late -> ends_of_the_range
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x / scale).round().long().to(torch.int8).clip(-128, 127)

# %% mistake: x itself was rounded, to whole numbers and not to steps -> scale_counts
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x.round() / scale).clip(-128, 127).to(torch.int8)

# %% mistake: the numbers are whole, and still floats -> q_is_int8
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x / scale).round().clip(-128, 127)

# %% question halves
"""What does this print?

- [0.0, 2.0, 2.0, 4.0]
- [1.0, 2.0, 3.0, 4.0]: a half goes to the even neighbour, not always up
- [0.0, 1.0, 2.0, 3.0]: that is `floor`

The even neighbours of 0.5, 1.5, 2.5 and 3.5 are 0, 2, 2 and 4.
"""
import torch

print(torch.tensor([0.5, 1.5, 2.5, 3.5]).round().tolist())

# %% question below_zero
"""What does this print?

- -2.0 -2.0 -2: only `floor` goes down below zero
- -2.0 -1.0 -1
- -1.0 -1.0 -1: `floor` goes towards −∞, so −1.2 becomes −2
- -2.0 -1.0 -2: converting to an integer cuts the fraction off, as `trunc` does

For negative numbers `floor` and `trunc` differ, and the conversion takes the side of `trunc`.
"""
import torch

x = torch.tensor(-1.2)
print(x.floor().item(), x.trunc().item(), x.long().item())

# %% question mean_of_halves
"""The mean of 0.5, 1.5, … 999.5 is 500. What does this print for the rounded numbers?

- 500.0 500.5
- 500.0 500.0: rounding every half up adds 0.5 to each of them
- 500.5 500.5: to even, as many halves go down as up

To even, the errors cancel. Up, they add.
"""
import torch

x = torch.arange(1000) + 0.5
print(x.round().mean().item(), (x + 0.5).floor().mean().item())

# %% question to_eight_bits: order
"""Put in order the steps from `x` to eight bits and back.

First count in steps of `scale`, then round, then convert. What is clipped after the conversion has wrapped already.
"""
import torch

scale = 0.5  # fresh: 0.25, 0.5
x = torch.tensor([0.45, 0.9, -0.7, 90.0])
q = x / scale  # step
q = q.round().clip(-128, 127)  # step
code = q.to(torch.int8)  # step
x = code * scale  # step
print(x.tolist())

# %% question wraps_around: predict q.item()
"""Whole numbers are put into eight bits. What does `q` hold?

- `127`: what is too large isn't clipped, unless you ask for it
- `n - 128`: a whole turn is all 256 values, not half of them
- `n - 255`: from -128 to 127 there are 256 values, with the zero

The conversion keeps the last eight bits, so it counts on from 127 at -128. Use `clip(-128, 127)` first.
"""
import torch

n = 200  # fresh: 130..250
q = torch.tensor(n).to(torch.int8)

# %% question largest_error: predict error.max().item()
"""Numbers are rounded to the steps of `scale`, and none is out of range. How far off is the worst of them?

- `scale`: that is what cutting fractions off may lose, a whole step
- `scale / 4`: that is the mean error, when all values are equally likely
- `0.0`: only multiples of `scale` come back as they were

The nearest step is at most half a step away. Twice the scale, twice the error.
"""
import torch

scale = 0.5  # fresh: 0.25, 0.5, 1.0, 2.0
x = torch.arange(-64, 65) / 16
q = (x / scale).round().to(torch.int8)
error = (x - q * scale).abs()

# %% question bright_turns_dark: find the line
"""A picture is made brighter, and its brightest spot turns dark. Which line is at fault?

A Python number doesn't change the dtype of a tensor, so the sum is uint8 too and wraps at 256. Go to a wider
dtype before the sum, and back after `clip`.
"""
import torch

more = 100  # fresh: 70..120
picture = torch.tensor([20, 80, 200], dtype=torch.uint8)  # fine: pictures are kept in this dtype
brighter = picture + more  # at fault: brighter = picture.int() + more
brighter = brighter.clip(0, 255)  # fine: it is needed, and can't know what has wrapped before
shown = brighter.to(torch.uint8)  # fine: after `clip` everything fits
print(shown.tolist())

# %% question to_the_grid: write y
"""Give `y` the numbers of `x`, each moved to the nearest multiple of `step`.

- `(x / step).round()`: that is how many steps it is; multiply by `step` to come back
- `x.round()`: that moves to whole numbers, not to steps
- `(x / step).floor() * step`: that moves down only, never to the nearer one above
- `(x * step).round() / step`: that is the grid of `1 / step`

Count in steps, round, and turn steps into numbers again: quantizing works in this way.
"""
import torch

step = 0.4  # fresh: 0.2, 0.25, 0.4, 0.5
x = torch.rand(5) * 10
y = (x / step).round() * step

# %% question gradient_of_round
"""A model is to learn weights that will be rounded. What does this print?

- tensor([0., 0.])
- tensor([1., 1.]): one has to ask for that, with `w + (w.round() - w).detach()`
- None: autograd knows `round`, and gives it a derivative

`round` is flat between its jumps, so its derivative is 0 and nothing is learnt through it. Training for eight bits
pretends that it is 1.
"""
import torch

w = torch.tensor([0.4, 1.7], requires_grad=True)
w.round().sum().backward()
print(w.grad)
