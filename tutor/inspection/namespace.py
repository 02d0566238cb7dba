"""What a program left in its names, looked at without running anybody's code."""

from __future__ import annotations

import contextlib
import types
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import islice, repeat
from operator import is_
from typing import Any

import torch
from torch import nn

from tutor.inspection.safe_repr import name_of, value_text
from tutor.inspection.tensor import describe, instance, is_tensor, short
from tutor.protocol import codec

__all__ = ["describe", "is_tensor", "own_attribute", "tensors", "value_text", "what"]

LISTED = 40
"""Tensors that :func:`tensors` describes."""
ITEMS = 8
"""Elements of a list or dict that are told."""
LOOKED_AT = 1000
"""Elements of a list or dict among which tensors are looked for."""
WALKED = 5000
"""Modules within a module that are walked."""


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
        return _slot(owner, name)
    if type(tables) is not dict:
        return False, None
    if name in tables:
        return True, tables[name]
    for kind in ("_parameters", "_buffers", "_modules") if issubclass(type(owner), nn.Module) else ():
        if type(tables.get(kind)) is dict and name in tables[kind]:
            return True, tables[kind][name]
    return _slot(owner, name)


def _slot(owner: object, name: str) -> tuple[bool, object]:
    """The same of an object whose class has ``__slots__``."""
    for base in type.__getattribute__(type(owner), "__mro__"):
        held = type.__getattribute__(base, "__dict__").get(name)
        if type(held) is types.MemberDescriptorType:
            with contextlib.suppress(AttributeError):  # nothing was put there
                return True, held.__get__(owner)
    return False, None


def tensors(namespace: dict[str, Any]) -> tuple[tuple[codec.Tensor, ...], int]:
    """Every tensor among the public names, in the order in which they were made, and how many more there are.

    Parameters and buffers of modules as ``net.0.weight``; what stands in a list, tuple or dict as ``xs[0]``
    or ``d['k']``, unless it was reached before. At most 40 are described.
    """
    seen: set[int] = set()
    told: list[codec.Tensor] = []
    hidden = sum(_left_out(value) for _, value in public(namespace))
    for name, tensor, owned in reachable(namespace):
        if len(told) >= LISTED:
            hidden += 1
        elif not (owned and id(tensor) in seen):
            seen.add(id(tensor))
            told.append(describe(tensor, name))
    return tuple(told), hidden


def reachable(namespace: dict[str, Any]) -> Iterator[tuple[str, torch.Tensor, bool]]:
    """Name, tensor, and whether another value holds it; of a list, tuple or dict the first 8."""
    for name, value in public(namespace):
        if is_tensor(value):
            yield name, value, False
        elif instance(value, nn.Module):
            for path, module, _ in walk(value, name):
                for key, tensor in (*table(module, "_parameters").items(), *table(module, "_buffers").items()):
                    if is_tensor(tensor):
                        yield f"{path}.{key}", tensor, True
        else:
            for place, element in list(islice(_elements(value), ITEMS)):
                yield f"{name}[{place!r}]", element, True


def public(namespace: dict[str, Any]) -> list[tuple[str, Any]]:
    """The names that are a program's own, and what they stand for; what it imported is left out."""
    return [
        (name, value)
        for name, value in list(namespace.items())
        if type(name) is str and not name.startswith("_") and type(value) is not types.ModuleType
    ]


def walk(module: nn.Module, name: str = "") -> Iterator[tuple[str, nn.Module, int]]:
    """Path below ``name``, module and depth, each module once, those that hold others before these.

    From their own tables: methods of a module may be the learner's.
    """
    met: set[int] = set()
    waiting: list[tuple[str, nn.Module, int]] = [(name, module, 0)]
    while waiting and len(met) < WALKED:
        path, here, depth = waiting.pop()
        if id(here) in met:
            continue
        met.add(id(here))
        yield path, here, depth
        children = [
            (f"{path}.{key}" if path else key, child, depth + 1)
            for key, child in table(here, "_modules").items()
            if instance(child, nn.Module)
        ]
        waiting.extend(reversed(children))


def table(module: nn.Module, name: str) -> dict[str, Any]:
    """A module's own parameters, buffers or modules by name, the empty places left out."""
    held = object.__getattribute__(module, "__dict__").get(name)
    if type(held) is not dict:
        return {}
    return {key: value for key, value in held.items() if type(key) is str and value is not None}


def _elements(value: Any) -> Iterator[tuple[str | int, torch.Tensor]]:
    """The tensors among the first 1,000 elements of a list, tuple or dict."""
    for key, item in islice(_pairs(value), LOOKED_AT):
        if is_tensor(item) and (type(key) is str or type(key) is int):
            yield key, item


def _pairs(value: Any) -> Iterable[tuple[Any, Any]]:
    kind = type(value)  # compared by ``is``: a metaclass may have an ``==`` of its own
    if kind is list or kind is tuple or (issubclass(kind, tuple) and _of_torch(kind)):
        return enumerate(value)
    return value.items() if kind is dict or kind is OrderedDict else ()


def _left_out(value: Any) -> int:
    """How many tensors of a list, tuple or dict :func:`reachable` leaves out."""
    found = sum(1 for _ in _elements(value))
    if found and len(value) > LOOKED_AT:  # in C, and by ``is``: an element's class may have an ``==`` of its own
        items = value if issubclass(type(value), (list, tuple)) else value.values()
        found = sum(map(is_, map(type, items), repeat(torch.Tensor)))
    return max(0, found - ITEMS)


def _of_torch(kind: type) -> bool:
    """``torch.max(x, 0)`` and the like."""
    return bool(type.__getattribute__(kind, "__module__") == "torch.return_types")
