"""How the name before the cursor may go on.

By a reading of the draft of our own rather than by jedi: the worker needs nothing but torch, and knows torch live,
with its built-in functions, where jedi would read thousands of its files.
"""

from __future__ import annotations

import builtins
import inspect
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tutor.protocol.codec import Complete, Completion, Completions
from tutor.worker.introspection import members as names
from tutor.worker.introspection import symbols
from tutor.worker.introspection.importable import below
from tutor.worker.introspection.resolver import Resolver
from tutor.worker.introspection.signatures import arguments
from tutor.worker.introspection.symbols import Own, Thing, Value
from tutor.worker.introspection.tokens import KEYWORDS, Token, open_bracket, primary, statement, tokens
from tutor.worker.sandbox.snapshot import Shelf

MOST = 50
"""Names in an answer."""
_BUILTIN = [name for name in dir(builtins) if not name.startswith("_")]


@dataclass(frozen=True, slots=True)
class _Names:
    """Names that may stand here, and how to tell what kind of thing each is."""

    names: Iterable[str]
    kind: Callable[[str], str]
    ordered: bool = False
    """Whether they are given in the order in which they are to be shown."""
    loosely: int = 2
    """How far one may be from what is typed; see :func:`_match`."""


def complete(request: Complete, shelf: Shelf | None) -> Completions:
    """Answer ``request``. Within text and comments, and where a new name is made, there is nothing to offer."""
    lines = request.source.split("\n")
    row = min(max(request.row, 0), len(lines) - 1)
    column = min(max(request.column, 0), len(lines[row]))
    before = "\n".join([*lines[:row], lines[row][:column]])
    line = statement(before)
    if line is None or (line and line[-1].kind == "number" and line[-1].end == len(before)):
        return Completions(request.ask, column)
    typed = ""
    if line and line[-1].kind == "name" and line[-1].end == len(before):
        typed = line.pop().text
    offers = _Offers(request.source, row, line, typed, shelf).all()
    all_tokens = tokens(request.source)
    used = {token.text for dot, token in pairwise(all_tokens) if dot.text == "."}
    return Completions(request.ask, column - len(typed), _ranked(offers, typed, used))


class _Offers:
    """What may stand at the cursor.

    Args:
        source: the draft.
        row: the line of the cursor, counted from 0.
        line: the statement before the name that is typed.
        typed: what there is of the name.
        shelf: what the last run left.
    """

    def __init__(self, source: str, row: int, line: list[Token], typed: str, shelf: Shelf | None) -> None:
        self._source = source
        self._row = row
        self._line = line
        self._typed = typed
        self._resolver = Resolver(source, {} if shelf is None else shelf.kinds)

    def all(self) -> list[_Names]:
        """Groups of names, the likelier first."""
        words = [token.text for token in self._line]
        if words and words[0] in ("import", "from"):
            return self._imports(words)
        if words and words[-1] == ".":
            thing = self._thing(self._line[:-1])
            return [] if thing is None else self._members(thing)
        if words and words[-1] in ("def", "class", "as"):
            return []
        offers = [*self._keywords(), self._own()]
        if self._typed:
            loosely = 1 if len(self._typed) > 2 else 0
            offers.append(_Names(sorted(KEYWORDS), lambda name: "keyword", loosely=loosely))
            offers.append(_Names(_BUILTIN, lambda name: _kind(getattr(builtins, name)), loosely=loosely))
        return offers

    def _thing(self, line: list[Token]) -> Thing | None:
        """What the expression that ends ``line`` stands for."""
        made = primary(line)
        return self._resolver.text(self._source[made[0].start : made[-1].end], self._row) if made else None

    def _members(self, thing: Thing) -> list[_Names]:
        """The attributes of a thing; those that the draft gives it come before what it inherits."""
        cls = thing.cls if isinstance(thing, Value) else thing
        own = list(names.own_attributes(cls)) if isinstance(cls, Own) else []
        groups = [own, self._resolver.names(thing)]
        return [_Names(names, lambda name: _of(self._resolver.member(thing, name))) for names in groups]

    # --- imports ------------------------------------------------------------------------------------------------

    def _imports(self, words: list[str]) -> list[_Names]:
        if words[-1] == "as" or (
            words[0] == "from" and len(words) > 1 and words[-1].isidentifier() and words[-1] != "import"
        ):
            return [_Names(["import"], lambda name: "keyword")] if words[-1] != "as" and "import" not in words else []
        if words[0] == "from" and "import" in words:
            home = symbols.found("".join(words[1 : words.index("import")]))
            return [] if home is None else self._members(home)
        start = max(place for place, text in enumerate(words) if text in ("import", "from", ","))
        return [_Names(below("".join(words[start + 1 :]).rstrip(".")), lambda name: "module")]

    # --- bare names ---------------------------------------------------------------------------------------------

    def _keywords(self) -> list[_Names]:
        """Arguments of the call that the cursor is in, where one may begin; those that are given are left out."""
        place = open_bracket(self._line)
        if place < 1 or self._line[place].text != "(" or self._line[-1].text not in ("(", ","):
            return []
        if self._line[place - 1].kind == "name" and place > 1 and self._line[place - 2].text in ("def", "class"):
            return []
        thing = self._thing(self._line[:place])
        if thing is None:
            return []
        named, unnamed = _given(self._line[place + 1 :])
        free = [name for name in arguments(thing, self._resolver)[unnamed:] if name not in named]
        return [_Names(free, lambda name: "argument", ordered=True)]

    def _own(self) -> _Names:
        """The names of the draft that are seen from the cursor, the nearest first."""
        found: dict[str, str] = {}
        scope = self._resolver.scope_at(self._row)
        inner = scope
        while inner is not None:
            for name, bindings in reversed(inner.names.items()):
                how = bindings[-1].how
                kind = {"import": "", "class": "class", "function": "function"}.get(how, "value")
                found.setdefault(name, kind)
            if inner.parent is None:
                break
            inner = inner.parent
        names = [name for name in found if name != self._typed or self._elsewhere(name)]
        return _Names(names, lambda name: found[name] or _of(self._resolver.name(name, scope, None)))

    def _elsewhere(self, name: str) -> bool:
        """Whether a name stands in the draft more than once: what is being typed is no name yet."""
        return sum(token.text == name for token in tokens(self._source)) > 1


def _given(line: list[Token]) -> tuple[set[str], int]:
    """The names of the arguments that a call has by name, and how many it has without, from what is in its bracket."""
    named: set[str] = set()
    unnamed = depth = 0
    for place, token in enumerate(line):
        if token.kind == "sign":
            depth += (token.text in "([{") - (token.text in ")]}")
        if not depth and token.text == "=":
            named.add(line[place - 1].text)
        unnamed += not depth and token.text == ","
    return named, max(0, unnamed - len(named))


def _ranked(offers: list[_Names], typed: str, used: set[str]) -> tuple[Completion, ...]:
    """The best of all groups: how well they match, then the group, then what the draft uses, then by the alphabet."""
    found: dict[str, tuple[tuple[Any, ...], _Names]] = {}
    for group, offer in enumerate(offers):
        for place, name in enumerate(offer.names):
            match = _match(name, typed)
            if match is None or match > offer.loosely or name in found:
                continue
            within = (place,) if offer.ordered else (name not in used, name.endswith("_"), name.lower())
            found[name] = ((match, group, *within), offer)
    best = sorted(found, key=lambda name: found[name][0])[:MOST]
    if best == [typed]:
        return ()
    return tuple(Completion(name, found[name][1].kind(name)) for name in best)


def _match(name: str, typed: str) -> int | None:
    """How well a name fits: 0 begins so, 1 but for capitals, 2 holds it; None doesn't."""
    if name.startswith("_") and not typed.startswith("_"):
        return None
    if name.startswith(typed):
        return 0
    if name.lower().startswith(typed.lower()):
        return 1
    return 2 if len(typed) > 1 and typed.lower() in name.lower() else None


def _of(thing: Thing | None) -> str:
    """The kind of a thing, as :class:`tutor.protocol.answers.Completion` names it."""
    if isinstance(thing, Own):
        return "method" if thing.bound else "function" if not hasattr(thing.node, "bases") else "class"
    if thing is None or isinstance(thing, Value):
        return "value"
    return "method" if thing.owner is not None and inspect.isroutine(thing.object) else _kind(thing.object)


def _kind(made: object) -> str:
    if isinstance(made, types.ModuleType):
        return "module"
    return "class" if isinstance(made, type) else "function" if callable(made) else "value"
