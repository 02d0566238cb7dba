"""Progress on the command line: chapters as a table, days as a heat map of weeks, reviews to come as bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rich.text import Text

from tutor.render.text.layout import clip, drawing
from tutor.render.text.markdown import spans
from tutor.render.text.style import Look

_COLUMNS = ("passed", "revealed", "skipped", "begun", "new")
_BAR = 10
"""Cells of a chapter's bar."""
_TITLE = (8, 30)
"""Cells of the titles: at least, at most."""
_NARROW = 60
"""Cells below which columns stand closer."""


@dataclass(frozen=True, slots=True)
class ChapterProgress:
    """One chapter, and how many of its lessons stand how: ``passed``, ``revealed``, ``skipped``, ``begun``, ``new``."""

    title: str
    counts: Mapping[str, int]


@drawing
def progress(width: int, rows: Sequence[ChapterProgress], look: Look) -> Iterator[Text]:
    """A line for each chapter and one for all; zeros are left blank."""
    total = ChapterProgress("All", {name: sum(row.counts.get(name, 0) for row in rows) for name in _COLUMNS})
    sizes = {name: max(len(name), len(str(total.counts[name]))) for name in _COLUMNS}
    gap = " " if width < _NARROW else "  "
    numbers = sum(size + len(gap) for size in sizes.values())
    bar = _BAR if width >= _TITLE[0] + numbers + _BAR + len(gap) else 0
    title = max(_TITLE[0], min(_TITLE[1], width - numbers - (bar and bar + len(gap))))

    def table_line(name: Text, done: Text, cells: Mapping[str, str], style: str) -> Text:
        name = clip(name, title, look.more)
        line = Text.assemble(name, " " * (title - name.cell_len))
        if bar:
            line.append(gap).append_text(done)
        for column, size in sizes.items():
            line.append(f"{gap}{cells[column]:>{size}}", look.passed_style if column == "passed" else style)
        line.rstrip()
        return clip(line, width, look.more)

    yield table_line(Text(), Text(" " * bar), {name: name for name in _COLUMNS}, look.dim_style)
    for row in (*rows, total):
        cells = {name: str(row.counts.get(name) or "") for name in _COLUMNS}
        yield table_line(spans(row.title, look, look.title_style), _passed_bar(row, look), cells, "")


def _passed_bar(row: ChapterProgress, look: Look) -> Text:
    """The share that is passed; full only when all is."""
    full = _BAR * row.counts.get("passed", 0) // max(1, sum(row.counts.values()))
    return Text.assemble((look.blocks[-1] * full, look.passed_style), (look.waits * (_BAR - full), look.dim_style))


# --- the days ---

WEEKS = 53
"""Weeks shown where there is room."""
_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STEPS = (1, 5, 10, 20)
"""From how many on a day is drawn in the next density: fixed, so that a day looks the same tomorrow."""
_DENSE, _DENSE_ASCII = "░▒▓█", "-+*#"
_GUTTER = 3
"""Cells of a weekday's name."""
_WEEK = 2
"""Cells of a week's column."""


@drawing
def activity_heatmap(width: int, done: Mapping[date, int], today: date, look: Look) -> Iterator[Text]:
    """How much was done on each day: a column for each week, the latest on the right, from Monday down to Sunday."""
    weeks = max(1, min(WEEKS, (width - _GUTTER) // _WEEK))
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=back) for back in reversed(range(weeks))]
    yield Text(" " * _GUTTER + _months(mondays, width - _GUTTER), look.dim_style)
    for place, name in enumerate(_WEEKDAYS):
        line = Text(name.ljust(_GUTTER), look.dim_style)
        for week in mondays:
            on = week + timedelta(days=place)
            if on <= today:
                line.append(*_day_sign(done.get(on, 0), look)).append(" ")
        line.rstrip()
        yield line
    yield clip(_heatmap_legend(look), width, look.more)


def _months(mondays: Sequence[date], width: int) -> str:
    """The name of each month over its first whole week."""
    line = ""
    for place, week in enumerate(mondays):
        name = _MONTHS[week.month - 1]
        if week.day <= 7 and len(line) <= place * _WEEK <= width - len(name):
            line = f"{line:<{place * _WEEK}}{name} "
    return line.rstrip()


def _day_sign(done: int, look: Look) -> tuple[str, str]:
    step = sum(done >= least for least in _STEPS)
    if not step:
        return look.waits, look.dim_style
    return (_DENSE_ASCII if look.ascii else _DENSE)[step - 1], look.passed_style


def _heatmap_legend(look: Look) -> Text:
    legend = Text(" " * _GUTTER)
    for number in (0, *_STEPS):
        legend.append(*_day_sign(number, look)).append(f" {number}{'+' if number == _STEPS[-1] else ''}  ")
    legend.rstrip()
    return legend


# --- the reviews to come ---

_FORECAST_HEIGHT = 4
"""Lines of the highest bar."""
_FULL = 20
"""Today's number up to which its bar grows: what is overdue must not make all other days look alike."""
_DAY_BAR = 2


@drawing
def forecast(width: int, due: Sequence[int], today: date, look: Look) -> Iterator[Text]:
    """A bar for each day from ``today`` on, as many as the width has room for; the number above, the day below."""
    size = max(3, *(len(str(number)) for number in due)) + 1
    counts = due[: max(1, width // size)]
    most = max(min(counts[0], _FULL), *counts[1:], 0)
    if most:
        for line in reversed(range(_FORECAST_HEIGHT)):
            bars = (_bar_line(number / most * _FORECAST_HEIGHT - line, look).rjust(size) for number in counts)
            yield Text("".join(bars).rstrip(), look.passed_style)
    yield Text("".join(f"{number:>{size}}" for number in counts), look.name_style)
    days = (_WEEKDAYS[(today + timedelta(days=place)).weekday()] for place in range(len(counts)))
    yield Text("".join(f"{name:>{size}}" for name in days), look.dim_style)


def _bar_line(level: float, look: Look) -> str:
    """One line of a bar that reaches ``level`` lines above the line's foot."""
    if level <= 0:
        return ""
    if look.ascii:
        return "#" * _DAY_BAR if level >= 0.5 else ""
    step = round(min(1.0, level) * len(look.blocks))
    return look.blocks[max(0, step - 1)] * _DAY_BAR
