"""# To the device: a tensor and a module differ

A tensor lies in the memory of one device, and an operation wants all its operands on the same one.
A `torch.device` names it: `cpu`, `cuda` (the current GPU), `cuda:1` (the second GPU). The snippet
takes a GPU if there is one; `torch.accelerator` asks the same for every kind, Apple's and Intel's
too.

On a tensor and on a module `.to` does two different things:

    x = x.to(device)    a tensor there; the old x
                        stays where it was
    model.to(device)    the model's own weights move

So `model.to(device)` alone on a line works, and `x.to(device)` alone on a line does nothing: nobody
keeps what it returns, and the next `model(x)` fails. When nothing has to change, nothing is copied:
`x.to(device)` is `x` itself.

A dtype follows the same rules, so all this can be seen without a GPU. Here `.to` also asks for
float16, which halves the memory of a model.

What you make yourself, make there. `torch.zeros(8, 1).to(device)` fills memory on the CPU and
copies it; `torch.zeros(8, 1, device=device)` does neither.

## Task
The model is on `device`, in float16. Bring `x` there, make the ones of `target` there, and compute
`miss = model(x) - target`.

## Hints
- What does `x.to(device, torch.float16)` return, and who keeps it?
- `torch.ones` takes `device=` and `dtype=`.
- Write `device`, never the name of one. The last check runs your code on `meta`, a device with
  shapes but no data, which every machine has.

## Takeaway
`x = x.to(device)` for a tensor, `model.to(device)` for a module, `device=` for what you create.
`next(model.parameters()).device` tells where a model is.
"""

# %% snippet -> x_is_there
import torch
from torch import nn

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

model = nn.Linear(3, 1)
x = torch.randn(8, 3)
model.to(device, torch.float16)
x.to(device, torch.float16)
target = torch.ones(8, 1)

print("model ", model.weight.device, model.weight.dtype)
print("x     ", x.device, x.dtype)
print("target", target.device, target.dtype)

# %% solution
import torch
from torch import nn

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

model = nn.Linear(3, 1)
x = torch.randn(8, 3)
model.to(device, torch.float16)
x = x.to(device, torch.float16)
target = torch.ones(8, 1, device=device, dtype=torch.float16)
miss = model(x) - target

print("model ", model.weight.device, model.weight.dtype)
print("x     ", x.device, x.dtype)
print("target", target.device, target.dtype)

# %% check
import torch
from torch.overrides import TorchFunctionMode
from tutor.check import again, expect


class _Readable(TorchFunctionMode):
    """A draft may print numbers, which a meta tensor hasn't got: it reads zeros on the CPU instead."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        try:
            return func(*args, **(kwargs or {}))
        except (RuntimeError, TypeError):
            tensors = [value for value in args if isinstance(value, torch.Tensor)]
            if not tensors or not all(tensor.is_meta for tensor in tensors):
                raise
            zeros = (torch.zeros_like(a, device="cpu") if isinstance(a, torch.Tensor) else a for a in args)
            return func(*zeros, **(kwargs or {}))


def model_is_there(run):
    """`model` has its weights on `device`, in float16"""
    expect(run.model.weight, "model.weight").has_dtype(torch.float16).on(run.device)


def x_is_there(run):
    """`x` is on `device`, in float16"""
    expect(run.x).has_shape(8, 3).has_dtype(torch.float16).on(run.device)


def target_is_there(run):
    """`target` is eight ones on `device`, in float16"""
    ones = torch.ones(8, 1, device=run.device, dtype=torch.float16)
    expect(run.target).has_dtype(torch.float16).on(run.device).close_to(ones)


def miss_is_computed(run):
    """`miss` is `model(x) - target`"""
    with torch.no_grad():
        said = expect(run.model, "model").calling(run.x).value
    expect(run.miss).has_dtype(torch.float16).close_to(said - 1)


def all_follow_device(run):
    """with `meta` for `device`, all of them are there"""
    meta = torch.device("meta")
    with _Readable():
        other = again(run, device=meta)
    for name in ("x", "target", "miss"):
        expect(getattr(other, name), f"{name} for device = meta").on(meta)


# %% right: device and dtype one after the other
# in place of: x = x.to(device, torch.float16)
x = x.half().to(device)
# in place of: target = torch.ones(8, 1, device=device, dtype=torch.float16)
target = torch.ones(8, 1).to(device).to(torch.float16)

# %% right: made after the model's own
# in place of: x = x.to(device, torch.float16)
x = x.to(model.weight)
# in place of: target = torch.ones(8, 1, device=device, dtype=torch.float16)
target = model.weight.new_ones(8, 1)

# %% right: made like the output
# in place of: target = torch.ones(8, 1, device=device, dtype=torch.float16)
# in place of: miss = model(x) - target
output = model(x)
target = torch.ones_like(output)
miss = output - target

# %% mistake: x.to returns a new tensor, and nobody gives it the name x -> x_is_there
# in place of: x = x.to(device, torch.float16)
x.to(device, torch.float16)
# in place of: miss = model(x) - target
miss = model(x.to(model.weight)) - target

# %% mistake: target has the default dtype, float32, and turns miss into float32 too -> target_is_there
# in place of: target = torch.ones(8, 1, device=device, dtype=torch.float16)
target = torch.ones(8, 1, device=device)

# %% mistake: the model was brought back to float32 to fit x -> model_is_there
import torch
from torch import nn

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

model = nn.Linear(3, 1).to(device)
x = torch.randn(8, 3).to(device)
target = torch.ones(8, 1, device=device)
miss = model(x) - target

# %% mistake: x looks for a GPU by itself and doesn't follow device -> all_follow_device
# in place of: x = x.to(device, torch.float16)
x = x.half()
if torch.cuda.is_available():
    x = x.cuda()

# %% mistake: the two sides of the difference are swapped -> miss_is_computed
# in place of: miss = model(x) - target
miss = target - model(x)

# %% question same_or_new
"""What does this print, on any machine?

- True False
- True True: a new dtype needs new memory, so the second one is a new tensor
- False False: `x` is on the CPU already, so there is nothing to copy
- False True: it is the other way round

`.to` returns the tensor itself when device and dtype already fit.
"""
import torch

x = torch.ones(2, device="cpu")
print(x.to("cpu") is x, x.to(torch.float64) is x)

# %% question thrown_away
"""Nothing is assigned in the two lines with `.to`. What does this print?

- torch.float64 torch.float64: the result of `x.to` was thrown away, so `x` is what it was
- torch.float64 torch.float32
- torch.float32 torch.float32: a module is changed in place
- torch.float32 torch.float64: it is the other way round

`.to` changes a module, and leaves a tensor alone.
"""
import torch
from torch import nn

layer = nn.Linear(2, 2)
x = torch.ones(2)
layer.to(torch.float64)
x.to(torch.float64)
print(layer.weight.dtype, x.dtype)

# %% question converted_leaf
"""A tensor is made with `requires_grad=True` and then converted. What does this print?

- False tensor([1., 1.])
- True tensor([1., 1.]): `w` is what an operation made, here `.to`, so it is no leaf
- False None: the gradient flows through `.to`, back to the leaf `made`
- True None: it is the other way round on both counts

Autograd records `.to` like any operation, so the gradient lands in `made`, and `w.grad` stays empty. To train
`w` itself, create it on its device and in its dtype.
"""
import torch

made = torch.ones(2, requires_grad=True)
w = made.to(torch.float64)
w.sum().backward()
print(w.is_leaf, made.grad)

# %% question plain_attribute: find the line
"""This model is converted to float16, and then stops on float16 input. Which line of its class has to change?

`.to` moves and converts parameters and buffers. A tensor that is a plain attribute stays behind, on the old
device too.
"""
import torch
from torch import nn


class Centred(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean = torch.zeros(3)  # at fault: self.register_buffer("mean", torch.zeros(3))
        self.layer = nn.Linear(3, 1)  # fine: a module takes the modules in it along

    def forward(self, x):
        return self.layer(x - self.mean)  # fine: with a mean in float16 the difference is float16 too


model = Centred().to(torch.float16)  # fine: it converts all that the model has registered
x = torch.ones(4, 3, dtype=torch.float16)  # fine: a model in float16 wants its input in float16
print(model(x).dtype)

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

# %% question bytes_of_a_model: predict size
"""How many bytes do the parameters of this model take?

- `4 * (inputs + 1) * 10`: that is float32, with 4 bytes for each number
- `2 * inputs * 10`: the ten numbers of the bias are missing
- `(inputs + 1) * 10`: that counts the numbers, and each takes 2 bytes

A number in float16 takes 2 bytes. A layer has inputs × outputs weights, and one bias for each output.
"""
import torch
from torch import nn

inputs = 300  # fresh: 100, 200, 300, 400, 500
model = nn.Linear(inputs, 10).to(torch.float16)
size = sum(p.numel() * p.element_size() for p in model.parameters())

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

# %% question cuda_without_index
"""Devices can be compared without a GPU. What does this print?

- False
- True: `cuda` has no index; it means the current GPU, whichever that is

A tensor on a GPU names its device with the index, so `x.device == torch.device("cuda")` is False even there.
Ask `x.device.type == "cuda"`, or `x.is_cuda`.
"""
import torch

print(torch.device("cuda") == torch.device("cuda:0"))
