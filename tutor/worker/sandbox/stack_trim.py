"""The lower end of a program's stack: its own first frame, as under ``python FILE``.

Below that stand the frames of the worker. Python code that walks a stack is patched to stop above them: ``traceback``
(and with it logging, asyncio and torch's anomaly detection), ``inspect.stack`` and the debugger.
"""

from __future__ import annotations

import bdb
import functools
import inspect
import itertools
import sys
import traceback
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any


def install(below: CodeType) -> None:
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
