"""Runs the programs of questions within the worker. The text of this file is sent there, so it stands alone.

Programs run one after the other in one process, each in a ``__main__`` of its own, with random numbers, grad mode,
default dtype and print options as they are in a new process. What they print through Python is kept in memory, apart
from this process's own output, so that nothing a program writes can be taken for a result.
"""

from __future__ import annotations

import cmath
import io
import json
import linecache
import random
import sys
import time
import traceback
import types
import zlib
from typing import Any

MOST = 20_000
"""Characters of a program's output that are returned; what follows is counted and summed up."""
SUMMED = 10_000_000
"""Characters up to which it is summed up: more takes longer than it tells."""
LONGEST = 2_000
"""Characters of a value."""


def answer(order: str, sentinel: str) -> None:
    """Run groups of programs and write the results: ``sentinel`` and JSON, on a line.

    Args:
        order: JSON: a list of groups. A group has ``programs``, each with ``source``, ``expressions`` that are
            evaluated after it, and ``seed``; and ``pairs`` of programs whose first values are compared.
        sentinel: a text that no program prints.
    """
    screen = sys.stdout
    results = [_group(group) for group in json.loads(order)]
    screen.write(f"\n{sentinel}{json.dumps(results)}\n")
    screen.flush()


def _group(group: dict[str, Any]) -> dict[str, Any]:
    attempts, values = [], []
    for program in group["programs"]:
        attempt, evaluated = _attempt(program)
        attempts.append(attempt)
        values.append(evaluated)
    differences = []
    for one, other in group["pairs"]:
        if values[one] and values[other]:
            differences.append(_difference_or_error(values[one][0], values[other][0]))
        else:
            differences.append("There is no value.")
    return {"attempts": attempts, "differences": differences}


class CollectedOutput(io.TextIOBase):
    """A standard output that collects the text written to it, up to a size."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self) -> None:
        self.begin: list[str] = []
        self.size = 0
        self.sum = 0

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self.size < MOST:
            self.begin.append(text[: MOST - self.size])
        if self.size < SUMMED:
            self.sum = zlib.crc32(text[: SUMMED - self.size].encode("utf-8", "surrogatepass"), self.sum)
        self.size += len(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def text(self) -> str:
        """The text. Of more than :data:`MOST` characters the beginning, and a checksum of the rest."""
        text = "".join(self.begin)
        return text if self.size <= MOST else f"{text}\n… {self.size:,} characters ({self.sum:08x})"


def _attempt(program: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """The result of a program, and the values of its expressions as far as they have any."""
    _reset_process_state(program["seed"])
    source, name = program["source"], "question.py"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    main = types.ModuleType("__main__")
    before = sys.stdout, sys.stderr, sys.modules.get("__main__")
    output, errors = CollectedOutput(), CollectedOutput()
    sys.stdout, sys.stderr, sys.modules["__main__"] = output, errors, main
    error, evaluated, values = None, [], []
    began = time.perf_counter()
    try:
        try:
            exec(compile(source, name, "exec", dont_inherit=True), vars(main))
        except BaseException as raised:
            error = _describe(raised, name)
        text = output.text()
        for expression in program["expressions"] if error is None else ():
            described, value = _evaluate(expression, main)
            evaluated.append(described)
            values += value
    finally:
        sys.stdout, sys.stderr = before[:2]
        if before[2] is not None:
            sys.modules["__main__"] = before[2]
    seconds = time.perf_counter() - began
    attempt = {"output": text, "error": error, "values": evaluated, "errors": errors.text(), "seconds": seconds}
    return attempt, values


def _reset_process_state(seed: int) -> None:
    """Set random numbers, grad mode, dtype and print options to what they are when a process starts."""
    random.seed(seed)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(seed % 2**32)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        torch.set_printoptions(profile="default")


def _evaluate(expression: str, main: types.ModuleType) -> tuple[dict[str, Any], list[Any]]:
    name = "expression"
    linecache.cache[name] = (len(expression), None, [expression], name)
    try:
        value = eval(compile(expression.strip(), name, "eval", dont_inherit=True), vars(main))
        text = repr(value)
    except BaseException as raised:
        return {"text": type(raised).__name__, "error": _describe(raised, name)}, []
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}… ({len(text) - LONGEST:,} more characters)"
    return {"text": text, "error": None}, [value]


def _describe(raised: BaseException, name: str) -> dict[str, Any]:
    """Type, message and line of an error. An interrupt is raised again: it asks all of this to end."""
    if isinstance(raised, KeyboardInterrupt):
        raise raised
    if isinstance(raised, SyntaxError):
        line = raised.lineno if raised.filename == name else None
        message = raised.msg
    else:
        frames = [frame.lineno for frame in traceback.extract_tb(raised.__traceback__) if frame.filename == name]
        line = frames[-1] if frames else None
        try:
            message = str(raised)
        except Exception:
            message = ""
    return {"type": type(raised).__name__, "message": message[:LONGEST], "line": line or 0}


# --- comparing ------------------------------------------------------------------------------------------------


def _difference_or_error(value: Any, expected: Any) -> str:
    try:
        return difference(value, expected)
    except Exception as error:  # a value whose own comparison fails
        return f"It can't be compared: {type(error).__name__}."


def difference(value: Any, expected: Any) -> str:
    """The first difference of ``value`` from ``expected``, in a sentence; empty when there is none.

    Compared are type, shape, dtype, device, whether it tracks gradients, and values (floats nearly, NaN being
    equal to NaN); layers and optimizers by their repr and their state.
    """
    if type(value) is not type(expected):
        return f"It is of type {type(value).__name__}, where {type(expected).__name__} is asked for."
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(expected, torch.Tensor):
        return _difference_of_tensors(torch, value, expected)
    if isinstance(expected, (float, complex)):
        near = cmath.isclose(value, expected, rel_tol=1e-5, abs_tol=1e-8)
        same = near or (value != value and expected != expected)
        return "" if same else f"It is {value!r}, where {expected!r} is asked for."
    if isinstance(expected, (list, tuple)):
        if len(value) != len(expected):
            return f"It has {len(value)} elements, where {len(expected)} are asked for."
        pairs = enumerate(zip(value, expected, strict=True))
        return next((f"Element {i}: {inner}" for i, (a, b) in pairs if (inner := difference(a, b))), "")
    if isinstance(expected, dict):
        if set(value) != set(expected):
            return "Its keys differ from those asked for."
        entries = ((key, difference(value[key], expected[key])) for key in expected)
        return next((f"At {key!r}: {inner}" for key, inner in entries if inner), "")
    if hasattr(expected, "state_dict"):
        if repr(value) != repr(expected):
            return f"It is {repr(value)[:200]}, where {repr(expected)[:200]} is asked for."
        return difference(dict(value.state_dict()), dict(expected.state_dict()))
    return "" if bool(value == expected) else f"It is {repr(value)[:200]}, where {repr(expected)[:200]} is asked for."


def _difference_of_tensors(torch: Any, value: Any, expected: Any) -> str:
    if value.shape != expected.shape:
        return f"Its shape is {tuple(value.shape)}, where {tuple(expected.shape)} is asked for."
    for attribute in ("dtype", "device", "layout"):
        if getattr(value, attribute) != getattr(expected, attribute):
            return f"Its {attribute} is {getattr(value, attribute)}, where {getattr(expected, attribute)} is asked for."
    if value.requires_grad != expected.requires_grad:
        return "It doesn't track gradients, and should." if expected.requires_grad else "It tracks gradients, unasked."
    with torch.no_grad():
        inexact = expected.dtype.is_floating_point or expected.dtype.is_complex
        if expected.layout != torch.strided:
            value, expected = value.to_dense(), expected.to_dense()
        same = torch.isclose(value, expected, equal_nan=True) if inexact else value == expected
        if same.all():
            return ""
        place = (~same).nonzero()[0].tolist()
        where = f"At {place} it" if place else "It"
        return f"{where} is {value[tuple(place)].item()!r}, where {expected[tuple(place)].item()!r} is asked for."
