"""The value that ``expect`` is about: its name, its program, and what every question needs of them."""

from __future__ import annotations

from typing import Any, NoReturn

import torch

from tutor.check import comparison, memory
from tutor.check.program import Program, Unmet, draft_of, line_of
from tutor.check.wording import call_site, error_text, quoted
from tutor.inspection.tensor import instance, is_tensor, unreadable


class Subject:
    """A value, the learner's name for it, and the program it comes from where that is known."""

    def __init__(self, value: Any, name: str = "", run: Program | None = None) -> None:
        self.value = value
        self._name = name
        self._run = run
        self._arguments: dict[str, torch.Tensor] = {}

    def _memory(self, value: Any) -> tuple[int, int]:
        found = memory.reach(value)
        if found is None:
            raise comparison.missing_or_wrong(self._name if value is self.value else "", value, "a tensor", self._run)
        return found

    def _known(self, value: Any) -> str:
        """The learner's name for another value of the check."""
        named = draft_of(self._run).given.get(id(value)) if self._run is not None else None
        return f"`{named[0]}`" if named else "the other"

    def _stopped(self, written: str, error: BaseException) -> Unmet:
        line = call_site(error.__traceback__, draft_of(self._run).path) if self._run is not None else None
        where = f" on line {line} of your code" if line else ""
        return Unmet(f"`{written}` stops{where}: {error_text(error)}")

    def _tensor(self) -> torch.Tensor:
        if not is_tensor(self.value):
            raise comparison.missing_or_wrong(self._name, self.value, "a tensor", self._run)
        tensor: torch.Tensor = self.value
        return tensor

    def _callable(self) -> None:
        if not callable(self.value):
            raise comparison.missing_or_wrong(self._name, self.value, "a function", self._run)

    def _number(self, wanted: str) -> float:
        """The value as a number; ``wanted`` says what is asked of it."""
        value = self.value
        if is_tensor(value) and value.numel() == 1 and not unreadable(value):
            value = value.item()
        if instance(value, bool) or not instance(value, int, float):
            raise comparison.missing_or_wrong(self._name, self.value, f"a number {wanted}", self._run)
        return float(value) if instance(value, float) else int(value)

    def _where(self) -> str:
        root = self._name.split(".")[0].split("[")[0]
        line = line_of(draft_of(self._run), root) if self._run is not None else None
        return f" where line {line} makes it" if line else " where it is made"

    def _sources(self) -> dict[str, torch.Tensor]:
        """The tensors that a wrong value may have been made from."""
        if self._arguments or self._run is None:
            return self._arguments
        names = draft_of(self._run).namespace
        return {name: value for name, value in names.items() if is_tensor(value) and not name.startswith("_")}

    def _unmet(self, rest: str, advice: str = "", misconception: str = "") -> NoReturn:
        raise Unmet(f"{quoted(self._name)} {rest}", advice, misconception)
