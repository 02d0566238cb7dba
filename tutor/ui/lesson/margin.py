"""Which hint belongs to which line of a text that is being edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # importing the messages takes 10 ms, which the first paint need not wait for
    from tutor.protocol.codec import Hint


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
        """The text has other lines now. ``same`` is a row that keeps its hint whatever it says now."""
        old, new = self._lines, list(lines)
        self._lines = new
        if not self.hints:
            return
        if len(old) == len(new):
            place = {row: row for row in range(len(old)) if old[row] == new[row] or row == same}
        else:
            place = _moved(old, new)
        self.hints = {place[row]: hint for row, hint in self.hints.items() if row in place}


def _moved(old: list[str], new: list[str]) -> dict[int, int]:
    """Where each row that is still there has gone."""
    shorter = min(len(old), len(new))
    top = next((row for row in range(shorter) if old[row] != new[row]), shorter)
    most = shorter - top
    bottom = next((back for back in range(most) if old[-1 - back] != new[-1 - back]), most)
    place = {row: row for row in range(top)}
    if top + bottom < shorter:  # several edits at once
        from difflib import SequenceMatcher

        matcher = SequenceMatcher(None, old[top : len(old) - bottom], new[top : len(new) - bottom], autojunk=False)
        for a, b, size in matcher.get_matching_blocks():
            place |= {top + a + step: top + b + step for step in range(size)}
    return place | {len(old) - back: len(new) - back for back in range(1, bottom + 1)}
