"""Completion: the names that may stand at the cursor.

It reads the draft itself, without jedi: the worker needs nothing but torch, and has torch imported, with its built-in
functions. jedi reads thousands of torch's files: its first answer takes 4 to 18 s, later ones 90 to 390 ms; an answer
from here takes under 50 ms.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tutor.protocol.codec import Complete, Completion, Completions
from tutor.worker.introspection import symbols, tokens
from tutor.worker.introspection.resolver import Resolver
from tutor.worker.introspection.signatures import keyword_arguments
from tutor.worker.introspection.symbols import Definition, Instance, LiveObject, Symbol, kind
from tutor.worker.introspection.tokens import KEYWORDS, Token
from tutor.worker.sandbox.snapshot import Snapshot

_MOST = 50
"""Names in an answer."""
_BUILTIN = [name for name in dir(builtins) if not name.startswith("_")]
_BINDING_KINDS = {"import": "", "class": "class", "function": "function"}
"""The kinds of names by how they are bound, a value otherwise; of an import it has to be looked up."""


@dataclass(frozen=True, slots=True)
class _NameGroup:
    """Names that may stand at the cursor, and a function that tells the kind of each."""

    names: Iterable[str]
    kind: Callable[[str], str]
    ordered: bool = False
    """Whether they are given in the order in which they are to be shown."""
    loosely: int = 2
    """The worst match that is offered; see :func:`_match`."""


def complete(request: Complete, snapshot: Snapshot | None) -> Completions:
    """Answer ``request``. Within text and comments, and where a new name is made, there is nothing to offer."""
    at = tokens.position(request.source, request.row, request.column)
    line = tokens.last_statement(request.source[:at])
    if line is None or (line and line[-1].kind == "number" and line[-1].end == at):
        return Completions(request.ask, request.column)
    typed = ""
    if line and line[-1].kind == "name" and line[-1].end == at:
        typed = line.pop().text
    groups = _Candidates(request.source, request.row, line, typed, snapshot).collect()
    used = {token.text for dot, token in pairwise(tokens.tokenize(request.source)) if dot.text == "."}
    return Completions(request.ask, request.column - len(typed), _rank(groups, typed, used))


class _Candidates:
    """Collects the names that may stand at the cursor.

    Args:
        source: the draft.
        row: the line of the cursor, counted from 0.
        line: the statement before the name that is typed.
        typed: the part of the name that is typed.
        snapshot: the tensors and types of the last run.
    """

    def __init__(self, source: str, row: int, line: list[Token], typed: str, snapshot: Snapshot | None) -> None:
        self._source = source
        self._row = row
        self._line = line
        self._typed = typed
        self._resolver = Resolver(source, {} if snapshot is None else snapshot.kinds)

    def collect(self) -> list[_NameGroup]:
        """Return groups of names, the likelier first."""
        words = [token.text for token in self._line]
        if words and words[0] in ("import", "from"):
            return self._import_names(words)
        if words and words[-1] == ".":
            symbol = self._resolve_primary(self._line[:-1])
            return [] if symbol is None else self._members(symbol)
        if words and words[-1] in ("def", "class", "as"):
            return []
        groups = [*self._keyword_arguments(), self._draft_names()]
        if self._typed:
            loosely = 1 if len(self._typed) > 2 else 0
            groups += [
                _NameGroup(sorted(KEYWORDS), lambda name: "keyword", loosely=loosely),
                _NameGroup(_BUILTIN, lambda name: kind(LiveObject(getattr(builtins, name), name)), loosely=loosely),
            ]
        return groups

    def _resolve_primary(self, line: list[Token]) -> Symbol | None:
        """The symbol of the expression that ends ``line``."""
        expression = tokens.last_primary(self._source, line)
        return self._resolver.resolve_text(expression, self._row) if expression else None

    def _members(self, symbol: Symbol) -> list[_NameGroup]:
        """The attributes of a symbol; those that the draft gives it come before those that it inherits."""
        cls = symbol.cls if isinstance(symbol, Instance) else symbol
        own = list(symbols.defined_attributes(cls)) if isinstance(cls, Definition) else []
        groups = [own, self._resolver.list_members(symbol)]
        return [_NameGroup(names, lambda name: kind(self._resolver.find_member(symbol, name))) for names in groups]

    # --- imports ------------------------------------------------------------------------------------------------

    def _import_names(self, words: list[str]) -> list[_NameGroup]:
        if words[-1] == "as":
            return []
        if words[0] == "from" and len(words) > 1 and words[-1].isidentifier() and words[-1] != "import":
            return [] if "import" in words else [_NameGroup(["import"], lambda name: "keyword")]
        if words[0] == "from" and "import" in words:
            module = symbols.find_path("".join(words[1 : words.index("import")]))
            return [] if module is None else self._members(module)
        start = max(place for place, text in enumerate(words) if text in ("import", "from", ","))
        return [_NameGroup(symbols.submodule_names("".join(words[start + 1 :]).rstrip(".")), lambda name: "module")]

    # --- bare names ---------------------------------------------------------------------------------------------

    def _keyword_arguments(self) -> list[_NameGroup]:
        """Arguments of the call that the cursor is in, where one may begin; those that are given are left out."""
        place = tokens.find_open_bracket(self._line)
        if place < 1 or self._line[place].text != "(" or self._line[-1].text not in ("(", ","):
            return []
        if self._line[place - 1].kind == "name" and place > 1 and self._line[place - 2].text in ("def", "class"):
            return []
        symbol = self._resolve_primary(self._line[:place])
        if symbol is None:
            return []
        keywords, positional = _count_arguments(self._line[place + 1 :])
        free = [name for name in keyword_arguments(symbol, self._resolver)[positional:] if name not in keywords]
        return [_NameGroup(free, lambda name: "argument", ordered=True)]

    def _draft_names(self) -> _NameGroup:
        """The names of the draft that are seen from the cursor, the nearest first."""
        kinds: dict[str, str] = {}
        scope = self._resolver.scope_at(self._row)
        for place in scope.outward():
            for name, bindings in reversed(place.names.items()):
                kinds.setdefault(name, _BINDING_KINDS.get(bindings[-1].kind, "value"))
        names = [name for name in kinds if name != self._typed or self._occurs_elsewhere(name)]
        return _NameGroup(names, lambda name: kinds[name] or kind(self._resolver.resolve_name(name, scope, None)))

    def _occurs_elsewhere(self, name: str) -> bool:
        """Whether a name stands in the draft more than once: what is being typed is no name yet."""
        return sum(token.text == name for token in tokens.tokenize(self._source)) > 1


def _count_arguments(line: list[Token]) -> tuple[set[str], int]:
    """The names of the arguments that a call has by name, and how many it has without, from what is in its bracket."""
    keywords: set[str] = set()
    positional = depth = 0
    for place, token in enumerate(line):
        depth += token.nesting
        if not depth and token.text == "=":
            keywords.add(line[place - 1].text)
        positional += not depth and token.text == ","
    return keywords, max(0, positional - len(keywords))


def _rank(groups: list[_NameGroup], typed: str, used: set[str]) -> tuple[Completion, ...]:
    """The best of all groups: how well they match, then the group, then what the draft uses, then by the alphabet."""
    ranks: dict[str, tuple[tuple[Any, ...], _NameGroup]] = {}
    for group, offer in enumerate(groups):
        for place, name in enumerate(offer.names):
            match = _match(name, typed)
            if match is None or match > offer.loosely or name in ranks:
                continue
            within = (place,) if offer.ordered else (name not in used, name.endswith("_"), name.lower())
            ranks[name] = ((match, group, *within), offer)
    best = sorted(ranks, key=lambda name: ranks[name][0])[:_MOST]
    if best == [typed]:
        return ()
    return tuple(Completion(name, ranks[name][1].kind(name)) for name in best)


def _match(name: str, typed: str) -> int | None:
    """The rank of a match: 0 begins so, 1 but for capitals, 2 contains it; None for no match."""
    if name.startswith("_") and not typed.startswith("_"):
        return None
    if name.startswith(typed):
        return 0
    if name.lower().startswith(typed.lower()):
        return 1
    return 2 if len(typed) > 1 and typed.lower() in name.lower() else None
