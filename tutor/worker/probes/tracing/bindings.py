"""The names that statements of a program bind and change, read from the syntax tree alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

_IN_PLACE = frozenset(
    ["append", "extend", "insert", "pop", "popleft", "appendleft", "remove", "clear", "sort", "reverse", "update",
     "setdefault", "popitem", "add", "discard"]
)  # fmt: skip
_WATCHERS = frozenset(
    ["cProfile", "profile", "pdb", "bdb", "trace", "tracemalloc", "dis", "line_profiler", "yappi", "pyinstrument",
     "coverage", "marshal"]
)  # fmt: skip
_WATCHING = frozenset(["settrace", "setprofile", "monitoring", "breakpoint", "explain", "with_stack", "__code__"])
"""Modules, and names, by which a program sees its own calls or bytecode: it must see those of plain Python."""


def watches_itself(tree: ast.Module) -> bool:
    """Whether the program looks at its own calls or bytecode, and would find the recorder there."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                is_watching = name in _WATCHING
            case ast.Import(names=aliases):
                is_watching = any(alias.name.partition(".")[0] in _WATCHERS for alias in aliases)
            case ast.ImportFrom(module=module, names=aliases):
                is_watching = module in _WATCHERS or any(alias.name in _WATCHING for alias in aliases)
            case _:
                is_watching = False
        if is_watching:
            return True
    return False


def bound_elsewhere(tree: ast.Module) -> set[str]:
    """Names that something else than a site may bind or take away, anywhere."""
    bound: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.ExceptHandler(name=str(name)):
                bound.add(name)
            case ast.Name(id=name, ctx=ast.Del()):
                bound.add(name)
            case ast.alias(name=name, asname=other):
                bound.add(other or name.partition(".")[0])
            case ast.Global(names=names):
                bound.update(names)
    return bound


def leaves(target: ast.expr) -> Iterator[ast.expr]:
    """The single targets within a target of an assignment, in order."""
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from leaves(element)
    elif isinstance(target, ast.Starred):
        yield from leaves(target.value)
    else:
        yield target


def base_names(node: ast.expr) -> list[str]:
    """The name whose value a change of ``x[0]`` or ``x.data[0]`` changes."""
    while isinstance(node, ast.Subscript) or (isinstance(node, ast.Attribute) and node.attr == "data"):
        node = node.value
    return [node.id] if isinstance(node, ast.Name) else []


def changed_by(expression: ast.expr) -> str:
    """The name whose value a call changes where it stands: ``x.add_(1)``, ``losses.append(...)``."""
    match expression:
        case ast.Call(func=ast.Attribute(value=owner, attr=method)):
            in_place = method in _IN_PLACE or (method.endswith("_") and not method.startswith("_"))
            names = base_names(owner) if in_place else []
            return next(iter(public(names)), "")
    return ""


def public(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if not name.startswith("_")))
