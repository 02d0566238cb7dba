"""One rule that explains an error, and the functions with which rules read what is known of the failing line."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tutor.protocol import codec
from tutor.protocol.codec import Raised

LONGEST = 32
"""Characters of an expression that the explanation repeats; it stands in the drawing anyway."""
SEARCHED = 4_000
"""Characters of a message that are searched: patterns with gaps in them take time that grows faster than the text."""

_DTYPES = {
    "float": "float32", "double": "float64", "half": "float16", "bfloat16": "bfloat16", "long": "int64",
    "long int": "int64", "int": "int32", "short": "int16", "char": "int8", "signed char": "int8", "byte": "uint8",
    "unsigned char": "uint8", "bool": "bool", "complexfloat": "complex64", "complexdouble": "complex128",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Explanation:
    """An error in plain words. Code stands in backticks."""

    meaning: str
    """What is wrong, with the learner's names and shapes where they are known."""
    suggestion: str = ""
    """One thing to try."""
    cause: Raised | None = None
    """The error of another process that is reported here. Its suggestion is better, where a rule has one."""


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """The explanation of one kind of error. ``pattern`` is searched in ``Type: message``."""

    pattern: str
    meaning: str | Callable[[re.Match[str], Raised], Explanation | None]
    """The sentence after the operands, ``{0}`` being the first group of the pattern, see :class:`_Group`. Or a
    function, where a sentence isn't enough: it returns None when it isn't this error after all."""
    suggestion: str = ""
    via: str = ""
    """Part of the name of the library function that raised it; empty for any."""

    def explain(self, event: Raised) -> Explanation | None:
        """Explain ``event``; None when it isn't this error."""
        if self.via not in event.via:
            return None
        match = re.search(self.pattern, f"{event.type}: {event.message}"[:SEARCHED], re.DOTALL)
        if match is None:
            return None
        if callable(self.meaning):
            return self.meaning(match, event)
        groups = [_Group(group or "") for group in match.groups()]
        return Explanation(describe(event) + self.meaning.format(*groups), self.suggestion.format(*groups))


class _Group(str):
    """A group of a pattern within a sentence: ``{0}`` as torch writes it, ``{0:shape}``, ``{0:dtype}`` or ``{0:GiB}``.

    ``shape`` makes ``2 × 3`` of ``[2, 3]``, ``dtype`` ``float32`` of ``Float``, ``GiB`` a size of a number of bytes.
    """

    __slots__ = ()

    def __format__(self, how: str) -> str:
        match how:
            case "shape":
                return format_shape(parse_sizes(self))
            case "dtype":
                return dtype(self)
            case "GiB":
                return f"{int(self) / 2**30:,.1f}"
        return str(self)


@dataclass(frozen=True, slots=True)
class TensorOperand:
    """A tensor in the failing expression."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    device: str = ""
    """Where operands are on several."""

    def __str__(self) -> str:
        """The operand within a sentence: ``x is f32[2,3]``."""
        device = f" on {self.device}" if self.device else ""
        return f"`{self.name}` is {self.dtype}[{','.join(map(str, self.shape))}]{device}"


def read_tensors(event: Raised) -> list[TensorOperand]:
    """Return the tensors among the operands, in the order in which the expression names them."""
    expression = failing_expression(event)

    def place(operand: TensorOperand) -> int:
        match = re.search(rf"(?<![\w.]){re.escape(operand.name)}(?!\w)", expression)
        return match.start() if match else len(expression)

    return sorted(_tensors_among(event.operands), key=place)


def layer_inputs(event: Raised) -> list[TensorOperand]:
    """Return the tensors that the failing layer was called with."""
    return _tensors_among(event.inside.inputs if event.inside else ())


def _tensors_among(operands: Iterable[codec.Operand]) -> list[TensorOperand]:
    tensors = []
    for operand in operands:
        if match := re.fullmatch(r"(\w+)\[([\d,]*)\] ?(.*)", operand.what):
            tensors.append(TensorOperand(operand.name, match[1], parse_sizes(match[2]), match[3]))
    return tensors


def failing_expression(event: Raised) -> str:
    """Return the failing sub-expression; empty when it isn't known."""
    if not event.frames:
        return ""
    frame = event.frames[-1]
    text = "" if frame.column is None else frame.text[frame.column : frame.end_column]
    try:
        (node,) = ast.parse(text).body
    except (SyntaxError, ValueError):
        return ""
    return text if isinstance(node, (ast.Expr, ast.AugAssign)) else ""


def parse_sizes(text: str) -> tuple[int, ...]:
    """Return the numbers in ``32x784`` or ``[2, 3]``."""
    return tuple(int(size) for size in re.findall(r"\d+", text))


def dtype(name: str) -> str:
    """The name of a dtype as learners write it, from torch's inner one: ``Double`` is ``float64``."""
    return _DTYPES.get(name.lower().removesuffix("tensor").removeprefix("c10::"), name)


def pluralize(number: int | str, noun: str) -> str:
    """Write a number with its noun: ``1 channel``, ``3 channels``."""
    return f"{number} {noun}" if int(number) == 1 else f"{number} {noun}s"


def format_shape(shape: tuple[int, ...]) -> str:
    """Write a shape as people read it: ``2 × 3``."""
    return " × ".join(map(str, shape)) if shape else "a single number"


def describe(event: Raised) -> str:
    """Describe the operands, ``x is f32[2,3], w is f32[4].``, after the expression; empty when none is known.

    Of an error in a layer: ``net.2 is Linear(10, 2), and got f32[8,16].``
    """
    expression = failing_expression(event)
    is_short = 0 < len(expression) <= LONGEST
    if event.inside is not None and event.inside.inputs:
        inputs = " and ".join(dict.fromkeys(operand.what for operand in event.inside.inputs))
        lead = f"`{expression}`: " if is_short else ""
        layer = event.inside
        return (
            f"{lead}`{layer.name}` is {layer.kind}, and got {inputs}. "
            if layer.name
            else f"{layer.kind} got {inputs}. "
        )
    operands = read_tensors(event)
    if not operands:
        return ""
    lead = f"`{expression}`: " if is_short and expression != operands[0].name else ""
    return lead + ", ".join(map(str, operands)) + ". "


def name_fit(event: Raised) -> str:
    """Name the replacement that was tried and works, ``w.T would fit.``; empty when none does."""
    return f"`{event.fits[0]}` would fit." if event.fits else ""


def end_by_fit(event: Raised) -> str:
    """The end of a sentence that names the same, ``; `w.T` would fit.``; only the full stop when none does."""
    return f"; {name_fit(event)}" if event.fits else "."


def explain_as_cause(event: Raised, meaning: str, suggestion: str) -> Explanation:
    """Explain an error that holds the traceback of another process: its last line is the cause.

    ``suggestion`` stands where no rule explains the cause.
    """
    lines = re.findall(r"^(\w[\w.]*(?:Error|Exception|Interrupt)\w*): (.*)$", event.message, re.MULTILINE)
    return Explanation(meaning, suggestion, Raised(event.run, lines[-1][0], lines[-1][1], ()) if lines else None)
