"""All that can be drawn of a :class:`~tutor.protocol.answers.TensorSlice`, and how much of a tensor to ask for.

``heat`` draws what was asked for as a ``map``, ``values``, ``image`` and ``grid`` what has their name;
``statistics`` and ``histogram`` tell of the whole tensor, and any piece of it will do.
"""

from __future__ import annotations

from typing import Literal

from tutor.render.tensor.heatmap import grid, heat
from tutor.render.tensor.histogram import histogram, statistics
from tutor.render.tensor.image import image
from tutor.render.tensor.matrix import values
from tutor.render.tensor.shading import in_colours
from tutor.render.text.style import Look

__all__ = ["grid", "heat", "histogram", "image", "room", "statistics", "values"]

TILE = 16
"""Cells that a tile of a grid is wide at most."""
NUMBER = 10
"""Cells that a number takes with the space before it, mostly; more columns than fit are left out by ``values``."""
AROUND = {"values": 3, "map": 2, "image": 1, "grid": 4}
"""Lines that a drawing needs besides its values: scale, indices, what is shown."""


def room(how: Literal["values", "map", "image", "grid"], columns: int, lines: int, look: Look) -> tuple[int, int]:
    """How many rows and columns of values a drawing can show in ``columns`` by ``lines`` cells: at least 1 by 1.

    For a :class:`tutor.protocol.requests.Look`; of a grid it is the size of one tile.
    """
    lines = max(1, lines - AROUND[how])
    if how == "values":
        return lines, max(1, (columns - 6) // NUMBER)
    rows, across = (2 * lines, max(1, columns)) if in_colours(look) else (lines, max(1, columns // 2))
    if how == "grid":
        side = TILE if in_colours(look) else TILE // 2
        return min(side, rows), min(side, across)
    return rows, across
