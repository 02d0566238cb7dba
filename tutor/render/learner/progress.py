"""How far one has come, chapter by chapter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from tutor.render.text.layout import Drawing, clip
from tutor.render.text.markdown import spans
from tutor.render.text.style import Look

_COLUMNS = ("passed", "revealed", "skipped", "begun", "new")
_BAR = 10
_TITLE = (8, 30)
"""Cells of the titles: at least, at most."""
_NARROW = 60
"""Cells below which columns stand closer."""


@dataclass(frozen=True, slots=True)
class Row:
    """One chapter, and how many of its lessons stand how: ``passed``, ``revealed``, ``skipped``, ``begun``, ``new``."""

    title: str
    counts: Mapping[str, int]


def progress(rows: Sequence[Row], look: Look) -> Drawing:
    """A line for each chapter and one for all; what there is none of is left blank."""
    total = Row("All", {name: sum(row.counts.get(name, 0) for row in rows) for name in _COLUMNS})
    sizes = {name: max(len(name), len(str(total.counts[name]))) for name in _COLUMNS}

    def draw(width: int) -> Iterator[Text]:
        gap = " " if width < _NARROW else "  "
        numbers = sum(size + len(gap) for size in sizes.values())
        bar = _BAR if width >= _TITLE[0] + numbers + _BAR + len(gap) else 0
        title = max(_TITLE[0], min(_TITLE[1], width - numbers - (bar and bar + len(gap))))

        def line(name: Text, done: Text, cells: Mapping[str, str], style: str) -> Text:
            name = clip(name, title, look.more)
            made = Text.assemble(name, " " * (title - name.cell_len))
            if bar:
                made.append(gap).append_text(done)
            for column, size in sizes.items():
                made.append(f"{gap}{cells[column]:>{size}}", look.passed_style if column == "passed" else style)
            made.rstrip()
            return clip(made, width, look.more)

        yield line(Text(), Text(" " * bar), {name: name for name in _COLUMNS}, look.dim_style)
        for row in (*rows, total):
            cells = {name: str(row.counts.get(name) or "") for name in _COLUMNS}
            yield line(spans(row.title, look, look.title_style), _bar(row, look), cells, "")

    return Drawing(draw)


def _bar(row: Row, look: Look) -> Text:
    """The share that is passed; full only when all is."""
    full = _BAR * row.counts.get("passed", 0) // max(1, sum(row.counts.values()))
    return Text.assemble((look.blocks[-1] * full, look.passed_style), (look.waits * (_BAR - full), look.dim_style))
