"""Axes: a scale from numbers to dots, and round numbers to write beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tutor.render.layout import number

DECADES = 3
"""With a range of more than these and nothing but positive values, an axis may be logarithmic."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers from ``low`` to ``high``, in that order along an axis."""

    low: float
    high: float
    log: bool = False

    def share(self, value: float) -> float:
        """How far along the axis ``value`` stands: 0 at ``low``, 1 at ``high``, never outside."""
        if self.log:
            share = math.log(value / self.low) / math.log(self.high / self.low) if value > 0 else 0.0
        else:
            # Halved, because the difference of two huge numbers would overflow.
            share = (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return min(1.0, max(0.0, share))

    def ticks(self, wanted: int) -> list[float]:
        """About ``wanted`` round numbers on the axis, at least one."""
        wanted = max(1, wanted)
        if self.log:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            every = max(1, math.ceil((last - first + 1) / wanted))
            return [10.0**power for power in range(first, last + 1, every)]
        step = _round_up((self.high / 2 - self.low / 2) / wanted * 2)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [count * step for count in range(first, last + 1)]

    def labels(self, ticks: list[float]) -> list[str]:
        """The ticks as text, with as many decimals as tell them apart."""
        largest = max((abs(tick) for tick in ticks), default=0.0)
        if self.log or len(ticks) < 2 or largest >= 1e6 or 0 < largest < 1e-3:
            return [number(tick) for tick in ticks]
        decimals = max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9))
        return [f"{tick:.{decimals}f}" for tick in ticks]


def fitting(values: Sequence[float]) -> Scale:
    """A scale that shows all ``values`` (one at least); logarithmic when they are spread over decades.

    A schedule that only ends near zero, as a cosine does, keeps a linear axis: its shape is the point.
    """
    low, high = min(values), max(values)
    if low > 0 and high / low > 10**DECADES:
        small = sum(value < high / 30 for value in values)
        if small * 4 >= len(values):
            return Scale(low, high, log=True)
    if high / 2 - low / 2 <= 1e-9 * max(abs(low), abs(high)):  # constant, but for noise
        room = abs(low) * 0.1 or 1.0
        return Scale(low - room, high + room)
    if 0 < low < 0.25 * high:
        low = 0.0  # the axis of a loss should show how near to nothing it came
    return Scale(low, high)


def steps(ticks: Sequence[float]) -> list[str]:
    """Step numbers on an axis: ``0 500 1000``, ``0 10k 20k``, ``0 0.5M 1M``."""
    largest = max(ticks, default=0)
    size, unit = (1e6, "M") if largest >= 1e6 else (1e3, "k") if largest >= 10_000 else (1, "")
    return [f"{tick / size:.6g}{unit if tick else ''}" for tick in ticks]


def _round_up(step: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not under ``step``."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= step * (1 - 1e-9))
