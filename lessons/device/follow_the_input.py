"""# Functions that follow their input

You try a function on a CPU, train with it on a GPU, and run it in float16. So it can't name one
device or dtype. It takes both from its input:

    x.device, x.dtype     to pass on
    torch.ones_like(x)    ones in the shape of x
    x.new_ones(3)         three ones
    weights.to(x)         a tensor that you have

The last three have the device and the dtype of `x`.

`fade` weighs the rows of `x`, from 1 for the first to 0 for the last. It creates its weights on the
CPU in float32. With `x` on a GPU it stops. With `x` in float16 it returns float32.

## Task
Let `fade` return its result on the device of `x` and in the dtype of `x`, whatever these are.

## Hints
- `torch.linspace` takes `device=` and `dtype=`.
- No GPU is needed: the checks call `fade` with `x` on `meta`, a device with shapes but no data.

## Takeaway
What a function creates takes device and dtype from an input: `device=x.device, dtype=x.dtype`,
`torch.zeros_like(x)`, `x.new_zeros(...)`. Then it works on every device.
"""

# %% snippet -> keeps_the_dtype
import torch


def fade(x):
    """Weigh the rows of x, from 1 for the first to 0 for the last."""
    weights = torch.linspace(1, 0, len(x))
    return weights.unsqueeze(1) * x


x = torch.ones(5, 2, dtype=torch.float16)
print(fade(x))

# %% solution
import torch


def fade(x):
    """Weigh the rows of x, from 1 for the first to 0 for the last."""
    weights = torch.linspace(1, 0, len(x), device=x.device, dtype=x.dtype)
    return weights.unsqueeze(1) * x


x = torch.ones(5, 2, dtype=torch.float16)
print(fade(x))

# %% check
import torch
from tutor.check import Unmet, expect


def _rows(count, dtype):
    return torch.arange(1.0, 3 * count + 1).reshape(count, 3).to(dtype)


def weighs_the_rows(run):
    """`fade` weighs the rows of `x`, from 1 for the first to 0 for the last"""
    for count in (5, 9):
        x = _rows(count, torch.float32)
        expect(run.fade).calling(x).close_to(torch.linspace(1, 0, count).unsqueeze(1) * x)


def keeps_the_dtype(run):
    """the result has the dtype of `x`"""
    for dtype, tolerance in ((torch.float16, 1e-2), (torch.bfloat16, 5e-2), (torch.float64, 1e-5)):
        x = _rows(7, dtype)
        returned = expect(run.fade).calling(x).is_tensor()
        if returned.value.dtype != dtype:
            raise Unmet(
                f"With `x` in {dtype}, `fade(x)` is in {returned.value.dtype}.",
                "What `fade` creates takes its dtype from `x`: `dtype=x.dtype`.",
            )
        returned.close_to(torch.linspace(1, 0, 7, dtype=dtype).unsqueeze(1) * x, rtol=tolerance)


def keeps_the_device(run):
    """the result is on the device of `x`, here `meta`"""
    for dtype in (torch.float32, torch.float16):
        x = _rows(5, dtype).to("meta")
        try:
            returned = expect(run.fade).calling(x).on("meta")
        except Unmet as stop:
            advice = "What `fade` creates goes where `x` is: `device=x.device`."
            raise Unmet(f"With `x` on `meta`, {stop.message}", advice) from None
        returned.has_shape(*x.shape).has_dtype(dtype)


# %% right: the weights are moved to x
# in place of: return weights.unsqueeze(1) * x
return weights.to(x).unsqueeze(1) * x
# in place of: weights = torch.linspace(1, 0, len(x), device=x.device, dtype=x.dtype)
weights = torch.linspace(1, 0, len(x))

# %% right: a tensor made after x, filled in a loop
# in place of: weights = torch.linspace(1, 0, len(x), device=x.device, dtype=x.dtype)
weights = x.new_empty(len(x))
for row in range(len(x)):
    weights[row] = 1 - row / (len(x) - 1)

# %% right: Python numbers have no device
# in place of: weights = torch.linspace(1, 0, len(x), device=x.device, dtype=x.dtype)
# in place of: return weights.unsqueeze(1) * x
last = len(x) - 1
return torch.stack([row * (1 - place / last) for place, row in enumerate(x)])

# %% right: other numbers, counted on x's device
# in place of: x = torch.ones(5, 2, dtype=torch.float16)
x = torch.rand(7, 4, dtype=torch.bfloat16)
# in place of: weights = torch.linspace(1, 0, len(x), device=x.device, dtype=x.dtype)
steps = torch.arange(len(x), device=x.device)
weights = (1 - steps / (len(x) - 1)).to(x.dtype)

# %% mistake: the device follows x, the dtype doesn't -> keeps_the_dtype
# in place of: weights = torch.linspace(1, 0, len(x), device=x.device, dtype=x.dtype)
weights = torch.linspace(1, 0, len(x), device=x.device)

# %% mistake: the dtype follows x, the device doesn't -> keeps_the_device
# in place of: weights = torch.linspace(1, 0, len(x), device=x.device, dtype=x.dtype)
weights = torch.linspace(1, 0, len(x), dtype=x.dtype)

# %% mistake: float16 is written out, and x may have any dtype -> keeps_the_dtype
# in place of: weights = torch.linspace(1, 0, len(x), device=x.device, dtype=x.dtype)
weights = torch.linspace(1, 0, len(x), device=x.device, dtype=torch.float16)

# %% mistake: x was moved to the weights, and not the weights to x -> keeps_the_dtype
# in place of: weights = torch.linspace(1, 0, len(x), device=x.device, dtype=x.dtype)
weights = torch.linspace(1, 0, len(x))
# in place of: return weights.unsqueeze(1) * x
return weights.unsqueeze(1) * x.to(weights)

# %% mistake: ones of the right kind, so nothing fades -> weighs_the_rows
# in place of: weights = torch.linspace(1, 0, len(x), device=x.device, dtype=x.dtype)
weights = x.new_ones(len(x))

# %% mistake: the weights are of the first x, with five rows -> weighs_the_rows
# in place of: weights = torch.linspace(1, 0, len(x), device=x.device, dtype=x.dtype)
weights = torch.linspace(1, 0, 5, device=x.device, dtype=x.dtype)

# %% question follow_the_model: fill the blank
"""Bring `x` to where the model is, in the model's dtype. It has to work for both models. (`meta` is a device without
data that every machine has; here it stands for a GPU.)

- [x] `model.weight`
- [x] `model.weight.device, model.weight.dtype`
- `model.weight.device`: that is the right place, but the dtype stays float32
- `model.weight.dtype`: that is the right dtype, but `x` stays on the CPU

`x.to(other)` takes device and dtype from the tensor `other`. Code that asks the model works wherever it is.
"""
import torch
from torch import nn

for model in nn.Linear(3, 1, device="meta"), nn.Linear(3, 1, dtype=torch.float64):
    x = torch.ones(8, 3)
    x = x.to(___)
    print(x.device, x.dtype)

# %% question like_keeps_the_dtype
"""What does this print?

- torch.int64 torch.float32
- torch.float32 torch.float32: `zeros_like` takes the dtype of `counts`, and these are whole numbers
- torch.int64 torch.int64: `torch.zeros` asks nobody, and makes float32

`zeros_like` takes all from its input, the dtype too. Where that isn't meant, say `dtype=`.
"""
import torch

counts = torch.tensor([3, 1, 2])
print(torch.zeros_like(counts).dtype, torch.zeros(3).dtype)

# %% question python_number: predict (x * factor).element_size()
"""`x` is in float16 and `factor` a Python number. How many bytes does each number of `x * factor` take?

- `4`: a Python number has no dtype of its own here; the tensor's counts
- `8`: a Python float has 64 bits, but it doesn't turn a tensor of floats into float64
- `1`: float16 has 16 bits, and these are 2 bytes

A Python number goes with the device and the float dtype of any tensor. A tensor made of it wouldn't always.
"""
import torch

n = 3  # fresh: 2..9
x = torch.ones(n, dtype=torch.float16)
factor = 0.5

# %% question full_of_threes: write y
"""Give `y` a tensor of `n` numbers, all `c`, on the device and in the dtype of `x`. (`x` has another shape.)

- `torch.full((n,), c)`: that is float32 on the CPU, whatever `x` is
- `torch.full_like(x, c)`: that has the shape of `x`, too
- `x.new_full((n,), 1.0)`: that is full of ones

The methods that begin with `new_` take device and dtype from a tensor, and nothing else.
"""
import torch

n = 4  # fresh: 3..9
c = 2.0  # fresh: 2.0, 3.0, 5.0
x = torch.zeros(2, 2, dtype=torch.float64)
y = x.new_full((n,), c)

# %% question mask_on_the_cpu: find the line
"""`fill` is called with a tensor on `meta`, which stands for a GPU, and stops. Which line has to change?

What a function creates belongs on the device of its input, and the input knows it: `x.device`.
"""
import torch


def fill(x):
    last = len(x) - 1  # fine: a Python number has no device
    places = torch.arange(len(x))  # at fault: places = torch.arange(len(x), device=x.device)
    ending = torch.zeros_like(x)  # fine: it is made where `x` is
    return torch.where(places < last, x, ending)  # fine: it stops here, for what was made on the CPU


print(fill(torch.ones(4, device="meta")).device)

# %% question where_is_the_buffer: choose all
"""A class of module makes a tensor of its own. With which of these does the tensor follow the module, or its input, to
another device?

- [x] `self.register_buffer("scale", torch.ones(3))` in `__init__`: `.to` moves buffers along
- `self.scale = torch.ones(3)` in `__init__`: a plain attribute stays behind
- [x] `scale = torch.ones(3, device=x.device)` in `forward`: it is created where `x` is
- [x] `self.scale = nn.Parameter(torch.ones(3))` in `__init__`: `.to` moves parameters
- `scale = torch.ones(3)` in `forward`: that one is on the CPU each time

What lasts is a buffer or a parameter, what is needed once is created beside `x`.
"""
