"""The worker's answers to requests that wait for no run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TensorSlice:
    """A slice of a tensor, as :class:`tutor.protocol.requests.ReadTensor` asked for it."""

    ask: int
    name: str
    dtype: str = ""
    shape: tuple[int, ...] = ()
    planes: tuple[tuple[tuple[float | None, ...], ...], ...] = ()
    """Matrices of values, in rows; None stands for NaN, an infinity is itself and is drawn at the end of the scale.
    One matrix; of an image one for each channel; of a grid one for each tile. A vector is wrapped like text: its
    last row may be shorter. What is shrunk holds means of blocks; one with a NaN in it is NaN."""
    tiles: int = 0
    """Of a grid: how many tiles there are in all."""
    index: tuple[int, ...] = ()
    """The position in the dimensions before those that are shown, as it was found to be possible."""
    top: int = 0
    left: int = 0
    """The row and column of the first value; of a vector ``top`` is its element, of a grid the number of the first
    tile."""
    step: tuple[int, int] = (1, 1)
    """Rows and columns from one value to the next: more than 1 where a value stands for a block, or where a large
    tensor was kept in part. Of a vector: elements from one row to the next, and from one value to the next."""
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    std: float | None = None
    """Of all finite values of the whole tensor, ``std`` as ``x.std()`` has it; None when there are none."""
    zeros: float = 0.0
    nans: int = 0
    infs: int = 0
    histogram: tuple[int, ...] = ()
    """Counts of the whole tensor in equal steps from ``low`` to ``high``."""
    note: str = ""
    """Why there is nothing to see, or what was left out."""


@dataclass(frozen=True, slots=True)
class Documented:
    """What a name is."""

    ask: int
    name: str = ""
    """In full: ``torch.nn.functional.mse_loss``; empty when nothing is known of it, and ``note`` says why."""
    kind: str = ""
    """``function``, ``class``, ``module``, ``method``, ``value``."""
    signature: str = ""
    """``(input, target, reduction='mean') -> Tensor``."""
    text: str = ""
    """Its docstring, as it is in the installed version."""
    where: str = ""
    """The file and line that define it, relative to its package."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """One way to go on."""

    name: str
    kind: str
    """As in :class:`Documented`, or ``keyword``, ``argument``."""


@dataclass(frozen=True, slots=True)
class Completions:
    """How the name before the cursor may go on, the likeliest first."""

    ask: int
    start: int = 0
    """The column at which the name begins."""
    items: tuple[Completion, ...] = ()
