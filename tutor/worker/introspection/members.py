"""The attribute names of a symbol: the names that may follow its dot."""

from __future__ import annotations

import ast
import functools
import inspect
import sys
import types
from collections.abc import Iterator

from tutor.worker.introspection.importable import submodule_names
from tutor.worker.introspection.scopes import assigned_attributes
from tutor.worker.introspection.symbols import Definition, Instance, LiveObject, Symbol, instance_attributes


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
        yield from _class_names(symbol.cls.object)
        yield from instance_attributes(symbol.cls.object)


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
