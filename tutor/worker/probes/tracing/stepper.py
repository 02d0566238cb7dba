"""A program line by line: what each line that was passed bound or changed, as it was right after it.

The lines are heard of from ``sys.settrace``, in the program's own file and thread alone. Changes are found by
comparing marks: numbers that tell a value from the one before without holding on to it. Nothing of the program
is kept, called or changed. In Python before 3.13 tracing makes a function's locals live until its next line, and
counts one reference more of each.
"""

from __future__ import annotations

import ast
import ctypes
import inspect
import os
import sys
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from itertools import islice
from types import CodeType, FrameType, TracebackType
from typing import Any

import torch

from tutor.inspection.namespace import public, reachable, type_text
from tutor.inspection.sizes import attribute, fixed
from tutor.inspection.tensor import SERIAL, describe, gradient, is_recorded, is_tensor, short, unreadable
from tutor.protocol.codec import Binding, Step, Steps, Tensor, encode
from tutor.worker.probes.tracing.function_patch import keep_eager
from tutor.worker.probes.tracing.recorder import word

BYTES = 8 << 20
"""All that is told of one run, in bytes of its messages."""
DESCRIBED = 40
"""Tensors described of one step."""

_WATCHED = 256
"""Names, and tensors reached by them, that are looked at in one place."""
_BYTES = 4096
"""So many bytes at the beginning and at the end of a tensor are looked at: ``w.data -= …`` counts no version."""
_TEXT = 200

_PLAIN = (int, float, complex, bool, str, bytes, type(None))
_SIZED = (list, tuple, dict, set, frozenset, deque, OrderedDict)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)

Trace = Callable[[FrameType, str, Any], Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it is stepped over: whole, or the head of a block."""

    line: int
    """The line that it begins on; of a function that is decorated, the one with its name."""
    merges: bool = False
    """Python passes several lines for it, or the same one again, in one go."""
    returns: bool = False
    block: range = range(0)
    """Of a ``with``: the lines of its block, after which Python comes back to it, to leave it."""


def statements(tree: ast.Module) -> dict[int, Statement]:
    """The statement of each line that begins one or goes on with one."""
    by_line: dict[int, Statement] = {}
    for node in ast.walk(tree):  # outer ones first: a block's head doesn't hide what stands in it
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        first = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", ()))])
        last = node.end_lineno or node.lineno
        if body:
            inner = body[0].pattern if isinstance(body[0], ast.match_case) else body[0]
            last = max(node.lineno, inner.lineno - 1)
        repeats = not body and any(isinstance(part, _COMPREHENSIONS) for part in ast.walk(node))
        ends = node.end_lineno if isinstance(node, ast.With | ast.AsyncWith) else None
        block = range(last + 1, (ends or last) + 1)
        statement = Statement(node.lineno, last > first or repeats, isinstance(node, ast.Return), block)
        by_line.update(dict.fromkeys(range(first, last + 1), statement))
    return by_line


@dataclass(frozen=True, slots=True)
class _Mark:
    """Two marks that differ are of two values, or of one that changed."""

    identity: int
    """0 for a plain number or text, which is known by itself."""
    state: tuple[object, ...] = ()


@dataclass(slots=True, eq=False)  # one call of a recursive function isn't another, however alike they are
class _Scope:
    """A function that was entered and not left, or the program itself."""

    function: str = ""
    at: Statement | None = None
    """The statement under way."""
    leaving: bool = False
    """It is a ``with`` whose block is over: no step, unless something comes of it."""
    raising: bool = False
    """An error came up in it, and no line has been passed since."""
    marks: dict[str, _Mark] = field(default_factory=dict)
    """What its names stood for after the last line."""
    outside: frozenset[int] = frozenset()
    """Tensors that who called it could reach already: nothing new on its first line."""


@dataclass(eq=False)
class Recorder:
    """Reports the lines that are passed while it is entered."""

    run: int
    """The run that it reports for."""
    remaining: int
    """Lines after which it says that there would be more, and lets the program run on untraced."""
    path: str
    """The program's file."""
    source: bytes
    """The program."""
    write: Callable[[bytes], object]
    """Passes a message on."""
    printed: Callable[[], int]
    """How many characters the program has printed. Raises OSError where nobody knows."""
    around: Callable[[], AbstractContextManager[None]]
    """What to be in while looking at values."""
    _owner: int = field(default_factory=os.getpid, init=False)
    _room: int = field(default=BYTES, init=False)
    _last_printed: int = field(default=0, init=False)
    """Characters that were printed when the last step was reported."""
    _statements: dict[int, Statement] = field(default_factory=dict, init=False)
    _top: _Scope = field(default_factory=_Scope, init=False)
    _scopes: list[_Scope] = field(default_factory=list, init=False)
    _unwinding: bool = field(default=False, init=False)
    """The function left last was left by an error."""
    _over: bool = field(default=False, init=False)
    """The program goes on, and nobody watches."""
    _broken: bool = field(default=False, init=False)
    """It went wrong, and that is still to be told."""

    def __enter__(self) -> None:
        """Begin, with what is called next."""
        try:
            self._statements = statements(ast.parse(self.source))
        except (SyntaxError, ValueError, RecursionError):
            return  # it will not run
        keep_eager(Recorder._call)
        sys.settrace(self._call)

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        """End; an error that came up while looking, as an interrupt does, keeps the program's frames only."""
        while trace is not None and trace.tb_next is not None:
            if trace.tb_next.tb_frame.f_code.co_filename == __file__:
                trace.tb_next = None
            trace = trace.tb_next
        self._over = True
        if self._broken:
            self.write(encode(Steps(self.run, (), cut=True)))

    # --- what Python tells ----------------------------------------------------------------------------------

    def _call(self, frame: FrameType, event: str, _: object) -> Trace | None:
        """A function is entered, or a generator goes on."""
        if frame.f_code.co_filename != self.path or not _has_lines(frame.f_code):
            return None
        scope = self._top
        if frame.f_code.co_name != "<module>":
            scope = _Scope(frame.f_code.co_qualname.replace("<locals>.", ""))

        def line(frame: FrameType, event: str, value: object) -> Trace | None:
            return line if self._guarded(self._line, scope, frame, event, value) else None

        keep_eager(line)
        return line if self._guarded(self._enter, scope, frame) else None

    def _guarded(self, note: Callable[..., None], *arguments: Any) -> bool:
        """Call ``note``; whatever goes wrong with it is the end of the recording, and none of the program's."""
        if self._over:
            return False
        if os.getpid() != self._owner:  # a child that the program forked
            self._over = True
            sys.settrace(None)
            return False
        try:
            with self.around():
                note(*arguments)
        except Exception:  # it may be at the end of its stack: nothing may be called that could fail again
            self._over = self._broken = True
            sys.settrace(None)
        return not self._over

    def _enter(self, scope: _Scope, frame: FrameType) -> None:
        self._unwinding = False
        if scope is self._top:
            self._scopes = [scope]
            return
        if self._scopes and self._scopes[-1].at is not None:
            self._note(self._scopes[-1])  # the line that calls
        scope.outside = frozenset(outer_mark.identity for outer in self._scopes for outer_mark in outer.marks.values())
        self._scopes.append(scope)
        scope.at = self._statement(frame.f_lineno)
        self._pass(scope, frame)

    def _line(self, scope: _Scope, frame: FrameType, event: str, value: object) -> None:
        """A line is about to begin, or the function to be left: the line before has done what it does."""
        if event == "exception":
            scope.raising = True
            if self._unwinding:  # it came out of a function, whose own line has been told
                scope.at = None
            return
        while scope in self._scopes and self._scopes[-1] is not scope:  # left unheard, as a lost generator is
            self._scopes.pop()
        if event == "return":
            resumed = frame.f_code.co_flags & _RESUMED or scope is self._top
            self._pass(scope, frame, None if resumed else value)
            self._scopes.remove(scope)
            self._unwinding = scope.raising
            return
        scope.raising = self._unwinding = False
        statement = self._statement(frame.f_lineno)
        before = scope.at
        leaving = before is not None and before.line in statement.block
        if leaving and before is not None and before.returns:  # what it returns is known when all is left
            return
        if scope.at is not statement or not statement.merges:
            self._pass(scope, frame)
            scope.at, scope.leaving = statement, leaving

    def _statement(self, line: int) -> Statement:
        return self._statements.setdefault(line, Statement(line))

    # --- what is told ---------------------------------------------------------------------------------------

    def _pass(self, scope: _Scope, frame: FrameType, returned: object = None) -> None:
        """The statement under way is over: find what it changed. ``returned``: what the function returns."""
        if scope.at is None:
            return
        if _untouchable():
            self._note(scope)
        else:
            changed, deleted = _changes(scope, frame.f_locals)
            if returned is not None:
                changed.append(("return", returned))
            if not scope.leaving or changed or deleted or self.printed() != self._last_printed:
                self._note(scope, changed, deleted)
        scope.at = None

    def _note(self, scope: _Scope, changed: Iterable[tuple[str, object]] = (), deleted: tuple[str, ...] = ()) -> None:
        """Report a step at once: the next line may take long."""
        if self.remaining <= 0 or self._room <= 0:
            self._over = True
            sys.settrace(None)
            self.write(encode(Steps(self.run, (), cut=True)))
            return
        assert scope.at is not None
        bindings, tensors = _describe_changes(changed)
        depth = max(0, len(self._scopes) - 1)
        self._last_printed = self.printed()
        step = Step(scope.at.line, scope.function, depth, bindings, tensors, deleted, self._last_printed)
        message = encode(Steps(self.run, (step,)))
        self.remaining -= 1
        self._room -= len(message)
        self.write(message)


_RESUMED = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def _has_lines(code: CodeType) -> bool:
    """Whether its lines are passed on their own: not those of a class's body, which makes functions, or a lambda."""
    if code.co_name == "<module>":
        return True
    return bool(code.co_flags & inspect.CO_NEWLOCALS) and not code.co_name.startswith(("<", "__annotate__"))


def _untouchable() -> bool:
    """Whether something records or transforms tensor operations: ours would be among them."""
    return torch.compiler.is_compiling() or torch._C._functorch.peek_interpreter_stack() is not None or is_recorded()


def _changes(scope: _Scope, names: dict[str, Any]) -> tuple[list[tuple[str, object]], tuple[str, ...]]:
    """The values of the names, where they changed, and the names that are gone."""
    marks: dict[str, _Mark] = {}
    changed = []
    entered = not scope.marks
    for name, value, owned in islice(_values(names), _WATCHED):
        new_mark = marks[name] = _mark(value)
        from_caller = entered and owned and new_mark.identity in scope.outside
        if scope.marks.get(name) != new_mark and not from_caller:
            changed.append((name, value))
    deleted = tuple(name for name in scope.marks if name not in marks)
    scope.marks = marks
    return changed, deleted


def _describe_changes(changed: Iterable[tuple[str, object]]) -> tuple[tuple[Binding, ...], tuple[Tensor, ...]]:
    bindings: list[Binding] = []
    tensors: list[Tensor] = []
    for name, value in changed:
        if not is_tensor(value):
            bindings.append(Binding(name, word(value)))
        elif len(tensors) < DESCRIBED:
            tensor = describe(value, name, depth=0, whole=SERIAL)
            tensors.append(replace(tensor, strip=tuple(map(_round, tensor.strip))))
            text = tensor.text if tensor.text and not tensor.shape else short(value)
            bindings.append(Binding(name, text, tensor.requires_grad))
        else:
            bindings.append(Binding(name, short(value)))
    return tuple(bindings), tuple(tensors)


def _round(number: float | None) -> float | None:
    """To what a strip can show of it: a tensor is told many times, and most of its message are these."""
    return None if number is None else float(f"{number:.3g}")


# --- marks ------------------------------------------------------------------------------------------------------


def _mark(value: object) -> _Mark:
    """The mark of a value as it is now."""
    kind = type(value)
    if is_tensor(value):
        with torch._C.DisableTorchFunction():
            return _Mark(id(value), _state(value))
    if kind in _PLAIN:
        text = repr(value) if _short(value) else None
        return _Mark(id(value) if text is None else 0, (kind.__name__, text))
    return _Mark(id(value), (len(value),) if kind in _SIZED else ())  # type: ignore[arg-type]


def _short(value: Any) -> bool:
    if type(value) is int:
        return value.bit_length() <= _TEXT
    return type(value) not in (str, bytes) or len(value) <= _TEXT


def _state(tensor: torch.Tensor) -> tuple[object, ...]:
    version = None if attribute(tensor, "is_inference")() else attribute(tensor, "_version")
    flags = (version, attribute(tensor, "requires_grad"))
    if unreadable(tensor):
        return flags
    shape = fixed(tensor)
    address = torch._C._data_address(tensor)  # type: ignore[attr-defined]
    if attribute(tensor, "device").type != "cpu" or shape is None or 0 in shape:
        return (*flags, shape, address)
    steps = torch._C.TensorBase.stride(tensor)
    size = sum((n - 1) * step for n, step in zip(shape, steps, strict=True)) + 1
    size *= attribute(tensor, "itemsize")
    length = min(size, _BYTES)
    ends = ctypes.string_at(address, length), ctypes.string_at(address + size - length, length)
    return (*flags, shape, address, hash(ends))


def _values(namespace: dict[str, Any]) -> Iterator[tuple[str, object, bool]]:
    """Values of the public names, tensors within them and gradients: path, value, whether another value holds it.

    A tensor that can be reached in several ways is listed once, unless it has names of its own.
    """
    visited: set[int] = set()
    for name, value in public(namespace):
        if not type_text(value):  # a function or a class
            continue
        if not is_tensor(value):
            yield name, value, False
        for path, tensor, owned in (*reachable({name: value}), *_attributes(value, name)):
            if owned and id(tensor) in visited:
                continue
            visited.add(id(tensor))
            yield path, tensor, owned
            with torch._C.DisableTorchFunction():
                grad = gradient(tensor)
            if grad is not None:
                yield f"{path}.grad", grad, owned


def _attributes(value: object, name: str) -> Iterator[tuple[str, torch.Tensor, bool]]:
    """Tensors in an object of a class that the program itself made."""
    kind = type(value)
    if type.__getattribute__(kind, "__module__") != "__main__" or issubclass(kind, (torch.nn.Module, torch.Tensor)):
        return
    try:
        table = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return
    if type(table) is dict:
        for key, item in islice(list(table.items()), _WATCHED):
            if type(key) is str and is_tensor(item):
                yield f"{name}.{key}", item, True
