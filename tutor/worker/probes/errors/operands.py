"""The expression that failed, and its operands."""

from __future__ import annotations

import ast
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
MOST = 6
"""Operands that are reported."""
LONGEST = 40
"""Characters of an operand that isn't a name."""


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
        """The value of ``node`` as a tensor without values, where it is worked out to one. Within :func:`apart`."""
        try:
            value = meta_eval.evaluate(node, self.look_up)
        except Exception:
            return None
        return value if type(value) is torch.Tensor else None


def failing(frame: FrameType, position: Position) -> Failing | None:
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
    with meta_eval.apart():
        for part in parts(expression.node):
            for name, description, device in _describe(expression, part):
                descriptions.setdefault(name, (description, device))
    several = len({device for _, device in descriptions.values() if device}) > 1
    return tuple(
        Operand(name, f"{description} {device}" if several and device else description)
        for name, (description, device) in descriptions.items()
    )[:MOST]


def parts(node: ast.AST) -> Iterator[ast.expr]:
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
            yield from parts(part)
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
    if len(text) <= LONGEST and (value := expression.tensor(node)) is not None:
        yield text, tensor.short(value), ""
        return
    for part in parts(node):
        yield from _describe(expression, part)


def _device(value: torch.Tensor) -> str:
    with torch._C.DisableTorchFunction():
        return tensor.device(value)
