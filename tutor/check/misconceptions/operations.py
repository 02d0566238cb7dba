"""Misconceptions about an operation on the tensors that the value may have been computed from.

Each needs both: that the right operation on a tensor makes the expected value, and that the wrong one on the
same tensor makes the learner's.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator

import torch
from torch.nn import functional as nn_functional

from tutor.check.case import Case, Diagnosis
from tutor.check.wording import quote

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
    "flip": torch.flip,
}
_ONE_FOR_ANOTHER = (("sum", "mean", "sum-for-mean"), ("mean", "sum", "mean-for-sum"))


def wrong_dim(case: Case) -> Diagnosis | None:
    for (name, source), (operation, reduce) in itertools.product(case.sources.items(), REDUCTIONS.items()):
        if source.ndim < 2:
            continue
        over = {dim: result for dim in range(source.ndim) if (result := _reduce(reduce, source, dim)) is not None}
        right = [dim for dim, result in over.items() if case.same(case.expected, result)]
        if not right:
            continue
        of = f"{operation} of {quote(name)}"
        for dim, result in over.items():
            if case.same(case.actual, result):
                message = f"{case.quoted} is the {of} over dim {dim}; expected it over dim {right[0]}."
                return Diagnosis(message, f"Try `dim={right[0]}`.", "wrong-dim")
        whole = _reduce(reduce, source, None)
        if whole is not None and case.same(case.actual, whole):
            message = f"{case.quoted} is the {of} over everything; expected it over dim {right[0]}."
            return Diagnosis(message, f"Try `dim={right[0]}`.", "wrong-dim")
    return None


def _reduce(reduce: Reduction, source: torch.Tensor, dim: int | None) -> torch.Tensor | None:
    with contextlib.suppress(RuntimeError, TypeError, ValueError, IndexError):
        return (
            reduce(source) if dim is None else reduce(source, (dim,)) if reduce is torch.flip else reduce(source, dim)
        )
    return None


def sum_and_mean(case: Case) -> Diagnosis | None:
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
                return Diagnosis(message, f"Try `.{right_name}({'' if dim is None else dim})`.", misconception)
    return None


def _pairs(case: Case) -> Iterator[tuple[str, torch.Tensor, str, torch.Tensor]]:
    for (one, left), (other, right) in itertools.permutations(case.sources.items(), 2):
        yield one, left, other, right


def elementwise_for_matmul(case: Case) -> Diagnosis | None:
    pairs = itertools.chain(_pairs(case), ((name, value, name, value) for name, value in case.sources.items()))
    for one, left, other, right in pairs:
        if left.ndim == 0 or right.ndim == 0:
            continue
        with contextlib.suppress(RuntimeError):
            product, matrix = left * right, left @ right
            if case.same(case.expected, matrix) and case.same(case.actual, product):
                message = f"{case.quoted} is `{one} * {other}`, element by element; expected the matrix product."
                return Diagnosis(message, f"Try `{one} @ {other}`.", "elementwise-for-matmul")
            if case.same(case.expected, product) and case.same(case.actual, matrix):
                message = f"{case.quoted} is the matrix product `{one} @ {other}`; expected it element by element."
                return Diagnosis(message, f"Try `{one} * {other}`.", "matmul-for-elementwise")
    return None


def activation_before_loss(case: Case) -> Diagnosis | None:
    """Softmax before cross-entropy, sigmoid before binary cross-entropy with logits: both apply it themselves."""
    for one, scores, _, target in _pairs(case):
        for reduction in ("mean", "sum", "none"):
            with contextlib.suppress(RuntimeError, IndexError, ValueError):
                if _is_doubled_softmax(case, scores, target, reduction):
                    message = f"{case.quoted} is the cross-entropy of `softmax({one})`: it applies softmax itself."
                    return Diagnosis(message, f"Pass `{one}` as it is.", "softmax-before-cross-entropy")
            with contextlib.suppress(RuntimeError, IndexError, ValueError):
                binary = nn_functional.binary_cross_entropy_with_logits
                right = binary(scores, target, reduction=reduction)
                wrong = binary(scores.sigmoid(), target, reduction=reduction)
                if case.same(case.expected, right) and case.same(case.actual, wrong):
                    message = f"{case.quoted} is the loss of `sigmoid({one})`: this loss applies it itself."
                    return Diagnosis(message, f"Pass `{one}` as it is.", "sigmoid-before-logits-loss")
    return None


def _is_doubled_softmax(case: Case, scores: torch.Tensor, target: torch.Tensor, reduction: str) -> bool:
    if scores.ndim < 2:
        return False
    goal = target if target.shape == scores.shape else target.long()
    right = nn_functional.cross_entropy(scores, goal, reduction=reduction)
    wrong = nn_functional.cross_entropy(scores.softmax(1), goal, reduction=reduction)
    return case.same(case.expected, right) and case.same(case.actual, wrong)


def broadcast_loss(case: Case) -> Diagnosis | None:
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
                    return Diagnosis(message, f"Give both one shape: `{one}.squeeze(1)`.", "broadcast-loss")
    return None


OPERATIONS = (broadcast_loss, activation_before_loss, elementwise_for_matmul, wrong_dim, sum_and_mean)
