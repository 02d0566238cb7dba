"""The curves of a run: losses, learning rates, gradient norms and lists of numbers."""

from __future__ import annotations

from tutor.client.run_record import RunRecord
from tutor.protocol.observations import Series
from tutor.render.observations.drawing import BlockDrawing, Setting
from tutor.render.plot.curve import groups, plots
from tutor.render.text.layout import Drawing

LEAST_HEIGHT = 7
"""Of a curve where several are to be seen at once."""


def _draw(record: RunRecord, setting: Setting) -> list[Drawing]:
    series, height = record.named(Series).values(), setting.curve_height
    if setting.visible_rows is not None:
        count = max(1, len(groups(series)))
        height = max(LEAST_HEIGHT, min(height, (setting.visible_rows - count + 1) // count))
    return plots(series, setting.look, height, setting.previous)


DRAWING = BlockDrawing("curves", 20, (Series,), _draw)
