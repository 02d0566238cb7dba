"""Parameters and their gradients side by side, and below them warnings in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from tutor.protocol.codec import Parameter, Parameters, ValueDistribution
from tutor.render.graph.outline import LIMIT, shorten_path
from tutor.render.tensor.histogram import merge_bins
from tutor.render.text.layout import Drawing, align, clip, hang, inline, span
from tutor.render.text.layout import number as exact
from tutor.render.text.style import Look

WIDE = 100
"""Columns from which on all figures of a parameter stand on one line."""
BARS = 8
"""Cells of a histogram's strip."""
NAMED = 3
"""Parameters that a sentence names."""
_NAME = 24
"""Cells for names and shapes below which fewer figures are shown."""
_SIDES = ("value", "gradient")
_CHOICES = (("norm", "range", "strip", "zeros"), ("norm", "strip"), ("norm",))
"""The figures of values and gradients, by the room there is."""

WORDS = {
    "vanishing": (
        "Vanishing: measured against the values, the gradient of {} is under 1/10,000 of what it is elsewhere. "
        "Steps that suit the others hardly move {}."
    ),
    "exploding": "Exploding: the gradient of {} is over 1,000 times as large as the values. A step replaces {}.",
    "bad": "The gradient of {} holds NaN or infinities: a step would spread them into the values.",
    "zero": "All of the gradient of {} is 0: a step changes nothing of {}.",
    "values": "There are NaN or infinities in the values of {}.",
}


def parameters(event: Parameters, look: Look, limit: int | None = LIMIT, key: str = "") -> Drawing:
    """A row for each parameter: norm and histogram of value and gradient; range and zeros where there is room.

    Args:
        event: what to draw.
        look: signs and styles.
        limit: the most lines; the table is cut, not the warnings. None: all rows, with all figures at any width.
        key: the key that shows all, as it is written for the learner.
    """

    def draw(width: int) -> Iterator[Text]:
        words = [line for sentence in warnings(event) for line in _warning_lines(sentence, look, width)]
        table = list(_tall(event, look, width) if limit is None and width < WIDE else _table(event, look, width))
        room = None if limit is None else max(4, limit - len(words))
        if room is None or len(table) <= room:
            yield from table
        else:
            yield from table[: room - 1]
            more = f"{look.more} {len(table) - room + 1 + event.hidden:,} more" + (f"; {key} shows all" if key else "")
            yield clip(Text(more, look.dim_style), width, look.more)
        yield from words

    return Drawing(draw)


def warnings(event: Parameters) -> Iterator[str]:
    """The warnings, a sentence for each kind; names in backticks."""
    for kind, sentence in WORDS.items():
        names = [row.name for row in event.rows if (row.value.bad if kind == "values" else row.note == kind)]
        if names:
            named = ", ".join(f"`{name}`" for name in names[:NAMED])
            if len(names) > NAMED:
                named += f" and {len(names) - NAMED} more"
            yield sentence.format(named, "it" if len(names) == 1 else "them")


def _warning_lines(sentence: str, look: Look, width: int) -> Iterator[Text]:
    return hang(Text(f"{look.broken} ", look.loud_style), inline(sentence, look), width)


# --- figures ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Figures:
    """The figures of a distribution, each in a column of its own."""

    norm: Text
    range: Text
    strip: Text
    zeros: Text

    def only(self, columns: Sequence[str]) -> list[Text]:
        return [getattr(self, column) for column in columns]


def number(value: float) -> str:
    """In three digits: a table is for comparing."""
    return exact(float(f"{value:.3g}"))


def _figures(values: ValueDistribution | None, look: Look, absent: str, loud: bool = False) -> _Figures:
    if values is None or values.low is None or values.high is None:
        words = absent if values is None else f"{look.broken} {values.bad:,} bad" if values.bad else "not read"
        style = look.loud_style if values is not None and values.bad else look.dim_style
        return _Figures(Text(words, style), Text(), Text(), Text())
    norm = Text(number(values.norm) if values.norm is not None else look.waits, look.loud_style if loud else "")
    range = span(values.low, values.high, look, number)
    share = f"{values.zeros:.0%} zero" if 0.005 < values.zeros < 1 else ""
    if values.bad:
        share = f"{look.broken} {values.bad:,} bad"
    style = look.loud_style if values.bad else look.dim_style
    return _Figures(norm, Text(range, look.dim_style), strip(values.histogram, look), Text(share, style))


def strip(histogram: Sequence[int], look: Look, cells: int = BARS) -> Text:
    """A histogram as blocks, in at most ``cells`` cells. What is empty is as low as a block can be."""
    if not histogram:
        return Text()
    counts = merge_bins(histogram, cells)
    top = max(counts) or 1
    levels = [0 if not count else max(1, round(count / top * (len(look.blocks) - 1))) for count in counts]
    return Text("".join(look.blocks[level] for level in levels))


@dataclass(frozen=True, slots=True)
class _Pair:
    value: _Figures
    gradient: _Figures


def _pair(row: Parameter, look: Look) -> _Pair:
    absent = "None" if row.trainable else "frozen"
    return _Pair(_figures(row.value, look, ""), _figures(row.grad, look, absent, loud=bool(row.note)))


# --- the table ----------------------------------------------------------------------------------------------------


def _table(event: Parameters, look: Look, width: int) -> Iterator[Text]:
    """One line for each parameter."""
    if not event.rows:
        return
    pairs = [_pair(row, look) for row in event.rows]
    heads = [_head(row, look, width) for row in event.rows]
    widest = max(head.cell_len for head in heads)
    for columns in _CHOICES[width < WIDE :]:
        cells = ([getattr(pair, side).only(columns) for pair in pairs] for side in _SIDES)
        gap = 2 if width >= WIDE else 1
        halves = [_Half.of(rows, side, gap, look) for rows, side in zip(cells, _SIDES, strict=True)]
        room = width - sum(half.width + 2 for half in halves)
        if room >= min(widest, _NAME):
            break
    edge = max(0, min(room, widest))
    yield clip(Text(" " * edge + "".join("  " + half.title for half in halves), look.dim_style), width)
    for place, row in enumerate(event.rows):
        yield from _gap(event, place, look)
        head = clip(_head(row, look, edge), edge, look.more)
        line = Text.assemble(head, " " * (edge - head.cell_len))
        for half in halves:
            line.append("  ").append_text(half.line(place))
        line.rstrip()
        yield clip(line, width, look.more)


@dataclass(frozen=True, slots=True)
class _Half:
    """The columns of the values, or of the gradients, under one title."""

    rows: Sequence[Sequence[Text]]
    sizes: Sequence[int]
    title: str
    """As wide as all of it."""
    gap: int

    @classmethod
    def of(cls, rows: Sequence[Sequence[Text]], side: str, gap: int, look: Look) -> _Half:
        sizes = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
        title = look.spell(f"‖{side}‖")
        return cls(rows, sizes, title.ljust(sum(size + gap for size in sizes if size) - gap), gap)

    @property
    def width(self) -> int:
        return len(self.title)

    def line(self, place: int) -> Text:
        line = align(self.rows[place], self.sizes, self.gap)
        return line.append(" " * (self.width - line.cell_len))


def _tall(event: Parameters, look: Look, width: int) -> Iterator[Text]:
    """Three lines for each parameter, for a narrow screen."""
    pairs = [_pair(row, look) for row in event.rows]
    cells = [getattr(pair, side).only(_CHOICES[0]) for pair in pairs for side in _SIDES]
    sizes = [max(cell.cell_len for cell in column) for column in zip(*cells, strict=True)]
    for place, (row, pair) in enumerate(zip(event.rows, pairs, strict=True)):
        yield from _gap(event, place, look)
        yield clip(_head(row, look, width), width, look.more)
        for side in _SIDES:
            figures = align(getattr(pair, side).only(_CHOICES[0]), sizes)
            line = Text.assemble((f"  {side:<8}", look.dim_style), "  ", figures)
            line.rstrip()
            yield clip(line, width, look.more)


def _gap(event: Parameters, place: int, look: Look) -> Iterator[Text]:
    """Where some were left out: in the middle."""
    if event.hidden and place == len(event.rows) // 2:
        yield Text(f"{look.more} {event.hidden:,} more", look.dim_style)


def _head(row: Parameter, look: Look, room: int) -> Text:
    signature = look.spell(row.what)
    name = shorten_path(look.spell(row.name), max(8, room - len(signature) - 2), look)
    return Text.assemble((name, look.name_style), "  ", (signature, look.dim_style))
