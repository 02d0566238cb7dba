import copy
import io
import os
import pickle
import weakref

import torch
from torch import fx, nn

torch.manual_seed(0)


class Net(nn.Module):
    """A net."""

    def __init__(self, width: int = 4):
        super().__init__()
        self.first = nn.Linear(3, width)
        self.last = nn.Linear(width, 1)

    def forward(self, x):
        hidden = self.first(x)
        hidden = torch.relu(hidden)
        out = self.last(hidden)
        return out


@torch.jit.script
def scripted(x, n: int):
    y = x
    for i in range(n):
        y = y * 2
    return y


class Marked(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        print("asked", function.__name__)
        return super().__torch_function__(function, types, args, kwargs or {})


class Asked(torch.overrides.TorchFunctionMode):
    def __torch_function__(self, function, types, args=(), kwargs=None):
        print("function", getattr(function, "__name__", function))
        return function(*args, **(kwargs or {}))


net = Net()
x = torch.randn(2, 3)
print(scripted(x, 2), scripted.code)
print(fx.symbolic_trace(net).code)
traced = torch.jit.trace(net, x)
print(traced.graph)
print(torch.func.functional_call(net, dict(net.named_parameters()), (x,)))
w = net.first.weight
net.double()
print(w.dtype, w is net.first.weight, weakref.getweakrefcount(w))
net.half().float()
marked = torch.ones(2).as_subclass(Marked)
other = marked
other[0] = 3
with Asked():
    z = torch.ones(2)
    total = z.sum()
errors = os.dup(2)
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where the profiler writes the time
with torch.profiler.profile() as profile:
    for _ in range(3):
        value = torch.ones(3, requires_grad=True).sum()
        value.backward()
os.dup2(errors, 2)
print(sorted((event.key, event.count) for event in profile.key_averages() if not event.key.startswith("cuda")))
with torch.device("meta"):
    far = torch.ones(3)
    single = far.sum()
print(far.shape, single.device)
again = copy.deepcopy(net)
stored = io.BytesIO()
torch.save(net, stored)
stored.seek(0)
same = torch.load(stored, weights_only=False)
print(type(same) is Net, pickle.loads(pickle.dumps(net)).last.bias.item() == again.last.bias.item())
freed = torch.ones(4)
part = freed[2]
freed.untyped_storage().resize_(0)
empty = torch.ones(())
empty.untyped_storage().resize_(0)
