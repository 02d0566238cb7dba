"""From an expression in a draft to the thing that it stands for, without running any of it."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from typing import Any

from torch import nn

from tutor.inspection.type_paths import Kinds
from tutor.worker.introspection import members as names
from tutor.worker.introspection import symbols
from tutor.worker.introspection.scopes import Binding, Scope, at, attributes, scopes
from tutor.worker.introspection.symbols import TENSOR, Live, Own, Thing, Value
from tutor.worker.introspection.tokens import expression, parse

_DEPTH = 24
"""Steps from name to name that are followed."""


class Resolver:
    """Knows the names of a draft, and of what type they were after the last run.

    Args:
        source: the draft.
        kinds: what the last run left, which is asked for a name that the draft binds to something unknown.
    """

    def __init__(self, source: str, kinds: Kinds) -> None:
        self.lines = source.split("\n")
        self.scope = scopes(parse(source))
        self._kinds = kinds
        self._depth = 0

    def scope_at(self, row: int) -> Scope:
        """The innermost scope of a row, counted from 0."""
        return at(self.scope, row, self.lines)

    def text(self, text: str, row: int) -> Thing | None:
        """What an expression that stands in ``row`` stands for; None when that isn't known."""
        tree = expression(text)
        return None if tree is None else self.resolve(tree, self.scope_at(row), row + 1)

    def resolve(self, node: ast.AST, scope: Scope, line: int | None) -> Thing | None:
        """The same for its tree. Bindings after ``line`` don't count, where there are any before."""
        if self._depth >= _DEPTH:
            return None
        self._depth += 1
        try:
            return self._resolve(node, scope, line)
        finally:
            self._depth -= 1

    def _resolve(self, node: ast.AST, scope: Scope, line: int | None) -> Thing | None:  # a case for each kind of node
        match node:
            case ast.Name(id=name):
                return self.name(name, scope, line)
            case ast.Attribute(value=inner, attr=name):
                owner = self.resolve(inner, scope, line)
                known = None if owner is None else self.member(owner, name)
                return self._left(ast.unparse(node)) if _vague(known) and scope is self.scope else known
            case ast.Call(func=function, args=given):
                thing = self._called(function, scope, line)
                return self._holding(thing, given, scope, line) if isinstance(thing, Value) else thing
            case ast.Subscript(value=inner, slice=place):
                return self._item(self.resolve(inner, scope, line), place)
            case ast.Constant(value=constant):
                return symbols.value(type(constant))
            case ast.JoinedStr():
                return symbols.value(str)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                kind = list if isinstance(node, ast.List) else tuple
                return symbols.value(kind, *(self.resolve(part, scope, line) for part in parts[:8]))
            case ast.ListComp(elt=part) | ast.GeneratorExp(elt=part):
                return symbols.value(list, self.resolve(part, scope, line))
            case ast.Dict() | ast.DictComp():
                return symbols.value(dict)
            case ast.Set() | ast.SetComp():
                return symbols.value(set)
            case ast.BinOp(left=left, right=right):
                return self._either([left, right], scope, line)
            case ast.Compare(left=left, comparators=others):
                return TENSOR if self._either([left, *others], scope, line) == TENSOR else symbols.value(bool)
            case ast.UnaryOp(operand=inner) | ast.Await(value=inner) | ast.NamedExpr(value=inner):
                return self.resolve(inner, scope, line)
            case ast.IfExp(body=first, orelse=second):
                return self.resolve(first, scope, line) or self.resolve(second, scope, line)
            case ast.BoolOp(values=parts):
                return next((thing for part in parts if (thing := self.resolve(part, scope, line))), None)
        return None

    def _either(self, parts: list[ast.expr], scope: Scope, line: int | None) -> Thing | None:
        """A tensor where one of them is; else what the first is."""
        found = [self.resolve(part, scope, line) for part in parts]
        return TENSOR if any(map(_is_tensor, found)) else found[0]

    def _called(self, function: ast.expr, scope: Scope, line: int | None) -> Thing | None:
        if isinstance(function, ast.Name) and function.id == "super":
            return self._super(scope)
        thing = self.resolve(function, scope, line)
        if isinstance(thing, Own) and isinstance(thing.node, ast.ClassDef):
            return Value(thing)
        if isinstance(thing, Own):
            return self._returned(thing)
        if isinstance(thing, Value) and isinstance(thing.cls, Own):
            forward = self.member(thing, "forward")
            return TENSOR if forward is not None and self._is_module(thing.cls) else None
        return None if thing is None else symbols.called(thing)

    def _holding(self, thing: Value, given: list[ast.expr], scope: Scope, line: int | None) -> Value:
        """With what a value is known to hold from what its class was called with."""
        cls = thing.cls.object if isinstance(thing.cls, Live) else None
        if cls in (enumerate, zip):
            inside = [symbols.element(self.resolve(part, scope, line)) for part in given]
            number = [symbols.value(int)] if cls is enumerate else []
            return Value(thing.cls, (symbols.value(tuple, *number, *inside),))
        if cls in (list, tuple, reversed, sorted, iter) and given:
            return Value(thing.cls, (symbols.element(self.resolve(given[0], scope, line)),))
        if cls is nn.Sequential:
            return Value(thing.cls, tuple(self.resolve(part, scope, line) for part in given))
        return thing

    def _super(self, scope: Scope) -> Thing | None:
        cls = scope.parent.node if scope.parent is not None else None
        if not isinstance(cls, ast.ClassDef) or scope.parent is None or scope.parent.parent is None:
            return None
        bases = list(self.bases(Own(cls, scope.parent.parent)))
        return Value(bases[0]) if bases and not isinstance(bases[0], Value) else None

    def _returned(self, function: Own) -> Thing | None:
        """What a function of the draft gives: by its annotation, or its first ``return`` that is understood."""
        node = function.node
        assert not isinstance(node, ast.ClassDef)
        if node.returns is not None:
            return self._annotated(node.returns, function.scope)
        inner = function.scope.below.get(node)
        given = (found.value for found in ast.walk(node) if isinstance(found, ast.Return) and found.value is not None)
        return next((thing for value in given if inner and (thing := self.resolve(value, inner, None))), None)

    def _item(self, thing: Thing | None, place: ast.expr) -> Thing | None:
        if isinstance(thing, Value) and isinstance(place, ast.Constant) and isinstance(place.value, int):
            return thing.items[place.value] if place.value < len(thing.items) else symbols.element(thing)
        return symbols.element(thing)

    # --- names ------------------------------------------------------------------------------------------------

    def name(self, name: str, scope: Scope, line: int | None) -> Thing | None:
        """What a name stands for on a line of a scope; None: on any line."""
        inner: Scope | None = scope
        while inner is not None:
            hidden = inner is not scope and isinstance(inner.node, ast.ClassDef)  # methods don't see its names
            if name in inner.names and not hidden:
                return self._bound(name, inner.names[name], inner, line if inner is scope else None)
            inner = inner.parent
        for star in self.scope.names.get("*", ()):
            home = symbols.found(star.path)
            if home is not None and (thing := symbols.member(home, name)) is not None:
                return thing
        if hasattr(builtins, name):
            return Live(getattr(builtins, name), name)
        return None

    def _bound(self, name: str, bindings: list[Binding], scope: Scope, line: int | None) -> Thing | None:
        before = [binding for binding in bindings if line is None or binding.line < line]
        for binding in reversed(before or bindings[:1]):
            thing = self._binding(binding, scope)
            if not _vague(thing):
                return thing
        return self._left(name) if scope is self.scope else None

    def _binding(self, binding: Binding, scope: Scope) -> Thing | None:
        node = binding.node
        match binding.how:
            case "import":
                return symbols.found(binding.path)
            case "class" | "function":
                return Own(node, scope)  # type: ignore[arg-type]
            case "self":
                home = scope.parent.parent if scope.parent is not None else None
                return Value(Own(node, home)) if home is not None else None  # type: ignore[arg-type]
            case "tensor":
                return TENSOR
            case "annotation":
                return self._annotated(node, scope)
            case "value" | "element":
                assert node is not None
                thing = self.resolve(node, scope, binding.line)
                if binding.how == "element":
                    thing = symbols.element(thing)
                return thing if binding.index is None else self._part(thing, binding.index)
        return None

    def _part(self, thing: Thing | None, index: int) -> Thing | None:
        items = thing.items if isinstance(thing, Value) else ()
        return items[index] if index < len(items) else symbols.element(thing)

    def _annotated(self, node: ast.AST | None, scope: Scope) -> Thing | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = expression(node.value)
        if isinstance(node, ast.BinOp):
            return self._annotated(node.left, scope) or self._annotated(node.right, scope)
        items: tuple[Thing | None, ...] = ()
        if isinstance(node, ast.Subscript):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            items, node = tuple(self._annotated(part, scope) for part in parts), node.value
        thing = None if node is None else self.resolve(node, scope, None)
        is_class = isinstance(thing, Own) or (isinstance(thing, Live) and isinstance(thing.object, type))
        return Value(thing, items) if is_class else None  # type: ignore[arg-type]

    def _left(self, name: str) -> Thing | None:
        """What the last run left under a name: of its type, the nearest class that is known here."""
        how, *paths = self._kinds.get(name, ("",))
        for path in paths:
            thing: Thing | None = symbols.found(path)
            if thing is None and path.startswith("builtins.") and hasattr(builtins, path[9:]):
                thing = Live(getattr(builtins, path[9:]), path[9:])
            if isinstance(thing, Live) and how == "value" and isinstance(thing.object, type):
                return symbols.value(thing.object)
            if isinstance(thing, Live) and how != "value":
                return thing
        return None

    # --- members ----------------------------------------------------------------------------------------------

    def member(self, thing: Thing, name: str) -> Thing | None:
        """The attribute of a thing."""
        cls = thing.cls if isinstance(thing, Value) else thing
        if not isinstance(cls, Own):
            return symbols.member(thing, name)
        bound = isinstance(thing, Value)
        if not isinstance(cls.node, ast.ClassDef):
            return None
        inner = cls.scope.below[cls.node]
        for found in reversed(inner.names.get(name, ())):
            made = self._binding(found, inner)
            return Own(made.node, made.scope, bound) if isinstance(made, Own) else made or Value(None)
        vague: Thing | None = None
        for attribute, method, expr in attributes(cls.node) if bound else ():
            if attribute == name:
                made = None if expr is None else self.resolve(expr, inner.below[method], expr.lineno)
                if made is not None:
                    return made
                vague = Value(None)
        for base in self.bases(cls):
            above = self.member(Value(base) if bound else base, name)
            if above is not None:
                return above
        return vague

    def bases(self, cls: Own) -> Iterator[Live | Own]:
        """The classes that a class of the draft derives from."""
        assert isinstance(cls.node, ast.ClassDef)
        for node in cls.node.bases:
            base = self.resolve(node, cls.scope, cls.node.lineno)
            if isinstance(base, (Live, Own)) and symbols.is_class(base):  # NamedTuple is a function
                yield base

    def _is_module(self, cls: Own) -> bool:
        return any(isinstance(base, Live) or self._is_module(base) for base in self.bases(cls))

    def names(self, thing: Thing) -> list[str]:
        """The attributes of a thing: what the draft gives it first."""
        cls = thing.cls if isinstance(thing, Value) else thing
        if not isinstance(cls, Own):
            return list(names.names(thing))
        found: dict[str, Any] = dict.fromkeys(names.own_attributes(cls))
        if self._depth < _DEPTH and isinstance(cls.node, ast.ClassDef):
            self._depth += 1
            for base in self.bases(cls):
                found |= dict.fromkeys(self.names(Value(base) if isinstance(thing, Value) else base))
            self._depth -= 1
        return list(found)


def _vague(thing: Thing | None) -> bool:
    return thing is None or (isinstance(thing, Value) and thing.cls is None)


def _is_tensor(thing: Thing | None) -> bool:
    return isinstance(thing, Value) and isinstance(thing.cls, Live) and thing.cls.path.endswith("Tensor")
