"""The messages between the program and its worker, both ways: frozen dataclasses <-> JSON lines.

The program sends a :data:`Request`, the worker answers with :data:`Event` objects. Every message is one
line of ASCII JSON whose ``is`` names its class, so that it survives any pipe, ``ssh`` among them. Bytes
that aren't UTF-8 travel as lone surrogates (``surrogateescape``) and arrive as they were.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from dataclasses import dataclass
from typing import Any, Literal

MiB = 1 << 20
Cause = Literal["", "stopped", "seconds", "memory", "lost"]
"""Why a run was ended from outside; empty when it ended by itself."""


# --- requests: from the program to the worker ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckCell:
    """The check cell of a lesson, and where it stands, so that its own faults can be named by file and line."""

    source: str
    file: str
    line: int
    """Line of the lesson file on which ``source`` begins, counted from 1."""


@dataclass(frozen=True, slots=True)
class Run:
    """Run a program in a fresh process. It replaces the run that is under way, if there is one."""

    id: int
    source: str = ""
    """The program; ignored when ``path`` is given."""
    name: str = "snippet.py"
    """The file that ``source`` is written to, in a folder made for this run and removed after it."""
    path: str | None = None
    """Run this file where it stands instead, in the worker's own working folder, as ``python PATH`` does."""
    argv: tuple[str, ...] = ()
    """What follows the program's name in ``sys.argv``."""
    check: CheckCell | None = None
    """Judge the program with this after it has run."""
    observe: bool = True
    """Report tensors, curves and the last expression's value."""
    seconds: float | None = 60.0
    """Wall time after which the run is ended; None: no limit."""
    memory: int | None = 4096 * MiB
    """Bytes of private memory, all processes together, after which the run is ended; None: no limit."""
    keep: int | None = 1 * MiB
    """Characters of output passed on; what follows is counted, and its end passed on. None: everything."""
    columns: int = 80
    rows: int = 24
    """The size of the terminal that the program sees."""
    device: str | None = None
    """What the program finds: ``cpu``, ``cuda:UUID``; None: what the worker chose."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run: an interrupt first, then its whole process tree is killed."""

    run: int
    patience: float | None = 0.4
    """Seconds that it has after the interrupt; 0: it is killed without being asked; None: as long as it wants."""


Request = Run | Stop


# --- events: from the worker to the program -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """How far the worker has come. Runs are taken from ``torch`` on; ``all`` means that nothing is left to load."""

    stage: Literal["torch", "all"]
    python: str
    torch: str


@dataclass(frozen=True, slots=True)
class Device:
    """The device that runs will find, and why it was chosen."""

    kind: Literal["cpu", "cuda", "mps", "xpu"]
    name: str
    """What people call it: ``NVIDIA A100``, ``12 cores``."""
    index: int | None = None
    """The number that ``nvidia-smi`` gives it."""
    count: int = 1
    """How many of this kind the machine has."""
    memory_free: int | None = None
    memory_total: int | None = None
    """Bytes; None where nothing tells."""
    why: str = ""
    uuid: str = ""
    """How NVML names it, in any order of counting."""


@dataclass(frozen=True, slots=True)
class Started:
    """The program was handed to its process; ``path`` is the file it runs from."""

    run: int
    path: str


@dataclass(frozen=True, slots=True)
class Output:
    """What the program wrote, in order. ``tty`` is stdout and stderr together, as a terminal shows them."""

    run: int
    stream: Literal["tty", "stdout", "stderr"]
    text: str


@dataclass(frozen=True, slots=True)
class Tensor:
    """What is known of a tensor without touching it, and a few of its values."""

    name: str
    """The name or expression it is reached by: ``x``, ``net.0.weight``; empty for a nameless value."""
    dtype: str
    """Short, as in ``f32 bf16 i64 u8 bool c64``."""
    shape: tuple[int, ...]
    device: str = "cpu"
    leaf: bool = True
    requires_grad: bool = False
    grad_fn: str = ""
    """The operation that made it, ``Mul``; empty for a leaf."""
    kind: str = ""
    """``Parameter``, or a subclass's own name; empty for a plain tensor."""
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    """Over the finite values; None when there are none or they couldn't be read."""
    nans: int = 0
    infs: int = 0
    strip: tuple[float | None, ...] = ()
    """Values in memory order, at most 32, evenly picked where there are more; None for a value that isn't finite."""
    text: str = ""
    """The value itself where it is short enough to be read: ``6.0``, ``[1, 2, 4]``."""
    sampled: bool = False
    """Whether the numbers come from a sample of the values."""
    note: str = ""
    """Why its values aren't shown: ``meta``, ``storage freed``."""
    grad: Tensor | None = None
    """The tensor in its ``.grad``."""


@dataclass(frozen=True, slots=True)
class Value:
    """The value of the program's last expression."""

    run: int
    expression: str
    text: str
    """Its repr, cut where it is long."""
    tensor: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Tensors:
    """Every tensor that the program left in its names, in the order in which the names were made."""

    run: int
    tensors: tuple[Tensor, ...]
    hidden: int = 0
    """How many more there are."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A stretch of a series: ``count`` points from ``start`` on. ``low`` and ``high`` keep every spike."""

    start: int
    count: int
    low: float | None
    high: float | None
    last: float | None
    """Finite values only; None when the stretch holds none."""
    bad: int = 0
    """How many were NaN or infinite."""


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers over time, sent again whole as they grow: the newest replaces what came before under its name."""

    run: int
    name: str
    """``loss``, ``learning rate``; with a number when there are several."""
    kind: Literal["loss", "lr"]
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A line of the learner's code that an error passed through."""

    line: int
    function: str
    text: str
    """The source line, without its indentation."""
    column: int | None = None
    end_column: int | None = None
    """The failing sub-expression within ``text``, in characters, end not included."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A name in the failing expression, and what it was: ``f32[32,784]``, ``int``."""

    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Raised:
    """The program ended with an uncaught exception (or with a syntax error, before it began)."""

    run: int
    type: str
    """``RuntimeError``, or ``module.Name`` outside of builtins."""
    message: str
    frames: tuple[Frame, ...]
    """The learner's own lines, outermost first; never torch's or ours."""
    operands: tuple[Operand, ...] = ()
    via: str = ""
    """The library function that raised, ``torch.nn.modules.linear.forward``; empty for the learner's own code."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The program's own lines have come to their end. What it left is reported next, then :class:`Ended`."""

    run: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Checked:
    """One requirement, judged. ``broken`` is the lesson's fault, ``waits`` was not judged."""

    run: int
    name: str
    requirement: str
    state: Literal["passed", "failed", "broken", "waits"]
    message: str = ""
    """What is wrong: the learner's name for it, what it is, what was expected."""
    advice: str = ""
    """One thing to try."""
    misconception: str = ""
    """The stable name of a misconception that was recognised: ``axes-swapped``."""
    actual: Tensor | None = None
    expected: Tensor | None = None
    """Both tensors, where seeing them side by side helps."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The process is gone, or has nothing left to do. ``status`` is what a shell shows: 128 + N after signal N."""

    run: int
    status: int
    cause: Cause = ""
    """``lost``: its keeper died first."""
    sentence: str = ""
    """The cause in words, for the learner."""
    seconds: float = 0.0
    dropped: int = 0
    """Characters of output that were counted and not passed on."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The worker itself could not do what it was asked; ``run`` is None when no run is concerned."""

    run: int | None
    sentence: str


Event = Ready | Device | Started | Output | Value | Tensors | Series | Raised | Finished | Checked | Ended | Fault
Message = Request | Event

_CLASSES: dict[str, type[Any]] = {cls.__name__: cls for cls in typing.get_args(Message)}
_HINTS: dict[type[Any], dict[str, Any]] = {}


def encode(message: Message) -> bytes:
    """One message as one line of JSON, newline included."""
    return json.dumps({"is": type(message).__name__, **dataclasses.asdict(message)}).encode("ascii") + b"\n"


def decode(line: bytes | str) -> Message:
    """The message that :func:`encode` made into ``line``.

    Raises ValueError when the line isn't one. Fields that this version doesn't know are left out, so
    that a program and a worker of neighbouring versions understand each other.
    """
    try:
        fields = json.loads(line)
        cls = _CLASSES[fields.pop("is")]
        return typing.cast(Message, _build(cls, fields))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a message: {line[:80]!r} ({error})") from error


def _build(cls: type[Any], fields: dict[str, Any]) -> Any:
    hints = _HINTS.get(cls)
    if hints is None:
        hints = _HINTS[cls] = typing.get_type_hints(cls)
    return cls(**{name: _restore(hints[name], value) for name, value in fields.items() if name in hints})


def _restore(hint: Any, value: Any) -> Any:
    """What JSON flattened: lists back to tuples, objects back to the dataclass that ``hint`` names."""
    if isinstance(value, list):
        inner = typing.get_args(hint)[0]
        return tuple(_restore(inner, item) for item in value)
    if isinstance(value, dict):
        options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
        cls: Any = next(option for option in options if dataclasses.is_dataclass(option))
        return _build(cls, value)
    return value
