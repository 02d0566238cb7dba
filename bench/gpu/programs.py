"""The programs that are run on the device, as templates: ``{device}`` is ``cuda``, or ``cpu`` in its place."""

IDENTITY = """import json
import os

import torch

count = torch.cuda.device_count()
identity = {{"count": count, "name": "", "uuid": ""}}
if count:
    torch.zeros(1, device="cuda")
    properties = torch.cuda.get_device_properties(0)
    identity |= {{"name": properties.name, "uuid": str(getattr(properties, "uuid", ""))}}
with open({path!r} + ".new", "w") as file:
    json.dump(identity, file)
os.replace({path!r} + ".new", {path!r})
"""
"""Writes to a file which GPU it has used, and how many there are."""

AUTOGRAD = """import torch

x = torch.tensor([1.0, 2.0, 4.0], device="{device}", requires_grad=True)
gap = x - 3
miss = gap.square().sum()
miss.backward()

print(x.grad)
"""

_FIT = """import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(3, 1).to("{{device}}")
optimizer = torch.optim.{optimizer}(net.parameters(), lr=0.1)
inputs, targets = torch.randn(8, 3, device="{{device}}"), torch.randn(8, 1, device="{{device}}")
for _ in range(5):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(inputs), targets)
    loss.backward()
    optimizer.step()

print(loss.item())
"""
SGD = _FIT.format(optimizer="SGD")

SMALL = {"autograd": AUTOGRAD, "SGD": SGD, "Adam": _FIT.format(optimizer="Adam")}

CONTEXT = """import time
import torch

began = time.perf_counter()
square = torch.ones(8, 8, device="{device}")
{wait}
context = time.perf_counter()
square = square @ square
{wait}
print(context - began, time.perf_counter() - context)
"""
"""Prints the seconds that a first tensor takes, which makes the CUDA context, and those that cuBLAS takes to start."""

TRAINING = """import time
import warnings

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1)).to("{device}")
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9999)
inputs, targets = torch.randn(16, 8, device="{device}"), torch.randn(16, 1, device="{device}")
nn.functional.mse_loss(net(inputs), targets).backward()  # CUDA and cuBLAS start here
"""

LOOP = """
for step in range({steps}):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(inputs), targets)
    loss.backward()
    optimizer.step()
    scheduler.step()
"""

IN_A_FUNCTION = """
def train(net, optimizer, scheduler, inputs, targets, steps):
    losses = []
    for step in range(steps):
        prediction = net(inputs)
        loss = nn.functional.mse_loss(prediction, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return losses


losses = train(net, optimizer, scheduler, inputs, targets, {steps})
"""

CLOCK = (
    """
{wait}
began = time.{clock}()
""",
    """
{wait}
print(time.{clock}() - began)
""",
)
"""Put before and behind a loop, prints the seconds that it takes."""

COUNT = (
    """
synchronised = []
warnings.simplefilter("always")
warnings.showwarning = lambda *_args, **_settings: synchronised.append(1)
torch.cuda.set_sync_debug_mode("warn")
mark = len(synchronised)
inputs.sum().item()
deliberate, mark = len(synchronised) - mark, len(synchronised)
""",
    """
in_loop = len(synchronised) - mark
torch.cuda.set_sync_debug_mode("default")
print(deliberate, in_loop)
""",
)
"""Put before and behind a loop, prints how many synchronisations torch warns of at a deliberate one, and in the loop.

torch's profiler counts them too, but probes stand aside while one is on.
"""
