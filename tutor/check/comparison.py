"""Compares two values like a patient teacher, who names the first thing that differs."""

from __future__ import annotations

import ast
import math
from typing import Any

import torch

from tutor.check.case import Case, Criteria
from tutor.check.misconceptions import recognise
from tutor.check.program import Program, Unmet, bound_names, calls, draft_of, line_of, top_level_statements, tree
from tutor.check.wording import describe_value, quote, tell_apart
from tutor.inspection.namespace import own_attribute
from tutor.inspection.tensor import describe, instance, is_tensor, operation, plain, short_dtype, unreadable


def compare(name: str, actual: Any, expected: Any, criteria: Criteria) -> None:
    """Raise :class:`Unmet` at the first rung on which ``actual`` differs from ``expected``."""
    if isinstance(expected, dict):
        _compare_mappings(name, actual, expected, criteria)
    elif isinstance(expected, list | tuple) and any(is_tensor(part) for part in expected):
        _compare_sequences(name, actual, expected, criteria)
    elif is_tensor(expected):
        _compare_tensors(name, actual, expected, criteria, exact_type=True)
    else:
        _compare_numbers(name, actual, expected, criteria)


def _compare_mappings(name: str, actual: Any, expected: dict[Any, Any], criteria: Criteria) -> None:
    if not instance(actual, dict):
        raise explain_wrong_type(name, actual, f"a dict of {len(expected)} items", criteria.run)
    for key, part in expected.items():
        if key not in actual:
            raise Unmet(f"{quote(name)} has no entry {key!r}.", f"It has {', '.join(map(repr, list(actual)[:8]))}.")
        compare(f"{name}[{key!r}]", actual[key], part, criteria)
    extra = [key for key in actual if key not in expected]
    if extra:
        raise Unmet(f"{quote(name)} has an entry {extra[0]!r} that isn't expected.")


def _compare_sequences(name: str, actual: Any, expected: list[Any] | tuple[Any, ...], criteria: Criteria) -> None:
    if not instance(actual, list, tuple):
        raise explain_wrong_type(name, actual, f"{len(expected)} values in a list or tuple", criteria.run)
    if len(actual) != len(expected):
        raise Unmet(f"{quote(name)} holds {len(actual)} values; expected {len(expected)}.")
    for position, (part, expected_part) in enumerate(zip(actual, expected, strict=True)):
        compare(f"{name}[{position}]", part, expected_part, criteria)


def _compare_numbers(name: str, actual: Any, expected: Any, criteria: Criteria) -> None:
    """``expected`` is a Python number or nested lists of them; a tensor of these values will do as well."""
    target = torch.tensor(expected)
    if is_tensor(actual):
        kind = actual.dtype if actual.dtype.is_floating_point or not target.dtype.is_floating_point else target.dtype
        _compare_tensors(name, actual, target.to(kind), criteria, exact_type=False)
        return
    if isinstance(expected, list | tuple):
        try:
            values = torch.tensor([float(item) for item in actual] if target.ndim == 1 else actual)
        except (TypeError, ValueError, RuntimeError):
            values = None
        if not instance(actual, list, tuple) or values is None:
            raise explain_wrong_type(name, actual, f"{len(expected)} numbers", criteria.run) from None
        _compare_tensors(name, values, target.to(values.dtype), criteria, exact_type=False)
        return
    if instance(actual, bool) or not instance(actual, int, float, complex):
        raise explain_wrong_type(name, actual, "a number", criteria.run)
    actual_text, expected_text = tell_apart(actual, expected)
    difference = f"{quote(name)} is {actual_text}; expected {expected_text}."
    try:
        values = torch.tensor(actual, dtype=_wide_dtype(actual))
    except (RuntimeError, OverflowError):  # an int beyond all floats
        raise Unmet(difference) from None
    case = Case(name, values, torch.tensor(expected, dtype=_wide_dtype(expected)), criteria)
    if not case.same(case.actual, case.expected):
        case.difference = difference
        raise recognise(case) or Unmet(difference)


def _wide_dtype(number: complex) -> torch.dtype:
    return torch.complex128 if isinstance(number, complex) else torch.float64


# --- the rungs for tensors ----------------------------------------------------------------------------------


def explain_wrong_type(name: str, actual: Any, expected: str, run: Program | None) -> Unmet:
    """Explain that ``actual`` is not of the expected type: None, with the reason where one is known, or another one."""
    if actual is None:
        return explain_none(name, expected, run)
    advice = ""
    if type(actual).__module__ == "numpy":
        advice = "`torch.from_numpy` makes a tensor of an array."
    elif instance(actual, list, tuple, int, float) and expected.startswith("a tensor"):
        advice = "`.item()` and `.tolist()` leave tensors behind; `torch.tensor(...)` makes one."
    elif is_tensor(actual) and expected.startswith(("a number", "a Python")):
        advice = "`.item()` takes the number out of a tensor of one element."
    elif callable(actual):
        advice = "Did you leave out the brackets of a call?"
    return Unmet(f"{quote(name)} is {describe_value(actual)}; expected {expected}.", advice)


def _compare_tensors(name: str, actual: Any, expected: torch.Tensor, criteria: Criteria, *, exact_type: bool) -> None:
    if not is_tensor(actual):
        expected_type = describe_value(plain(expected)) if exact_type else "a number"
        raise explain_wrong_type(name, actual, expected_type, criteria.run)
    note = unreadable(actual)
    if note and not note.startswith("sparse"):
        raise Unmet(f"The values of {quote(name)} can't be read: {note}.")
    dense = plain(actual.to_dense() if note else actual)
    target = plain(expected)
    case = Case(name, dense, target, criteria)
    case.difference, advice = _first_difference(case, dense, target)
    if not case.difference:
        return
    unmet = recognise(case) or Unmet(case.difference, advice or suggest_line(criteria.run, name))
    unmet.actual, unmet.expected = describe(actual, name, depth=0), describe(expected, "expected", depth=0)
    raise unmet


def _first_difference(case: Case, actual: torch.Tensor, target: torch.Tensor) -> tuple[str, str]:
    """The first rung on which the two differ, and what to try; empty where they agree."""
    name = case.quoted
    if actual.shape != target.shape:
        return f"{name} has shape {tuple(actual.shape)}; expected {tuple(target.shape)}.", ""
    if actual.dtype != target.dtype:
        difference = f"{name} is {short_dtype(actual.dtype)}; expected {short_dtype(target.dtype)}."
        advice = f"`dtype=`{origin(case.run, case.name)} sets it, or `.to({target.dtype})`."
        return difference, suggest_dropped(case.run, case.name) or advice
    if target.device.type != "cpu" and actual.device != target.device:
        advice = f'Try `.to("{target.device}")`{origin(case.run, case.name)}.'
        difference = f"{name} is on {actual.device}; expected {target.device}."
        return difference, suggest_dropped(case.run, case.name) or advice
    return ("", "") if case.same(case.actual, case.expected) else (_describe_difference(case), "")


def suggest_line(run: Program | None, name: str) -> str:
    """Suggest the line on which a plain name of the draft is made, or a function of it begins; else nothing."""
    if dropped := suggest_dropped(run, name):
        return dropped
    root = name.partition("(")[0]
    line = line_of(draft_of(run), root) if run is not None and root.isidentifier() else None
    return f"Look at line {line}, where `{root}` {'is made' if root == name else 'begins'}." if line else ""


def origin(run: Program | None, name: str) -> str:
    """Where a tensor is made, as the end of a sentence."""
    line = line_of(draft_of(run), name.split(".")[0].split("[")[0]) if run is not None else None
    return f" where line {line} makes it" if line else " where it is made"


def suggest_dropped(run: Program | None, name: str) -> str:
    """Suggest to keep the result of a method of ``name`` that the draft calls and drops; else nothing.

    ``x.to(...)`` as a statement of its own changes nothing: only methods that end in `_` work in place.
    """
    statements = (node for node in ast.walk(tree(run)) if isinstance(node, ast.Expr)) if run is not None else ()
    for node in statements:
        call = node.value
        if not (isinstance(call, ast.Call) and isinstance(method := call.func, ast.Attribute)):
            continue
        if isinstance(method.value, ast.Name) and method.value.id == name and method.attr in _MAKE_ANOTHER:
            written = ast.unparse(call)
            return f"Line {node.lineno} drops the result of `{written}`: write `{name} = {written}`."
    return ""


_MAKE_ANOTHER = frozenset(
    [
        "to",
        "float",
        "double",
        "half",
        "bfloat16",
        "long",
        "int",
        "bool",
        "cpu",
        "cuda",
        "clone",
        "detach",
        "contiguous",
        "t",
        "transpose",
        "permute",
        "reshape",
        "view",
        "squeeze",
        "unsqueeze",
        "flatten",
        "expand",
        "repeat",
        "add",
        "sub",
        "mul",
        "div",
        "pow",
        "neg",
        "abs",
        "exp",
        "log",
        "sqrt",
        "square",
        "clamp",
        "round",
        "sum",
        "mean",
        "softmax",
    ]
)
"""Methods whose result is another tensor; the one that they are called on stays as it is."""


def _describe_difference(case: Case) -> str:
    """Say where the largest difference is, both values there, and how many differ."""
    actual, expected, name = case.actual, case.expected, case.quoted
    unlike = ~torch.isclose(actual, expected, rtol=case.rtol, atol=case.atol, equal_nan=True)
    stray = actual.isnan() & ~expected.isnan()
    gap = (actual - expected).abs().where(unlike, -math.inf).nan_to_num(nan=math.inf)
    index = (stray if bool(stray.any()) else gap == gap.max()).nonzero()[0].tolist()
    place = f"[{', '.join(map(str, index))}]"
    actual_text, expected_text = tell_apart(actual[tuple(index)].item(), expected[tuple(index)].item())
    if bool(stray.any()):
        return f"{name} is NaN{f' at {place}' if index else ''}; expected {expected_text}."
    if actual.numel() == 1:
        return f"{name} is {actual_text}; expected {expected_text}."
    numbers = f"{name} has {actual_text} at {place}, where {expected_text} was expected"
    count = int(unlike.sum())
    if count == 1:
        return f"{numbers}; every other value is right."
    return f"{numbers}; {count if count < actual.numel() else 'all'} of {actual.numel()} values differ, this one most."


# --- why a value is None, as far as the program shows it ----------------------------------------------------


def explain_none(name: str, expected: str, run: Program | None) -> Unmet:
    """Explain a None: a gradient that was never filled, or a function that returns nothing."""
    if run is not None and name.split(" ")[0].endswith(".grad"):
        return _explain_no_grad(name, expected, run)
    function = _function_behind(name, run) if run is not None else None
    if function is None:
        return Unmet(f"{quote(name)} is None; expected {expected}.")
    returns = any(isinstance(node, ast.Return) for node in ast.walk(function))
    where = f"`{function.name}` on line {function.lineno}"
    advice = f"{where} comes to its end without a `return` here." if returns else f"{where} has no `return`."
    verb = "returns" if name.endswith(")") else "is"
    return Unmet(f"{quote(name)} {verb} None; expected {expected}.", advice, "missing-return")


def _function_behind(name: str, run: Program) -> ast.FunctionDef | None:
    """The draft's function whose call ``name`` is, or whose result the draft last gave to ``name``."""
    called = name.partition("(")[0] if name.endswith(")") else ""
    for statement in top_level_statements(tree(run).body):
        if isinstance(statement, ast.Assign) and name in bound_names(statement):
            call = statement.value
            called = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
    functions = (node for node in ast.walk(tree(run)) if isinstance(node, ast.FunctionDef))
    return next((function for function in functions if function.name == called), None)


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
    if not calls(run, "backward"):
        scalar = _find_scalar(run)
        advice = f"`{scalar}.backward()` fills it." if scalar else "Call `backward()` on a scalar made from it."
        reason = (
            "`grad(...)` returns gradients, and fills none" if calls(run, "grad") else "`backward()` was never called"
        )
        return Unmet(f"{problem}: {reason}.", advice, "never-called-backward")
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
