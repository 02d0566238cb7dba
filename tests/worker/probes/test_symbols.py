"""Sizes that are symbols, and those of tensors that hear who reads them, are drawn as they are and never read."""

from __future__ import annotations

import re

import pytest

from tests.worker.probes.test_line_hints import hints
from tutor.protocol.codec import Graph, Hints, Parameters, Tensors, Value

EXPORT = """
import torch
from torch.export import Dim, export

class M(torch.nn.Module):
    def forward(self, x):
        y = x + 1
        n = y.shape[0]
        flat = y.reshape(n * 3)
        return flat

made = export(M(), (torch.randn(4, 3),), dynamic_shapes={"x": {0: Dim("b")}})
"""
LEFT = """
import atexit
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv, StatelessSymbolicContext

class Asked(ShapeEnv):
    def evaluate_expr(self, expression, *given, **named):
        print("asked", expression)
        return super().evaluate_expr(expression, *given, **named)

symbols = Asked()
mode = FakeTensorMode(shape_env=symbols)
free = StatelessSymbolicContext([DimDynamic.DYNAMIC, DimDynamic.STATIC])
x = mode.from_tensor(torch.randn(4, 3), symbolic_context=free).requires_grad_()
with mode:
    meant = x.detach()
    loss = x.sum(1)
    grads = torch.ones_like(x)
x.grad = grads
held = nn.ParameterList([x])
bare = torch.empty(x.shape[0], 2, device="meta")
wrapped = torch._to_functional_tensor(meant)
several = [x, bare, wrapped]
sizes, rows, half, several_rows = x.shape, x.shape[0], x.shape[0] / 2, x.shape[0] > 1
asked = len(symbols.guards)
print("from here on")
atexit.register(lambda: print("guards", len(symbols.guards) - asked))
rows
"""
LOUD = """
import atexit
import torch

class Loud(torch.Tensor):
    @staticmethod
    def __new__(cls, inner):
        return torch.Tensor._make_wrapper_subclass(
            cls, (2, 3), device="cpu", requires_grad=True,
            dispatch_sizes_strides_policy="sizes", dispatch_device=True, dispatch_layout=True,
        )

    def __init__(self, inner):
        self.inner = inner

    @classmethod
    def __torch_function__(cls, *asked):
        print("function", asked)
        return NotImplemented

    @classmethod
    def __torch_dispatch__(cls, function, *asked):
        print("dispatch", function)
        return NotImplemented

    shape = property(lambda self: print("shape"))

x = Loud(torch.ones(2, 3))
y = x
if (z := x) is not None:
    pairs = [x, {"x": x}]
net = torch.nn.Module()
net._parameters["x"] = x
x
"""


async def test_an_exported_program_keeps_its_symbols_and_shows_them(run) -> None:
    told = await hints(run, EXPORT)
    drawn = {number: re.sub(r"s\d+", "s", text) for number, text in told.items()}
    assert drawn[5] == "x FakeTensor f32[s,3]" and drawn[6] == "y FakeTensor f32[s,3]"
    assert drawn[7] == "n SymInt" and drawn[8] == "flat FakeTensor f32[3*s]"
    assert drawn[11] == "made ExportedProgram"


@pytest.mark.parametrize("steps", [0, 200])
async def test_what_a_program_leaves_is_told_without_asking_its_symbols(run, steps: int) -> None:
    ran = await run(LEFT, steps=steps, shelve=True)
    after = ran.text().partition("from here on\n")[2]
    assert after == "guards 0\n" and ran.ended.status == 0
    shapes = {tensor.name: tensor.shape for tensor in ran.one(Tensors).tensors}
    symbol = shapes["x"][0]
    assert re.fullmatch(r"s\d+", str(symbol))
    assert shapes["x"] == shapes["wrapped"] == (symbol, 3) and shapes["bare"] == (symbol, 2)
    assert ran.one(Value).text == symbol
    assert {row.what for row in ran.one(Parameters).rows} == {f"f32[{symbol},3]"}
    assert ran.one(Graph).nodes[0].what == f"f32[{symbol}]"
    said = {b.name: b.what for hint in ran.one(Hints).lines for b in hint.bindings}
    assert said["bare"] == f"f32[{symbol},2] meta" and said["wrapped"] == f"f32[{symbol},3]"


@pytest.mark.parametrize("steps", [0, 200])
async def test_a_tensor_that_answers_for_itself_is_not_asked(run, steps: int) -> None:
    ran = await run(LOUD, steps=steps, shelve=True)
    assert (ran.text(), ran.ended.status) == ("", 0)
    (told, *_) = ran.one(Tensors).tensors
    assert (told.shape, told.device, told.note) == (("?",), "", "a subclass that computes in its own way")


async def test_a_mode_hears_nothing_of_the_probes(run) -> None:
    """One of functions hears of attributes, too: also of those that are read at a ``backward()``."""
    source = """
import torch

class Heard(torch.overrides.TorchFunctionMode):
    def __torch_function__(self, function, types, args=(), kwargs=None):
        print(function.__name__)
        return function(*args, **(kwargs or {}))

w = torch.ones(1, requires_grad=True)
optimizer = torch.optim.SGD([w], torch.tensor(0.5))
with Heard():
    loss = w * 2
    loss.backward()
"""
    plain, observed = [(await run(source, observe=observe)).text() for observe in (False, True)]
    assert observed == plain
