"""Outlines: rows in aligned columns, some of which hold others that are folded away."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace

from rich.cells import cell_len, chop_cells
from rich.text import Text

from tutor.render.text.layout import clip
from tutor.render.text.style import Look

OpenFolds = Container[int] | bool
"""Which folds are open, by their :attr:`OutlineRow.key`; True: all."""
LIMIT = 14
"""Lines that a drawing takes in a column of results."""
_GAP = 2
_LEAST = 12
"""Cells that a name keeps, however long it is."""


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """One line of an outline."""

    key: int
    """The node or layer that it stands for: its index in the event. A row that folds others has a key of its own."""
    lead: str = ""
    """Branches and signs before the name."""
    name: str = ""
    description: str = ""
    """Follows the name in the same column."""
    cells: tuple[Text, ...] = ()
    """The columns after that."""
    fold: bool = False
    """It can be opened and closed."""
    open: bool = False
    remark: Text = field(default_factory=Text)
    """Stands at the end where there is room for the remarks of all rows; nothing gives way to it."""


def fold_row(row: OutlineRow, open: OpenFolds) -> OutlineRow:
    """``row`` as one that folds others, with the sign of that behind its lead."""
    unfolded = open if isinstance(open, bool) else row.key in open
    return replace(row, lead=f"{row.lead}{'▾' if unfolded else '▸'} ", fold=True, open=unfolded)


def lines(rows: Sequence[OutlineRow], look: Look, width: int) -> list[Text]:
    """Exactly one line for each row. Where it is too narrow, names lose their beginning, and last the line its end."""
    columns = max((len(row.cells) for row in rows), default=0)
    widest = max(_LEAST, width // 3)
    sizes = [min(widest, max((_size(row, place) for row in rows), default=0)) for place in range(columns)]
    room = width - sum(size + _GAP for size in sizes if size)
    heads = [_head(row, look, max(room, min(width, _LEAST + cell_len(row.lead)))) for row in rows]
    first = min(max((head.cell_len for head in heads), default=0), max(room, 0))
    drawn = [
        clip(_line(head, row, sizes, first, look.more), width, look.more) for head, row in zip(heads, rows, strict=True)
    ]
    edge = first + sum(size + _GAP for size in sizes if size) + _GAP
    if edge + max((row.remark.cell_len for row in rows), default=0) <= width:
        for line, row in zip(drawn, rows, strict=True):
            if row.remark:
                line.append(" " * (edge - line.cell_len)).append_text(row.remark)
    return drawn


def limit_lines(rows: Sequence[OutlineRow], look: Look, width: int, limit: int, key: str) -> Iterator[Text]:
    """At most ``limit`` lines; the last then says how many rows there are more, and that ``key`` shows them."""
    if len(rows) <= limit:
        yield from lines(rows, look, width)
        return
    yield from lines(rows[: limit - 1], look, width)
    words = f"{look.more} {len(rows) - limit + 1:,} more lines" + (f"; {key} shows all" if key else "")
    yield clip(Text(words, look.dim_style), width, look.more)


def shorten_path(name: str, room: int, look: Look) -> str:
    """A path in ``room`` cells: its first parts by their first letter, ``e.l.0.attn.weight``, then without them."""
    parts = name.split(".")
    for place, part in enumerate(parts[:-1]):
        if cell_len(".".join(parts)) <= room:
            break
        parts[place] = part if part.isdigit() else part[:1]
    short = ".".join(parts)
    if cell_len(short) <= room:
        return short
    return look.more + chop_cells(short[::-1], max(1, room - cell_len(look.more)))[0][::-1]


def _size(row: OutlineRow, place: int) -> int:
    return row.cells[place].cell_len if place < len(row.cells) else 0


def _head(row: OutlineRow, look: Look, room: int) -> Text:
    lead, name, description = look.spell(row.lead), look.spell(row.name), look.spell(row.description)
    gap = "  " if name and description else ""
    name = shorten_path(name, max(_LEAST, room - cell_len(lead + gap + description)), look)
    return Text.assemble((lead, look.dim_style), (name, look.name_style), gap, description)


def _line(head: Text, row: OutlineRow, sizes: Sequence[int], first: int, more: str) -> Text:
    line = head.copy()
    edge = first
    for cell, size in zip(row.cells, sizes, strict=False):
        if size:
            if cell:
                line.append(" " * max(_GAP, edge + _GAP - line.cell_len)).append_text(clip(cell, size, more))
            edge += size + _GAP
    return line
