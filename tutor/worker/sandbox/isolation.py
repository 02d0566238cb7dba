"""Worker and program kept apart in one process: builtins, modules, streams, and the frames of a stack.

A program may have replaced the first three. Below its own first frame stand those of the worker, where under
``python FILE`` there is nothing. Python code that walks a stack is patched to stop above them: ``traceback``
(and with it logging, asyncio and torch's anomaly detection), ``inspect.stack`` and the debugger.
"""

from __future__ import annotations

import bdb
import builtins
import contextlib
import functools
import inspect
import itertools
import os
import sys
import traceback
import types
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any

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


# --- the lower end of a program's stack -------------------------------------------------------------------------


def trim_stacks(below: CodeType) -> None:
    """Let every stack end above the frame that runs the code ``below``; once, before any program runs."""
    _end_walks(below)
    _end_inspections(below)
    _end_debugging(below)


def _end_walks(below: CodeType) -> None:
    walk = traceback.walk_stack

    @functools.wraps(walk)
    def walk_stack(f: FrameType | None) -> Iterator[tuple[FrameType, int]]:
        if f is None and sys.version_info >= (3, 14):  # before, the generator itself looks for its caller
            f = sys._getframe(1)
        return itertools.takewhile(lambda place: place[0].f_code is not below, walk(f))

    traceback.walk_stack = walk_stack


def _end_inspections(below: CodeType) -> None:
    get = inspect.getouterframes

    @functools.wraps(get)
    def getouterframes(frame: Any, context: int = 1) -> list[inspect.FrameInfo]:
        return list(itertools.takewhile(lambda info: info.frame.f_code is not below, get(frame, context)))

    inspect.getouterframes = getouterframes


def _end_debugging(below: CodeType) -> None:
    begin, stops = bdb.Bdb.set_trace, bdb.Bdb.stop_here

    @functools.wraps(begin)
    def set_trace(self: bdb.Bdb, frame: FrameType | None = None) -> None:
        start = frame = frame or sys._getframe(1)
        begin(self, frame)
        # From here on the debugger listens: no function may be called, it would stop there.
        while frame is not None and frame.f_code is not below:
            start, frame = frame, frame.f_back
        if frame is not None:
            self.botframe = start
        while frame is not None:
            frame.f_trace = None
            frame = frame.f_back

    @functools.wraps(stops)
    def stop_here(self: bdb.Bdb, frame: FrameType) -> bool:
        return frame.f_code is not below and stops(self, frame)

    bdb.Bdb.set_trace = set_trace  # type: ignore[method-assign]
    bdb.Bdb.stop_here = stop_here  # type: ignore[method-assign]
