"""The scopes of a draft, with the bindings of their names, by its tree alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class BindingSite:
    """A place where a name gets a value."""

    line: int
    kind: Literal["value", "element", "annotation", "import", "class", "function", "tensor", "self", "unknown"]
    """``value``: that of the expression ``node``. ``element``: one of those it gives. ``annotation``: of the type that
    it names. ``tensor``: what a module is called with."""
    node: ast.AST | None = None
    path: str = ""
    """Of an import: what was imported."""
    index: int | None = None
    """The place of the part, when the value is unpacked."""


@dataclass
class Scope:
    """The names of a module, a class or a function."""

    node: ast.AST
    parent: Scope | None = None
    names: dict[str, list[BindingSite]] = field(default_factory=dict)
    children: dict[ast.AST, Scope] = field(default_factory=dict)

    def outward(self) -> Iterator[Scope]:
        """Yield the scope and those around it, the innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def bind(self, name: str, binding: BindingSite) -> None:
        """Add a binding of ``name``."""
        self.names.setdefault(name, []).append(binding)


def build_scope(tree: ast.Module) -> Scope:
    """The scope of the whole draft; those of its functions and classes are its children."""
    scope = Scope(tree)
    for statement in tree.body:
        _bind_names(statement, scope)
    return scope


def _bind_names(node: ast.AST, scope: Scope) -> None:
    match node:
        case ast.Import() | ast.ImportFrom(level=0, module=str()):
            _bind_import(node, scope)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            scope.bind(node.name, BindingSite(node.lineno, "function", node))
            _bind_function(node, scope)
            return
        case ast.ClassDef():
            scope.bind(node.name, BindingSite(node.lineno, "class", node))
            scope.children[node] = Scope(node, scope)
            for statement in node.body:
                _bind_names(statement, scope.children[node])
            return
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as lambda_node):
            function = ast.FunctionDef(name, lambda_node.args, [ast.Return(lambda_node.body)], [])
            _bind_names(ast.fix_missing_locations(ast.copy_location(function, node)), scope)
            return
        case ast.Assign():
            for target in node.targets:
                _bind_target(target, node.value, "value", scope)
        case ast.AnnAssign():
            _bind_target(node.target, node.annotation, "annotation", scope)
        case ast.NamedExpr():
            _bind_target(node.target, node.value, "value", scope)
        case ast.For() | ast.AsyncFor() | ast.comprehension():
            _bind_target(node.target, node.iter, "element", scope)
        case ast.withitem(optional_vars=ast.expr() as target):
            _bind_target(target, node.context_expr, "value", scope)
        case ast.ExceptHandler(name=str(name)):
            scope.bind(name, BindingSite(node.lineno, "unknown"))
        case ast.Lambda():
            return
    for child in ast.iter_child_nodes(node):
        _bind_names(child, scope)


def _bind_import(node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
    for alias in node.names:
        if isinstance(node, ast.Import):
            name = path = alias.name if alias.asname else alias.name.partition(".")[0]
        else:
            name, path = alias.name, str(node.module) if alias.name == "*" else f"{node.module}.{alias.name}"
        scope.bind(alias.asname or name, BindingSite(node.lineno, "import", path=path))


def _bind_target(
    target: ast.expr,
    value: ast.expr,
    kind: Literal["value", "element", "annotation"],
    scope: Scope,
    index: int | None = None,
) -> None:
    if isinstance(target, ast.Name):
        scope.bind(target.id, BindingSite(target.lineno, kind, value, index=index))
    elif isinstance(target, ast.Starred):
        _bind_target(target.value, value, kind, scope, index)
    elif isinstance(target, (ast.Tuple, ast.List)):
        pairs = isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts) and kind == "value"
        for place, part in enumerate(target.elts):
            if pairs:
                _bind_target(part, value.elts[place], kind, scope)  # type: ignore[attr-defined]
            else:
                _bind_target(part, value, kind, scope, place)


def _bind_function(node: Function, scope: Scope) -> None:
    inner = scope.children[node] = Scope(node, scope)
    arguments = [*node.args.posonlyargs, *node.args.args]
    method = isinstance(scope.node, ast.ClassDef)
    is_forward = method and node.name == "forward"  # a module's is given tensors, nearly always
    for place, argument in enumerate([*arguments, *node.args.kwonlyargs]):
        if method and place == 0 and arguments:
            inner.bind(argument.arg, BindingSite(node.lineno, "self", scope.node))
        elif argument.annotation is not None:
            inner.bind(argument.arg, BindingSite(node.lineno, "annotation", argument.annotation))
        else:
            inner.bind(argument.arg, BindingSite(node.lineno, "tensor" if is_forward else "unknown"))
    for rest in (node.args.vararg, node.args.kwarg):
        if rest is not None:
            inner.bind(rest.arg, BindingSite(node.lineno, "unknown"))
    for statement in node.body:
        _bind_names(statement, inner)


def innermost_scope(scope: Scope, row: int, lines: list[str]) -> Scope:
    """The innermost scope that a row of the draft, counted from 0, belongs to; by its indentation where it is new."""
    text = lines[row] if row < len(lines) else ""
    indent = len(text) - len(text.lstrip()) if text.strip() else len(text)
    for node, inner in scope.children.items():
        first, last, column = node.lineno - 1, node.end_lineno, node.col_offset  # type: ignore[attr-defined]
        if first < row < last or (first < row and indent > column and _is_indented(lines[last:row], column)):
            return innermost_scope(inner, row, lines)
    return scope


def _is_indented(lines: list[str], column: int) -> bool:
    return all(not line.strip() or len(line) - len(line.lstrip()) > column for line in lines)


def assigned_attributes(node: ast.ClassDef) -> Iterator[tuple[str, Function, ast.expr | None]]:
    """Yield the attributes that the methods of a class assign to ``self``: name, method, and the expression, if any."""
    for method in node.body:
        if not isinstance(method, Function) or not method.args.args:
            continue
        first = method.args.args[0].arg
        for statement in ast.walk(method):
            if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
                continue
            whole = statement.targets if isinstance(statement, ast.Assign) else ()
            for part in ast.walk(statement):
                match part:
                    case ast.Attribute(value=ast.Name(id=owner), ctx=ast.Store()) if owner == first:
                        yield part.attr, method, statement.value if part in whole else None
