"""The observations of a run by the probes: values, gradients, modules, series. Text and numbers, never a tensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Tensor:
    """What is known of a tensor without touching it, and a few of its values."""

    name: str
    """The name or expression it is reached by: ``x``, ``net.0.weight``; empty for a nameless value."""
    dtype: str
    """Short, as in ``f32 bf16 i64 u8 bool c64``."""
    shape: tuple[int | str, ...]
    """A size that isn't fixed by its symbol, ``s0``; ``("?",)`` where no size could be read."""
    device: str = "cpu"
    """Empty where it could not be read."""
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
    """``loss``, ``learning rate``, a list's own name; with a number when there are several."""
    kind: Literal["loss", "lr", "norm", "numbers"]
    """``norm``: of all gradients together, at each optimizer step. ``numbers``: a list that the program left."""
    buckets: tuple[Bucket, ...]


# --- lines ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Binding:
    """A name, and what it became."""

    name: str
    what: str
    """Short: ``f32[8,10]``, ``0.0312``, ``list[3]``, ``Net``; with the device where it isn't the run's."""
    grad: bool = False
    """Whether it tracks gradients."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What a line of the program last gave its names."""

    line: int
    bindings: tuple[Binding, ...]
    passes: int = 1
    """How often the line was passed."""
    raised: bool = False
    """The error came from this line; the bindings are its operands."""


@dataclass(frozen=True, slots=True)
class Hints:
    """A hint for each line that bound a name, in the order of the lines."""

    run: int
    lines: tuple[Hint, ...]
    note: str = ""
    """Why some are missing: ``compiled``; why all are: ``watches itself``, as a program that traces its calls does."""


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the program that was passed, and what it changed."""

    line: int
    function: str = ""
    """Empty at the top level of the program."""
    depth: int = 0
    """How many of the program's functions were entered and not left."""
    bindings: tuple[Binding, ...] = ()
    """Names that it bound or changed, gradients among them: ``w.grad``."""
    tensors: tuple[Tensor, ...] = ()
    """The tensors among these as they were right after it."""
    gone: tuple[str, ...] = ()
    """Names that are no more."""
    printed: int = 0
    """Characters that the program had printed by then."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The next lines that the program passed. Several come, one after the other."""

    run: int
    steps: tuple[Step, ...]
    cut: bool = False
    """The program went on for longer than was to be reported."""


# --- gradients and modules ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Node:
    """An operation of an autograd graph with the tensor that it made, or a leaf."""

    operation: str
    """``Mul``; empty for a leaf."""
    what: str = ""
    """The tensor: ``f32[4,16]``; empty where it isn't known."""
    name: str = ""
    """What the program calls it; empty for one in between."""
    inputs: tuple[int, ...] = ()
    """Where the nodes that it was made from stand in :attr:`Graph.nodes`."""
    leaf: bool = False
    keeps: bool = False
    """Whether ``backward()`` fills its ``.grad``: a leaf, or one that was asked to retain it."""
    grad: str = ""
    """What lies in ``.grad``: ``f32[3]``; empty while it is None."""
    freed: bool = False
    """What it saved for ``backward()`` is gone."""


@dataclass(frozen=True, slots=True)
class Graph:
    """The autograd graph of one tensor, back to its leaves. The tensor itself is the first node."""

    run: int
    name: str
    nodes: tuple[Node, ...]
    hidden: int = 0
    """How many more nodes there are."""


@dataclass(frozen=True, slots=True)
class ValueDistribution:
    """How the values of a tensor lie."""

    low: float | None = None
    high: float | None = None
    """Of the finite values; None when there are none."""
    norm: float | None = None
    """The Euclidean norm of all values, NaN and infinities left out."""
    zeros: float = 0.0
    """Share of values that are exactly 0."""
    bad: int = 0
    """How many are NaN or infinite."""
    histogram: tuple[int, ...] = ()
    """Counts in equal steps from ``low`` to ``high``."""
    sampled: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter, and its gradient beside it."""

    name: str
    what: str
    """``f32[16,8]``."""
    trainable: bool
    value: ValueDistribution
    grad: ValueDistribution | None = None
    note: Literal["", "vanishing", "exploding", "bad", "zero"] = ""
    """What strikes about its gradient; ``bad``: it holds NaN or infinities."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters that can be trained: of modules, and tensors that track gradients on their own."""

    run: int
    rows: tuple[Parameter, ...]
    hidden: int = 0
    """How many more there are, after the first half of ``rows``."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A module within a module that ran."""

    name: str
    """Its path: ``features.0``; empty for the outermost."""
    kind: str
    """``Linear``, and what tells it from others: ``Linear(8, 16)``."""
    depth: int = 0
    output: str = ""
    """What it gave back when it was last looked at: ``f32[32,16]``; empty if it wasn't called."""
    parameters: int = 0
    """Numbers in its own parameters and those below it, each counted once."""
    trainable: int = 0
    """How many of them are trained."""
    training: bool = True
    """Whether it is in train mode."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module that the program left in a name: its layers, each below the one that holds it."""

    run: int
    name: str
    layers: tuple[Layer, ...]
    """Itself first, its name empty."""
    hidden: int = 0
    note: str = ""
    """Why shapes are missing: ``compiled``."""


@dataclass(frozen=True, slots=True)
class Activation:
    """How the values lie that a layer gave back when it was last sampled."""

    layer: str
    """Its path, as in :attr:`Layer.name`."""
    mean: float | None = None
    deviation: float | None = None
    """Standard deviation. Both of the finite values; None when there are none."""
    zeros: float = 0.0
    """Share of values that are exactly 0."""
    saturated: float | None = None
    """Share of values at the ends of a tanh or a sigmoid, where no gradient passes; None for any other layer."""
    bad: int = 0
    """How many are NaN or infinite."""


@dataclass(frozen=True, slots=True)
class Activations:
    """The outputs of a module's layers in a few numbers each."""

    run: int
    name: str
    """The name of the module, as in :attr:`Module.name`."""
    layers: tuple[Activation, ...]


Observation = Hints | Value | Tensors | Series | Graph | Parameters | Module | Activations | Steps
"""What a probe reports of a run. The protocol carries each class of this union."""
