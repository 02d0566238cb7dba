import torch
from torch import nn
from torch.export import Dim, export
from torch.fx.experimental.proxy_tensor import make_fx
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import ShapeEnv


class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 3)

    def forward(self, x):
        y = x + 1
        n = y.shape[0]
        size = y.shape
        half = n / 2
        big = n > 1
        z = self.inner(y)
        pair, other = z, z.view(n * 3)
        if (w := z * 2) is not None:
            last = w.sum()
        return w + other.view(n, 3)


class Unbacked(nn.Module):
    def forward(self, x):
        n = x.sum().item()
        torch._check(n >= 0)
        z = torch.zeros(n)
        return z + 1


class Picked(nn.Module):
    def forward(self, x):
        i = x.nonzero()
        j = i + 1
        return j


for name, dim in ("Dim", Dim("b")), ("dynamic", Dim.DYNAMIC), ("auto", Dim.AUTO):
    m = M()
    program = export(m, (torch.randn(4, 3),), dynamic_shapes={"x": {0: dim}})
    print(name, program.graph, program.range_constraints.values(), program.graph_signature)
print(export(M(), (torch.randn(4, 3),)).graph)
print(export(Unbacked(), (torch.tensor([3, 2]),)).graph)
print(export(Picked(), (torch.ones(4),)).graph)


def f(x):
    y = x + 1
    rows = y.shape[0]
    y = y.reshape(-1)
    return y * rows


print(make_fx(f, tracing_mode="symbolic")(torch.randn(4, 3)).code)
print(make_fx(torch.func.functionalize(f), tracing_mode="symbolic")(torch.randn(4, 3)).code)
print(make_fx(torch.vmap(f), tracing_mode="symbolic")(torch.randn(4, 3, 2)).code)
def total(x):
    loss = f(x).sum()
    return loss
print(torch.func.vmap(torch.func.grad(total))(torch.randn(2, 4, 3)))
print(make_fx(torch.func.grad(total), tracing_mode="symbolic")(torch.randn(4, 3)).code)


environment = ShapeEnv()
with FakeTensorMode(shape_env=environment) as mode:
    fake = mode.from_tensor(torch.randn(4, 3), static_shapes=False)
    more = fake @ fake.T
    net = nn.Linear(3, 2)
print([str(guard.expr) for guard in environment.guards], fake.shape)


class Loud(torch.Tensor):
    @staticmethod
    def __new__(cls, inner):
        return torch.Tensor._make_wrapper_subclass(
            cls, inner.shape, dtype=inner.dtype, device=inner.device,
            dispatch_sizes_strides_policy="sizes", dispatch_device=True, dispatch_layout=True,
        )

    def __init__(self, inner):
        self.inner = inner

    shape = property(lambda self: print("shape") or self.inner.shape)

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        print("function", function)
        return super().__torch_function__(function, types, args, kwargs or {})

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        print("dispatch", function)
        if function is torch.ops.prim.device.default:
            return args[0].inner.device
        return function(*(getattr(each, "inner", each) for each in args), **(kwargs or {}))


loud = Loud(torch.ones(2, 3))
louder = loud
louds = [loud, loud]
def g(x):
    y = x
    z = y
    return z
torch.func.functionalize(g)(torch.ones(2))
torch.func.vmap(g)(torch.ones(2, 3))


class Logged(torch.utils._python_dispatch.TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        print("mode", function)
        return function(*args, **(kwargs or {}))


with Logged():
    again = fake
    same = loud
    z = torch.ones(2) * 2
    amount = z.sum()
    amount = amount + 1
class Asked(torch.overrides.TorchFunctionMode):
    def __torch_function__(self, function, types, args=(), kwargs=None):
        print("asked", getattr(function, "__name__", function))
        return function(*args, **(kwargs or {}))
w = torch.ones((), requires_grad=True)
with Asked():
    loss = w * 2
    loss.backward()
@torch.compile(fullgraph=True, backend="aot_eager")
def step(x, w):
    loss = ((x @ w).relu() - 1).square().mean()
    return loss
w = torch.ones(3, 2, requires_grad=True)
for _ in range(3):
    step(torch.arange(6.0).reshape(2, 3), w).backward()
print(w.grad)
compiled = torch.compile(f, dynamic=True, backend="eager")
out = compiled(torch.randn(5, 3))
marked = torch.randn(6, 3)
torch._dynamo.mark_dynamic(marked, 0)
out = torch.compile(lambda x: x + 1, backend="eager")(marked)
print(out.shape, torch._dynamo.utils.counters["stats"])
sizes = fake.shape
loud
