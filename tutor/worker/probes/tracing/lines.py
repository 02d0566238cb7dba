"""The lines of a program, and the values that each last gave its names."""

from __future__ import annotations

import ast
from collections import Counter
from typing import Any

import torch

from tutor.inspection import tensor
from tutor.inspection.sizes import written
from tutor.inspection.tensor import number_text, short_dtype
from tutor.protocol.codec import Binding, Hint, Hints, Raised
from tutor.worker.probes.tracing import instrument, recorder
from tutor.worker.probes.tracing.bindings import watches_itself
from tutor.worker.probes.tracing.recorder import Facts

_MOST = 400
"""Lines that get a hint."""
_LONG = 10**15
"""From here on a whole number isn't written out."""


class Lines:
    """The bindings of one program's lines. Use :meth:`prepare` on its tree before it is compiled."""

    def __init__(self) -> None:
        self._sites: list[instrument.Site] = []
        self._passes: list[int] = []
        self._last: list[Facts] = []
        self._note = ""

    def may_watch(self, tree: ast.Module) -> bool:
        """Whether the program will notice nothing; else its hints say why there are none."""
        if watches_itself(tree):
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
        recorder.stop()
        for table in (self._sites, self._passes, self._last):
            table.clear()

    def record(self) -> None:
        """Note what is bound from now on, until :func:`tutor.worker.probes.tracing.recorder.stop`."""
        recorder.record(self._sites, self._passes, self._last)

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
                last = [recorder.facts(namespace[name]) if name in namespace else "" for name in site.names]
            for name, facts in zip(site.names, last if type(last) is list else [last], strict=False):
                now = _read_now(facts, namespace.get(name)) if name in once or site.at_end else facts
                if text := _hint_text(now, home):
                    by_name[name] = Binding(name, text, _of_tensor(facts) and facts[2])
        hints = {line: Hint(line, tuple(by_name.values()), passes[line]) for line, by_name in bindings.items()}
        if raised is not None and raised_line is not None:
            operands = tuple(Binding(operand.name, operand.what) for operand in raised.operands)
            hints[raised_line] = Hint(raised_line, operands, passes.get(raised_line, 1), raised=True)
        lines = [hint for _, hint in sorted(hints.items()) if hint.bindings or hint.passes > 1 or hint.raised]
        return Hints(run, tuple(lines[:_MOST]), self._note or _compiled())

    def _bound_once(self) -> set[str]:
        """The names of a single site, at the top level: what they hold at the end is what this site gave them."""
        counts = Counter(name for site in self._sites for name in site.names)
        return {name for site in self._sites if not site.local for name in site.names if counts[name] == 1}


def word(value: object) -> str:
    """A value in a word, as a hint shows it: ``0.0312``, ``list[3]``, ``Net``."""
    return _hint_text(recorder.facts(value), "cpu")


def _read_now(facts: Facts, value: object) -> Facts:
    """The facts of a tensor of one number with this number, which wasn't read from its device while it ran."""
    if not _of_tensor(facts) or type(value) is not torch.Tensor:
        return facts
    shape, dtype, grad, device, number = facts
    if number is not None or shape or tensor.unreadable(value):
        return facts
    return shape, dtype, grad, device, tensor.plain(value).item()


def _of_tensor(facts: Facts) -> bool:
    return type(facts) is tuple and len(facts) == 5


def _hint_text(facts: Facts, home: str) -> str:
    if type(facts) is str:
        return facts
    if type(facts) is int:
        return str(facts) if abs(facts) < _LONG else "int"
    if type(facts) is not tuple:
        return number_text(facts)
    if not _of_tensor(facts):
        kind, length = facts
        return f"{kind.__name__}[{length}]"
    shape, dtype, _, device, number = facts
    away = f" {device}" if device.type != home else ""
    if number is not None:
        return number_text(number) + away
    return f"{short_dtype(dtype)}{written(shape)}{away}"


def _compiled() -> str:
    """``compiled`` where the program has had functions compiled, which then report no values; else empty."""
    if "_dynamo" not in vars(torch):
        return ""
    counters = torch._dynamo.utils.counters
    return "compiled" if counters["frames"]["total"] or counters["stats"]["unique_graphs"] else ""
