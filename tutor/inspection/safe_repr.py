"""The value of a last expression as text, without running the learner's code.

The rule: a class's own ``__repr__`` is called only when the class comes with Python, torch or NumPy. Lists,
tuples, dicts, sets, named tuples and dataclasses are walked here, so that what they hold is told by the same
rule. Any other object is ``<Net object>``: its own ``__repr__`` may raise, hang, or be 200 MB.
"""

from __future__ import annotations

import dataclasses
import reprlib
import sys
import types
from collections import Counter, OrderedDict, deque
from typing import Any

import torch
from torch import nn

from tutor.inspection import tensor as tensors
from tutor.inspection.sizes import attribute, fixed

LIMIT = 4000
"""Characters of a text."""
ITEMS = 100
"""Elements of a container that are written out."""
DEPTH = 6
"""Containers within containers that are opened."""

_BRACKETS: dict[type, Any] = {
    list: "[]",
    tuple: "()",
    set: "{}",
    dict: "{}",
    frozenset: ("frozenset({", "})"),
}
_WALKED = {*_BRACKETS, type({}.keys()), type({}.values()), type({}.items()), OrderedDict, Counter, deque}


def value_text(value: object) -> str:
    """The repr of ``value``, at most 4,000 characters, safe for any value. Never raises."""
    try:
        text = _text(value, DEPTH)
    except (Exception, SystemExit) as error:  # a repr of torch's or NumPy's own that fails on a damaged value
        text = f"<{name_of(type(value))} object> (its repr raises {type(error).__name__})"
    return cut(text, LIMIT)


def cut(text: str, limit: int) -> str:
    """``text``, its end replaced by how much is left out where it is longer than ``limit`` characters."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def name_of(cls: type) -> str:
    """A class's name, without asking its metaclass."""
    name: str = type.__getattribute__(cls, "__name__")
    return name


def trusted(cls: type) -> bool:
    """Whether ``cls`` comes with Python, torch or NumPy: the object found under its own name there."""
    module = type.__getattribute__(cls, "__module__")
    if not isinstance(module, str):
        return False
    root = module.partition(".")[0]
    if (root not in ("torch", "numpy") and root not in sys.stdlib_module_names) or root == "__main__":
        return False
    built_in_c = not cls.__flags__ & _HEAP  # many of these can't be reached by name
    resolved: Any = sys.modules.get(module)
    for part in type.__getattribute__(cls, "__qualname__").split("."):
        resolved = getattr(resolved, "__dict__", {}).get(part)
    return built_in_c or resolved is cls


_HEAP = 1 << 9  # Py_TPFLAGS_HEAPTYPE: set on every class that a class statement made, never on one built in C


def _text(value: Any, depth: int) -> str:
    kind = type(value)
    if kind in (str, bytes, bytearray):
        rest = len(value) - LIMIT
        return repr(value[:LIMIT]) + (f"… ({rest:,} more)" if rest > 0 else "")
    if kind is int and value.bit_length() > 8 * LIMIT:
        return f"<an int of {value.bit_length():,} bits>"
    if tensors.is_tensor(value):
        return _tensor(value)
    if kind in _WALKED:
        return _container(value, depth)
    if issubclass(kind, nn.Module):
        return repr(value) if _module_is_torchs_own(value, set()) else _object(value)
    if issubclass(kind, tuple) and isinstance(vars(kind).get("_fields"), tuple):
        return _fields(kind, zip(vars(kind)["_fields"], tuple.__iter__(value), strict=False), depth)
    if _generated_repr(kind):
        attributes = object.__getattribute__(value, "__dict__") if kind.__dictoffset__ else {}
        names = [field.name for field in dataclasses.fields(kind) if field.repr and field.name in attributes]
        return _fields(kind, ((name, attributes[name]) for name in names), depth)
    if kind.__module__ == "numpy" and getattr(kind, "__name__", "") == "ndarray" and value.dtype.hasobject:
        return f"<ndarray of objects {value.shape}>"
    return repr(value) if trusted(kind) or kind is type else _object(value)


def _object(value: Any) -> str:
    if issubclass(type(value), type):
        return f"<class {name_of(value)!r}>"
    return f"<{name_of(type(value))} object>"


def _tensor(value: torch.Tensor) -> str:
    note = tensors.unreadable(value)
    if type(value) in (torch.Tensor, nn.Parameter) and _fixed(value):
        summarised = torch._tensor_str.PRINT_OPTS.threshold <= 1000
        if note.startswith(_PRINTABLE) or (not note and (summarised or value.numel() <= tensors.WHOLE)):
            return repr(value)
    kind = "Tensor" if type(value) is torch.Tensor else name_of(type(value))
    return f"<{kind} {tensors.short(value)}{f': {note}' if note else ''}>"


def _fixed(value: torch.Tensor) -> bool:
    """Whether its sizes are numbers, or none at all, which torch prints without asking for them."""
    with torch._C.DisableTorchFunction():
        return bool(attribute(value, "is_nested")) or fixed(value) is not None


_PRINTABLE = ("meta", "sparse", "quantized", "nested")  # torch prints these without reading what isn't there


def _container(value: Any, depth: int) -> str:
    kind = type(value)
    if depth == 0:
        return "…"
    pairs = kind is not list and issubclass(kind, dict)
    inner, count = "", 0
    for item in value.items() if pairs else value:
        if count == ITEMS or len(inner) > LIMIT:  # nested containers end here too: the work stays bounded
            break
        entry = f"{_text(item[0], depth - 1)}: {_text(item[1], depth - 1)}" if pairs else _text(item, depth - 1)
        inner += f", {entry}" if count else entry
        count += 1
    if count < len(value):
        inner += f", … ({len(value) - count:,} more)"
    if not inner and kind in (set, frozenset):
        return f"{name_of(kind)}()"
    if kind is tuple and count == 1:
        inner += ","
    named = (f"{name_of(kind)}({{", "})") if pairs else (f"{name_of(kind)}([", "])")
    opening, closing = _BRACKETS.get(kind, named)
    return f"{opening}{inner}{closing}"


def _fields(kind: type, pairs: Any, depth: int) -> str:
    if depth == 0:
        return "…"
    return f"{name_of(kind)}({', '.join(f'{name}={_text(item, depth - 1)}' for name, item in pairs)})"


def _generated_repr(kind: type) -> bool:
    """Whether ``@dataclass`` wrote the class's ``__repr__``."""
    own = vars(kind)
    if "__dataclass_params__" not in own or not own["__dataclass_params__"].repr:
        return False
    written = own.get("__repr__")
    wrapper = getattr(written, "__code__", None)
    return wrapper is not None and wrapper.co_filename in (dataclasses.__file__, reprlib.__file__)


def _module_is_torchs_own(module: nn.Module, visited: set[int]) -> bool:
    """Whether printing ``module`` runs torch's code only, in all the modules below it too."""
    if id(module) in visited:
        return True
    visited.add(id(module))
    for method in ("__repr__", "extra_repr", "_get_name", "__getattr__", "__getattribute__"):
        owner = next((cls for cls in type(module).__mro__ if method in vars(cls)), object)
        if not trusted(owner) or not isinstance(vars(owner)[method], _PLAIN):
            return False
    children = object.__getattribute__(module, "__dict__").get("_modules") or {}
    return all(child is None or _module_is_torchs_own(child, visited) for child in children.values())


_PLAIN = types.FunctionType, types.WrapperDescriptorType
