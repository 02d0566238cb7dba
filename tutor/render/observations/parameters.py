"""The table of parameters, without those whose few values stand among the tensors."""

from __future__ import annotations

from dataclasses import replace

from tutor.client.run_record import RunRecord
from tutor.protocol.observations import Parameters, Tensors
from tutor.render.graph.parameters import parameters
from tutor.render.observations.drawing import BlockDrawing, Setting
from tutor.render.text.layout import Drawing


def _draw(record: RunRecord, setting: Setting) -> list[Drawing]:
    drawn = parameters_of_table(record)
    return [parameters(drawn, setting.look, setting.limit, setting.key)] if drawn is not None else []


def parameters_of_table(record: RunRecord) -> Parameters | None:
    """The rows that the table shows. Few values, as of a small model, stand better as they are."""
    event, listed = record.latest(Parameters), record.latest(Tensors)
    if event is None:
        return None
    read = {one.name for one in listed.tensors if one.text} if listed is not None else set()
    rows = tuple(row for row in event.rows if row.name not in read or "." in row.name)
    return replace(event, rows=rows) if any(row.name not in read for row in rows) else None


DRAWING = BlockDrawing("parameters", 40, (Parameters, Tensors), _draw)
