"""What was done on each day, as a map of weeks; and what is to come, as a row of bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from rich.text import Text

from tutor.render.text.layout import Drawing, clip
from tutor.render.text.style import Look

WEEKS = 53
"""Weeks shown where there is room."""
NAMES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STEPS = (1, 5, 10, 20)
"""From how many on a day is drawn in the next density: fixed, so that a day looks the same tomorrow."""
_DENSE, _DENSE_ASCII = "░▒▓█", "-+*#"
_GUTTER = 3
_CELL = 2


def heatmap(done: Mapping[date, int], today: date, look: Look) -> Drawing:
    """How much was done on each day: a column for each week, the latest on the right, from Monday down to Sunday."""

    def draw(width: int) -> Iterator[Text]:
        weeks = max(1, min(WEEKS, (width - _GUTTER) // _CELL))
        monday = today - timedelta(days=today.weekday())
        mondays = [monday - timedelta(weeks=back) for back in reversed(range(weeks))]
        yield Text(" " * _GUTTER + _months(mondays, width - _GUTTER), look.dim_style)
        for place, name in enumerate(NAMES):
            line = Text(name.ljust(_GUTTER), look.dim_style)
            for week in mondays:
                on = week + timedelta(days=place)
                if on <= today:
                    line.append(*_sign(done.get(on, 0), look)).append(" ")
            line.rstrip()
            yield line
        yield clip(_legend(look), width, look.more)

    return Drawing(draw)


def _months(mondays: Sequence[date], width: int) -> str:
    """The name of each month over its first whole week."""
    line = ""
    for place, week in enumerate(mondays):
        name = _MONTHS[week.month - 1]
        if week.day <= 7 and len(line) <= place * _CELL <= width - len(name):
            line = f"{line:<{place * _CELL}}{name} "
    return line.rstrip()


def _sign(done: int, look: Look) -> tuple[str, str]:
    step = sum(done >= least for least in _STEPS)
    if not step:
        return look.waits, look.dim_style
    return (_DENSE_ASCII if look.ascii else _DENSE)[step - 1], look.passed_style


def _legend(look: Look) -> Text:
    made = Text(" " * _GUTTER)
    for number in (0, *_STEPS):
        made.append(*_sign(number, look)).append(f" {number}{'+' if number == _STEPS[-1] else ''}  ")
    made.rstrip()
    return made
