"""The tensors that a program left and that the table of parameters doesn't show."""

from __future__ import annotations

from dataclasses import replace

from tutor.client.run_record import RunRecord
from tutor.protocol.observations import Parameters, Tensors
from tutor.render.observations.drawing import BlockDrawing, Setting
from tutor.render.observations.parameters import parameters_of_table
from tutor.render.tensor.tensor_rows import tensors
from tutor.render.text.layout import Drawing


def _draw(record: RunRecord, setting: Setting) -> list[Drawing]:
    event = record.latest(Tensors)
    if event is None:
        return []
    drawn = parameters_of_table(record)
    if drawn is not None:
        names = {row.name for row in drawn.rows}
        rest = [
            one for one in event.tensors if one.name not in names and not (drawn.hidden and one.kind == "Parameter")
        ]
        event = replace(event, tensors=tuple(rest))
    return [tensors(event, setting.look)] if event.tensors else []


DRAWING = BlockDrawing("tensors", 60, (Tensors, Parameters), _draw)
