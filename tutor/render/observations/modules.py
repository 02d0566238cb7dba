"""The modules that hold something. Of a loss or an activation alone its tensor says it all."""

from __future__ import annotations

from tutor.client.run_record import RunRecord
from tutor.protocol.observations import Activations, Module
from tutor.render.graph.module_tree import module
from tutor.render.observations.drawing import BlockDrawing, Setting
from tutor.render.text.layout import Drawing


def _draw(record: RunRecord, setting: Setting) -> list[Drawing]:
    activations = record.named(Activations)
    return [
        module(event, setting.look, setting.limit, setting.key, activations.get(event.name))
        for event in record.named(Module).values()
        if len(event.layers) > 1 or (event.layers and event.layers[0].parameters)
    ]


DRAWING = BlockDrawing("modules", 50, (Module, Activations), _draw)
