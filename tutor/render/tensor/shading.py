"""Values as shades: colours where the terminal has them, signs of rising density where it hasn't."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Literal

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from rich.text import Text

from tutor.render.text.layout import along, clip, number
from tutor.render.text.style import Look

Plane = Sequence[Sequence[float | None]]
"""A matrix of values, in rows; None for NaN."""
Rgb = tuple[int, int, int]
Pixel = Rgb | Literal["hole"] | None
"""A colour; ``hole``: a value that is NaN; None: nothing."""

MANY = 256
"""Colours from which on a map is drawn in colours."""
STEPS = 33
"""Shades of a palette. Odd, so that one stands for 0; few, so that neighbours often share one sequence of bytes."""
BAR = 10
"""Cells on each side of the middle of a legend."""
EACH = 4
"""Signs on each side of the middle of a legend, two cells each: every one that there is."""

# Lightness rises evenly from end to end (the anchors of matplotlib's viridis), so that it can be told without hue.
_RISING = (
    (68, 1, 84), (72, 40, 120), (62, 73, 137), (49, 104, 142), (38, 130, 142),
    (31, 158, 137), (53, 183, 121), (110, 206, 88), (181, 222, 43), (253, 231, 37),
)  # fmt: skip
# Away from 0 both sides grow stronger against the background: lighter on a dark one, darker on a light one.
_SIGNED_DARK = (
    (150, 200, 255), (84, 150, 230), (48, 98, 168), (38, 60, 96), (42, 46, 54),
    (98, 54, 34), (172, 88, 40), (232, 132, 62), (255, 190, 130),
)  # fmt: skip
_SIGNED_LIGHT = (
    (5, 48, 97), (33, 102, 172), (88, 154, 204), (170, 208, 230), (238, 238, 238),
    (248, 190, 160), (222, 116, 92), (178, 24, 43), (103, 0, 31),
)  # fmt: skip

_DENSE = ("··", "░░", "░▒", "▒▒", "▒▓", "▓▓", "▓█", "██")
_DENSE_ASCII = tuple(2 * sign for sign in ".:-=+*#%@")
_SIDE, _SIDE_ASCII = "░▒▓█", ".:*#"


@dataclass(frozen=True, slots=True)
class Shades:
    """A scale from ``low`` to ``high``; ``signed``, with 0 in its middle, where values have both signs."""

    low: float
    high: float
    signed: bool
    look: Look

    @classmethod
    def of(cls, low: float | None, high: float | None, planes: Iterable[Plane], look: Look) -> Shades:
        """The scale from ``low`` to ``high``; where these are None, of the finite values in ``planes``."""
        if low is None or high is None:
            values = [v for plane in planes for row in plane for v in row if v is not None and math.isfinite(v)]
            low, high = (min(values), max(values)) if values else (math.nan, math.nan)
        if low < 0 < high:
            end = max(-low, high)
            return cls(-end, end, True, look)
        return cls(low, high, False, look)

    @property
    def coloured(self) -> bool:
        """Whether it is drawn in colours, two values in the height of a line."""
        return in_colours(self.look)

    def share(self, value: float | None) -> float | None:
        """Where on the scale ``value`` stands, from 0 to 1, infinities at its ends; None for NaN."""
        if value is None or math.isnan(value):
            return None
        if not self.low < self.high:
            return 0.5
        return min(1.0, max(0.0, along(value, self.low, self.high)))

    def pixel(self, value: float | None) -> Pixel:
        """The colour of a value."""
        share = self.share(value)
        return "hole" if share is None else self._colour(share)

    def _colour(self, share: float) -> Rgb:
        light = self.look.background != "dark"
        return _palette((_SIGNED_LIGHT if light else _SIGNED_DARK) if self.signed else _RISING)[
            round(share * (STEPS - 1))
        ]

    def sign(self, value: float | None) -> tuple[str, str]:
        """Two signs for a value, and their style: a density, with + or - before it on a signed scale."""
        share = self.share(value)
        if share is None:
            return 2 * self.look.hole, self.look.loud_style
        if not self.signed:
            return dense(share, self.look), ""
        if share == 0.5:
            return f" {self.look.waits}", ""
        side = _SIDE_ASCII if self.look.ascii else _SIDE
        strength = side[min(len(side) - 1, int(abs(2 * share - 1) * len(side)))]
        style = "" if not self.look.colours else "red" if share > 0.5 else "cyan"
        return ("+" if share > 0.5 else "-") + strength, style

    def legend(self, width: int) -> Text:
        """The scale as a bar, with its low, middle and high."""
        look = self.look
        if not self.low < self.high:
            words = "no finite values" if math.isnan(self.low) else f"all {number(self.low)}"
            return clip(Text(words, look.dim_style), width, look.more)
        middle = self.low / 2 + self.high / 2
        numbers = [number(value) for value in (self.low, middle, self.high)]
        room = (width - sum(map(len, numbers)) - 4) // 2
        bar = min(BAR, room) if self.coloured else EACH
        if bar < 1 or (not self.coloured and room < 2 * EACH):
            return clip(Text(f"{numbers[0]}{look.to}{numbers[2]}", look.dim_style), width, look.more)
        line = Text(f"{numbers[0]} ")
        line.append_text(self._bar(0, bar)).append(f" {numbers[1]} ").append_text(self._bar(0.5, bar))
        return line.append(f" {numbers[2]}")

    def _bar(self, start: float, steps: int) -> Text:
        """Half of the scale in a few steps."""
        bar = Text()
        for share in (start + (place + 0.5) / steps / 2 for place in range(steps)):
            if self.coloured:
                bar.append(" ", style_of(None, self._colour(share)))
            else:
                bar.append(*self.sign(self.low * (1 - share) + self.high * share))
        return bar

    def draw(self, plane: Plane, times: int = 1) -> list[Text]:
        """A matrix, in colours each value ``times`` cells wide and half as high, in signs two cells wide."""
        if self.coloured:
            pixels = ([self.pixel(value) for value in row for _ in range(times)] for row in plane)
            return list(halves([row for row in pixels for _ in range(times)], self.look))
        return [runs(map(self.sign, row)) for row in plane]


def in_colours(look: Look) -> bool:
    """Whether maps and images are drawn in colours; else in signs, which need no colour to be told apart."""
    return look.colours >= MANY and not look.ascii


def dense(share: float, look: Look) -> str:
    """Two signs, the denser the nearer ``share`` is to 1."""
    ramp = _DENSE_ASCII if look.ascii else _DENSE
    return ramp[round(share * (len(ramp) - 1))]


@lru_cache(maxsize=8)
def _palette(anchors: tuple[Rgb, ...]) -> tuple[Rgb, ...]:
    colours = []
    for step in range(STEPS):
        place, rest = divmod(step * (len(anchors) - 1), STEPS - 1)
        after = anchors[min(place + 1, len(anchors) - 1)]
        r, g, b = (
            round(one + (two - one) * rest / (STEPS - 1)) for one, two in zip(anchors[place], after, strict=True)
        )
        colours.append((r, g, b))
    return tuple(colours)


@lru_cache(maxsize=4096)
def style_of(front: Rgb | None, back: Rgb | None) -> Style:
    """The style of these colours."""
    return Style(
        color=None if front is None else Color.from_rgb(*front), bgcolor=None if back is None else Color.from_rgb(*back)
    )


def runs(cells: Iterable[tuple[str, str | Style]]) -> Text:
    """Pieces of text with their styles on one line; neighbours of one style become one."""
    line = Text()
    text, style = "", None
    for part, own in cells:
        if own != style and text:
            line.append(text, style)
            text = ""
        text, style = text + part, own
    return line.append(text, style) if text else line


def halves(pixels: Sequence[Sequence[Pixel]], look: Look) -> Iterator[Text]:
    """Pixels as lines of half blocks, two rows in each."""
    for upper, lower in zip_longest(pixels[::2], pixels[1::2], fillvalue=()):
        yield runs(_cell(*pair, look) for pair in zip_longest(upper, lower))


def _cell(upper: Pixel, lower: Pixel, look: Look) -> tuple[str, str | Style]:
    if upper == "hole" or lower == "hole":
        back = next((colour for colour in (upper, lower) if colour != "hole"), None)
        return look.hole, Style.parse(look.loud_style) + style_of(None, back)
    if upper == lower:  # never both None: then there is no pixel
        return " ", style_of(None, upper)
    if upper is None:
        return "▄", style_of(lower, None)
    return "▀", style_of(upper, lower)


def times_in(rows: int, columns: int, width: int, lines: int, most: int = 4) -> int:
    """How many pixels wide and high each value may be, to be seen well and still fit ``width`` and ``lines``."""
    return max(1, min(most, width // max(1, columns), 2 * lines // max(1, rows)))


def widest(plane: Plane) -> int:
    """The length of the longest row."""
    return max(map(len, plane), default=0)


def cut(plane: Plane, columns: int) -> Plane:
    """At most ``columns`` columns of a matrix."""
    return plane if widest(plane) <= columns else [row[: max(1, columns)] for row in plane]


def omission(visible: int, total: int, noun: str, look: Look, width: int) -> Iterator[Text]:
    """A line that says how many of ``total`` are visible, unless all are."""
    if visible < total:
        words = f"{look.more} {visible:,} of {total:,} {noun}"
        if cell_len(words) > width:
            words = f"{look.more} {visible:,}/{total:,}"
        yield clip(Text(words, look.dim_style), width, look.more)
