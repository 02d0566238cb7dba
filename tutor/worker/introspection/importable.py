"""The modules that may be imported here: torch, NumPy, and the standard library; never a learner's own."""

from __future__ import annotations

import functools
import importlib
import os
import pkgutil
import sys
import sysconfig
from types import ModuleType

_PACKAGES = ("torch", "numpy")
_NEVER = frozenset({"antigravity", "this", "idlelib", "turtledemo", "test", "__main__", "__phello__"})
"""Importing them opens a window, prints, or runs a program."""


def is_allowed(name: str) -> bool:
    """Whether a module of this name may be imported here."""
    parts = name.split(".")
    is_listed = parts[0] in _PACKAGES or parts[0] in sys.stdlib_module_names
    return is_listed and not _NEVER.intersection(parts) and all(map(str.isidentifier, parts))


def import_allowed(name: str) -> ModuleType | None:
    """The module, imported if need be; None when it isn't there, may not be imported, or fails to."""
    if not is_allowed(name):
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
        return tuple(name for name in top_names if is_allowed(name))
    package = import_allowed(name)
    paths = getattr(package, "__path__", None)
    if paths is None:
        return ()
    return tuple(submodule.name for submodule in pkgutil.iter_modules(paths) if is_allowed(f"{name}.{submodule.name}"))
