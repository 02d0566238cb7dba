"""The lesson's solution beside the draft: both run anew on the values that the draft gives.

Given are what snippet and solution share: top-level assignments, and the heads of top-level loops. A learner may change
them (the tutor invites it), and is still judged by what the solution makes of them.
"""

from __future__ import annotations

import ast
import copy
from typing import Any

import torch
from torch import nn

from tutor.check.expect import Expect
from tutor.check.program import Draft, Program, bound_names, draft_of
from tutor.check.rerun import Replacer, assigned_names, execute, rerun
from tutor.inspection.tensor import is_tensor

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

    def capture(name: str, value: Any) -> None:
        if name not in values and (own := _copy(value)) is not None:
            values[name] = own

    anew = rerun(run, changes, capture)
    solution = ast.parse(draft.solution, "solution")
    solution.body = _Given(draft, {*values, *changes}, set(changes)).put_into(solution.body)
    solution = Replacer({}).visit(solution)  # its prints may not go with what the draft gives
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
    kinds = (torch.Tensor, nn.Module, bool, int, float, str, list, tuple, dict)
    if not isinstance(value, kinds) or (is_tensor(value) and not value.is_leaf):
        return None
    try:
        return copy.deepcopy(value)
    except Exception:  # of tensors in it that are no leaves, or of what a learner's class refuses
        return None


class _Given:
    """Puts what the draft gives into the solution, at its top level."""

    def __init__(self, draft: Draft, valued: set[str], changed: set[str]) -> None:
        """``valued`` are the names that go over as values, of the others the draft's code does; ``changed`` always."""
        self._valued, self._changed = valued, changed
        shared = ast.parse(draft.snippet).body
        self._shared = {ast.dump(statement) for statement in shared}
        self._heads = {_head(statement) for statement in shared if isinstance(statement, ast.For)}
        self._bindings: dict[str, ast.stmt] = {}
        """The statements of the draft that first bind each name."""
        self._loops: dict[str, ast.expr] = {}
        for statement in draft.tree.body:
            if isinstance(statement, ast.For):
                self._loops.setdefault(ast.dump(statement.target), statement.iter)
            elif not isinstance(statement, ast.While | ast.If | ast.With | ast.Try):
                for name in bound_names(statement):
                    self._bindings.setdefault(name, statement)

    def put_into(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The statements of the solution, with what is given, and before it what the draft's code for it needs."""
        bound, result = set[str](), list[ast.stmt]()
        for statement in body:
            names = assigned_names(statement)
            given = ast.dump(statement) in self._shared or not self._changed.isdisjoint(names)
            if names and given and bound.isdisjoint(names):
                result += self._assign(names, statement, bound)
            elif isinstance(statement, ast.For) and _head(statement) in self._heads:
                statement.iter = self._loops.get(ast.dump(statement.target), statement.iter)
                result += [*self._needs(statement.iter, bound), statement]
            else:
                result.append(statement)
            bound |= bound_names(statement)
        return result

    def _assign(self, names: tuple[str, ...], own: ast.stmt, bound: set[str]) -> list[ast.stmt]:
        if self._valued.issuperset(names):
            return [_from_value(name) for name in names]
        code = self._bindings.get(names[0], own)
        return [*self._needs(code, bound), code]

    def _needs(self, code: ast.AST, bound: set[str]) -> list[ast.stmt]:
        """What the draft binds of the names in ``code`` that the solution has not bound so far."""
        needs: list[ast.stmt] = []
        loaded = {node.id for node in ast.walk(code) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        for name in sorted(loaded - bound):
            bound.add(name)
            if name in self._valued:
                needs.append(_from_value(name))
            elif (statement := self._bindings.get(name)) is not None:
                needs += [*self._needs(statement, bound), statement]
        return needs


def _from_value(name: str) -> ast.stmt:
    value = ast.Call(ast.Name(_GIVEN, ast.Load()), [ast.Constant(name)], [])
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _head(loop: ast.For) -> str:
    return ast.dump(loop.target) + ast.dump(loop.iter)
