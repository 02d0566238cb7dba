"""Matrices as heat maps: one, or several as a row of tiles, by value on one scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from tutor.protocol.answers import TensorSlice
from tutor.render.tensor.shading import Plane, Shades, cut, omission, times_in, widest
from tutor.render.text.layout import clip, drawing, hang
from tutor.render.text.style import Look

NOTHING = "no values to show"
GAP = 2
"""Cells between two tiles."""
TILES = 3
"""Times that a value of a tile is magnified at most: a kernel of 3x3 is 9 cells wide then, and 5 lines high."""


@drawing
def heat(width: int, piece: TensorSlice, look: Look, *, lines: int = 24) -> Iterator[Text]:
    """The first plane as a heat map with its scale above; a small one is magnified to use ``lines`` lines.

    In colours each value is a cell wide and half a line high at least, in signs two cells by a line. Its scale
    is that of the whole tensor, or of the means that are shown where a cell stands for many values; 0 is in the
    middle where values have both signs.
    """
    plane = piece.planes[0] if piece.planes else ()
    if not widest(plane):
        yield from note(piece, look, width, NOTHING)
        return
    shades = _shades(piece, [plane], look)
    above, below = list(legend(piece, shades, width)), list(note(piece, look, width))
    yield from above
    there = widest(plane)
    visible = cut(plane, width if shades.coloured else width // 2)
    times = times_in(len(visible), widest(visible), width, max(1, lines - len(above) - len(below)))
    yield from (clip(line, width) for line in shades.draw(visible, times))
    yield from omission(widest(visible), there, "columns", look, width)
    yield from below


@drawing
def grid(width: int, piece: TensorSlice, look: Look, *, lines: int = 24) -> Iterator[Text]:
    """The planes as numbered tiles on one scale, as many as fit ``lines`` lines, the first row of them in any case.

    For the kernels of a convolution and for feature maps.
    """
    planes: list[Plane] = [plane for plane in piece.planes if widest(plane)]
    if not planes:
        yield from note(piece, look, width, NOTHING)
        return
    shades = _shades(piece, planes, look)
    times, size, across, fit = _tiling(piece, planes, shades, width, lines)
    yield from legend(piece, shades, width)
    for start in range(0, min(fit, len(planes)), across):
        row = planes[start : min(fit, start + across)]
        yield from _tiles(row, piece.top + start, shades, times, size, width)
    yield from omission(min(fit, len(planes)), max(piece.tiles, len(planes)), "tiles", look, width)
    yield from note(piece, look, width)


def tiles(piece: TensorSlice, look: Look, width: int, lines: int) -> tuple[int, int]:
    """How many tiles of a grid stand beside each other, and how many :func:`grid` shows in ``lines`` lines."""
    planes: list[Plane] = [plane for plane in piece.planes if widest(plane)]
    if not planes:
        return 1, 1
    return _tiling(piece, planes, _shades(piece, planes, look), width, lines)[2:]


def _tiling(
    piece: TensorSlice, planes: list[Plane], shades: Shades, width: int, lines: int
) -> tuple[int, int, int, int]:
    """Of a grid: how often a value is magnified, cells of a tile, tiles in a row, tiles in ``lines`` lines."""
    rows, columns = max(map(len, planes)), max(map(widest, planes))
    times = times_in(rows, columns, width // 4, rows * TILES, TILES) if shades.coloured else 1
    size = max(columns * (times if shades.coloured else 2), len(f"{piece.top + len(planes)}"))
    across = max(1, (width + GAP) // (size + GAP))
    high = 1 + (-(-rows * times // 2) if shades.coloured else rows)
    around = len(list(legend(piece, shades, width))) + len(list(note(piece, shades.look, width))) + 1
    return times, size, across, max(1, (lines - around) // high) * across


def _shades(piece: TensorSlice, planes: Sequence[Plane], look: Look) -> Shades:
    """The scale of the whole tensor; of the means that are shown where many values became one: they lie closer."""
    low, high = (None, None) if many(piece) else (piece.low, piece.high)
    return Shades.of(low, high, planes, look)


def _tiles(planes: list[Plane], first: int, shades: Shades, times: int, size: int, width: int) -> Iterator[Text]:
    """One row of tiles with their numbers above them."""
    numbers = "".join(f"{first + place:<{size + GAP}}" for place in range(len(planes)))
    yield clip(Text(numbers.rstrip(), shades.look.dim_style), width)
    drawn = [shades.draw(cut(plane, width // (1 if shades.coloured else 2)), times) for plane in planes]
    for row in range(max(map(len, drawn))):
        line = Text()
        for place, tile in enumerate(drawn):
            line.append(" " * (place * (size + GAP) - line.cell_len))
            if row < len(tile):
                line.append_text(tile[row])
        yield clip(line, width)


def legend(piece: TensorSlice, shades: Shades, width: int) -> Iterator[Text]:
    """The scale; how many values a cell stands for; how many can't be shown by it. Two lines at most."""
    look = shades.look
    extra = Text()
    if block := many(piece):
        extra.append(f"a cell: {block}", look.dim_style)
    if piece.nans:
        extra.append("  " if extra else "").append(f"{look.hole} {piece.nans:,} NaN", look.loud_style)
    if piece.infs:
        extra.append("  " if extra else "").append(f"{piece.infs:,} infinite, at the ends", look.loud_style)
    line = shades.legend(width)
    if extra and line.cell_len + 3 + extra.cell_len > width:
        yield line
        yield clip(extra, width, look.more)
    else:
        yield line.append("   ").append_text(extra) if extra else line


def many(piece: TensorSlice) -> str:
    """``4 x 8 values``, where what is shown stands for more than one; empty where it doesn't."""
    rows, columns = piece.step
    if len(piece.shape) < 2:  # there its rows are lines of the wrapped vector
        return f"{columns:,} values" if columns > 1 else ""
    return f"{rows:,} x {columns:,} values" if rows > 1 or columns > 1 else ""


def note(piece: TensorSlice, look: Look, width: int, otherwise: str = "") -> Iterator[Text]:
    """The worker's note on what it left out; without one ``otherwise``."""
    if words := look.spell(piece.note) or otherwise:
        yield from hang("", Text(words, look.dim_style), width)
