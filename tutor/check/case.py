"""A wrong value beside the expected one, with everything that may explain the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from tutor.check.program import Program
from tutor.check.wording import quote
from tutor.inspection.tensor import is_tensor, plain, short_dtype, unreadable

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
SOURCE = 20_000
"""Elements of the largest tensor that is searched for the origin of a wrong value."""
SOURCES = 12
"""Tensors that are searched for it at most, the latest ones."""


def widen(value: Any) -> torch.Tensor:
    """A number, list or tensor on the CPU in double precision, where values of any dtype can be compared."""
    tensor = plain(value).cpu() if is_tensor(value) else torch.as_tensor(value)
    return tensor.to(torch.complex128 if tensor.is_complex() else torch.float64)


@dataclass(frozen=True)
class Criteria:
    """Tolerances of a comparison and hints for explaining it, the same for each part of a nested value."""

    run: Program | None
    rtol: float | None
    atol: float | None
    mistaken: Mapping[str, Any]
    before: torch.Tensor | None
    sources: Mapping[str, torch.Tensor]
    """Tensors that the learner's value may have been computed from."""

    def tolerances(self, *dtypes: torch.dtype) -> tuple[float, float]:
        """Relative and absolute, for values of these dtypes."""
        defaults = [TOLERANCES.get(dtype, (0.0, 0.0)) for dtype in dtypes]
        rtol = max(pair[0] for pair in defaults) if self.rtol is None else self.rtol
        atol = max(pair[1] for pair in defaults) if self.atol is None else self.atol
        return rtol, atol


class Case:
    """Two values that are compared, widened.

    Attributes:
        dtype: the learner's value's own dtype, short.
        is_integer: whether the learner's value has an integer dtype and the expected one doesn't.
        difference: how the two differ, in a sentence, once that is known.
    """

    def __init__(self, name: str, actual: torch.Tensor, expected: torch.Tensor, criteria: Criteria) -> None:
        self.name = name
        self.actual, self.expected = widen(actual), widen(expected)
        self.dtype = short_dtype(actual.dtype)
        whole = not (actual.is_floating_point() or actual.is_complex() or actual.dtype == torch.bool)
        self.is_integer = whole and (expected.is_floating_point() or expected.is_complex())
        self.rtol, self.atol = criteria.tolerances(actual.dtype, expected.dtype)
        self.run, self.mistaken = criteria.run, criteria.mistaken
        self.before = None if criteria.before is None else widen(criteria.before)
        self.difference = ""
        self._tensors = criteria.sources

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
        """The readable, small tensors that the learner's value may have been computed from, widened, latest first.

        Not the value itself: its sum over an axis of size 1 is itself, and would explain anything.
        """
        sources: dict[str, torch.Tensor] = {}
        for name, tensor in reversed(list(self._tensors.items())):
            if name != self.name and len(sources) < SOURCES and 0 < tensor.numel() <= SOURCE and not unreadable(tensor):
                sources[name] = widen(tensor)
        return sources
