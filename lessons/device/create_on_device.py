"""# Create tensors on the device: `device=`

A model and its inputs have to be on one device, in one dtype. You move your data there. A tensor
that you create needs no move: every function that makes one takes `device=` and `dtype=`.

    torch.ones(8, 1).to(device)
        fills memory on the CPU, then copies it
    torch.ones(8, 1, device=device)
        fills memory on the device

In a loop, that copy costs time at each step. Without `device=` and `dtype=`, the ones are on the
CPU in float32. With a model on a GPU, the next operation raises an error. A wrong dtype often
raises none: float16 minus float32 gives float32, which takes twice the memory.

## Task
`model` and `x` are on `device`, in float16. Create `target` on it, too: a column of ones in
float16, one for each row of `x`. Then let `miss` be `model(x) - target`.

## Hints
- `torch.ones` takes `device=` and `dtype=`.
- Write `device`, never the name of one. The last check runs your code on `meta`, a device with
  shapes but no data, which every machine has.

## Takeaway
Create tensors where they are used: `torch.ones(8, 1, device=device, dtype=torch.float16)`.
`torch.ones_like(y)` takes shape, device and dtype from `y`.
"""

# %% snippet -> target_is_there
import torch
from torch import nn

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

model = nn.Linear(3, 1, device=device, dtype=torch.float16)
x = torch.randn(8, 3, device=device, dtype=torch.float16)
target = torch.ones(8, 1)

print("x     ", x.device, x.dtype)
print("target", target.device, target.dtype)

# %% solution
import torch
from torch import nn

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

model = nn.Linear(3, 1, device=device, dtype=torch.float16)
x = torch.randn(8, 3, device=device, dtype=torch.float16)
target = torch.ones(8, 1, device=device, dtype=torch.float16)
miss = model(x) - target

print("x     ", x.device, x.dtype)
print("target", target.device, target.dtype)

# %% check
import torch
from torch import nn
from tutor.check import expect, on_meta


def model_and_x_stay(run):
    """`model` and `x` are on `device`, in float16"""
    expect(run.model).is_a(nn.Module).on(run.device)
    for name, parameter in run.model.named_parameters():
        expect(parameter, f"model.{name}").has_dtype(torch.float16)
    expect(run.x).has_dtype(torch.float16).on(run.device)


def target_is_there(run):
    """`target` is a column of ones on `device`, in float16, one for each row of `x`"""
    target = expect(run.target).has_dtype(torch.float16).on(run.device)
    target.close_to(torch.ones(len(run.x), 1, device=run.device, dtype=torch.float16))


def miss_is_computed(run):
    """`miss` is `model(x) - target`"""
    with torch.no_grad():
        output = expect(run.model, "model").calling(run.x).value
    expect(run.miss).has_dtype(torch.float16)
    expect(run.miss).close_to(output - run.target, mistaken={"`target` is added, not subtracted": output + run.target})


def all_follow_device(run):
    """It also works when `device` is "meta"."""
    other = on_meta(run)
    for name in ("x", "target", "miss"):
        expect(getattr(other, name), name).on("meta")


# %% right: created on the CPU, then moved
# in place of: target = torch.ones(8, 1, device=device, dtype=torch.float16)
target = torch.ones(8, 1).to(device).to(torch.float16)

# %% right: from the model's own weights, for more rows
# in place of: x = torch.randn(8, 3, device=device, dtype=torch.float16)
x = torch.randn(20, 3, device=device, dtype=torch.float16)
# in place of: target = torch.ones(8, 1, device=device, dtype=torch.float16)
target = model.weight.new_ones(len(x), 1)

# %% right: like the output, and prints of numbers
# in place of: target = torch.ones(8, 1, device=device, dtype=torch.float16)
# in place of: miss = model(x) - target
output = model(x)
target = torch.ones_like(output)
miss = output - target
worst = miss.abs().max().item()
print(f"{worst:.3f}")

# %% right: from numbers, and a default device
# before: model = nn.Linear(3, 1, device=device, dtype=torch.float16)
torch.set_default_device(device)
# in place of: target = torch.ones(8, 1, device=device, dtype=torch.float16)
target = torch.tensor([[1.0]] * 8, dtype=torch.float16)

# %% mistake: target has the default dtype, float32, and turns miss into float32 too -> target_is_there
# in place of: target = torch.ones(8, 1, device=device, dtype=torch.float16)
target = torch.ones(8, 1, device=device)

# %% mistake: a row of ones meets every row of the output -> target_is_there
# in place of: target = torch.ones(8, 1, device=device, dtype=torch.float16)
target = torch.ones(8, device=device, dtype=torch.float16)

# %% mistake: the model was brought to float32 to fit target -> model_and_x_stay
# in place of: model = nn.Linear(3, 1, device=device, dtype=torch.float16)
model = nn.Linear(3, 1, device=device)
# in place of: x = torch.randn(8, 3, device=device, dtype=torch.float16)
x = torch.randn(8, 3, device=device)
# in place of: target = torch.ones(8, 1, device=device, dtype=torch.float16)
target = torch.ones(8, 1, device=device)

# %% mistake: the two sides of the difference are swapped -> miss_is_computed
# in place of: miss = model(x) - target
miss = target - model(x)

# %% mistake: target has the right dtype, and stays on the CPU when device is another -> all_follow_device
# in place of: target = torch.ones(8, 1, device=device, dtype=torch.float16)
target = torch.ones(8, 1, dtype=torch.float16)

# %% question cuda_without_index
"""Devices can be compared without a GPU. What does this print?

- False
- True: `cuda` has no index; it means the current GPU, whichever that is

A tensor on a GPU names its device with the index, so `x.device == torch.device("cuda")` is False even there.
Ask `x.device.type == "cuda"`, or `x.is_cuda`.
"""
import torch

print(torch.device("cuda") == torch.device("cuda:0"))

# %% question too_large_for_half: predict x.item()
"""float16 has its price. What does `x` hold?

- `big`: a number of 16 bits can't go that far
- `65504.0`: that is the largest float16; what is larger isn't clipped to it
- `big - 65536`: integers wrap around, floats don't

float16 ends at 65504, and beyond it is `inf`. bfloat16 takes 16 bits too, and reaches as far as float32, with
fewer digits.
"""
import torch

big = 70000.0  # fresh: 66000.0, 70000.0, 80000.0, 90000.0, 100000.0
x = torch.tensor(big).to(torch.float16)

# %% question mixed_dtypes: predict miss.numel() * miss.element_size()
"""The ones were made without `dtype=`. How many bytes does `miss` take?

- `2 * rows`: float16 with float32 gives float32, which has 4 bytes for each number
- `6 * rows`: the result has one dtype, the larger of the two
- `4 * rows * rows`: both have `rows` rows of one number, so each row meets its own

No error, and twice the memory: the result takes the larger dtype of the two.
"""
import torch

rows = 8  # fresh: 3..9
y = torch.zeros(rows, 1, dtype=torch.float16)
miss = y - torch.ones(rows, 1)

# %% question zeros_beside_x: fill the blank
"""Create the zeros where `x` is, in the dtype of `x`. (`meta` is a device without data that every machine has; here it
stands for a GPU.)

- [x] `device=x.device, dtype=x.dtype`
- `device=x.device`: that is the right place, but the dtype is float32
- `dtype=x.dtype`: that is the right dtype, but the zeros are on the CPU
- `device="cuda", dtype=x.dtype`: that names one device, and `x` is on another

Every function that makes a tensor takes both. `torch.zeros_like(x)` reads them from `x`.
"""
import torch

n = 4  # fresh: 2..9
x = torch.ones(n, device="meta", dtype=torch.float16)
state = torch.zeros(n, ___)
print(state.device, state.dtype)

# %% question noise_left_behind: find the line
"""`meta` stands for a GPU here, and the program stops. Which line has to change?

`torch.rand` makes its numbers on the CPU unless `device=` names another place. The error comes later, where the two
meet.
"""
import torch

device = torch.device("meta")
x = torch.ones(4, 3, device=device)  # fine: it is created on the device
scale = 0.1  # fine: a Python number has no device, and goes with any tensor
noise = torch.rand(4, 3)  # at fault: noise = torch.rand(4, 3, device=device)
noisy = x + scale * noise  # fine: it stops here, for what an earlier line made on the CPU
print(noisy.device)

# %% question never_on_the_cpu: choose all
"""`x` is on a GPU. Which of these make a tensor there, without one on the CPU first?

- [x] `torch.zeros(3, device=x.device)`
- `torch.zeros(3).to(x.device)`: it fills three numbers on the CPU, then copies them
- [x] `torch.zeros_like(x)`: it takes device, dtype and shape from `x`
- [x] `x.new_zeros(3)`: it takes device and dtype from `x`
- `torch.zeros(3)`: that one is on the CPU, and stays there

Create it where it is used, and nothing has to be copied.
"""
