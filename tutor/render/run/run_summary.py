"""The graphs, parameters, modules and tensors of a run, chosen so that nothing is drawn twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tutor.protocol.codec import Graph, Module, Parameters, Tensors
from tutor.render.graph.autograd_graph import graph
from tutor.render.graph.module_tree import module
from tutor.render.graph.outline import LIMIT
from tutor.render.graph.parameters import parameters
from tutor.render.tensor.tensor_rows import tensors
from tutor.render.text.layout import Drawing
from tutor.render.text.style import Look

_AFTER_THE_FIRST = 7
"""Lines of a graph that isn't the first."""


def graphs(events: Iterable[Graph], look: Look, key: str = "", limit: int = LIMIT) -> list[Drawing]:
    """The graphs, the first in up to ``limit`` lines, those after it in half of them."""
    rest = min(limit, _AFTER_THE_FIRST)
    return [graph(event, look, False, rest if place else limit, key) for place, event in enumerate(events)]


def table(
    event: Parameters | None, listed: Tensors | None, look: Look, key: str = "", limit: int = LIMIT
) -> Drawing | None:
    """The table of parameters, without those whose few values stand among the tensors; None when none are left."""
    drawn = _tabled(event, listed)
    return parameters(drawn, look, limit, key) if drawn is not None else None


def modules(events: Iterable[Module], look: Look, key: str = "", limit: int = LIMIT) -> list[Drawing]:
    """The modules that hold something. Of a loss or an activation alone the tensor that it gave back says it all."""
    telling = [event for event in events if len(event.layers) > 1 or (event.layers and event.layers[0].parameters)]
    return [module(event, look, False, limit, key) for event in telling]


def others(event: Tensors | None, tabled: Parameters | None, look: Look) -> Drawing | None:
    """The tensors that the table of parameters does not tell of; None when there are none."""
    if event is None:
        return None
    drawn = _tabled(tabled, event)
    if drawn is not None:
        names = {row.name for row in drawn.rows}
        rest = [
            one for one in event.tensors if one.name not in names and not (drawn.hidden and one.kind == "Parameter")
        ]
        event = replace(event, tensors=tuple(rest))
    return tensors(event, look) if event.tensors else None


def _tabled(event: Parameters | None, listed: Tensors | None) -> Parameters | None:
    """The table as it is shown. Values that are few stand better as they are: a small tensor's, a small model's."""
    if event is None:
        return None
    read = {one.name for one in listed.tensors if one.text} if listed is not None else set()
    rows = tuple(row for row in event.rows if row.name not in read or "." in row.name)
    return replace(event, rows=rows) if any(row.name not in read for row in rows) else None
