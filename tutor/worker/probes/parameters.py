"""Parameters and their gradients in a few numbers, side by side, and notes on gradients that look wrong.

The notes, and why these bounds. The size of a gradient alone says nothing: what counts is its ratio to the size of
the parameter, r = ‖gradient‖ / ‖value‖, since one step of gradient descent changes a parameter by the learning
rate times r of itself. A rule of thumb has that change at about 1/1000 (Stanford's CS231n, "Ratio of
weights:updates", https://cs231n.github.io/neural-networks-3/). From there:

- ``exploding``: r is above 1,000. Even the small rate of 0.001 would change the parameter by all of itself.
- ``vanishing``: r is under 1/10,000 of the largest r among the parameters that don't explode. The rate that moves
  that one by 1/1000 moves this one by less than 1e-7 of itself, which float32 rounds away. A bound relative to the
  others, so that a model that has converged (all gradients small) isn't called vanishing.
- ``bad``: it holds NaN or infinities. ``zero``: all of it is 0.

Ratios are judged of what has two dimensions or more and four numbers at least: biases and norm layers begin at 0 or 1,
which is no scale, and a single weight may be near 0 by chance.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

import torch
from torch.nn.utils.rnn import pad_sequence

from tutor.inspection import tensor as tensors
from tutor.inspection.namespace import reachable
from tutor.inspection.sizes import attribute, fixed
from tutor.protocol.observations import Parameter, Parameters, ValueDistribution
from tutor.worker.probes.probe import Outcome, Probe

ROWS = 40
"""Parameters that are listed, the first half from the beginning and the rest from the end."""
BINS = 16
WHOLE = 1 << 16
"""Up to so many elements every value is read; beyond, :data:`SAMPLES` of them. Histograms are of samples always."""
SAMPLES = 4096
EXPLODING = 1e3
VANISHING = 1e-4

Note = Literal["", "vanishing", "exploding", "bad", "zero"]


class ParameterTable(Probe):
    """Reports the parameters that a program left, and their gradients."""

    position = 60

    def report(self, outcome: Outcome) -> Iterable[Parameters]:
        """One table of the parameters of modules, and other leaves that track gradients, or none where there are none.

        Names as in :func:`tutor.inspection.namespace.tensors`; a parameter that several modules share stands once.
        Numbers are computed where the values are, and fetched from each device together.
        """
        with torch._C.DisableTorchFunction(), torch.no_grad(), tensors.one_thread():
            leaves = _collect_leaves(self.run.namespace)
            if not any(attribute(tensor, "requires_grad") for _, tensor in leaves):
                return ()
            hidden = max(0, len(leaves) - ROWS)
            listed = leaves if not hidden else leaves[: ROWS // 2] + leaves[-ROWS // 2 :]
            pairs = [(tensor, tensors.gradient(tensor)) for _, tensor in listed]
            distributions = _distributions([tensor for pair in pairs for tensor in pair if tensor is not None])
            rows = []
            for (name, tensor), (_, grad) in zip(listed, pairs, strict=True):
                value, slope = next(distributions), None if grad is None else next(distributions)
                trainable = bool(attribute(tensor, "requires_grad"))
                rows.append(Parameter(name, tensors.short(tensor), trainable, value, slope))
            ratios = [_ratio(row, fixed(tensor) or ()) for row, (_, tensor) in zip(rows, listed, strict=True)]
            return [Parameters(self.run.id, _judge(rows, ratios), hidden)]


def _collect_leaves(namespace: dict[str, Any]) -> list[tuple[str, torch.Tensor]]:
    """Parameters by their class, frozen ones too, and whatever else is a leaf that tracks gradients, each once."""
    leaves: dict[int, tuple[str, torch.Tensor]] = {}
    for name, tensor, _ in reachable(namespace):
        if id(tensor) in leaves:
            continue
        tracks = attribute(tensor, "is_leaf") and attribute(tensor, "requires_grad")
        if tracks or tensors.instance(tensor, torch.nn.Parameter):
            leaves[id(tensor)] = (name, tensor)
    return list(leaves.values())


# --- notes ----------------------------------------------------------------------------------------------------


def _judge(rows: list[Parameter], ratios: list[float | None]) -> tuple[Parameter, ...]:
    """The rows with their notes."""
    largest = max((ratio for ratio in ratios if ratio is not None and ratio <= EXPLODING), default=0.0)
    judged = []
    for row, ratio in zip(rows, ratios, strict=True):
        note: Note = ""
        if row.grad is not None and row.grad.bad:
            note = "bad"
        elif row.grad is not None and row.grad.norm == 0 and row.grad.zeros == 1:
            note = "zero"
        elif ratio is not None and ratio > EXPLODING:
            note = "exploding"
        elif ratio is not None and ratio < VANISHING * largest:
            note = "vanishing"
        judged.append(replace(row, note=note))
    return tuple(judged)


def _ratio(row: Parameter, shape: tuple[int, ...]) -> float | None:
    """‖gradient‖ / ‖value‖; None where there is none, or where it isn't judged."""
    if row.grad is None or row.grad.bad or len(shape) < 2 or math.prod(shape) < 4:
        return None
    value, grad = row.value.norm, row.grad.norm
    return grad / value if value and grad else None


# --- numbers --------------------------------------------------------------------------------------------------


def _distributions(inputs: Sequence[torch.Tensor]) -> Iterator[ValueDistribution]:
    """A :class:`ValueDistribution` for each tensor, in order. Tensors of like size are measured together, as rows."""
    devices: dict[torch.device, dict[int, list[tuple[int, torch.Tensor]]]] = {}
    for place, tensor in enumerate(inputs):
        if (row := _row(tensor)) is not None:
            groups = devices.setdefault(row.device, {})
            groups.setdefault((row.numel() - 1).bit_length() // 2, []).append((place, row))
    distributions = [ValueDistribution()] * len(inputs)
    for groups in devices.values():
        measured = torch.cat([_measure([row for _, row in group]) for group in groups.values()])
        entries = itertools.chain.from_iterable(groups.values())
        for (place, row), numbers in zip(entries, measured.tolist(), strict=True):  # the one wait for the device
            distributions[place] = _distribution(numbers, row.numel(), math.prod(fixed(inputs[place]) or ()))
    return iter(distributions)


def _row(tensor: torch.Tensor) -> torch.Tensor | None:
    """All its values as one row, or a sample of them; None where they can't be read, or there are none."""
    if tensors.unreadable(tensor):
        return None
    try:
        values = tensors.plain(tensor)
        if not values.numel():
            return None
        if values.numel() > WHOLE:
            values = tensors.pick(values, SAMPLES)
        if values.dtype.is_complex:
            values = values.abs()
        return values.reshape(-1).to(torch.float32 if values.device.type == "mps" else torch.float64)
    except Exception:  # an operation that this dtype or device lacks
        return None


def _measure(ragged: list[torch.Tensor]) -> torch.Tensor:
    """For each row low, high, norm, zeros, finite values and a histogram, where the values are: no wait for them."""
    rows = pad_sequence(ragged, batch_first=True, padding_value=math.nan)
    finite = rows.isfinite()
    low = rows.where(finite, math.inf).amin(1)
    high = rows.where(finite, -math.inf).amax(1)
    norm = torch.linalg.vector_norm(rows.where(finite, 0), dim=1)
    counts = torch.stack([(rows == 0).sum(1), finite.sum(1)], 1).to(rows)
    return torch.cat([torch.stack([low, high, norm], 1), counts, _histograms(rows, low, high)], 1)


def _histograms(rows: torch.Tensor, low: torch.Tensor, high: torch.Tensor) -> torch.Tensor:
    """Counts in equal steps for each row; what isn't finite falls into a bin of its own, which is left out."""
    size = rows.shape[1]
    few = rows if size <= SAMPLES else rows[:, torch.arange(SAMPLES, device=rows.device) * (size - 1) // (SAMPLES - 1)]
    halves = high / 2 - low / 2  # the difference of two huge values would overflow
    steps = (few / 2 - (low / 2)[:, None]) * (BINS / halves)[:, None]  # NaN where all values are equal
    bins = steps.clamp(0, BINS - 1).where(steps.isfinite(), BINS).long()
    counts = torch.zeros(len(rows), BINS + 1, dtype=torch.long, device=rows.device)
    return counts.scatter_add_(1, bins, torch.ones_like(bins))[:, :BINS].to(rows)


def _distribution(numbers: list[float], read: int, size: int) -> ValueDistribution:
    low, high, norm, zeros, finite, *bins = numbers
    sampled = read < size
    if not finite:
        return ValueDistribution(bad=read, sampled=sampled)
    norm *= math.sqrt(size / read)
    return ValueDistribution(
        low,
        high,
        norm if math.isfinite(norm) else None,
        zeros / read,
        read - int(finite),
        tuple(map(int, bins)) if low < high else (),
        sampled,
    )


PROBE = ParameterTable
