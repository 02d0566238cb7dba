"""The modules that may be looked into: torch, NumPy, and the standard library; never a learner's own."""

from __future__ import annotations

import functools
import importlib
import os
import pkgutil
import sys
import sysconfig
from types import ModuleType

_ALSO = ("torch", "numpy")
_NEVER = frozenset({"antigravity", "this", "idlelib", "turtledemo", "test", "__main__", "__phello__"})
"""Importing them opens a window, prints, or runs a program."""


def allowed(name: str) -> bool:
    """Whether a module of this name may be imported here."""
    parts = name.split(".")
    known = parts[0] in _ALSO or parts[0] in sys.stdlib_module_names
    return known and not _NEVER.intersection(parts) and all(map(str.isidentifier, parts))


def module(name: str) -> ModuleType | None:
    """The module, imported if need be; None when it isn't there, may not be looked into, or fails to import."""
    if not allowed(name):
        return None
    if name not in sys.modules:
        kept = sys.path[:]
        sys.path[:] = _trusted_path()
        try:
            importlib.import_module(name)
        except BaseException:  # an optional part of torch whose needs aren't installed, or one that exits
            return None
        finally:
            sys.path[:] = kept
    return sys.modules.get(name)


@functools.cache
def _trusted_path() -> list[str]:
    """Where the standard library and torch are, and nothing that a learner has put before them."""
    paths = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    paths += [path for path in sys.path if path.endswith(("lib-dynload", ".zip"))]
    for name in _ALSO:
        file = getattr(sys.modules.get(name), "__file__", None)
        if file:
            paths.append(os.path.dirname(os.path.dirname(file)))
    return list(dict.fromkeys(paths))


@functools.cache
def below(name: str) -> tuple[str, ...]:
    """The names of the modules in a package, or of all that may be imported for an empty ``name``."""
    if not name:
        known = sorted(sys.stdlib_module_names | {also for also in _ALSO if also in sys.modules})
        return tuple(name for name in known if allowed(name))
    package = module(name)
    paths = getattr(package, "__path__", None)
    if paths is None:
        return ()
    return tuple(found.name for found in pkgutil.iter_modules(paths) if allowed(f"{name}.{found.name}"))
