"""Protection from a program in the same process, which may have replaced builtins, modules and streams."""

from __future__ import annotations

import builtins
import contextlib
import os
import sys
import types
from collections.abc import Iterator

from tutor.worker.sandbox import shutdown

_BUILTINS = dict(vars(builtins))


class own_builtins:  # noqa: N801 - used as a function
    """Restores Python's own builtins for a while, as ``len`` and ``open``, whichever the program has replaced.

    Entering it uses none of them: the program may have taken any away.
    """

    def __enter__(self) -> None:
        self._program_builtins = builtins.__dict__.copy()
        builtins.__dict__.update(_BUILTINS)

    def __exit__(self, *raised: object) -> None:
        for name in _BUILTINS.keys() - self._program_builtins.keys():
            del builtins.__dict__[name]
        builtins.__dict__.update(self._program_builtins)


_MODULES: dict[str, types.ModuleType] = {}
"""The modules in ``sys.modules`` before any program began."""
_names: frozenset[str] = frozenset()
"""Its names: copies that lie side by side. To compare is to count references, and a fork copies each page of these."""


def remember_modules() -> None:
    """Record the modules that :func:`own_modules` restores: those in ``sys.modules`` now, but for the program itself.

    Called before a fork: it touches thousands of objects, and a process that shares their memory would copy it.
    """
    global _names
    _MODULES.update(sys.modules)
    _MODULES.pop("__main__", None)
    _names = frozenset("\n".join(_MODULES).split("\n"))


@contextlib.contextmanager
def own_modules() -> Iterator[None]:
    """Restore, for a while, the modules that the program has taken away: torch can't load twice."""
    missing = _names.difference(sys.modules)
    sys.modules.update((name, _MODULES[name]) for name in missing)
    try:
        yield
    finally:
        for name in missing:
            sys.modules.pop(name, None)


@contextlib.contextmanager
def silence_output() -> Iterator[None]:
    """Discard all output for a while, at any level; descriptors that were closed are closed after it."""
    copies: dict[int, int | None] = {}
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        try:
            copies[descriptor] = os.dup(descriptor)
        except OSError:
            copies[descriptor] = None
        os.dup2(nowhere, descriptor)
    try:
        yield
    finally:
        shutdown.flush_quietly()
        for descriptor, copy in copies.items():
            if copy is None:
                os.close(descriptor)
            else:
                os.dup2(copy, descriptor)
                os.close(copy)
        os.close(nowhere)
