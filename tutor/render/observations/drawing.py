"""The form of a drawing of observations, found by the registry.

A drawing is a module directly in this package with a :class:`BlockDrawing` under the name ``DRAWING``. The app and the
command line draw all that the registry finds; nothing else lists it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tutor.client.run_record import RunRecord
from tutor.protocol.observations import Observation, Series
from tutor.render.graph.outline import LIMIT
from tutor.render.text.layout import Drawing
from tutor.render.text.style import Look


@dataclass(frozen=True, slots=True)
class Setting:
    """What a drawing is made for."""

    look: Look
    limit: int = LIMIT
    """Lines of one drawing at most."""
    key: str = ""
    """The key that shows all of it, as it is written for the learner."""
    curve_height: int = 12
    visible_rows: int | None = None
    """Rows that all curves share, where they are to be seen at once."""
    previous: Sequence[Series] = ()
    """The curves of the run before, to be seen behind the new ones."""


@dataclass(frozen=True, slots=True)
class BlockDrawing:
    """A block of a result."""

    block: str
    """Its name."""
    position: int
    """Its place among the blocks."""
    kinds: tuple[type[Observation], ...]
    """The observations that it is drawn from. It waits for the first of them; the others add to it."""
    draw: Callable[[RunRecord, Setting], list[Drawing]]
    """The drawings of the block, one below the other; none where there is nothing to show."""
