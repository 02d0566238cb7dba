"""The number under the cursor, and the next one up or down: what the keys that scrub change in a draft.

How far a step goes. It is one in the second digit of the number, or one in its last digit where that is finer:

- ``0.1`` → ``0.11``, ``0.5`` → ``0.51``, ``2.5`` → ``2.6``, ``0.95`` → ``0.96``, ``0.999`` → ``1.000``: a rate is
  felt in its second digit, and a momentum or γ near 1 in its last;
- ``0`` → ``1``, ``8`` → ``9``, ``32`` → ``33``, ``128`` → ``129``, ``1337`` → ``1338``: dimensions, batches and seeds
  go one by one. Powers of two are no exception: one that doubled would run away from whoever holds the key at 30;
- ``100`` → ``110``, ``1_000`` → ``1_100``: the zeros at the end of a round number say that it isn't meant to the one;
  nor does the lone zero of ``10.0`` count as a digit, but those of ``0.10`` and ``1.00`` do;
- ``1e-3`` → ``2e-3`` … ``9e-3`` → ``1e-2``, ``1.5e-4`` → ``1.6e-4``: where there is an exponent it moves along, and
  the number never reaches zero.

While the key is held the step stays what it was at the first press, so that a value runs evenly, through zero as
well, and comes back through the same numbers. A minus belongs to the number where it is a sign and no subtraction.
``True`` is larger than ``False``. Hexadecimal and complex numbers, strings and comments are left alone, and the
code around may be as broken as it likes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from keyword import kwlist

_TOKEN = re.compile(
    r"(?P<skip>\#[^\n]*"
    r'|"""(?:\\.|[^\\])*?(?:"""|\Z)|' + r"'''(?:\\.|[^\\])*?(?:'''|\Z)"
    r'|"(?:\\.|[^"\\\n])*"?|' + r"'(?:\\.|[^'\\\n])*'?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<other>0[xXoObB]\w*|(?>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)[^\W\d_]\w*)"
    r"|(?P<number>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)"
    r"|(?P<space>\s+)|(?P<sign>.)",
    re.DOTALL,
)
"""Python, as far as it takes to tell numbers from what only holds digits. Whatever isn't closed goes to its end."""
_OPERATORS = frozenset("([{,=:+-*/%@<>&|^~;")
_WORDS = frozenset(kwlist) - {"True", "False", "None"}
"""After these a minus is a sign."""
_LIMIT = 300
"""Exponents, and digits before the point, beyond which nothing grows."""


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """A number, ``True`` or ``False``, as it stands in its line from ``start`` up to ``end``."""

    text: str
    start: int
    end: int

    @property
    def step(self) -> Decimal:
        """The size of one step. In a number with an exponent it is the mantissa's."""
        if self.text in ("True", "False"):
            return Decimal(1)
        digits = self.text.lstrip("-").replace("_", "").lower().partition("e")[0]
        whole, _, decimals = digits.partition(".")
        value = Decimal(digits)
        if "e" in self.text.lower():
            return Decimal(1).scaleb(-len(decimals))
        coarsest = value.adjusted() - 1
        if len(decimals) > 1 or decimals.strip("0"):
            finest = -len(decimals)
        elif not value:
            finest = -1 if "." in digits else 0
            coarsest = finest
        else:
            finest = len(whole) - len(whole.rstrip("0"))
        if "." not in digits:
            coarsest = max(0, coarsest)
        return Decimal(1).scaleb(min(coarsest, finest))

    def advance(self, up: bool, step: Decimal) -> str:
        """The number after a step, written as it is now; the same text when it can't go further."""
        if self.text in ("True", "False"):
            return str(up)
        negative = self.text.startswith("-")
        digits = self.text.lstrip("-")
        if "e" in digits.lower():
            return _scientific(digits, negative, up, step)
        value = Decimal(digits.replace("_", "")) * (-1 if negative else 1) + (step if up else -step)
        if value.adjusted() > _LIMIT:
            return self.text
        decimals = max(len(digits.partition(".")[2].replace("_", "")), -int(step.adjusted()))
        return _format(value, decimals, "_" in digits)


def _scientific(digits: str, negative: bool, up: bool, step: Decimal) -> str:
    mark = "e" if "e" in digits else "E"
    mantissa, _, tail = digits.partition(mark)
    decimals = len(mantissa.partition(".")[2])
    exponent = int(tail)
    size = Decimal(mantissa.replace("_", ""))
    usual = 1 <= size < 10
    size += step if up is not negative else -step
    if size < 0:
        size, negative = -size, not negative
    if usual and size >= 10:
        size, exponent = Decimal(1), exponent + 1
    elif usual and size < 1:
        size, exponent = 10 - step, exponent - 1
    if abs(exponent) > _LIMIT:
        return ("-" if negative else "") + digits
    width = len(tail.lstrip("+-")) if tail.lstrip("+-").startswith("0") else 1
    sign = "-" if exponent < 0 else "+" if tail.startswith("+") else ""
    return f"{'-' if negative and size else ''}{size:.{decimals}f}{mark}{sign}{abs(exponent):0{width}}"


def _format(value: Decimal, decimals: int, grouped: bool) -> str:
    if not value:
        value = abs(value)  # no -0.0
    return f"{value:,.{decimals}f}".replace(",", "_") if grouped else f"{value:.{decimals}f}"


def find(source: str, row: int, column: int) -> NumberLiteral | None:
    """The number under or right before the cursor; else the next to the right in its line, else to the left."""
    literal: NumberLiteral | None = None
    for literal in _literals(source, row):
        if column <= literal.end:
            break
    return literal


def _literals(source: str, row: int) -> Iterator[NumberLiteral]:
    """The numbers of a line, from left to right."""
    line = 0
    begin = 0
    last = ""
    """The text of the token before, spaces left out."""
    minus = -1
    """Where a sign stands that the next number may take along."""
    for match in _TOKEN.finditer(source):
        text = match[0]
        if line == row and match.lastgroup in ("number", "name"):
            start = match.start() - begin
            if match.lastgroup == "number":
                signed = minus == match.start() - 1 >= begin
                yield NumberLiteral("-" * signed + text, start - signed, match.end() - begin)
            elif text in ("True", "False"):
                yield NumberLiteral(text, start, start + len(text))
        if match.lastgroup != "space":
            if text == "-":
                minus = match.start() if not last or last[-1] in _OPERATORS or last in _WORDS else -1
            if match.lastgroup != "skip" or not text.startswith("#"):
                last = text
        breaks = text.count("\n")
        if breaks:
            line += breaks
            begin = match.start() + text.rindex("\n") + 1
            if match.lastgroup == "space":
                last = ""
        if line > row:
            return
