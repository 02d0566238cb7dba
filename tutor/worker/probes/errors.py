"""An uncaught exception as an event: the learner's lines it passed through, and what the failing one worked on."""

from __future__ import annotations

import ast
import itertools
import linecache
import os
import traceback
from types import FrameType, TracebackType

from tutor.runner.protocol import Frame, Operand, Raised
from tutor.worker.probes import values

Position = tuple[int | None, int | None, int | None, int | None]
"""First line, last line, first column, end column, in UTF-8 bytes, as ``code.co_positions()`` gives them."""
_MESSAGE = 4000
_FRAMES = 12
_OPERANDS = 6


def describe(error: BaseException, path: str) -> Raised:
    """What happened to the program in the file ``path``; ``run`` is 0, for the caller to fill in.

    Only frames of the program's own folder are told; ``via`` names the library function below them.
    """
    own, via, innermost = [], "", None
    for frame, line, position in _walk(error.__traceback__):
        file = frame.f_code.co_filename
        if file == path or os.path.dirname(file) == os.path.dirname(path):
            own.append(_frame(frame, line, position))
            innermost, via = (frame, position, line), ""
        else:
            via = f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname}"
    if isinstance(error, SyntaxError):
        own.append(_syntax_frame(error))
    operands = _operands(*innermost) if innermost else ()
    kept = own if len(own) <= _FRAMES else own[: _FRAMES // 2] + own[-_FRAMES // 2 :]
    return Raised(0, _type_name(type(error)), _message(error), tuple(kept), operands, via)


def _walk(trace: TracebackType | None) -> list[tuple[FrameType, int, Position]]:
    found: list[tuple[FrameType, int, Position]] = []
    while trace is not None:
        at = trace.tb_lasti // 2  # an instruction is two bytes
        position = next(itertools.islice(trace.tb_frame.f_code.co_positions(), at, None), (None,) * 4)
        found.append((trace.tb_frame, trace.tb_lineno, position))
        trace = trace.tb_next
    return found


def _frame(frame: FrameType, line: int, position: Position) -> Frame:
    raw = linecache.getline(frame.f_code.co_filename, line).rstrip("\n")
    text = raw.lstrip()
    indent = len(raw) - len(text)
    first, last, start, end = position
    column = end_column = None
    if first == line and start is not None and end is not None:
        column = max(0, _characters(raw, start) - indent)
        end_column = (_characters(raw, end) if last == line else len(raw)) - indent
    return Frame(line, frame.f_code.co_name, text, column, end_column)


def _characters(line: str, offset: int) -> int:
    """The offset in characters of an offset in UTF-8 bytes, which is what code positions count."""
    return len(line.encode()[:offset].decode("utf-8", "replace"))


def _syntax_frame(error: SyntaxError) -> Frame:
    raw = (error.text or "").rstrip("\n")
    text = raw.lstrip()
    indent = len(raw) - len(text)
    column = max(0, (error.offset or 1) - 1 - indent)
    same_line = error.end_lineno == error.lineno and error.end_offset and error.end_offset > (error.offset or 0)
    end = (error.end_offset or 0) - 1 - indent if same_line else column + 1
    return Frame(error.lineno or 1, "<module>", text, column, end)


def _operands(frame: FrameType, position: Position, line: int) -> tuple[Operand, ...]:
    """The names and attributes that the failing expression reads, with what they are now."""
    first, last, start, end = position
    source = "".join(linecache.getlines(frame.f_code.co_filename))
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return ()
    found: dict[str, Operand] = {}
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Name, ast.Attribute)) or not isinstance(node.ctx, ast.Load):
            continue
        if not _within(node, first or line, last or line, start, end):
            continue
        known, value = _look_up(node, frame)
        if known and (what := values.what(value)):
            name = ast.unparse(node)
            found.setdefault(name, Operand(name, what))
    return tuple(found.values())[:_OPERANDS]


def _within(node: ast.expr, first: int, last: int, start: int | None, end: int | None) -> bool:
    if not (first <= node.lineno and (node.end_lineno or node.lineno) <= last):
        return False
    if start is None or end is None:
        return True
    after = node.lineno > first or node.col_offset >= start
    before = (node.end_lineno or node.lineno) < last or (node.end_col_offset or 0) <= end
    return after and before


def _look_up(node: ast.expr, frame: FrameType) -> tuple[bool, object]:
    """The value of a name, or of an attribute that lies in its object's own dict: no code of anybody's runs."""
    if isinstance(node, ast.Name):
        for scope in (frame.f_locals, frame.f_globals):
            if node.id in scope:
                return True, scope[node.id]
        return False, None
    if isinstance(node, ast.Attribute):
        known, owner = _look_up(node.value, frame)
        if known:
            return values.own_attribute(owner, node.attr)
    return False, None


def _type_name(cls: type) -> str:
    return cls.__qualname__ if cls.__module__ in ("builtins", "__main__") else f"{cls.__module__}.{cls.__qualname__}"


def _message(error: BaseException) -> str:
    """The message as a traceback shows it; an exception whose own ``str`` fails says so."""
    if isinstance(error, SyntaxError):
        return str(error.msg)
    line = "".join(traceback.TracebackException(type(error), error, None).format_exception_only())
    _, _, message = line.rstrip("\n").partition(": ")
    return message[:_MESSAGE]
