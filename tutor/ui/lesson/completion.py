"""The decisions of completion: when to ask, and which names fit. The controller asks, and a widget draws.

Completion is written by hand: jedi gives its first answer after 4 to 18 s, a warm one after 90 to 390 ms; ours come
within 50.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutor.protocol.codec import Completion

LETTERS = 2
"""Letters of a name after which something is offered; behind a dot at once."""

_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
_NAME = re.compile(r"[^\W\d]\w*$")
_ATTRIBUTE = re.compile(r"(?:[^\W\d]\w*|[)\]}\"'])\s*\.\s*(?:[^\W\d]\w*)?$")


def asks(before: str) -> bool:
    """Whether what stands before the cursor on its line is a name that is worth completing."""
    if _hidden(before):
        return False
    if _ATTRIBUTE.search(before):
        return True
    name = _NAME.search(before)
    return name is not None and len(name[0]) >= LETTERS


def _hidden(before: str) -> bool:
    """Whether the line ends within a string or a comment, as far as the line alone tells."""
    return not {"#", '"', "'"}.isdisjoint(_STRING.sub("", before))


@dataclass
class Offer:
    """The ways to go on with one name. What is typed meanwhile narrows them."""

    row: int
    start: int
    """The column at which the name begins."""
    before: str
    """The line's text before it."""
    items: tuple[Completion, ...]
    typed: str = ""
    chosen: int | None = None
    """The index that the learner has moved to; None while they go on typing."""
    fitting: tuple[Completion, ...] = field(default=())

    def follow(self, row: int, column: int, line: str) -> bool:
        """Narrow to what the line now holds; False when the cursor has left the name or nothing fits it."""
        typed = line[self.start : column]
        if row != self.row or column < self.start or line[: self.start] != self.before:
            return False
        if typed and not _NAME.fullmatch(typed):
            return False
        chosen = self.fitting[self.chosen].name if self.chosen is not None else None
        self.typed = typed
        self.fitting = tuple(item for item in self.items if item.name.startswith(typed)) or tuple(
            item for item in self.items if item.name.lower().startswith(typed.lower())
        )
        self.chosen = next((index for index, item in enumerate(self.fitting) if item.name == chosen), None)
        return bool(self.fitting) and not (len(self.fitting) == 1 and self.fitting[0].name == typed)

    def move(self, step: int) -> None:
        """Go down or up; above the first one is back in the text."""
        index = (-1 if self.chosen is None else self.chosen) + step
        self.chosen = None if index < 0 else min(index, len(self.fitting) - 1)

    def pick(self, after: str) -> str:
        """The text to insert before ``after``: the chosen name, or the first; an argument with its ``=``."""
        item = self.fitting[self.chosen or 0]
        return item.name + "=" * (item.kind == "argument" and not after.lstrip(" ").startswith("="))
