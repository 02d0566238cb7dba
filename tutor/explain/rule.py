"""What an entry of the list of known errors is, and how it reads the operands of the failing expression."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

from tutor.protocol import codec
from tutor.protocol.codec import Raised

LONGEST = 32
"""Characters of an expression that is said again in the explanation; it stands in the drawing anyway."""


SEARCHED = 4_000
"""Characters of a message that are searched: patterns with gaps in them take time that grows faster than the text."""


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
    what: str | Callable[[re.Match[str], Raised], Explanation | None]
    """The sentence, ``{0}`` being the first group of the pattern, said after the operands; or a function where that
    isn't enough, which gives None when it isn't this error after all."""
    try_: str = ""
    via: str = ""
    """Part of the name of the library function that raised it; empty for any."""

    def explain(self, event: Raised) -> Explanation | None:
        """What ``event`` means; None when it isn't this error."""
        if self.via not in event.via:
            return None
        match = re.search(self.pattern, f"{event.type}: {event.message}"[:SEARCHED], re.DOTALL)
        if match is None:
            return None
        if callable(self.what):
            return self.what(match, event)
        groups = [group or "" for group in match.groups()]
        return Explanation(about(event) + self.what.format(*groups), self.try_.format(*groups))


@dataclass(frozen=True, slots=True)
class Operand:
    """A tensor in the failing expression."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    device: str = ""
    """Where operands are on several."""

    def __str__(self) -> str:
        """As it is said: ``x is f32[2,3]``."""
        where = f" on {self.device}" if self.device else ""
        return f"`{self.name}` is {self.dtype}[{','.join(map(str, self.shape))}]{where}"


def tensors(event: Raised) -> list[Operand]:
    """The tensors among the operands, in the order in which the expression names them."""
    made = []
    said = expression(event)
    for told in event.operands:
        if operand := _operand(told):
            place = re.search(rf"(?<![\w.]){re.escape(operand.name)}(?!\w)", said)
            made.append((place.start() if place else len(said), operand))
    return [operand for _, operand in sorted(made, key=lambda pair: pair[0])]


def _operand(told: codec.Operand) -> Operand | None:
    match = re.fullmatch(r"(\w+)\[([\d,]*)\] ?(.*)", told.what)
    if match is None:
        return None
    return Operand(told.name, match[1], tuple(int(size) for size in match[2].split(",") if size), match[3])


def expression(event: Raised) -> str:
    """The failing sub-expression; empty when it isn't known."""
    if not event.frames:
        return ""
    frame = event.frames[-1]
    text = "" if frame.column is None else frame.text[frame.column : frame.end_column]
    try:
        (node,) = ast.parse(text).body
    except (SyntaxError, ValueError):
        return ""
    return text if isinstance(node, (ast.Expr, ast.AugAssign)) else ""


def sizes(text: str) -> tuple[int, ...]:
    """The numbers in ``32x784`` or ``[2, 3]``."""
    return tuple(int(size) for size in re.findall(r"\d+", text))


def count(number: int | str, word: str) -> str:
    """``1 channel``, ``3 channels``."""
    return f"{number} {word}" if int(number) == 1 else f"{number} {word}s"


def times(shape: tuple[int, ...]) -> str:
    """A shape as people read it: ``2 × 3``."""
    return " × ".join(map(str, shape)) if shape else "a single number"


def arrived(event: Raised) -> list[Operand]:
    """The tensors that the layer in which it happened was called with."""
    return [made for operand in (event.inside.inputs if event.inside else ()) if (made := _operand(operand))]


def about(event: Raised) -> str:
    """``x is f32[2,3], w is f32[4].`` with the expression before it; empty when no operand is known.

    Of an error in a layer: ``net.2 is Linear(10, 2), and got f32[8,16].``
    """
    said = expression(event)
    if event.inside is not None and event.inside.inputs:
        got = " and ".join(dict.fromkeys(operand.what for operand in event.inside.inputs))
        lead = f"`{said}`: " if said and len(said) <= LONGEST else ""
        layer = event.inside
        return f"{lead}`{layer.name}` is {layer.kind}, and got {got}. " if layer.name else f"{layer.kind} got {got}. "
    known = tensors(event)
    if not known:
        return ""
    lead = f"`{said}`: " if said not in ("", known[0].name) and len(said) <= LONGEST else ""
    return lead + ", ".join(map(str, known)) + ". "


def would_fit(event: Raised) -> str:
    """``w.T would fit.``, of what was tried; empty when nothing did."""
    return f"`{event.fits[0]}` would fit." if event.fits else ""
