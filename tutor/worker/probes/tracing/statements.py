"""Which statement each line of a program belongs to, and where a function's own lines begin."""

from __future__ import annotations

import ast
from dataclasses import dataclass

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it is stepped over: whole, or the head of a block."""

    line: int
    """The line that it begins on; of a function that is decorated, the one with its name."""
    merges: bool = False
    """Python passes several lines for it, or the same one again, in one go."""
    returns: bool = False
    block: range = range(0)
    """Of a ``with``: the lines of its block, after which Python comes back to it, to leave it."""


def statements(tree: ast.Module) -> dict[int, Statement]:
    """The statement of each line that begins one or goes on with one."""
    found: dict[int, Statement] = {}
    for node in ast.walk(tree):  # outer ones first: a block's head doesn't hide what stands in it
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        first = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", ()))])
        last = node.end_lineno or node.lineno
        if body:
            inner = body[0].pattern if isinstance(body[0], ast.match_case) else body[0]
            last = max(node.lineno, inner.lineno - 1)
        repeats = not body and any(isinstance(part, _COMPREHENSIONS) for part in ast.walk(node))
        ends = node.end_lineno if isinstance(node, ast.With | ast.AsyncWith) else None
        block = range(last + 1, (ends or last) + 1)
        statement = Statement(node.lineno, last > first or repeats, isinstance(node, ast.Return), block)
        found.update(dict.fromkeys(range(first, last + 1), statement))
    return found
