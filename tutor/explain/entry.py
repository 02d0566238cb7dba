"""What an entry of the list of known errors is, and how it reads the operands of the failing expression."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tutor.runner.protocol import Raised

LONGEST = 32
"""Characters of an expression that is said again in the explanation; it stands in the drawing anyway."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """An error in plain words. Code stands in backticks."""

    what: str
    """What is wrong, with the learner's names and shapes where they are known."""
    try_: str = ""
    """One thing to try."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One known error. ``pattern`` is searched in ``Type: message``."""

    pattern: str
    what: str | Callable[[re.Match[str], Raised], Explanation]
    """The sentence, ``{0}`` being the first group of the pattern; or a function where that isn't enough."""
    try_: str = ""

    def explain(self, event: Raised) -> Explanation | None:
        """What ``event`` means; None when it isn't this error."""
        match = re.search(self.pattern, f"{event.type}: {event.message}", re.DOTALL)
        if match is None:
            return None
        if callable(self.what):
            return self.what(match, event)
        groups = [group or "" for group in match.groups()]
        return Explanation(self.what.format(*groups), self.try_.format(*groups))


@dataclass(frozen=True, slots=True)
class Operand:
    """A tensor in the failing expression."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        """As it is said: ``x is f32[2,3]``."""
        return f"`{self.name}` is {self.dtype}[{','.join(map(str, self.shape))}]"


def tensors(event: Raised) -> list[Operand]:
    """The tensors among the operands, in the order in which the expression names them."""
    made = []
    said = expression(event)
    for operand in event.operands:
        if match := re.fullmatch(r"(\w+)\[([\d,]*)\].*", operand.what):
            shape = tuple(int(size) for size in match[2].split(",") if size)
            place = re.search(rf"(?<![\w.]){re.escape(operand.name)}(?!\w)", said)
            made.append((place.start() if place else len(said), Operand(operand.name, match[1], shape)))
    return [operand for _, operand in sorted(made, key=lambda pair: pair[0])]


def expression(event: Raised) -> str:
    """The failing sub-expression; empty when it isn't known."""
    if not event.frames:
        return ""
    frame = event.frames[-1]
    return "" if frame.column is None else frame.text[frame.column : frame.end_column]


def sizes(text: str) -> tuple[int, ...]:
    """The numbers in ``32x784`` or ``[2, 3]``."""
    return tuple(int(size) for size in re.findall(r"\d+", text))


def times(shape: tuple[int, ...]) -> str:
    """A shape as people read it: ``2 × 3``."""
    return " × ".join(map(str, shape)) if shape else "a single number"


def about(event: Raised) -> str:
    """``x is f32[2,3], w is f32[4].`` with the expression before it; empty when no operand is known."""
    known = tensors(event)
    if not known:
        return ""
    said = expression(event)
    lead = f"`{said}`: " if said not in ("", known[0].name) and len(said) <= LONGEST else ""
    return lead + ", ".join(map(str, known)) + ". "
