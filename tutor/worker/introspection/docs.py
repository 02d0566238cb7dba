"""Documentation of the name under the cursor, from the installed torch or from the draft."""

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
from tutor.worker.introspection import symbols, tokens
from tutor.worker.introspection.resolver import Resolver
from tutor.worker.introspection.signatures import format_signature
from tutor.worker.introspection.symbols import Definition, Instance, LiveObject, Symbol
from tutor.worker.introspection.tokens import KEYWORDS, Token
from tutor.worker.sandbox.snapshot import Snapshot

_MOST = 60_000
"""Characters of a docstring."""
_PLAIN = (int, float, complex, str, bool, type(None), torch.dtype, torch.device)


def find_docs(request: Docs, snapshot: Snapshot | None) -> Documented:
    """Answer ``request``; where nothing is known, ``note`` says why."""
    at = tokens.position(request.source, request.row, request.column)
    word = _token_at(request.source, at)
    if word is not None and word.kind != "name":
        return Documented(request.ask, note="There are no names in text and comments.")
    resolver = Resolver(request.source, {} if snapshot is None else snapshot.kinds)
    if word is not None and word.text in KEYWORDS:
        return Documented(request.ask, note=f"`{word.text}` is a word of Python itself.")
    expression, note = _find_expression(request.source, at, word)
    if not expression:
        return Documented(request.ask, note="There is no name here.")
    import_path = _import_path(request.source, word)
    symbol = symbols.find_path(import_path) if import_path else resolver.resolve_text(expression, request.row)
    if symbol is None or (isinstance(symbol, Instance) and symbol.cls is None):
        return Documented(
            request.ask, note=f"Nothing is known of `{expression}`. After a run that makes it, there may be."
        )
    documented = _describe(symbol, expression, resolver, snapshot)
    return replace(documented, ask=request.ask, note=note or documented.note)


def _token_at(source: str, at: int) -> Token | None:
    """The name, text or comment at a position; a name also right behind it."""
    touching = [token for token in tokens.tokenize(source) if token.start <= at <= token.end]
    for token in touching:
        if token.kind in ("string", "comment") and (token.start < at < token.end):
            return token
    names = [token for token in touching if token.kind == "name"]
    return names[0] if names else None


def _find_expression(source: str, at: int, word: Token | None) -> tuple[str, str]:
    """The expression to document, and a note on it: of an argument, or between names, the function that is called."""
    line = tokens.last_statement(source[: at if word is None else word.end]) or []
    place = tokens.find_open_bracket(line)
    if word is not None:
        follows = source[word.end :].lstrip(" ")
        is_argument = (
            follows.startswith("=") and not follows.startswith("==") and place >= 0 and line[place].text == "("
        )
        if not (is_argument and line[-2:-1] and line[-2].text in ("(", ",")):
            return tokens.last_primary(source, line), ""
        return tokens.last_primary(source, line[:place]), f"`{word.text}` is an argument of it."
    return tokens.last_primary(source, line[:place]) if place > 0 and line[place].text == "(" else "", ""


def _import_path(source: str, word: Token | None) -> str:
    """The path of a name within an import; empty elsewhere."""
    line = tokens.last_statement(source[: word.end]) if word is not None else None
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


def _describe(symbol: Symbol, expression: str, resolver: Resolver, snapshot: Snapshot | None) -> Documented:
    """The documentation of a symbol; only the request's number is missing."""
    parameters = format_signature(symbol, resolver)
    kind = symbols.kind(symbol)
    if isinstance(symbol, Definition):
        note = f"It is defined in this draft, in line {symbol.node.lineno}."
        return Documented(0, expression, kind, parameters, ast.get_docstring(symbol.node) or "", note=note)
    if isinstance(symbol, Instance):
        return _describe_instance(symbol, expression, resolver, snapshot)
    value = symbol.object
    text = (inspect.getdoc(value) or "")[:_MOST]
    if kind == "module":
        return Documented(0, symbol.path, kind, "", text, _source_location(value))
    if isinstance(value, _PLAIN):
        return Documented(0, symbol.path, kind, "" if repr(value) == symbol.path else f" = {value!r}")
    if symbol.owner is not None and not callable(value):  # a property, seen from the class
        return Documented(0, symbol.path, kind, "", text)
    home = value if isinstance(value, type) or inspect.isroutine(value) else type(value)
    return Documented(0, symbol.path, kind, parameters, text, _source_location(home))


def _describe_instance(symbol: Instance, expression: str, resolver: Resolver, snapshot: Snapshot | None) -> Documented:
    """The documentation of a value: its class's, or that of the attribute itself where it has some."""
    assert symbol.cls is not None
    owner, _, name = expression.rpartition(".")
    home = resolver.resolve_text(owner, len(resolver.lines)) if owner and _is_path(owner) else None
    attribute = symbols.find_member(home.cls, name) if isinstance(home, Instance) and home.cls is not None else None
    text = inspect.getdoc(attribute.object) if isinstance(attribute, LiveObject) else None
    if text and isinstance(attribute, LiveObject) and not isinstance(attribute.object, _PLAIN):
        return Documented(0, attribute.path, "value", "", text[:_MOST])
    documented = _describe(symbol.cls, expression, resolver, snapshot)
    entry = None if snapshot is None else snapshot.entries.get(expression)
    last_run = "" if entry is None else f", {entry.label} after the last run"
    cls = documented.name if isinstance(symbol.cls, LiveObject) else symbol.cls.node.name
    return replace(documented, name=cls, kind="value", note=f"`{expression}` is a value of this class{last_run}.")


def _is_path(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _source_location(value: Any) -> str:
    """``torch/nn/modules/linear.py:53``; empty for what is built in."""
    if isinstance(value, types.ModuleType):
        return _format_location(getattr(value, "__file__", None) or "", value.__name__, 0)
    name = getattr(value, "__module__", None) or ""
    if isinstance(value, type):  # a class may say that it is at home where it is only known
        codes = (getattr(inside, "__code__", None) for inside in vars(value).values())
        file = next((code.co_filename for code in codes if code is not None), None)
        file = file or getattr(sys.modules.get(name), "__file__", None) or ""
        begins = re.compile(rf"\s*class {re.escape(value.__name__)}\b")
        lines = enumerate(linecache.getlines(file), 1)
        line = next((number for number, text in lines if begins.match(text)), 0)
        return _format_location(file, name, line) if line else ""
    code = getattr(inspect.unwrap(value), "__code__", None)
    return "" if code is None else _format_location(code.co_filename, name, code.co_firstlineno)


def _format_location(file: str, name: str, line: int) -> str:
    if not file.endswith(".py"):
        return ""
    parts = file.replace("\\", "/").split("/")
    top = name.partition(".")[0]
    place = "/".join(parts[len(parts) - 1 - parts[::-1].index(top) :]) if top in parts else parts[-1]
    return f"{place}:{line}" if line else place
