"""What the name under the cursor is: the installed torch's own words, or what the draft says of it."""

from __future__ import annotations

import ast
import inspect
import linecache
import re
import sys
import types
from dataclasses import replace
from typing import Any

import torch

from tutor.protocol.codec import Docs, Documented
from tutor.worker.introspection import symbols
from tutor.worker.introspection.resolver import Resolver
from tutor.worker.introspection.signatures import signature
from tutor.worker.introspection.symbols import Live, Own, Thing, Value
from tutor.worker.introspection.tokens import KEYWORDS, Token, open_bracket, primary, statement, tokens
from tutor.worker.sandbox.snapshot import Shelf

MOST = 60_000
"""Characters of a docstring."""
_PLAIN = (int, float, complex, str, bool, type(None), torch.dtype, torch.device)


def docs(request: Docs, shelf: Shelf | None) -> Documented:
    """Answer ``request``; where nothing is known, ``note`` says why."""
    lines = request.source.split("\n")
    row = min(max(request.row, 0), len(lines) - 1)
    at = sum(len(line) + 1 for line in lines[:row]) + min(max(request.column, 0), len(lines[row]))
    word = _word(request.source, at)
    if word is not None and word.kind != "name":
        return Documented(request.ask, note="There are no names in text and comments.")
    resolver = Resolver(request.source, {} if shelf is None else shelf.kinds)
    if word is not None and word.text in KEYWORDS:
        return Documented(request.ask, note=f"`{word.text}` is a word of Python itself.")
    asked, note = _asked(request.source, at, word)
    if not asked:
        return Documented(request.ask, note="There is no name here.")
    imported = _imported(request.source, word)
    thing = symbols.found(imported) if imported else resolver.text(asked, row)
    if thing is None or (isinstance(thing, Value) and thing.cls is None):
        return Documented(request.ask, note=f"Nothing is known of `{asked}`. After a run that makes it, there may be.")
    told = _told(thing, asked, resolver, shelf)
    return replace(told, ask=request.ask, note=note or told.note)


def _word(source: str, at: int) -> Token | None:
    """The name, text or comment at a position; a name also right behind it."""
    touching = [token for token in tokens(source) if token.start <= at <= token.end]
    for token in touching:
        if token.kind in ("string", "comment") and (token.start < at < token.end):
            return token
    names = [token for token in touching if token.kind == "name"]
    return names[0] if names else None


def _asked(source: str, at: int, word: Token | None) -> tuple[str, str]:
    """The expression that is asked for, and what to say of it: of an argument, or between names, what is called."""
    line = statement(source[: at if word is None else word.end]) or []
    if word is not None:
        follows = source[word.end :].lstrip(" ")
        place = open_bracket(line)
        given = follows.startswith("=") and not follows.startswith("==") and place >= 0 and line[place].text == "("
        if not (given and line[-2:-1] and line[-2].text in ("(", ",")):
            return _spelled(source, primary(line)), ""
        return _spelled(source, primary(line[:place])), f"`{word.text}` is an argument of it."
    place = open_bracket(line)
    return (_spelled(source, primary(line[:place])), "") if place > 0 and line[place].text == "(" else ("", "")


def _spelled(source: str, line: list[Token]) -> str:
    return source[line[0].start : line[-1].end] if line else ""


def _imported(source: str, word: Token | None) -> str:
    """The path of a name within an import; empty elsewhere."""
    line = statement(source[: word.end]) if word is not None else None
    if not line or line[0].text not in ("import", "from"):
        return ""
    words = [token.text for token in line]
    if words[0] == "from" and "import" in words:
        home = "".join(words[1 : words.index("import")])
        if words[-1] == "import":
            return home
        return f"{home}.{words[-3] if words[-2] == 'as' else words[-1]}"
    tail = words[:-2] if words[-2] == "as" else words
    start = max((place for place, text in enumerate(tail) if text in ("import", "from", ",")), default=0)
    return "".join(tail[start + 1 :])


def _told(thing: Thing, asked: str, resolver: Resolver, shelf: Shelf | None) -> Documented:
    """All but the number of the request."""
    called = signature(thing, resolver)
    if isinstance(thing, Own):
        kind = "class" if isinstance(thing.node, ast.ClassDef) else "method" if thing.bound else "function"
        note = f"It is defined in this draft, in line {thing.node.lineno}."
        return Documented(0, asked, kind, called, ast.get_docstring(thing.node) or "", note=note)
    if isinstance(thing, Value):
        return _value(thing, asked, resolver, shelf)
    made = thing.object
    text = (inspect.getdoc(made) or "")[:MOST]
    if isinstance(made, types.ModuleType):
        return Documented(0, thing.path, "module", "", text, _where(made))
    if isinstance(made, type):
        return Documented(0, thing.path, "class", called, text, _where(made))
    if inspect.isroutine(made):
        return Documented(0, thing.path, "method" if thing.owner else "function", called, text, _where(made))
    if isinstance(made, _PLAIN):
        return Documented(0, thing.path, "value", "" if repr(made) == thing.path else f" = {made!r}")
    if thing.owner is not None and not callable(made):  # a property, seen from the class
        return Documented(0, thing.path, "value", "", text)
    return Documented(0, thing.path, "function" if callable(made) else "value", called, text, _where(type(made)))


def _value(thing: Value, asked: str, resolver: Resolver, shelf: Shelf | None) -> Documented:
    """A value is told by its class, and an attribute of a class that has words of its own by these."""
    assert thing.cls is not None
    owner, _, name = asked.rpartition(".")
    home = resolver.text(owner, len(resolver.lines)) if owner and _is_path(owner) else None
    if isinstance(home, Value) and isinstance(home.cls, Live):
        attribute = symbols.member(home.cls, name)
        text = inspect.getdoc(attribute.object) if isinstance(attribute, Live) else None
        if text and isinstance(attribute, Live) and not isinstance(attribute.object, _PLAIN):
            return Documented(0, attribute.path, "value", "", text[:MOST])
    told = _told(thing.cls, asked, resolver, shelf)
    entry = None if shelf is None else shelf.entries.get(asked)
    seen = "" if entry is None else f", {entry.what} after the last run"
    cls = told.name if isinstance(thing.cls, Live) else thing.cls.node.name
    return replace(told, name=cls, kind="value", note=f"`{asked}` is a value of this class{seen}.")


def _is_path(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _where(made: Any) -> str:
    """``torch/nn/modules/linear.py:53``; empty for what is built in."""
    if isinstance(made, types.ModuleType):
        return _place(made.__file__ or "", made.__name__, 0)
    name = getattr(made, "__module__", None) or ""
    if isinstance(made, type):  # a class may say that it is at home where it is only known
        codes = (getattr(inside, "__code__", None) for inside in vars(made).values())
        file = next((code.co_filename for code in codes if code is not None), None)
        file = file or getattr(sys.modules.get(name), "__file__", None) or ""
        begins = re.compile(rf"\s*class {re.escape(made.__name__)}\b")
        lines = enumerate(linecache.getlines(file), 1)
        line = next((number for number, text in lines if begins.match(text)), 0)
        return _place(file, name, line) if line else ""
    code = getattr(inspect.unwrap(made), "__code__", None)
    return "" if code is None else _place(code.co_filename, name, code.co_firstlineno)


def _place(file: str, name: str, line: int) -> str:
    if not file.endswith(".py"):
        return ""
    parts = file.replace("\\", "/").split("/")
    top = name.partition(".")[0]
    place = "/".join(parts[len(parts) - 1 - parts[::-1].index(top) :]) if top in parts else parts[-1]
    return f"{place}:{line}" if line else place
