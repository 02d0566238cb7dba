"""The misconceptions, tried in order: each is reported only when it reproduces the learner's value.

A recogniser runs only when two values differ; so what it reproduces is never the expected value.
Where the values are right and only their dtype or device differs, nothing but integers explains it.
"""

from __future__ import annotations

import ast
import contextlib
import math
import re
import warnings
from collections.abc import Callable

import torch

from tutor.check.case import Case, Diagnosis
from tutor.check.misconceptions.layout import ARRANGEMENTS
from tutor.check.misconceptions.operations import OPERATIONS
from tutor.check.program import Program, calls, tree
from tutor.check.wording import capitalize, quote
from tutor.inspection.tensor import one_thread


def recognise(case: Case) -> Diagnosis | None:
    """The first misconception that makes the learner's value, or None."""
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("ignore")  # of operations tried out here: nobody asked for them
        for key, wrong in case.mistaken.items():
            if case.explained_by(wrong):
                return _diagnose_authored(case, key)
        if case.expected.numel() == 0 or case.actual.numel() == 0:
            return None
        for recogniser in RECOGNISERS if _values_differ(case) else (integer_dtype,):
            with contextlib.suppress(RuntimeError, IndexError, ValueError, TypeError):  # shapes that don't go together
                if (diagnosis := recogniser(case)) is not None:
                    return diagnosis
    return None


def _values_differ(case: Case) -> bool:
    return case.actual.shape != case.expected.shape or not case.same(case.actual, case.expected)


def _diagnose_authored(case: Case, key: str) -> Diagnosis:
    """``mistaken={"wrong-dim: it ran over the rows": ...}``: a name, a sentence, or both."""
    match = _NAMED.fullmatch(key)
    name, sentence = (match[1], match[2] or SENTENCES.get(match[1], "")) if match else ("", key)
    sentence = sentence.strip().rstrip(".") or name.replace("-", " ")
    return Diagnosis(f"{case.difference} {capitalize(sentence)}.", "", name)


_NAMED = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)+)(?:: *(.*))?", re.DOTALL)
SENTENCES = {
    "axes-swapped": "two axes are swapped",
    "reshaped-not-transposed": "`reshape` keeps the order in memory; `transpose` was meant",
    "wrong-dim": "the operation ran over another `dim`",
    "elementwise-for-matmul": "`*` multiplies element by element; `@` was meant",
    "softmax-before-cross-entropy": "cross-entropy applies softmax itself; here it was applied twice",
    "gradients-accumulated": "gradients add up until they are cleared",
    "sum-for-mean": "a sum stands where a mean was meant",
    "mean-for-sum": "a mean stands where a sum was meant",
    "sign-flipped": "the sign is the opposite",
    "no-optimizer-step": "no optimizer step has moved it",
    "dropout-active": "dropout was still active",
    "broadcast-loss": "(n, 1) and (n,) broadcast to (n, n)",
    "off-by-one": "it is shifted by one",
    "not-detached": "it still tracks gradients",
    "integer-dtype": "it was computed in integers",
    "zero-gradient": "the gradient was cleared",
    "never-called-backward": "`backward()` was never called",
}


# --- scale --------------------------------------------------------------------------------------------------


def sign_flipped(case: Case) -> Diagnosis | None:
    if not case.has_nonzero or not case.same(case.actual, -case.expected):
        return None
    subject = f"{case.difference} It" if case.actual.numel() == 1 else case.quoted
    message = f"{subject} has the opposite sign of what was expected."
    return Diagnosis(message, "Which way round is it subtracted?", "sign-flipped")


def _common_factor(case: Case) -> float | None:
    """The one factor between the expected and the learner's value."""
    if case.actual.shape != case.expected.shape or not case.has_nonzero or case.actual.is_complex():
        return None
    largest = case.expected.abs().nan_to_num(posinf=0, neginf=0).flatten().argmax()
    factor = float(case.actual.flatten()[largest] / case.expected.flatten()[largest])
    return factor if math.isfinite(factor) and case.same(case.actual, case.expected * factor) else None


def _round_whole(number: float) -> int | None:
    near = round(number)
    return near if near >= 2 and abs(number - near) <= 1e-4 * near else None


def gradients_accumulated(case: Case) -> Diagnosis | None:
    if not case.is_grad:
        return None
    advice = "Clear it first: `optimizer.zero_grad()`, or `.grad = None`."
    if case.before is not None and bool(case.before.any()) and case.same(case.actual, case.expected + case.before):
        return Diagnosis(
            f"{case.quoted} still holds the gradient of before: the new one was added.", advice, "gradients-accumulated"
        )
    factor = _common_factor(case)
    times = _round_whole(factor) if factor is not None else None
    if times is None or times > 20 or (case.run is not None and not _repeats_backward(case.run)):
        return None
    message = f"{case.quoted} is exactly {times} times the expected gradient: each `backward()` adds to what is there."
    return Diagnosis(message, advice, "gradients-accumulated")


def _repeats_backward(run: Program) -> bool:
    """Whether the draft calls ``backward`` more than once, as far as its text tells."""
    loops = (node for node in ast.walk(tree(run)) if isinstance(node, ast.For | ast.While | ast.FunctionDef))
    return calls(run, "backward") > 1 or any(_calls_backward(loop) for loop in loops)


def _calls_backward(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Attribute) and inner.attr == "backward" for inner in ast.walk(node))


def sum_for_mean(case: Case) -> Diagnosis | None:
    factor = _common_factor(case)
    if factor is None or factor <= 0:
        return None
    times, part = _round_whole(factor), _round_whole(1 / factor)
    size = times or part
    where = _name_size(case, size) if size is not None else ""
    if not where:
        return None
    if times:
        message = (
            f"{case.quoted} is {times} times what was expected, and {times} is {where}: a sum where a mean was meant?"
        )
        return Diagnosis(message, "Try `.mean()`, or `reduction='mean'`.", "sum-for-mean")
    message = f"{case.quoted} is 1/{part} of what was expected, and {part} is {where}: a mean where a sum was meant?"
    return Diagnosis(message, "Try `.sum()`, or `reduction='sum'`.", "mean-for-sum")


def _name_size(case: Case, size: int) -> str:
    """Which tensor has so many elements, or rows: where a mean may have divided."""
    for name, tensor in case.sources.items():
        if tensor.numel() == size and tensor.ndim:
            return f"the number of values in {quote(name)}"
    for name, tensor in case.sources.items():
        if size in tensor.shape:
            return f"the size of dim {list(tensor.shape).index(size)} of {quote(name)}"
    return ""


# --- steps done, or left out --------------------------------------------------------------------------------


def integer_dtype(case: Case) -> Diagnosis | None:
    if not case.is_integer:
        return None
    for rounded in (case.expected, case.expected.trunc(), case.expected.floor(), case.expected.round()):
        if case.same(case.actual, rounded):
            lost = "" if rounded is case.expected else ", so that fractions are lost"
            message = f"{case.quoted} is made of integers ({case.dtype}){lost}."
            return Diagnosis(
                message, "Write a decimal point, `1.0`, or ask for a dtype: `dtype=torch.float32`.", "integer-dtype"
            )
    return None


def no_optimizer_step(case: Case) -> Diagnosis | None:
    if case.is_grad or case.before is None or not case.same(case.actual, case.before):
        return None
    return Diagnosis(
        f"{case.quoted} has not moved from where it started.", "Is `optimizer.step()` called?", "no-optimizer-step"
    )


def zero_gradient(case: Case) -> Diagnosis | None:
    cleared = case.run is None or calls(case.run, "zero_grad") or calls(case.run, "zero_")
    if not case.is_grad or bool(case.actual.any()) or not cleared:
        return None
    return Diagnosis(
        f"{case.quoted} is all zeros: it was cleared.",
        "Clear gradients before `backward()`, not after it.",
        "zero-gradient",
    )


def dropout_active(case: Case) -> Diagnosis | None:
    actual, expected = case.actual, case.expected
    if actual.shape != expected.shape or actual.is_complex():
        return None
    used = expected != 0
    dropped, survivors = used & (actual == 0), used & (actual != 0)
    if not bool(dropped.any()) or int(survivors.sum()) < 2:
        return None
    scales = actual[survivors] / expected[survivors]
    scale = float(scales.median())
    scaled = torch.where(dropped, 0.0, expected * scale)
    if scale <= 1.01 or not case.same(actual, scaled):
        return None
    message = f"Dropout is active in {case.quoted}: {int(dropped.sum())} values are 0, the rest grew {scale:.4g} times."
    return Diagnosis(message, "`eval()` turns dropout off.", "dropout-active")


RECOGNISERS: tuple[Callable[[Case], Diagnosis | None], ...] = (
    *OPERATIONS,
    *ARRANGEMENTS,
    integer_dtype,
    no_optimizer_step,
    gradients_accumulated,
    zero_gradient,
    sign_flipped,
    sum_for_mean,
    dropout_active,
)
