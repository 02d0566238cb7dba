"""What each line of a program last gave its names, noted by functions that the instrumented program calls.

The calls are put in by :mod:`tutor.worker.probes.tracing.instrument`. What is kept are shapes and plain numbers,
never a value of the program's own, so that everything ends when it would; and nothing of what torch traces or compiles.
"""

from __future__ import annotations

import ast
import builtins
import itertools
from collections import Counter, deque
from types import TracebackType
from typing import Any

import torch
from torch import nn
from torch.compiler import is_dynamo_compiling

from tutor.inspection import tensor
from tutor.inspection.namespace import own_attribute, type_text
from tutor.inspection.safe_repr import name_of, value_text
from tutor.inspection.sizes import sizes, written
from tutor.inspection.tensor import scalar
from tutor.protocol.codec import Binding, Hint, Hints, Raised
from tutor.worker.probes.tracing import instrument
from tutor.worker.probes.tracing.function_patch import keep_eager

Facts = Any
"""A number, None, a text, a list's (class, length), or a tensor's (shape, dtype, tracks gradients?, device, number)."""

_TEXT = 24
"""Characters of a string that are kept."""
_SIZED = frozenset([list, tuple, dict, set, frozenset, deque])
_WORDS = frozenset([torch.Size, torch.dtype, torch.device, range, complex])
"""Types whose values are written by their repr."""
_HINTED = 400
"""Lines that get a hint."""
_LONG = 10**15
"""From here on a whole number isn't written out."""

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


def stop() -> None:
    """From now on, note nothing."""
    global _passes
    _passes = None


# --- called by the program: each begins with what a compiler takes for a constant ------------------------------


def note_binding(site: int, value: Any) -> None:
    """A name has been bound to ``value``. All in one: each function more that is called costs a training step 1 %."""
    if is_dynamo_compiling() or (passes := _passes) is None:
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
            _last[site] = facts_of(value)
    elif kind is int or kind is float:
        _last[site] = value
    elif kind is list:
        _last[site] = list, _len(value)
    else:
        _last[site] = facts_of(value)


def note_bindings(site: int, *values: Any) -> None:
    """Several names have been bound, by one statement."""
    if not is_dynamo_compiling() and (passes := _passes) is not None:
        passes[site] += 1
        _last[site] = [facts_of(value) for value in values]


def note_walrus(site: int, value: Any) -> Any:
    """``:=`` has bound ``value``, which is given back."""
    if not is_dynamo_compiling():
        note_binding(site, value)
    return value


def note_attribute(site: int, value: Any) -> None:
    """An attribute of ``value`` has been set."""
    if not is_dynamo_compiling() and (passes := _passes) is not None:
        passes[site] += 1
        _last[site] = _attribute(value, _sites[site].names[0].partition(".")[2])


# --- facts ----------------------------------------------------------------------------------------------------


def facts_of(value: Any) -> Facts:
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
            return facts_of(tensor.gradient(owner))
    is_own, value = own_attribute(owner, name)
    return facts_of(value) if is_own else ""


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
    return type_text(value)


# --- lines ---------------------------------------------------------------------------------------------------


class ProgramLines:
    """The bindings of one program's lines. Use :meth:`prepare` on its tree before it is compiled."""

    def __init__(self) -> None:
        self._sites: list[instrument.Site] = []
        self._passes: list[int] = []
        self._last: list[Facts] = []
        self._note = ""

    def may_watch(self, tree: ast.Module) -> bool:
        """Whether the program will notice nothing; else its hints say why there are none."""
        if instrument.watches_itself(tree):
            self._note = "watches itself"
        return not self._note

    def prepare(self, tree: ast.Module, last: ast.expr | None) -> None:
        """Put the recorder's calls into the program, and around ``:=`` in ``last``, the expression that ends it.

        Raises RecursionError where it is nested too deeply, with the work half done.
        """
        self._sites[:] = instrument.instrument(tree, last)
        self._last[:] = [""] * len(self._sites)
        self._passes[:] = [0] * len(self._sites)

    def forget(self) -> None:
        """Take back :meth:`prepare`, of which the last expression may keep something: that is to note nothing."""
        stop()
        for table in (self._sites, self._passes, self._last):
            table.clear()

    def record(self) -> None:
        """Note what is bound from now on, until :func:`stop`."""
        global _passes, _last, _sites
        _sites, _last, _passes = self._sites, self._last, self._passes
        setattr(builtins, instrument.PASSES, self._passes)

    def passed_last(self) -> None:
        """The program's last expression has been evaluated, after which the program calls nothing."""
        if self._sites and self._sites[-1].ends:
            self._passes[-1] = 1

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
        bindings: dict[int, dict[str, Binding]] = {}
        passes: dict[int, int] = {}
        for site, last, count in zip(self._sites, self._last, self._passes, strict=True):
            if count == 0:
                continue
            by_name = bindings.setdefault(site.line, {})
            passes[site.line] = max(count, passes.get(site.line, 0))
            if site.at_end:
                last = [facts_of(namespace[name]) if name in namespace else "" for name in site.names]
            for name, facts in zip(site.names, last if type(last) is list else [last], strict=False):
                now = _read_now(facts, namespace.get(name)) if name in once or site.at_end else facts
                if text := _hint_text(now, home):
                    by_name[name] = Binding(name, text, _are_of_tensor(facts) and facts[2])
        hints = {line: Hint(line, tuple(by_name.values()), passes[line]) for line, by_name in bindings.items()}
        if raised is not None and raised_line is not None:
            operands = tuple(Binding(operand.name, operand.what) for operand in raised.operands)
            hints[raised_line] = Hint(raised_line, operands, passes.get(raised_line, 1), raised=True)
        lines = [hint for _, hint in sorted(hints.items()) if hint.bindings or hint.passes > 1 or hint.raised]
        return Hints(run, tuple(lines[:_HINTED]), self._note or _compiled())

    def _bound_once(self) -> set[str]:
        """The names of a single site, at the top level: what they hold at the end is what this site gave them."""
        counts = Counter(name for site in self._sites for name in site.names)
        return {name for site in self._sites if not site.local for name in site.names if counts[name] == 1}


def word(value: object) -> str:
    """A value in a word, as a hint shows it: ``0.0312``, ``list[3]``, ``Net``."""
    return _hint_text(facts_of(value), "cpu")


def _read_now(facts: Facts, value: object) -> Facts:
    """The facts of a tensor of one number with this number, which wasn't read from its device while it ran."""
    if not _are_of_tensor(facts) or type(value) is not torch.Tensor:
        return facts
    shape, dtype, grad, device, number = facts
    if number is not None or shape or tensor.unreadable(value):
        return facts
    return shape, dtype, grad, device, tensor.plain(value).item()


def _are_of_tensor(facts: Facts) -> bool:
    return type(facts) is tuple and len(facts) == 5


def _hint_text(facts: Facts, home: str) -> str:
    if type(facts) is str:
        return facts
    if type(facts) is int:
        return str(facts) if abs(facts) < _LONG else "int"
    if type(facts) is not tuple:
        return tensor.number_text(facts)
    if not _are_of_tensor(facts):
        kind, length = facts
        return f"{kind.__name__}[{length}]"
    shape, dtype, _, device, number = facts
    away = f" {device}" if device.type != home else ""
    if number is not None:
        return tensor.number_text(number) + away
    return f"{tensor.short_dtype(dtype)}{written(shape)}{away}"


def _compiled() -> str:
    """``compiled`` where the program has had functions compiled, which then report no values; else empty."""
    if "_dynamo" not in vars(torch):
        return ""
    counters = torch._dynamo.utils.counters
    return "compiled" if counters["frames"]["total"] or counters["stats"]["unique_graphs"] else ""


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
