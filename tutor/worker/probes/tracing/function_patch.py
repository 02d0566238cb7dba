"""A function of torch's with a few statements put in, which stand on its own lines of its own file.

A wrapper would stand in every traceback, and a compiled graph would have to take it in. What the new statements call
is kept from ``torch.compile`` by :func:`keep_eager`.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import textwrap
from collections.abc import Callable
from types import CodeType
from typing import Any

import torch

_FUTURE = 0x1000000
"""``from __future__ import annotations``, in a code object's flags (CPython's CO_FUTURE_ANNOTATIONS)."""


def rewritten(function: Any, change: Callable[[ast.FunctionDef], bool], owner: str | None = None) -> CodeType | None:
    """The code of ``function`` after ``change`` has changed its syntax tree; None where that returned False.

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
    return _find_code(compile(tree, file, "exec", dont_inherit=True, flags=flags), function.__code__.co_qualname)


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
