"""Drawings of what the probes observed of a run: one for each block of a result.

Importing them takes a while, so it is left to the first result that is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from tutor.client.run_record import RunRecord
from tutor.protocol.observations import Activations, Graph, Module, Observation, Parameters, Series, Tensors, Value
from tutor.render.graph.autograd_graph import graph
from tutor.render.graph.module_tree import module
from tutor.render.graph.outline import LIMIT
from tutor.render.graph.parameters import parameters
from tutor.render.plot.curve import groups, plots
from tutor.render.tensor.tensor_rows import tensors, value
from tutor.render.text.layout import Drawing
from tutor.render.text.style import Look

LEAST_HEIGHT = 7
"""Of a curve where several are to be seen at once."""
BLOCK_OF = {"curve": "curves", "graph": "graphs", "module": "modules", "tensor": "tensors"}
"""The block in which the pictures are that a lesson may name, where it has another name."""
_AFTER_THE_FIRST = 7
"""Lines of a graph that isn't the first."""


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a drawing is made for."""

    look: Look
    limit: int = LIMIT
    """Lines of one drawing at most."""
    key: str = ""
    """The key that shows all of it, as it is written for the learner."""
    curve_height: int = 12
    visible_rows: int | None = None
    """Rows that all curves share, where they are to be seen at once."""
    previous: Sequence[Series] = ()
    """The curves of the run before, to be seen behind the new ones."""
    first: str = ""
    """The name of what is drawn first within its block."""

    def order(self, named: Iterable[N]) -> list[N]:
        """What is to come first before the rest."""
        return sorted(named, key=lambda one: one.name != self.first)


@dataclass(frozen=True, slots=True)
class BlockDrawing:
    """A block of a result."""

    block: str
    """Its name."""
    kinds: tuple[type[Observation], ...]
    """The observations that it is drawn from. It waits for the first of them; the others add to it."""
    draw: Callable[[RunRecord, Setting], list[Drawing]]
    """The drawings of the block, one below the other; none where there is nothing to show."""


def _draw_value(record: RunRecord, setting: Setting) -> list[Drawing]:
    """The value of the program's last expression."""
    last = record.latest(Value)
    return [value(last, setting.look)] if last is not None else []


def _draw_curves(record: RunRecord, setting: Setting) -> list[Drawing]:
    """Losses, learning rates, gradient norms and lists of numbers."""
    series, height = record.named(Series).values(), setting.curve_height
    if setting.visible_rows is not None:
        count = max(1, len(groups(series)))
        height = max(LEAST_HEIGHT, min(height, (setting.visible_rows - count + 1) // count))
    return plots(series, setting.look, height, setting.previous, setting.first)


def _draw_graphs(record: RunRecord, setting: Setting) -> list[Drawing]:
    """The autograd graphs, the first in more lines than those after it."""
    rest = min(setting.limit, _AFTER_THE_FIRST)
    return [
        graph(event, setting.look, rest if place else setting.limit, setting.key)
        for place, event in enumerate(setting.order(record.named(Graph).values()))
    ]


def _draw_modules(record: RunRecord, setting: Setting) -> list[Drawing]:
    """The modules that hold something. Of a loss or an activation alone its tensor says it all."""
    activations = record.named(Activations)
    return [
        module(event, setting.look, setting.limit, setting.key, activations.get(event.name))
        for event in setting.order(record.named(Module).values())
        if len(event.layers) > 1 or (event.layers and event.layers[0].parameters)
    ]


def _draw_parameters(record: RunRecord, setting: Setting) -> list[Drawing]:
    drawn = _parameters_of_table(record)
    return [parameters(drawn, setting.look, setting.limit, setting.key)] if drawn is not None else []


def _parameters_of_table(record: RunRecord) -> Parameters | None:
    """The rows that the table shows. Few values, as of a small model, stand better among the tensors, as they are."""
    event, listed = record.latest(Parameters), record.latest(Tensors)
    if event is None:
        return None
    read = {one.name for one in listed.tensors if one.text} if listed is not None else set()
    rows = tuple(row for row in event.rows if row.name not in read or "." in row.name)
    return replace(event, rows=rows) if any(row.name not in read for row in rows) else None


def _draw_tensors(record: RunRecord, setting: Setting) -> list[Drawing]:
    """The tensors that the program left and that the table of parameters doesn't show."""
    event = record.latest(Tensors)
    if event is None:
        return []
    drawn = _parameters_of_table(record)
    if drawn is not None:
        names = {row.name for row in drawn.rows}
        rest = [
            one for one in event.tensors if one.name not in names and not (drawn.hidden and one.kind == "Parameter")
        ]
        event = replace(event, tensors=tuple(rest))
    event = replace(event, tensors=tuple(setting.order(event.tensors)))
    return [tensors(event, setting.look)] if event.tensors else []


DRAWINGS = (
    BlockDrawing("value", (Value,), _draw_value),
    BlockDrawing("curves", (Series,), _draw_curves),
    BlockDrawing("graphs", (Graph,), _draw_graphs),
    BlockDrawing("parameters", (Parameters, Tensors), _draw_parameters),
    BlockDrawing("modules", (Module, Activations), _draw_modules),
    BlockDrawing("tensors", (Tensors, Parameters), _draw_tensors),
)
"""All of them, in the order of their blocks. The app and the command line draw these; nothing else lists them."""
