"""# Rounding, and eight bits

Four functions make each element whole. They differ below zero, and at the half:

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
from tutor.check import Unmet, again, expect


def _int8(values):
    """Whole numbers as int8; what doesn't fit wraps around."""
    return ((values + 128) % 256 - 128).to(torch.int8)


def _mistakes(x, scale, own):
    """What drafts with a typical mistake make of `x`, each with its cause; `own` is the scale of the draft."""
    steps = x / scale
    nearest = steps.round()
    rounded = {
        "the fraction was cut off, as `trunc` does: round before you convert": steps.trunc(),
        "everything was rounded down, as `floor` does": steps.floor(),
        "everything was rounded up, as `ceil` does": steps.ceil(),
        "halves were rounded up; `round` takes them to the even neighbour": (steps + 0.5).floor(),
        "halves were rounded away from zero, not to the even neighbour": (steps.abs() + 0.5).floor() * steps.sign(),
        "0.5 was added and the fraction cut off: that is wrong below zero": (steps + 0.5).trunc(),
        f"it was divided by {own}, whatever `scale` is": (x / own).round(),
        "`scale` was left out: count in steps, `x / scale`": x.round(),
        "it was multiplied by `scale`: the number of steps is `x / scale`": (x * scale).round(),
        "`x` was rounded, and then divided: divide first": (x.round() / scale).trunc(),
        "it is multiplied by `scale` again: `q` counts the steps": (nearest * scale).trunc(),
    }
    at_the_ends = {
        "what doesn't fit wrapped around: clip before you convert to int8": nearest,
        "the lower end wrapped around: clip at -128 too": nearest.clip(max=127),
        "the upper end wrapped around: clip at 127 too": nearest.clip(min=-128),
        "`x` was clipped, and then divided by `scale`: clip the number of steps": (x.clip(-128, 127) / scale).round(),
        "the ends were divided by `scale`; those of int8 are -128 and 127": nearest.clip(-128 / scale, 127 / scale),
        "the ends were multiplied by `scale`; those of int8 are -128 and 127": nearest.clip(-128 * scale, 127 * scale),
        "the lowest number of int8 is -128": nearest.clip(-127, 127),
        "the highest number of int8 is 127: 128 wraps around to -128": nearest.clip(-128, 128),
        "0 to 255 is the range of uint8; int8 has -128 to 127": nearest.clip(0, 255),
    }
    clipped = {why: values.clip(-128, 127).to(torch.int8) for why, values in rounded.items()}
    return clipped | {why: _int8(values) for why, values in at_the_ends.items()}


def _own_scale(run):
    """The scale of the draft; 1 where it is no number."""
    return run.scale if isinstance(run.scale, float | int) and run.scale else 1.0


def _expect_codes(run, *steps, scale):
    """Expect the right `q` for an `x` that is so many steps of `scale`, as often as the draft's own `x` has room."""
    listed = torch.tensor(steps) * scale
    x = listed
    if run.x.numel() > len(steps):
        x = listed.repeat(run.x.numel())[: run.x.numel()].view(run.x.shape)
    q = again(run, x=x, scale=scale).q
    name = f"q for scale = {scale:g} and x = {', '.join(f'{value:g}' for value in listed.tolist())}"
    codes = (x / scale).round().clip(-128, 127).to(torch.int8)
    mistaken = _mistakes(x, scale, _own_scale(run)) | {"that is `q` for your own `x`: compute it from `x`": run.q}
    expect(q, name).close_to(codes, mistaken=mistaken)


def q_is_int8(run):
    """`q` has one int8 for each element of `x`"""
    expect(run.x).is_tensor()
    expect(run.q).is_tensor()
    scale = _own_scale(run)
    restored = (run.x / scale).round().clip(-128, 127) * scale
    if scale != 1 and run.q.is_floating_point() and torch.equal(run.q, restored):
        raise Unmet("`q` is multiplied by `scale` again, and so it is a float.", "Leave `* scale` to the last line.")
    expect(run.q).has_dtype(torch.int8).has_shape(*run.x.shape)


def nearest_step(run):
    """each value of `q` is the nearest whole number of steps; a half goes to the even one"""
    _expect_codes(run, -2.5, -1.5, -0.7, 0.2, 0.5, 2.5, scale=1.0)


def scale_counts(run):
    """the steps are those of `scale`, for another `scale` too"""
    _expect_codes(run, -21.25, -6.5, -2.75, 0.5, 1.5, 10.25, scale=0.25)
    _expect_codes(run, -21.25, -6.5, -2.75, 0.5, 1.5, 10.25, scale=2.0)


def ends_of_the_range(run):
    """what is out of range becomes -128 or 127, and what is within stays"""
    _expect_codes(run, -200.0, -128.0, 1.0, 127.0, 128.0, 200.0, scale=4.0)
    _expect_codes(run, -200.0, -128.0, 1.0, 127.0, 128.0, 200.0, scale=0.25)


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

# %% right: another scale, other numbers, an assert and a loop that prints
# in place of: scale = 0.5
scale = 0.3
# in place of: x = torch.tensor([0.25, 0.75, 1.25, -0.4, 100.0, -100.0])
x = torch.linspace(-50, 50, 11)
# after: print(x)
assert q.min() == -128 and len(q) == 11
for i in range(11):
    print(i, x[i], q[i])


# %% right: the errors of its six numbers are added up
# after: print(x)
error = 0.0
for i in range(6):
    error += (x[i] - q[i] * scale).item() ** 2


# %% right: a function in plain Python, number by number
# before: scale = 0.5
def quantize(x, scale, low=-128, high=127):
    steps = [round(number / scale) for number in x.tolist()]
    return torch.tensor([min(max(number, low), high) for number in steps], dtype=torch.int8)


# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = quantize(x, scale)

# %% right: step by step and in place, at last compared with another way
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = x / scale
q.round_().clamp_(-128, 127)
q = q.to(torch.int8)
other = torch.quantize_per_tensor(x, scale, 0, torch.qint8).int_repr()
print("the same:", torch.equal(q, other))

# %% right: x is clipped at the ends of the range as they are in x
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x.clip(-128 * scale, 127 * scale) / scale).round().to(torch.int8)

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

# %% mistake: x itself is clipped at -128 and 127, and the number of steps is not -> ends_of_the_range
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x.clip(-128, 127) / scale).round().to(torch.int8)

# %% mistake: the ends of the range are divided by scale, too -> ends_of_the_range
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x / scale).round().clip(-128 / scale, 127 / scale).to(torch.int8)

# %% mistake: the ends of the range are right for one scale only -> ends_of_the_range
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x / scale).round().clip(-64 / scale, 63.5 / scale).to(torch.int8)

# %% mistake: the scale is typed in, so another one changes nothing -> nearest_step
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x / 0.5).round().clip(-128, 127).to(torch.int8)

# %% mistake: multiplied by scale in place of divided -> scale_counts
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x * scale).round().clip(-128, 127).to(torch.int8)

# %% mistake: 0.5 is added, and below zero the fraction is cut off at the wrong side -> nearest_step
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x / scale + 0.5).clip(-128, 127).to(torch.int8)

# %% mistake: only the upper end is clipped -> ends_of_the_range
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x / scale).round().clip(max=127).to(torch.int8)

# %% mistake: the range is that of uint8 -> nearest_step
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x / scale).round().clip(0, 255).to(torch.int8)

# %% mistake: q is turned back into numbers already -> q_is_int8
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = (x / scale).round().clip(-128, 127).to(torch.int8) * scale

# %% mistake: the codes of this x are typed in -> nearest_step
# in place of: q = (x / scale).round().clip(-128, 127).to(torch.int8)
q = torch.tensor([0, 2, 2, -1, 127, -128], dtype=torch.int8)

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
