"""The output of each module, observed while a program runs.

A global forward hook of torch would send every call through a slower path, which also stands in every traceback and
in the guards of a compiled graph. In its place :func:`install` puts one look into a copy of ``Module._call_impl``'s
code, on the same lines of the same file. A compiled graph doesn't take these lines in. A module is looked at for its
first 20 calls, then once each time that :meth:`Calls.look_again` is called; in between a call costs a set's look-up.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.compiler import is_compiling, is_dynamo_compiling
from torch.nn.modules import module as torch_module

from tutor.inspection import tensor as tensors
from tutor.inspection.safe_repr import name_of
from tutor.inspection.sizes import sizes, written
from tutor.worker.probes.tracing.function_patch import keep_eager, patch

FIRST = 20
"""Calls of a module that are looked at before it is looked at now and then."""
BEAT = 0.5
"""Seconds before modules that were looked at are looked at again."""
OutputShape = tuple[Any, ...] | str
"""dtype and shape of a tensor, or a tuple of these for each element, or the name of a class."""


_LOOK = """
_tutor_output = CALL
if not _tutor_compiling() and _tutor_calls is not None and id(self) not in _tutor_calls.skipped_ids:
    _tutor_calls.look(self, _tutor_output)
return _tutor_output
"""
"""In place of ``return forward_call(...)``, the path without hooks, and ``return inner()``, the one with some."""


class Calls:
    """The outputs of the modules of one run."""

    def __init__(self) -> None:
        self.skipped_ids: set[int] = set()
        """Ids of modules that need no look for now; the code in torch asks this."""
        self.watchers: list[Callable[[nn.Module, object], None]] = []
        """Called at each look with the module and its output. They run none of the learner's code."""
        self._entries: dict[int, tuple[weakref.ref[nn.Module], list[Any]]] = {}
        """By the id of a module: how many of its calls were looked at, and its last output."""
        self._again = time.monotonic() + BEAT

    def look(self, module: nn.Module, output: object) -> None:
        """Remember the output of a module. Runs none of the learner's code and never raises."""
        if is_compiling() or torch._C._get_tracing_state() is not None or torch._C._len_torch_function_stack():
            return
        try:
            key = id(module)
            entry = self._entries.get(key)
            if entry is None or entry[0]() is not module:
                entry = self._entries[key] = weakref.ref(module, partial(self._forget, key)), [0, ""]
            entry[1][0] += 1
            entry[1][1] = _output(output, 2)
            if entry[1][0] >= FIRST:
                self.skipped_ids.add(key)
            for watcher in self.watchers:
                watcher(module, output)
        except Exception:  # an output whose shape can't be read: no shape, and no harm
            return

    def look_again(self, now: float) -> None:
        """Look once more at each module that is called from now on, if the last time is half a second ago."""
        if now >= self._again:
            self.skipped_ids.clear()
            self._again = now + BEAT

    def ran(self, module: nn.Module) -> bool:
        """Whether it was called."""
        return (entry := self._entries.get(id(module))) is not None and entry[0]() is module

    def output(self, module: nn.Module) -> str:
        """Its output when it was last looked at: ``f32[32,16]``; empty if it wasn't."""
        return _text(self._entries[id(module)][1][1]) if self.ran(module) else ""

    def _forget(self, key: int, _: object) -> None:
        self._entries.pop(key, None)
        self.skipped_ids.discard(key)


def _output(value: Any, depth: int) -> OutputShape:
    kind = type(value)
    if kind is torch.Tensor:
        with torch._C.DisableTorchFunction():
            return value.dtype, sizes(value)
    if value is None:
        return "None"
    if kind in (tuple, list) and depth:
        return tuple(_output(item, depth - 1) for item in value[:4])
    return name_of(kind)


def _text(output: OutputShape) -> str:
    if isinstance(output, str):
        return output
    if len(output) == 2 and isinstance(output[0], torch.dtype):
        return tensors.short_dtype(output[0]) + written(output[1])
    return f"({', '.join(map(_text, output))})"


def install() -> None:
    """Put the look into torch, once, before any fork. A torch whose ``_call_impl`` reads otherwise goes without."""
    names = {"_tutor_compiling": is_dynamo_compiling, "_tutor_calls": None}
    patch(nn.Module._call_impl, {"forward_call": _LOOK, "inner": _LOOK}, **names)
    keep_eager(Calls.look, Calls._forget, is_dynamo_compiling)


def record(calls: Calls | None) -> None:
    """From now on, let ``calls`` look at modules; None: nobody."""
    vars(torch_module)["_tutor_calls"] = calls
