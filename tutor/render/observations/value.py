"""The value of the program's last expression."""

from __future__ import annotations

from tutor.protocol.observations import Value
from tutor.render.observations.drawing import BlockDrawing, Observations, Setting
from tutor.render.tensor.tensor_rows import value
from tutor.render.text.layout import Drawing


def _draw(observed: Observations, setting: Setting) -> list[Drawing]:
    last = observed.latest(Value)
    return [value(last, setting.look)] if last is not None else []


DRAWING = BlockDrawing("value", 10, (Value,), _draw)
