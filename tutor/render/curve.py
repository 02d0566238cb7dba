"""Series over time as curves in a few lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from tutor.render import axes
from tutor.render.canvas import Canvas
from tutor.render.layout import Drawing, clip, hang, number
from tutor.render.look import Look
from tutor.runner.protocol import Bucket, Series

MARGIN = 4
"""Least cells left for a plot beside its labels; below that only the titles are drawn."""


def curve(
    series: Series | Sequence[Series],
    look: Look,
    height: int = 12,
    previous: Series | Sequence[Series] | None = None,
) -> Drawing:
    """One plot of one or more series, ``height`` lines in all; ``previous``, the run before, dotted behind.

    Every bucket is drawn from its lowest value to its highest, so that no spike is lost.
    """
    shown = (series,) if isinstance(series, Series) else tuple(series)
    past = () if previous is None else (previous,) if isinstance(previous, Series) else tuple(previous)
    lines = _lines(shown, past, look)

    def draw(width: int) -> Iterator[Text]:
        scale = _scale(lines)
        log = scale is not None and scale.log
        titles = [title for line in lines for title in _title(line, look, width, len(shown) > 1, log)]
        yield from titles
        if scale is None:
            yield Text("no finite values yet", look.dim_style)
        else:
            yield from _plot(lines, scale, look, width, max(3, height - len(titles) - 2))

    return Drawing(draw)


@dataclass(frozen=True, slots=True)
class _Line:
    """A series and how it is drawn."""

    series: Series
    style: str
    mark: str
    past: bool


def _lines(shown: Sequence[Series], past: Sequence[Series], look: Look) -> list[_Line]:
    made = [_Line(series, look.previous_style, ".", True) for series in past if series.buckets]
    for place, series in enumerate(shown):
        style = look.curve_styles[place % len(look.curve_styles)]
        made.append(_Line(series, style, str((place + 1) % 10) if len(shown) > 1 else "*", False))
    return made


def _finite(buckets: Sequence[Bucket]) -> list[tuple[Bucket, float, float, float]]:
    """The buckets that hold a finite value, each with its low, high and last."""
    return [
        (bucket, bucket.low, bucket.high, bucket.high if bucket.last is None else bucket.last)
        for bucket in buckets
        if bucket.low is not None and bucket.high is not None
    ]


def _scale(lines: Sequence[_Line]) -> axes.Scale | None:
    values = [value for line in lines for _, low, high, _ in _finite(line.series.buckets) for value in (low, high)]
    return axes.fitting(values) if values else None


def _title(line: _Line, look: Look, width: int, numbered: bool, log: bool) -> list[Text]:
    name, buckets = look.spell(line.series.name), line.series.buckets
    finite = _finite(buckets)
    made = Text()
    if line.past:
        made.append(f"{look.waits * 3} {name} of the run before", look.dim_style)
    else:
        made.append(f"{line.mark} " if numbered else "", line.style)
        made.append(name, look.title_style)
    if not finite:
        return [clip(made, width, look.more), *_not_finite(line, look, width)]
    last = finite[-1][3]
    low, high = min(entry[1] for entry in finite), max(entry[2] for entry in finite)
    made.append(f"  {number(last)}", look.dim_style if line.past else look.name_style)
    if not line.past:
        if log:
            made.append("  log scale", look.dim_style)
        count = buckets[-1].start + buckets[-1].count
        ending = f"after {count:,} step{'s' if count != 1 else ''}"
        if width >= 50:
            made = _with(made, ending, look, width)
        if low != high:
            made = _with(made, number(low) + look.to + number(high), look, width)
    return [clip(made, width, look.more), *_not_finite(line, look, width)]


def _not_finite(line: _Line, look: Look, width: int) -> Iterator[Text]:
    bad = [bucket for bucket in line.series.buckets if bucket.bad]
    if bad and not line.past:
        count, first = sum(bucket.bad for bucket in bad), bad[0]
        where = "at" if first.count == 1 else "near"
        words = f"{look.hole} {count:,} not finite (NaN or inf), the first {where} step {first.start:,}"
        yield from hang("", Text(words, look.loud_style), width)


def _with(title: Text, words: str, look: Look, width: int) -> Text:
    """``title`` with ``words`` behind it where they fit."""
    if title.cell_len + 2 + cell_len(words) <= width:
        title.append(f"  {words}", look.dim_style)
    return title


def _plot(lines: Sequence[_Line], scale: axes.Scale, look: Look, width: int, rows: int) -> Iterator[Text]:
    ticks = scale.ticks(max(2, rows // 2))
    up = Canvas.dots_up(ascii=look.ascii)  # a tick stands in the row that its dot would be in
    places = (round(scale.share(tick) * (rows * up - 1)) // up for tick in ticks)
    labels = dict(zip(places, scale.labels(ticks), strict=True))
    margin = max(map(len, labels.values()), default=0)
    columns = width - margin - 2 - (2 if _marked(lines) else 0)
    if columns < MARGIN:
        return
    last = [line.series.buckets[-1] for line in lines if line.series.buckets]
    across = axes.Scale(0, max(1, *(bucket.start + bucket.count - 1 for bucket in last)))
    canvas = Canvas(columns, rows, ascii=look.ascii)
    ends: list[tuple[int, _Line]] = []
    holes: set[int] = set()
    for line in lines:
        end = _draw(line, canvas, across, scale)
        if not line.past:
            holes |= _holes(line.series.buckets, across, columns)
            if end is not None and _marked(lines):
                ends.append((end, line))
    tags = _tags(ends, canvas)
    for row in reversed(range(rows)):
        label = labels.get(row, "")
        edge = look.tick if label else look.bar
        made = Text.assemble((f"{label:>{margin}} {edge}", look.dim_style), canvas.line_of(row))
        if row in tags:
            made.append(f" {tags[row].mark}", tags[row].style)
        yield made
    yield from _below(across, columns, margin, holes, look)


def _tags(ends: list[tuple[int, _Line]], canvas: Canvas) -> dict[int, _Line]:
    """Which curve's number stands at the end of which row: its own, or one nearby when that is taken."""
    tags: dict[int, _Line] = {}
    for end, line in sorted(ends, key=lambda pair: pair[0]):
        row = end // canvas.up
        for place in (*range(row, canvas.rows), *reversed(range(row))):
            if place not in tags:
                tags[place] = line
                break
    return tags


def _marked(lines: Sequence[_Line]) -> bool:
    """Whether the curves carry numbers at their ends."""
    return sum(not line.past for line in lines) > 1


def _holes(buckets: Sequence[Bucket], across: axes.Scale, columns: int) -> set[int]:
    """The columns of the axis under values that are not finite."""
    holes: set[int] = set()
    for bucket in buckets:
        if bucket.bad:
            first, after = (
                round(across.share(step) * (columns - 1)) for step in (bucket.start, bucket.start + bucket.count)
            )
            holes.update(range(first, max(first + 1, after)))
    return holes


def _column(bucket: Bucket, across: axes.Scale, columns: int) -> int:
    middle = bucket.start + (bucket.count - 1) / 2
    return round(across.share(middle) * (columns - 1))


def _draw(line: _Line, canvas: Canvas, across: axes.Scale, scale: axes.Scale) -> int | None:
    """Draw one curve; return the height in dots of its last value."""
    every = 3 if line.past and canvas.up > 1 else 2 if line.past else 1
    before: tuple[int, int] | None = None
    end = None
    for bucket in line.series.buckets:
        if bucket.low is None or bucket.high is None:
            before = None  # a gap where nothing was finite
            continue
        x = _column(bucket, across, canvas.width)
        last = bucket.high if bucket.last is None else bucket.last
        low, high, y = (round(scale.share(value) * (canvas.height - 1)) for value in (bucket.low, bucket.high, last))
        if before is not None:
            canvas.line(before, (x, min(max(before[1], low), high)), line.style, line.mark, every)
        if not line.past or x % every == 0:
            canvas.span(x, low, high, line.style, line.mark)
        before, end = (x, y), y
    return end


def _below(across: axes.Scale, columns: int, margin: int, holes: set[int], look: Look) -> Iterator[Text]:
    """The axis of steps, with the places of values that are not finite marked on it, and its labels."""
    ticks = [tick for tick in across.ticks(max(1, columns // 10)) if tick == round(tick)]
    places = {
        round(across.share(tick) * (columns - 1)): label for tick, label in zip(ticks, axes.steps(ticks), strict=True)
    }
    made = Text(" " * (margin + 1) + look.corner, look.dim_style)
    for column in range(columns):
        if column in holes:
            made.append(look.hole, look.loud_style)
        else:
            made.append(look.tick_below if column in places else look.rule, look.dim_style)
    yield made
    labels = ""
    for column, label in places.items():
        start = min(margin + 2 + max(0, column - len(label) // 2), margin + 2 + columns - len(label))
        if start >= len(labels) + 2 or not labels:
            labels = labels.ljust(start) + label
    if len(labels) + 6 <= margin + 2 + columns:
        labels = labels.ljust(margin + 2 + columns - 4) + "step"
    yield Text(labels, look.dim_style)
