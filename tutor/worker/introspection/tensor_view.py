"""Views of a tensor in the snapshot, of a size that fits on a screen, and statistics over the whole of it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import torch

from tutor.protocol.codec import ReadTensor, TensorSlice
from tutor.worker.sandbox.snapshot import Snapshot, StoredTensor

_BARS = 40
"""Steps of a histogram."""
_MOST = 40_000
"""Values in an answer."""
_CHUNK = 1 << 16
"""Elements of which statistics are taken at a time: they stay in the cache, which makes it three times as fast."""

Plane = tuple[tuple[float | None, ...], ...]


def view_tensor(request: ReadTensor, snapshot: Snapshot | None) -> TensorSlice:
    """Answer ``request``; where there is nothing to see, ``note`` says why. Takes under 100 ms for 10^7 elements."""
    if snapshot is None or snapshot.run != request.run:
        return TensorSlice(request.ask, request.name, note="What this run left is gone, or could not be kept.")
    entry = snapshot.entries.get(request.name)
    if entry is None:
        return TensorSlice(request.ask, request.name, note=f"The run left no tensor `{request.name}` to look at.")
    piece = TensorSlice(request.ask, entry.name, entry.short, entry.shape, note=entry.note)
    if entry.note:
        return piece
    if 0 in entry.shape:
        return replace(piece, note="It has no values.")
    try:
        values = _to_sortable(snapshot.tensor(entry))
        if entry.name not in snapshot.cache:
            snapshot.cache[entry.name] = _compute_statistics(values)
        piece = replace(piece, **snapshot.cache[entry.name], note=_describe_sampling(entry))
        return replace(piece, **_Window(request, entry, values).planes(), note=_describe_sampling(entry))
    except _ViewError as unfit:
        return replace(piece, note=str(unfit))
    except (RuntimeError, TypeError) as error:  # an operation that this dtype lacks
        return replace(piece, note=f"Its values can't be read here ({type(error).__name__}).")


def _describe_sampling(entry: StoredTensor) -> str:
    words = []
    if entry.dtype.startswith("complex"):
        words.append("Complex numbers, shown by their absolute value.")
    if entry.steps:
        steps = ", ".join(
            f"{_ordinal(step)} of dimension {place}" for place, step in enumerate(entry.steps) if step > 1
        )
        words.append(f"Too large to be kept whole: every {steps}.")
    return " ".join(words)


def _ordinal(step: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    return f"{step:,}" + ("th" if step % 100 in (11, 12, 13) else endings.get(step % 10, "th"))


class _ViewError(Exception):
    """The tensor can't be shown in the view that the request names; the message says why."""


class _Window:
    """The part of a tensor that a request asks for."""

    def __init__(self, request: ReadTensor, entry: StoredTensor, values: torch.Tensor) -> None:
        self.request = request
        self.values = values
        self.steps = entry.steps or (1,) * len(entry.shape)
        self.rows, self.columns = max(1, request.rows), max(1, request.columns)

    def planes(self) -> dict[str, Any]:
        """Return the fields of the answer that describe its window."""
        if self.values.dim() < 2 and self.request.how in ("values", "map"):
            return self._vector()
        return {"values": self._values, "map": self._map, "image": self._image, "grid": self._grid}[self.request.how]()

    def _vector(self) -> dict[str, Any]:
        """Wrapped like text. As a map, a value stands for as many elements as make all of it fit."""
        vector, step = self.values.reshape(-1), math.prod(self.steps)
        room = self.rows * self.columns
        first, block = 0, 1
        if self.request.how == "map":
            block = math.ceil(len(vector) / room)
        else:
            first = self._clamp_start(self.request.top, len(vector), room, step)
            vector = vector[first : first + room]
        (numbers,) = _average_blocks(vector[None], 1, block)
        across = min(self.columns, len(numbers))
        plane = tuple(numbers[start : start + across] for start in range(0, len(numbers), across))
        return {"planes": (plane,), "top": first * step, "step": (across * block * step, block * step)}

    def _values(self) -> dict[str, Any]:
        matrix, index = self._select(2)
        first_row = self._clamp_start(self.request.top, matrix.shape[0], self.rows, self.steps[-2])
        first_column = self._clamp_start(self.request.left, matrix.shape[1], self.columns, self.steps[-1])
        window = matrix[first_row : first_row + self.rows, first_column : first_column + self.columns]
        place = {"top": first_row * self.steps[-2], "left": first_column * self.steps[-1]}
        return {"planes": (_average_blocks(window, 1, 1),), "index": index, **place, "step": self._element_step(1, 1)}

    def _map(self) -> dict[str, Any]:
        matrix, index = self._select(2)
        down, right = self._block_size(matrix)
        return {
            "planes": (_average_blocks(matrix, down, right),),
            "index": index,
            "step": self._element_step(down, right),
        }

    def _image(self) -> dict[str, Any]:
        channels, index = self._select(min(3, self.values.dim()))
        if channels.dim() < 2:
            raise _ViewError("An image needs two dimensions at least.")
        if channels.dim() == 2:
            channels = channels[None]
        if channels.shape[0] not in (1, 3):
            sizes = "x".join(map(str, channels.shape))
            advice = " Its last one has: `permute` brings channels to the front." if channels.shape[2] in (1, 3) else ""
            raise _ViewError(f"An image is channels x height x width with 1 or 3 channels; this is {sizes}.{advice}")
        block = max(self._block_size(channels[0]))  # the same both ways: it keeps its proportions
        planes = tuple(_average_blocks(channel, block, block) for channel in channels)
        return {"planes": planes, "index": index, "step": self._element_step(block, block)}

    def _grid(self) -> dict[str, Any]:
        values = self.values
        if values.dim() < 2:
            raise _ViewError("A grid needs two dimensions at least.")
        if values.dim() > 3 and values.shape[-3] == 1:
            values = values.squeeze(-3)
        tiles, index = self._select(min(3, values.dim()), values)
        tiles = tiles if tiles.dim() == 3 else tiles[None]
        down, right = self._block_size(tiles[0])
        size = math.ceil(tiles.shape[1] / down) * math.ceil(tiles.shape[2] / right)
        most = max(1, _MOST // size)
        first = min(max(0, self.request.top), max(0, len(tiles) - 1))
        planes = tuple(_average_blocks(tile, down, right) for tile in tiles[first : first + most])
        place = {"index": index, "top": first, "step": self._element_step(down, right)}
        return {"planes": planes, "tiles": len(tiles), **place}

    def _select(self, dimensions: int, values: torch.Tensor | None = None) -> tuple[torch.Tensor, tuple[int, ...]]:
        """The last ``dimensions`` dimensions at the requested position, and that position."""
        values = self.values if values is None else values
        before = values.dim() - dimensions
        position = (*self.request.index, *(0,) * before)[:before]
        sizes = zip(position, self.steps, values.shape, strict=False)
        indices = [min(max(0, place // step), size - 1) for place, step, size in sizes]
        return values[tuple(indices)], tuple(place * step for place, step in zip(indices, self.steps, strict=False))

    def _block_size(self, matrix: torch.Tensor) -> tuple[int, int]:
        """The rows and columns that one value stands for, so that all of ``matrix`` fits."""
        high, across = matrix.shape
        return math.ceil(high / self.rows), math.ceil(across / self.columns)

    def _element_step(self, down: int, right: int) -> tuple[int, int]:
        return down * self.steps[-2], right * self.steps[-1]

    @staticmethod
    def _clamp_start(position: int, size: int, room: int, step: int) -> int:
        return max(0, min(position // step, size - room))


def _average_blocks(matrix: torch.Tensor, down: int, right: int) -> Plane:
    return tuple(map(_to_numbers, _shrink(_shrink(matrix, 0, down), 1, right)))


def _shrink(values: torch.Tensor, dim: int, block: int) -> torch.Tensor:
    """Means of ``block`` neighbours in a dimension of a matrix; the last block may be smaller."""
    if block == 1:
        return values
    values = _widen(values)
    whole = values.shape[dim] // block * block
    parts = []
    if whole:
        parts.append(torch.unflatten(values.narrow(dim, 0, whole), dim, (-1, block)).mean(dim + 1))
    if whole < values.shape[dim]:
        parts.append(values.narrow(dim, whole, values.shape[dim] - whole).mean(dim, keepdim=True))
    return torch.cat(parts, dim)


def _to_numbers(vector: torch.Tensor) -> tuple[float | None, ...]:
    values = vector if not vector.dtype.is_floating_point else _widen(vector)
    return tuple(None if value != value else value for value in values.tolist())


# --- statistics -----------------------------------------------------------------------------------------------


def _compute_statistics(values: torch.Tensor) -> dict[str, Any]:
    """The fields of a :class:`tutor.protocol.answers.TensorSlice` that describe all of ``values``.

    The values come from :func:`_to_sortable`. 10 million f32 take 40 ms on one thread, twice that with a NaN in each
    chunk.
    """
    chunks = torch.split(values.reshape(-1), _CHUNK)
    count = values.numel()
    if not count:
        return {}
    nans = infs = zeros = 0
    low, high, total, squares, origin = math.inf, -math.inf, 0.0, 0.0, None
    for chunk in chunks:
        chunk = _widen(chunk)
        zeros += chunk.numel() - int(torch.count_nonzero(chunk))
        ends = [end.item() for end in chunk.aminmax()]
        if not all(map(math.isfinite, ends)):
            bad = int(torch.count_nonzero(chunk.isnan()))
            odd = int(torch.count_nonzero(chunk - chunk))  # inf - inf: NaN
            nans += bad
            infs += odd - bad
            if odd == chunk.numel():
                continue
            ends = [_fill_nonfinite(chunk, math.inf).amin().item(), _fill_nonfinite(chunk, -math.inf).amax().item()]
            if origin is None:
                origin = _fill_nonfinite(chunk, 0).sum().item() / (chunk.numel() - odd)
            chunk = _fill_nonfinite(chunk, origin)
        low, high = min(low, ends[0]), max(high, ends[1])
        if origin is None:  # squares of differences from any value near the mean lose few digits
            origin = chunk.mean().item()
        off = chunk - origin
        total += off.sum().item()
        squares += torch.dot(off, off).item()
    fields: dict[str, Any] = {"zeros": zeros / count, "nans": nans, "infs": infs}
    finite = count - nans - infs
    if origin is not None:
        std = _standard_deviation(total, squares, finite)
        fields |= {"low": low, "high": high, "mean": min(high, max(low, origin + total / finite)), "std": std}
        fields["histogram"] = _count_histogram(chunks, low, high, nans + infs)
    return fields


def _standard_deviation(total: float, squares: float, count: int) -> float | None:
    """From the sums of differences and of their squares; None where it can't be told."""
    variance = (squares - total * total / count) / (count - 1) if count > 1 else math.nan
    return math.sqrt(max(0.0, variance)) if math.isfinite(variance) else None


def _fill_nonfinite(values: torch.Tensor, filler: float) -> torch.Tensor:
    """``values`` with ``filler`` for what isn't finite: many times as fast as leaving it out."""
    return values.nan_to_num(filler, filler, filler)


def _count_histogram(chunks: tuple[torch.Tensor, ...], low: float, high: float, odd: int) -> tuple[int, ...]:
    """Counts in equal steps, without the ``odd`` values that aren't finite; empty where the range has no steps."""
    scale = _BARS / (high - low) if high > low else math.inf
    if not 0 < scale < math.inf:
        return ()
    counts = torch.zeros(_BARS, dtype=torch.int64)
    for chunk in chunks:
        chunk = _widen(chunk)
        if odd:
            chunk = _fill_nonfinite(chunk, low)
        places = (chunk - low).mul_(scale).clamp_(0, _BARS - 1)  # before it is a whole number: it may be infinite
        counts += torch.bincount(places.to(torch.int32), minlength=_BARS)
    counts[0] -= odd  # they were put at ``low``
    return tuple(counts.tolist())


def _to_sortable(values: torch.Tensor) -> torch.Tensor:
    """``values`` as something that can be ordered: of complex numbers their absolute value, of bool 0 and 1."""
    if values.dtype is torch.complex32:
        values = values.to(torch.complex64)
    if values.dtype.is_complex:
        return values.abs()
    return values.to(torch.uint8) if values.dtype is torch.bool else values


def _widen(values: torch.Tensor) -> torch.Tensor:
    """``values`` in a type that has sums and means: f32 for types of few bits, else f64."""
    if values.dtype in (torch.float32, torch.float64):
        return values
    return values.to(torch.float32 if values.dtype.is_floating_point or values.element_size() < 3 else torch.float64)
