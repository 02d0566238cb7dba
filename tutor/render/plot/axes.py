"""Axes: a scale from numbers to dots, and round numbers to write beside it."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tutor.render.text.layout import along, number

DECADES = 3
"""An axis is logarithmic where nothing but positive values reach over more than so many decades, and ..."""
SMALL = 30
"""... a quarter of them are so many times smaller than the largest: a linear axis would press them flat."""
LARGEST = sys.float_info.max


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
            share = along(value, self.low, self.high)
        return min(1.0, max(0.0, share))

    def ticks(self, tick_count: int) -> list[float]:
        """About ``tick_count`` round numbers on the axis, at least one."""
        tick_count = max(1, tick_count)
        if self.log:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            every = max(1, math.ceil((last - first + 1) / tick_count))
            return [10.0**power for power in range(first, last + 1, every)]
        step = _round_up(min(LARGEST, (self.high / 2 - self.low / 2) / tick_count * 2))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [count * step for count in range(first, last + 1)] or self.ticks(tick_count + 1)

    def labels(self, ticks: Sequence[float]) -> list[str]:
        """The ticks as text, with as many decimals as tell them apart."""
        if self.log:
            far = any(not 1e-4 < tick < 1e5 for tick in ticks)
            return [f"1e{round(math.log10(tick))}" if far and not 0.05 < tick < 500 else number(tick) for tick in ticks]
        largest = max((abs(tick) for tick in ticks), default=0.0)
        if len(ticks) < 2:
            return [number(tick) for tick in ticks]
        place = math.floor(math.log10(ticks[1] / 2 - ticks[0] / 2) + math.log10(2) + 1e-9)
        if 1e-3 <= largest < 1e6:
            return [f"{tick:.{max(0, -place)}f}" for tick in ticks]
        return [_short(f"{tick:.{max(0, _exponent(tick) - place)}e}") if tick else "0" for tick in ticks]


def scale_for(values: Sequence[float]) -> Scale:
    """A scale that shows all ``values`` (one at least).

    It is logarithmic by the rule of :data:`DECADES` and :data:`SMALL`. So a loss that falls or blows up over decades
    is readable in all of them, and a schedule that only ends near zero, as a cosine does, keeps its shape. A linear
    axis begins at 0 where the values come near it, so that one sees how near.
    """
    low, high = min(values), max(values)
    if low > 0 and high > low * 10**DECADES and 4 * sum(value < high / SMALL for value in values) >= len(values):
        return Scale(low, high, log=True)
    if high / 2 - low / 2 <= max(1e-9 * max(abs(low), abs(high)), 1e-300):  # constant, but for noise
        room = abs(low) * 0.1
        room = room if room > 1e-300 else 1.0
        return Scale(max(-LARGEST, low - room), min(LARGEST, high + room))
    if 0 < low < 0.25 * high:
        low = 0.0
    elif 0.25 * low < high < 0:
        high = 0.0
    return Scale(low, high)


def steps(ticks: Sequence[float]) -> list[str]:
    """Step numbers on an axis: ``0 500 1000``, ``0 10k 20k``, ``0 0.5M 1M``."""
    largest = max(ticks, default=0)
    size, unit = (1e6, "M") if largest >= 1e6 else (1e3, "k") if largest >= 10_000 else (1, "")
    return [f"{tick / size:.6g}{unit if tick else ''}" for tick in ticks]


def _exponent(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])


def _short(text: str) -> str:
    """``1.20e-08`` as ``1.2e-8``."""
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}"


def _round_up(step: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not under ``step``, of those that are floats."""
    power = 10.0 ** math.floor(math.log10(step))
    return next((t * power for t in (1, 2, 5, 10) if t * power >= step * (1 - 1e-9) and t * power < math.inf), power)
