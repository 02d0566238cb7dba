"""The types of a program's public names as dotted paths, read without running anybody's code."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

from torch import nn

from tutor.inspection.namespace import walk
from tutor.inspection.tensor import instance

LISTED = 1000
"""Names that are listed at most."""

Kinds = dict[str, tuple[str, ...]]
"""By name, what it is (``value``, ``class``, ``function``, ``module``), then dotted paths: of a value its class and
all that this one derives from, ``torch.nn.modules.linear.Linear`` and on; of anything else its own."""

_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)


def kinds(namespace: dict[str, Any]) -> Kinds:
    """The kinds of the public names, and of the modules below those that are an ``nn.Module``: ``net.fc1``."""
    kinds_by_name: Kinds = {}
    for name, value in _named(namespace):
        if len(kinds_by_name) >= LISTED:
            break
        kinds_by_name[name] = _kind(value)
    return kinds_by_name


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
        return "class", path(value)  # type: ignore[arg-type]
    if kind in _FUNCTIONS:
        names = (object.__getattribute__(value, name) for name in ("__module__", "__qualname__"))
        return "function", ".".join(map(_text, names))
    return "value", *(path(cls) for cls in type.__getattribute__(kind, "__mro__") if cls is not object)


def path(cls: type) -> str:
    """``torch.optim.sgd.SGD``, without asking its metaclass."""
    return ".".join(_text(type.__getattribute__(cls, name)) for name in ("__module__", "__qualname__"))


def _text(name: object) -> str:
    return name if type(name) is str else ""
