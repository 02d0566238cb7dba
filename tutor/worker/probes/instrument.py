"""A program's syntax tree with a call to :mod:`tutor.worker.probes.recorder` after each binding.

Each call stands at the place of the statement that it follows, so that lines, tracebacks and carets stay as
they are. Nothing goes before a docstring or a ``__future__`` import, into a class's own body or an annotation.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

SEEN = "_tutor_seen"
"""``_tutor_seen(site, value)``: a name was bound to this value."""
SEVERAL = "_tutor_several"
"""``_tutor_several(site, *values)``: the same for several names of one statement."""
BOUND = "_tutor_bound"
"""``_tutor_bound(site, value)``: the same for ``:=``; gives the value back."""
OWNER = "_tutor_owner"
"""``_tutor_owner(site, value)``: an attribute of this value was set."""

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


@dataclass(frozen=True, slots=True)
class Site:
    """A place where names are bound: the line, and the names in the order of the recorder's values."""

    line: int
    names: tuple[str, ...]
    last: bool = False
    """It is the program's last expression, after which nothing is called: its names are read at the end."""


def watches_itself(tree: ast.Module) -> bool:
    """Whether the program looks at its own calls or bytecode, and would find the recorder there."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                found = name in _WATCHING
            case ast.Import(names=aliases):
                found = any(alias.name.partition(".")[0] in _WATCHERS for alias in aliases)
            case ast.ImportFrom(module=module, names=aliases):
                found = module in _WATCHERS or any(alias.name in _WATCHING for alias in aliases)
            case _:
                found = False
        if found:
            return True
    return False


def instrument(tree: ast.Module, last: ast.expr | None = None) -> list[Site]:
    """Put the calls into ``tree``, and around ``:=`` in ``last``, the expression that ends the program.

    Gives the sites, by the numbers that the calls carry. Raises RecursionError for a program nested too deeply.
    """
    work = _Instrument()
    work.block(tree.body)
    if last is not None:
        work.walruses(last)
        name = _changed_by(last)
        if name:
            work.sites.append(Site(last.lineno, (name,), last=True))
    return work.sites


class _Instrument:
    def __init__(self) -> None:
        self.sites: list[Site] = []

    def block(self, body: list[ast.stmt]) -> None:
        """Instrument the statements of a block, and those within them, in place."""
        result: list[ast.stmt] = []
        for statement in body:
            result.append(statement)
            result += self.statement(statement)
        body[:] = result

    def statement(self, node: ast.stmt) -> Iterator[ast.stmt]:
        """Instrument what is within a statement; the calls that follow it."""
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.function(node)
            case ast.ClassDef():
                self.methods(node.body)
            case ast.Assign() | ast.AnnAssign(value=ast.expr()) | ast.AugAssign():
                self.walruses(node.value)  # type: ignore[arg-type]
                yield from self.after(node.targets if isinstance(node, ast.Assign) else [node.target], node)
            case ast.For() | ast.AsyncFor():
                self.walruses(node.iter)
                self.inner(node.body, [node.target], node)
                self.block(node.orelse)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self.walruses(item.context_expr)
                self.inner(node.body, [i.optional_vars for i in node.items if i.optional_vars is not None], node)
            case ast.While() | ast.If():
                self.walruses(node.test)
                self.block(node.body)
                self.block(node.orelse)
            case ast.Try() | ast.TryStar():
                for block in (node.body, *(handler.body for handler in node.handlers), node.orelse, node.finalbody):
                    self.block(block)
            case ast.Match():
                self.walruses(node.subject)
                for case in node.cases:
                    self.case(case)
            case ast.Expr():
                self.walruses(node.value)
                name = _changed_by(node.value)
                if name:
                    yield self.call((name,), node)
            case ast.Return() | ast.Assert() | ast.Raise():
                for child in ast.iter_child_nodes(node):
                    self.walruses(child)
            case _:
                pass

    def inner(self, body: list[ast.stmt], targets: Sequence[ast.expr], at: ast.stmt) -> None:
        """A block that begins with names that its head has bound."""
        self.block(body)
        body[:0] = self.after(targets, at)

    def case(self, case: ast.match_case) -> None:
        names = [
            name
            for node in ast.walk(case.pattern)
            if isinstance(node, ast.MatchAs | ast.MatchStar | ast.MatchMapping)
            and (name := node.rest if isinstance(node, ast.MatchMapping) else node.name)
        ]
        self.block(case.body)
        if shown := _public(names):
            case.body.insert(0, self.call(shown, case.pattern))

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Its parameters as it is entered, after its docstring, at the place of its first statement."""
        self.block(node.body)
        given = node.args
        every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
        names = _public(arg.arg for arg in every if arg is not None and arg.arg not in ("self", "cls"))
        if not names:
            return
        documented = ast.get_docstring(node, clean=False) is not None
        first = node.body[min(documented, len(node.body) - 1)]
        node.body.insert(documented, self.call(names, first, line=node.lineno))

    def methods(self, body: list[ast.stmt]) -> None:
        """The methods in a class's body; the body itself is left as it is, since its namespace may be anybody's."""
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self.function(node)
            elif isinstance(node, ast.ClassDef):
                self.methods(node.body)

    # --- calls --------------------------------------------------------------------------------------------------

    def after(self, targets: Sequence[ast.expr], at: ast.stmt) -> Iterator[ast.stmt]:
        """The calls that tell of these targets."""
        names: list[str] = []
        for target in targets:
            for leaf in _leaves(target):
                match leaf:
                    case ast.Name(id=name):
                        names.append(name)
                    case ast.Subscript():
                        names += _base(leaf)
                    case ast.Attribute(attr="data" | "requires_grad"):
                        names += _base(leaf.value)
                    case ast.Attribute(value=ast.Name(id=owner), attr=attribute) if not attribute.startswith("_"):
                        yield self.call((owner,), at, function=OWNER, told=(f"{owner}.{attribute}",))
        if shown := _public(names):
            yield self.call(shown, at)

    def call(
        self, names: tuple[str, ...], at: ast.AST, *, line: int = 0, function: str = "", told: tuple[str, ...] = ()
    ) -> ast.stmt:
        function = function or (SEEN if len(names) == 1 else SEVERAL)
        site = len(self.sites)
        self.sites.append(Site(line or at.lineno, told or names))  # type: ignore[attr-defined]
        values: list[ast.expr] = [ast.Name(name, ast.Load()) for name in names]
        call = ast.Call(ast.Name(function, ast.Load()), [ast.Constant(site), *values], [])
        return _placed(ast.Expr(call), at)

    def walruses(self, expression: ast.AST) -> None:
        """Send the value of each ``:=`` through the recorder."""
        for node in ast.walk(expression):
            if isinstance(node, ast.NamedExpr) and not node.target.id.startswith("_"):
                site = len(self.sites)
                self.sites.append(Site(node.lineno, (node.target.id,)))
                call = ast.Call(ast.Name(BOUND, ast.Load()), [ast.Constant(site), node.value], [])
                for new in (call, call.func, call.args[0]):
                    ast.copy_location(new, node.value)
                node.value = call


def _placed(statement: ast.stmt, at: ast.AST) -> ast.stmt:
    """``statement`` on the first line of ``at``, in no column: a traceback then shows no carets."""
    for node in ast.walk(statement):
        if "lineno" in node._attributes:
            node.lineno = node.end_lineno = at.lineno  # type: ignore[attr-defined]
            node.col_offset = node.end_col_offset = -1  # type: ignore[attr-defined]
    return statement


def _leaves(target: ast.expr) -> Iterator[ast.expr]:
    """What a target of an assignment binds, in order."""
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from _leaves(element)
    elif isinstance(target, ast.Starred):
        yield from _leaves(target.value)
    else:
        yield target


def _base(node: ast.expr) -> list[str]:
    """The name whose value a change of ``x[0]`` or ``x.data[0]`` changes."""
    while isinstance(node, ast.Subscript) or (isinstance(node, ast.Attribute) and node.attr == "data"):
        node = node.value
    return [node.id] if isinstance(node, ast.Name) else []


def _changed_by(expression: ast.expr) -> str:
    """The name whose value a call changes where it stands: ``x.add_(1)``, ``losses.append(...)``."""
    match expression:
        case ast.Call(func=ast.Attribute(value=owner, attr=method)):
            in_place = method in _IN_PLACE or (method.endswith("_") and not method.startswith("_"))
            names = _base(owner) if in_place else []
            return next(iter(_public(names)), "")
    return ""


def _public(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if not name.startswith("_")))
