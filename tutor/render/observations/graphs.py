"""The autograd graphs of a run, the first in more lines than those after it."""

from __future__ import annotations

from tutor.client.run_record import RunRecord
from tutor.protocol.observations import Graph
from tutor.render.graph.autograd_graph import graph
from tutor.render.observations.drawing import BlockDrawing, Setting
from tutor.render.text.layout import Drawing

_AFTER_THE_FIRST = 7
"""Lines of a graph that isn't the first."""


def _draw(record: RunRecord, setting: Setting) -> list[Drawing]:
    rest = min(setting.limit, _AFTER_THE_FIRST)
    return [
        graph(event, setting.look, rest if place else setting.limit, setting.key)
        for place, event in enumerate(record.named(Graph).values())
    ]


DRAWING = BlockDrawing("graphs", 30, (Graph,), _draw)
