"""The values, types, tensors and modules of a program's namespace, read without running anybody's code."""

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

from tutor.inspection.safe_repr import name_of
from tutor.inspection.tensor import describe, instance, is_tensor, short
from tutor.protocol import codec

LISTED = 40
"""Tensors that :func:`tensors` describes."""
ITEMS = 8
"""Elements of a list or dict that are listed."""
SEARCHED = 1000
"""Elements of a list or dict among which tensors are looked for."""
WALKED = 5000
"""Modules within a module that are walked."""
TYPED = 1000
"""Names whose types :func:`kinds` gives."""

Kinds = dict[str, tuple[str, ...]]
"""By name, what it is (``value``, ``class``, ``function``, ``module``), then dotted paths: of a value its class and
all that this one derives from, ``torch.nn.modules.linear.Linear`` and on; of anything else its own."""


def type_text(value: object) -> str:
    """The type of a value in a word: ``f32[32,784]``, ``int``, ``Net``; empty for functions, classes and modules."""
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
        member = type.__getattribute__(base, "__dict__").get(name)
        if type(member) is types.MemberDescriptorType:
            with contextlib.suppress(AttributeError):  # nothing was put there
                return True, member.__get__(owner)
    return False, None


def tensors(namespace: dict[str, Any]) -> tuple[tuple[codec.Tensor, ...], int]:
    """Every tensor among the public names, in the order in which they were made, and how many more there are.

    Parameters and buffers of modules as ``net.0.weight``; what stands in a list, tuple or dict as ``xs[0]``
    or ``d['k']``, unless it was reached before. At most 40 are described.
    """
    described_ids: set[int] = set()
    described: list[codec.Tensor] = []
    hidden = sum(_count_unlisted(value) for _, value in public(namespace))
    for name, tensor, owned in reachable(namespace):
        if len(described) >= LISTED:
            hidden += 1
        elif not (owned and id(tensor) in described_ids):
            described_ids.add(id(tensor))
            described.append(describe(tensor, name))
    return tuple(described), hidden


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
    entries = object.__getattribute__(module, "__dict__").get(name)
    if type(entries) is not dict:
        return {}
    return {key: value for key, value in entries.items() if type(key) is str and value is not None}


def _elements(value: Any) -> Iterator[tuple[str | int, torch.Tensor]]:
    """The tensors among the first 1,000 elements of a list, tuple or dict."""
    for key, item in islice(_pairs(value), SEARCHED):
        if is_tensor(item) and (type(key) is str or type(key) is int):
            yield key, item


def _pairs(value: Any) -> Iterable[tuple[Any, Any]]:
    kind = type(value)  # compared by ``is``: a metaclass may have an ``==`` of its own
    if kind is list or kind is tuple:
        return enumerate(value)
    if issubclass(kind, tuple) and type.__getattribute__(kind, "__module__") == "torch.return_types":  # torch.max(x, 0)
        return enumerate(value)
    return value.items() if kind is dict or kind is OrderedDict else ()


def _count_unlisted(value: Any) -> int:
    """Count the tensors of a list, tuple or dict that :func:`reachable` leaves out."""
    count = sum(1 for _ in _elements(value))
    if count and len(value) > SEARCHED:  # in C, and by ``is``: an element's class may have an ``==`` of its own
        items = value if issubclass(type(value), (list, tuple)) else value.values()
        count = sum(map(is_, map(type, items), repeat(torch.Tensor)))
    return max(0, count - ITEMS)


# --- types as dotted paths --------------------------------------------------------------------------------------


def kinds(namespace: dict[str, Any]) -> Kinds:
    """The kinds of the public names, and of the modules below those that are an ``nn.Module``: ``net.fc1``."""
    return {name: _kind(value) for name, value in islice(_named(namespace), TYPED)}


def _named(namespace: dict[str, Any]) -> Iterator[tuple[str, object]]:
    for name, value in list(namespace.items()):
        if type(name) is str and not name.startswith("_"):
            yield name, value
            if instance(value, nn.Module):
                yield from ((path, module) for path, module, depth in walk(value, name) if depth)


def _kind(value: object) -> tuple[str, ...]:
    kind = type(value)
    if kind is types.ModuleType:
        return "module", _text(types.ModuleType.__getattribute__(value, "__dict__").get("__name__"))
    if issubclass(kind, type):
        return "class", _path(value)  # type: ignore[arg-type]
    if kind is types.FunctionType or kind is types.BuiltinFunctionType:
        names = (object.__getattribute__(value, name) for name in ("__module__", "__qualname__"))
        return "function", ".".join(map(_text, names))
    return "value", *(_path(cls) for cls in type.__getattribute__(kind, "__mro__") if cls is not object)


def _path(cls: type) -> str:
    """``torch.optim.sgd.SGD``, without asking its metaclass."""
    return ".".join(_text(type.__getattribute__(cls, name)) for name in ("__module__", "__qualname__"))


def _text(name: object) -> str:
    return name if type(name) is str else ""
