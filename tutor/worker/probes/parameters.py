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

import math
from collections.abc import Iterator, Sequence
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

    def report(self, outcome: Outcome) -> Iterator[Parameters]:
        """One table of all, or none where nothing can be trained."""
        if (table := parameters(self.run.namespace, self.run.id)) is not None:
            yield table


def parameters(namespace: dict[str, Any], run: int) -> Parameters | None:
    """The parameters of modules, and other leaves that track gradients, among the public names; None: there are none.

    Names as in :func:`tutor.inspection.namespace.tensors`; a parameter that several modules share stands once. Numbers
    are computed where the values are, and fetched from each device together.
    """
    with torch._C.DisableTorchFunction(), torch.no_grad(), tensors.one_thread():
        leaves = _collect_leaves(namespace)
        if not any(attribute(tensor, "requires_grad") for _, tensor in leaves):
            return None
        hidden = max(0, len(leaves) - ROWS)
        listed = leaves if not hidden else leaves[: ROWS // 2] + leaves[-ROWS // 2 :]
        pairs = [(tensor, tensors.gradient(tensor)) for _, tensor in listed]
        spreads = _spreads([tensor for pair in pairs for tensor in pair if tensor is not None])
        rows = []
        for (name, tensor), (_, grad) in zip(listed, pairs, strict=True):
            value, slope = next(spreads), None if grad is None else next(spreads)
            trainable = bool(attribute(tensor, "requires_grad"))
            rows.append(Parameter(name, tensors.short(tensor), trainable, value, slope))
        shapes = [fixed(tensor) or () for _, tensor in listed]
        scaled = [len(shape) >= 2 and math.prod(shape) >= 4 for shape in shapes]
        return Parameters(run, _judged(rows, scaled), hidden)


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


def _judged(rows: list[Parameter], scaled: list[bool]) -> tuple[Parameter, ...]:
    """The rows with their notes. ``scaled`` says of which the ratio is to be judged."""
    all_ratios = {place: _ratio(row) for place, row in enumerate(rows) if scaled[place]}
    ratios = {place: ratio for place, ratio in all_ratios.items() if ratio is not None}
    largest = max((ratio for ratio in ratios.values() if ratio <= EXPLODING), default=0.0)
    judged = []
    for place, row in enumerate(rows):
        ratio = ratios.get(place)
        note: Note = ""
        if row.grad is not None and row.grad.bad:
            note = "bad"
        elif row.grad is not None and row.grad.norm == 0 and row.grad.zeros == 1:
            note = "zero"
        elif ratio is not None and ratio > EXPLODING:
            note = "exploding"
        elif ratio is not None and ratio < VANISHING * largest:
            note = "vanishing"
        judged.append(replace(row, note=note) if note else row)
    return tuple(judged)


def _ratio(row: Parameter) -> float | None:
    """‖gradient‖ / ‖value‖; None where there is none."""
    if row.grad is None or row.grad.bad:
        return None
    value, grad = row.value.norm, row.grad.norm
    return grad / value if value and grad else None


# --- numbers --------------------------------------------------------------------------------------------------


def _spreads(inputs: Sequence[torch.Tensor]) -> Iterator[ValueDistribution]:
    """A :class:`ValueDistribution` for each tensor, in order. Tensors of like size are measured together, as rows."""
    rows: dict[tuple[torch.device, int], list[tuple[int, torch.Tensor]]] = {}
    for place, tensor in enumerate(inputs):
        if (row := _row(tensor)) is not None:
            rows.setdefault((row.device, (row.numel() - 1).bit_length() // 2), []).append((place, row))
    measured = [_measured(_stacked([row for _, row in group])) for group in rows.values()]
    distributions = [ValueDistribution()] * len(inputs)
    for group, numbers in zip(rows.values(), _fetched(measured), strict=True):
        for (place, row), row_numbers in zip(group, numbers, strict=True):
            distributions[place] = _spread(row_numbers, row.numel(), math.prod(fixed(inputs[place]) or ()))
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


def _stacked(rows: list[torch.Tensor]) -> torch.Tensor:
    """The rows below each other, filled up with NaN."""
    return rows[0][None] if len(rows) == 1 else pad_sequence(rows, batch_first=True, padding_value=math.nan)


def _measured(rows: torch.Tensor) -> torch.Tensor:
    """For each row low, high, norm, zeros, finite values and a histogram, where the values are: no wait for them."""
    finite = rows.isfinite()
    low = rows.where(finite, math.inf).amin(1)
    high = rows.where(finite, -math.inf).amax(1)
    norm = torch.linalg.vector_norm(rows.where(finite, 0), dim=1)
    counts = torch.stack([(rows == 0).sum(1), finite.sum(1)], 1).to(rows)
    return torch.cat([torch.stack([low, high, norm], 1), counts, _histograms(rows, low, high)], 1)


def _histograms(rows: torch.Tensor, low: torch.Tensor, high: torch.Tensor) -> torch.Tensor:
    """Counts in equal steps for each row; what isn't finite falls into a bin of its own, which is left out."""
    few = rows if rows.shape[1] <= SAMPLES else tensors.pick(rows[0], SAMPLES)[None]
    halves = high / 2 - low / 2  # the difference of two huge values would overflow
    steps = (few / 2 - (low / 2)[:, None]) * (BINS / halves)[:, None]  # NaN where all values are equal
    bins = steps.clamp(0, BINS - 1).where(steps.isfinite(), BINS).long()
    counts = torch.zeros(len(rows), BINS + 1, dtype=torch.long, device=rows.device)
    return counts.scatter_add_(1, bins, torch.ones_like(bins))[:, :BINS].to(rows)


def _fetched(measured: list[torch.Tensor]) -> list[list[list[float]]]:
    """The numbers of each group of rows. Each device is waited for once."""
    fetched: dict[torch.device, Iterator[list[float]]] = {}
    for device in {rows.device for rows in measured}:
        fetched[device] = iter(torch.cat([rows for rows in measured if rows.device == device]).tolist())
    return [[next(fetched[rows.device]) for _ in range(len(rows))] for rows in measured]


def _spread(numbers: list[float], read: int, size: int) -> ValueDistribution:
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
