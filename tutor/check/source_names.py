"""Finds the learner's name for the value in ``expect(run.x.grad)`` from the checker's own call."""

from __future__ import annotations

import ast
import copy
import linecache
import sys
import types
from itertools import islice

from tutor.check.program import Program, draft_of


def find_subject(value: object) -> tuple[str, Program | None]:
    """Find the learner's expression for ``value`` and its program, for the call of the function that calls this.

    The first argument of the call as written, without ``run.``; where it is a name of the checker's own, the
    name under which it last read this very value from the program. Empty where neither is known.
    """
    frame = sys._getframe(2)
    programs = {name: local for name, local in frame.f_locals.items() if type(local) is Program}
    argument = _argument(frame)
    name = to_learner_names(argument, set(programs)) if argument is not None else ""
    run = next(iter(programs.values()), None)
    if argument is None or not name:
        for program in programs.values():
            handed_out = draft_of(program).handed_out.get(id(value))
            if handed_out is not None:
                return handed_out[0], program
    elif len(programs) > 1:
        root = next(node.id for node in ast.walk(argument) if isinstance(node, ast.Name))
        run = programs.get(root, run)
    return name, run


def _argument(frame: types.FrameType) -> ast.expr | None:
    """The first argument of the call that ``frame`` is in."""
    position = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), (None,) * 4)
    call = parse_segment(frame.f_code.co_filename, *position)
    return call.args[0] if isinstance(call, ast.Call) and call.args else None


def parse_segment(
    file: str, start: int | None, end: int | None, column: int | None, end_column: int | None
) -> ast.expr | None:
    """The expression between two positions of a source file, columns counted in bytes as code objects do."""
    if start is None or end is None or column is None or end_column is None:
        return None
    lines = [linecache.getline(file, line).encode() for line in range(start, end + 1)]
    lines[-1] = lines[-1][:end_column]
    lines[0] = lines[0][column:]
    text = b"".join(lines).decode(errors="replace")
    try:
        return ast.parse(f"({text})", mode="eval").body
    except (SyntaxError, ValueError):
        return None


def to_learner_names(node: ast.expr, programs: set[str]) -> str:
    """Write an expression of the checker as the learner would; empty if it has none of the learner's names."""
    inner: ast.AST = node
    while isinstance(inner, ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and inner.value.id in programs:
            return ast.unparse(_Unqualified(programs).visit(copy.deepcopy(node)))
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
    return ""


class _Unqualified(ast.NodeTransformer):
    """``run.x`` becomes ``x``."""

    def __init__(self, programs: set[str]) -> None:
        self.programs = programs

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id in self.programs:
            return ast.Name(node.attr, node.ctx)
        self.generic_visit(node)
        return node
