"""The functions that an instrumented program calls: they note what each line gave its names, at the least cost.

The calls are put in by :mod:`tutor.worker.probes.tracing.instrument`. What is kept are shapes and plain numbers,
never a value of the program's own, so that everything ends when it would; and nothing of what torch traces or compiles.
"""

from __future__ import annotations

import builtins
import itertools
from collections import deque
from types import TracebackType
from typing import Any

import torch
from torch import nn
from torch.compiler import is_dynamo_compiling

from tutor.inspection import namespace, tensor
from tutor.inspection.safe_repr import name_of, value_text
from tutor.inspection.sizes import sizes
from tutor.inspection.tensor import scalar
from tutor.worker.probes.tracing import instrument
from tutor.worker.probes.tracing.function_patch import keep_eager

Facts = Any
"""A number, None, a text, a list's (class, length), or a tensor's (shape, dtype, tracks gradients?, device, number)."""

_TEXT = 24
"""Characters of a string that are kept."""
_SIZED = frozenset([list, tuple, dict, set, frozenset, deque])
_WORDS = frozenset([torch.Size, torch.dtype, torch.device, range, complex])
"""Types whose values are written by their repr."""

_is_tracing = torch._C._is_tracing
_modes = torch._C._len_torch_function_stack
_transform = torch._C._functorch.peek_interpreter_stack
_Tensor, _Parameter = torch.Tensor, nn.Parameter
_type, _len = type, len  # the program may put others in their place

_passes: list[int] | None = None
_last: list[Facts] = []
_sites: list[instrument.Site] = []


def install() -> None:
    """Let instrumented programs find what they call; once, before any of them runs."""
    for name, function in (
        (instrument.BINDING, note_binding),
        (instrument.BINDINGS, note_bindings),
        (instrument.WALRUS, note_walrus),
        (instrument.ATTRIBUTE, note_attribute),
    ):
        setattr(builtins, name, function)
        keep_eager(function)


def record(sites: list[instrument.Site], passes: list[int], last: list[Facts]) -> None:
    """From now on, note in ``passes`` how often each site was passed, in ``last`` what it gave its names last."""
    global _passes, _last, _sites
    _sites, _last, _passes = sites, last, passes
    setattr(builtins, instrument.PASSES, passes)


def stop() -> None:
    """From now on, note nothing."""
    global _passes
    _passes = None


# --- called by the program: each begins with what a compiler takes for a constant ------------------------------


def note_binding(site: int, value: Any) -> None:
    """A name has been bound to ``value``. All in one: each function more that is called costs a training step 1 %."""
    if is_dynamo_compiling():
        return
    if (passes := _passes) is None:
        return
    passes[site] += 1
    kind = _type(value)
    if kind is _Tensor and not _modes() and not _is_tracing() and _transform() is None:
        try:
            shape = value.shape
            number = None if shape else scalar(value)
            for size in shape:
                if _type(size) is not int:  # a symbol, which is not to be kept either
                    shape = sizes(value)
                    break
            _last[site] = shape, value.dtype, value.requires_grad, value.device, number
        except Exception:
            _last[site] = facts(value)
    elif kind is int or kind is float:
        _last[site] = value
    elif kind is list:
        _last[site] = list, _len(value)
    else:
        _last[site] = facts(value)


def note_bindings(site: int, *values: Any) -> None:
    """Several names have been bound, by one statement."""
    if is_dynamo_compiling():
        return
    if (passes := _passes) is not None:
        passes[site] += 1
        _last[site] = [facts(value) for value in values]


def note_walrus(site: int, value: Any) -> Any:
    """``:=`` has bound ``value``, which is given back."""
    if is_dynamo_compiling():
        return value
    note_binding(site, value)
    return value


def note_attribute(site: int, value: Any) -> None:
    """An attribute of ``value`` has been set."""
    if is_dynamo_compiling():
        return
    if (passes := _passes) is not None:
        passes[site] += 1
        _last[site] = _attribute(value, _sites[site].names[0].partition(".")[2])


# --- facts ----------------------------------------------------------------------------------------------------


def facts(value: Any) -> Facts:
    """The facts of a value. Never raises: what fails here, at the end of the stack too, is the program's to meet."""
    kind = _type(value)
    try:
        if kind is float or kind is int or kind is bool or value is None:
            return value
        return _of_tensor(value) if kind is _Tensor or kind is _Parameter else _of_other(value, kind)
    except Exception:
        return ""


def _attribute(owner: object, name: str) -> Facts:
    if tensor.is_tensor(owner) and name == "grad":
        with torch._C.DisableTorchFunction():
            return facts(tensor.gradient(owner))
    is_own, value = namespace.own_attribute(owner, name)
    return facts(value) if is_own else ""


def _of_tensor(value: torch.Tensor) -> Facts:
    if _is_tracing():
        return ""
    with torch._C.DisableTorchFunction():
        try:
            shape = sizes(value)
            return shape, value.dtype, value.requires_grad, value.device, None if shape else scalar(value)
        except RuntimeError:  # of a torch.func transform
            return tensor.short(value)


def _of_other(value: Any, kind: type) -> Facts:
    if kind is str:
        return repr(value) if len(value) <= _TEXT else f"{value[: _TEXT - 1]!r}…"
    if type(kind) is type and kind in _SIZED:
        return kind, len(value)
    if type(kind) is type and kind in _WORDS:
        return value_text(value).removeprefix("torch.")
    if tensor.is_tensor(value):
        with torch._C.DisableTorchFunction():
            return f"{name_of(kind)} {tensor.short(value)}"
    if type(kind) is type and kind.__module__ == "numpy" and kind.__name__ == "ndarray":
        return f"ndarray[{','.join(map(str, value.shape))}]"
    return namespace.type_text(value)


# --- in tracebacks --------------------------------------------------------------------------------------------


def hide(error: BaseException) -> None:
    """Take the recorder out of the traceback of an error that came while it was called: ``^C``, or one call too many.

    In place of the last possible call stands then what the same function was at when it was called before.
    """
    entries: list[TracebackType] = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == __file__:
            entries[-1].tb_next = None
            break
        entries.append(trace)
        trace = trace.tb_next
    if not isinstance(error, RecursionError) or not _records(last := entries[-1]):
        return
    for entry in reversed(entries[:-1]):
        if entry.tb_frame.f_code is last.tb_frame.f_code and not _records(entry):
            entries[-2].tb_next = TracebackType(None, last.tb_frame, entry.tb_lasti, entry.tb_lineno)
            return


def _records(entry: TracebackType) -> bool:
    """Whether the frame was calling the recorder: such a call stands in no column."""
    positions = entry.tb_frame.f_code.co_positions()
    return next(itertools.islice(positions, entry.tb_lasti // 2, None))[2] is None
