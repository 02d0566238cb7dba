"""Runs the draft again with other values, so that a check sees whether the code follows its inputs.

What only prints or asserts stands in the draft for the values that it was written with: in a rerun it may stop.
"""

from __future__ import annotations

import ast
import contextlib
import io
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import torch

from tutor.check.program import Draft, Program, Unmet, bound_names, draft_of
from tutor.check.wording import call_site, error_text
from tutor.inspection.tensor import is_tensor

_VALUE, _CAPTURE = "_tutor_value", "_tutor_capture"


def again(run: Program, **changes: Any) -> Program:
    """Run the draft once more, quietly, in a namespace of its own, with other values for some top-level names.

    Each assignment at the top level that makes one of the names is replaced, unless its right side uses that
    name (``x = x.to(device)``, ``w = w - lr * w.grad`` stay). A leaf tensor is copied each time it is given, so
    that gradients of one rerun don't reach another; whether it tracks gradients is up to the given value.

    Raises :class:`Unmet` when the draft doesn't assign a name, or stops with an error. ``series`` of the result
    are empty: probes watch the first run only.
    """
    return rerun(run, changes)


def rerun(run: Program, changes: dict[str, Any], capture: Callable[[str, Any], object] | None = None) -> Program:
    """As :func:`again`. ``capture`` is called with the first value of each name that is assigned at the top level."""
    draft = draft_of(run)
    replace = Replacer(changes)
    tree = replace.visit(ast.parse(draft.source, draft.path))
    for name in changes:
        if name not in replace.replaced:
            getattr(run, name)  # says which name is nearest, if there is none
            raise Unmet(f"`{name}` is not assigned in your code.", f"Give `{name}` a value at the top level.")
    if capture is not None:
        tree = _Capturer().visit(tree)

    def take(names: tuple[str, ...], value: Any) -> Any:
        assert capture is not None
        values = (value,) if len(names) == 1 else tuple(value)
        for name, each in zip(names, values, strict=False):
            capture(name, each)
        return value if len(names) == 1 else values

    hooks = {_VALUE: lambda name: copy_leaf(changes[name]), _CAPTURE: take}
    try:
        namespace, output = execute(tree, draft.path, hooks)
    except Exception as error:
        raise _explain_stop(draft, changes, error) from error
    program = Program(namespace, draft.source, draft.path, printed=lambda: output)
    draft_of(program).changes, draft_of(program).first = changes, draft.first or draft.namespace
    return program


def execute(tree: ast.Module, path: str, hooks: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Run a program, quietly, in a namespace of its own, where ``hooks`` stand while it runs.

    Returns:
        The namespace that it leaves, and what it printed. Raises what the program raises, but for SystemExit.
    """
    code = compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)
    main = types.ModuleType("__main__")
    vars(main).update(__file__=path, __builtins__=__builtins__, **hooks)
    text = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape", write_through=True)
    quiet = contextlib.redirect_stdout(text), contextlib.redirect_stderr(io.StringIO())
    with _fresh_main(main), quiet[0], quiet[1], contextlib.suppress(SystemExit):
        exec(code, vars(main))
    for name in hooks:
        vars(main).pop(name, None)
    return vars(main), text.buffer.getvalue().decode("utf-8", "surrogateescape")


def copy_leaf(value: Any) -> Any:
    """A leaf tensor of its own, with the same values; anything else as it is."""
    if is_tensor(value) and type(value) is torch.Tensor and value.is_leaf:
        return value.detach().clone().requires_grad_(value.requires_grad)
    return value


def _explain_stop(draft: Draft, changes: dict[str, Any], error: Exception) -> Unmet:
    line = call_site(error, draft.path)
    changed = ", ".join(f"another `{name}`" for name in changes)
    start = f"Run again with {changed}" if changed else "Run a second time"
    return Unmet(f"{start}, your code stops{f' on line {line}' if line else ''}: {error_text(error)}")


class Replacer(ast.NodeTransformer):
    """Replaces the values of top-level assignments, and top-level functions and classes.

    Top-level asserts and prints may stop from then on.
    """

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

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return _tolerate(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        call = node.value
        prints = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"
        return _tolerate(node) if prints else node

    def _assignment(self, name: str, place: ast.stmt) -> ast.AST:
        statement = ast.Assign([ast.Name(name, ast.Store())], self._replacement(name, place))
        return ast.fix_missing_locations(ast.copy_location(statement, place))

    def _replacement(self, name: str, place: ast.stmt) -> ast.expr:
        self.replaced.add(name)
        call = ast.Call(ast.Name(_VALUE, ast.Load()), [ast.Constant(name)], [])
        return ast.fix_missing_locations(ast.copy_location(call, place))


class _Capturer(ast.NodeTransformer):
    """Sends the value of each name's first assignment at the top level through a call."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def _definition(self, node: ast.stmt) -> ast.AST:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _definition  # noqa: N815

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        names = assigned_names(node)
        if names and not self._seen.issuperset(names):
            self._seen.update(names)
            listed = ast.Tuple([ast.Constant(name) for name in names], ast.Load())
            node.value = ast.Call(ast.Name(_CAPTURE, ast.Load()), [listed, node.value], [])
        return node


def assigned_names(statement: ast.stmt) -> tuple[str, ...]:
    """The names of ``x = …``, or of ``x, y = …``; none for any other statement."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) > 1:
        return ()
    target = statement.targets[0]
    parts = target.elts if isinstance(target, ast.Tuple) else [target]
    names = tuple(part.id for part in parts if isinstance(part, ast.Name))
    return names if len(names) == len(parts) else ()


def _tolerate(node: ast.stmt) -> ast.AST:
    """The statement, passed over where it raises."""
    handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, [ast.Pass()])
    return ast.fix_missing_locations(ast.copy_location(ast.Try([node], [handler], [], []), node))


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
