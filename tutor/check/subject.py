"""The value that ``expect`` is about, with its name and its program, and the parts that all expectations share."""

from __future__ import annotations

from typing import Any, NoReturn

import torch

from tutor.check import comparison
from tutor.check.program import Program, Unmet, draft_of, line_of
from tutor.check.wording import call_site, error_text, quote
from tutor.inspection.tensor import instance, is_tensor, unreadable


class Subject:
    """A value, the learner's name for it, and the program it comes from where that is known."""

    def __init__(self, value: Any, name: str = "", run: Program | None = None) -> None:
        self.value = value
        self._name = name
        self._run = run
        self._arguments: dict[str, torch.Tensor] = {}

    def _require_memory(self, value: Any) -> tuple[int, int]:
        addresses = memory_span(value)
        if addresses is None:
            raise comparison.explain_wrong_type(self._name if value is self.value else "", value, "a tensor", self._run)
        return addresses

    def _learner_name(self, value: Any) -> str:
        """The learner's name for another value of the check."""
        handed_out = draft_of(self._run).handed_out.get(id(value)) if self._run is not None else None
        return f"`{handed_out[0]}`" if handed_out else "the other"

    def _explain_stop(self, written: str, error: BaseException) -> Unmet:
        line = call_site(error.__traceback__, draft_of(self._run).path) if self._run is not None else None
        where = f" on line {line} of your code" if line else ""
        return Unmet(f"`{written}` stops{where}: {error_text(error)}")

    def _require_tensor(self) -> torch.Tensor:
        if not is_tensor(self.value):
            raise comparison.explain_wrong_type(self._name, self.value, "a tensor", self._run)
        tensor: torch.Tensor = self.value
        return tensor

    def _require_callable(self) -> None:
        if not callable(self.value):
            raise comparison.explain_wrong_type(self._name, self.value, "a function", self._run)

    def _require_number(self, expected: str) -> float:
        """The value as a number; ``expected`` says which numbers pass."""
        value = self.value
        if is_tensor(value) and value.numel() == 1 and not unreadable(value):
            value = value.item()
        if instance(value, bool) or not instance(value, int, float):
            raise comparison.explain_wrong_type(self._name, self.value, f"a number {expected}", self._run)
        return float(value) if instance(value, float) else int(value)

    def _origin(self) -> str:
        root = self._name.split(".")[0].split("[")[0]
        line = line_of(draft_of(self._run), root) if self._run is not None else None
        return f" where line {line} makes it" if line else " where it is made"

    def _sources(self) -> dict[str, torch.Tensor]:
        """The tensors that a wrong value may have been computed from."""
        if self._arguments or self._run is None:
            return self._arguments
        names = draft_of(self._run).namespace
        return {name: value for name, value in names.items() if is_tensor(value) and not name.startswith("_")}

    def _fail(self, rest: str, advice: str = "", misconception: str = "") -> NoReturn:
        raise Unmet(f"{quote(self._name)} {rest}", advice, misconception)


def memory_span(value: Any) -> tuple[int, int] | None:
    """Return the addresses at which a tensor's or an array's memory begins and ends; of a view, those of its storage.

    None where there is no memory: another type, or a tensor that is meta or sparse.
    """
    if is_tensor(value):
        if value.layout is not torch.strided or value.is_meta:
            return None
        storage = value.untyped_storage()
        return storage.data_ptr(), storage.data_ptr() + storage.nbytes()
    while isinstance(value, memoryview) or (hasattr(value, "__array_interface__") and value.base is not None):
        below = value.obj if isinstance(value, memoryview) else value.base
        if is_tensor(below):
            return memory_span(below)
        if not hasattr(below, "__array_interface__") and not isinstance(below, memoryview):
            break
        value = below
    if not hasattr(value, "__array_interface__"):
        return None
    start = value.__array_interface__["data"][0]
    return start, start + value.nbytes


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two spans of memory overlap."""
    return max(one[0], other[0]) < min(one[1], other[1])
