"""Small changes of a failing expression that torch would have taken, tried on shapes alone."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Any

import torch

from tutor.worker.probes.errors import meta_eval
from tutor.worker.probes.errors.operands import Failing, parts

MOST = 3
"""Changes that are suggested."""
LONGEST = 60
"""Characters of a change."""

Fix = tuple[ast.expr, ast.expr]
"""The changed expression, and the part of it to be shown."""


def fits(expression: Failing, error: BaseException) -> tuple[str, ...]:
    """Changes of the expression that torch takes, the likeliest first.

    None is suggested unless the expression itself fails with the same type of error when it has no values: else its
    cause isn't in its shapes.
    """
    node = expression.node
    if not isinstance(node, ast.expr):
        return ()
    with meta_eval.apart():
        if not _fails_alike(expression, node, error):
            return ()
        suggestions: list[str] = []
        for changed, changed_part in _changes(expression, node):
            text = ast.unparse(changed_part)
            if len(text) <= LONGEST and text not in suggestions and expression.tensor(changed) is not None:
                suggestions.append(text)
            if len(suggestions) == MOST:
                break
    return tuple(suggestions)


def _fails_alike(expression: Failing, node: ast.expr, error: BaseException) -> bool:
    try:
        meta_eval.evaluate(node, expression.look_up)
    except Exception as raised:
        return type(raised) is type(error)
    return False


def _changes(expression: Failing, node: ast.expr) -> Iterator[Fix]:
    match node:
        case ast.BinOp(op=ast.MatMult()) | ast.Call(func=ast.Attribute(attr="matmul" | "mm" | "bmm" | "mv" | "dot")):
            yield from _product(expression, node)
        case ast.BinOp():
            yield from _broadcast(expression, node)
        case ast.Call(func=ast.Attribute() as function):
            yield from _call(expression, node, function)


def _tensors(expression: Failing, node: ast.expr) -> list[tuple[ast.expr, torch.Tensor]]:
    """The tensors among the parts, the last one first: it is the one to be changed if there is a choice."""
    values = ((part, expression.tensor(part)) for part in parts(node))
    return [(part, value) for part, value in values if value is not None][::-1]


def _product(expression: Failing, node: ast.expr) -> Iterator[Fix]:
    for part, value in _tensors(expression, node):
        if value.dim() >= 2:
            yield _changed(node, part, ".T" if value.dim() == 2 else ".mT")


def _broadcast(expression: Failing, node: ast.BinOp) -> Iterator[Fix]:
    """Changes whose result has the shape of one side: a larger one was hardly meant."""
    sides = _tensors(expression, node)
    shapes = [value.shape for _, value in sides]
    for part, value in sides:
        for suffix in {1: ("[:, None]",), 2: (".T", ".squeeze(1)")}.get(value.dim(), ()):
            change = _changed(node, part, suffix)
            if (result := expression.tensor(change[0])) is not None and result.shape in shapes:
                yield change


def _call(expression: Failing, node: ast.Call, function: ast.Attribute) -> Iterator[Fix]:
    if function.attr == "view":
        call = ast.Call(ast.Attribute(function.value, "reshape", ast.Load()), node.args, node.keywords)
        yield call, call
    if function.attr in ("cat", "concat", "stack") and node.args:
        for dim in range(max((value.dim() for _, value in _tensors(expression, node)), default=0)):
            call = ast.Call(function, node.args[:1], [ast.keyword("dim", ast.Constant(dim))])
            yield call, call


def _changed(node: ast.expr, part: ast.expr, suffix: str) -> Fix:
    """``node`` with ``suffix`` after ``part``."""
    new = ast.parse(f"({ast.unparse(part)}){suffix}", mode="eval").body
    return _replaced(node, part, new), new


def _replaced(node: Any, old: ast.expr, new: ast.expr) -> Any:
    if node is old:
        return new
    if isinstance(node, list):
        return [_replaced(item, old, new) for item in node]
    if not isinstance(node, ast.AST):
        return node
    changed_copy = copy.copy(node)
    for name, value in ast.iter_fields(node):
        setattr(changed_copy, name, _replaced(value, old, new))
    return changed_copy
