"""# `.to(device)`: tensors return a copy, modules move in place

A tensor lies in the memory of one device, and an operation wants all its operands on the same one.
A `torch.device` names it: `cpu`, `cuda` (the current GPU), `cuda:1` (the second GPU). The snippet
takes a GPU if there is one.

On a tensor and on a module `.to` does two different things:

    x = x.to(device)    a copy there; the old x
                        stays where it was
    model.to(device)    the model's own weights move

So `model.to(device)` works as a line of its own. `x.to(device)` as a line of its own changes
nothing: its result is dropped, and `model(x)` fails in the next line.

A dtype follows the same rules, so you can see all this without a GPU. Here `.to` also asks for
float16, which halves the memory of a model.

## Task
`model` is on `device`, in float16. Move `x` there too, in float16, and let `y` be `model(x)`.

## Hints
- What does `x.to(device, torch.float16)` return, and which name keeps it?
- Write `device`, never the name of one. The last check runs your code on `meta`, a device with
  shapes but no data, which every machine has.

## Takeaway
`x = x.to(device)` for a tensor, `model.to(device)` for a module. `next(model.parameters()).device`
tells where a model is. When nothing has to change, `x.to(device)` is `x` itself.
"""

# %% snippet -> x_is_there
import torch
from torch import nn

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

model = nn.Linear(3, 1)
x = torch.randn(8, 3)
model.to(device, torch.float16)
x.to(device, torch.float16)

print("model", model.weight.device, model.weight.dtype)
print("x    ", x.device, x.dtype)

# %% solution
import torch
from torch import nn

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

model = nn.Linear(3, 1)
x = torch.randn(8, 3)
model.to(device, torch.float16)
x = x.to(device, torch.float16)
y = model(x)

print("model", model.weight.device, model.weight.dtype)
print("x    ", x.device, x.dtype)

# %% check
import torch
from torch import nn
from tutor.check import Unmet, beside_solution, expect, on_meta


def model_is_there(run):
    """`model` is on `device`, in float16"""
    expect(run.model).is_a(nn.Module).on(run.device)
    for name, parameter in run.model.named_parameters():
        expect(parameter, f"model.{name}").has_dtype(torch.float16)


def x_is_there(run):
    """`x` is on `device`, in float16"""
    expect(run.x).has_dtype(torch.float16).on(run.device)


def x_is_moved(run):
    """`x` holds the numbers that it was made with"""
    draft, solution = beside_solution(run)
    expect(draft.x).has_shape(*solution.x.shape)
    if not torch.allclose(draft.x.cpu().float(), solution.x.cpu().float(), rtol=1e-3):
        raise Unmet(
            "`x` holds other numbers than it was made with.",
            "`x.to(device, torch.float16)` returns the same numbers on `device`: give them the name `x`.",
        )


def y_is_computed(run):
    """`y` is `model(x)`"""
    with torch.no_grad():
        output = expect(run.model, "model").calling(run.x).value
    if expect(run.y).is_tensor().value.dtype == torch.float32:
        raise Unmet("`y` is in float32.", "Compute `model(x)` after both moves, and leave its result as it is.")
    expect(run.y).close_to(output)


def all_follow_device(run):
    """It also works when `device` is "meta"."""
    other = on_meta(run)
    for name in ("x", "y"):
        expect(getattr(other, name), name).on("meta")


# %% right: device and dtype one after the other, and a print more
# in place of: x = x.to(device, torch.float16)
x = x.half().to(device)
# after: y = model(x)
print(y.min().item(), y.max().item())

# %% right: as the model's own weights are, for more rows
# in place of: x = torch.randn(8, 3)
x = torch.randn(20, 3)
# in place of: x = x.to(device, torch.float16)
x = x.to(model.weight)

# %% right: made there at once
# in place of: x = torch.randn(8, 3)
x = torch.randn(8, 3, device=device, dtype=torch.float16)
# without: x = x.to(device, torch.float16)

# %% right: a seed, a function, and an assert
# before: model = nn.Linear(3, 1)
torch.manual_seed(1)


# in place of: x = x.to(device, torch.float16)
def move(tensor):
    return tensor.to(device=device, dtype=torch.float16)


x = move(x)
assert x.device == model.weight.device

# %% mistake: x.to returns a copy, and no name keeps it -> x_is_there
# in place of: x = x.to(device, torch.float16)
x.to(device, torch.float16)
# in place of: y = model(x)
y = model(x.to(model.weight))

# %% mistake: the model was brought back to float32 to fit x -> model_is_there
# in place of: model.to(device, torch.float16)
model.to(device)
# in place of: x = x.to(device, torch.float16)
x = x.to(device)

# %% mistake: x is made anew, so its data are lost -> x_is_moved
# in place of: x = x.to(device, torch.float16)
x = torch.randn(8, 3, device=device, dtype=torch.float16)

# %% mistake: one row is left out -> x_is_moved
# in place of: x = x.to(device, torch.float16)
x = x[1:].to(device, torch.float16)

# %% mistake: y was brought back to float32 -> y_is_computed
# in place of: y = model(x)
y = model(x).float()

# %% mistake: y is computed from other numbers -> y_is_computed
# in place of: y = model(x)
y = model(x.abs())

# %% mistake: x has the dtype, and stays on the CPU when device is another -> all_follow_device
# in place of: x = x.to(device, torch.float16)
x = x.half()

# %% mistake: x looks for a GPU by itself and doesn't follow device -> all_follow_device
# in place of: x = x.to(device, torch.float16)
x = x.half()
if torch.cuda.is_available():
    x = x.cuda()

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

# %% question who_shares: predict x.sum().item()
"""Two results of `.to` are written to. What does `x` hold then, all numbers added up?

- `0.0`: `same` is `x` itself, because nothing had to change
- `2.0 * n`: `other` is a copy, because another dtype needs other memory
- `1.0`: `+= 1` adds 1 to each of the numbers

`.to` copies where device or dtype differ, and returns the tensor itself where both fit.
"""
import torch

n = 3  # fresh: 2..9
x = torch.zeros(n, device="cpu")
same = x.to("cpu")
other = x.to(torch.float64)
same += 1
other += 1

# %% question changed_in_place: choose all
"""`x` is a float32 tensor on the CPU and `model` an `nn.Linear`, in float32 too. Which of these lines change what `x`
or `model` is in the lines after it?

- [x] `model.half()`: like `.to`, it converts the module's own weights
- `x.half()`: it returns another tensor, which no name keeps
- [x] `model.to("meta")`: a module moves in place
- `x.to("meta")`: the copy is there, and `x` stays
- [x] `x = x.to(torch.float64)`: the name `x` now means the copy

A module changes in place; of a tensor, keep the result.
"""
