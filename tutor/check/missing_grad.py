"""Explains why a value is None, as far as the program shows it."""

from __future__ import annotations

import ast

import torch

from tutor.check.program import Program, Unmet, calls, draft_of, line_of, tree
from tutor.check.wording import quote
from tutor.inspection.namespace import own_attribute
from tutor.inspection.tensor import is_tensor, operation


def explain_none(name: str, expected: str, run: Program | None) -> Unmet:
    """Explain a None: a gradient that was never filled, or a function that returns nothing."""
    if run is not None and name.split(" ")[0].endswith(".grad"):
        return _explain_no_grad(name, expected, run)
    if run is not None and name.endswith(")"):
        functions = [node for node in ast.walk(tree(run)) if isinstance(node, ast.FunctionDef)]
        function = next((node for node in functions if node.name == name.partition("(")[0]), None)
        if function is not None and not any(isinstance(node, ast.Return) for node in ast.walk(function)):
            where = f"`{function.name}` on line {function.lineno}"
            return Unmet(
                f"{quote(name)} returns None; expected {expected}.", f"{where} has no `return`.", "missing-return"
            )
    return Unmet(f"{quote(name)} is None; expected {expected}.")


def _explain_no_grad(name: str, expected: str, run: Program) -> Unmet:
    owner = name.split(" ")[0].removesuffix(".grad")
    problem = f"{quote(name)} is None"
    tensor = _find_tensor(owner, run)
    if tensor is not None and not tensor.requires_grad:
        line = line_of(draft_of(run), owner)
        where = f" where line {line} makes it" if line else " where it is made"
        advice = f"Try `requires_grad=True`{where}."
        return Unmet(f"{problem}: `{owner}` does not track gradients.", advice, "not-tracked")
    if tensor is not None and not tensor.is_leaf and not tensor.retains_grad:
        operation_name = operation(tensor.grad_fn)
        return Unmet(
            f"{problem}: `{owner}` is not a leaf (it was made by {operation_name}), and `backward()` fills leaves.",
            f"Call `{owner}.retain_grad()` before `backward()`, or read the leaf's gradient.",
            "not-a-leaf",
        )
    if not calls(run, "backward") and not calls(run, "grad"):
        scalar = _find_scalar(run)
        advice = f"`{scalar}.backward()` fills it." if scalar else "Call `backward()` on a scalar made from it."
        return Unmet(f"{problem}: `backward()` was never called.", advice, "never-called-backward")
    if _last_line_calling(run, "zero_grad") > _last_line_calling(run, "backward"):
        return Unmet(f"{problem}: `zero_grad()` cleared it.", "Clear gradients before `backward()`.", "zero-gradient")
    return Unmet(f"{problem}; expected {expected}.", f"Is `{owner}` used to make what `backward()` is called on?")


def _find_tensor(path: str, run: Program) -> torch.Tensor | None:
    """The tensor at ``net.0.weight``, looked up in the objects' own tables."""
    first, *rest = path.split(".")
    value: object = draft_of(run).namespace.get(first)
    for part in rest:
        _, value = own_attribute(value, part)
    return value if is_tensor(value) else None


def _find_scalar(run: Program) -> str:
    """The last scalar of the draft that has a graph behind it."""
    names = draft_of(run).namespace.items()
    scalars = [name for name, value in names if is_tensor(value) and value.grad_fn is not None and value.numel() == 1]
    return scalars[-1] if scalars else ""


def _last_line_calling(run: Program, name: str) -> int:
    """The last line on which something of this name is called; 0 if nowhere."""
    called = (node.func for node in ast.walk(tree(run)) if isinstance(node, ast.Call))
    return max((func.lineno for func in called if isinstance(func, ast.Attribute) and func.attr == name), default=0)
