"""A function of torch's with a few statements put in, which stand on its own lines of its own file.

A wrapper would stand in every traceback, and a compiled graph would have to take it in. What the new statements call
is kept from ``torch.compile`` by :func:`keep_eager`.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import textwrap
from collections.abc import Mapping
from types import CodeType
from typing import Any

import torch

_FUTURE = 0x1000000
"""``from __future__ import annotations``, in a code object's flags (CPython's CO_FUTURE_ANNOTATIONS)."""


def patch(function: Any, statements: Mapping[str, str], **names: Any) -> None:
    """Put other statements in place of some of a function's calls; one whose source reads otherwise stays as it is.

    Args:
        function: the function, or the method as its class has it.
        statements: by the name of the function that is called, what stands in place of the statement ``name(...)`` or
            ``return name(...)``; ``CALL`` in it stands for the call. All of them are needed.
        names: what the statements use, for the module of the function.
    """
    code = _rewrite(function, statements)
    if code is not None:
        function.__globals__.update(names)
        function.__code__ = code


def _rewrite(function: Any, statements: Mapping[str, str]) -> CodeType | None:
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
        file = inspect.getsourcefile(function)
    except (OSError, SyntaxError):
        return None
    replacement = _Replacement(statements)
    replacement.visit(tree)
    if file is None or replacement.placed != set(statements):
        return None
    ast.increment_lineno(tree, first - 1)
    indent = len(lines[0]) - len(lines[0].lstrip())
    for node in ast.walk(tree):
        if hasattr(node, "col_offset"):
            node.col_offset += indent
            node.end_col_offset = (node.end_col_offset or 0) + indent  # type: ignore[attr-defined]
    if owner := function.__qualname__.rpartition(".")[0]:
        around = ast.parse(f"class {owner}: pass")
        vars(around.body[0])["body"] = tree.body
        tree = around
    flags = function.__code__.co_flags & _FUTURE
    return _find_code(compile(tree, file, "exec", dont_inherit=True, flags=flags), function.__code__.co_qualname)


class _Replacement(ast.NodeTransformer):
    def __init__(self, statements: Mapping[str, str]) -> None:
        self.statements = statements
        self.placed: set[str] = set()

    def visit(self, node: ast.AST) -> Any:
        call = node.value if isinstance(node, ast.Expr | ast.Return) else None
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in self.statements):
            return self.generic_visit(node)
        self.placed.add(call.func.id)
        statements = ast.parse(self.statements[call.func.id]).body
        for statement in statements:
            for part in ast.walk(statement):
                ast.copy_location(part, node)
            if isinstance(statement, ast.Assign | ast.Expr) and ast.unparse(statement.value) == "CALL":
                statement.value = call
        return statements


def _find_code(code: CodeType, name: str) -> CodeType | None:
    for inner in (constant for constant in code.co_consts if isinstance(constant, CodeType)):
        if inner.co_qualname == name:
            return inner
        if nested := _find_code(inner, name):
            return nested
    return None


def keep_eager(*functions: Any) -> None:
    """Let Dynamo leave these, and all that they call, to Python where it isn't tracing.

    It would compile them otherwise wherever the program calls them outside of its own graphs, and count them.
    """
    frames = torch._C._dynamo.eval_frame
    with contextlib.suppress(AttributeError):  # a version of torch that spells it otherwise
        skip = frames._FrameAction.SKIP
        for function in functions:
            frames.set_code_exec_strategy(function.__code__, frames._FrameExecStrategy(skip, skip))
