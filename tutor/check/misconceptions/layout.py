"""Misconceptions about layout: the right numbers in other places, or in another shape."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tutor.check.case import Case, Diagnosis


def _orders(dims: int) -> Iterator[tuple[int, ...]]:
    """Every order of the axes but their own, swaps of two first."""
    own = tuple(range(dims))
    orders = [order for order in itertools.permutations(own) if order != own] if dims <= 5 else []
    yield from sorted(orders, key=lambda order: sum(a != b for a, b in zip(order, own, strict=True)))


def axes_swapped(case: Case) -> Diagnosis | None:
    wide_axes = sum(size > 1 for size in case.expected.shape)
    if case.actual.ndim != case.expected.ndim or wide_axes < 2 or not case.has_distinct_values:
        return None
    for order in _orders(case.expected.ndim):
        if case.same(case.actual.permute(order), case.expected):
            moved = [axis for axis, source in enumerate(order) if axis != source]
            repair = f"transpose({moved[0]}, {moved[1]})" if len(moved) == 2 else f"permute{order}"
            shapes = ""
            if case.actual.shape != case.expected.shape:
                shapes = f": shape {tuple(case.actual.shape)}, expected {tuple(case.expected.shape)}"
            axes = "two axes swapped" if len(moved) == 2 else "its axes in another order"
            return Diagnosis(f"{case.quoted} has {axes}{shapes}.", f"Try `.{repair}`.", "axes-swapped")
    return None


def reshaped_not_transposed(case: Case) -> Diagnosis | None:
    if case.actual.shape != case.expected.shape or case.expected.ndim < 2 or not case.has_distinct_values:
        return None
    for order in _orders(case.expected.ndim):
        if case.same(case.actual.flatten(), case.expected.permute(order).flatten()):
            return Diagnosis(
                f"{case.quoted} has the right values in the wrong places: `reshape` and `view` keep the order "
                "in memory, they don't turn rows into columns.",
                "Try `.transpose(...)` or `.permute(...)` instead.",
                "reshaped-not-transposed",
            )
        if case.same(case.actual.permute(order).flatten(), case.expected.flatten()):
            return Diagnosis(
                f"{case.quoted} has the right values in the wrong places: `transpose` and `permute` reorder them.",
                "Try `.reshape(...)`, which keeps their order.",
                "transposed-not-reshaped",
            )
    return None


def other_shape(case: Case) -> Diagnosis | None:
    actual, expected = case.actual, case.expected
    if actual.shape == expected.shape or not case.same(actual.flatten(), expected.flatten()):
        return None
    shapes = f"{case.quoted} has the right values in shape {tuple(actual.shape)}; expected {tuple(expected.shape)}."
    if [size for size in actual.shape if size > 1] == [size for size in expected.shape if size > 1]:
        if actual.ndim > expected.ndim:
            return Diagnosis(shapes, "`.squeeze(dim)` drops an axis of size 1; `keepdim=True` keeps one.", "extra-dim")
        return Diagnosis(shapes, "`.unsqueeze(dim)` adds an axis of size 1, `keepdim=True` keeps one.", "missing-dim")
    return Diagnosis(shapes, f"Try `.reshape{tuple(expected.shape)}`.", "")


def off_by_one(case: Case) -> Diagnosis | None:
    actual, expected = case.actual, case.expected
    if actual.ndim == 0 or actual.ndim != expected.ndim or len(expected) < 3:
        return None
    extra = len(actual) - len(expected)
    if abs(extra) == 1:
        short = min(len(actual), len(expected))
        ends = case.same(actual[:short], expected[:short]) or case.same(actual[-short:], expected[-short:])
        surplus = "one too many" if extra > 0 else "one too few"
        message = f"{case.quoted} has {len(actual)} entries, {surplus}; the others are right."
        return Diagnosis(message, "Is an end meant to be included?", "off-by-one") if ends else None
    if extra or case.same(expected[1:], expected[:-1]):
        return None
    late, early = case.same(actual[1:], expected[:-1]), case.same(actual[:-1], expected[1:])
    if late == early:  # a series of two alternating values fits both
        return None
    message = f"{case.quoted} is shifted by one: what was expected at [0] stands at [1]."
    if early:
        message = f"{case.quoted} is shifted by one: at [0] stands what was expected at [1]."
    return Diagnosis(message, f"Is it read one step too {'late' if early else 'early'}?", "off-by-one")


ARRANGEMENTS = (axes_swapped, reshaped_not_transposed, other_shape, off_by_one)
