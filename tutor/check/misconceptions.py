"""The misconceptions, tried in order: each is reported only when it reproduces the learner's value.

A recogniser runs only when two values differ; so what it reproduces is never the expected value.
Where the values are right and only their dtype or device differs, nothing but integers explains it.
"""

from __future__ import annotations

import ast
import contextlib
import itertools
import math
import re
import warnings
from collections.abc import Callable, Iterator

import torch
from torch.nn import functional as nn_functional

from tutor.check.case import Case
from tutor.check.program import Program, Unmet, calls, draft_of, tree
from tutor.check.wording import capitalize, quote
from tutor.inspection.tensor import one_thread


def recognise(case: Case) -> Unmet | None:
    """The first misconception that makes the learner's value, or None."""
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("ignore")  # of operations tried out here: nobody asked for them
        for key, wrong in case.mistaken.items():
            if case.explained_by(wrong):
                return _diagnose_authored(case, key)
        if case.expected.numel() == 0 or case.actual.numel() == 0:
            return None
        for recogniser in (integer_dtype,) if case.same(case.actual, case.expected) else RECOGNISERS:
            with contextlib.suppress(RuntimeError, IndexError, ValueError, TypeError):  # shapes that don't go together
                if (unmet := recogniser(case)) is not None:
                    return unmet
    return None


def _diagnose_authored(case: Case, key: str) -> Unmet:
    """``mistaken={"wrong-dim: it ran over the rows": ...}``: a name, a sentence, or both."""
    match = _NAMED.fullmatch(key)
    name, sentence = (match[1], match[2] or "") if match else ("", key)
    sentence = capitalize(sentence.strip() or name.replace("-", " "))
    return Unmet(f"{case.difference} {sentence}{'' if sentence.endswith(('.', '?', '!')) else '.'}", "", name)


_NAMED = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)+)(?:: *(.*))?", re.DOTALL)


# --- an operation on the tensors that the value may have been computed from ---------------------------------
#
# Each needs both: that the right operation on a tensor makes the expected value, and that the wrong one on the same
# tensor makes the learner's.

Reduction = Callable[..., torch.Tensor]
REDUCTIONS: dict[str, Reduction] = {
    "sum": torch.sum,
    "mean": torch.mean,
    "max": torch.amax,
    "min": torch.amin,
    "argmax": torch.argmax,
    "argmin": torch.argmin,
    "softmax": torch.softmax,
    "log_softmax": torch.log_softmax,
    "logsumexp": torch.logsumexp,
    "std": torch.std,
    "var": torch.var,
    "norm": torch.linalg.vector_norm,
    "prod": torch.prod,
    "cumsum": torch.cumsum,
    "cumprod": torch.cumprod,
    "sort": lambda values, dim: torch.sort(values, dim).values,
    "median": lambda values, dim: torch.median(values, dim).values,
    "flip": lambda values, dim: torch.flip(values, (dim,)),
}
_ONE_FOR_ANOTHER = (("sum", "mean", "sum-for-mean"), ("mean", "sum", "mean-for-sum"))


def wrong_dim(case: Case) -> Unmet | None:
    for (name, source), (operation, reduce) in itertools.product(case.sources.items(), REDUCTIONS.items()):
        if source.ndim < 2:
            continue
        dims = (*range(source.ndim), None)
        over = {dim: result for dim in dims if (result := _reduce(reduce, source, dim)) is not None}
        right = [dim for dim, result in over.items() if dim is not None and case.same(case.expected, result)]
        for dim, result in over.items() if right else ():
            if case.same(case.actual, result):
                where = "everything" if dim is None else f"dim {dim}"
                of = f"{operation} of {quote(name)} over {where}"
                message = f"{case.quoted} is the {of}; expected it over dim {right[0]}."
                return Unmet(message, f"Try `dim={right[0]}`.", "wrong-dim")
    return None


def _reduce(reduce: Reduction, source: torch.Tensor, dim: int | None) -> torch.Tensor | None:
    with contextlib.suppress(RuntimeError, TypeError, ValueError, IndexError):
        return reduce(source) if dim is None else reduce(source, dim)
    return None


def sum_and_mean(case: Case) -> Unmet | None:
    """One reduction for another, over the same dim of the same tensor."""
    for (name, source), (wrong_name, right_name, misconception) in itertools.product(
        case.sources.items(), _ONE_FOR_ANOTHER
    ):
        for dim in (None, *range(source.ndim)):
            right, wrong = _reduce(REDUCTIONS[right_name], source, dim), _reduce(REDUCTIONS[wrong_name], source, dim)
            if right is None or wrong is None or source.numel() < 2:
                continue
            if case.same(case.expected, right) and case.same(case.actual, wrong):
                message = f"{case.quoted} is the {wrong_name} of {quote(name)}; expected its {right_name}."
                return Unmet(message, f"Try `.{right_name}({'' if dim is None else dim})`.", misconception)
    return None


def _pairs(case: Case) -> Iterator[tuple[str, torch.Tensor, str, torch.Tensor]]:
    for (one, left), (other, right) in itertools.permutations(case.sources.items(), 2):
        yield one, left, other, right


def elementwise_for_matmul(case: Case) -> Unmet | None:
    pairs = itertools.chain(_pairs(case), ((name, value, name, value) for name, value in case.sources.items()))
    for one, left, other, right in pairs:
        if left.ndim == 0 or right.ndim == 0:
            continue
        with contextlib.suppress(RuntimeError):
            product, matrix = left * right, left @ right
            if case.same(case.expected, matrix) and case.same(case.actual, product):
                message = f"{case.quoted} is `{one} * {other}`, element by element; expected the matrix product."
                return Unmet(message, f"Try `{one} @ {other}`.", "elementwise-for-matmul")
            if case.same(case.expected, product) and case.same(case.actual, matrix):
                message = f"{case.quoted} is the matrix product `{one} @ {other}`; expected it element by element."
                return Unmet(message, f"Try `{one} * {other}`.", "matmul-for-elementwise")
    return None


def activation_before_loss(case: Case) -> Unmet | None:
    """Softmax before cross-entropy, sigmoid before binary cross-entropy with logits: both apply it themselves."""
    for one, scores, _, target in _pairs(case):
        for reduction in ("mean", "sum", "none"):
            with contextlib.suppress(RuntimeError, IndexError, ValueError):
                if _is_doubled_softmax(case, scores, target, reduction):
                    message = f"{case.quoted} is the cross-entropy of `softmax({one})`: it applies softmax itself."
                    return Unmet(message, f"Pass `{one}` as it is.", "softmax-before-cross-entropy")
            with contextlib.suppress(RuntimeError, IndexError, ValueError):
                binary = nn_functional.binary_cross_entropy_with_logits
                right = binary(scores, target, reduction=reduction)
                wrong = binary(scores.sigmoid(), target, reduction=reduction)
                if case.same(case.expected, right) and case.same(case.actual, wrong):
                    message = f"{case.quoted} is the loss of `sigmoid({one})`: this loss applies it itself."
                    return Unmet(message, f"Pass `{one}` as it is.", "sigmoid-before-logits-loss")
    return None


def _is_doubled_softmax(case: Case, scores: torch.Tensor, target: torch.Tensor, reduction: str) -> bool:
    if scores.ndim < 2:
        return False
    goal = target if target.shape == scores.shape else target.long()
    right = nn_functional.cross_entropy(scores, goal, reduction=reduction)
    wrong = nn_functional.cross_entropy(scores.softmax(1), goal, reduction=reduction)
    return case.same(case.expected, right) and case.same(case.actual, wrong)


def broadcast_loss(case: Case) -> Unmet | None:
    """``(n, 1)`` against ``(n,)``: every prediction meets every target."""
    for one, left, other, right in _pairs(case):
        if left.ndim != 2 or left.shape[1] != 1 or right.shape != left.shape[:1] or len(right) < 2:
            continue
        paired, crossed = left[:, 0] - right, left - right
        for measure in (torch.square, torch.abs, torch.Tensor.clone, torch.neg):
            for whole in (torch.mean, torch.sum, torch.Tensor.clone):
                forms = (case.expected, case.expected.reshape(-1)) if whole is torch.Tensor.clone else (case.expected,)
                is_expected = any(case.same(form, whole(measure(paired))) for form in forms)
                if is_expected and case.same(case.actual, whole(measure(crossed))):
                    sizes = f"{tuple(left.shape)} against {tuple(right.shape)} broadcast to {tuple(crossed.shape)}"
                    message = f"In {case.quoted} every value of {quote(one)} met every one of {quote(other)}: {sizes}."
                    return Unmet(message, f"Give both one shape: `{one}.squeeze(1)`.", "broadcast-loss")
    return None


# --- layout: the right numbers in other places, or in another shape -----------------------------------------


def _orders(dims: int) -> Iterator[tuple[int, ...]]:
    """Every order of the axes but their own, swaps of two first."""
    own = tuple(range(dims))
    orders = [order for order in itertools.permutations(own) if order != own] if dims <= 5 else []
    yield from sorted(orders, key=lambda order: sum(a != b for a, b in zip(order, own, strict=True)))


def axes_swapped(case: Case) -> Unmet | None:
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
            return Unmet(f"{case.quoted} has {axes}{shapes}.", f"Try `.{repair}`.", "axes-swapped")
    return None


def reshaped_not_transposed(case: Case) -> Unmet | None:
    if case.actual.shape != case.expected.shape or case.expected.ndim < 2 or not case.has_distinct_values:
        return None
    for order in _orders(case.expected.ndim):
        if case.same(case.actual.flatten(), case.expected.permute(order).flatten()):
            return Unmet(
                f"{case.quoted} has the right values in the wrong places: `reshape` and `view` keep the order "
                "in memory, they don't turn rows into columns.",
                "Try `.transpose(...)` or `.permute(...)` instead.",
                "reshaped-not-transposed",
            )
        if case.same(case.actual.permute(order).flatten(), case.expected.flatten()):
            return Unmet(
                f"{case.quoted} has the right values in the wrong places: `transpose` and `permute` reorder them.",
                "Try `.reshape(...)`, which keeps their order.",
                "transposed-not-reshaped",
            )
    return None


def other_shape(case: Case) -> Unmet | None:
    actual, expected = case.actual, case.expected
    if actual.shape == expected.shape or not case.same(actual.flatten(), expected.flatten()):
        return None
    shapes = f"{case.quoted} has the right values in shape {tuple(actual.shape)}; expected {tuple(expected.shape)}."
    if [size for size in actual.shape if size > 1] == [size for size in expected.shape if size > 1]:
        if actual.ndim > expected.ndim:
            return Unmet(shapes, "`.squeeze(dim)` drops an axis of size 1; `keepdim=True` keeps one.", "extra-dim")
        return Unmet(shapes, "`.unsqueeze(dim)` adds an axis of size 1, `keepdim=True` keeps one.", "missing-dim")
    return Unmet(shapes, f"Try `.reshape{tuple(expected.shape)}`.", "")


def off_by_one(case: Case) -> Unmet | None:
    actual, expected = case.actual, case.expected
    if actual.ndim == 0 or actual.ndim != expected.ndim or len(expected) < 3:
        return None
    extra = len(actual) - len(expected)
    if abs(extra) == 1:
        short = min(len(actual), len(expected))
        ends = case.same(actual[:short], expected[:short]) or case.same(actual[-short:], expected[-short:])
        surplus = "one too many" if extra > 0 else "one too few"
        message = f"{case.quoted} has {len(actual)} entries, {surplus}; the others are right."
        return Unmet(message, "Is an end meant to be included?", "off-by-one") if ends else None
    if extra or case.same(expected[1:], expected[:-1]):
        return None
    late, early = case.same(actual[1:], expected[:-1]), case.same(actual[:-1], expected[1:])
    if late == early:  # a series of two alternating values fits both
        return None
    message = f"{case.quoted} is shifted by one: what was expected at [0] stands at [1]."
    if early:
        message = f"{case.quoted} is shifted by one: at [0] stands what was expected at [1]."
    return Unmet(message, f"Is it read one step too {'late' if early else 'early'}?", "off-by-one")


def typed_in(case: Case) -> Unmet | None:
    """What doesn't follow the values that a rerun was given."""
    draft = draft_of(case.run) if case.run is not None else None
    root, *attributes = case.name.split(".")
    if draft is None or not draft.changes or case.name in draft.changes or root not in draft.first:
        return None
    first = draft.first[root]
    for attribute in attributes:
        first = getattr(first, attribute, None)
    if first is None or not case.explained_by(first):
        return None
    names = ", ".join(f"`{name}`" for name in draft.changes)
    advice = f"Compute it from {names}: is it typed in, or made of something else?"
    return Unmet(f"{case.quoted} is still what it was with the first {names}.", advice, "typed-in")


# --- scale --------------------------------------------------------------------------------------------------


def sign_flipped(case: Case) -> Unmet | None:
    if not case.has_nonzero or not case.same(case.actual, -case.expected):
        return None
    subject = f"{case.difference} It" if case.actual.numel() == 1 else case.quoted
    message = f"{subject} has the opposite sign of what was expected."
    return Unmet(message, "Which way round is it subtracted?", "sign-flipped")


_FUNCTIONS: tuple[tuple[str, Callable[[torch.Tensor], torch.Tensor], str, str], ...] = (
    (
        "doubled",
        lambda x: 2 * x,
        "exactly twice what was expected",
        "Is there a factor of 2 too many, or no half?",
    ),
    ("halved", lambda x: x / 2, "exactly half of what was expected", "Is there a half too many, or no factor of 2?"),
    ("squared", torch.square, "the square of what was expected", "Is it squared once too often?"),
    ("not-squared", torch.sqrt, "the square root of what was expected", "Is a square missing, or a root too many?"),
    ("signs-lost", torch.abs, "what was expected without its signs", "Is an `abs` too many?"),
    ("inverted", torch.reciprocal, "1 divided by what was expected", "Which one divides the other?"),
    ("logarithm", torch.log, "the logarithm of what was expected", "Is a `log` too many, or an `exp` missing?"),
    ("exponential", torch.exp, "`exp` of what was expected", "Is an `exp` too many, or a `log` missing?"),
)


def function_of_it(case: Case) -> Unmet | None:
    """A simple function of the expected value, where that is no number that others are a function of by chance."""
    expected = case.expected
    if expected.is_complex() or case.actual.shape != expected.shape:
        return None
    telling = expected[expected.isfinite() & ((8 * expected).round() != 8 * expected)]
    if not case.has_distinct_values and (telling.numel() == 0 or expected.numel() > 1):
        return None
    for misconception, function, words, advice in _FUNCTIONS:
        wrong = function(expected)
        if case.same(case.actual, wrong) and not torch.allclose(wrong, expected, rtol=0.01):  # as x² is to x near 1
            return Unmet(f"{case.difference} It is {words}.", advice, misconception)
    return None


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


def gradients_accumulated(case: Case) -> Unmet | None:
    if not case.is_grad:
        return None
    advice = "Clear it first: `optimizer.zero_grad()`, or `.grad = None`."
    if case.before is not None and bool(case.before.any()) and case.same(case.actual, case.expected + case.before):
        return Unmet(
            f"{case.quoted} still holds the gradient of before: the new one was added.", advice, "gradients-accumulated"
        )
    factor = _common_factor(case)
    times = _round_whole(factor) if factor is not None else None
    if times is None or times > 20 or (case.run is not None and not _repeats_backward(case.run)):
        return None
    message = f"{case.quoted} is exactly {times} times the expected gradient: each `backward()` adds to what is there."
    return Unmet(message, advice, "gradients-accumulated")


def _repeats_backward(run: Program) -> bool:
    """Whether the draft calls ``backward`` more than once, as far as its text tells."""
    loops = (node for node in ast.walk(tree(run)) if isinstance(node, ast.For | ast.While | ast.FunctionDef))
    return calls(run, "backward") > 1 or any(_calls_backward(loop) for loop in loops)


def _calls_backward(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Attribute) and inner.attr == "backward" for inner in ast.walk(node))


def sum_for_mean(case: Case) -> Unmet | None:
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
        return Unmet(message, "Try `.mean()`, or `reduction='mean'`.", "sum-for-mean")
    message = f"{case.quoted} is 1/{part} of what was expected, and {part} is {where}: a mean where a sum was meant?"
    return Unmet(message, "Try `.sum()`, or `reduction='sum'`.", "mean-for-sum")


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


def integer_dtype(case: Case) -> Unmet | None:
    if not case.is_integer:
        return None
    for rounded in (case.expected, case.expected.trunc(), case.expected.floor(), case.expected.round()):
        if case.same(case.actual, rounded):
            lost = "" if rounded is case.expected else ", so that fractions are lost"
            message = f"{case.quoted} is made of integers ({case.dtype}){lost}."
            return Unmet(
                message, "Write a decimal point, `1.0`, or ask for a dtype: `dtype=torch.float32`.", "integer-dtype"
            )
    return None


def no_optimizer_step(case: Case) -> Unmet | None:
    if case.is_grad or case.before is None or not case.same(case.actual, case.before):
        return None
    return Unmet(
        f"{case.quoted} has not moved from where it started.", "Is `optimizer.step()` called?", "no-optimizer-step"
    )


def zero_gradient(case: Case) -> Unmet | None:
    cleared = case.run is None or calls(case.run, "zero_grad") or calls(case.run, "zero_")
    if not case.is_grad or bool(case.actual.any()) or not cleared:
        return None
    return Unmet(
        f"{case.quoted} is all zeros: it was cleared.",
        "Clear gradients before `backward()`, not after it.",
        "zero-gradient",
    )


def dropout_active(case: Case) -> Unmet | None:
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
    return Unmet(message, "`eval()` turns dropout off.", "dropout-active")


RECOGNISERS: tuple[Callable[[Case], Unmet | None], ...] = (
    typed_in,
    broadcast_loss,
    activation_before_loss,
    elementwise_for_matmul,
    wrong_dim,
    sum_and_mean,
    axes_swapped,
    reshaped_not_transposed,
    other_shape,
    off_by_one,
    integer_dtype,
    no_optimizer_step,
    gradients_accumulated,
    zero_gradient,
    sign_flipped,
    sum_for_mean,
    function_of_it,
    dropout_active,
)
