"""How a thing is called: by its own signature, or, for what is built in, by the first line of its docstring."""

from __future__ import annotations

import ast
import inspect
import re
import types
from typing import Any

from torch import nn

from tutor.worker.introspection.resolver import Resolver
from tutor.worker.introspection.symbols import Live, Own, Thing, Value, member

_LONGEST = 40
"""Characters of a default value."""
_KEYWORD = re.compile(r"(?:^|,)\s*(\w+)\s*(?=[=:,]|$)")


def signature(thing: Thing, resolver: Resolver) -> str:
    """``(input, target, reduction='mean') -> Tensor``; empty where nothing tells."""
    thing = _callee(thing, resolver)
    if isinstance(thing, Own):
        return _own(thing, resolver)
    return _live(thing) if isinstance(thing, Live) else ""


def arguments(thing: Thing, resolver: Resolver) -> list[str]:
    """The names of the arguments that may be given by keyword."""
    thing = _callee(thing, resolver)
    if isinstance(thing, Live) and (told := _signature(thing)) is not None:
        kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        return [parameter.name for parameter in told.parameters.values() if parameter.kind in kinds]
    text = signature(thing, resolver).partition(" -> ")[0].strip()
    try:
        function = ast.parse(f"def f{text}: pass").body[0] if text else None
    except SyntaxError:
        return _KEYWORD.findall(text.strip("()"))
    if not isinstance(function, ast.FunctionDef):
        return []
    return [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]


def _callee(thing: Thing, resolver: Resolver) -> Thing:
    """What runs when ``thing`` is called: of a class of the draft its ``__init__``, of a module its ``forward``."""
    if isinstance(thing, Own) and isinstance(thing.node, ast.ClassDef):
        return resolver.member(Value(thing), "__init__") or thing
    name = ""
    if isinstance(thing, Value) and thing.cls is not None:
        name = "forward" if _is_module(thing, resolver) else "__call__"
    made = resolver.member(thing, name) if name else None
    return thing if made is None else made


def _is_module(thing: Value, resolver: Resolver) -> bool:
    if isinstance(thing.cls, Live):
        return issubclass(thing.cls.object, nn.Module)
    return resolver.member(thing, "forward") is not None


def _own(thing: Own, resolver: Resolver) -> str:
    if isinstance(thing.node, ast.ClassDef):
        return f"({', '.join(_fields(thing, resolver).values())})"
    given = thing.node.args
    if thing.bound:
        given = ast.arguments(**{**{name: getattr(given, name) for name in given._fields}, "args": given.args[1:]})
    gives = "" if thing.node.returns is None else f" -> {ast.unparse(thing.node.returns)}"
    return f"({ast.unparse(given)}){gives}"


def _fields(cls: Own, resolver: Resolver) -> dict[str, str]:
    """The arguments of the ``__init__`` that ``@dataclass`` or ``NamedTuple`` writes, from the names annotated."""
    assert isinstance(cls.node, ast.ClassDef)
    marks = (part.func if isinstance(part, ast.Call) else part for part in (*cls.node.decorator_list, *cls.node.bases))
    found: dict[str, str] = {}
    for base in resolver.bases(cls):
        found |= _fields(base, resolver) if isinstance(base, Own) else {}
    if any(ast.unparse(part).rpartition(".")[2] in ("dataclass", "NamedTuple") for part in marks):
        for node in cls.node.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found |= _field(node.target.id, ast.unparse(node.annotation), node.value)
    return found


def _field(name: str, annotation: str, value: ast.expr | None) -> dict[str, str]:
    if annotation.rpartition(".")[2].startswith("ClassVar"):
        return {}
    told = f"{name}: {annotation}"
    if isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] == "field":
        given = {said.arg: said.value for said in value.keywords}
        if isinstance(init := given.get("init"), ast.Constant) and init.value is False:
            return {}
        return {name: f"{told}=…" if "default_factory" in given else _with(told, given.get("default"))}
    return {name: _with(told, value)}


def _with(told: str, default: ast.expr | None) -> str:
    return told if default is None else f"{told}={ast.unparse(default)}"


def _live(thing: Live) -> str:
    written = documented(thing)
    told = _signature(thing)
    if told is None:
        return written
    parts: list[str] = []
    star = False
    for parameter in told.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            parts.append("*")
        star = star or parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        kind = parameter.kind
        mark = "*" if kind is parameter.VAR_POSITIONAL else "**" if kind is parameter.VAR_KEYWORD else ""
        default = "" if parameter.default is parameter.empty else f"={_default(parameter.default)}"
        parts.append(f"{mark}{parameter.name}{default}")
    gives = "" if told.return_annotation is told.empty else _annotation(told.return_annotation)
    return f"({', '.join(parts)}){gives}"


def _signature(thing: Live) -> inspect.Signature | None:
    """What the object itself tells; None where it says no more than ``*args``, and its docstring does."""
    try:
        told = inspect.signature(thing.object)
    except Exception:  # built in, or annotated with what isn't there
        return None
    parameters = list(told.parameters.values())
    if thing.bound and parameters and isinstance(thing.object, (types.FunctionType, types.MethodDescriptorType)):
        parameters = parameters[1:]
    vague = all(parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) for parameter in parameters)
    if vague and parameters:
        if isinstance(thing.object, type) and (init := member(thing, "__init__")) and isinstance(init, Live):
            return _signature(Live(init.object, init.path, bound=True))
        if documented(thing):
            return None
    return told.replace(parameters=parameters)


def _default(value: Any) -> str:
    if isinstance(value, type):
        return value.__name__
    text = repr(value)
    return text if len(text) <= _LONGEST and not text.startswith("<") else "…"


def _annotation(annotation: Any) -> str:
    if annotation is None:
        return " -> None"
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return " -> " + re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Z])", "", text.strip("'"))


def documented(thing: Live) -> str:
    """The signature that the docstring of a built-in begins with."""
    name = thing.path.rpartition(".")[2]
    text = getattr(thing.object, "__doc__", None)
    match = (
        re.match(rf"\s*(?:\.\. function:: )?(?:\w+\.)*{re.escape(name)}(?=\()", text) if isinstance(text, str) else None
    )
    if match is None or text is None:
        return ""
    depth = 0
    for at in range(match.end(), len(text)):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if not depth:
            gives = text[at + 1 :].partition("\n")[0].strip()
            inside = " ".join(text[match.end() : at + 1].split())
            return f"{inside} {gives}" if gives.startswith("->") else inside
    return ""
