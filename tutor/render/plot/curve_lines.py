"""The curves of a plot: series as they are drawn, and the legend above them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from rich.text import Text

from tutor.protocol.codec import Bucket, Series
from tutor.render.plot.canvas import Stroke
from tutor.render.text.counted import counted
from tutor.render.text.layout import clip, hang, number
from tutor.render.text.style import Look

MOST = 1024
"""Buckets of a series that are drawn; a terminal has fewer dots in a line."""
GAP = 3
"""Cells between two entries of a legend."""


@dataclass(frozen=True, slots=True)
class Line:
    """A series, and how it is drawn."""

    series: Series
    buckets: tuple[Bucket, ...]
    """Its own, or fewer that hold the same values."""
    stroke: Stroke
    mark: str
    """The number that tells it from the others, in the legend and at its end; empty where it is the only one."""
    ends: tuple[float, float] | None
    """Its lowest and its highest value; None where none is finite, as of the last one."""
    last: float | None

    @classmethod
    def of(cls, series: Series, stroke: Stroke, mark: str = "") -> Line:
        """A series drawn with ``stroke``."""
        buckets = merge_buckets(series.buckets)
        return cls(series, buckets, stroke, mark, reach(buckets), _last(buckets))

    @property
    def past(self) -> bool:
        """Whether it is of the run before."""
        return self.stroke.behind

    def extremes(self, until: float) -> Iterator[float]:
        """The lowest and the highest value of each bucket that begins by step ``until``."""
        for bucket in self.buckets:
            if bucket.start <= until and bucket.low is not None and bucket.high is not None:
                yield bucket.low
                yield bucket.high


def points(buckets: Sequence[Bucket]) -> int:
    """How many points there are in all of them."""
    return buckets[-1].start + buckets[-1].count if buckets else 0


def reach(buckets: Sequence[Bucket]) -> tuple[float, float] | None:
    """The lowest and the highest value; None where none is finite."""
    lows = [bucket.low for bucket in buckets if bucket.low is not None]
    highs = [bucket.high for bucket in buckets if bucket.high is not None]
    return (min(lows), max(highs)) if lows and highs else None


def ending(bucket: Bucket) -> float | None:
    """The last finite value of a bucket."""
    return bucket.high if bucket.last is None else bucket.last


def _last(buckets: Sequence[Bucket]) -> float | None:
    """The last finite value of several."""
    for bucket in reversed(buckets):
        if (value := ending(bucket)) is not None:
            return value
    return None


def merge_buckets(buckets: Sequence[Bucket], most: int = MOST) -> tuple[Bucket, ...]:
    """At most ``most`` buckets with the same lowest and highest values, at the same places."""
    if len(buckets) <= most:
        return tuple(buckets)
    size = -(-len(buckets) // most)
    lows, highs = ([*map(attrgetter(name), buckets)] for name in ("low", "high"))
    bads = [*map(attrgetter("bad"), buckets)] if any(map(attrgetter("bad"), buckets)) else []
    gaps = None in lows or None in highs
    merged = []
    for start in range(0, len(buckets), size):
        part = slice(start, start + size)
        run, low, high = buckets[part], lows[part], highs[part]
        if gaps:
            low, high = ([value for value in values if value is not None] for values in (low, high))
        ends = min(low, default=None), max(high, default=None), _last(run)
        merged.append(Bucket(run[0].start, points(run) - run[0].start, *ends, sum(bads[part])))
    return tuple(merged)


# --- the legend -----------------------------------------------------------------------------------------------


def legend(lines: Sequence[Line], look: Look, width: int, notes: Sequence[str] = ()) -> Iterator[Text]:
    """Names, last values, those of the run before; ``notes``; what else fits; and what was not finite."""
    current = [line for line in lines if not line.past]
    past = {line.series.name: line for line in lines if line.past}
    entries = [_entry(line, past.pop(line.series.name, None), look, width) for line in current]
    entries += [_past_entry(line, look) for line in past.values()]
    legend_lines = list(_flow([*entries, *(Text(note, look.dim_style) for note in notes)], look, width))
    for fact in _facts(current) if legend_lines else ():
        if legend_lines[-1].cell_len + GAP + len(fact) <= width:
            legend_lines[-1].append(" " * GAP).append(fact, look.dim_style)
    yield from legend_lines
    for line in current:
        yield from _not_finite(line, look, width)


def _entry(line: Line, before: Line | None, look: Look, width: int) -> Text:
    entry = Text.assemble((f"{line.mark} " if line.mark else "", line.stroke.style))
    entry.append(look.spell(line.series.name), look.title_style)
    if line.last is not None:
        entry.append(f"  {number(line.last)}", look.name_style)
    if before is not None and before.last is not None:
        same = before.series.buckets == line.series.buckets
        words = f"  {look.waits * 3} {'as before' if same else f'{number(before.last)} before'}"
        if entry.cell_len + len(words) <= width:  # half of a number would be a wrong one
            entry.append(words, look.dim_style)
    return entry


def _past_entry(line: Line, look: Look) -> Text:
    """A series that only the run before had."""
    last = f"  {number(line.last)}" if line.last is not None else ""
    return Text(f"{look.waits * 3} {look.spell(line.series.name)}{last} before", look.dim_style)


def _facts(current: Sequence[Line]) -> Iterator[str]:
    """The range of a single series, and how many points there are."""
    if len(current) == 1 and (ends := current[0].ends) and ends[0] != ends[1]:
        yield between(*ends)
    counts = {points(line.buckets) for line in current}
    if len(counts) == 1:
        count = counts.pop()
        unit = "number" if current[0].series.kind == "numbers" else "step"
        yield f"{'' if unit == 'number' else 'after '}{counted(count, unit)}"


def between(low: float, high: float) -> str:
    """A range in as few digits, from four on, as tell its ends apart."""
    for digits in range(4, 18):
        texts = [number(low), number(high)] if digits == 4 else [f"{low:.{digits}g}", f"{high:.{digits}g}"]
        if texts[0] != texts[1]:
            break
    return f"{texts[0]} to {texts[1]}"


def _flow(entries: Sequence[Text], look: Look, width: int) -> Iterator[Text]:
    """Entries one behind the other, as many in a line as fit."""
    line = Text()
    for entry in entries:
        if line and line.cell_len + GAP + entry.cell_len > width:
            yield line
            line = Text()
        if line:
            line.append(" " * GAP)
        line.append_text(clip(entry, width, look.more))
    if line:
        yield line


def _not_finite(line: Line, look: Look, width: int) -> Iterator[Text]:
    bad = [bucket for bucket in line.buckets if bucket.bad]
    if bad:
        count, first = sum(bucket.bad for bucket in bad), bad[0]
        where = "at" if first.bad == first.count else "near"
        whose = f" in {look.spell(line.series.name)}" if line.mark else ""
        words = f"{look.hole} {count:,} not finite (NaN or inf){whose}, the first {where} step {first.start:,}"
        yield from hang("", Text(words, look.loud_style), width)
