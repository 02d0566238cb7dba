"""Runs the draft again with other values, so that a check sees whether the code follows its inputs."""

from __future__ import annotations

import ast
import contextlib
import io
import sys
import types
from collections.abc import Iterator
from typing import Any

import torch

from tutor.check.program import Draft, Program, Unmet, bound_names, draft_of
from tutor.check.wording import call_site, error_text
from tutor.inspection.tensor import is_tensor

_VALUE = "_tutor_value"


def again(run: Program, **changes: Any) -> Program:
    """Run the draft once more, quietly, in a namespace of its own, with other values for some top-level names.

    Each assignment at the top level that makes one of the names is replaced, unless its right side uses that
    name (``x = x.to(device)``, ``w = w - lr * w.grad`` stay). A leaf tensor is copied each time it is given, so
    that gradients of one rerun don't reach another; whether it tracks gradients is up to the given value.

    Raises :class:`Unmet` when the draft doesn't assign a name, or stops with an error. ``series`` of the result
    are empty: probes watch the first run only.
    """
    draft = draft_of(run)
    replace = _Replacer(changes)
    replaced = replace.visit(ast.parse(draft.source, draft.path))
    for name in changes:
        if name not in replace.replaced:
            getattr(run, name)  # says which name is nearest, if there is none
            raise Unmet(f"`{name}` is not assigned in your code.", f"Give `{name}` a value at the top level.")
    code = compile(ast.fix_missing_locations(replaced), draft.path, "exec", dont_inherit=True)
    main = types.ModuleType("__main__")
    vars(main).update(__file__=draft.path, __builtins__=__builtins__)
    vars(main)[_VALUE] = lambda name: _copy_leaf(changes[name])
    text = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape", write_through=True)
    with _fresh_main(main), contextlib.redirect_stdout(text), contextlib.redirect_stderr(io.StringIO()):
        try:
            exec(code, vars(main))
        except SystemExit:
            pass
        except Exception as error:
            raise _explain_stop(draft, changes, error) from error
    del vars(main)[_VALUE]
    output = text.buffer.getvalue().decode("utf-8", "surrogateescape")
    return Program(vars(main), draft.source, draft.path, printed=lambda: output)


def _copy_leaf(value: Any) -> Any:
    if is_tensor(value) and type(value) is torch.Tensor and value.is_leaf:
        return value.detach().clone().requires_grad_(value.requires_grad)
    return value


def _explain_stop(draft: Draft, changes: dict[str, Any], error: Exception) -> Unmet:
    line = call_site(error, draft.path)
    changed = ", ".join(f"another `{name}`" for name in changes)
    start = f"Run again with {changed}" if changed else "Run a second time"
    return Unmet(f"{start}, your code stops{f' on line {line}' if line else ''}: {error_text(error)}")


class _Replacer(ast.NodeTransformer):
    """Replaces the values of top-level assignments, and top-level functions and classes."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.replaced: set[str] = set()

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> ast.AST | list[ast.AST]:
        return [node, self._assignment(node.name, node)] if node.name in self.names else node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _definition  # noqa: N815

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.AST]:
        changed = [name for name in self.names if name in bound_names(node) and not _uses(node.value, name)]
        if not changed:
            return node
        if all(isinstance(target, ast.Name) and target.id in changed for target in node.targets):
            name = node.targets[0].id  # type: ignore[attr-defined]
            node.value = self._replacement(name, node)
            return node
        return [node, *(self._assignment(name, node) for name in changed)]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        target = node.target
        named = isinstance(target, ast.Name) and target.id in self.names
        if named and node.value is not None and not _uses(node.value, target.id):  # type: ignore[union-attr]
            node.value = self._replacement(target.id, node)  # type: ignore[union-attr]
        return node

    def _assignment(self, name: str, place: ast.stmt) -> ast.AST:
        statement = ast.Assign([ast.Name(name, ast.Store())], self._replacement(name, place))
        return ast.fix_missing_locations(ast.copy_location(statement, place))

    def _replacement(self, name: str, place: ast.stmt) -> ast.expr:
        self.replaced.add(name)
        call = ast.Call(ast.Name(_VALUE, ast.Load()), [ast.Constant(name)], [])
        return ast.fix_missing_locations(ast.copy_location(call, place))


def _uses(value: ast.expr, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(value))


@contextlib.contextmanager
def preserve_defaults() -> Iterator[None]:
    """Turn gradients on inside, whatever mode the draft set; restore the default dtype and device afterwards."""
    dtype, device = torch.get_default_dtype(), torch.get_default_device()
    try:
        with torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        torch.set_default_dtype(dtype)
        if torch.get_default_device() != device:
            # "cpu" is what is reported when none was ever set; setting it would slow every later call
            torch.set_default_device(None if device == torch.device("cpu") else device)


@contextlib.contextmanager
def _fresh_main(main: types.ModuleType) -> Iterator[None]:
    """Set ``__main__``, the default dtype and device as a program finds them; restore them afterwards."""
    before = sys.modules.get("__main__")
    sys.modules["__main__"] = main
    try:
        with preserve_defaults():
            torch.set_default_dtype(torch.float32)
            if torch.get_default_device() != torch.device("cpu"):
                torch.set_default_device(None)
            yield
    finally:
        if before is not None:
            sys.modules["__main__"] = before
