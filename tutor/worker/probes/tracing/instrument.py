"""A program's syntax tree with a call to :mod:`tutor.worker.probes.tracing.recorder` after each binding.

Each call stands at the place of the statement that it follows, so that lines, tracebacks and carets stay as
they are. Nothing goes before a docstring or a ``__future__`` import, into a class's own body or an annotation.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

BINDING = "_tutor_binding"
"""``_tutor_binding(site, value)``: a name was bound to this value."""
BINDINGS = "_tutor_bindings"
"""``_tutor_bindings(site, *values)``: the same for several names of one statement."""
WALRUS = "_tutor_walrus"
"""``_tutor_walrus(site, value)``: the same for ``:=``; gives the value back."""
ATTRIBUTE = "_tutor_attribute"
"""``_tutor_attribute(site, value)``: an attribute of this value was set."""
PASSES = "_tutor_passes"
"""``_tutor_passes[site] += 1``: in place of a call where the names can be read at the end."""

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


@dataclass(slots=True)
class Site:
    """A place where names are bound, or values that they stand for are changed."""

    line: int
    names: tuple[str, ...]
    """In the order of the recorder's values."""
    local: bool = False
    """It is within a function."""
    changes: bool = False
    """It binds nothing: it changes a value."""
    at_end: bool = False
    """Its values are read from the names that the program leaves."""
    ends: bool = False
    """It is the program's last expression, after which nothing is called."""


def instrument(tree: ast.Module, last: ast.expr | None = None) -> list[Site]:
    """Put the calls into ``tree``, and around ``:=`` in ``last``, the expression that ends the program.

    Gives the sites, by the numbers that the calls carry. Raises RecursionError for a program nested too deeply.
    """
    work = _Instrument()
    work.block(tree.body)
    work.spare_calls(tree)
    if last is not None:
        work.walruses(last)
        if name := _changed_by(last):
            work.sites.append(Site(last.lineno, (name,), at_end=True, ends=True))
    return work.sites


@dataclass(slots=True)
class _Call:
    """A call put into a loop at the top level."""

    site: int
    statement: ast.stmt
    body: list[ast.stmt]
    """The block that it stands in."""
    loop: int
    """The line on which the outermost loop begins."""


class _Instrument:
    def __init__(self) -> None:
        self.sites: list[Site] = []
        self.calls: list[_Call] = []
        self.body: list[ast.stmt] = []
        self.loop = 0
        self.local = False

    def spare_calls(self, tree: ast.Module) -> None:
        """In loops at the top level, only count where all that is bound can be read at the end.

        That is so where nothing else binds or changes the name from the loop on. Such loops are where programs
        spend their time.
        """
        elsewhere = _bound_elsewhere(tree)
        by_name: dict[str, list[Site]] = defaultdict(list)
        for site in self.sites:
            for name in site.names:
                by_name[name].append(site)
        for call in self.calls:
            site = self.sites[call.site]
            others = [other for name in site.names for other in by_name[name] if other is not site]
            alone = all(not other.changes if other.local else other.line < call.loop for other in others)
            if alone and elsewhere.isdisjoint(site.names):
                site.at_end = True
                counting = ast.parse(f"{PASSES}[{call.site}] += 1").body[0]
                place = next(n for n, statement in enumerate(call.body) if statement is call.statement)
                call.body[place] = _place(counting, call.statement)

    def block(self, body: list[ast.stmt]) -> None:
        """Instrument the statements of a block, and those within them, in place."""
        result: list[ast.stmt] = []
        outer, self.body = self.body, body
        for statement in body:
            result.append(statement)
            result += self.statement(statement)
        body[:] = result
        self.body = outer

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
                with self.within_loop(node):
                    self.inner(node.body, [node.target], node)
                    self.block(node.orelse)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self.walruses(item.context_expr)
                self.inner(node.body, [i.optional_vars for i in node.items if i.optional_vars is not None], node)
            case ast.While() | ast.If():
                self.walruses(node.test)
                with self.within_loop(node) if isinstance(node, ast.While) else nullcontext():
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
                if name := _changed_by(node.value):
                    yield self.call((name,), node, changes=True)
            case ast.Return() | ast.Assert() | ast.Raise():
                for child in ast.iter_child_nodes(node):
                    self.walruses(child)

    def inner(self, body: list[ast.stmt], targets: Sequence[ast.expr], at: ast.stmt) -> None:
        """A block that begins with names that its head has bound."""
        self.block(body)
        outer, self.body = self.body, body
        body[:0] = self.after(targets, at)
        self.body = outer

    @contextmanager
    def within_loop(self, node: ast.stmt) -> Iterator[None]:
        """The outermost loop is what counts."""
        outer = self.loop
        self.loop = outer or node.lineno
        yield
        self.loop = outer

    def case(self, case: ast.match_case) -> None:
        names = [
            name
            for node in ast.walk(case.pattern)
            if isinstance(node, ast.MatchAs | ast.MatchStar | ast.MatchMapping)
            and (name := node.rest if isinstance(node, ast.MatchMapping) else node.name)
        ]
        self.block(case.body)
        if public_names := _public(names):
            case.body.insert(0, self.call(public_names, case.pattern))

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Its parameters as it is entered, after its docstring, at the place of its first statement."""
        outer, self.local = self.local, True
        self.block(node.body)
        args = node.args
        every = [*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg]
        if names := _public(arg.arg for arg in every if arg is not None and arg.arg not in ("self", "cls")):
            documented = ast.get_docstring(node, clean=False) is not None
            first = node.body[min(documented, len(node.body) - 1)]
            node.body.insert(documented, self.call(names, first, line=node.lineno))
        self.local = outer

    def methods(self, body: list[ast.stmt]) -> None:
        """The methods in a class's body; the body itself is left as it is, since its namespace may be anybody's."""
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self.function(node)
            elif isinstance(node, ast.ClassDef):
                self.methods(node.body)

    # --- calls --------------------------------------------------------------------------------------------------

    def after(self, targets: Sequence[ast.expr], at: ast.stmt) -> Iterator[ast.stmt]:
        """The calls that record these targets."""
        names: list[str] = []
        changed: list[str] = []
        for target in targets:
            for leaf in _leaves(target):
                match leaf:
                    case ast.Name(id=name):
                        names.append(name)
                    case ast.Subscript():
                        changed += _base_names(leaf)
                    case ast.Attribute(attr="data" | "requires_grad"):
                        changed += _base_names(leaf.value)
                    case ast.Attribute(value=ast.Name(id=owner), attr=attribute) if not attribute.startswith("_"):
                        yield self.call((owner,), at, attribute=attribute)
        if public_names := _public(names):
            yield self.call(public_names, at)
        if public_names := _public(changed):
            yield self.call(public_names, at, changes=True)

    def call(
        self,
        names: tuple[str, ...],
        at: ast.AST,
        *,
        line: int = 0,
        attribute: str = "",
        changes: bool = False,
    ) -> ast.stmt:
        """A call that records ``names``, or what the attribute of that one name was set to."""
        function = ATTRIBUTE if attribute else BINDING if len(names) == 1 else BINDINGS
        site_names = (f"{names[0]}.{attribute}",) if attribute else names
        site = len(self.sites)
        self.sites.append(Site(line or at.lineno, site_names, self.local, changes))  # type: ignore[attr-defined]
        values: list[ast.expr] = [ast.Name(name, ast.Load()) for name in names]
        call = ast.Call(ast.Name(function, ast.Load()), [ast.Constant(site), *values], [])
        statement = _place(ast.Expr(call), at)
        if self.loop and not self.local and not attribute:
            self.calls.append(_Call(site, statement, self.body, self.loop))
        return statement

    def walruses(self, expression: ast.AST) -> None:
        """Send the value of each ``:=`` through the recorder."""
        for node in ast.walk(expression):
            if isinstance(node, ast.NamedExpr) and not node.target.id.startswith("_"):
                site = len(self.sites)
                self.sites.append(Site(node.lineno, (node.target.id,), self.local))
                call = ast.Call(ast.Name(WALRUS, ast.Load()), [ast.Constant(site), node.value], [])
                for new in (call, call.func, call.args[0]):
                    ast.copy_location(new, node.value)
                node.value = call


def _place(statement: ast.stmt, at: ast.AST) -> ast.stmt:
    """``statement`` on the first line of ``at``, in no column: a traceback then shows no carets."""
    for node in ast.walk(statement):
        if "lineno" in node._attributes:
            node.lineno = node.end_lineno = at.lineno  # type: ignore[attr-defined]
            node.col_offset = node.end_col_offset = -1  # type: ignore[attr-defined]
    return statement


# --- names ------------------------------------------------------------------------------------------------------


def watches_itself(tree: ast.Module) -> bool:
    """Whether the program looks at its own calls or bytecode, and would find the recorder there."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)) if name in _WATCHING:
                return True
            case ast.Import(names=names) if any(alias.name.partition(".")[0] in _WATCHERS for alias in names):
                return True
            case ast.ImportFrom(module, names) if module in _WATCHERS or any(it.name in _WATCHING for it in names):
                return True
    return False


def _bound_elsewhere(tree: ast.Module) -> set[str]:
    """Names that something else than a site may bind or take away, anywhere."""
    bound: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.Name(id=name, ctx=ast.Del()):
                bound.add(name)
            case ast.alias(name=name, asname=other):
                bound.add(other or name.partition(".")[0])
            case ast.Global(names=names):
                bound.update(names)
    return bound


def _leaves(target: ast.expr) -> Iterator[ast.expr]:
    """The single targets within a target of an assignment, in order."""
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from _leaves(element)
    elif isinstance(target, ast.Starred):
        yield from _leaves(target.value)
    else:
        yield target


def _base_names(node: ast.expr) -> list[str]:
    """The name whose value a change of ``x[0]`` or ``x.data[0]`` changes."""
    while isinstance(node, ast.Subscript) or (isinstance(node, ast.Attribute) and node.attr == "data"):
        node = node.value
    return [node.id] if isinstance(node, ast.Name) else []


def _changed_by(expression: ast.expr) -> str:
    """The name whose value a call changes where it stands: ``x.add_(1)``, ``losses.append(...)``."""
    match expression:
        case ast.Call(func=ast.Attribute(value=owner, attr=method)):
            in_place = method in _IN_PLACE or (method.endswith("_") and not method.startswith("_"))
            names = _base_names(owner) if in_place else []
            return next(iter(_public(names)), "")
    return ""


def _public(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if not name.startswith("_")))
