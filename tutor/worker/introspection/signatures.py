"""Call signatures: an object's own or, of a built-in function, the first line of its docstring."""

from __future__ import annotations

import ast
import copy
import inspect
import re
import types
from typing import Any

from torch import nn

from tutor.worker.introspection.resolver import Resolver
from tutor.worker.introspection.symbols import Definition, Instance, LiveObject, Symbol, find_member

_LONGEST = 40
"""Characters of a default value."""
_KEYWORD = re.compile(r"(?:^|,)\s*(\w+)\s*(?=[=:,]|$)")


def format_signature(symbol: Symbol, resolver: Resolver) -> str:
    """``(input, target, reduction='mean') -> Tensor``; empty where none can be read."""
    symbol = _find_callee(symbol, resolver)
    if isinstance(symbol, Definition):
        return _format_definition(symbol, resolver)
    return _format_live(symbol) if isinstance(symbol, LiveObject) else ""


def keyword_arguments(symbol: Symbol, resolver: Resolver) -> list[str]:
    """The names of the arguments that may be given by keyword."""
    symbol = _find_callee(symbol, resolver)
    if isinstance(symbol, LiveObject) and (signature := _inspect_signature(symbol)) is not None:
        kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        return [parameter.name for parameter in signature.parameters.values() if parameter.kind in kinds]
    text = format_signature(symbol, resolver).partition(" -> ")[0].strip()
    try:
        function = ast.parse(f"def f{text}: pass").body[0] if text else None
    except SyntaxError:
        return _KEYWORD.findall(text.strip("()"))
    if not isinstance(function, ast.FunctionDef):
        return []
    return [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]


def _find_callee(symbol: Symbol, resolver: Resolver) -> Symbol:
    """The function that runs when ``symbol`` is called: a class's ``__init__``, a module's ``forward``."""
    if isinstance(symbol, Definition) and isinstance(symbol.node, ast.ClassDef):
        return resolver.find_member(Instance(symbol), "__init__") or symbol
    if not isinstance(symbol, Instance) or symbol.cls is None:
        return symbol
    forward = resolver.find_member(symbol, "forward")
    if isinstance(symbol.cls, LiveObject) and not issubclass(symbol.live_class, nn.Module):
        forward = None
    return forward or resolver.find_member(symbol, "__call__") or symbol


def _format_definition(symbol: Definition, resolver: Resolver) -> str:
    if isinstance(symbol.node, ast.ClassDef):
        return f"({', '.join(_dataclass_fields(symbol, resolver).values())})"
    arguments = symbol.node.args
    if symbol.bound:
        arguments = copy.copy(arguments)
        arguments.args = arguments.args[1:]
    return_type = "" if symbol.node.returns is None else f" -> {ast.unparse(symbol.node.returns)}"
    return f"({ast.unparse(arguments)}){return_type}"


def _dataclass_fields(cls: Definition, resolver: Resolver) -> dict[str, str]:
    """The arguments of the ``__init__`` that ``@dataclass`` or ``NamedTuple`` writes, from the names annotated."""
    assert isinstance(cls.node, ast.ClassDef)
    marks = (part.func if isinstance(part, ast.Call) else part for part in (*cls.node.decorator_list, *cls.node.bases))
    fields: dict[str, str] = {}
    for base in resolver.bases(cls):
        fields |= _dataclass_fields(base, resolver) if isinstance(base, Definition) else {}
    if any(ast.unparse(part).rpartition(".")[2] in ("dataclass", "NamedTuple") for part in marks):
        for node in cls.node.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and (text := _format_field(node)):
                fields[node.target.id] = text
    return fields


def _format_field(node: ast.AnnAssign) -> str:
    """``lr: float=0.1``; empty for what ``__init__`` doesn't take."""
    declaration, default = f"{ast.unparse(node.target)}: {ast.unparse(node.annotation)}", node.value
    if ast.unparse(node.annotation).rpartition(".")[2].startswith("ClassVar"):
        return ""
    if isinstance(default, ast.Call) and ast.unparse(default.func).rpartition(".")[2] == "field":
        options = {keyword.arg: keyword.value for keyword in default.keywords}
        if isinstance(init := options.get("init"), ast.Constant) and init.value is False:
            return ""
        if "default_factory" in options:
            return f"{declaration}=…"
        default = options.get("default")
    return declaration if default is None else f"{declaration}={ast.unparse(default)}"


def _format_live(symbol: LiveObject) -> str:
    from_docstring = docstring_signature(symbol)
    signature = _inspect_signature(symbol)
    if signature is None:
        return from_docstring
    parts: list[str] = []
    star = False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            parts.append("*")
        star = star or parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        kind = parameter.kind
        mark = "*" if kind is parameter.VAR_POSITIONAL else "**" if kind is parameter.VAR_KEYWORD else ""
        default = "" if parameter.default is parameter.empty else f"={_format_default(parameter.default)}"
        parts.append(f"{mark}{parameter.name}{default}")
    return_type = (
        "" if signature.return_annotation is signature.empty else _format_annotation(signature.return_annotation)
    )
    return f"({', '.join(parts)}){return_type}"


def _inspect_signature(symbol: LiveObject) -> inspect.Signature | None:
    """The object's own signature; None where it is only ``*args``, and the docstring says more."""
    try:
        signature = inspect.signature(symbol.object)
    except Exception:  # built in, or annotated with what isn't there
        return None
    parameters = list(signature.parameters.values())
    if symbol.bound and parameters and isinstance(symbol.object, (types.FunctionType, types.MethodDescriptorType)):
        parameters = parameters[1:]
    vague = all(parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) for parameter in parameters)
    if vague and parameters:
        init = find_member(symbol, "__init__") if isinstance(symbol.object, type) else None
        if isinstance(init, LiveObject):
            return _inspect_signature(LiveObject(init.object, init.path, bound=True))
        if docstring_signature(symbol):
            return None
    return signature.replace(parameters=parameters)


def _format_default(value: Any) -> str:
    if isinstance(value, type):
        return value.__name__
    text = repr(value)
    return text if len(text) <= _LONGEST and not text.startswith("<") else "…"


def _format_annotation(annotation: Any) -> str:
    if annotation is None:
        return " -> None"
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return " -> " + re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Z])", "", text.strip("'"))


def docstring_signature(symbol: LiveObject) -> str:
    """The signature that the docstring of a built-in begins with."""
    name = symbol.path.rpartition(".")[2]
    docstring = getattr(symbol.object, "__doc__", None)
    text = docstring if isinstance(docstring, str) else ""
    match = re.match(rf"\s*(?:\.\. function:: )?(?:\w+\.)*{re.escape(name)}(?=\()", text)
    if match is None:
        return ""
    depth = 0
    for at in range(match.end(), len(text)):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if not depth:
            return_type = text[at + 1 :].partition("\n")[0].strip()
            inside = " ".join(text[match.end() : at + 1].split())
            return f"{inside} {return_type}" if return_type.startswith("->") else inside
    return ""
