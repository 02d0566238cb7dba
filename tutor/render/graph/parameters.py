"""Parameters and their gradients side by side, and below them warnings in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from tutor.protocol.codec import Parameter, Parameters, ValueDistribution
from tutor.render.graph.outline import LIMIT, shorten_path
from tutor.render.tensor.histogram import merge_bins
from tutor.render.text.layout import align, clip, column_sizes, drawing, hang, inline, span
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


@drawing
def parameters(width: int, event: Parameters, look: Look, limit: int | None = LIMIT, key: str = "") -> Iterator[Text]:
    """A row for each parameter: norm and histogram of value and gradient; range and zeros where there is room.

    Args:
        width: the cells of a line.
        event: what to draw.
        look: signs and styles.
        limit: the most lines; the table is cut, not the warnings. None: all rows, with all figures at any width.
        key: the key that shows all, as it is written for the learner.
    """
    sign = Text(f"{look.broken} ", look.loud_style)
    words = [line for sentence in warnings(event) for line in hang(sign, inline(sentence, look), width)]
    table = list(_tall(event, look, width) if limit is None and width < WIDE else _table(event, look, width))
    room = None if limit is None else max(4, limit - len(words))
    if room is None or len(table) <= room:
        yield from table
    else:
        yield from table[: room - 1]
        more = f"{look.more} {len(table) - room + 1 + event.hidden:,} more" + (f"; {key} shows all" if key else "")
        yield clip(Text(more, look.dim_style), width, look.more)
    yield from words


def warnings(event: Parameters) -> Iterator[str]:
    """The warnings, a sentence for each kind; names in backticks."""
    for kind, sentence in WORDS.items():
        names = [row.name for row in event.rows if (row.value.bad if kind == "values" else row.note == kind)]
        if names:
            named = ", ".join(f"`{name}`" for name in names[:NAMED])
            if len(names) > NAMED:
                named += f" and {len(names) - NAMED} more"
            yield sentence.format(named, "it" if len(names) == 1 else "them")


# --- figures ------------------------------------------------------------------------------------------------------


def number(value: float) -> str:
    """In three digits: a table is for comparing."""
    return exact(float(f"{value:.3g}"))


def _figures(values: ValueDistribution | None, look: Look, absent: str, loud: bool = False) -> dict[str, Text]:
    """The figures of a distribution by their columns."""
    if values is None or values.low is None or values.high is None:
        words = absent if values is None else f"{look.broken} {values.bad:,} bad" if values.bad else "not read"
        style = look.loud_style if values is not None and values.bad else look.dim_style
        return {"norm": Text(words, style), "range": Text(), "strip": Text(), "zeros": Text()}
    share = f"{values.zeros:.0%} zero" if 0.005 < values.zeros < 1 else ""
    if values.bad:
        share = f"{look.broken} {values.bad:,} bad"
    return {
        "norm": Text(number(values.norm) if values.norm is not None else look.waits, look.loud_style if loud else ""),
        "range": Text(span(values.low, values.high, look, number), look.dim_style),
        "strip": strip(values.histogram, look),
        "zeros": Text(share, look.loud_style if values.bad else look.dim_style),
    }


def strip(histogram: Sequence[int], look: Look, cells: int = BARS) -> Text:
    """A histogram as blocks, in at most ``cells`` cells. What is empty is as low as a block can be."""
    if not histogram:
        return Text()
    counts = merge_bins(histogram, cells)
    top = max(counts) or 1
    levels = [0 if not count else max(1, round(count / top * (len(look.blocks) - 1))) for count in counts]
    return Text("".join(look.blocks[level] for level in levels))


def _sides(row: Parameter, look: Look) -> dict[str, dict[str, Text]]:
    """The figures of a parameter's values, and those of its gradient."""
    absent = "None" if row.trainable else "frozen"
    return {"value": _figures(row.value, look, ""), "gradient": _figures(row.grad, look, absent, loud=bool(row.note))}


# --- the table ----------------------------------------------------------------------------------------------------


def _table(event: Parameters, look: Look, width: int) -> Iterator[Text]:
    """One line for each parameter."""
    if not event.rows:
        return
    pairs = [_sides(row, look) for row in event.rows]
    widest = max(_head(row, look, width).cell_len for row in event.rows)
    for columns in _CHOICES[width < WIDE :]:
        rows = {side: [[pair[side][column] for column in columns] for pair in pairs] for side in _SIDES}
        halves = [_half(rows[side], side, 2 if width >= WIDE else 1, look) for side in _SIDES]
        room = width - sum(half[0].cell_len + 2 for half in halves)
        if room >= min(widest, _NAME):
            break
    edge = max(0, min(room, widest))
    titles, *lines = (Text("  ").join(pair) for pair in zip(*halves, strict=True))
    yield clip(Text.assemble(" " * (edge + 2), titles), width)
    for place, (row, figures) in enumerate(zip(event.rows, lines, strict=True)):
        yield from _gap(event, place, look)
        head = clip(_head(row, look, edge), edge, look.more)
        line = Text.assemble(head, " " * (edge - head.cell_len + 2), figures)
        line.rstrip()
        yield clip(line, width, look.more)


def _half(rows: Sequence[Sequence[Text]], side: str, gap: int, look: Look) -> list[Text]:
    """The columns of the values, or of the gradients, below their title: lines of one width."""
    sizes = column_sizes(rows)
    lines = [Text(look.spell(f"‖{side}‖"), look.dim_style), *(align(cells, sizes, gap) for cells in rows)]
    width = max(line.cell_len for line in lines)
    for line in lines:
        line.pad_right(width - line.cell_len)
    return lines


def _tall(event: Parameters, look: Look, width: int) -> Iterator[Text]:
    """Three lines for each parameter, for a narrow screen."""
    rows = [list(figures.values()) for row in event.rows for figures in _sides(row, look).values()]
    sizes = column_sizes(rows)
    for place, row in enumerate(event.rows):
        yield from _gap(event, place, look)
        yield clip(_head(row, look, width), width, look.more)
        for side, cells in zip(_SIDES, rows[2 * place :], strict=False):
            line = Text.assemble((f"  {side:<8}", look.dim_style), "  ", align(cells, sizes))
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
