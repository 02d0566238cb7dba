"""An uncaught exception as an event: the learner's lines it passed through, and what the failing one worked on."""

from __future__ import annotations

import ast
import builtins
import difflib
import itertools
import linecache
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import FrameType, ModuleType, TracebackType

from torch import nn

from tutor.inspection.namespace import walk
from tutor.inspection.tensor import instance, is_tensor, short
from tutor.protocol.codec import Frame, Inside, Operand, Raised
from tutor.worker.probes import module_tree
from tutor.worker.probes.errors.expression import Failing, Position, find_failing, fits, operands

_MESSAGE = 4000
_FRAMES = 12
_ALIKE = 0.65
"""Of 1: how alike two names must be."""
_WALKED = 2000
"""Modules among which the one at work is looked for."""


def describe(error: BaseException, path: str) -> Raised:
    """The event of an error of the program in the file ``path``; ``run`` is 0, for the caller to fill in.

    Only frames of the program's own folder are reported; ``via`` names the library function below them. Nothing of the
    program's own is kept: its tensors go when its traceback goes.
    """
    own: list[Frame] = []
    innermost: tuple[FrameType, Position] | None = None
    below: list[FrameType] = []
    for frame, line, position in _walk(error.__traceback__):
        file = frame.f_code.co_filename
        if file == path or os.path.dirname(file) == os.path.dirname(path):
            own.append(_frame(frame, line, position))
            innermost, below = (frame, position), []
        else:
            below.append(frame)
    if isinstance(error, SyntaxError):
        own.append(_syntax_frame(error))
    frames = own if len(own) <= _FRAMES else own[: _FRAMES // 2] + own[-_FRAMES // 2 :]
    via = f"{below[-1].f_globals.get('__name__', '?')}.{below[-1].f_code.co_qualname}" if below else ""
    raised = Raised(0, _type_name(type(error)), _message(error), tuple(frames), via=via)
    if innermost is None:
        return raised
    try:
        expression = find_failing(*innermost)
        if expression is not None:
            raised = replace(raised, operands=operands(expression), fits=fits(expression, error))
        frame, _ = innermost
        return replace(raised, inside=_inside(below, expression, frame), fits=_near(error, frame) or raised.fits)
    except Exception:  # something of the program's own is in the way: the rest is reported
        return raised


def _walk(trace: TracebackType | None) -> Iterator[tuple[FrameType, int, Position]]:
    while trace is not None:
        at = trace.tb_lasti // 2  # an instruction is two bytes
        position = next(itertools.islice(trace.tb_frame.f_code.co_positions(), at, None), (None,) * 4)
        yield trace.tb_frame, trace.tb_lineno, position
        trace = trace.tb_next


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


def _type_name(cls: type) -> str:
    module, name = (type.__getattribute__(cls, attribute) for attribute in ("__module__", "__qualname__"))
    return name if module in ("builtins", "__main__") or type(module) is not str else f"{module}.{name}"


def _message(error: BaseException) -> str:
    """The message as a traceback shows it, notes too; an exception whose own ``str`` fails says so."""
    if isinstance(error, SyntaxError):
        return str(error.msg)
    try:
        message = str.__getitem__(str(error), slice(None))  # of a subclass of str the plain text
    except Exception:
        return "<exception str() failed>"
    notes = BaseException.__getattribute__(error, "__dict__").get("__notes__")
    if type(notes) is list:
        message = "\n".join([message, *(note for note in notes if type(note) is str)])
    if len(message) <= _MESSAGE:
        return message
    return f"{message[: _MESSAGE // 2]}\n…\n{message[-_MESSAGE // 2 :]}"  # its end: the error of another process


# --- the module at work -----------------------------------------------------------------------------------------


def _inside(below: Iterable[FrameType], expression: Failing | None, frame: FrameType) -> Inside | None:
    """The innermost module that was at work.

    Args:
        below: torch's frames below the program's innermost one, outermost first.
        expression: the failing expression of the program's innermost frame.
        frame: this frame.
    """
    layer: nn.Module | None = None
    inputs: tuple[Operand, ...] = ()
    for deeper in below:
        owner = deeper.f_locals.get("self")
        if instance(owner, nn.Module):
            if owner is not layer:
                layer, inputs = owner, ()
            if deeper.f_code.co_name == "forward":
                arguments = deeper.f_code.co_varnames[1 : deeper.f_code.co_argcount]
                values = ((name, deeper.f_locals.get(name)) for name in arguments)
                inputs = tuple(Operand(name, short(value)) for name, value in values if is_tensor(value))
    if layer is None:
        return None
    return Inside(_path(layer, expression, frame), module_tree.kind(layer), inputs)


def _path(layer: nn.Module, expression: Failing | None, frame: FrameType) -> str:
    """The name by which the program reaches ``layer``: one in the failing expression, else any other."""
    entries = (entry for name, root in _roots(expression, frame) for entry in walk(root, name))
    return next((path for path, module, _ in itertools.islice(entries, _WALKED) if module is layer), "")


def _roots(expression: Failing | None, frame: FrameType) -> Iterator[tuple[str, nn.Module]]:
    if expression is not None:
        for node in ast.walk(expression.node):
            if isinstance(node, (ast.Name, ast.Attribute)):
                has_value, value = expression.look_up(node)
                if has_value and instance(value, nn.Module):
                    yield ast.unparse(node), value  # type: ignore[misc]
    for scope in (frame.f_locals, frame.f_globals):
        for name, value in list(scope.items()):
            if type(name) is str and instance(value, nn.Module):
                yield name, value


# --- names that may have been meant -----------------------------------------------------------------------------


def _near(error: BaseException, frame: FrameType) -> tuple[str, ...]:
    """The name that may have been meant where a name, an attribute or an import is missing; empty for any other error.

    Names come from tables: nobody's ``__dir__`` is asked.
    """
    names: set[object]
    if type(error) is NameError:
        missing, names = error.name, {*frame.f_locals, *frame.f_globals, *vars(builtins)}
    elif type(error) is AttributeError:
        missing, names = error.name, _attributes(error.obj)
    elif type(error) is ImportError and (match := re.match(r"cannot import name '(\w+)'", str(error))):
        missing, names = match[1], _attributes(sys.modules.get(str(error.name)))
    else:
        return ()
    if type(missing) is not str:
        return ()
    public = [name for name in names if type(name) is str and name.startswith("_") == missing.startswith("_")]
    return tuple(difflib.get_close_matches(missing, sorted(public), 1, _ALIKE))


def _attributes(owner: object) -> set[object]:
    if type(owner) is ModuleType or owner is None:
        return set() if owner is None else set(vars(owner))
    names: set[object] = set()
    for cls in type.__getattribute__(type(owner), "__mro__"):
        names |= set(type.__getattribute__(cls, "__dict__"))
    try:
        tables = object.__getattribute__(owner, "__dict__")
    except AttributeError:
        return names
    if type(tables) is dict:
        names |= set(tables)
        for table in ("_parameters", "_buffers", "_modules") if instance(owner, nn.Module) else ():
            names |= set(tables[table]) if type(tables.get(table)) is dict else set()
    return names
