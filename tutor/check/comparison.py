"""How two values are compared: like a patient teacher, who names the first thing that differs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from tutor.check.case import Case, wide
from tutor.check.misconceptions.registry import recognise
from tutor.check.missing_grad import explain_none
from tutor.check.program import Program, Unmet, draft_of, line_of
from tutor.check.wording import apart, quoted, what
from tutor.inspection.tensor import describe, instance, is_tensor, plain, short_dtype, unreadable

TOLERANCES = {
    torch.float16: (1e-3, 1e-5),
    torch.bfloat16: (1.6e-2, 1e-5),
    torch.float32: (1.3e-6, 1e-5),
    torch.float64: (1e-7, 1e-7),
    torch.complex32: (1e-3, 1e-5),
    torch.complex64: (1.3e-6, 1e-5),
    torch.complex128: (1e-7, 1e-7),
}
"""Relative and absolute, as ``torch.testing.assert_close`` has them; every other dtype must be equal.
https://docs.pytorch.org/docs/stable/testing.html#torch.testing.assert_close"""


@dataclass(frozen=True)
class Asked:
    """What goes with a comparison, the same for each part of a nested value."""

    run: Program | None = None
    rtol: float | None = None
    atol: float | None = None
    mistaken: Mapping[str, Any] = field(default_factory=dict)
    before: torch.Tensor | None = None
    sources: Mapping[str, torch.Tensor] = field(default_factory=dict)


def compare(name: str, actual: Any, expected: Any, asked: Asked) -> None:
    """Raise :class:`Unmet` at the first rung on which ``actual`` differs from ``expected``."""
    if isinstance(expected, dict):
        _compare_mappings(name, actual, expected, asked)
    elif isinstance(expected, list | tuple) and any(is_tensor(part) for part in expected):
        _compare_sequences(name, actual, expected, asked)
    elif is_tensor(expected):
        _compare_tensors(name, actual, expected, asked, exact_type=True)
    else:
        _compare_numbers(name, actual, expected, asked)


def _compare_mappings(name: str, actual: Any, expected: dict[Any, Any], asked: Asked) -> None:
    if not instance(actual, dict):
        raise Unmet(f"{quoted(name)} is {what(actual)}; expected a dict of {len(expected)} items.")
    for key, part in expected.items():
        if key not in actual:
            raise Unmet(f"{quoted(name)} has no entry {key!r}.", f"It has {', '.join(map(repr, list(actual)[:8]))}.")
        compare(f"{name}[{key!r}]", actual[key], part, asked)
    extra = [key for key in actual if key not in expected]
    if extra:
        raise Unmet(f"{quoted(name)} has an entry {extra[0]!r} that isn't expected.")


def _compare_sequences(name: str, actual: Any, expected: list[Any] | tuple[Any, ...], asked: Asked) -> None:
    if not instance(actual, list, tuple):
        raise Unmet(f"{quoted(name)} is {what(actual)}; expected {len(expected)} values in a list or tuple.")
    if len(actual) != len(expected):
        raise Unmet(f"{quoted(name)} holds {len(actual)} values; expected {len(expected)}.")
    for position, (part, wanted) in enumerate(zip(actual, expected, strict=True)):
        compare(f"{name}[{position}]", part, wanted, asked)


def _compare_numbers(name: str, actual: Any, expected: Any, asked: Asked) -> None:
    """``expected`` is a Python number or nested lists of them; a tensor of these values will do as well."""
    wanted = torch.tensor(expected)
    if is_tensor(actual):
        kind = actual.dtype if actual.dtype.is_floating_point or not wanted.dtype.is_floating_point else wanted.dtype
        _compare_tensors(name, actual, wanted.to(kind), asked, exact_type=False)
        return
    if isinstance(expected, list | tuple):
        try:
            given = torch.tensor([float(item) for item in actual] if wanted.ndim == 1 else actual)
        except (TypeError, ValueError, RuntimeError):
            given = None
        if not instance(actual, list, tuple) or given is None:
            raise Unmet(f"{quoted(name)} is {what(actual)}; expected {len(expected)} numbers.") from None
        _compare_tensors(name, given, wanted.to(given.dtype), asked, exact_type=False)
        return
    if instance(actual, bool) or not instance(actual, int, float, complex):
        raise missing_or_wrong(name, actual, "a number", asked.run)
    is_, wanted_text = apart(actual, expected)
    told = f"{quoted(name)} is {is_}; expected {wanted_text}."
    try:
        given = torch.tensor(actual, dtype=_wide(actual))
    except (RuntimeError, OverflowError):  # an int beyond all floats
        raise Unmet(told) from None
    case = _case(name, given, torch.tensor(expected, dtype=_wide(expected)), asked)
    if not case.same(case.actual, case.expected):
        case = replace(case, difference=told)
        raise Unmet(*(recognise(case) or (told, "")))


def _wide(number: complex) -> torch.dtype:
    return torch.complex128 if isinstance(number, complex) else torch.float64


def tolerances(asked: Asked, *dtypes: torch.dtype) -> tuple[float, float]:
    known = [TOLERANCES.get(dtype, (0.0, 0.0)) for dtype in dtypes]
    rtol = max(pair[0] for pair in known) if asked.rtol is None else asked.rtol
    atol = max(pair[1] for pair in known) if asked.atol is None else asked.atol
    return rtol, atol


# --- the rungs for tensors ----------------------------------------------------------------------------------


def missing_or_wrong(name: str, actual: Any, wanted: str, run: Program | None) -> Unmet:
    """``actual`` is not of the type that was wanted: None, with the reason where one is known, or something else."""
    if actual is None:
        return explain_none(name, wanted, run)
    advice = ""
    if type(actual).__module__ == "numpy":
        advice = "`torch.from_numpy` makes a tensor of an array."
    elif instance(actual, list, tuple, int, float) and wanted.startswith("a tensor"):
        advice = "`.item()` and `.tolist()` leave tensors behind; `torch.tensor(...)` makes one."
    elif is_tensor(actual) and wanted.startswith(("a number", "a Python")):
        advice = "`.item()` takes the number out of a tensor of one element."
    elif callable(actual):
        advice = "Did you leave out the brackets of a call?"
    return Unmet(f"{quoted(name)} is {what(actual)}; expected {wanted}.", advice)


def _compare_tensors(name: str, actual: Any, expected: torch.Tensor, asked: Asked, *, exact_type: bool) -> None:
    if not is_tensor(actual):
        wanted = what(plain(expected)) if exact_type else "a number"
        raise missing_or_wrong(name, actual, wanted, asked.run)
    note = unreadable(actual)
    if note and not note.startswith("sparse"):
        raise Unmet(f"The values of {quoted(name)} can't be read: {note}.")
    given = plain(actual.to_dense() if note else actual)
    target = plain(expected)
    case = _case(name, given, target, asked)
    told, advice = _first_difference(case, given, target)
    if not told:
        return
    case = replace(case, difference=told)
    found = recognise(case) or (told, advice or made_where(asked.run, name), "")
    raise Unmet(*found, describe(actual, name, depth=0), describe(expected, "expected", depth=0))


def _first_difference(case: Case, given: torch.Tensor, target: torch.Tensor) -> tuple[str, str]:
    """The first rung on which the two differ, and what to try; empty where they agree."""
    name = case.quoted
    if given.shape != target.shape:
        return f"{name} has shape {tuple(given.shape)}; expected {tuple(target.shape)}.", ""
    if given.dtype != target.dtype:
        told = f"{name} is {short_dtype(given.dtype)}; expected {short_dtype(target.dtype)}."
        return told, f"`dtype=` where it is made sets it, or `.to({target.dtype})`."
    if target.device.type != "cpu" and given.device != target.device:
        return f"{name} is on {given.device}; expected {target.device}.", f'Try `.to("{target.device}")`.'
    return ("", "") if case.same(case.actual, case.expected) else (_values(case), "")


def _case(name: str, actual: torch.Tensor, expected: torch.Tensor, asked: Asked) -> Case:
    rtol, atol = tolerances(asked, actual.dtype, expected.dtype)
    whole = not (actual.is_floating_point() or actual.is_complex() or actual.dtype == torch.bool)
    before = None if asked.before is None else wide(asked.before)
    return Case(
        name=name,
        actual=wide(actual),
        expected=wide(expected),
        dtype=short_dtype(actual.dtype),
        integer=whole and (expected.is_floating_point() or expected.is_complex()),
        rtol=rtol,
        atol=atol,
        run=asked.run,
        mistaken=asked.mistaken,
        before=before,
        tensors=asked.sources,
    )


def made_where(run: Program | None, name: str) -> str:
    """Where a plain name of the draft was made, or a function of it begins, as an advice; else nothing."""
    root = name.partition("(")[0]
    line = line_of(draft_of(run), root) if run is not None and root.isidentifier() else None
    return f"Look at line {line}, where `{root}` {'is made' if root == name else 'begins'}." if line else ""


def _values(case: Case) -> str:
    """Where the largest difference is, both values there, and how many differ."""
    actual, expected, name = case.actual, case.expected, case.quoted
    unlike = ~torch.isclose(actual, expected, rtol=case.rtol, atol=case.atol, equal_nan=True)
    stray = actual.isnan() & ~expected.isnan()
    gap = (actual - expected).abs().where(unlike, -math.inf).nan_to_num(nan=math.inf)
    index = (stray if bool(stray.any()) else gap == gap.max()).nonzero()[0].tolist()
    place = f"[{', '.join(map(str, index))}]"
    is_, wanted = apart(actual[tuple(index)].item(), expected[tuple(index)].item())
    if bool(stray.any()):
        return f"{name} is NaN{f' at {place}' if index else ''}; expected {wanted}."
    if actual.numel() == 1:
        return f"{name} is {is_}; expected {wanted}."
    numbers = f"{name} has {is_} at {place}, where {wanted} was expected"
    count = int(unlike.sum())
    if count == 1:
        return f"{numbers}; every other value is right."
    return f"{numbers}; {count if count < actual.numel() else 'all'} of {actual.numel()} values differ, this one most."
