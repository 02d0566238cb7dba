"""Numbers over time in little room: a curve of any length, and the lists of numbers that a program left."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from operator import is_
from typing import Any

import torch

from tutor.inspection.namespace import public
from tutor.inspection.tensor import scalar
from tutor.protocol.observations import Bucket, Series
from tutor.worker.probes.probe import Outcome, Probe

MOST = 256
"""Buckets of a curve; when they are full, neighbours are joined and each holds twice as many points."""
LEAST = 3
"""Numbers that make a list a series."""
READ_LIMIT = 1_000_000
"""Numbers that are looked at in all lists together, the short lists first; a list beyond that isn't reported."""
OF_TENSOR = 10
"""A tensor's number takes as long to be read as so many of Python's."""
LISTS = 8
"""Lists that are reported of one program."""
_WAITING = 1024
"""Points that wait before they are put into buckets, or values left on a device before they are gathered there."""


class Curve:
    """A series of any length in at most 256 buckets, with the lowest and highest value of each."""

    def __init__(self) -> None:
        self.waiting: list[float] = []
        """The newest points, for :meth:`take_in`: what a training loop does at each step is only to append here."""
        self._end = 0
        self._width = 1
        self._buckets: list[list[Any]] = []
        """Start, low, high, last finite value, how many aren't finite. Where none is, low is above high."""
        self._pending: list[torch.Tensor] = []
        self._places: list[int | None] = []

    def add(self, value: float) -> None:
        """Append a point."""
        self.waiting.append(value)
        if len(self.waiting) >= _WAITING:
            self.take_in()

    def add_at(self, place: int, value: float) -> None:
        """Set the point number ``place``, beyond all that there are. Those left out weren't looked at."""
        bucket = self._bucket(place)
        if math.isfinite(value):
            _widen(bucket, value, value, value)
        else:
            bucket[4] += 1
        self._end = place + 1

    def add_later(self, value: torch.Tensor, place: int | None = None) -> None:
        """Append a point that lies on a device: copied there, read when the program has ended."""
        self._pending.append(value.detach().clone().reshape(1))
        self._places.append(place)
        if len(self._pending) >= _WAITING:
            self._pending = [torch.cat(self._pending)]

    def settle(self) -> None:
        """Read the points that were left on a device."""
        if self._pending:
            for place, value in zip(self._places, torch.cat(self._pending).tolist(), strict=True):
                if place is None:
                    self.add(value)
                else:
                    self.add_at(place, value)
            self._pending, self._places = [], []

    def take_in(self) -> None:
        """Put the points that wait into their buckets."""
        waiting, position = self.waiting, 0
        while position < len(waiting):
            bucket = self._bucket(self._end)
            part = waiting[position : position + bucket[0] + self._width - self._end]
            position += len(part)
            self._end += len(part)
            if not all(map(math.isfinite, part)):
                finite = [value for value in part if math.isfinite(value)]
                bucket[4] += len(part) - len(finite)
                part = finite
            if part:
                _widen(bucket, min(part), max(part), part[-1])
        waiting.clear()

    @property
    def points(self) -> int:
        """How many points it has."""
        return self._end + len(self.waiting)

    @property
    def varies(self) -> bool:
        """Whether it has two different values."""
        self.take_in()
        lowest = min((bucket[1] for bucket in self._buckets), default=0.0)
        return lowest < max((bucket[2] for bucket in self._buckets), default=0.0)

    def buckets(self) -> tuple[Bucket, ...]:
        """Its buckets of this moment, in order."""
        self.take_in()
        ends = [*(bucket[0] for bucket in self._buckets[1:]), self._end]
        return tuple(
            Bucket(start, end - start, None if last is None else low, None if last is None else high, last, bad)
            for (start, low, high, last, bad), end in zip(self._buckets, ends, strict=False)
        )

    def _bucket(self, place: int) -> list[Any]:
        """The bucket of a point beyond all that there are."""
        if not self._buckets or place - self._buckets[-1][0] >= self._width:
            if len(self._buckets) == MOST:
                self._join()
            self._buckets.append([place, math.inf, -math.inf, None, 0])
        return self._buckets[-1]

    def _join(self) -> None:
        pairs = zip(self._buckets[::2], self._buckets[1::2], strict=True)
        self._buckets = [
            [a[0], min(a[1], b[1]), max(a[2], b[2]), a[3] if b[3] is None else b[3], a[4] + b[4]] for a, b in pairs
        ]
        self._width *= 2


def _widen(bucket: list[Any], low: float, high: float, last: float) -> None:
    bucket[1:4] = min(bucket[1], low), max(bucket[2], high), last


# --- lists ----------------------------------------------------------------------------------------------------


class NumberLists(Probe):
    """Reports the lists of numbers that a program left."""

    position = 30

    def report(self, outcome: Outcome) -> Iterator[Series]:
        """A series for each list among the public names, and each of a dict of lists: ``history['loss']``.

        Numbers are Python's own, and tensors of one number on the CPU.
        """
        curves = ((name, buckets) for name, values in _lists(self.run.namespace) if (buckets := _curve(values)))
        for name, buckets in itertools.islice(curves, LISTS):
            yield Series(self.run.id, name, "numbers", buckets)


def _lists(namespace: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """The lists that begin with a number and that there is time for."""
    candidates = [(name, values) for name, values in _all_lists(namespace) if _price(values)]
    budget, places = READ_LIMIT, set()
    for price, place in sorted((_price(values), place) for place, (_, values) in enumerate(candidates)):
        budget -= price
        if budget >= 0:
            places.add(place)
    return [entry for place, entry in enumerate(candidates) if place in places]


def _all_lists(namespace: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for name, value in public(namespace):
        if type(value) is list:
            yield name, value
        elif type(value) is dict:
            inner = list(itertools.islice(value.items(), LISTS))
            yield from ((f"{name}[{key!r}]", item) for key, item in inner if type(key) is str and type(item) is list)


def _price(values: list[Any]) -> int:
    """How long it takes to look at a list, in numbers; 0 where it is none of numbers, or too short."""
    first = type(values[0]) if len(values) >= LEAST else None
    return len(values) * (1 if first is float or first is int else OF_TENSOR if first is torch.Tensor else 0)


def _curve(original: list[Any]) -> tuple[Bucket, ...]:
    curve = Curve()
    values = original[:]  # a thread of the program's may go on with it, and may have emptied it
    try:
        kind = type(values[0])
        alike = (kind is float or kind is int) and all(map(is_, map(type, values), itertools.repeat(kind)))
        curve.waiting = list(map(float, values) if alike else _plain(values))
    except (IndexError, TypeError, OverflowError, RuntimeError):  # something else in it, or an int beyond all floats
        return ()
    return curve.buckets()


def _plain(values: Iterable[Any]) -> Iterator[float]:
    for value in values:
        kind = type(value)
        if kind is float or kind is int:
            yield float(value)
        elif kind is torch.Tensor and not value.shape and (number := scalar(value)) is not None:
            yield number
        else:
            raise TypeError


PROBE = NumberLists
