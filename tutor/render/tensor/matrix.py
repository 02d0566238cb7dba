"""A window of a matrix as numbers in aligned columns, and how many values any drawing of a tensor has room for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Literal

from rich.text import Text

from tutor.protocol.answers import TensorSlice
from tutor.render.tensor.heatmap import NOTHING, note
from tutor.render.tensor.shading import in_colours, widest
from tutor.render.text.layout import clip, drawing, number
from tutor.render.text.style import Look

LARGE, SMALL, SPREAD = 1e5, 1e-3, 1e4
"""Where the largest value lies beyond LARGE or SMALL, all share an exponent, unless the smallest is more than SPREAD
times smaller: then each has its own."""
TILE = 16
"""Cells that a tile of a grid is wide at most."""
NUMBER = 10
"""Cells that a number takes with the space before it, mostly; columns that don't fit are left out."""
AROUND = {"values": 3, "map": 2, "image": 1, "grid": 4}
"""Lines that a drawing needs besides its values: scale, indices, what is shown."""


def window_size(
    how: Literal["values", "map", "image", "grid"], columns: int, lines: int, look: Look
) -> tuple[int, int]:
    """How many rows and columns of values a drawing can show in ``columns`` by ``lines`` cells: at least 1 by 1.

    A :class:`tutor.protocol.requests.ReadTensor` asks for so many; of a grid it is the size of one tile.
    """
    lines = max(1, lines - AROUND[how])
    if how == "values":
        return lines, max(1, (columns - 6) // NUMBER)
    rows, across = (2 * lines, max(1, columns)) if in_colours(look) else (lines, max(1, columns // 2))
    if how == "grid":
        side = TILE if in_colours(look) else TILE // 2
        return min(side, rows), min(side, across)
    return rows, across


@drawing
def values(width: int, piece: TensorSlice, look: Look) -> Iterator[Text]:
    """The first plane as numbers, beside the index of each row and below that of each column.

    A vector is wrapped: its rows begin with the index of their first element, the columns count on from there.
    Columns that don't fit are left out, and the last line says which are shown. NaN and inf stand out. Zeros are
    written ``0``, so that they aren't taken for numbers that are merely small.
    """
    plane = piece.planes[0] if piece.planes else ()
    if not widest(plane):
        yield from note(piece, look, width, NOTHING)
        return
    texts, power = format_plane(plane)
    rows = [f"{piece.top + place * piece.step[0]}" for place in range(len(plane))]
    heads = [f"{piece.left + place * piece.step[1]}" for place in range(widest(plane))]
    gutter = max(map(len, rows))
    across: list[int] = []
    used = gutter + 2
    for column, head in enumerate(heads):
        size = max(len(head), *(len(row[column]) for row in texts if column < len(row)))
        used += size + 2
        if across and used > width:
            break
        across.append(size)
    if power:
        yield clip(Text(f"all times 1e{power}", look.dim_style), width, look.more)
    above = "".join(f"  {head:>{size}}" for head, size in zip(heads, across, strict=False))
    yield clip(Text(" " * (gutter + 2) + above, look.dim_style), width)
    for index, row in zip(rows, texts, strict=True):
        line = Text.assemble((f"{index:>{gutter}} {look.bar}", look.dim_style))
        for text, size in zip(row, across, strict=False):
            line.append(f"  {text:>{size}}", look.loud_style if text in _BAD else "")
        yield clip(line, width, look.more)
    yield clip(Text(_where(piece, len(across)), look.dim_style), width, look.more)
    yield from note(piece, look, width)


_BAD = ("NaN", "inf", "-inf")


def _where(piece: TensorSlice, column_count: int) -> str:
    """``rows 0 to 9 of 512, columns 0 to 7 of 784``; of a vector ``elements 0 to 79 of 1,000``."""
    plane, (down, right) = piece.planes[0], piece.step
    every = f", every {right:,}" if right > 1 else ""
    if len(piece.shape) < 2:
        count = sum(len(row) for row in plane) if column_count >= widest(plane) else column_count
        size = piece.shape[0] if piece.shape else 1
        return _part("elements", piece.top, count, right, size) + every
    rows = _part("rows", piece.top, len(plane), down, piece.shape[-2])
    columns = _part("columns", piece.left, column_count, right, piece.shape[-1])
    return f"{rows}, {columns}{every}"


def _part(noun: str, first: int, count: int, step: int, size: int) -> str:
    if count * step >= size:
        return f"{size:,} {noun if size != 1 else noun[:-1]}"
    return f"{noun} {first:,} to {first + (count - 1) * step:,} of {size:,}"


def format_plane(plane: Sequence[Sequence[float | None]]) -> tuple[list[list[str]], int]:
    """Each value as text, and the power of ten that all are to be multiplied by."""
    sizes = [abs(v) for row in plane for v in row if v is not None and math.isfinite(v) and v]
    whole = all(size == int(size) for size in sizes)
    largest, smallest = max(sizes, default=1.0), min(sizes, default=1.0)
    power = 0
    write: Callable[[float], str] = "{:.4f}".format
    if whole and largest < 1e15:
        write = "{:.0f}".format
    elif smallest < largest / SPREAD:
        write = number
    elif largest >= LARGE or largest < SMALL:
        power = math.floor(math.log10(largest))
    return [[_text(value, power, write) for value in row] for row in plane], power


def _text(value: float | None, power: int, write: Callable[[float], str]) -> str:
    if value is None or math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if not value:
        return "0"
    # Divided as a decimal: the power of ten itself may be too small for a float.
    return write(float(Decimal(value).scaleb(-power)) if power else value)
