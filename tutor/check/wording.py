"""Writes values, calls and errors as the words of a message. Never calls the learner's own code."""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from tutor.inspection.safe_repr import cut, name_of, trusted, value_text
from tutor.inspection.tensor import describe, is_tensor, short

SHORT = 60
"""Characters of a value within a sentence."""


def quote(name: str) -> str:
    """Put a learner's name or expression in backquotes, also where words follow it: "`q` for scale = 1"."""
    if not name:
        return "the value"
    if _is_expression(name):
        return f"`{name}`"
    first, _, words = name.partition(" ")
    return f"`{first}` {words}" if words and first not in _ARTICLES and _is_expression(first) else name


_ARTICLES = ("the", "a", "an", "your", "what", "each", "every")


_PATH = re.compile(r"[^\W\d][\w.]*")


def _is_expression(text: str) -> bool:
    if _PATH.fullmatch(text):  # `net.0.weight` is read as one, though Python wouldn't
        return True
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def capitalize(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def describe_value(value: Any) -> str:
    """Say what a value is: ``a Python float, 0.5``, ``a tensor f32[3]``, ``an object of your class Net``."""
    kind = type(value)
    if value is None:
        return "None"
    if is_tensor(value):
        sort = "a tensor" if kind is torch.Tensor else "a Parameter" if kind is nn.Parameter else f"a {name_of(kind)}"
        return f"{sort} {short(value)}"
    if kind in (bool, int, float, complex):
        return f"a Python {name_of(kind)}, {cut(value_text(value), SHORT)}"
    if issubclass(kind, list | tuple | dict | set | str | bytes) and trusted(kind):
        unit = "character" if kind is str else "item"
        return f"{_article(name_of(kind))} of {len(value)} {unit}{'s' * (len(value) != 1)}"
    if kind is types.ModuleType:
        return "a module"
    if issubclass(kind, types.FunctionType | types.BuiltinFunctionType | types.MethodType):
        return "a function"
    if issubclass(kind, type):
        return f"the class {name_of(value)}, not an object of it"
    if (kind.__module__, name_of(kind)) == ("numpy", "ndarray"):
        return f"a NumPy array of {value.dtype} with shape {value.shape}"
    return _article(name_of(kind)) if trusted(kind) else f"an object of your class {name_of(kind)}"


def _article(noun: str) -> str:
    return f"an {noun}" if noun[:1] in "AEIOUaeiou" else f"a {noun}"


def argument_text(value: object) -> str:
    """A value as the argument of a call: small ones in full, tensors by dtype and shape."""
    if is_tensor(value):
        summary = describe(value, "", depth=0)
        return f"tensor({summary.text})" if summary.text and len(summary.text) <= 24 else short(value)
    text = value_text(value)
    return text if len(text) <= 24 and "\n" not in text else f"<{name_of(type(value))}>"


def call_text(name: str, args: tuple[Any, ...], kw: dict[str, Any]) -> str:
    words = [argument_text(value) for value in args]
    words += [f"{key}={argument_text(value)}" for key, value in kw.items()]
    return f"{name or 'the function'}({', '.join(words)})"


def error_text(error: BaseException) -> str:
    """``ValueError: too long``, the first line of it; a message that can't be read is left out."""
    try:
        lines = (str(error) if trusted(type(error)) else BaseException.__str__(error)).strip().splitlines()
    except Exception:
        lines = []
    name = name_of(type(error))
    return f"{name}: {cut(_STYLE.sub('', lines[0]), 200)}" if lines else name


_STYLE = re.compile(r"\x1b\[[0-9;]*m")
"""Bold and the like, which torch puts into some of its messages."""


def tracebacks(error: BaseException) -> Iterator[types.TracebackType]:
    """The frames that an error passed through, the innermost last."""
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def call_site(error: BaseException, path: str) -> int | None:
    """The innermost line of the file ``path`` that an error passed through."""
    lines = [each.tb_lineno for each in tracebacks(error) if each.tb_frame.f_code.co_filename == path]
    return lines[-1] if lines else None


def number_text(value: complex) -> str:
    return f"{value:.6g}" if isinstance(value, float) else value_text(value)


def tell_apart(one: complex, other: complex) -> tuple[str, str]:
    """Write two different numbers with as many digits as it takes to see that they differ."""
    for digits in (6, 9, 17):
        texts = [f"{number:.{digits}g}" if isinstance(number, float) else value_text(number) for number in (one, other)]
        if texts[0] != texts[1]:
            break
    return texts[0], texts[1]
