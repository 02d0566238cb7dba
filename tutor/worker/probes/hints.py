"""What each line of a program last gave its names.

The calls that :mod:`tutor.worker.probes.instrument` puts into the program end here. They keep shapes and plain
numbers, never a value of the program's own, and nothing of what torch traces or compiles.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import os
from collections import deque
from types import TracebackType
from typing import Any

import torch
from torch import nn
from torch.compiler import is_dynamo_compiling

from tutor.runner.protocol import Binding, Hint, Hints, Raised
from tutor.worker.probes import instrument, tensor, values
from tutor.worker.probes.eager import keep_eager
from tutor.worker.probes.scalar import scalar
from tutor.worker.probes.tensor import number_text, short_dtype
from tutor.worker.probes.text import name_of, value_text

_TEXT = 24
"""Characters of a string that are shown."""
_MOST = 400
"""Lines that get a hint."""
_SIZED = frozenset([list, tuple, dict, set, frozenset, deque])
_WORDS = frozenset([torch.Size, torch.dtype, torch.device, range, complex])
"""Types whose values are told by their repr."""

Facts = Any
"""A plain number, None, a text, or (shape, dtype, whether it tracks gradients, device, number) of a tensor."""

_is_tracing = torch._C._is_tracing
_modes = torch._C._len_torch_function_stack
_Tensor, _Parameter = torch.Tensor, nn.Parameter


class Lines:
    """What the sites of one program have seen. Use :meth:`prepare` on its tree before it is compiled."""

    def __init__(self) -> None:
        self.sites: list[instrument.Site] = []
        self.last: list[Facts] = []
        self.passes: list[int] = []
        self.note = ""

    def prepare(self, tree: ast.Module, last: ast.expr | None) -> None:
        """Put the calls into the program. Raises RecursionError where it is nested too deeply, half done."""
        if instrument.watches_itself(tree):
            self.note = "watches itself"
            return
        self.sites = instrument.instrument(tree, last)
        self.last = [()] * len(self.sites)
        self.passes = [0] * len(self.sites)

    def forget(self) -> None:
        """Take back :meth:`prepare`."""
        self.sites, self.last, self.passes = [], [], []

    def passed_last(self, namespace: dict[str, Any]) -> None:
        """The program's last expression has been evaluated, after which the program calls nothing."""
        for number, site in enumerate(self.sites):
            if site.last:
                self.passes[number] = 1
                self.last[number] = _facts(namespace.get(site.names[0]))

    def event(self, run: int, namespace: dict[str, Any], raised: Raised | None, raised_line: int | None) -> Hints:
        """The hints of the program, which has come to its end.

        Args:
            run: the run's number.
            namespace: what the program left.
            raised: how it ended, if by an error.
            raised_line: the line of the program, if it is one, that ``raised`` tells the operands of.
        """
        home = "cuda" if torch.cuda.is_initialized() else "cpu"  # type: ignore[no-untyped-call]
        once = self._bound_once()
        lines: dict[int, dict[str, Binding]] = {}
        passes: dict[int, int] = {}
        for site, facts, count in zip(self.sites, self.last, self.passes, strict=True):
            if count == 0:
                continue
            told = lines.setdefault(site.line, {})
            passes[site.line] = max(count, passes.get(site.line, 0))
            for name, fact in zip(site.names, facts if type(facts) is list else [facts], strict=False):
                if name in once and type(fact) is tuple:
                    fact = _read_now(fact, namespace.get(name))
                if what := _what(fact, home):
                    told[name] = Binding(name, what, type(fact) is tuple and fact[2])
        hints = {line: Hint(line, tuple(told.values()), passes[line]) for line, told in lines.items()}
        if raised is not None and raised_line is not None:
            operands = tuple(Binding(operand.name, operand.what) for operand in raised.operands)
            hints[raised_line] = Hint(raised_line, operands, passes.get(raised_line, 1), raised=True)
        told_lines = [hint for _, hint in sorted(hints.items()) if hint.bindings or hint.passes > 1 or hint.raised]
        return Hints(run, tuple(told_lines[:_MOST]), self.note or _compiled())

    def _bound_once(self) -> set[str]:
        """The names of a single site: what they hold at the end is what this site gave them."""
        names = [name for site in self.sites for name in site.names]
        return {name for name in names if names.count(name) == 1}


def word(value: object) -> str:
    """What a value is, as a hint says it: ``0.0312``, ``list[3]``, ``Net``."""
    return _what(_facts(value), "cpu")


def failing_line(error: BaseException, path: str) -> int | None:
    """The line of the program in the file ``path`` that an uncaught error came from; None when it was another file."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno
    folder, found = os.path.dirname(path), None
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if os.path.dirname(file) == folder:
            found = trace.tb_lineno if file == path else None
        trace = trace.tb_next
    return found


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


_lines: Lines | None = None


def install() -> None:
    """Let instrumented programs find what they call."""
    for name, function in ((instrument.SEEN, seen), (instrument.BOUND, bound), (instrument.OWNER, owner)):
        setattr(builtins, name, function)
        keep_eager(function)


def record(lines: Lines | None) -> None:
    """From now on, the calls of an instrumented program tell ``lines``; None: they do nothing."""
    global _lines
    _lines = lines


# --- called by the program: each begins with what a compiler takes for a constant ------------------------------


def seen(site: int, value: object, *more: object) -> None:
    """These values have been bound at a site."""
    if is_dynamo_compiling():
        return
    if (lines := _lines) is not None:
        lines.passes[site] += 1
        lines.last[site] = [_facts(value), *map(_facts, more)] if more else _facts(value)


def bound(site: int, value: Any) -> Any:
    """``:=`` has bound ``value``."""
    if is_dynamo_compiling():
        return value
    if (lines := _lines) is not None:
        lines.passes[site] += 1
        lines.last[site] = _facts(value)
    return value


def owner(site: int, value: object) -> None:
    """An attribute of ``value`` has been set."""
    if is_dynamo_compiling():
        return
    if (lines := _lines) is not None:
        lines.passes[site] += 1
        name = lines.sites[site].names[0].partition(".")[2]
        lines.last[site] = _attribute(value, name)


# --- facts ----------------------------------------------------------------------------------------------------


def _facts(value: Any) -> Facts:
    """What is kept of a value. Never raises: what fails here, at the end of the stack too, is the program's to meet."""
    kind = type(value)
    try:
        if kind is _Tensor or kind is _Parameter:
            return _of_tensor(value)
        if kind is float or kind is bool or value is None:
            return value
        return _of_other(value, kind)
    except Exception:
        return ""


def _attribute(owner: object, name: str) -> Facts:
    if tensor.is_tensor(owner) and name == "grad":
        with torch._C.DisableTorchFunction():
            return _facts(tensor.gradient(owner))
    known, value = values.own_attribute(owner, name)
    return _facts(value) if known else ""


def _of_tensor(value: torch.Tensor) -> Facts:
    if _is_tracing():
        return ""
    if _modes():
        with torch._C.DisableTorchFunction():
            return _described(value)
    return _described(value)


def _described(value: torch.Tensor) -> Facts:
    try:
        shape = value.shape
        return shape, value.dtype, value.requires_grad, value.device, None if shape else scalar(value)
    except RuntimeError:  # nested, or of a torch.func transform
        return tensor.short(value)


def _of_other(value: Any, kind: type) -> Facts:
    if kind is int:
        return value if -(10**15) < value < 10**15 else "int"
    if kind is str:
        return repr(value) if len(value) <= _TEXT else f"{value[: _TEXT - 1]!r}…"
    if type(kind) is type and kind in _SIZED:
        return f"{kind.__name__}[{len(value)}]"
    if type(kind) is type and kind in _WORDS:
        return value_text(value).removeprefix("torch.")
    if tensor.is_tensor(value):
        with torch._C.DisableTorchFunction():
            return f"{name_of(kind)} {tensor.short(value)}"
    if type(kind) is type and kind.__module__ == "numpy" and kind.__name__ == "ndarray":
        return f"ndarray[{','.join(map(str, value.shape))}]"
    return values.what(value)


def _read_now(facts: Facts, value: object) -> Facts:
    """The facts of a tensor of one number with this number, which wasn't read from its device while it ran."""
    shape, dtype, grad, device, number = facts
    if number is not None or shape or type(value) is not _Tensor or tensor.unreadable(value):
        return facts
    return shape, dtype, grad, device, tensor.plain(value).item()


def _what(facts: Facts, home: str) -> str:
    if type(facts) is not tuple:
        return facts if type(facts) is str else number_text(facts)
    if not facts:
        return ""
    shape, dtype, _, device, number = facts
    away = f" {device}" if device.type != home else ""
    if number is not None:
        return number_text(number) + away
    return f"{short_dtype(dtype)}[{','.join(map(str, shape))}]{away}"


def _compiled() -> str:
    """Whether the program has had functions compiled, which tell nothing then."""
    counted = torch._dynamo.utils.counters["frames"]["total"] if "_dynamo" in vars(torch) else 0
    return "compiled" if counted else ""
