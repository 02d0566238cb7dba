"""The state of the inspection screens: the values of a run, the slice of a tensor in view."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tutor.client.run_record import RunRecord
    from tutor.protocol.codec import Graph, Module, Parameters, ReadTensor, Series, Tensor
    from tutor.protocol.observations import Activations

Kind = Literal["tensor", "graph", "parameters", "module", "curve"]
How = Literal["values", "map", "image", "grid"]
HOWS: tuple[How, ...] = typing.get_args(How)

SMALL = 12
"""Rows and columns up to which a matrix is read as numbers."""
IMAGE = 8
"""The least height and width of an image."""


@dataclass(frozen=True, slots=True)
class Inspectable:
    """Something that the last run left, and that can be opened."""

    kind: Kind
    name: str
    tensor: Tensor | None = None
    graph: Graph | None = None
    parameters: Parameters | None = None
    module: Module | None = None
    activations: Activations | None = None
    """How the outputs of its layers lie."""
    curves: tuple[Series, ...] = ()
    within: bool = False
    """A tensor that a module or another object holds."""

    @property
    def id(self) -> str:
        """Tells it from the others."""
        return f"{self.kind} {self.name}"


def inspectables(record: RunRecord | None) -> list[Inspectable]:
    """All that can be opened, in the order in which it is listed: a module's many tensors come last."""
    if record is None:
        return []
    from tutor.protocol.observations import (  # not before a run: importing them takes time
        Activations,
        Graph,
        Module,
        Parameters,
    )

    tensors = list(_tensors(record))
    listed = [value for value in tensors if not value.within]
    listed.extend(Inspectable("graph", graph.name, graph=graph) for graph in record.named(Graph).values())
    statistics = record.named(Activations)
    listed.extend(
        Inspectable("module", name, module=module, activations=statistics.get(name))
        for name, module in record.named(Module).items()
    )
    parameters = record.latest(Parameters)
    if parameters is not None and parameters.rows:
        listed.append(Inspectable("parameters", "parameters", parameters=parameters))
    listed.extend(_curves(record))
    return listed + [value for value in tensors if value.within]


def _tensors(record: RunRecord) -> Iterator[Inspectable]:
    """The tensors, each followed by its gradient."""
    from tutor.protocol.observations import Tensors

    tensors = record.latest(Tensors)
    for tensor in tensors.tensors if tensors is not None else ():
        within = "." in tensor.name
        yield Inspectable("tensor", tensor.name, tensor=tensor, within=within)
        if tensor.grad is not None:
            yield Inspectable("tensor", f"{tensor.name}.grad", tensor=tensor.grad, within=within)


def _curves(record: RunRecord) -> Iterator[Inspectable]:
    """Each plot that is drawn beside the code."""
    from tutor.protocol.observations import Series

    if series := record.named(Series).values():
        from tutor.render.plot.curve import groups

        for group in groups(series):
            name = ", ".join(one.name for one in group)
            yield Inspectable("curve", name if len(name) <= 28 else f"{group[0].name} and others", curves=tuple(group))


def default_mode(shape: tuple[int, ...]) -> How:
    """How a tensor of this shape is first seen."""
    if "image" in possible_modes(shape) and len(shape) == 3:
        return "image"
    if len(shape) == 4:
        return "image" if shape[-3] in (1, 3) and min(shape[-2:]) >= 2 * IMAGE else "grid"
    if len(shape) < 2:
        return "values" if (shape or (1,))[0] <= SMALL * SMALL else "map"
    return "values" if max(shape[-2:]) <= SMALL else "map"


def possible_modes(shape: tuple[int, ...]) -> tuple[How, ...]:
    """The ways in which a tensor of this shape can be seen."""
    image = len(shape) >= 3 and shape[-3] in (1, 3) and min(shape[-2:]) >= IMAGE
    return tuple(how for how in HOWS if (how != "image" or image) and (how != "grid" or len(shape) >= 3))


@dataclass(frozen=True)
class View:
    """Where one stands in a tensor. Each move gives another view."""

    name: str
    shape: tuple[int, ...]
    how: How
    index: tuple[int, ...] = ()
    """The position in each dimension before those that are drawn."""
    dim: int = 0
    """Which of these the paging keys turn."""
    top: int = 0
    left: int = 0
    histogram: bool = False
    """How all values lie is seen instead."""

    @property
    def drawn(self) -> int:
        """How many of the last dimensions are drawn."""
        most = 3 if self.how in ("image", "grid") else 2
        if self.how == "grid" and len(self.shape) > 3 and self.shape[-3] == 1:
            most = 4  # the one before takes the place of a single channel
        return min(most, len(self.shape))

    @property
    def leading(self) -> tuple[int, ...]:
        """The sizes of the dimensions that are paged through."""
        return self.shape[: len(self.shape) - self.drawn]

    @property
    def paged(self) -> tuple[int, ...]:
        """The dimensions among these in which there is another page."""
        return tuple(dim for dim, size in enumerate(self.leading) if size > 1)

    @property
    def next_dim(self) -> int:
        """The one that is paged through after another."""
        later = [dim for dim in self.paged if dim > self.dim]
        return (later or list(self.paged) or [0])[0]

    @property
    def window(self) -> tuple[int, int]:
        """Rows and columns that the window moves over; of a grid its tiles."""
        if self.how == "grid":
            return (self.shape[-4] if self.drawn == 4 else self.shape[-3]), 1
        rows, columns = (1, 1, *self.shape)[-2:]
        return rows, columns

    @property
    def slice(self) -> str:
        """What is seen of it, as it is written in Python: ``x[3, :, :]``; the dimension that pages in brackets."""
        if not self.leading:
            return self.name
        parts = [str(position) for position in self.index] + [":"] * self.drawn
        return f"{self.name}[{', '.join(parts)}]"

    def with_mode(self, how: How) -> View:
        """The same tensor, seen in another way; the place stays where it can."""
        if how == self.how or how not in possible_modes(self.shape):
            return self
        fresh = replace(self, how=how, top=0, left=0)
        count = len(fresh.leading)
        index = (*self.index, *(0,) * count)[:count]
        dim = self.dim if count == len(self.leading) else (fresh.paged or (0,))[-1]
        return replace(fresh, index=index, dim=dim)

    def turn_page(self, step: int) -> View:
        """The next or last page of the dimension that pages; over its end into the next one outside of it."""
        if not self.leading:
            return self
        index = list(self.index)
        dim = self.dim
        while dim >= 0:
            position = index[dim] + step
            if 0 <= position < self.leading[dim]:
                index[dim] = position
                return replace(self, index=tuple(index))
            index[dim] = 0 if step > 0 else self.leading[dim] - 1
            dim -= 1
        return self

    def scroll(self, rows: int, columns: int, room: tuple[int, int]) -> View:
        """The window elsewhere; ``room`` is how many values it shows each way."""
        if self.how not in ("values", "grid"):
            return self
        if len(self.shape) < 2:  # wrapped like text: a row of the window is as many elements
            last = max(0, (self.shape or (1,))[0] - room[0] * room[1])
            return replace(self, top=min(max(0, self.top + rows * room[1]), -(-last // room[1]) * room[1]))
        there = self.window
        top = min(max(0, self.top + rows), max(0, there[0] - room[0]))
        return replace(self, top=top, left=min(max(0, self.left + columns), max(0, there[1] - room[1])))

    def request(self, ask: int, run: int, room: tuple[int, int]) -> ReadTensor:
        """The request for what is seen here."""
        from tutor.protocol.codec import ReadTensor

        return ReadTensor(ask, run, self.name, self.how, self.index, self.top, self.left, *room)


def default_view(name: str, shape: tuple[int | str, ...]) -> View:
    """A tensor as it is first seen. One whose sizes aren't all numbers has no values, and nothing to move over."""
    numbers = tuple(size for size in shape if isinstance(size, int))
    fixed = numbers if len(numbers) == len(shape) else ()
    view = View(name, fixed, default_mode(fixed))
    return replace(view, index=(0,) * len(view.leading), dim=(view.paged or (0,))[-1])


def toggle_grad(name: str) -> str:
    """``x.grad`` for ``x``, and the other way round."""
    return name.removesuffix(".grad") if name.endswith(".grad") else f"{name}.grad"


def format_values(planes: tuple[tuple[tuple[float | None, ...], ...], ...]) -> str:
    """Values for the clipboard: one row a line, matrices parted by an empty line, in full precision."""
    return "\n\n".join(
        "\n".join(" ".join("nan" if value is None else repr(value) for value in row) for row in plane)
        for plane in planes
    )
