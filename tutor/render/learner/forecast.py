"""How many questions come due on the days ahead, as bars with their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from rich.text import Text

from tutor.render.learner.days import NAMES
from tutor.render.text.layout import Drawing
from tutor.render.text.style import Look

HEIGHT = 4
"""Lines of the highest bar."""
FULL = 20
"""Today's number up to which its bar grows: what is overdue must not make all other days look alike."""
_BAR = 2


def forecast(due: Sequence[int], today: date, look: Look) -> Drawing:
    """A bar for each day from ``today`` on, as many as the width has room for; the number above, the day below."""

    def draw(width: int) -> Iterator[Text]:
        size = max(3, *(len(str(number)) for number in due)) + 1
        shown = due[: max(1, width // size)]
        most = max(min(shown[0], FULL), *shown[1:], 0)
        if most:
            for line in reversed(range(HEIGHT)):
                bars = (_part(number / most * HEIGHT - line, look).rjust(size) for number in shown)
                yield Text("".join(bars).rstrip(), look.passed_style)
        yield Text("".join(f"{number:>{size}}" for number in shown), look.name_style)
        days = (NAMES[(today + timedelta(days=place)).weekday()] for place in range(len(shown)))
        yield Text("".join(f"{name:>{size}}" for name in days), look.dim_style)

    return Drawing(draw)


def _part(level: float, look: Look) -> str:
    """What a line shows of a bar that reaches ``level`` lines above the line's foot."""
    if level <= 0:
        return ""
    if look.ascii:
        return "#" * _BAR if level >= 0.5 else ""
    step = round(min(1.0, level) * len(look.blocks))
    return look.blocks[max(0, step - 1)] * _BAR
