"""Working in the process of a program that may have put anything in the place of what Python has."""

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
    """Work with Python's own ``len`` and ``open``, whatever the program has put in their place.

    Entering it uses none of them: the program may have taken any away.
    """

    def __enter__(self) -> None:
        self._theirs = builtins.__dict__.copy()
        builtins.__dict__.update(_BUILTINS)

    def __exit__(self, *raised: object) -> None:
        for name in _BUILTINS.keys() - self._theirs.keys():
            del builtins.__dict__[name]
        builtins.__dict__.update(self._theirs)


_MODULES: dict[str, types.ModuleType] = {}
"""What was in ``sys.modules`` before any program began."""
_names: frozenset[str] = frozenset()
"""Its names: copies that lie side by side. To compare is to count references, and a fork copies each page of these."""


def remember_modules() -> None:
    """From now on, :func:`own_modules` has what is in ``sys.modules`` now, but for the program itself.

    Called before a fork: it touches thousands of objects, and a process that shares their memory would copy it.
    """
    global _names
    _MODULES.update(sys.modules)
    _MODULES.pop("__main__", None)
    _names = frozenset("\n".join(_MODULES).split("\n"))


@contextlib.contextmanager
def own_modules() -> Iterator[None]:
    """Work with the modules that were there, also those that the program has taken away: torch can't load twice."""
    gone = _names.difference(sys.modules)
    sys.modules.update((name, _MODULES[name]) for name in gone)
    try:
        yield
    finally:
        for name in gone:
            sys.modules.pop(name, None)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Send what is written at any level to nowhere for a while, with closed descriptors left closed after it."""
    kept: dict[int, int | None] = {}
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        try:
            kept[descriptor] = os.dup(descriptor)
        except OSError:
            kept[descriptor] = None
        os.dup2(nowhere, descriptor)
    try:
        yield
    finally:
        shutdown.flush_quietly()
        for descriptor, copy in kept.items():
            if copy is None:
                os.close(descriptor)
            else:
                os.dup2(copy, descriptor)
                os.close(copy)
        os.close(nowhere)
