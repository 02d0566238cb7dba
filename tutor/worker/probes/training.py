"""Loss at every ``backward()``, learning rate and gradient norm at optimizer steps, as series that stay small.

The observers are put into torch once, before any fork; they look at :data:`_curves`, which only a run that is
observed sets. Nothing is read from a device while the program runs.
"""

from __future__ import annotations

import contextlib
import linecache
import math
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

import torch
from torch.compiler import is_dynamo_compiling
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.optimizer import register_optimizer_step_post_hook
from torch.utils.hooks import RemovableHandle

from tutor.inspection.sizes import fixed
from tutor.inspection.tensor import is_watched, scalar
from tutor.protocol.observations import Bucket, Series
from tutor.worker.probes.probe import Allowance, ObservedRun, Outcome, Probe
from tutor.worker.probes.series import Curve
from tutor.worker.probes.tracing.function_patch import keep_eager, patch

_BEAT = 0.1
"""Seconds between two reports of a curve that grows, at least."""
_RESTS = 10
"""A report is followed by a rest so many times as long: waiting for a slow reader takes no processor time, but the
program waits with it."""


@dataclass(slots=True)
class Loss:
    """A place that calls ``backward()``, and the losses that it was called for."""

    code: CodeType
    line: int
    curve: Curve = field(default_factory=Curve)

    @property
    def name(self) -> str:
        """The learner's name of it: ``loss_d`` in ``loss_d.backward()``."""
        match = re.search(r"([A-Za-z_][\w.]*)\.backward\(", linecache.getline(self.code.co_filename, self.line))
        return match[1] if match else "loss"


@dataclass(slots=True)
class Stepping:
    """An optimizer that makes steps."""

    rates: list[Curve]
    """One of each parameter group."""
    norm: Curve = field(default_factory=Curve)
    steps: int = 0


class TrainingCurves(Probe):
    """Reports the curves of a run as they grow and when it has ended; a check may ask for loss and learning rate.

    Losses are told apart by the place that calls ``backward()``, several optimizers by their names in the program.
    """

    position = 10
    observes_checks = True

    def __init__(self, run: ObservedRun) -> None:
        super().__init__(run)
        self.losses: dict[tuple[int, int], Loss] = {}
        """By the id of a code and the position in it: a code's own hash takes in all of it."""
        self.optimizers: dict[int, Stepping] = {}
        self.due = 0.0
        """When :meth:`work` wants to be called next, by the monotonic clock."""
        self._schedules: dict[int, dict[int, Curve]] = {}
        self._norms = Allowance()
        self._reports = Allowance()

    @staticmethod
    def install() -> None:
        """Put the observers into torch. A torch whose ``backward`` reads otherwise goes without losses."""
        # Observe each step of any optimizer, under a number that no hook of the program's gets. Numbers are given in
        # order, and a program sees its own: they begin with 0, as they do without this one.
        handle = register_optimizer_step_post_hook(_observe_step)
        hooks = handle.hooks_dict_ref()
        assert hooks is not None  # it is torch's own, which stays
        hooks[-1] = hooks.pop(handle.id)
        RemovableHandle.next_id = handle.id
        keep_eager(_observe_backward, _observe_step)
        LRScheduler._last_lr = _LastRates()  # type: ignore[assignment]
        statements = {"_engine_run_backward": "_tutor_observe_backward(tensors)\nCALL"}
        patch(torch.autograd.backward, statements, _tutor_observe_backward=_observe_backward)

    def begin(self) -> None:
        """Record from now on."""
        global _curves
        _curves = self

    def end(self) -> None:
        """Record nothing more."""
        global _curves
        _curves = None

    def report(self, outcome: Outcome) -> Iterable[Series]:
        """The curves with what still lay on a device."""
        norms = (stepping.norm for stepping in self.optimizers.values())
        for curve in (*(loss.curve for loss in self.losses.values()), *norms):
            curve.settle()
        return self.series()

    def recorded(self) -> dict[str, list[float]]:
        """The longest ``loss`` and ``lr``: each value, or the last of each bucket once there are many."""
        rates = [curve for stepping in self.optimizers.values() for curve in stepping.rates]
        rates = rates or [curve for curves in self._schedules.values() for curve in curves.values()]
        recorded = {}
        for kind, curves in ("loss", [loss.curve for loss in self.losses.values()]), ("lr", rates):
            longest = max(curves, key=lambda curve: curve.points, default=Curve())
            recorded[kind] = [bucket.last for bucket in longest.buckets() if bucket.last is not None]
        return recorded

    def track(self, optimizer: torch.optim.Optimizer) -> Stepping:
        """The curves of an optimizer, from now on one rate for each parameter group that it has now."""
        if not self.optimizers and "_last_lr" in vars(LRScheduler):
            del LRScheduler._last_lr  # type: ignore[misc]  # schedules count no longer, and go faster without
        stepping = self.optimizers.setdefault(id(optimizer), Stepping([]))
        del stepping.rates[len(optimizer.param_groups) :]
        stepping.rates += [Curve() for _ in optimizer.param_groups[len(stepping.rates) :]]
        return stepping

    def add_rates(self, scheduler: LRScheduler, rates: list[Any]) -> None:
        """A scheduler has set new rates. They count where no optimizer ever steps: a schedule only looked at."""
        curves = self._schedules.setdefault(id(scheduler), {})
        for number, value in enumerate(rates):
            rate = _rate(value)
            if rate is not None:
                curves.setdefault(number, Curve()).add(rate)

    def work(self, now: float, stepping: Stepping | None = None, groups: Sequence[dict[str, Any]] = ()) -> None:
        """Do the work that isn't due at every step: a gradient norm while that is cheap, and now and then a report."""
        if stepping is not None and now >= self._norms.due:
            began = time.thread_time()
            _add_norm(stepping.norm, groups, stepping.steps - 1)
            self._norms.charge(began)
        if now >= self._reports.due:
            began = time.thread_time()
            self.run.calls.look_again(now)
            for series in self.series():
                self.run.send(series)
            self._reports.charge(began, max(_BEAT, _RESTS * (time.monotonic() - now)))
        self.due = min(self._norms.due, self._reports.due)

    def series(self) -> list[Series]:
        """The curves with something to show, two points of a loss or a rate that changes. Equal rates are one curve."""
        losses = [(loss.name, "loss", loss.curve.buckets()) for loss in self.losses.values() if loss.curve.points > 1]
        owners = self._owners()
        drawn: dict[tuple[Bucket, ...], str] = {}
        for key, curve in self._drawn_rates():
            if curve.varies:
                buckets, owner = curve.buckets(), owners.get(key, "")
                drawn[buckets] = owner if drawn.get(buckets, owner) == owner else ""
        rates = [(f"learning rate{owner}", "lr", buckets) for buckets, owner in drawn.items()]
        norms = [
            (f"gradient norm{owners.get(key, '')}", "norm", stepping.norm.buckets())
            for key, stepping in self.optimizers.items()
            if stepping.norm.points > 1
        ]
        counts: Counter[str] = Counter()
        series = []
        for name, kind, buckets in losses + rates + norms:
            counts[name] += 1
            numbered = name if counts[name] == 1 else f"{name} {counts[name]}"
            series.append(Series(self.run.id, numbered, kind, buckets))  # type: ignore[arg-type]
        return series

    def _owners(self) -> dict[int, str]:
        """`` of opt_d`` by the id of an optimizer, where there are several and the program has a name for this one."""
        if len(self.optimizers) < 2:
            return {}
        names = {id(value): f" of {name}" for name, value in reversed(list(self.run.namespace.items()))}
        return {key: names[key] for key in self.optimizers if key in names}

    def _drawn_rates(self) -> list[tuple[int, Curve]]:
        """By the ids of optimizers; where none has made a step, the curves of the newest schedule."""
        stepped = [(key, curve) for key, stepping in self.optimizers.items() for curve in stepping.rates]
        return stepped or [(0, curve) for curves in list(self._schedules.values())[-1:] for curve in curves.values()]


def _rate(value: object) -> float | None:
    """A learning rate as a number; a rate that lies on a device isn't waited for."""
    if isinstance(value, torch.Tensor):
        return scalar(value) if type(value) is _Tensor and fixed(value) in ((), (1,)) else None
    return float(value) if isinstance(value, (int, float)) else None


# --- gradient norms ---------------------------------------------------------------------------------------------


def _add_norm(curve: Curve, groups: Sequence[dict[str, Any]], step: int) -> None:
    """Add the norm at this step to ``curve``; nothing where it can't be computed, or where the program would notice.

    On a device it is computed there and read when the program has ended: nothing waits for it.
    """
    with torch._C.DisableTorchFunction():  # a subclass may take note of what is asked of it
        grads = [tensor.grad for group in groups for tensor in group["params"] if tensor.grad is not None]
    if not grads or not all(map(_plain, grads)) or is_watched():
        return
    devices = {grad.device for grad in grads}
    if len(devices) > 1:
        return
    with torch.no_grad():
        norms = torch._foreach_norm(grads)
        if devices.pop().type == "cpu":
            numbers = [scalar(norm) for norm in norms]
            if None not in numbers:
                curve.add_at(step, math.hypot(*numbers))  # type: ignore[arg-type]
        else:
            curve.add_later(torch.linalg.vector_norm(torch.stack(norms)), step)


def _plain(grad: object) -> bool:
    return type(grad) is torch.Tensor and grad.layout is torch.strided and grad.is_floating_point()


# --- in torch -----------------------------------------------------------------------------------------------

_curves: TrainingCurves | None = None
"""Those of the run that is observed."""


def _observe_backward(roots: tuple[Any, ...]) -> None:
    """``backward()`` begins from these roots; a single number is a loss. All in one: each further call costs time."""
    if is_dynamo_compiling() or (curves := _curves) is None:
        return
    root = roots[0]
    if len(roots) != 1 or type(root) is not _Tensor:
        return
    try:
        with _unheard():
            if root.ndim and fixed(root) != (1,) * root.ndim:
                return
            value = scalar(root)
    except RuntimeError:  # a value that can't be read here, as under vmap: no point, and no harm
        return
    frame: Any = _frame(2)  # 0 this, 1 torch.autograd.backward, 2 Tensor.backward or the caller itself
    if frame.f_code is _METHOD:
        frame = frame.f_back
    code = frame.f_code
    place = id(code), frame.f_lasti
    if place not in curves.losses:
        curves.losses[place] = Loss(code, frame.f_lineno)
    curve = curves.losses[place].curve
    if value is not None:
        curve.waiting.append(value)
    elif not is_watched():
        with contextlib.suppress(RuntimeError):  # of a torch.func transform
            curve.add_later(root)
    if not curves.optimizers and (now := time.monotonic()) >= curves.due:
        curves.work(now)


def _observe_step(optimizer: torch.optim.Optimizer, _args: object, _kwargs: object) -> None:
    """An optimizer has made a step with the rates that it has now."""
    if is_dynamo_compiling() or (curves := _curves) is None:
        return
    groups = optimizer.param_groups
    stepping = curves.optimizers.get(id(optimizer))
    if stepping is None or len(stepping.rates) != len(groups):
        stepping = curves.track(optimizer)
    stepping.steps += 1
    for curve, group in zip(stepping.rates, groups, strict=True):
        rate = group.get("lr")
        if type(rate) is float or (rate := _rate(rate)) is not None:
            curve.waiting.append(rate)
    if (now := time.monotonic()) >= curves.due:
        curves.work(now, stepping, groups)


_frame = sys._getframe
_METHOD = torch.Tensor.backward.__code__
_Tensor = torch.Tensor
_unheard = torch._C.DisableTorchFunction


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
        if _curves is not None and not _curves.optimizers:
            _curves.add_rates(scheduler, rates)

    def __delete__(self, scheduler: LRScheduler) -> None:
        del scheduler.__dict__["_last_lr"]


PROBE = TrainingCurves
