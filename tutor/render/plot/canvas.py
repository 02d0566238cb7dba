"""A grid of dots: in each character cell 2 by 4 as braille, or 1 by 3 as ASCII."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from tutor.render.tensor.shading import runs

# The bit of each dot of a braille cell, from the bottom up, in its left and its right half.
_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
_SPANS = tuple(
    tuple(tuple(sum(half[low : high + 1]) for high in range(len(half))) for low in range(len(half))) for half in _BITS
)
"""All dots from one to another of a half cell."""

# What each set of the three heights of an ASCII cell looks like.
_HEIGHTS = (" ", "_", "-", ",", "'", "|", "|", "|")


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a curve is drawn."""

    style: str
    mark: str = ""
    """In ASCII: what stands in each of its cells. Empty: a sign that shows how high in the cell it is."""
    behind: bool = False
    """Its dots never take a cell from another curve's."""
    dotted: bool = False


class Canvas:
    """``columns`` by ``rows`` cells. Dots are counted from the bottom left."""

    def __init__(self, columns: int, rows: int, *, ascii: bool = False) -> None:
        self.columns, self.rows = columns, rows
        self.across, self.up = 1 if ascii else 2, self.dots_up(ascii=ascii)
        self.width, self.height = columns * self.across, rows * self.up
        """In dots."""
        self._ascii = ascii
        self._bits = [[0] * columns for _ in range(rows)]
        self._owners: dict[tuple[int, int], list[Stroke]] = {}

    @staticmethod
    def dots_up(*, ascii: bool) -> int:
        """Dots of a cell, from its bottom to its top."""
        return 3 if ascii else 4

    def span(self, x: int, low: int, high: int, stroke: Stroke) -> None:
        """Set the dots of column ``x`` from ``low`` to ``high`` inclusive; of a dotted line every third."""
        if stroke.dotted and high > low:
            for y in range(low + -low % 3, high + 1, 3):
                self._set(x, y, y, stroke)
        elif not stroke.dotted or x % (2 if self._ascii else 3) == 0:
            self._set(x, low, high, stroke)

    def _set(self, x: int, low: int, high: int, stroke: Stroke) -> None:
        column, half = divmod(x, self.across)
        for row in range(low // self.up, high // self.up + 1):
            owners = self._owners.setdefault((row, column), [])
            if stroke not in owners:
                if self._ascii and owners and owners[0].behind:
                    self._bits[row][column] = 0
                if owners and owners[0].behind:
                    owners.clear()
                owners.append(stroke)
            bottom, top = max(0, low - row * self.up), min(self.up - 1, high - row * self.up)
            if self._ascii:
                self._bits[row][column] |= (2 << top) - (1 << bottom)
            else:
                self._bits[row][column] |= _SPANS[half][bottom][top]

    def line(self, start: tuple[int, int], end: tuple[int, int], stroke: Stroke) -> None:
        """A line between two dots, without gaps."""
        (x0, y0), (x1, y1) = start, end
        before = y0
        for x in range(x0, x1 + 1):
            y = y0 + round((y1 - y0) * (x - x0) / (x1 - x0)) if x1 > x0 else y1
            # From beside the dot of the last column, so that a steep line has no gaps and no corners.
            low, high = (min(y, before + 1), y) if y > before else (y, max(y, before - 1))
            self.span(x, low, high, stroke)
            before = y

    def line_of(self, row: int) -> Text:
        """One row of cells, 0 being the lowest. Curves that share a cell take turns from column to column."""
        return runs(self._cell(row, column) for column in range(self.columns))

    def _cell(self, row: int, column: int) -> tuple[str, str]:
        bits = self._bits[row][column]
        if not bits:
            return " ", ""
        owners = self._owners[row, column]
        stroke = owners[column % len(owners)]
        char = chr(0x2800 + bits) if not self._ascii else stroke.mark or _HEIGHTS[bits]
        return char, stroke.style
