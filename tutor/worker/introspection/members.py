"""The names that a thing offers after its dot."""

from __future__ import annotations

import ast
import functools
import inspect
import sys
import types
from collections.abc import Iterator

from tutor.worker.introspection.importable import below
from tutor.worker.introspection.scopes import attributes
from tutor.worker.introspection.symbols import Live, Own, Thing, Value, stored


def names(thing: Thing) -> Iterator[str]:
    """The attributes of a thing that isn't defined by the draft."""
    if isinstance(thing, Live) and isinstance(thing.object, types.ModuleType) and thing.object.__name__ in sys.modules:
        yield from _module_names(thing.object.__name__, len(vars(thing.object)))
        yield from below(thing.path)
    elif isinstance(thing, Live):
        yield from _class_names(thing.object if isinstance(thing.object, type) else type(thing.object))
    elif isinstance(thing, Value) and isinstance(thing.cls, Live):
        yield from _class_names(thing.cls.object)
        yield from stored(thing.cls.object)


@functools.cache
def _module_names(home: str, _count: int) -> tuple[str, ...]:
    """The names that a module offers, as long as there are so many in it."""
    made = sys.modules[home]
    return tuple(name for name, what in list(vars(made).items()) if _belongs(what, name, made))


@functools.cache
def _class_names(cls: type) -> tuple[str, ...]:
    """The names that a class offers: no aliases of types that it only uses itself."""
    return tuple(name for name in dir(cls) if type(inspect.getattr_static(cls, name, None)).__module__ != "typing")


def _belongs(what: object, name: str, home: types.ModuleType) -> bool:
    """Whether a name of a module is meant for others: not a module or a type that it only uses itself."""
    if name in getattr(home, "__all__", ()):
        return True
    if isinstance(what, types.ModuleType):
        return what.__name__.startswith(f"{home.__name__}.")
    top = home.__name__.partition(".")[0]
    if isinstance(what, (type, types.FunctionType)) and top in ("torch", "numpy"):
        return (what.__module__ or "").partition(".")[0] == top
    return getattr(type(what), "__module__", "") != "typing"


def own_attributes(thing: Own) -> Iterator[str]:
    """What the draft itself gives a class."""
    if isinstance(thing.node, ast.ClassDef):
        yield from thing.scope.below[thing.node].names
        yield from (name for name, _, _ in attributes(thing.node))
