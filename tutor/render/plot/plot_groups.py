"""The plots of a run: series of one kind share a plot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tutor.protocol.codec import Series
from tutor.render.plot.curve import curve
from tutor.render.plot.curve_lines import points, reach
from tutor.render.text.layout import Drawing
from tutor.render.text.style import Look

APART = 4
"""A list shares no plot in which its range would take less than one part in so many of the height."""


def plots(series: Iterable[Series], look: Look, height: int = 12, previous: Iterable[Series] = ()) -> list[Drawing]:
    """The plots of a run, in order: losses, learning rates, gradient norms, each kind in one; then lists of numbers.

    Lists share a plot where they are as long as each other and reach about as far. One that repeats a curve, as a list
    that every loss is appended to, is left out. ``previous`` is the run before, drawn behind what it belongs to.
    """
    past = tuple(previous)
    return [curve(group, look, height, list(before(group, past))) for group in groups(series)]


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
