"""The registry of drawings. Importing them takes a while, so it is left to the first result that is drawn."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from tutor.render import observations
from tutor.render.observations.drawing import BlockDrawing


@cache
def drawings() -> tuple[BlockDrawing, ...]:
    """The ``DRAWING`` of each module of the package, in the order in which they are shown."""
    names = [module.name for module in pkgutil.iter_modules(observations.__path__) if module.name != "registry"]
    modules = [import_module(f"{observations.__name__}.{name}") for name in names]
    blocks: list[BlockDrawing] = [module.DRAWING for module in modules if hasattr(module, "DRAWING")]
    return tuple(sorted(blocks, key=lambda drawing: drawing.position))
