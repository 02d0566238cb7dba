"""What each module gave back, seen while a program runs, and its layers, told at its end.

A global forward hook of torch would send every call through a slower path, which also stands in every traceback and
in the guards of a compiled graph. In its place :func:`install` puts one look into a copy of ``Module._call_impl``'s
code, on the same lines of the same file. A compiled graph doesn't take these lines in. A module is looked at for its
first 20 calls, then once each time that :func:`look_again` is called; in between a call costs a set's look-up.
"""

from __future__ import annotations

import ast
import contextlib
import time
import weakref
from collections.abc import Iterator
from functools import partial
from types import CodeType
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as torch_module

from tutor.runner.protocol import Layer, Module
from tutor.worker.probes import tensor as tensors
from tutor.worker.probes.rewrite import rewritten
from tutor.worker.probes.text import name_of, trusted

FIRST = 20
"""Calls of a module that are looked at before it is looked at now and then."""
BEAT = 0.5
"""Seconds before modules that were looked at are looked at again."""
LAYERS = 200
"""Layers of a module that are told."""
WALKED = 5000
"""Modules that are walked, to count their parameters and the layers that aren't told."""
MODULES = 8
"""Modules that are told of one program."""


# --- while the program runs -------------------------------------------------------------------------------------

Output = tuple[Any, ...] | str
"""dtype and shape of a tensor, or a tuple of these for each element, or the name of a class."""


class Calls:
    """What the modules of one run gave back."""

    def __init__(self) -> None:
        self.known: set[int] = set()
        """Ids of modules that need no look for now; the code in torch asks this."""
        self._seen: dict[int, tuple[weakref.ref[nn.Module], list[Any]]] = {}
        self._again = time.monotonic() + BEAT

    def look(self, module: nn.Module, output: object) -> None:
        """Remember what a module gave back. Runs none of the learner's code and never raises."""
        if torch._C._get_tracing_state() is not None or torch._C._len_torch_function_stack():
            return
        try:
            key = id(module)
            entry = self._seen.get(key)
            if entry is None or entry[0]() is not module:
                entry = self._seen[key] = weakref.ref(module, partial(self._forget, key)), [0, ""]
            entry[1][0] += 1
            entry[1][1] = _output(output, 2)
            if entry[1][0] >= FIRST:
                self.known.add(key)
        except Exception:  # an output whose shape can't be told: no shape, and no harm
            return

    def look_again(self, now: float) -> None:
        """Look once more at each module that is called from now on, if the last time is half a second ago."""
        if now >= self._again:
            self.known.clear()
            self._again = now + BEAT

    def ran(self, module: nn.Module) -> bool:
        """Whether it was called."""
        return (entry := self._seen.get(id(module))) is not None and entry[0]() is module

    def output(self, module: nn.Module) -> str:
        """What it gave back when it was last looked at: ``f32[32,16]``; empty if it wasn't."""
        return _written(self._seen[id(module)][1][1]) if self.ran(module) else ""

    def _forget(self, key: int, _: object) -> None:
        self._seen.pop(key, None)
        self.known.discard(key)


def _output(value: Any, depth: int) -> Output:
    kind = type(value)
    if kind is torch.Tensor:
        return value.dtype, value.shape
    if value is None:
        return "None"
    if kind in (tuple, list) and depth:
        return tuple(_output(item, depth - 1) for item in value[:4])
    return name_of(kind)


def _written(output: Output) -> str:
    if isinstance(output, str):
        return output
    if len(output) == 2 and isinstance(output[0], torch.dtype):
        return f"{tensors.short_dtype(output[0])}[{','.join(map(str, output[1]))}]"
    return f"({', '.join(map(_written, output))})"


def install() -> None:
    """Put the look into torch, once, before any fork. A torch whose ``_call_impl`` reads otherwise goes without."""
    code = rewritten(nn.Module._call_impl, _with_looks, owner="Module")
    if code is None:
        return
    record(None)
    nn.Module._call_impl.__code__ = code
    for function in _IN_THE_WAY:
        _hide_from_dynamo(function.__code__)


_IN_THE_WAY: tuple[Any, ...] = (Calls.look, Calls._forget, torch.compiler.is_compiling)
"""What a module's call runs. Dynamo, where it leaves ``_call_impl`` to Python, would compile what that calls."""


def _hide_from_dynamo(code: CodeType) -> None:
    frames = torch._C._dynamo.eval_frame
    with contextlib.suppress(AttributeError):  # a version of torch that spells it otherwise
        skip = frames._FrameAction.SKIP
        frames.set_code_exec_strategy(code, frames._FrameExecStrategy(skip, skip))


def record(calls: Calls | None) -> None:
    """From now on, let these look; None: nobody."""
    vars(torch_module)["_tutor_calls"] = calls


def look_again(now: float) -> None:
    """Pass it on to who looks now, if anyone does."""
    calls: Calls | None = vars(torch_module).get("_tutor_calls")
    if calls is not None:
        calls.look_again(now)


_LOOK = """
if not torch.compiler.is_compiling() and _tutor_calls is not None and id(self) not in _tutor_calls.known:
    _tutor_calls.look(self, _tutor_output)
return _tutor_output
"""


def _with_looks(function: ast.FunctionDef) -> bool:
    """After ``return forward_call(...)``, the path without hooks, and ``return inner()``, the one with some."""
    looks = _Looks()
    looks.visit(function)
    return looks.placed == {"forward_call", "inner"}


class _Looks(ast.NodeTransformer):
    def __init__(self) -> None:
        self.placed: set[str] = set()

    def visit_Return(self, node: ast.Return) -> ast.Return | list[ast.stmt]:
        call = node.value
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            return node
        if call.func.id not in ("forward_call", "inner"):
            return node
        self.placed.add(call.func.id)
        kept = ast.Assign([ast.Name("_tutor_output", ast.Store())], call)
        looks = ast.parse(_LOOK).body
        for placed in (kept, kept.targets[0], *(part for look in looks for part in ast.walk(look))):
            ast.copy_location(placed, node)
        return [kept, *looks]


# --- when it has ended --------------------------------------------------------------------------------------------


def modules(namespace: dict[str, Any], run: int, seen: Calls) -> Iterator[Module]:
    """The modules in public names that ran and lie in no other that did, each with its layers."""
    named: dict[int, tuple[str, nn.Module]] = {}
    for name, value in list(namespace.items()):
        if type(name) is str and not name.startswith("_") and tensors.instance(value, nn.Module):
            named.setdefault(id(value), (name, value))
    ran = [(name, module, note) for name, module in named.values() if (note := _ran(module, seen)) is not None]
    inner = {id(child) for _, module, _ in ran for _, child, depth in walk(module) if depth}
    for name, module, note in [entry for entry in ran if id(entry[1]) not in inner][:MODULES]:
        yield _module(run, name, module, note, seen)


def _ran(module: nn.Module, seen: Calls) -> str | None:
    """A note when it ran, which may be empty; None when it didn't. What is compiled can't be seen: it counts."""
    if _own(module, "_compiled_call_impl") is not None or _inside(module) is not module:
        return "compiled"
    return "" if seen.ran(module) else None


def _module(run: int, name: str, module: nn.Module, note: str, seen: Calls) -> Module:
    walked = list(walk(_inside(module)))
    layers = []
    for place, (path, layer, depth) in enumerate(walked[:LAYERS]):
        below = [layer]
        for _, other, deep in walked[place + 1 :]:
            if deep <= depth:
                break
            below.append(other)
        below_it = (tensor for part in below for tensor in _table(part, "_parameters").values())
        own = {id(tensor): tensor for tensor in below_it if tensors.is_tensor(tensor)}
        sizes = [(_size(tensor), tensors.attribute(tensor, "requires_grad")) for tensor in own.values()]
        total, trained = sum(size for size, _ in sizes), sum(size for size, trains in sizes if trains)
        training = _own(layer, "training") is not False
        layers.append(Layer(path, kind(layer), depth, seen.output(layer), total, trained, training))
    return Module(run, name, tuple(layers), max(0, len(walked) - LAYERS), note)


def walk(module: nn.Module) -> Iterator[tuple[str, nn.Module, int]]:
    """Path, module and depth, each module once, those that hold others before these."""
    met: set[int] = set()
    waiting: list[tuple[str, nn.Module, int]] = [("", module, 0)]
    while waiting and len(met) < WALKED:
        path, here, depth = waiting.pop()
        if id(here) in met:
            continue
        met.add(id(here))
        yield path, here, depth
        children = [
            (f"{path}.{key}" if path else str(key), child, depth + 1)
            for key, child in _table(here, "_modules").items()
            if tensors.instance(child, nn.Module)
        ]
        waiting.extend(reversed(children))


def _inside(module: nn.Module) -> nn.Module:
    """The module that ``torch.compile(module)`` wraps; any other is itself."""
    inner = _table(module, "_modules").get("_orig_mod")
    wrapper = type.__getattribute__(type(module), "__module__") == "torch._dynamo.eval_frame"
    return inner if wrapper and inner is not None else module


def _own(module: nn.Module, name: str) -> Any:
    """What lies in the module's own dict: its ``__getattr__`` may be the learner's."""
    return object.__getattribute__(module, "__dict__").get(name)


def _table(module: nn.Module, name: str) -> dict[str, Any]:
    """Modules or parameters by name, the empty places left out."""
    table = _own(module, name)
    return {key: value for key, value in table.items() if value is not None} if type(table) is dict else {}


def _size(tensor: torch.Tensor) -> int:
    size = 1
    with contextlib.suppress(Exception):  # a lazy module's parameter has no shape yet
        for length in tensors.attribute(tensor, "shape"):
            size *= int(length)
        return size
    return 0


# --- what a layer is --------------------------------------------------------------------------------------------

_TOLD: dict[str, tuple[str, ...]] = {
    "Linear": ("in_features", "out_features"),
    "Bilinear": ("in1_features", "in2_features", "out_features"),
    "Embedding": ("num_embeddings", "embedding_dim"),
    "EmbeddingBag": ("num_embeddings", "embedding_dim"),
    "RNN": ("input_size", "hidden_size"),
    "LSTM": ("input_size", "hidden_size"),
    "GRU": ("input_size", "hidden_size"),
    "RNNCell": ("input_size", "hidden_size"),
    "LSTMCell": ("input_size", "hidden_size"),
    "GRUCell": ("input_size", "hidden_size"),
    "LayerNorm": ("normalized_shape",),
    "RMSNorm": ("normalized_shape",),
    "GroupNorm": ("num_groups", "num_channels"),
    "MultiheadAttention": ("embed_dim", "num_heads"),
    "Softmax": ("dim",),
    "LogSoftmax": ("dim",),
    "LeakyReLU": ("negative_slope",),
    "Upsample": ("scale_factor",),
    "PixelShuffle": ("upscale_factor",),
    "Unflatten": ("dim", "unflattened_size"),
}
"""What tells a layer of torch's own from others of its kind, by the attributes that its constructor sets."""
for _d in "123":
    _TOLD |= {f"Conv{_d}d": ("in_channels", "out_channels", "kernel_size")}
    _TOLD |= {f"ConvTranspose{_d}d": ("in_channels", "out_channels", "kernel_size")}
    _TOLD |= {f"{_kind}{_d}d": ("num_features",) for _kind in ("BatchNorm", "InstanceNorm")}
    _TOLD |= {f"{_kind}Pool{_d}d": ("kernel_size",) for _kind in ("Max", "Avg", "LP")}
    _TOLD |= {f"Adaptive{_kind}Pool{_d}d": ("output_size",) for _kind in ("Max", "Avg")}
    _TOLD |= {f"Dropout{_d}d": ("p",)}
_TOLD["Dropout"] = ("p",)
_ALSO = {"NonDynamicallyQuantizableLinear": "Linear"}
"""What torch calls a layer where it only guards it against something."""


def kind(module: nn.Module) -> str:
    """``Linear(8, 16)``; of a class that isn't torch's own its name."""
    kind = type(module)
    name = _ALSO.get(name_of(kind), name_of(kind))
    if name not in _TOLD or not trusted(kind):
        return name
    told = [_plain(_own(module, attribute)) for attribute in _TOLD[name]]
    return f"{name}({', '.join(told)})" if all(told) else name


def _plain(value: Any) -> str:
    """A number, or a tuple of numbers, as it is written in a constructor; empty for anything else."""
    if type(value) in (int, float):
        return str(value)
    if issubclass(type(value), tuple) and value and all(type(item) is int for item in tuple.__iter__(value)):
        items = list(tuple.__iter__(value))
        return str(items[0]) if len(set(items)) == 1 else "×".join(map(str, items))
    return ""
