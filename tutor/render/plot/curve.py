"""Series over time as curves in a few lines of text; those of one kind share a plot.

plotext was tried: its import takes 286 ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from tutor.protocol.codec import Bucket, Series
from tutor.render.plot import axes
from tutor.render.plot.canvas import Canvas, Stroke
from tutor.render.plot.curve_lines import Line, ending, legend, points, reach
from tutor.render.text.layout import Drawing
from tutor.render.text.style import Look

MARGIN = 4
"""Least cells left for a plot beside its labels; below that only the legend is drawn."""
PLOT = 4
"""Lines of the plot itself that a long legend leaves, where ``height`` allows so many at all."""
WIDER = 4
"""The run before makes the axes so many times longer at most: a run that came far off would press this one flat."""
BEYOND = 2
"""Where it would, the axis of values is only made so many times longer, and the run before leaves the frame."""
SOON = 20
"""Steps that the axis shows at least where the run before had so many: it is steady while the first come in."""

APART = 4
"""A list shares no plot in which its range would take less than one part in so many of the height."""


def plots(
    series: Iterable[Series], look: Look, height: int = 12, previous: Iterable[Series] = (), first: str = ""
) -> list[Drawing]:
    """The plots of a run, in order: losses, learning rates, gradient norms, each kind in one; then lists of numbers.

    Lists share a plot where they are as long as each other and reach about as far. One that repeats a curve, as a list
    that every loss is appended to, is left out. ``previous`` is the run before, drawn behind what it belongs to. The
    plot that has a series of the name or kind ``first`` comes before the others.
    """
    past = tuple(previous)
    ordered = sorted(groups(series), key=lambda group: all(first not in (one.name, one.kind) for one in group))
    return [curve(group, look, height, list(before(group, past))) for group in ordered]


def groups(series: Iterable[Series]) -> list[list[Series]]:
    """The series of each plot."""
    all_series = tuple(series)
    grouped = [[one for one in all_series if one.kind == kind] for kind in ("loss", "lr", "norm")]
    drawn = {one.buckets for group in grouped for one in group}
    grouped += _lists(one for one in all_series if one.kind == "numbers" and one.buckets not in drawn)
    return [group for group in grouped if group]


def before(group: Sequence[Series], past: Iterable[Series]) -> Iterator[Series]:
    """The series of the run before that belong behind a plot: all of its kind, or the lists of these names."""
    names = {one.name for one in group}
    for one in past:
        if one.kind == group[0].kind and (one.kind != "numbers" or one.name in names):
            yield one


def _lists(series: Iterable[Series]) -> list[list[Series]]:
    groups: list[list[Series]] = []
    for one in series:
        for group in groups:
            if all(_akin(one, other) for other in group):
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _akin(one: Series, other: Series) -> bool:
    first, second = reach(one.buckets), reach(other.buckets)
    if points(one.buckets) != points(other.buckets) or first is None or second is None:
        return False
    low, high = min(first[0], second[0]), max(first[1], second[1])
    return all((end - start) * APART >= high - low for start, end in (first, second))


# --- one plot -------------------------------------------------------------------------------------------------


def curve(series: Sequence[Series], look: Look, height: int = 12, previous: Sequence[Series] = ()) -> Drawing:
    """One plot of one or more series, ``height`` lines in all; ``previous``, the run before, dotted behind.

    Every bucket is drawn from its lowest value to its highest, so that no spike is lost. Several series have numbers,
    in the legend and at their ends, and in ASCII are drawn with them.
    """
    lines = _lines(series, previous, look)
    across = _steps(lines)

    def draw(width: int) -> Iterator[Text]:
        scale, cut = _scale(lines, across.high)
        notes = ["log scale"] if scale is not None and scale.log else []
        if cut:
            notes.append("the run before leaves the frame")
        titles = list(legend(lines, look, width, notes))
        if scale is None:
            yield from titles
            yield Text("no finite values yet", look.dim_style)
            return
        titles = titles[: max(1, height - PLOT - 2)]
        yield from titles
        yield from _plot(lines, scale, across, look, width, max(3, height - len(titles) - 2))

    return Drawing(draw)


def _lines(current: Sequence[Series], past: Sequence[Series], look: Look) -> list[Line]:
    behind = Stroke(look.previous_style, ".", behind=True, dotted=True)
    lines = [Line.of(series, behind) for series in past if series.buckets]
    for place, series in enumerate(current):
        mark = str((place + 1) % 10) if len(current) > 1 else ""
        lines.append(Line.of(series, Stroke(look.curve_styles[place % len(look.curve_styles)], mark), mark))
    return lines


def _scale(lines: Sequence[Line], until: float) -> tuple[axes.Scale | None, bool]:
    """The scale of values up to step ``until``, and whether some of the run before lie outside of it."""
    own = [value for line in lines if not line.past for value in line.extremes(until)]
    past = [value for line in lines if line.past for value in line.extremes(until)]
    if not own or not past:
        return (axes.scale_for(own or past) if own or past else None), False
    both = axes.scale_for(own + past)
    low, high = min(own), max(own)
    if low == high or (both.share(high) - both.share(low)) * WIDER >= 1:
        return both, False
    scale = axes.scale_for(own)
    if not scale.log:
        reach = (BEYOND - 1) * (scale.high - scale.low)
        bottom = max(min(scale.low, *past), scale.low - reach)
        scale = axes.Scale(bottom, min(max(scale.high, *past), scale.high + reach - (scale.low - bottom)))
    return scale, True


def _steps(lines: Sequence[Line]) -> axes.Scale:
    """The scale of steps."""
    own = max((points(line.buckets) for line in lines if not line.past), default=0)
    past = max((points(line.buckets) for line in lines if line.past), default=0)
    return axes.Scale(0, max(1, own - 1, min(past - 1, max(WIDER * own, SOON) if own else past)))


def _plot(
    lines: Sequence[Line], scale: axes.Scale, across: axes.Scale, look: Look, width: int, rows: int
) -> Iterator[Text]:
    """The curves beside their axis of values, and the axis of steps below."""
    ticks = scale.ticks(max(2, rows // 2))
    up = Canvas.dots_up(ascii=look.ascii)  # a tick stands in the row that its dot would be in
    places = (round(scale.share(tick) * (rows * up - 1)) // up for tick in ticks)
    labels = dict(zip(places, scale.labels(ticks), strict=True))
    margin = max(map(len, labels.values()), default=0)
    marked = any(line.mark for line in lines)
    columns = width - margin - 2 - (2 if marked else 0)
    if columns < MARGIN:
        return
    canvas = Canvas(columns, rows, ascii=look.ascii)
    ends: list[tuple[int, Line]] = []
    holes: set[int] = set()
    for line in lines:
        end = _draw(line, canvas, across, scale)
        if not line.past:
            holes |= _holes(line.buckets, across, columns)
            if end is not None and marked:
                ends.append((end, line))
    tags = _tags(ends, canvas)
    for row in reversed(range(rows)):
        label = labels.get(row, "")
        edge = look.tick if label else look.bar
        row_text = Text.assemble((f"{label:>{margin}} {edge}", look.dim_style), canvas.line_of(row))
        if row in tags:
            row_text.append(f" {tags[row].mark}", tags[row].stroke.style)
        yield row_text
    numbers = all(line.series.kind == "numbers" for line in lines)
    yield from _below(across, columns, margin, holes, "index" if numbers else "step", look)


def _tags(ends: list[tuple[int, Line]], canvas: Canvas) -> dict[int, Line]:
    """Which curve's number stands at the end of which row: its own, or one nearby when that is taken."""
    tags: dict[int, Line] = {}
    for end, line in sorted(ends, key=lambda pair: pair[0]):
        row = end // canvas.up
        for place in (*range(row, canvas.rows), *reversed(range(row))):
            if place not in tags:
                tags[place] = line
                break
    return tags


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


def _draw(line: Line, canvas: Canvas, across: axes.Scale, scale: axes.Scale) -> int | None:
    """Draw one curve; return the height in dots of its last value."""
    before: tuple[int, int] | None = None
    end = None
    for x, parts in _columns(line.buckets, across, canvas.width):
        inside = [part for part in parts if part is not None and part[1] >= scale.low and part[0] <= scale.high]
        if not inside:
            before = None  # a gap: nothing was finite, or all of it lies outside
            continue
        first, last = inside[0][2], inside[-1][2]
        ends = (min(part[0] for part in inside), max(part[1] for part in inside), first, last)
        low, high, start, y = (round(scale.share(value) * (canvas.height - 1)) for value in ends)
        if before is not None and parts[0] is not None:
            canvas.line(before, (x, min(max(before[1], low), high) if high > low else start), line.stroke)
        canvas.span(x, low, high, line.stroke)
        before, end = (x, y) if parts[-1] is not None else None, y
    return end


_Part = tuple[float, float, float] | None
"""Lowest, highest and last value of a bucket; None where nothing in it was finite."""


def _columns(buckets: Sequence[Bucket], across: axes.Scale, width: int) -> Iterator[tuple[int, list[_Part]]]:
    """The columns of dots with the buckets whose middles fall into each; what lies beyond the axis is left out."""
    column, parts = -1, list[_Part]()
    for bucket in buckets:
        if bucket.start > across.high:
            break
        x = round(across.share(bucket.start + (bucket.count - 1) / 2) * (width - 1))
        if x != column:
            if parts:
                yield column, parts
            column, parts = x, []
        last = ending(bucket)
        whole = bucket.low is not None and bucket.high is not None and last is not None
        parts.append((bucket.low, bucket.high, last) if whole else None)  # type: ignore[arg-type]
    if parts:
        yield column, parts


def _below(across: axes.Scale, columns: int, margin: int, holes: set[int], unit: str, look: Look) -> Iterator[Text]:
    """The axis of steps, with the places of values that are not finite marked on it, and its labels."""
    ticks = [tick for tick in across.ticks(max(1, columns // 10)) if tick == round(tick)]
    places = {
        round(across.share(tick) * (columns - 1)): label for tick, label in zip(ticks, axes.steps(ticks), strict=True)
    }
    axis = Text.assemble((" " * (margin + 1) + look.corner, look.dim_style))
    for column in range(columns):
        if column in holes:
            axis.append(look.hole, look.loud_style)
        else:
            axis.append(look.tick_below if column in places else look.rule, look.dim_style)
    yield axis
    labels = ""
    for column, label in places.items():
        start = min(margin + 2 + max(0, column - len(label) // 2), margin + 2 + columns - len(label))
        if start >= len(labels) + 2 or not labels:
            labels = labels.ljust(start) + label
    if len(labels) + len(unit) + 2 <= margin + 2 + columns:
        labels = labels.ljust(margin + 2 + columns - len(unit)) + unit
    yield Text(labels, look.dim_style)
