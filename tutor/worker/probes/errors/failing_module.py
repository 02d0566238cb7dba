"""The module in which an error arose: its kind, its path in the program, and its inputs."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from types import FrameType

from torch import nn

from tutor.inspection import tensor
from tutor.inspection.namespace import walk
from tutor.protocol.codec import Inside, Operand
from tutor.worker.probes import module_tree
from tutor.worker.probes.errors.operands import Failing

WALKED = 2000
"""Modules among which a layer is looked for."""


def inside(below: Iterable[FrameType], expression: Failing | None, frame: FrameType) -> Inside | None:
    """The innermost module that was at work.

    Args:
        below: torch's frames below the program's innermost one, outermost first.
        expression: the failing expression of the program's innermost frame.
        frame: this frame.
    """
    layer: nn.Module | None = None
    inputs: tuple[Operand, ...] = ()
    for deeper in below:
        owner = deeper.f_locals.get("self")
        if tensor.instance(owner, nn.Module):
            if owner is not layer:
                layer, inputs = owner, ()
            if deeper.f_code.co_name == "forward":
                inputs = tuple(_arguments(deeper))
    if layer is None:
        return None
    return Inside(_path(layer, expression, frame), module_tree.kind(layer), inputs)


def _arguments(frame: FrameType) -> Iterator[Operand]:
    code = frame.f_code
    for name in code.co_varnames[1 : code.co_argcount]:
        value = frame.f_locals.get(name)
        if tensor.is_tensor(value):
            yield Operand(name, tensor.short(value))


def _path(layer: nn.Module, expression: Failing | None, frame: FrameType) -> str:
    """The name by which the program reaches ``layer``: one in the failing expression, else any other."""
    count = 0
    for name, root in _roots(expression, frame):
        for path, module, _ in walk(root):
            count += 1
            if module is layer:
                return f"{name}.{path}" if path else name
            if count > WALKED:
                return ""
    return ""


def _roots(expression: Failing | None, frame: FrameType) -> Iterator[tuple[str, nn.Module]]:
    if expression is not None:
        for node in ast.walk(expression.node):
            if isinstance(node, (ast.Name, ast.Attribute)):
                has_value, value = expression.look_up(node)
                if has_value and tensor.instance(value, nn.Module):
                    yield ast.unparse(node), value  # type: ignore[misc]
    for scope in (frame.f_locals, frame.f_globals):
        for name, value in list(scope.items()):
            if type(name) is str and tensor.instance(value, nn.Module):
                yield name, value
