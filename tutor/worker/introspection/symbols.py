"""The symbols of a draft: a live object of torch, a value of some class, or a definition of the draft."""

from __future__ import annotations

import ast
import dis
import functools
import importlib
import inspect
import os
import pkgutil
import re
import sys
import sysconfig
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from tutor.worker.introspection.scopes import Function, Scope, assigned_attributes


@dataclass(frozen=True)
class LiveObject:
    """An object of torch, NumPy or Python itself; never one that a program made."""

    object: Any
    path: str
    """The path that leads to it: ``torch.nn.functional.relu``."""
    owner: type | None = None
    """The class that it was found on, through a value of that class or a part of it."""
    bound: bool = False
    """Whether it was reached through a value, which then is its first argument."""


@dataclass(frozen=True)
class Definition:
    """A class or function of the draft."""

    node: ast.ClassDef | Function
    scope: Scope
    """The scope that defines it."""
    bound: bool = False


@dataclass(frozen=True)
class Instance:
    """A value of a class, of which nothing else is known."""

    cls: LiveObject | Definition | None
    """None: of any class."""
    items: tuple[Symbol | None, ...] = ()
    """Of a tuple or a list: what it holds, as far as it is known."""

    @property
    def live_class(self) -> type:
        """Its class where that is a live object; else ``object``, of which nothing is known."""
        return self.cls.object if isinstance(self.cls, LiveObject) else object


Symbol = LiveObject | Definition | Instance


def kind(symbol: Symbol | None) -> str:
    """The kind of a symbol, as :class:`tutor.protocol.answers.Documented` names it."""
    if isinstance(symbol, Definition):
        return "class" if isinstance(symbol.node, ast.ClassDef) else "method" if symbol.bound else "function"
    if symbol is None or isinstance(symbol, Instance):
        return "value"
    if isinstance(symbol.object, types.ModuleType):
        return "module"
    if symbol.owner is not None and inspect.isroutine(symbol.object):
        return "method"
    return "class" if isinstance(symbol.object, type) else "function" if callable(symbol.object) else "value"


def instance_of(cls: type, *items: Symbol | None) -> Instance:
    """The symbol of a value of ``cls``; ``items`` are the values that it holds."""
    return Instance(LiveObject(cls, _public_path(cls)), items)


TENSOR = Instance(LiveObject(torch.Tensor, "torch.Tensor"))


@functools.cache
def _public_path(cls: type) -> str:
    """The shortest path that leads to a class: ``torch.nn.Linear``."""
    parts = cls.__module__.split(".")
    if cls.__module__ == "builtins":
        return cls.__qualname__
    for count in range(1, len(parts) + 1):
        home = sys.modules.get(".".join(parts[:count]))
        if home is not None and vars(home).get(cls.__name__) is cls:
            return ".".join((*parts[:count], cls.__name__))
    return f"{cls.__module__}.{cls.__qualname__}"


def find_path(path: str) -> LiveObject | None:
    """Return the module, or the member of a module, that a dotted path leads to."""
    parts = path.split(".")
    for count in range(len(parts), 0, -1):
        name = ".".join(parts[:count])
        if (home := _import_allowed(name)) is None:
            continue
        symbol: Symbol | None = LiveObject(home, name)
        for part in parts[count:]:
            symbol = None if symbol is None else find_member(symbol, part)
        return symbol if isinstance(symbol, LiveObject) else None
    return None


# --- modules that may be imported here: torch, NumPy, and the standard library; never a learner's own ----------

_PACKAGES = ("torch", "numpy")
_NEVER = frozenset({"antigravity", "this", "idlelib", "turtledemo", "test", "__main__", "__phello__"})
"""Importing them opens a window, prints, or runs a program."""


def _is_allowed(name: str) -> bool:
    """Whether a module of this name may be imported here."""
    parts = name.split(".")
    is_listed = parts[0] in _PACKAGES or parts[0] in sys.stdlib_module_names
    return is_listed and not _NEVER.intersection(parts) and all(map(str.isidentifier, parts))


def _import_allowed(name: str) -> types.ModuleType | None:
    """The module, imported if need be; None when it isn't there, may not be imported, or fails to."""
    if not _is_allowed(name):
        return None
    if name not in sys.modules:
        search_path = sys.path[:]
        sys.path[:] = _trusted_path()
        try:
            importlib.import_module(name)
        except BaseException:  # an optional part of torch whose needs aren't installed, or one that exits
            return None
        finally:
            sys.path[:] = search_path
    return sys.modules.get(name)


@functools.cache
def _trusted_path() -> list[str]:
    """The folders of the standard library and of torch, without those that a learner has put before them."""
    paths = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    paths += [path for path in sys.path if path.endswith(("lib-dynload", ".zip"))]
    for name in _PACKAGES:
        file = getattr(sys.modules.get(name), "__file__", None)
        if file:
            paths.append(os.path.dirname(os.path.dirname(file)))
    return list(dict.fromkeys(paths))


@functools.cache
def submodule_names(name: str) -> tuple[str, ...]:
    """The names of the modules in a package, or of all that may be imported for an empty ``name``."""
    if not name:
        top_names = sorted(sys.stdlib_module_names | {package for package in _PACKAGES if package in sys.modules})
        return tuple(name for name in top_names if _is_allowed(name))
    package = _import_allowed(name)
    paths = getattr(package, "__path__", None)
    if paths is None:
        return ()
    return tuple(submodule.name for submodule in pkgutil.iter_modules(paths) if _is_allowed(f"{name}.{submodule.name}"))


# --- members --------------------------------------------------------------------------------------------------


def find_member(symbol: Symbol, name: str) -> Symbol | None:
    """Return an attribute of a symbol that the draft doesn't define. Runs no ``__getattr__``."""
    if isinstance(symbol, LiveObject):
        if isinstance(symbol.object, types.ModuleType):
            return _find_in_module(symbol, name)
        if isinstance(symbol.object, type):
            return _find_in_class(symbol.object, symbol.path, name, bound=False)
        return _find_in_class(type(symbol.object), symbol.path, name, bound=True)
    if isinstance(symbol, Instance) and isinstance(symbol.cls, LiveObject):
        return _find_in_class(symbol.cls.object, symbol.cls.path, name, bound=True)
    return None


def _find_in_module(home: LiveObject, name: str) -> Symbol | None:
    path = f"{home.path}.{name}"
    if name in vars(home.object):
        return LiveObject(vars(home.object)[name], path)
    inner = _import_allowed(path) if name in submodule_names(home.path) else None
    return None if inner is None else LiveObject(inner, path)


def _find_in_class(cls: type, path: str, name: str, *, bound: bool) -> Symbol | None:
    missing = object()
    static = inspect.getattr_static(cls, name, missing)
    if static is missing:
        return _find_in_instance(cls, name)
    if isinstance(static, (classmethod, staticmethod)):
        return LiveObject(static.__func__, f"{path}.{name}", cls, bound and isinstance(static, classmethod))
    if inspect.isroutine(static) or isinstance(static, type):
        return LiveObject(static, f"{path}.{name}", cls, bound)
    return _find_in_instance(cls, name) if bound else LiveObject(static, f"{path}.{name}", cls)


def _find_in_instance(cls: type, name: str) -> Symbol | None:
    """An attribute that each value has for itself, or that is computed: a value of its annotated type."""
    if issubclass(cls, torch.Tensor) and name in dir(torch.Tensor):
        try:
            sample = getattr(torch.ones(1, 1, requires_grad=True), name, None)
        except RuntimeError:  # ``imag`` is for complex numbers only
            sample = None
        return TENSOR if sample is None or isinstance(sample, torch.Tensor) else instance_of(type(sample))
    for base in cls.__mro__:
        attribute = vars(base).get(name)
        if isinstance(attribute, property) and attribute.fget is not None:
            return _infer_annotation(
                getattr(attribute.fget, "__annotations__", {}).get("return"), attribute.fget
            ) or Instance(None)
        annotation = _class_annotations(base).get(name)
        if annotation is not None:
            return _infer_annotation(annotation, base) or Instance(None)
    return Instance(None) if name in _instance_attributes(cls) else None


def _class_annotations(cls: type) -> dict[str, Any]:
    try:
        return dict(inspect.get_annotations(cls))
    except Exception:  # evaluated late, from Python 3.14 on, with names that aren't there
        return {}


@functools.cache
def _instance_attributes(cls: type) -> frozenset[str]:
    """The attributes that the ``__init__`` of a class and of its bases give each value."""
    names: set[str] = set()
    for base in cls.__mro__:
        names.update(
            name for name, annotation in _class_annotations(base).items() if "TypeAlias" not in str(annotation)
        )
        code = getattr(vars(base).get("__init__"), "__code__", None)
        if code is not None:
            names.update(step.argval for step in dis.get_instructions(code) if step.opname == "STORE_ATTR")
    return frozenset(names)


def list_members(symbol: Symbol) -> Iterator[str]:
    """Yield the attributes of a symbol that the draft doesn't define."""
    if (
        isinstance(symbol, LiveObject)
        and isinstance(symbol.object, types.ModuleType)
        and symbol.object.__name__ in sys.modules
    ):
        yield from _module_names(symbol.object.__name__, len(vars(symbol.object)))
        yield from submodule_names(symbol.path)
    elif isinstance(symbol, LiveObject):
        yield from _class_names(symbol.object if isinstance(symbol.object, type) else type(symbol.object))
    elif isinstance(symbol, Instance) and isinstance(symbol.cls, LiveObject):
        yield from _class_names(symbol.live_class)
        yield from _instance_attributes(symbol.live_class)


@functools.cache
def _module_names(home: str, _count: int) -> tuple[str, ...]:
    """The names that a module offers, as long as there are so many in it."""
    module = sys.modules[home]
    return tuple(name for name, member in list(vars(module).items()) if _is_public(member, name, module))


@functools.cache
def _class_names(cls: type) -> tuple[str, ...]:
    """The names that a class offers: no aliases of types that it only uses itself."""
    return tuple(name for name in dir(cls) if type(inspect.getattr_static(cls, name, None)).__module__ != "typing")


def _is_public(member: object, name: str, home: types.ModuleType) -> bool:
    """Whether a name of a module is meant for others: not a module or a type that it only uses itself."""
    if name in getattr(home, "__all__", ()):
        return True
    if isinstance(member, types.ModuleType):
        return member.__name__.startswith(f"{home.__name__}.")
    top = home.__name__.partition(".")[0]
    if isinstance(member, (type, types.FunctionType)) and top in ("torch", "numpy"):
        return (member.__module__ or "").partition(".")[0] == top
    return getattr(type(member), "__module__", "") != "typing"


def defined_attributes(symbol: Definition) -> Iterator[str]:
    """Yield the attributes that the draft itself gives a class."""
    if isinstance(symbol.node, ast.ClassDef):
        yield from symbol.scope.children[symbol.node].names
        yield from (name for name, _, _ in assigned_attributes(symbol.node))


# --- results of calls -----------------------------------------------------------------------------------------

_RETURN_TYPE = re.compile(r"\)\s*->\s*(?P<type>\([^)]*\)|[\w.]+)")
_NUMBER_WORDS = {"number": float, "bool": bool, "int": int, "float": float, "str": str, "list": list, "tuple": tuple}


def infer_call(symbol: Symbol) -> Symbol | None:
    """Return the result of calling a symbol that the draft doesn't define."""
    if isinstance(symbol, Instance):
        return TENSOR if issubclass(symbol.live_class, nn.Module) else None
    if not isinstance(symbol, LiveObject):
        return None
    if isinstance(symbol.object, type):
        return Instance(LiveObject(symbol.object, symbol.path))
    annotation = getattr(symbol.object, "__annotations__", {}).get("return")
    if annotation is not None and (inferred := _infer_annotation(annotation, symbol.object, symbol.owner)) is not None:
        return inferred
    match = _RETURN_TYPE.search(getattr(symbol.object, "__doc__", None) or "", 0, 600)
    if match is None:
        return TENSOR if symbol.path.startswith("torch.nn.functional.") else None
    if match["type"].startswith("("):
        words = [word.strip() for word in match["type"].strip("()").split(",")]
        return instance_of(tuple, *map(_infer_word, words))
    return _infer_word(match["type"])


def _infer_word(word: str) -> Symbol | None:
    if word.endswith("Tensor"):
        return TENSOR
    if word in _NUMBER_WORDS:
        return instance_of(_NUMBER_WORDS[word])
    symbol = find_path(word) if "." in word else None
    return Instance(symbol) if symbol is not None and isinstance(symbol.object, type) else None


def _infer_annotation(annotation: Any, home: Any, owner: type | None = None) -> Instance | None:
    """Return a value of the class that an annotation names; the annotation is an object or text."""
    if annotation in ("Self", typing.Self) and owner is not None:
        return instance_of(owner)
    if isinstance(annotation, str):
        names = getattr(sys.modules.get(getattr(home, "__module__", "")), "__dict__", {})
        try:
            return _infer_annotation(eval(annotation, dict(names)), home, owner)
        except Exception:  # it names what is imported for type checkers alone
            return None
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return instance_of(annotation) if _is_allowed(annotation.__module__) else None
    origin = getattr(annotation, "__origin__", None)
    arguments = getattr(annotation, "__args__", ())
    if origin is not None and isinstance(origin, type):
        inside = arguments if origin is tuple else arguments[-1:]
        return instance_of(origin, *(_infer_annotation(argument, home, owner) for argument in inside))
    options = (_infer_annotation(part, home, owner) for part in arguments if part is not type(None))
    return next(filter(None, options), None)


_ELEMENTS = (
    (torch.Tensor, TENSOR),
    (range, instance_of(int)),
    (torch.utils.data.DataLoader, instance_of(list, TENSOR)),
    (nn.Module, instance_of(nn.Module)),
    (str, instance_of(str)),
)
"""What the values of a class give that don't tell what they hold."""


def infer_element(symbol: Symbol | None, index: int | None = None) -> Symbol | None:
    """Return an element of a symbol: the result of iterating over it, or of indexing it, at ``index`` if given."""
    if not isinstance(symbol, Instance):
        return None
    if symbol.items:
        return symbol.items[index if index is not None and index < len(symbol.items) else -1]
    return next((element for cls, element in _ELEMENTS if issubclass(symbol.live_class, cls)), None)
