"""Marks that tell whether a value has changed, without holding on to it and without comparing it."""

from __future__ import annotations

import ctypes
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch

from tutor.inspection import namespace as values
from tutor.inspection import tensor as tensors
from tutor.inspection.sizes import attribute, fixed

WATCHED = 256
"""Names, and tensors reached by them, that are looked at in one place."""
_BYTES = 4096
"""So many bytes at the beginning and at the end of a tensor are looked at: ``w.data -= …`` counts no version."""
_TEXT = 200

_PLAIN = (int, float, complex, bool, str, bytes, type(None))
SIZED = (list, tuple, dict, set, frozenset, deque, OrderedDict)


@dataclass(frozen=True, slots=True)
class Mark:
    """Two marks that differ are of two values, or of one that changed."""

    identity: int
    """0 for a plain number or text, which is known by itself."""
    state: tuple[object, ...] = ()


def mark(value: object) -> Mark:
    """The mark of a value as it is now."""
    kind = type(value)
    if tensors.is_tensor(value):
        with torch._C.DisableTorchFunction():
            return Mark(id(value), _state(value))
    if kind in _PLAIN:
        text = repr(value) if _short(value) else None
        return Mark(id(value) if text is None else 0, (kind.__name__, text))
    return Mark(id(value), (len(value),) if kind in SIZED else ())  # type: ignore[arg-type]


def _short(value: Any) -> bool:
    if type(value) is int:
        return value.bit_length() <= _TEXT
    return type(value) not in (str, bytes) or len(value) <= _TEXT


def _state(tensor: torch.Tensor) -> tuple[object, ...]:
    version = None if attribute(tensor, "is_inference")() else attribute(tensor, "_version")
    flags = (version, attribute(tensor, "requires_grad"))
    if tensors.unreadable(tensor):
        return flags
    shape = fixed(tensor)
    address = torch._C._data_address(tensor)  # type: ignore[attr-defined]
    if attribute(tensor, "device").type != "cpu" or shape is None or 0 in shape:
        return (*flags, shape, address)
    steps = torch._C.TensorBase.stride(tensor)
    size = sum((n - 1) * step for n, step in zip(shape, steps, strict=True)) + 1
    size *= attribute(tensor, "itemsize")
    length = min(size, _BYTES)
    ends = ctypes.string_at(address, length), ctypes.string_at(address + size - length, length)
    return (*flags, shape, address, hash(ends))


def watched(namespace: dict[str, Any]) -> Iterator[tuple[str, object, bool]]:
    """Values of the public names, tensors within them and gradients: path, value, whether another value holds it.

    A tensor that can be reached in several ways is listed once, unless it has names of its own.
    """
    yield from islice(_watched(namespace), WATCHED)


def _watched(namespace: dict[str, Any]) -> Iterator[tuple[str, object, bool]]:
    visited: set[int] = set()
    for name, value in list(namespace.items()):
        if type(name) is not str or name.startswith("_") or not values.type_text(value):
            continue
        if not tensors.is_tensor(value):
            yield name, value, False
        for path, tensor, owned in (*values.reachable({name: value}), *_attributes(value, name)):
            if owned and id(tensor) in visited:
                continue
            visited.add(id(tensor))
            yield path, tensor, owned
            with torch._C.DisableTorchFunction():
                grad = tensors.gradient(tensor)
            if grad is not None:
                yield f"{path}.grad", grad, owned


def _attributes(value: object, name: str) -> Iterator[tuple[str, torch.Tensor, bool]]:
    """Tensors in an object of a class that the program itself made."""
    kind = type(value)
    if type.__getattribute__(kind, "__module__") != "__main__" or issubclass(kind, (torch.nn.Module, torch.Tensor)):
        return
    try:
        table = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return
    if type(table) is dict:
        for key, item in islice(list(table.items()), WATCHED):
            if type(key) is str and tensors.is_tensor(item):
                yield f"{name}.{key}", item, True
