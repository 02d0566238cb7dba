"""The learner's draft after it ran: its names, its output, its source and its series."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tutor.protocol import codec


class Unmet(Exception):  # noqa: N818 - it says what a requirement is, and is read in lessons
    """A requirement that the draft doesn't meet: what is wrong, and one thing to try."""

    def __init__(
        self,
        message: str,
        advice: str = "",
        misconception: str = "",
        actual: codec.Tensor | None = None,
        expected: codec.Tensor | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.misconception = misconception
        self.actual = actual
        self.expected = expected


class MissingName(Unmet, AttributeError):  # noqa: N818
    """The draft left no such name; as an AttributeError, so that ``getattr(run, "x", None)`` works."""


@dataclass
class Draft:
    """A draft's names, text and output. The functions of this module read it; learners' names never meet it."""

    namespace: dict[str, Any]
    source: str
    path: str
    printed: Callable[[], str]
    series: Mapping[str, list[float]]
    changes: Mapping[str, Any] = field(default_factory=dict)
    """The values that it was run again with, by name."""
    first: Mapping[str, Any] = field(default_factory=dict)
    """The names that its first run left, where this is another one."""
    solution: str = ""
    snippet: str = ""
    """The lesson's, for what compares the draft with them."""
    handed_out: dict[int, tuple[str, object]] = field(default_factory=dict)
    """By id: the name under which a check last read a value, and the value, which keeps the id in use."""

    @cached_property
    def tree(self) -> ast.Module:
        try:
            return ast.parse(self.source, self.path)
        except (SyntaxError, ValueError):
            return ast.Module([], [])


class Program:
    """``run`` in a check: attributes are the names that the learner's draft left, ``run.x``, and nothing else.

    A name that isn't there raises :class:`Unmet` with the nearest one. What the draft printed, its source
    and so on are functions of this module that take ``run``, because a learner may call a variable ``output``.
    """

    __slots__ = ("__draft",)

    def __init__(
        self,
        namespace: dict[str, Any],
        source: str,
        path: str,
        *,
        printed: Callable[[], str] = str,
        series: Mapping[str, list[float]] | None = None,
    ) -> None:
        """``printed()`` is all the draft wrote; ``series`` maps names to recorded numbers."""
        self.__draft = Draft(namespace, source, path, printed, series or {})

    def __getattr__(self, name: str) -> Any:
        draft = draft_of(self)
        if name not in draft.namespace or (name.startswith("__") and name.endswith("__")):
            raise _explain_missing(draft, name)
        value = draft.namespace[name]
        draft.handed_out[id(value)] = (name, value)
        return value


def draft_of(run: Program) -> Draft:
    draft: Draft = object.__getattribute__(run, "_Program__draft")
    return draft


def printed(run: Program) -> str:
    """All that the draft printed."""
    return draft_of(run).printed()


def source(run: Program) -> str:
    """The draft's text."""
    return draft_of(run).source


def tree(run: Program) -> ast.Module:
    """The draft's syntax tree; read it, don't change it."""
    return draft_of(run).tree


def series(run: Program, name: str) -> list[float]:
    """The recorded numbers of ``"loss"`` (one a ``backward``) or ``"lr"`` (one a step); empty if there are none."""
    return list(draft_of(run).series.get(name, []))


def calls(run: Program, name: str) -> int:
    """How often the draft's text calls something of this name, as a function or a method. A last resort."""
    return sum(_called_name(node) == name for node in ast.walk(draft_of(run).tree))


def _called_name(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


# --- names --------------------------------------------------------------------------------------------------


def top_level_statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements that run at the top level, those within ``if``, ``for``, ``with`` and ``try`` too, in order."""
    statements: list[ast.stmt] = []
    for statement in body:
        statements.append(statement)
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for block in ("body", "handlers", "orelse", "finalbody", "cases"):
            for inner in getattr(statement, block, []):
                statements += top_level_statements(inner.body if not isinstance(inner, ast.stmt) else [inner])
    return statements


def bound_names(statement: ast.stmt) -> set[str]:
    """The names that one statement binds, not counting the statements inside it."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    heads = [child for child in ast.iter_child_nodes(statement) if not isinstance(child, ast.stmt | ast.ExceptHandler)]
    return {name for head in heads for name in _stored_names(head)}


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _stored_names(node: ast.AST) -> Iterator[str]:
    """Names assigned within an expression; those of a comprehension are its own."""
    if isinstance(node, _COMPREHENSIONS):
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    for child in ast.iter_child_nodes(node):
        yield from _stored_names(child)


def line_of(draft: Draft, name: str) -> int | None:
    """The line on which the draft last bound ``name`` at its top level."""
    lines = [statement.lineno for statement in top_level_statements(draft.tree.body) if name in bound_names(statement)]
    return lines[-1] if lines else None


def _explain_missing(draft: Draft, name: str) -> MissingName:
    own = [candidate for candidate in draft.namespace if not candidate.startswith("_")]
    folded = {candidate.lower(): candidate for candidate in reversed(own)}
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    nearest = folded[close[0]] if close else None
    written = line_of(draft, name)
    if written is not None:
        return MissingName(f"`{name}` has no value at the end.", f"Line {written} should give it one: was it reached?")
    if nearest is None:
        return MissingName(f"There is no `{name}`.", f"Give the name `{name}` a value at the top level.")
    line = line_of(draft, nearest)
    where = f" on line {line}" if line else ""
    return MissingName(
        f"There is no `{name}`; you have `{nearest}`{where}.", f"Call it `{name}`, if that is what you meant."
    )
