"""The tokens of a draft, and as much of its tree as parses: while it is typed, it is wrong as often as not."""

from __future__ import annotations

import ast
import keyword
import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<space>[^\S\n]+|\\\n)
    |(?P<newline>\n)
    |(?P<comment>\#[^\n]*)
    |(?P<string>(?i:[rbuft]{0,2})(?:
        (?P<triple>\"{3}|'{3})(?:\\.?|(?!(?P=triple))[^\\])*(?P<close1>(?P=triple))?
        |(?P<quote>[\"'])(?:\\.?|(?!(?P=quote))[^\\\n])*(?P<close2>(?P=quote))?))
    |(?P<number>\.?\d(?:[eE][+-]|[\w.])*)
    |(?P<name>[^\W\d]\w*)
    |(?P<sign>->|:=|\*\*|.)""",
    re.VERBOSE | re.DOTALL,
)
_BEGINS = frozenset(
    ("def", "class", "import", "from", "return", "with", "while", "try", "raise", "del", "assert", "pass", "break", "@")
)
"""Words that begin a statement wherever it begins a line: brackets left open above it are a mistake, not part of it."""
_AFTER = re.compile(r"expected an indented block after .* on line (\d+)")
_MISTAKES = 40
KEYWORDS = frozenset(keyword.kwlist)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the source; ``start`` and ``end`` are positions in its text."""

    kind: str
    text: str
    start: int
    end: int
    closed: bool = True
    """Of a string: whether its closing quote is there."""

    @property
    def nesting(self) -> int:
        """How many brackets it opens: 1, 0, or -1 for one that closes."""
        return (self.text in "([{") - (self.text in ")]}")


def tokenize(text: str) -> list[Token]:
    """The tokens of ``text``, its newlines among them and spaces not; any text has some."""
    tokens = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "space":
            closed = kind != "string" or bool(match["close1"] or match["close2"])
            tokens.append(Token(kind, match[0], match.start(), match.end(), closed))
    return tokens


def last_statement(text: str) -> list[Token] | None:
    """Return the tokens of the statement that ``text`` ends in; None when it ends within a string or a comment."""
    line: list[Token] = []
    depth, fresh = 0, True
    for token in tokenize(text):
        if token.kind == "newline":
            fresh = True
            if not depth:
                line = []
            continue
        if fresh and token.text in _BEGINS:
            line, depth = [], 0
        fresh = False
        if token.kind == "comment":
            if token.end == len(text):
                return None
            continue
        line.append(token)
        depth = max(0, depth + token.nesting)
        if not depth and token.text in ":;":
            line = []
    if line and line[-1].end == len(text) and not line[-1].closed:
        return None
    return line


def position(source: str, row: int, column: int) -> int:
    """The position of the cursor in the text."""
    return sum(len(line) + 1 for line in source.split("\n")[:row]) + column


def last_primary(source: str, line: list[Token]) -> str:
    """The text at the end of ``line`` that is one expression before a dot or a bracket: ``net[0](x).relu``."""
    at = len(line) - 1
    start = len(line)
    while at >= 0:
        token = line[at]
        if token.nesting < 0:
            start = at = find_open_bracket(line[:at])
            before = line[at - 1] if at > 0 else None
            goes_on = before is not None and (
                (before.kind == "name" and before.text not in KEYWORDS)
                or before.kind == "string"
                or before.text in (")", "]")
            )
            if line[max(at, 0)].text == "{" or not goes_on:
                break
            at -= 1
        elif token.kind == "name" and (token.text not in KEYWORDS or token.text in ("None", "True", "False")):
            start = at
            if at < 2 or line[at - 1].text != ".":
                break
            at -= 2
        elif token.kind in ("string", "number"):
            start = at
            break
        else:
            break
    expression = line[max(start, 0) :]
    return source[expression[0].start : expression[-1].end] if expression else ""


def find_open_bracket(line: list[Token]) -> int:
    """Return the place of the innermost bracket that ``line`` leaves open; -1 when there is none."""
    depth = 0
    for place in range(len(line) - 1, -1, -1):
        depth += line[place].nesting
        if depth > 0:
            return place
    return -1


def parse_expression(text: str) -> ast.expr | None:
    """Return the tree of one expression; None when it isn't one."""
    try:
        return ast.parse(f"({text})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def parse_draft(source: str) -> ast.Module:
    """Return the tree of a draft. Lines that are wrong are left out of it, ``pass`` in their place where that helps."""
    lines = source.replace("\0", " ").split("\n")
    passed: set[int] = set()
    for _ in range(_MISTAKES):
        try:
            return ast.parse("\n".join(lines))
        except SyntaxError as error:
            after = _AFTER.search(str(error.msg))
            row = min(max(int(after[1]) if after else error.lineno or 1, 1), len(lines)) - 1
            while row > 0 and not lines[row].strip():
                row -= 1
        except (ValueError, RecursionError, MemoryError):
            break
        indent = lines[row][: len(lines[row]) - len(lines[row].lstrip())]
        lines[row] = "" if row in passed else f"{indent}pass"
        passed.add(row)
    return ast.Module(body=[], type_ignores=[])
