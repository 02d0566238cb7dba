"""A function of torch's with a few statements put in, which stand on its own lines of its own file.

A wrapper would stand in every traceback, and a compiled graph would have to take it in.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from types import CodeType
from typing import Any

_FUTURE = 0x1000000
"""``from __future__ import annotations``, in a code object's flags (CPython's CO_FUTURE_ANNOTATIONS)."""


def rewritten(function: Any, change: Callable[[ast.FunctionDef], bool], owner: str | None = None) -> CodeType | None:
    """The code of ``function`` after ``change`` has changed its syntax tree; None where that said no.

    ``owner`` is the class that a method belongs to. What is put in needs locations of its own.
    """
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
        file = inspect.getsourcefile(function)
    except (OSError, SyntaxError):
        return None
    body = tree.body[0]
    if not isinstance(body, ast.FunctionDef) or file is None or not change(body):
        return None
    ast.increment_lineno(tree, first - 1)
    indent = len(lines[0]) - len(lines[0].lstrip())
    for node in ast.walk(tree):
        if hasattr(node, "col_offset"):
            node.col_offset += indent
            node.end_col_offset = (node.end_col_offset or 0) + indent  # type: ignore[attr-defined]
    if owner is not None:
        around = ast.parse(f"class {owner}: pass")
        vars(around.body[0])["body"] = [body]
        tree = around
    flags = function.__code__.co_flags & _FUTURE
    return _found(compile(tree, file, "exec", dont_inherit=True, flags=flags), function.__code__.co_qualname)


def _found(code: CodeType, name: str) -> CodeType | None:
    for inner in (constant for constant in code.co_consts if isinstance(constant, CodeType)):
        if inner.co_qualname == name:
            return inner
        if found := _found(inner, name):
            return found
    return None
