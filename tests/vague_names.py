"""Counts vague identifiers in ``tutor/``: ``python -m tests.vague_names [PATH]`` lists them, and fails over the limit.

A participle without its noun (``found``, ``made``, ``wanted``) says neither what a value is nor where it comes from,
and the reader has to look for both. A name counts once in each scope that binds it; one vague word makes it vague.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

VAGUE = frozenset(
    [
        "asked",
        "found",
        "given",
        "gone",
        "heard",
        "held",
        "helper",
        "kept",
        "known",
        "left",
        "looked",
        "made",
        "manager",
        "meant",
        "misc",
        "put",
        "said",
        "seen",
        "shown",
        "stuff",
        "taken",
        "thing",
        "things",
        "told",
        "utils",
        "wanted",
        "what",
    ]
)
OPPOSITES = {"left": "right"}
"""A vague word that is none beside its opposite: operands and neighbours are named so in the field."""
LIMIT = 0.005
"""The share of all names that may be vague."""


def names(tree: ast.AST) -> Iterator[tuple[str, int, set[str]]]:
    """Each name that ``tree`` gives, once a scope: the name, its first line, and all names of its scope."""
    scopes: list[dict[str, int]] = []
    _collect(tree, {}, scopes)
    for scope in scopes:
        for name, line in scope.items():
            yield name, line, set(scope)


def _collect(node: ast.AST, scope: dict[str, int], scopes: list[dict[str, int]]) -> None:
    """Add the names bound below ``node`` to ``scope``, and those of the functions and classes in it to ``scopes``."""
    if not scopes:
        scopes.append(scope)
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                scope.setdefault(name, child.lineno)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
                scope.setdefault(name, child.lineno)
            case ast.ExceptHandler(name=str(name)) | ast.alias(asname=str(name)) | ast.MatchAs(name=str(name)):
                scope.setdefault(name, child.lineno)
        inner = scope
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            inner = {}
            scopes.append(inner)
        _collect(child, inner, scopes)


def is_vague(name: str, scope: set[str]) -> bool:
    """Whether a word of ``name`` is vague, and not explained by its opposite among the names of its scope."""
    for word in name.lower().strip("_").split("_"):
        opposite = OPPOSITES.get(word)
        if word in VAGUE and not (opposite and any(opposite in other.lower().split("_") for other in scope)):
            return True
    return False


def main(root: Path = Path("tutor")) -> int:
    """List the vague names below ``root``; the exit status."""
    total = vague = 0
    for path in sorted(root.rglob("*.py")) if root.is_dir() else [root]:
        for name, line, scope in names(ast.parse(path.read_text("utf-8"))):
            total += 1
            if is_vague(name, scope):
                vague += 1
                print(f"{path}:{line}: {name}")
    share = vague / total if total else 0.0
    print(f"{vague} of {total} names are vague: {share:.2%}; the limit is {LIMIT:.1%}.")
    return int(share > LIMIT)


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
