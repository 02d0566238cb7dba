"""Loss at every ``backward()`` and learning rate at every optimizer step, as series that stay small.

:func:`install` puts the observers into torch once, before any fork; they look at :data:`_recorder`, which
only a run that is observed sets. Nothing is read from a device while the program runs.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import math
import re
import sys
import textwrap
import time
from collections.abc import Callable
from types import CodeType
from typing import Any

import torch
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.optimizer import register_optimizer_step_post_hook

from tutor.runner.protocol import Bucket, Series
from tutor.worker.probes import modules

_MOST = 256
"""Buckets of a curve; when they are full, neighbours are joined and each holds twice as many points."""
_BEAT = 0.1
"""Seconds between two reports of a curve that grows, at least."""
_SHARE = 0.02
"""Share of the program's time that these reports may take."""
_PENDING = 1024
"""Values left on a device before they are gathered there into one tensor."""


class Curve:
    """A series of any length in at most 256 buckets, with the lowest and highest value of each."""

    def __init__(self) -> None:
        self.points = 0
        self._width = 1
        self._buckets: list[list[Any]] = []
        self._pending: list[torch.Tensor] = []

    def add(self, value: float) -> None:
        """Append a point; NaN and infinities are counted, not drawn."""
        if self.points % self._width == 0:
            if len(self._buckets) == _MOST:
                self._join()
            self._buckets.append([self.points, 0, None, None, None, 0])
        bucket = self._buckets[-1]
        self.points += 1
        bucket[1] += 1
        if not math.isfinite(value):
            bucket[5] += 1
            return
        bucket[4] = value
        if bucket[2] is None or value < bucket[2]:
            bucket[2] = value
        if bucket[3] is None or value > bucket[3]:
            bucket[3] = value

    def add_later(self, value: torch.Tensor) -> None:
        """Append a point that lies on a device: copied there, read when the program has ended."""
        self._pending.append(value.detach().clone().reshape(1))
        if len(self._pending) >= _PENDING:
            self._pending = [torch.cat(self._pending)]

    def settle(self) -> None:
        """Read what was left on a device."""
        if self._pending:
            for value in torch.cat(self._pending).tolist():
                self.add(value)
            self._pending = []

    def _join(self) -> None:
        pairs = zip(self._buckets[::2], self._buckets[1::2], strict=True)
        self._buckets = [
            [
                a[0],
                a[1] + b[1],
                min((v for v in (a[2], b[2]) if v is not None), default=None),
                max((v for v in (a[3], b[3]) if v is not None), default=None),
                b[4] if b[4] is not None else a[4],
                a[5] + b[5],
            ]
            for a, b in pairs
        ]
        self._width *= 2

    @property
    def varies(self) -> bool:
        """Whether it has two different values."""
        lows = {bucket[2] for bucket in self._buckets} | {bucket[3] for bucket in self._buckets}
        return len(lows - {None}) > 1

    def buckets(self) -> tuple[Bucket, ...]:
        """What it holds now, in order."""
        return tuple(Bucket(*bucket) for bucket in self._buckets)


class Recorder:
    """The curves of one run. Losses are told apart by the line that calls ``backward()``."""

    def __init__(self, run: int, send: Callable[[Series], None]) -> None:
        self._run = run
        self._send = send
        self._losses: dict[tuple[CodeType, int], Curve] = {}
        self._rates: dict[tuple[int, int], Curve] = {}
        self._schedules: dict[int, dict[int, Curve]] = {}
        self._next = 0.0

    def backward(self, roots: tuple[object, ...]) -> None:
        """``backward()`` begins from these roots; only a single scalar is a loss."""
        root = roots[0]
        if len(roots) != 1 or type(root) is not torch.Tensor or root.numel() != 1 or not root.is_floating_point():
            return
        # 0 this, 1 torch's observer, 2 torch.autograd.backward, 3 Tensor.backward or the caller itself
        frame = sys._getframe(3)
        if frame.f_code.co_filename.endswith("_tensor.py") and frame.f_back is not None:
            frame = frame.f_back
        curve = self._losses.setdefault((frame.f_code, frame.f_lineno), Curve())
        if root.is_cpu:
            curve.add(root.item())
            self._beat()
        else:
            curve.add_later(root)

    def stepped(self, optimizer: torch.optim.Optimizer) -> None:
        """An optimizer has made a step with the rates that it has now."""
        for number, group in enumerate(optimizer.param_groups):
            rate = _rate(group.get("lr"))
            if rate is not None:
                self._rates.setdefault((id(optimizer), number), Curve()).add(rate)
        self._beat()

    def scheduled(self, scheduler: LRScheduler, rates: list[Any]) -> None:
        """A scheduler has set new rates. They count where no optimizer ever steps: a schedule only looked at."""
        curves = self._schedules.setdefault(id(scheduler), {})
        for number, value in enumerate(rates):
            rate = _rate(value)
            if rate is not None:
                curves.setdefault(number, Curve()).add(rate)

    def _beat(self) -> None:
        began = time.monotonic()
        if began >= self._next:
            modules.look_again(began)
            self.report()
            ended = time.monotonic()
            self._next = ended + max(_BEAT, (ended - began) / _SHARE)

    def report(self) -> None:
        """Send each curve that has something to show: two points of a loss, a rate that changes."""
        for series in self.series():
            self._send(series)

    def series(self) -> list[Series]:
        """The curves of this moment. Equal rates of several groups are one curve."""
        losses = [(_loss_name(*site), curve) for site, curve in self._losses.items() if curve.points > 1]
        found = [Series(self._run, name, "loss", curve.buckets()) for name, curve in _numbered(losses)]
        rates = list(self._rates.values()) or [c for s in list(self._schedules.values())[-1:] for c in s.values()]
        drawn = dict.fromkeys(curve.buckets() for curve in rates if curve.varies)
        names = _numbered([("learning rate", buckets) for buckets in drawn])
        return found + [Series(self._run, name, "lr", buckets) for name, buckets in names]

    def points(self, kind: str) -> list[float]:
        """The longest series of a kind, for a check: each value, or the last of each bucket once there are many."""
        curves = list(self._losses.values())
        if kind == "lr":
            curves = list(self._rates.values()) or [c for s in self._schedules.values() for c in s.values()]
        buckets = max((curve.buckets() for curve in curves), key=lambda b: b[-1].start, default=())
        return [bucket.last for bucket in buckets if bucket.last is not None]

    def settle(self) -> None:
        """Read what still lies on a device; called once, after the program's own lines."""
        for curve in self._losses.values():
            curve.settle()


def _numbered(named: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Names told apart by a number where several are equal."""
    seen: dict[str, int] = {}
    result = []
    for name, item in named:
        seen[name] = seen.get(name, 0) + 1
        result.append((name if seen[name] == 1 else f"{name} {seen[name]}", item))
    return result


def _rate(value: object) -> float | None:
    """A learning rate as a number; a rate that lies on a device isn't waited for."""
    if isinstance(value, torch.Tensor):
        return value.item() if value.is_cpu and value.numel() == 1 else None
    return float(value) if isinstance(value, (int, float)) else None


def _loss_name(code: CodeType, line: int) -> str:
    """What the learner calls it: ``loss_d`` in ``loss_d.backward()``."""
    match = re.search(r"([A-Za-z_][\w.]*)\.backward\(", linecache.getline(code.co_filename, line))
    return match[1] if match else "loss"


# --- in torch -----------------------------------------------------------------------------------------------

_recorder: Recorder | None = None


def record(recorder: Recorder | None) -> None:
    """From now on, tell this recorder; None: tell nobody."""
    global _recorder
    _recorder = recorder


def _backward_seen(roots: tuple[object, ...]) -> None:
    if _recorder is not None and not torch.compiler.is_compiling():
        try:
            _recorder.backward(roots)
        except RuntimeError:  # a value that can't be read here, as under vmap: no point, and no harm
            return


def _step_seen(optimizer: torch.optim.Optimizer, _args: object, _kwargs: object) -> None:
    if _recorder is not None and not torch.compiler.is_compiling():
        _recorder.stepped(optimizer)


class _LastRates:
    """Stands for ``LRScheduler._last_lr``, which every scheduler sets; the value stays in the instance's dict."""

    def __get__(self, scheduler: LRScheduler | None, _owner: type) -> Any:
        if scheduler is None:
            return self
        try:
            return scheduler.__dict__["_last_lr"]
        except KeyError:
            raise AttributeError(f"{type(scheduler).__name__!r} object has no attribute '_last_lr'") from None

    def __set__(self, scheduler: LRScheduler, rates: list[Any]) -> None:
        scheduler.__dict__["_last_lr"] = rates
        if _recorder is not None:
            _recorder.scheduled(scheduler, rates)

    def __delete__(self, scheduler: LRScheduler) -> None:
        del scheduler.__dict__["_last_lr"]


def install() -> None:
    """Put the observers into torch. A torch whose ``backward`` reads otherwise goes without losses."""
    register_optimizer_step_post_hook(_step_seen)
    LRScheduler._last_lr = _LastRates()  # type: ignore[assignment]
    code = _with_observer(torch.autograd.backward)
    if code is not None:
        torch.autograd.backward.__globals__["_tutor_backward_seen"] = _backward_seen
        torch.autograd.backward.__code__ = code


def _with_observer(function: Any) -> CodeType | None:
    """``function``'s code with one call put before the engine runs, on the same line of the same file.

    A wrapper would stand in every traceback and break a compiled graph.
    """
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
        file = inspect.getsourcefile(function)
    except (OSError, SyntaxError):
        return None
    body = tree.body[0]
    if not isinstance(body, ast.FunctionDef) or file is None:
        return None
    for position, statement in enumerate(body.body):
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_engine_run_backward":
            observer = ast.parse("_tutor_backward_seen(tensors)").body[0]
            for node in ast.walk(observer):
                ast.copy_location(node, statement)
            body.body.insert(position, observer)
            ast.increment_lineno(tree, first - 1)
            module = compile(tree, file, "exec", dont_inherit=True, flags=function.__code__.co_flags & _FUTURE)
            return next(code for code in module.co_consts if isinstance(code, CodeType) and code.co_name == body.name)
    return None


_FUTURE = 0x1000000
"""``from __future__ import annotations``, in a code object's flags (CPython's CO_FUTURE_ANNOTATIONS)."""
