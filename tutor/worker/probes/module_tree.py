"""The layers of the modules that a program left, read at its end from their own tables: nobody's code is called."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from tutor.inspection import tensor as tensors
from tutor.inspection.namespace import public, table, walk
from tutor.inspection.safe_repr import name_of, trusted
from tutor.inspection.sizes import attribute, fixed
from tutor.protocol.observations import Layer, Module
from tutor.worker.probes import module_calls
from tutor.worker.probes.module_calls import Calls
from tutor.worker.probes.probe import Outcome, Probe

LAYERS = 200
"""Layers of a module that are reported."""
MODULES = 8
"""Modules that are reported of one program."""


class ModuleTrees(Probe):
    """Reports the modules that a program left, and the output of each of their layers."""

    position = 70

    @staticmethod
    def install() -> None:
        """Let each call of a module be looked at."""
        module_calls.install()

    def begin(self) -> None:
        """Look at calls from now on."""
        module_calls.record(self.run.calls)

    def end(self) -> None:
        """Look at no more calls."""
        module_calls.record(None)

    def report(self, outcome: Outcome) -> Iterator[Module]:
        """The modules in public names that ran, or parts of them, and lie in no other that did, with their layers."""
        for name, module, note in drawn_modules(self.run.namespace, self.run.calls):
            layers, hidden = _layers(module, self.run.calls)
            yield Module(self.run.id, name, layers, hidden, note)


def drawn_modules(namespace: dict[str, Any], calls: Calls) -> list[tuple[str, nn.Module, str]]:
    """Name, module and note of those that are reported."""
    named: dict[int, tuple[str, nn.Module]] = {}
    for name, value in public(namespace):
        if tensors.instance(value, nn.Module):
            named.setdefault(id(value), (name, value))
    ran = [(name, module, note) for name, module in named.values() if (note := _ran(module, calls)) is not None]
    inner = {id(child) for _, module, _ in ran for _, child, depth in walk(module) if depth}
    return [entry for entry in ran if id(entry[1]) not in inner][:MODULES]


def layers_of(module: nn.Module) -> list[tuple[str, nn.Module, int]]:
    """Path, layer and depth of those that are reported of a module, itself first."""
    return list(walk(_inside(module)))[:LAYERS]


def _ran(module: nn.Module, calls: Calls) -> str | None:
    """A note when it ran, which may be empty; None when it didn't. What is compiled can't be seen: it counts."""
    if _own(module, "_compiled_call_impl") is not None or _inside(module) is not module:
        return "compiled"
    return "" if calls.ran(module) or _parts_ran(module, calls) else None


def _parts_ran(module: nn.Module, calls: Calls) -> bool:
    """Whether parts were called past it: a list can't be called, and a class of the learner's may have other methods.

    One of torch's own of which a part is called alone, ``net[0](x)``, didn't run.
    """
    called_past = tensors.instance(module, nn.ModuleList, nn.ModuleDict) or not trusted(type(module))
    return called_past and any(calls.ran(part) for _, part, _ in walk(module))


def _layers(module: nn.Module, calls: Calls) -> tuple[tuple[Layer, ...], int]:
    """The layers of a module that are reported, and how many more there are."""
    walked = list(walk(_inside(module)))
    layers = []
    for place, (path, layer, depth) in enumerate(walked[:LAYERS]):
        below = [layer]
        for _, other, deep in walked[place + 1 :]:
            if deep <= depth:
                break
            below.append(other)
        below_it = (tensor for part in below for tensor in table(part, "_parameters").values())
        own = {id(tensor): tensor for tensor in below_it if tensors.is_tensor(tensor)}
        sizes = [(_size(tensor), attribute(tensor, "requires_grad")) for tensor in own.values()]
        total, trained = sum(size for size, _ in sizes), sum(size for size, trains in sizes if trains)
        training = _own(layer, "training") is not False
        layers.append(Layer(path, kind(layer), depth, calls.output(layer), total, trained, training))
    return tuple(layers), max(0, len(walked) - LAYERS)


def _inside(module: nn.Module) -> nn.Module:
    """The module that ``torch.compile(module)`` wraps; any other is itself."""
    inner = table(module, "_modules").get("_orig_mod")
    wrapper = type.__getattribute__(type(module), "__module__") == "torch._dynamo.eval_frame"
    return inner if wrapper and inner is not None else module


def _own(module: nn.Module, name: str) -> Any:
    """The value of ``name`` in the module's own dict: its ``__getattr__`` may be the learner's."""
    return object.__getattribute__(module, "__dict__").get(name)


def _size(tensor: torch.Tensor) -> int:
    with torch._C.DisableTorchFunction():
        shape = fixed(tensor)
    return 0 if shape is None else math.prod(shape)  # a lazy module's parameter has no shape yet


# --- what a layer is --------------------------------------------------------------------------------------------

_LAYERS = {
    "Linear": ("in_features", "out_features"),
    "Bilinear": ("in1_features", "in2_features", "out_features"),
    "Embedding EmbeddingBag": ("num_embeddings", "embedding_dim"),
    "RNN LSTM GRU RNNCell LSTMCell GRUCell": ("input_size", "hidden_size"),
    "LayerNorm RMSNorm": ("normalized_shape",),
    "GroupNorm": ("num_groups", "num_channels"),
    "MultiheadAttention": ("embed_dim", "num_heads"),
    "Softmax LogSoftmax": ("dim",),
    "LeakyReLU": ("negative_slope",),
    "Upsample": ("scale_factor",),
    "PixelShuffle": ("upscale_factor",),
    "Unflatten": ("dim", "unflattened_size"),
    "Conv1d Conv2d Conv3d": ("in_channels", "out_channels", "kernel_size"),
    "ConvTranspose1d ConvTranspose2d ConvTranspose3d": ("in_channels", "out_channels", "kernel_size"),
    "BatchNorm1d BatchNorm2d BatchNorm3d InstanceNorm1d InstanceNorm2d InstanceNorm3d": ("num_features",),
    "MaxPool1d MaxPool2d MaxPool3d AvgPool1d AvgPool2d AvgPool3d": ("kernel_size",),
    "LPPool1d LPPool2d LPPool3d": ("kernel_size",),
    "AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d": ("output_size",),
    "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d": ("output_size",),
    "Dropout Dropout1d Dropout2d Dropout3d": ("p",),
}
_ARGUMENTS = {name: arguments for names, arguments in _LAYERS.items() for name in names.split()}
"""The arguments shown of a layer of torch's own, by the attributes that its constructor sets."""
_ALSO = {"NonDynamicallyQuantizableLinear": "Linear"}
"""The usual names of layers that torch calls otherwise only to guard them against something."""


def kind(module: nn.Module) -> str:
    """``Linear(8, 16)``; of a class that isn't torch's own its name."""
    kind = type(module)
    name = _ALSO.get(name_of(kind), name_of(kind))
    if name not in _ARGUMENTS or not trusted(kind):
        return name
    arguments = [_plain(_own(module, attribute)) for attribute in _ARGUMENTS[name]]
    return f"{name}({', '.join(arguments)})" if all(arguments) else name


def _plain(value: Any) -> str:
    """A number, or a tuple of numbers, as it is written in a constructor; empty for anything else."""
    if type(value) in (int, float):
        return str(value)
    if issubclass(type(value), tuple) and value and all(type(item) is int for item in tuple.__iter__(value)):
        items = list(tuple.__iter__(value))
        return str(items[0]) if len(set(items)) == 1 else "×".join(map(str, items))
    return ""


PROBE = ModuleTrees
