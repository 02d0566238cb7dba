"""The events of a worker: its own start, and the life of a run from its start to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tutor.protocol.observations import Tensor

Cause = Literal["", "stopped", "seconds", "memory", "lost"]
"""Why a run was ended from outside; empty when it ended by itself."""


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
    """The number that ``nvidia-smi`` gives it; torch, where that lists none."""
    count: int = 1
    """How many of this kind the machine has."""
    memory_free: int | None = None
    memory_total: int | None = None
    """Bytes; None where nothing tells."""
    why: str = ""
    uuid: str = ""
    """How ``CUDA_VISIBLE_DEVICES`` names it alone: its UUID, in any order of counting; a number where none is known."""

    @property
    def token(self) -> str:
        """How :attr:`tutor.protocol.requests.Run.device` names it: ``cpu``, ``cuda:UUID``."""
        return f"cuda:{self.uuid}" if self.uuid else self.kind


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
class Finished:
    """The program's own lines have come to their end. What it left is reported next, then :class:`Ended`."""

    run: int
    seconds: float
    seed: int | None = None
    """What its random numbers began from: with it in :attr:`tutor.protocol.requests.Run.seed` they come again."""


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
    """A name or a simple part of the failing expression, and what it was: ``f32[32,784]``, ``int``."""

    name: str
    """As it is written: ``x``, ``self.weight``, ``x.reshape(32, -1)``."""
    what: str


@dataclass(frozen=True, slots=True)
class Inside:
    """The module of torch's own in which an error arose."""

    name: str
    """Its path from a name of the program: ``net.2``, ``self.layers.0``; empty where none was found."""
    kind: str
    """What tells it from others: ``Linear(784, 10)``."""
    inputs: tuple[Operand, ...] = ()
    """The tensors that it was called with."""


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
    inside: Inside | None = None
    fits: tuple[str, ...] = ()
    """What would have worked in place of an operand or of the whole expression, tried on shapes alone: ``w.T``."""


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
