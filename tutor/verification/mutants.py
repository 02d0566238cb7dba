"""Mutants of a solution: programs that differ from it in one place of what the learner has to write.

Each is the solution's text with a few characters replaced, so that all other lines stay as the author wrote them. The
changes are those of mutation testing (R. A. DeMillo, R. J. Lipton and F. G. Sayward, "Hints on Test Data Selection",
1978), and those that belong to PyTorch: a method for its neighbour, a dtype, a dim, a keyword.
"""

from __future__ import annotations

import ast
import difflib
import io
import token
import tokenize
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Characters of a program that others take the place of."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A program that an edit, or several, made of a solution."""

    edits: tuple[Edit, ...]
    line: int
    """The first line that differs, counted from 1."""
    source: str


def mutants(snippet: str, solution: str) -> list[Mutant]:
    """Mutants of ``solution``, each another program; only what differs from ``snippet`` is corrupted."""
    text, tree = _Text(solution), ast.parse(solution)
    written, undone = _compare(snippet, text)
    changes = (edit for node in ast.walk(tree) for edit in _edits(node, text, written))
    moves = (edit for node in ast.walk(tree) for edit in _moves(node, text, written))
    edits = dict.fromkeys((*undone, *changes, *moves))
    unique = {mutant.source: mutant for mutant in (mutate(solution, edit) for edit in sorted(edits))}
    unique.pop(solution, None)
    return [mutant for mutant in unique.values() if _compiles(mutant.source)]


def mutate(solution: str, *edits: Edit) -> Mutant:
    """The mutant that ``edits`` make; they don't overlap."""
    source = solution
    for edit in sorted(edits, reverse=True):
        source = source[: edit.start] + edit.text + source[edit.end :]
    return Mutant(edits, solution.count("\n", 0, min(edits).start) + 1, source)


def overlap(first: Mutant, second: Mutant) -> bool:
    """Whether two mutants change the same characters, so that they can't be made one."""
    return any(one.start < other.end and other.start < one.end for one in first.edits for other in second.edits)


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


# --- what the learner writes --------------------------------------------------------------------------------


class _Text:
    """A program's text, by the positions of its syntax tree and of its tokens."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._lines = source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))
        self.variables: dict[str, int] = {}
        """The names that are assigned, each with the line on which it is first."""
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.variables[node.id] = min(node.lineno, self.variables.get(node.id, node.lineno))

    def offset(self, line: int, column: int) -> int:
        """The character at ``column`` of a line counted from 1."""
        return self._starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        """The first character of a node and the one after its last; ``ast`` counts the columns in bytes."""
        return self._character(node.lineno, node.col_offset), self._character(
            node.end_lineno or node.lineno, node.end_col_offset or 0
        )

    def _character(self, line: int, column: int) -> int:
        return self.offset(line, len(self._lines[line - 1].encode()[:column].decode()))

    def of(self, node: ast.expr | ast.stmt | ast.keyword) -> str:
        start, end = self.span(node)
        return self.source[start:end]

    def indent(self, position: int) -> str:
        """The blanks before the line on which a character stands."""
        line = self._lines[bisect_right(self._starts, position) - 1]
        return line[: len(line) - len(line.lstrip())]


class _Written:
    """The tokens that the learner has to write, by the characters that they take."""

    def __init__(self, spans: list[tuple[int, int, bool]]) -> None:
        self._spans = spans

    def any(self, start: int, end: int) -> bool:
        """Whether one token between two characters is the learner's."""
        return any(own for first, last, own in self._spans if start <= first and last <= end)

    def most(self, start: int, end: int) -> bool:
        """Whether more than half of the tokens between two characters are."""
        owns = [own for first, last, own in self._spans if start <= first and last <= end]
        return 2 * sum(owns) > len(owns)


_LAYOUT = {token.NEWLINE, token.NL, token.INDENT, token.DEDENT, token.COMMENT, token.ENDMARKER}


def _tokens(source: str) -> list[tokenize.TokenInfo]:
    return [t for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type not in _LAYOUT]


def _compare(snippet: str, text: _Text) -> tuple[_Written, list[Edit]]:
    """The tokens of the solution that the snippet doesn't have there, and edits that undo one difference within a line.

    Of a line that is new for the most part, all tokens are the learner's.
    """
    before, given, tokens = _Text(snippet), _tokens(snippet), _tokens(text.source)
    matcher = difflib.SequenceMatcher(None, [t.string for t in given], [t.string for t in tokens], autojunk=False)
    own, undone = set[int](), []
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            continue
        own.update(range(start, end))
        near = tokens[max(start - 1, 0) : end + 1]
        if given[first:last] and near[0].start[0] == near[-1].end[0]:
            old = snippet[before.offset(*given[first].start) : before.offset(*given[last - 1].end)]
            left, right = (text.offset(*tokens[start].start), text.offset(*tokens[max(end - 1, start)].end))
            undone.append(Edit(left, right if end > start else left, old))
    for line in {t.start[0] for t in tokens}:
        places = [place for place, t in enumerate(tokens) if t.start[0] == line]
        if 2 * len(own.intersection(places)) > len(places):
            own.update(places)
    spans = [(text.offset(*t.start), text.offset(*t.end), place in own) for place, t in enumerate(tokens)]
    return _Written(spans), undone


# --- the changes --------------------------------------------------------------------------------------------

_OPERATORS: dict[type[ast.operator], tuple[str, tuple[str, ...]]] = {
    ast.Add: ("+", ("-", "*")),
    ast.Sub: ("-", ("+",)),
    ast.Mult: ("*", ("/", "+")),
    ast.Div: ("/", ("*",)),
    ast.FloorDiv: ("//", ("/", "*")),
    ast.Mod: ("%", ("//",)),
    ast.Pow: ("**", ("*",)),
    ast.MatMult: ("@", ("*",)),
}
_COMPARISONS: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Lt: ("<", ("<=", ">")),
    ast.LtE: ("<=", ("<", ">=")),
    ast.Gt: (">", (">=", "<")),
    ast.GtE: (">=", (">", "<=")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
_COMMUTE = (ast.Add, ast.Mult)

_NEIGHBOURS = (
    "sum mean prod",
    "max min",
    "amax amin",
    "argmax argmin",
    "any all",
    "std var",
    "cumsum cumprod",
    "softmax log_softmax sigmoid",
    "relu gelu tanh",
    "ReLU GELU Tanh",
    "exp log",
    "square sqrt abs",
    "sin cos",
    "floor ceil round",
    "add sub mul div",
    "add_ sub_ mul_ div_",
    "zeros ones empty",
    "zeros_like ones_like rand_like randn_like",
    "rand randn",
    "view reshape",
    "transpose permute swapaxes",
    "tensor as_tensor from_numpy",
    "squeeze unsqueeze",
    "cat stack",
    "hstack vstack",
    "detach clone",
    "no_grad enable_grad",
    "train eval",
    "zero_grad step",
    "SGD Adam",
    "Adam AdamW",
    "StepLR ExponentialLR",
    "mse_loss l1_loss",
    "MSELoss L1Loss",
    "cross_entropy nll_loss",
    "CrossEntropyLoss NLLLoss",
    "BCELoss BCEWithLogitsLoss",
    "float32 float64 float16 bfloat16 int64",
    "int64 int32 float32",
    "int8 uint8 int16",
    "float double long",
    "SUM AVG MAX",
    "all_reduce broadcast",
)
_STRINGS = ("sum mean none", "relu tanh")


def _by_word(groups: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Each word with its neighbours, the others of its groups."""
    neighbours: dict[str, tuple[str, ...]] = {}
    for group in map(str.split, groups):
        for word in group:
            others = (other for other in group if other != word)
            neighbours[word] = tuple(dict.fromkeys((*neighbours.get(word, ()), *others)))
    return neighbours


_NAMES, _WORDS = _by_word(_NEIGHBOURS), _by_word(_STRINGS)


def _edits(node: ast.AST, text: _Text, written: _Written) -> Iterator[Edit]:
    """What can be changed at one node."""
    match node:
        case ast.BinOp():
            yield from _binary(node, text, written)
        case ast.Compare():
            yield from _comparison(node, text, written)
        case ast.UnaryOp(operand=operand) if written.any(start := text.span(node)[0], end := text.span(operand)[0]):
            yield Edit(start, end, "")
        case ast.Constant():
            yield from _constant(node, text, written)
        case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
            end = text.span(node)[1]
            if written.any(end - len(name), end) and name not in text.variables:
                yield from (Edit(end - len(name), end, other) for other in _NAMES.get(name, ()))
            elif isinstance(node, ast.Name) and written.any(*text.span(node)):
                earlier = (other for other, line in text.variables.items() if line < node.lineno and other != name)
                yield from (Edit(*text.span(node), other) for other in earlier)
        case ast.Call():
            yield from _call(node, text, written)
        case ast.If(test=test) | ast.IfExp(test=test) if written.any(*text.span(test)):
            yield Edit(*text.span(test), f"not ({text.of(test)})")
        case _:
            pass
    if isinstance(node, ast.stmt):
        yield from _statement(node, text, written)


def _between(left: ast.expr, right: ast.expr, sign: str, text: _Text, written: _Written) -> tuple[int, int] | None:
    """Where the sign between two operands stands, if the learner writes it."""
    after, before = text.span(left)[1], text.span(right)[0]
    start = text.source.find(sign, after, before)
    return (start, start + len(sign)) if start >= 0 and written.any(after, before) else None


def _binary(node: ast.BinOp, text: _Text, written: _Written) -> Iterator[Edit]:
    sign, others = _OPERATORS.get(type(node.op), ("", ()))
    if not others or (place := _between(node.left, node.right, sign, text, written)) is None:
        return
    yield from (Edit(*place, other) for other in others)
    if not isinstance(node.op, _COMMUTE):
        yield from _swap(node.left, node.right, text)


def _comparison(node: ast.Compare, text: _Text, written: _Written) -> Iterator[Edit]:
    for (left, right), operator in zip(pairwise((node.left, *node.comparators)), node.ops, strict=True):
        sign, others = _COMPARISONS[type(operator)]
        if place := _between(left, right, sign, text, written):
            yield from (Edit(*place, other) for other in others)


def _swap(left: ast.expr, right: ast.expr, text: _Text) -> Iterator[Edit]:
    (start, middle), (after, end) = text.span(left), text.span(right)
    yield Edit(start, end, text.of(right) + text.source[middle:after] + text.of(left))


def _constant(node: ast.Constant, text: _Text, written: _Written) -> Iterator[Edit]:
    place = text.span(node)
    if not written.any(*place):
        return
    match node.value:
        case bool() as value:
            yield Edit(*place, str(not value))
        case int() | float() as value:
            others = (value + 1, value - 1, value * 2, value / 2 if isinstance(value, float) else value // 2, value * 0)
            yield from (Edit(*place, repr(other)) for other in others if other != value)
            yield Edit(*place, f"-{text.of(node)}")
        case str() as value:
            yield from (Edit(*place, repr(other)) for other in _WORDS.get(value, ()))
        case _:
            pass


def _call(node: ast.Call, text: _Text, written: _Written) -> Iterator[Edit]:
    """Arguments are swapped and left out, the call of a method too: ``x.clone()`` becomes ``x``."""
    if isinstance(node.func, ast.Attribute):
        value, end = text.span(node.func.value)[1], text.span(node)[1]
        if written.any(value, text.span(node.func)[1]):
            yield Edit(value, end, "")
    for left, right in pairwise(node.args):
        if written.any(*text.span(left)) or written.any(*text.span(right)):
            yield from _swap(left, right, text)
    parts: list[ast.expr | ast.keyword] = sorted((*node.args, *node.keywords), key=lambda part: text.span(part))
    for number, part in enumerate(parts):
        start, end = text.span(part)
        if written.any(start, end):
            if number:
                yield Edit(text.span(parts[number - 1])[1], end, "")
            else:
                yield Edit(start, text.span(parts[1])[0] if len(parts) > 1 else end, "")


def _statement(node: ast.stmt, text: _Text, written: _Written) -> Iterator[Edit]:
    """A statement is dropped, or comes twice; of ``with``, also what it enters."""
    start, end = text.span(node)
    if isinstance(node, ast.With | ast.AsyncWith):
        head = text.span(node.items[-1].optional_vars or node.items[-1].context_expr)[1]
        if written.any(start, head) and not any(item.optional_vars for item in node.items):
            yield Edit(start, head, "if True")
    if isinstance(node, ast.AugAssign) and (names := _OPERATORS.get(type(node.op))):
        sign, others = names
        if place := _between(node.target, node.value, sign + "=", text, written):
            yield from (Edit(*place, f"{other}=") for other in others)
    if not written.most(start, end) or isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
        return
    yield Edit(start, end, "pass")
    if isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.Delete):
        yield Edit(end, end, f"\n{text.indent(start)}{text.source[start:end]}")


def _prints(node: ast.stmt) -> bool:
    """Whether a statement only prints: where it does is the learner's own business."""
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"


_UNMOVED = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
"""Where these stand makes no difference, or is an error that anyone sees."""


def _moves(node: ast.AST, text: _Text, written: _Written) -> Iterator[Edit]:
    """A statement changes places with the next one."""
    for field in ("body", "orelse", "finalbody"):
        body = getattr(node, field, None)
        for first, second in pairwise(body if isinstance(body, list) else ()):
            if any(isinstance(one, _UNMOVED) or _prints(one) for one in (first, second)):
                continue
            (start, middle), (after, end) = text.span(first), text.span(second)
            if written.most(start, middle) or written.most(after, end):
                between = text.source[middle:after]
                yield Edit(start, end, text.source[after:end] + between + text.source[start:middle])
