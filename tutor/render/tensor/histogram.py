"""The distribution of a tensor's values: a histogram, and statistics in a line or two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from tutor.protocol.answers import TensorSlice
from tutor.render.text.layout import along, clip, drawing, glue, hang, join_parts, number, span
from tutor.render.text.style import Look

WIDE = 4
"""Cells that a bar is wide at most."""


@drawing
def statistics(width: int, piece: TensorSlice, look: Look) -> Iterator[Text]:
    """Name, dtype and shape; range, mean and standard deviation; share of zeros, NaN and infinities."""
    signature = f"{piece.dtype}[{','.join(map(str, piece.shape))}]"
    head = Text.assemble((look.spell(piece.name), look.name_style), "  ", look.spell(signature))
    words = []
    if piece.low is not None and piece.high is not None:
        words.append(span(piece.low, piece.high, look))
    if piece.mean is not None:
        words.append(f"mean {number(piece.mean)}")
    if piece.std is not None:
        words.append(f"std {number(piece.std)}")
    if piece.zeros:
        words.append(f"zeros {share(piece.zeros)}")
    bad = (f"{look.broken} {count:,} {word}" for count, word in ((piece.nans, "NaN"), (piece.infs, "inf")) if count)
    loud = (Text(glue(word, width), look.loud_style) for word in bad)
    figures = join_parts(Text("  ".join(glue(word, width) for word in words)), *loud)
    together = join_parts(head, figures)
    for line in [together] if together.cell_len <= width else filter(None, (head, figures)):
        yield from hang("", line, width)


def share(part: float) -> str:
    """A share in percent: ``0.02 %``, ``5 %``, ``99.9 %``; never 0 or 100 % of what is only nearly so."""
    percent = part * 100
    if percent in (0, 100):
        return f"{percent:.0f} %"
    if percent < 0.01:
        return "under 0.01 %"
    text = f"{percent:.2g}" if percent < 10 else f"{percent:.0f}"
    return f"{text} %" if float(text) < 100 else "over 99 %"


@drawing
def histogram(width: int, piece: TensorSlice, look: Look, height: int = 6) -> Iterator[Text]:
    """Counts of all finite values of the tensor as bars, ``height`` lines high without the axis below.

    The highest count stands at the top left. A step that holds any value has a bar, however small.
    """
    counts = piece.histogram
    if piece.low is None or piece.high is None:
        yield clip(Text("no finite values", look.dim_style), width, look.more)
        return
    most = f"{max(counts, default=0):,}"
    room = width - len(most) - 2
    if piece.low == piece.high or room < 4 or not any(counts):
        yield clip(Text(span(piece.low, piece.high, look), look.dim_style), width, look.more)
        return
    bars = merge_bins(counts, room)
    most = f"{max(bars):,}"
    each = max(1, min(WIDE, room // len(bars)))
    yield from _bars(bars, each, most, max(1, height), look)
    margin = len(most) + 2
    yield Text(" " * (margin - 1) + look.corner + look.rule * (each * len(bars)), look.dim_style)
    axis = _axis(piece.low, piece.high, margin, each * len(bars), width)
    yield clip(Text(axis, look.dim_style), width, look.more)


def merge_bins(counts: Sequence[int], room: int) -> list[int]:
    """The counts in at most ``room`` steps of equal width."""
    times = -(-len(counts) // max(1, room))
    return [sum(counts[start : start + times]) for start in range(0, len(counts), times)]


def _bars(bars: Sequence[int], each: int, most: str, height: int, look: Look) -> Iterator[Text]:
    fine = 1 if look.ascii else len(look.blocks)
    full = look.blocks[-1]
    highs = [max(1, round(count / max(bars) * height * fine)) if count else 0 for count in bars]
    for row in reversed(range(height)):
        label, edge = (most, look.tick) if row == height - 1 else ("", look.bar)
        line = Text.assemble((f"{label:>{len(most)}} {edge}", look.dim_style))
        for high in highs:
            part = min(fine, max(0, high - row * fine))
            sign = " " if not part else full if part == fine else look.blocks[part - 1]
            line.append(sign * each)
        yield line


def _axis(low: float, high: float, margin: int, size: int, width: int) -> str:
    """The range under the bars, with 0 where it lies inside and there is room."""
    left, right = number(low), number(high)
    room = min(width, margin + max(size, len(left) + 2 + len(right)))
    line = (" " * margin + left).ljust(room - len(right)) + right
    if low < 0 < high:
        zero = margin + min(size - 1, int(along(0, low, high) * size))
        if margin + len(left) < zero - 1 and zero + 1 < room - len(right):
            line = f"{line[:zero]}0{line[zero + 1 :]}"
    return line
