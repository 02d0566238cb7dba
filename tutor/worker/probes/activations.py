"""Activation statistics: the distribution of the values that the modules of a program return.

Five numbers for each module, of its output when it was last sampled: mean, standard deviation, the share of zeros (of
a ReLU: units that are off), of a tanh or a sigmoid the share of saturated values, and how many aren't finite.

*Saturated* is a tanh beyond ±0.97: its derivative 1 - tanh² is under 0.06 there, so hardly any gradient passes. The
bound is that of Andrej Karpathy's lecture on activations ("Building makemore part 3", 2022); the fault itself is
described by Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010. As
σ(x) = (1 + tanh(x/2)) / 2, a sigmoid is as near to its ends below 0.015 and above 0.985.

At a look of :mod:`tutor.worker.probes.module_calls` at most 1,024 values are copied where they lie. The numbers come
from these when the program has ended. So no output lives longer, and no device is waited for. Each module is sampled
at its first look; after that only while all of it stays within the time that :class:`Allowance` grants.
"""

from __future__ import annotations

import math
import time
import weakref
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import nn

from tutor.inspection import tensor as tensors
from tutor.inspection.safe_repr import name_of, trusted
from tutor.inspection.sizes import attribute, fixed
from tutor.inspection.tensor import is_watched
from tutor.protocol.observations import Activation, Activations
from tutor.worker.probes.module_tree import drawn_modules, layers_of
from tutor.worker.probes.probe import Allowance, ObservedRun, Outcome, Probe

SAMPLES = 1024
"""Values of an output that are copied: enough for a share to be right within 3 in 100."""
MODULES = 2000
"""Modules that are sampled, so that their samples stay under 16 MiB."""
SATURATED = 0.97
"""Of the way from the middle of a tanh or a sigmoid to its ends."""
_RANGES = {"Tanh": (0.0, 1.0), "Sigmoid": (0.5, 0.5)}
"""The middle of their outputs, and how far these reach from it. By the operation and by the module of that name."""


class _Sample(NamedTuple):
    module: weakref.ref[nn.Module]
    values: torch.Tensor
    """Copies, where the output lay."""
    limits: tuple[float, float] | None
    """Middle and reach of the output, if it may be saturated."""


class ActivationStatistics(Probe):
    """Reports the statistics of the outputs of the modules that the module tree shows."""

    position = 80

    def __init__(self, run: ObservedRun) -> None:
        super().__init__(run)
        self._samples: dict[int, _Sample] = {}
        """By the id of a module."""
        self._allowance = Allowance()

    def begin(self) -> None:
        """Sample the outputs that are looked at."""
        self.run.calls.watchers.append(self._sample)

    def end(self) -> None:
        """Sample no more."""
        self.run.calls.watchers.clear()

    def report(self, outcome: Outcome) -> Iterator[Activations]:
        """The statistics of each module that the program left."""
        rows = self._rows()
        for name, module, _ in drawn_modules(self.run.namespace, self.run.calls):
            layers = [_activation(path, *rows[id(layer)]) for path, layer, _ in layers_of(module) if id(layer) in rows]
            if layers:
                yield Activations(self.run.id, name, tuple(layers))

    def _sample(self, module: nn.Module, output: Any) -> None:
        last = self._samples.get(id(module))
        if last is None and len(self._samples) >= MODULES:
            return
        if last is not None and last.module() is module and time.monotonic() < self._allowance.due:
            return
        began = time.thread_time()
        if type(output) in (tuple, list) and output:
            output = output[0]
        if type(output) is not torch.Tensor or is_watched() or not _is_readable(output):
            return
        with torch._C.DisableTorchFunction(), torch.no_grad():
            self._samples[id(module)] = _Sample(weakref.ref(module), _copy(output), _range(module, output))
        self._allowance.charge(began)

    def _rows(self) -> dict[int, tuple[list[float], bool]]:
        """The numbers of the modules that are alive, by their ids. Samples of one size are measured together."""
        groups: dict[tuple[torch.device, torch.dtype, int], list[tuple[int, _Sample]]] = defaultdict(list)
        for key, sample in self._samples.items():
            if sample.module() is not None:
                kind = sample.values.device, sample.values.dtype, len(sample.values)
                groups[kind].append((key, sample))
        rows: dict[int, tuple[list[float], bool]] = {}
        with torch._C.DisableTorchFunction(), torch.no_grad(), tensors.one_thread():
            for group in groups.values():
                measured = _measure([sample for _, sample in group]).tolist()
                for (key, sample), row in zip(group, measured, strict=True):
                    rows[key] = row, sample.limits is not None
        return rows


def _copy(output: torch.Tensor) -> torch.Tensor:
    values = tensors.plain(output)
    if values.numel() <= SAMPLES:
        return values.reshape(-1).clone()
    return tensors.pick(values.view(-1) if values.is_contiguous() else values, SAMPLES)


def _is_readable(output: torch.Tensor) -> bool:
    with torch._C.DisableTorchFunction():
        shape = fixed(output)
        has_numbers = shape and 0 not in shape and attribute(output, "dtype").is_floating_point
        return bool(has_numbers) and not tensors.unreadable(output)


def _range(module: nn.Module, output: torch.Tensor) -> tuple[float, float] | None:
    """Middle and reach of an output that a tanh or a sigmoid made; None for any other.

    A module of the learner's own is recognised by the operation that made its output, which autograd records.
    """
    grad_fn = attribute(output, "grad_fn")
    operation = "" if grad_fn is None else tensors.operation(grad_fn)
    kind = type(module)
    return _RANGES.get(operation) or (_RANGES.get(name_of(kind)) if trusted(kind) else None)


def _measure(samples: list[_Sample]) -> torch.Tensor:
    """For each sample: values, finite ones, their mean and deviation, zeros and saturated ones."""
    values = torch.stack([sample.values for sample in samples])
    values = values.to(torch.float32 if values.device.type == "mps" else torch.float64)
    limits = values.new_tensor([sample.limits or (0.0, math.inf) for sample in samples])
    finite = values.isfinite()
    count = finite.sum(1)
    mean = values.where(finite, 0).sum(1) / count
    deviation = ((values - mean[:, None]).where(finite, 0).square().sum(1) / (count - 1).clamp(min=1)).sqrt()
    zeros = (values == 0).sum(1)
    saturated = ((values - limits[:, :1]).abs() > SATURATED * limits[:, 1:]).sum(1)
    return torch.stack([torch.full_like(mean, values.shape[1]), count, mean, deviation, zeros, saturated], 1)


def _activation(path: str, numbers: list[float], limited: bool) -> Activation:
    read, finite, mean, deviation, zeros, saturated = numbers
    return Activation(
        path,
        mean if finite else None,
        deviation if finite else None,
        zeros / read,
        saturated / read if limited else None,
        int(read - finite),
    )


PROBE = ActivationStatistics
