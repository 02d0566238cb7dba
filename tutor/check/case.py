"""A wrong value beside the expected one, with everything that may explain the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import torch

from tutor.check.program import Program
from tutor.check.wording import quote
from tutor.inspection.tensor import is_tensor, plain, unreadable

SOURCE = 20_000
"""Elements of the largest tensor that is searched for the origin of a wrong value."""
SOURCES = 12
"""Tensors that are searched for it at most, the latest ones."""


class Diagnosis(NamedTuple):
    """A recognised misconception: the first three arguments of ``Unmet``."""

    message: str
    advice: str
    misconception: str


def widen(value: Any) -> torch.Tensor:
    """A number, list or tensor on the CPU in double precision, where values of any dtype can be compared."""
    tensor = plain(value).cpu() if is_tensor(value) else torch.as_tensor(value)
    return tensor.to(torch.complex128 if tensor.is_complex() else torch.float64)


@dataclass(frozen=True)
class Case:
    """Two values that differ, widened."""

    name: str
    actual: torch.Tensor
    expected: torch.Tensor
    dtype: str
    """The learner's value's own dtype, short."""
    is_integer: bool
    """Whether the learner's value has an integer dtype and the expected one doesn't."""
    rtol: float
    atol: float
    run: Program | None
    mistaken: Mapping[str, Any]
    before: torch.Tensor | None
    tensors: Mapping[str, torch.Tensor]
    """Tensors that the learner's value may have been computed from, unchanged."""
    difference: str = ""
    """How the two differ, in a sentence."""

    def same(self, left: torch.Tensor, right: torch.Tensor) -> bool:
        """Whether both have one shape and, within the tolerances, the same values."""
        if left.shape != right.shape:
            return False
        right = right.to(left.dtype)
        return torch.allclose(left, right, rtol=self.rtol, atol=self.atol, equal_nan=True)

    def explained_by(self, wrong: Any) -> bool:
        """Whether ``wrong``, a value or a function that computes one, is the learner's value; False if that fails."""
        try:
            return self.same(self.actual, widen(wrong() if callable(wrong) else wrong))
        except Exception:
            return False

    @property
    def quoted(self) -> str:
        return quote(self.name)

    @property
    def is_grad(self) -> bool:
        return self.name.split(" ")[0].endswith(".grad")

    @cached_property
    def has_nonzero(self) -> bool:
        """Whether the expected value has a number other than zero, so that its multiples differ."""
        return bool((self.expected.isfinite() & (self.expected != 0)).any())

    @cached_property
    def has_distinct_values(self) -> bool:
        """Whether the expected value has different numbers, so that their order matters."""
        return self.expected.numel() > 1 and bool((self.expected != self.expected.flatten()[0]).any())

    @cached_property
    def sources(self) -> dict[str, torch.Tensor]:
        """The readable, small ones of ``tensors``, widened, the latest first."""
        sources: dict[str, torch.Tensor] = {}
        for name, tensor in reversed(list(self.tensors.items())):
            if len(sources) < SOURCES and 0 < tensor.numel() <= SOURCE and not unreadable(tensor):
                sources[name] = widen(tensor)
        return sources
