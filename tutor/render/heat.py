"""Matrices as heat maps: one, or several as a row of tiles, by value on one scale."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from tutor.render.layout import Drawing, clip, hang
from tutor.render.look import Look
from tutor.render.shades import Plane, Shades, cut, left_out, times_in, widest
from tutor.runner.answers import Piece

GAP = 2
"""Cells between two tiles."""
TILES = 3
"""Times that a value of a tile is magnified at most: a kernel of 3x3 is 9 cells wide then, and 5 lines high."""


def heat(piece: Piece, look: Look, *, lines: int = 24) -> Drawing:
    """The first plane as a heat map with its scale above; a small one is magnified to use ``lines`` lines.

    In colours each value is a cell wide and half a line high at least, in signs two cells by a line. Its scale
    is that of the whole tensor, with 0 in the middle where values have both signs.
    """

    def draw(width: int) -> Iterator[Text]:
        plane = piece.planes[0] if piece.planes else ()
        if not widest(plane):
            yield from nothing(piece, look, width)
            return
        shades = Shades.of(piece.low, piece.high, piece.planes, look)
        above = list(legend(piece, shades, width))
        yield from above
        there = widest(plane)
        shown = cut(plane, width if shades.coloured else width // 2)
        times = times_in(len(shown), widest(shown), width, max(1, lines - len(above)))
        yield from (clip(line, width) for line in shades.drawn(shown, times))
        yield from left_out(widest(shown), there, "columns", look, width)
        yield from note(piece, look, width)

    return Drawing(draw)


def grid(piece: Piece, look: Look, *, first: int = 0, lines: int | None = None) -> Drawing:
    """The planes as numbered tiles on one scale, as many as fit ``lines`` lines; ``first`` is the number of the first.

    For the kernels of a convolution and for feature maps.
    """

    def draw(width: int) -> Iterator[Text]:
        planes: list[Plane] = [plane for plane in piece.planes if widest(plane)]
        if not planes:
            yield from nothing(piece, look, width)
            return
        shades = Shades.of(piece.low, piece.high, planes, look)
        yield from legend(piece, shades, width)
        rows, columns = max(map(len, planes)), max(map(widest, planes))
        times = times_in(rows, columns, width // 4, rows * TILES, TILES) if shades.coloured else 1
        size = max(columns * (times if shades.coloured else 2), len(f"{first + len(planes)}"))
        across = max(1, (width + GAP) // (size + GAP))
        high = -(-rows * times // 2) if shades.coloured else rows
        fit = len(planes) if lines is None else max(1, (lines - 3) // (high + 1)) * across
        for start in range(0, min(fit, len(planes)), across):
            row = planes[start : min(fit, start + across)]
            yield from _tiles(row, first + start, shades, times, size, width)
        yield from left_out(min(fit, len(planes)), max(piece.tiles, len(planes)), "tiles", look, width)
        yield from note(piece, look, width)

    return Drawing(draw)


def _tiles(planes: list[Plane], first: int, shades: Shades, times: int, size: int, width: int) -> Iterator[Text]:
    """One row of tiles with their numbers above them."""
    numbers = "".join(f"{first + place:<{size + GAP}}" for place in range(len(planes)))
    yield clip(Text(numbers.rstrip(), shades.look.dim_style), width)
    drawn = [shades.drawn(cut(plane, width // (1 if shades.coloured else 2)), times) for plane in planes]
    for row in range(max(map(len, drawn))):
        line = Text()
        for place, tile in enumerate(drawn):
            line.append(" " * (place * (size + GAP) - line.cell_len))
            if row < len(tile):
                line.append_text(tile[row])
        yield clip(line, width)


def legend(piece: Piece, shades: Shades, width: int) -> Iterator[Text]:
    """The scale, and how many values it can't show."""
    look = shades.look
    line = shades.legend(width)
    words = []
    if piece.nans:
        words.append(f"{look.hole} {piece.nans:,} NaN")
    if piece.infs:
        words.append(f"{piece.infs:,} infinite, at the ends")
    bad = Text("  ".join(words), look.loud_style)
    if not bad:
        yield line
    elif line.cell_len + 3 + bad.cell_len <= width:
        yield line.append("   ").append_text(bad)
    else:
        yield line
        yield from hang("", bad, width)


def nothing(piece: Piece, look: Look, width: int) -> Iterator[Text]:
    """Why there is nothing to draw."""
    yield from hang("", Text(look.spell(piece.note) or "no values to show", look.dim_style), width)


def note(piece: Piece, look: Look, width: int) -> Iterator[Text]:
    """What was left out, in the worker's words."""
    if piece.note:
        yield from hang("", Text(look.spell(piece.note), look.dim_style), width)
