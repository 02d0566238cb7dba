"""Programs written as edits of the solution: the lines that they replace, and what stands there instead.

    # in place of: total = x.sum(dim=0)
    total = x.sum(dim=1)
    # without: print(total)
    # after: import torch
    torch.manual_seed(0)

What follows such a line, up to the next, takes the place of the line that it names, or stands before or after it, and
as far in. Lines that follow each other in the solution are named one under the other, each by a comment of its own; a
statement of several lines is named by its first.
"""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter

from tutor.curriculum.cells import EDIT, Cell, Source
from tutor.curriculum.lesson import Code, nearest


@dataclass(slots=True)
class _Edit:
    line: int
    """Of the lesson's file."""
    kind: str
    named: list[str]
    """Lines of the solution."""
    code: list[str] = field(default_factory=list)


def edited(source: Source, cell: Cell, solution: Code) -> Code:
    """The solution with the edits of ``cell``.

    Raises:
        LessonError: a line that an edit names isn't in the solution, or is there twice; or the result is no Python.
    """
    lines = solution.text.splitlines()
    spans = _spans(lines)
    edits = ((*_place(source, edit, lines, spans), edit) for edit in _edits(source, cell))
    places = sorted(edits, key=itemgetter(0, 1))
    for (_, end, _), (start, _, later) in pairwise(places):
        if start < end:
            raise source.fault(later.line, "Merge this edit with the other one of the same line.")
    for start, end, edit in reversed(places):
        near = lines[start] if edit.kind != "after" else lines[start - 1]
        indent = near[: len(near) - len(near.lstrip())]
        lines[start:end] = textwrap.indent("\n".join(edit.code).strip("\n"), indent).splitlines()
    text = "\n".join(lines) + "\n"
    try:
        compile(text, source.path.name, "exec", dont_inherit=True)
    except SyntaxError as error:
        wrong = text.splitlines()[(error.lineno or 1) - 1].strip()
        raise source.fault(cell.line, f"Correct the edits of this {cell.kind}: at `{wrong}`, {error.msg}.") from error
    return Code(text, cell.line + 1, is_whole=False)


def _edits(source: Source, cell: Cell) -> list[_Edit]:
    edits: list[_Edit] = []
    above = ""
    for number in range(cell.line + 1, cell.last + 1):
        line = source.lines[number - 1]
        if match := EDIT.match(line):
            kind, name = match.groups()
            if above == kind != "without":
                edits[-1].named.append(name)
            else:
                edits.append(_Edit(number, kind, [name]))
            above = kind
            continue
        above = ""
        if edits:
            edits[-1].code.append(line)
    for edit in edits:
        code = "".join(edit.code).strip()
        if edit.kind == "without" and code:
            raise source.fault(edit.line, "Write `# in place of:` where other lines take the place of this one.")
        if edit.kind != "without" and not code:
            raise source.fault(edit.line, f"Write the code below this line, or `# without: {edit.named[0]}`.")
    return edits


def _place(source: Source, edit: _Edit, lines: list[str], spans: list[tuple[int, int]]) -> tuple[int, int]:
    """The first line of the solution that an edit replaces, and the one after its last, counted from 0."""
    names, size = [lines[start].strip() for start, _ in spans], len(edit.named)
    matches = [place for place in range(len(names)) if names[place : place + size] == edit.named]
    if not matches:
        unknown = next((name for name in edit.named if name not in names), None)
        if unknown is None:
            raise source.fault(edit.line, "Name lines that follow each other in the solution, or make it two edits.")
        hint = nearest(unknown, [name for name in names if name]) or "copy the line from it."
        raise source.fault(edit.line, f"`{unknown}` is not a line of the solution; {hint}")
    if len(matches) > 1:
        sentence = f"`{edit.named[0]}` stands there {len(matches)} times: name the next line as well."
        raise source.fault(edit.line, sentence)
    start, end = spans[matches[0]][0], spans[matches[0] + size - 1][1]
    return {"before": (start, start), "after": (end, end)}.get(edit.kind, (start, end))


def _spans(lines: list[str]) -> list[tuple[int, int]]:
    """First line, and the one after the last, of all lines; a statement of several lines is one, by its first."""
    ends = {
        node.lineno - 1: node.end_lineno or node.lineno
        for node in ast.walk(ast.parse("\n".join(lines)))
        if isinstance(node, ast.stmt) and not hasattr(node, "body")
    }
    spans, start = list[tuple[int, int]](), 0
    while start < len(lines):
        end = max(start + 1, ends.get(start, 0))
        spans.append((start, end))
        start = end
    return spans
