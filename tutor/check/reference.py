"""The lesson's solution beside the draft: both run anew on the values that the draft gives.

Given are what snippet and solution share: top-level assignments, and the heads of top-level loops. A learner may change
them (the tutor invites it), and is still judged by what the solution makes of them.
"""

from __future__ import annotations

import ast
import copy
from typing import Any

from torch import nn

from tutor.check.expect import Expect
from tutor.check.program import Draft, Program, draft_of
from tutor.check.rerun import assigned_name, copy_leaf, execute, rerun
from tutor.inspection.tensor import instance, is_tensor

_GIVEN = "_tutor_given"


def beside_solution(run: Program, **changes: Any) -> tuple[Program, Program]:
    """Run the draft once more, and the lesson's solution on the same given values; what each leaves.

    ``changes`` are other values for names that both assign, as for :func:`tutor.check.again`. Of what the draft gives,
    tensors, modules, numbers and text go over as values (so that random ones are the same), all else as code.

    Raises:
        Unmet: the draft doesn't assign a name of ``changes``, or stops with an error.
    """
    draft = draft_of(run)
    values: dict[str, Any] = {}

    def capture(name: str, value: Any) -> Any:
        if (own := _copy(value)) is not None:
            values[name] = own
        return value

    anew = rerun(run, changes, capture)
    solution = ast.parse(draft.solution, "solution")
    _Given(draft, values, set(changes)).visit(solution)
    namespace, output = execute(solution, "solution", {_GIVEN: (values | changes).__getitem__})
    return anew, Program(namespace, draft.solution, "solution", printed=lambda: output)


def same_as_solution(
    run: Program, *names: str, rtol: float | None = None, atol: float | None = None, **changes: Any
) -> None:
    """Expect that the draft leaves what the solution leaves on the same given values.

    ``names`` are those of the draft, with attributes if need be: ``"loss"``, ``"model.weight"``, ``"x.grad"``. Of a
    module all parameters and buffers are compared. Raises as :func:`beside_solution`, and Unmet where they differ.
    """
    anew, solution = beside_solution(run, **changes)
    for name in names:
        expected = _read(solution, name)
        actual = _read(anew, name)
        if isinstance(expected, nn.Module):
            Expect(actual, name, anew).is_a(nn.Module)
            actual, expected = dict(actual.state_dict()), dict(expected.state_dict())
        subject = Expect(actual, name, anew)
        if isinstance(expected, str | bool):
            subject.equals(expected)
        else:
            subject.close_to(expected, rtol=rtol, atol=atol)


def _read(run: Program, name: str) -> Any:
    value: Any = run
    for attribute in name.split("."):
        value = getattr(value, attribute)
    return value


def _copy(value: Any) -> Any:
    """A copy of a value that may be given to another program; None for one that can't be."""
    if is_tensor(value):
        return copy_leaf(value) if value.is_leaf else None
    if instance(value, nn.Module) or isinstance(value, bool | int | float | str | list | tuple | dict):
        try:
            return copy.deepcopy(value)
        except Exception:  # of tensors that are no leaves, or of what a learner's class refuses
            return None
    return None


class _Given(ast.NodeTransformer):
    """Puts what the draft gives into the solution, at its top level."""

    def __init__(self, draft: Draft, values: dict[str, Any], changed: set[str]) -> None:
        self._values = values
        self._changed = changed
        shared = ast.parse(draft.snippet).body
        self._shared = {ast.dump(statement) for statement in shared}
        self._heads = {_head(statement) for statement in shared if isinstance(statement, ast.For)}
        self._code: dict[str, ast.expr] = {}
        self._loops: dict[str, ast.expr] = {}
        for statement in draft.tree.body:
            if name := assigned_name(statement):
                self._code.setdefault(name, statement.value)  # type: ignore[attr-defined]
            elif isinstance(statement, ast.For):
                self._loops.setdefault(ast.dump(statement.target), statement.iter)

    def visit_Module(self, node: ast.Module) -> ast.Module:
        done: set[str] = set()
        for statement in node.body:
            name = assigned_name(statement)
            if name and name not in done and (name in self._changed or ast.dump(statement) in self._shared):
                statement.value = self._value(name, statement.value)  # type: ignore[attr-defined]
            elif isinstance(statement, ast.For) and _head(statement) in self._heads:
                statement.iter = self._loops.get(ast.dump(statement.target), statement.iter)
            done.add(name)
        return node

    def _value(self, name: str, own: ast.expr) -> ast.expr:
        if name in self._values or name in self._changed:
            return ast.Call(ast.Name(_GIVEN, ast.Load()), [ast.Constant(name)], [])
        return self._code.get(name, own)


def _head(loop: ast.For) -> str:
    return ast.dump(loop.target) + ast.dump(loop.iter)
