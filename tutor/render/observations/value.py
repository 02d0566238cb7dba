"""The value of the program's last expression."""

from __future__ import annotations

from tutor.client.run_record import RunRecord
from tutor.protocol.observations import Value
from tutor.render.observations.drawing import BlockDrawing, Setting
from tutor.render.tensor.tensor_rows import value
from tutor.render.text.layout import Drawing


def _draw(record: RunRecord, setting: Setting) -> list[Drawing]:
    last = record.latest(Value)
    return [value(last, setting.look)] if last is not None else []


DRAWING = BlockDrawing("value", 10, (Value,), _draw)
