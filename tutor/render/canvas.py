"""A grid of dots, 2 by 4 in each character cell as braille, or one in a cell as ASCII."""

from __future__ import annotations

from rich.text import Text

# The bit of each dot of a braille cell, by row and column.
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


class Canvas:
    """``columns`` by ``rows`` cells. Dots are counted from the bottom left."""

    def __init__(self, columns: int, rows: int, *, ascii: bool = False) -> None:
        self.columns, self.rows = columns, rows
        self.across, self.up = 1 if ascii else 2, self.dots_up(ascii=ascii)
        self.width, self.height = columns * self.across, rows * self.up
        """In dots."""
        self._ascii = ascii
        self._bits = [[0] * columns for _ in range(rows)]
        self._styles = [[""] * columns for _ in range(rows)]
        self._marks: dict[tuple[int, int], str] = {}

    @staticmethod
    def dots_up(*, ascii: bool) -> int:
        """Dots of a cell, from its bottom to its top."""
        return 1 if ascii else 4

    def span(self, x: int, low: int, high: int, style: str, mark: str = "*") -> None:
        """Set the dots of column ``x`` from ``low`` to ``high`` inclusive; in ASCII they are ``mark``."""
        column, across = divmod(x, self.across)
        for y in range(low, high + 1):
            row, up = divmod(y, self.up)
            self._styles[row][column] = style
            if self._ascii:
                self._marks[row, column] = mark
            else:
                self._bits[row][column] |= _BITS[3 - up][across]

    def line(self, start: tuple[int, int], end: tuple[int, int], style: str, mark: str = "*", every: int = 1) -> None:
        """A line between two dots, without gaps; with ``every`` above 1 a dotted one."""
        (x0, y0), (x1, y1) = start, end
        before = y0
        for x in range(x0, x1 + 1):
            y = y0 + round((y1 - y0) * (x - x0) / (x1 - x0)) if x1 > x0 else y1
            # From beside the dot of the last column, so that a steep line has no gaps and no corners.
            low, high = (min(y, before + 1), y) if y > before else (y, max(y, before - 1))
            if x % every == 0:
                self.span(x, low, high, style, mark)
            before = y

    def line_of(self, row: int) -> Text:
        """One row of cells, 0 being the lowest."""
        made = Text()
        for column in range(self.columns):
            if self._ascii:
                char = self._marks.get((row, column), " ")
            else:
                char = chr(0x2800 + self._bits[row][column]) if self._bits[row][column] else " "
            made.append(char, self._styles[row][column])
        return made
