"""What a name can stand for: something live in torch, a value of some class, or something that a draft defines."""

from __future__ import annotations

import ast
import builtins
import dis
import functools
import inspect
import re
import sys
import types
import typing
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from tutor.worker.introspection.importable import allowed, below, module
from tutor.worker.introspection.scopes import Function, Scope
from tutor.worker.introspection.tokens import expression


@dataclass(frozen=True)
class Live:
    """An object of torch, NumPy or Python itself; never one that a program made."""

    object: Any
    path: str
    """How it is reached: ``torch.nn.functional.relu``."""
    owner: type | None = None
    """The class that it was found on, through a value of that class or a part of it."""
    bound: bool = False
    """Whether it was reached through a value, which then is its first argument."""


@dataclass(frozen=True)
class Own:
    """A class or function of the draft."""

    node: ast.ClassDef | Function
    scope: Scope
    """Where it is defined."""
    bound: bool = False


@dataclass(frozen=True)
class Value:
    """A value of a class, of which nothing else is known."""

    cls: Live | Own | None
    """None: of any class."""
    items: tuple[Thing | None, ...] = ()
    """Of a tuple or a list: what it holds, as far as it is known."""


Thing = Live | Own | Value


def is_class(thing: Thing) -> bool:
    """Whether a thing can be derived from."""
    made = thing.object if isinstance(thing, Live) else thing.node if isinstance(thing, Own) else None
    return isinstance(made, (type, ast.ClassDef))


def live(cls: type) -> Live:
    """A class by the shortest path that leads to it: ``torch.nn.Linear``."""
    return Live(cls, _public(cls))


def value(cls: type, *items: Thing | None) -> Value:
    """A value of a class that is known here."""
    return Value(live(cls), items)


TENSOR = Value(Live(torch.Tensor, "torch.Tensor"))


@functools.cache
def _public(cls: type) -> str:
    parts = cls.__module__.split(".")
    if cls.__module__ == "builtins":
        return cls.__qualname__
    for count in range(1, len(parts) + 1):
        home = sys.modules.get(".".join(parts[:count]))
        if home is not None and vars(home).get(cls.__name__) is cls:
            return ".".join((*parts[:count], cls.__name__))
    return f"{cls.__module__}.{cls.__qualname__}"


def found(path: str) -> Live | None:
    """What a dotted path leads to: a module, or something in one."""
    parts = path.split(".")
    for count in range(len(parts), 0, -1):
        name = ".".join(parts[:count])
        if not allowed(name) or (home := module(name)) is None:
            continue
        thing: Thing | None = Live(home, name)
        for part in parts[count:]:
            thing = None if thing is None else member(thing, part)
        return thing if isinstance(thing, Live) else None
    return None


# --- members --------------------------------------------------------------------------------------------------


def member(thing: Thing, name: str) -> Thing | None:
    """The attribute of a thing that isn't defined by the draft. Runs no ``__getattr__``."""
    if isinstance(thing, Live):
        if isinstance(thing.object, types.ModuleType):
            return _of_module(thing, name)
        if isinstance(thing.object, type):
            return _of_class(thing.object, thing.path, name, bound=False)
        return _of_class(type(thing.object), thing.path, name, bound=True)
    if isinstance(thing, Value) and isinstance(thing.cls, Live):
        return _of_class(thing.cls.object, thing.cls.path, name, bound=True)
    return None


def _of_module(home: Live, name: str) -> Thing | None:
    names = vars(home.object)
    if name in names:
        return Live(names[name], f"{home.path}.{name}")
    path = f"{home.path}.{name}"
    if name in below(home.path) and (inner := module(path)) is not None:
        return Live(inner, path)
    return None


def _of_class(cls: type, path: str, name: str, *, bound: bool) -> Thing | None:
    missing = object()
    static = inspect.getattr_static(cls, name, missing)
    if static is missing:
        return _of_value(cls, name)
    if isinstance(static, (classmethod, staticmethod)):
        return Live(static.__func__, f"{path}.{name}", cls, bound and isinstance(static, classmethod))
    if inspect.isroutine(static) or isinstance(static, type):
        return Live(static, f"{path}.{name}", cls, bound)
    return _of_value(cls, name) if bound else Live(static, f"{path}.{name}", cls)


def _of_value(cls: type, name: str) -> Thing | None:
    """An attribute that each value has for itself, or that is computed: a value of what it is said to be."""
    if issubclass(cls, torch.Tensor) and name in dir(torch.Tensor):
        sample = getattr(torch.ones(1, 1, requires_grad=True), name, None)
        return TENSOR if sample is None or isinstance(sample, torch.Tensor) else value(type(sample))
    for base in cls.__mro__:
        described = vars(base).get(name)
        if isinstance(described, property) and described.fget is not None:
            return _annotated(getattr(described.fget, "__annotations__", {}).get("return"), described.fget) or Value(
                None
            )
        annotation = _annotations(base).get(name)
        if annotation is not None:
            return _annotated(annotation, base) or Value(None)
    return Value(None) if name in stored(cls) else None


def _annotations(cls: type) -> dict[str, Any]:
    try:
        return dict(inspect.get_annotations(cls))
    except Exception:  # evaluated late, from Python 3.14 on, with names that aren't there
        return {}


@functools.cache
def stored(cls: type) -> frozenset[str]:
    """The attributes that the ``__init__`` of a class and of those it derives from give each value."""
    names: set[str] = set()
    for base in cls.__mro__:
        names.update(name for name, said in _annotations(base).items() if "TypeAlias" not in str(said))
        code = getattr(vars(base).get("__init__"), "__code__", None)
        if code is not None:
            names.update(step.argval for step in dis.get_instructions(code) if step.opname == "STORE_ATTR")
    return frozenset(names)


# --- what a call gives ----------------------------------------------------------------------------------------

_GIVES = re.compile(r"\)\s*->\s*(?P<what>\([^)]*\)|[\w.]+)")
_NUMBER_WORDS = {"number": float, "bool": bool, "int": int, "float": float, "str": str, "list": list, "tuple": tuple}


def called(thing: Thing) -> Thing | None:
    """What calling a thing that isn't defined by the draft gives."""
    if isinstance(thing, Value):
        return TENSOR if isinstance(thing.cls, Live) and issubclass(thing.cls.object, nn.Module) else None
    if not isinstance(thing, Live):
        return None
    if isinstance(thing.object, type):
        return Value(Live(thing.object, thing.path))
    annotation = getattr(thing.object, "__annotations__", {}).get("return")
    if annotation is not None and (said := _annotated(annotation, thing.object, thing.owner)) is not None:
        return said
    match = _GIVES.search(getattr(thing.object, "__doc__", None) or "", 0, 600)
    if match is None:
        return TENSOR if thing.path.startswith("torch.nn.functional.") else None
    if match["what"].startswith("("):
        words = [word.strip() for word in match["what"].strip("()").split(",")]
        return value(tuple, *map(_worded, words))
    return _worded(match["what"])


def _worded(word: str) -> Thing | None:
    if word.endswith("Tensor"):
        return TENSOR
    if word in _NUMBER_WORDS:
        return value(_NUMBER_WORDS[word])
    reached = found(word) if "." in word else None
    return Value(reached) if reached is not None and isinstance(reached.object, type) else None


def _annotated(annotation: Any, home: Any, owner: type | None = None) -> Value | None:
    """A value of the class that an annotation names, live or as text."""
    if annotation in ("Self", typing.Self) and owner is not None:
        return value(owner)
    if isinstance(annotation, str):
        tree = expression(annotation)
        names = getattr(sys.modules.get(getattr(home, "__module__", "")), "__dict__", {})
        return None if tree is None else _annotated_tree(tree, names)
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return value(annotation) if allowed(annotation.__module__) or annotation.__module__ == "builtins" else None
    origin = getattr(annotation, "__origin__", None)
    arguments = getattr(annotation, "__args__", ())
    if origin is not None and isinstance(origin, type):
        inside = arguments if origin is tuple else arguments[-1:]
        return value(origin, *(_annotated(argument, home, owner) for argument in inside))
    return next(
        (said for part in arguments if part is not type(None) and (said := _annotated(part, home, owner))), None
    )


def _annotated_tree(tree: ast.expr, names: dict[str, Any]) -> Value | None:
    match tree:
        case ast.Constant(value=str(text)):
            inner = expression(text)
            return None if inner is None else _annotated_tree(inner, names)
        case ast.BinOp(left=left, right=right):
            return _annotated_tree(left, names) or _annotated_tree(right, names)
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inside):
            return _annotated_tree(inside, names)
        case ast.Subscript(value=outside, slice=inside):
            outer = _annotated_tree(outside, names)
            if outer is None:
                return None
            parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            of_tuple = isinstance(outer.cls, Live) and outer.cls.object is tuple
            return Value(outer.cls, tuple(_annotated_tree(part, names) for part in (parts if of_tuple else parts[-1:])))
        case ast.Name(id=name):
            named = names.get(name, vars(builtins).get(name))
            return value(named) if isinstance(named, type) else None
        case ast.Attribute(value=ast.Name(id=home), attr=name):
            outer_module = names.get(home)
            named = vars(outer_module).get(name) if isinstance(outer_module, types.ModuleType) else None
            return value(named) if isinstance(named, type) else None
    return None


def element(thing: Thing | None) -> Thing | None:
    """What going through a thing, or indexing it, gives."""
    if not isinstance(thing, Value):
        return None
    if thing.items:
        return thing.items[-1]
    if not isinstance(thing.cls, Live):
        return None
    if issubclass(thing.cls.object, torch.Tensor):
        return TENSOR
    if issubclass(thing.cls.object, range):
        return value(int)
    if issubclass(thing.cls.object, torch.utils.data.DataLoader):
        return value(list, TENSOR)
    if issubclass(thing.cls.object, nn.Module):
        return value(nn.Module)
    return value(str) if thing.cls.object is str else None
