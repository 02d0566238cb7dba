"""Which hint belongs to which line of a text that is being edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # importing the messages takes 10 ms, which the first paint need not wait for
    from tutor.runner.protocol import Hint


class Margin:
    """The hints of a run, each at its line wherever that goes; one whose line was edited is gone."""

    def __init__(self) -> None:
        self.hints: dict[int, Hint] = {}
        """By row, counted from 0."""
        self._lines: list[str] = []

    def fill(self, hints: Sequence[Hint], lines: Sequence[str]) -> None:
        """Take the hints of a run whose program had these lines."""
        self.hints = {hint.line - 1: hint for hint in hints}
        self._lines = list(lines)

    def follow(self, lines: Sequence[str], same: int | None = None) -> None:
        """The text has other lines now. ``same`` is a row that keeps its hint whatever it says now.

        What is equal at the beginning and at the end stays or is moved; in between a row counts as edited unless
        there are as many rows as before and it is the same.
        """
        old, new = self._lines, list(lines)
        self._lines = new
        if not self.hints:
            return
        shorter = min(len(old), len(new))
        top = next((row for row in range(shorter) if old[row] != new[row]), shorter)
        most = shorter - top
        bottom = next((back for back in range(most) if old[-1 - back] != new[-1 - back]), most)
        moved = len(new) - len(old)
        kept = {}
        for row, hint in self.hints.items():
            if row < top or (not moved and row < len(new) and (old[row] == new[row] or row == same)):
                kept[row] = hint
            elif len(old) - bottom <= row < len(old):
                kept[row + moved] = hint
        self.hints = kept
