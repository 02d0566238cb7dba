"""A tensor as a picture: one channel in grey, three in colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from tutor.protocol.answers import TensorSlice
from tutor.render.tensor.heatmap import NOTHING, many, note
from tutor.render.tensor.shading import Pixel, Shades, cut, dense, halves, omission, runs, times_in, widest
from tutor.render.text.layout import clip, drawing, number
from tutor.render.text.style import Look

RED, GREEN, BLUE = 0.299, 0.587, 0.114
"""How bright each channel seems to the eye (ITU-R BT.601)."""
RAMP = 8
"""Steps between black and white that are shown, where signs stand for brightness."""


@drawing
def image(width: int, piece: TensorSlice, look: Look, *, lines: int = 24) -> Iterator[Text]:
    """One or three planes as an image, in half blocks or, with few colours, in signs; what black and white are above.

    Bytes reach from 0 to 255, floats from 0 to 1 or, where they show that they are meant so, to 255; any other
    range is stretched from the tensor's lowest value to its highest.
    """
    planes = piece.planes[: 3 if len(piece.planes) >= 3 else 1]
    there = widest(planes[0]) if planes else 0
    if not there:
        yield from note(piece, look, width, NOTHING)
        return
    low, high, stretched = span(piece)
    scale = Shades(low, high, False, look)
    facts = ["stretched"] if stretched else []
    if block := many(piece):
        facts.append(f"a pixel: {block}")
    if len(planes) == 3 and not scale.coloured:
        facts.append("brightness of 3 channels")
    yield _range(scale, facts, width)
    below = list(note(piece, look, width))
    visible = [cut(plane, width if scale.coloured else width // 2) for plane in planes]
    rows = [
        [_shares(values, scale) for values in zip(*lines_of, strict=True)] for lines_of in zip(*visible, strict=True)
    ]
    if scale.coloured:
        times = times_in(len(rows), widest(visible[0]), width, max(1, lines - 1 - len(below)))
        pixels = [[_pixel(shares) for shares in row for _ in range(times)] for row in rows for _ in range(times)]
        yield from (clip(line, width) for line in halves(pixels, look))
    else:
        yield from (clip(runs(_sign(shares, look) for shares in row), width) for row in rows)
    yield from omission(widest(visible[0]), there, "columns", look, width)
    yield from below


def span(piece: TensorSlice) -> tuple[float, float, bool]:
    """The values that are black and white, and whether the image was stretched to reach them."""
    low = 0.0 if piece.low is None else piece.low
    high = 1.0 if piece.high is None else piece.high
    if piece.dtype == "u8":
        return 0.0, 255.0, False
    if low >= 0 and high <= 1:
        return 0.0, 1.0, False
    if low >= 0 and 128 <= high <= 255:
        return 0.0, 255.0, False
    return low, high, True


def _range(scale: Shades, facts: Sequence[str], width: int) -> Text:
    """``black 0 ··░░▒▒▓▓██ white 1``, in one line."""
    look = scale.look
    line = Text.assemble((f"black {number(scale.low)}", look.dim_style))
    if scale.coloured:
        line.append(", ", look.dim_style)
    else:
        line.append(f" {''.join(dense(step / (RAMP - 1), look) for step in range(RAMP))} ")
    line.append(f"white {number(scale.high)}", look.dim_style)
    for fact in facts:
        line.append(f"  {fact}", look.dim_style)
    return clip(line, width, look.more)


def _shares(values: Sequence[float | None], scale: Shades) -> tuple[float, ...] | None:
    """Each channel from 0 to 1; None where one is NaN."""
    shares = [share for value in values if (share := scale.share(value)) is not None]
    return tuple(shares) if len(shares) == len(values) else None


def _pixel(shares: tuple[float, ...] | None) -> Pixel:
    if shares is None:
        return "hole"
    levels = [round(share * 255) for share in shares]
    return (levels[0], levels[1], levels[2]) if len(levels) == 3 else (levels[0],) * 3


def _sign(shares: tuple[float, ...] | None, look: Look) -> tuple[str, str]:
    if shares is None:
        return 2 * look.hole, look.loud_style
    bright = shares[0]
    if len(shares) == 3:
        bright = RED * shares[0] + GREEN * shares[1] + BLUE * shares[2]
    return dense(bright, look), ""
