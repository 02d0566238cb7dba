"""Misconceptions by name: each is said only when it reproduces the learner's value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from tutor.check.program import Program, Unmet
from tutor.check.words import quoted


class Found(NamedTuple):
    message: str
    advice: str
    misconception: str


@dataclass(frozen=True)
class Case:
    """Two values that differ, on the CPU in double precision, and what may explain the difference."""

    name: str
    actual: torch.Tensor
    expected: torch.Tensor
    integer: bool
    """Whether the learner's value has an integer dtype."""
    rtol: float
    atol: float
    run: Program | None
    mistaken: Mapping[str, Any]
    before: torch.Tensor | None
    sources: Mapping[str, torch.Tensor]
    wide: Callable[[torch.Tensor], torch.Tensor]

    def same(self, left: torch.Tensor, right: torch.Tensor) -> bool:
        if left.shape != right.shape:
            return False
        if left.dtype != right.dtype:
            right = right.to(left.dtype)
        return torch.allclose(left, right, rtol=self.rtol, atol=self.atol, equal_nan=True)


def recognise(case: Case) -> Found | None:
    """The first misconception that makes the learner's value out of the expected one, or None."""
    return None


def explain_none(name: str, wanted: str, run: Program | None) -> Unmet:
    return Unmet(f"{quoted(name)} is None; expected {wanted}.")
