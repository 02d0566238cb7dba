"""Static resolution: from an expression in a draft to its symbol, without running any of the draft."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from torch import nn

from tutor.inspection.namespace import Kinds
from tutor.worker.introspection import symbols
from tutor.worker.introspection.scopes import BindingSite, Scope, assigned_attributes, build_scope, innermost_scope
from tutor.worker.introspection.symbols import TENSOR, Definition, Instance, LiveObject, Symbol
from tutor.worker.introspection.tokens import parse_draft, parse_expression

_DEPTH = 24
"""Steps from name to name that are followed."""
_DISPLAYS: dict[type[ast.AST], type] = {
    ast.JoinedStr: str,
    ast.Dict: dict,
    ast.DictComp: dict,
    ast.Set: set,
    ast.SetComp: set,
}
"""The classes of the values that some expressions give, whatever they are made of."""


class Resolver:
    """Resolves the names of a draft, by its text and by the types that they had after the last run.

    Args:
        source: the draft.
        kinds: the types of the last run's values, for a name that the draft binds to something unknown.
    """

    def __init__(self, source: str, kinds: Kinds) -> None:
        self.lines = source.split("\n")
        self.scope = build_scope(parse_draft(source))
        self._kinds = kinds
        self._depth = 0

    def scope_at(self, row: int) -> Scope:
        """The innermost scope of a row, counted from 0."""
        return innermost_scope(self.scope, row, self.lines)

    def resolve_text(self, text: str, row: int) -> Symbol | None:
        """Return the symbol of an expression that stands in ``row``; None when it isn't known."""
        tree = parse_expression(text)
        return None if tree is None else self.resolve(tree, self.scope_at(row), row + 1)

    def resolve(self, node: ast.AST, scope: Scope, line: int | None) -> Symbol | None:
        """Return the symbol of a tree. Bindings after ``line`` don't count, where there are any before."""
        if self._depth >= _DEPTH:
            return None
        self._depth += 1
        try:
            return self._resolve(node, scope, line)
        finally:
            self._depth -= 1

    def _resolve(self, node: ast.AST, scope: Scope, line: int | None) -> Symbol | None:
        match node:
            case ast.Name(id=name):
                return self.resolve_name(name, scope, line)
            case ast.Attribute(value=inner, attr=name):
                owner = self.resolve(inner, scope, line)
                member = None if owner is None else self.find_member(owner, name)
                ask_last_run = _is_unknown(member) and scope is self.scope
                return self._find_in_last_run(ast.unparse(node)) if ask_last_run else member
            case ast.Call(func=function, args=arguments):
                symbol = self._resolve_call(function, scope, line)
                return self._with_items(symbol, arguments, scope, line) if isinstance(symbol, Instance) else symbol
            case ast.Subscript(value=inner, slice=place):
                index = place.value if isinstance(place, ast.Constant) and isinstance(place.value, int) else None
                return symbols.infer_element(self.resolve(inner, scope, line), index)
            case ast.BinOp(left=left, right=right):
                return self._resolve_operation([left, right], scope, line)
            case ast.Compare(left=left, comparators=others):
                is_elementwise = self._resolve_operation([left, *others], scope, line) == TENSOR
                return TENSOR if is_elementwise else symbols.instance_of(bool)
            case ast.UnaryOp(operand=inner) | ast.Await(value=inner) | ast.NamedExpr(value=inner):
                return self.resolve(inner, scope, line)
            case ast.IfExp(body=first, orelse=second):
                return self.resolve(first, scope, line) or self.resolve(second, scope, line)
            case ast.BoolOp(values=parts):
                return next((symbol for part in parts if (symbol := self.resolve(part, scope, line))), None)
        return self._resolve_literal(node, scope, line)

    def _resolve_literal(self, node: ast.AST, scope: Scope, line: int | None) -> Symbol | None:
        match node:
            case ast.Constant(value=constant):
                return symbols.instance_of(type(constant))
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                kind = list if isinstance(node, ast.List) else tuple
                return symbols.instance_of(kind, *(self.resolve(part, scope, line) for part in parts[:8]))
            case ast.ListComp(elt=part) | ast.GeneratorExp(elt=part):
                return symbols.instance_of(list, self.resolve(part, scope, line))
        cls = _DISPLAYS.get(type(node))
        return None if cls is None else symbols.instance_of(cls)

    def _resolve_operation(self, parts: list[ast.expr], scope: Scope, line: int | None) -> Symbol | None:
        """A tensor where one of the operands is; else the symbol of the first."""
        operands = [self.resolve(part, scope, line) for part in parts]
        return TENSOR if any(map(_is_tensor, operands)) else operands[0]

    def _resolve_call(self, function: ast.expr, scope: Scope, line: int | None) -> Symbol | None:
        if isinstance(function, ast.Name) and function.id == "super":
            return self._resolve_super(scope)
        symbol = self.resolve(function, scope, line)
        if isinstance(symbol, Definition) and isinstance(symbol.node, ast.ClassDef):
            return Instance(symbol)
        if isinstance(symbol, Definition):
            return self._resolve_return(symbol)
        if isinstance(symbol, Instance) and isinstance(symbol.cls, Definition):
            forward = self.find_member(symbol, "forward")
            return TENSOR if forward is not None and self._is_module(symbol.cls) else None
        return None if symbol is None else symbols.infer_call(symbol)

    def _with_items(self, symbol: Instance, arguments: list[ast.expr], scope: Scope, line: int | None) -> Instance:
        """The value with its items, as far as the arguments of the call to its class tell them."""
        cls = symbol.live_class
        if cls in (enumerate, zip):
            inside = [symbols.infer_element(self.resolve(part, scope, line)) for part in arguments]
            number = [symbols.instance_of(int)] if cls is enumerate else []
            return Instance(symbol.cls, (symbols.instance_of(tuple, *number, *inside),))
        if cls in (list, tuple, reversed, sorted, iter) and arguments:
            return Instance(symbol.cls, (symbols.infer_element(self.resolve(arguments[0], scope, line)),))
        if cls is nn.Sequential:
            return Instance(symbol.cls, tuple(self.resolve(part, scope, line) for part in arguments))
        return symbol

    def _resolve_super(self, scope: Scope) -> Symbol | None:
        cls = scope.parent.node if scope.parent is not None else None
        if not isinstance(cls, ast.ClassDef) or scope.parent is None or scope.parent.parent is None:
            return None
        bases = list(self.bases(Definition(cls, scope.parent.parent)))
        return Instance(bases[0]) if bases and not isinstance(bases[0], Instance) else None

    def _resolve_return(self, function: Definition) -> Symbol | None:
        """The result of a function of the draft: by its annotation, or by its first ``return`` that can be resolved."""
        node = function.node
        assert not isinstance(node, ast.ClassDef)
        if node.returns is not None:
            return self._resolve_annotation(node.returns, function.scope)
        inner = function.scope.children.get(node)
        if inner is None:
            return None
        values = (statement.value for statement in ast.walk(node) if isinstance(statement, ast.Return))
        return next((symbol for value in values if value and (symbol := self.resolve(value, inner, None))), None)

    # --- names ------------------------------------------------------------------------------------------------

    def resolve_name(self, name: str, scope: Scope, line: int | None) -> Symbol | None:
        """Return the symbol of a name on a line of a scope; None: on any line."""
        for place in scope.outward():
            hidden = place is not scope and isinstance(place.node, ast.ClassDef)  # methods don't see its names
            if name in place.names and not hidden:
                return self._resolve_bindings(name, place.names[name], place, line if place is scope else None)
        for star in self.scope.names.get("*", ()):
            home = symbols.find_path(star.path)
            if home is not None and (symbol := symbols.find_member(home, name)) is not None:
                return symbol
        if hasattr(builtins, name):
            return LiveObject(getattr(builtins, name), name)
        return None

    def _resolve_bindings(self, name: str, sites: list[BindingSite], scope: Scope, line: int | None) -> Symbol | None:
        before = [binding for binding in sites if line is None or binding.line < line]
        for binding in reversed(before or sites[:1]):
            symbol = self._resolve_binding(binding, scope)
            if not _is_unknown(symbol):
                return symbol
        return self._find_in_last_run(name) if scope is self.scope else None

    def _resolve_binding(self, binding: BindingSite, scope: Scope) -> Symbol | None:
        node = binding.node
        match binding.kind:
            case "import":
                return symbols.find_path(binding.path)
            case "class" | "function":
                return Definition(node, scope)  # type: ignore[arg-type]
            case "self":
                home = scope.parent.parent if scope.parent is not None else None
                return Instance(Definition(node, home)) if home is not None else None  # type: ignore[arg-type]
            case "tensor":
                return TENSOR
            case "annotation":
                return self._resolve_annotation(node, scope)
            case "value" | "element":
                assert node is not None
                symbol = self.resolve(node, scope, binding.line)
                if binding.kind == "element":
                    symbol = symbols.infer_element(symbol)
                return symbol if binding.index is None else symbols.infer_element(symbol, binding.index)
        return None

    def _resolve_annotation(self, node: ast.AST | None, scope: Scope) -> Symbol | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = parse_expression(node.value)
        if isinstance(node, ast.BinOp):
            return self._resolve_annotation(node.left, scope) or self._resolve_annotation(node.right, scope)
        items: tuple[Symbol | None, ...] = ()
        if isinstance(node, ast.Subscript):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            items, node = tuple(self._resolve_annotation(part, scope) for part in parts), node.value
        symbol = None if node is None else self.resolve(node, scope, None)
        if isinstance(symbol, Definition) or (isinstance(symbol, LiveObject) and isinstance(symbol.object, type)):
            return Instance(symbol, items)
        return None

    def _find_in_last_run(self, name: str) -> Symbol | None:
        """The value that a name had after the last run: of its type, the nearest class that can be imported here."""
        kind, *paths = self._kinds.get(name, ("",))
        for path in paths:
            symbol = symbols.find_path(path)
            if symbol is not None and kind != "value":
                return symbol
            if symbol is not None and isinstance(symbol.object, type):
                return symbols.instance_of(symbol.object)
        return None

    # --- members ----------------------------------------------------------------------------------------------

    def find_member(self, symbol: Symbol, name: str) -> Symbol | None:
        """Return an attribute of a symbol."""
        cls = symbol.cls if isinstance(symbol, Instance) else symbol
        if not isinstance(cls, Definition):
            return symbols.find_member(symbol, name)
        bound = isinstance(symbol, Instance)
        if not isinstance(cls.node, ast.ClassDef):
            return None
        inner = cls.scope.children[cls.node]
        for binding in reversed(inner.names.get(name, ())):
            member = self._resolve_binding(binding, inner)
            if isinstance(member, Definition):
                return replace(member, bound=bound)
            return member or Instance(None)
        vague: Symbol | None = None
        for attribute, method, expr in assigned_attributes(cls.node) if bound else ():
            if attribute == name:
                member = None if expr is None else self.resolve(expr, inner.children[method], expr.lineno)
                if member is not None:
                    return member
                vague = Instance(None)
        for base in self.bases(cls):
            above = self.find_member(Instance(base) if bound else base, name)
            if above is not None:
                return above
        return vague

    def bases(self, cls: Definition) -> Iterator[LiveObject | Definition]:
        """Yield the classes that a class of the draft derives from."""
        assert isinstance(cls.node, ast.ClassDef)
        for node in cls.node.bases:
            base = self.resolve(node, cls.scope, cls.node.lineno)
            if isinstance(base, (LiveObject, Definition)) and symbols.kind(base) == "class":  # NamedTuple is a function
                yield base

    def _is_module(self, cls: Definition) -> bool:
        return any(isinstance(base, LiveObject) or self._is_module(base) for base in self.bases(cls))

    def list_members(self, symbol: Symbol) -> list[str]:
        """Return the attributes of a symbol: first those that the draft gives it."""
        cls = symbol.cls if isinstance(symbol, Instance) else symbol
        if not isinstance(cls, Definition):
            return list(symbols.list_members(symbol))
        attribute_names: dict[str, Any] = dict.fromkeys(symbols.defined_attributes(cls))
        if self._depth < _DEPTH and isinstance(cls.node, ast.ClassDef):
            self._depth += 1
            for base in self.bases(cls):
                attribute_names |= dict.fromkeys(
                    self.list_members(Instance(base) if isinstance(symbol, Instance) else base)
                )
            self._depth -= 1
        return list(attribute_names)


def _is_unknown(symbol: Symbol | None) -> bool:
    return symbol is None or (isinstance(symbol, Instance) and symbol.cls is None)


def _is_tensor(symbol: Symbol | None) -> bool:
    return isinstance(symbol, Instance) and symbol.live_class.__name__.endswith("Tensor")
