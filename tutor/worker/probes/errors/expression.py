"""The expression that failed: its operands, and small changes of it that torch would have taken.

The changes are tried on shapes alone.
"""

from __future__ import annotations

import ast
import copy
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

import torch

from tutor.inspection import namespace, tensor
from tutor.protocol.codec import Operand
from tutor.worker.probes.errors import meta_eval

Position = tuple[int | None, int | None, int | None, int | None]
"""First line, last line, first column, end column, in UTF-8 bytes, as ``code.co_positions()`` gives them."""
OPERANDS = 6
"""Operands that are reported."""
LONGEST_OPERAND = 40
"""Characters of an operand that isn't a name."""
FIXES = 3
"""Changes that are suggested."""
LONGEST_FIX = 60
"""Characters of a change."""
Fix = tuple[ast.expr, ast.expr]
"""The changed expression, and the part of it to be shown."""


@dataclass(frozen=True)
class Failing:
    """An expression, or a statement such as ``x += y``, and the frame that its names are looked up in."""

    node: ast.AST
    source: str
    frame: FrameType

    def text(self, node: ast.AST) -> str:
        """``node`` as it is written, in one line."""
        written = ast.get_source_segment(self.source, node) or ""
        return ast.unparse(node) if "\n" in written or not written else written

    def look_up(self, node: ast.expr) -> tuple[bool, object]:
        """The value of a name, or of an attribute that lies in its object's own dict: no code of anybody's runs."""
        if isinstance(node, ast.Name):
            for scope in (self.frame.f_locals, self.frame.f_globals):
                if node.id in scope:
                    return True, scope[node.id]
            return False, None
        if isinstance(node, ast.Attribute):
            has_value, owner = self.look_up(node.value)
            if has_value and tensor.is_tensor(owner) and node.attr == "grad":
                with torch._C.DisableTorchFunction():
                    return True, tensor.gradient(owner)
            if has_value:
                return namespace.own_attribute(owner, node.attr)
        return False, None

    def tensor(self, node: ast.expr) -> torch.Tensor | None:
        """The value of ``node`` as a tensor without values, where it is worked out to one. Within :func:`isolation`."""
        try:
            value = meta_eval.Evaluation(self.look_up).value(node)
        except Exception:
            return None
        return value if type(value) is torch.Tensor else None


def find_failing(frame: FrameType, position: Position) -> Failing | None:
    """The expression at ``position`` of the code of ``frame``; None where it can't be found in its file."""
    first, last, start, end = position
    source = "".join(linecache.getlines(frame.f_code.co_filename))
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        where = (getattr(node, name, None) for name in ("lineno", "end_lineno", "col_offset", "end_col_offset"))
        if first is not None and tuple(where) == (first, last, start, end) and not isinstance(node, ast.Expr):
            stored = isinstance(getattr(node, "ctx", None), ast.Store)  # ``x[0] = y``: y matters too
            return Failing(_assignment(tree, node) if stored else node, source, frame)
    return None


def _assignment(tree: ast.Module, target: ast.AST) -> ast.AST:
    assignments = (node for node in ast.walk(tree) if isinstance(node, ast.Assign))
    return next((node for node in assignments if target in node.targets), target)


def operands(expression: Failing) -> tuple[Operand, ...]:
    """The operands of the failing expression: its own parts where their shapes are known, else the names in these."""
    descriptions: dict[str, tuple[str, str]] = {}
    with meta_eval.isolation():
        for part in _parts(expression.node):
            for name, description, device in _describe(expression, part):
                descriptions.setdefault(name, (description, device))
    several = len({device for _, device in descriptions.values() if device}) > 1
    return tuple(
        Operand(name, f"{description} {device}" if several and device else description)
        for name, (description, device) in descriptions.items()
    )[:OPERANDS]


def _parts(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions whose values an expression or a statement works on, from left to right."""
    if isinstance(node, ast.Call):
        called = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        children = [called, *node.args, *(word.value for word in node.keywords)]
    else:
        children = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    for part in children:
        if isinstance(part, (ast.Subscript, ast.Attribute)) and isinstance(part.ctx, ast.Store):
            yield part.value
        elif isinstance(part, (ast.Tuple, ast.List, ast.Starred)):
            yield from _parts(part)
        else:
            yield part


def _describe(expression: Failing, node: ast.expr) -> Iterator[tuple[str, str, str]]:
    """The text of each operand in ``node``, its description, and the device of a tensor."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        has_value, value = expression.look_up(node)
        if has_value:
            if description := namespace.type_text(value):
                device = _device(value) if tensor.is_tensor(value) else ""
                yield expression.text(node), description, device
            return
    elif isinstance(node, ast.Constant):
        return
    text = expression.text(node)
    if len(text) <= LONGEST_OPERAND and (value := expression.tensor(node)) is not None:
        yield text, tensor.short(value), ""
        return
    for part in _parts(node):
        yield from _describe(expression, part)


def _device(value: torch.Tensor) -> str:
    with torch._C.DisableTorchFunction():
        return tensor.device(value)


# --- changes ----------------------------------------------------------------------------------------------------


def fits(expression: Failing, error: BaseException) -> tuple[str, ...]:
    """Changes of the expression that torch takes, the likeliest first.

    None is suggested unless the expression itself fails with the same type of error when it has no values: else its
    cause isn't in its shapes.
    """
    node = expression.node
    if not isinstance(node, ast.expr):
        return ()
    with meta_eval.isolation():
        if not _fails_alike(expression, node, error):
            return ()
        suggestions: list[str] = []
        for changed, changed_part in _changes(expression, node):
            text = ast.unparse(changed_part)
            if len(text) <= LONGEST_FIX and text not in suggestions and expression.tensor(changed) is not None:
                suggestions.append(text)
            if len(suggestions) == FIXES:
                break
    return tuple(suggestions)


def _fails_alike(expression: Failing, node: ast.expr, error: BaseException) -> bool:
    try:
        meta_eval.Evaluation(expression.look_up).value(node)
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
    values = ((part, expression.tensor(part)) for part in _parts(node))
    return [(part, value) for part, value in values if value is not None][::-1]


def _product(expression: Failing, node: ast.expr) -> Iterator[Fix]:
    for part, value in _tensors(expression, node):
        if value.dim() >= 2:
            yield _change(node, part, ".T" if value.dim() == 2 else ".mT")


def _broadcast(expression: Failing, node: ast.BinOp) -> Iterator[Fix]:
    """Changes whose result has the shape of one side: a larger one was hardly meant."""
    sides = _tensors(expression, node)
    shapes = [value.shape for _, value in sides]
    for part, value in sides:
        for suffix in {1: ("[:, None]",), 2: (".T", ".squeeze(1)")}.get(value.dim(), ()):
            change = _change(node, part, suffix)
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


def _change(node: ast.expr, part: ast.expr, suffix: str) -> Fix:
    """A copy of ``node`` with ``suffix`` after ``part``."""
    new = ast.parse(f"({ast.unparse(part)}){suffix}", mode="eval").body
    return copy.deepcopy(node, {id(part): new}), new  # as if ``new`` were the copy of ``part``
