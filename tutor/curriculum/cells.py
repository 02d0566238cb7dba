"""Splits a lesson module at its ``# %%`` lines into cells: text and syntax trees, nothing imported."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tutor.curriculum.lesson import Code, LessonError, nearest

KINDS = ("snippet", "solution", "check", "right", "mistake", "harmless", "question")
EDIT = re.compile(r"# (in place of|without|before|after): (.*\S)")
"""A line that says what the lines below it do to the solution (:mod:`tutor.curriculum.edits`)."""

_MARK = re.compile(r"#\s*%%\s*(\w*)(.*)")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a lesson module, by lines."""

    path: Path
    lines: tuple[str, ...]

    def fault(self, line: int, sentence: str) -> LessonError:
        """The error that points at ``line`` of this file."""
        return LessonError(self.path, line, sentence)

    def code(self, first: int, last: int) -> Code:
        """The lines from ``first`` to ``last``, both included, without the blank ones at either end."""
        while first < last and not self.lines[first - 1].strip():
            first += 1
        return Code("\n".join(self.lines[first - 1 : last]).rstrip() + "\n", first)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. The part above the first ``# %%`` line has the kind ``text``."""

    kind: str
    rest: str
    """The rest of its ``# %%`` line, after the kind."""
    line: int
    """Where its ``# %%`` stands; the code begins on the next line."""
    last: int
    """The last line that belongs to it."""
    body: tuple[ast.stmt, ...]
    """Its statements, with the line numbers of the file."""


def split(source: Source) -> tuple[Cell, ...]:
    """The cells of a module, the text above them first.

    Raises:
        LessonError: a cell is of no known kind, or isn't Python by itself.
    """
    for number, line in enumerate(source.lines, 1):
        if "\0" in line:
            raise source.fault(number, "Remove the NUL character from this line.")
    marks = _marks(source)
    ends = [*(mark - 1 for mark in marks), len(source.lines)]
    cells = [Cell("text", "", 0, ends[0], _statements(source, "lesson's text", 1, ends[0]))]
    for mark, last in zip(marks, ends[1:], strict=True):
        kind, rest = _heading(source, mark)
        cells.append(Cell(kind, rest, mark, last, _statements(source, f"{kind} cell", mark + 1, last)))
    return tuple(cells)


def is_edited(lines: Sequence[str]) -> bool:
    """Whether the lines of a cell begin with an edit: then they are no whole program."""
    return EDIT.match(next((line for line in lines if line.strip()), "")) is not None


def docstring(cell: Cell) -> tuple[ast.Expr, str] | None:
    """The string a cell begins with, and its statement; None if it begins with something else."""
    match cell.body[:1]:
        case (ast.Expr(value=ast.Constant(value=str(text))) as statement,):
            return statement, text
    return None


def _marks(source: Source) -> list[int]:
    """The line numbers of all ``# %%`` comments; such a line inside of a string is none."""
    readline = io.StringIO("\n".join(source.lines)).readline
    try:
        return [
            token.start[0]
            for token in tokenize.generate_tokens(readline)
            if token.type == tokenize.COMMENT and token.start[1] == 0 and _MARK.match(token.string)
        ]
    except (tokenize.TokenError, SyntaxError):
        # A string or bracket is never closed. Cut by lines, the cell that has it can still be named.
        return [number for number, line in enumerate(source.lines, 1) if _MARK.match(line)]


def _heading(source: Source, line: int) -> tuple[str, str]:
    match = _MARK.match(source.lines[line - 1])
    assert match
    kind, rest = match[1], match[2].strip()
    if kind in KINDS:
        return kind, rest
    choice = f"the kinds are {', '.join(KINDS)}"
    if not kind:
        raise source.fault(line, f"Name this cell: {choice}.")
    hint = nearest(kind.lower(), KINDS)
    raise source.fault(line, f"`{kind}` is no kind of cell; {hint or choice + '.'}")


def _statements(source: Source, part: str, first: int, last: int) -> tuple[ast.stmt, ...]:
    text = "\n" * (first - 1) + "\n".join(source.lines[first - 1 : last]) + "\n"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape or `is 1` is for the learner's Python to say
            tree = ast.parse(text, source.path.name)
            if not is_edited(source.lines[first - 1 : last]):  # its lines may belong into a function
                compile(tree, source.path.name, "exec", dont_inherit=True)  # sees a stray `return`; runs nothing
    except SyntaxError as error:
        line = min(max(error.lineno or first, first), last)
        message = error.msg if error.msg.endswith("?") else f"{error.msg}."
        raise source.fault(line, f"Correct the Python of this {part}: {message}") from error
    except (RecursionError, MemoryError) as error:  # which of them depends on the version of Python
        raise source.fault(first, f"Simplify the Python of this {part}: it is nested too deeply.") from error
    return tuple(tree.body)
