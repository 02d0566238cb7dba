"""The requests to a worker: runs, tensors of the last run, documentation, completions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MiB = 1 << 20


@dataclass(frozen=True, slots=True)
class CheckCell:
    """The check cell of a lesson, and where it stands, so that its own faults can be named by file and line."""

    source: str
    file: str
    line: int
    """Line of the lesson file on which ``source`` begins, counted from 1."""
    solution: str = ""
    snippet: str = ""
    """The lesson's, for checks that compare a draft with them."""


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
    """Report what the probes see: hints, tensors, gradients, modules, curves, the last expression's value."""
    seconds: float | None = 60.0
    """Wall time after which the run is ended; None: no limit."""
    memory: int | None = 4096 * MiB
    """Bytes of private memory, all processes together, after which the run is ended; None: no limit."""
    keep: int | None = 1 * MiB
    """Characters of output passed on; what follows is counted, and its end passed on. None: everything."""
    columns: int = 80
    rows: int = 24
    """The size of the terminal that the program sees."""
    seed: int | None = None
    """What torch's, Python's and NumPy's random numbers begin from; None: one that no run had, as in a new process."""
    shelve: bool = False
    """Keep what it leaves so that :class:`ReadTensor` can be asked of it, until the next run."""
    steps: int = 0
    """Report at most so many lines as they are passed, each with what it changed; 0: none."""
    device: str | None = None
    """What the program finds: ``cpu``, ``cuda:UUID``; None: what the worker chose."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run: an interrupt first, then its whole process tree is killed."""

    run: int
    patience: float | None = 0.4
    """Seconds that it has after the interrupt; 0: it is killed without being asked; None: as long as it wants."""


@dataclass(frozen=True, slots=True)
class ReadTensor:
    """Read a slice of a tensor that the last run left. A :class:`tutor.protocol.answers.TensorSlice` answers."""

    ask: int
    """The number of this request, which its answer carries."""
    run: int
    name: str
    """As :class:`tutor.protocol.observations.Tensors` names it; ``x.grad`` for its gradient."""
    how: Literal["values", "map", "image", "grid"] = "map"
    """``values``: a window of a matrix as it is. ``map``: all of the matrix, shrunk to fit. ``image``: the last three
    dimensions as 1 or 3 channels of an image, shrunk to fit. ``grid``: the last three as a row of matrices, each
    shrunk; where the first of these has size 1, as in kernels for one channel, the one before it takes its place."""
    index: tuple[int, ...] = ()
    """The position in each dimension before those that are shown; 0 where it is left out, the nearest possible where
    it is too large."""
    top: int = 0
    left: int = 0
    """Where the window begins: its first row and column; of a vector ``top`` is its first element; of a grid, the
    number of the first tile. Beyond the end: the last full window."""
    rows: int = 24
    columns: int = 80
    """The most values, each way, that the answer may hold; of a grid, in one matrix."""


@dataclass(frozen=True, slots=True)
class Docs:
    """Ask what the name under the cursor is. A :class:`tutor.protocol.answers.Documented` answers."""

    ask: int
    source: str
    """The draft, as it stands in the editor."""
    row: int
    column: int
    """The cursor, both counted from 0, in characters."""


@dataclass(frozen=True, slots=True)
class Complete:
    """Ask how the name before the cursor may go on. :class:`tutor.protocol.answers.Completions` answers."""

    ask: int
    source: str
    row: int
    column: int
