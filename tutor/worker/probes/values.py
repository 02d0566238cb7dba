"""What a program left in its names, looked at without running anybody's code."""

from __future__ import annotations

import types
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from tutor.runner import protocol
from tutor.worker.probes.tensor import describe, instance, is_tensor, short
from tutor.worker.probes.text import name_of, value_text

__all__ = ["describe", "is_tensor", "own_attribute", "tensors", "value_text", "what"]

LISTED = 40
"""Tensors that :func:`tensors` describes."""
ITEMS = 8
"""Elements of a list or dict that are looked at."""


def what(value: object) -> str:
    """What a value is, in a word: ``f32[32,784]``, ``int``, ``Net``; empty for functions, classes and modules."""
    if is_tensor(value):
        return short(value)
    if value is None:
        return "None"
    if instance(value, type, *_CODE):
        return ""
    return name_of(type(value))


_CODE = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType)


def own_attribute(owner: object, name: str) -> tuple[bool, object]:
    """Whether ``name`` lies in the object's own tables (a module's parameters among them), and what it is there."""
    try:
        tables = object.__getattribute__(owner, "__dict__")
    except AttributeError:
        return False, None
    if type(tables) is not dict:
        return False, None
    if name in tables:
        return True, tables[name]
    for table in ("_parameters", "_buffers", "_modules") if issubclass(type(owner), nn.Module) else ():
        if name in (tables.get(table) or {}):
            return True, tables[table][name]
    return False, None


def tensors(namespace: dict[str, Any]) -> tuple[tuple[protocol.Tensor, ...], int]:
    """Every tensor among the public names, in the order in which they were made, and how many more there are.

    Parameters and buffers of modules as ``net.0.weight``; what stands in a list, tuple or dict as ``xs[0]``
    or ``d['k']``, unless it was reached before. At most 40 are described.
    """
    seen: set[int] = set()
    told: list[protocol.Tensor] = []
    hidden = 0
    for name, tensor, owned in reachable(namespace):
        if tensor is None or len(told) >= LISTED:
            hidden += 1
        elif not (owned and id(tensor) in seen):
            seen.add(id(tensor))
            told.append(describe(tensor, name))
    return tuple(told), hidden


def reachable(namespace: dict[str, Any]) -> Iterator[tuple[str, torch.Tensor | None, bool]]:
    """Name, tensor, and whether another value holds it; None stands for an element not looked at."""
    for name, value in list(namespace.items()):
        if name.startswith("_") or type(value) is types.ModuleType:
            continue
        if is_tensor(value):
            yield name, value, False
        elif issubclass(type(value), nn.Module):
            for path, tensor in _members(value, name, set()):
                yield path, tensor, True
        else:
            for path, element in _elements(value, name):
                yield path, element, True


def _members(module: nn.Module, name: str, seen: set[int]) -> Iterator[tuple[str, torch.Tensor]]:
    """Parameters and buffers from the module's own tables; its methods may be the learner's."""
    if id(module) in seen:
        return
    seen.add(id(module))
    tables = object.__getattribute__(module, "__dict__")
    for table in ("_parameters", "_buffers"):
        for key, tensor in (tables.get(table) or {}).items():
            if tensor is not None:
                yield f"{name}.{key}", tensor
    for key, child in (tables.get("_modules") or {}).items():
        if child is not None:
            yield from _members(child, f"{name}.{key}", seen)


def _elements(value: Any, name: str) -> Iterator[tuple[str, torch.Tensor | None]]:
    kind = type(value)
    pairs: list[tuple[Any, Any]]
    if kind in (list, tuple) or (issubclass(kind, tuple) and kind.__module__ == "torch.return_types"):
        pairs = list(enumerate(value))
    elif kind in (dict, OrderedDict):
        pairs = [(key, item) for key, item in value.items() if type(key) in (str, int)]
    else:
        return
    for position, (key, item) in enumerate(pair for pair in pairs if is_tensor(pair[1])):
        yield (f"{name}[{key!r}]", item) if position < ITEMS else (name, None)
