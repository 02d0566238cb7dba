"""The list of what the last run left, and the screens that are opened from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from tutor.curriculum.catalog import fold
from tutor.render.plot.curve import before, curve
from tutor.render.text.style import Look
from tutor.ui.base.list_view import Row
from tutor.ui.base.picker import Chooser, RowsFor, best, rank
from tutor.ui.inspect.base import InspectScreen, describe
from tutor.ui.inspect.state import Inspectable

if TYPE_CHECKING:
    from tutor.protocol.codec import Series
    from tutor.ui.run_service import RunService

PROMPT = "What the last run left: type to narrow, Enter opens, Esc leaves"


def inspect_picker(
    values: Sequence[Inspectable], look: Look, runs: RunService, run: int, past: Mapping[str, Series]
) -> Chooser:
    """The list of the ``values`` of ``run``; ``past`` are the curves of the run before. What is opened leads back."""
    by_id = {value.id: value for value in values}

    def screen(id: str) -> InspectScreen:
        value = by_id[id]
        if value.kind == "tensor":
            from tutor.ui.inspect.tensor_screen import TensorScreen

            return TensorScreen(value, look, runs, run, grads=set(by_id))
        if value.kind == "curve":
            return CurveScreen(value, look, list(before(value.curves, past.values())))
        if value.kind == "parameters":
            return ParametersScreen(value, look)
        from tutor.ui.inspect.outline_screen import outline_screen

        return outline_screen(value, look)

    chooser = Chooser(PROMPT, value_rows(values, look), lambda id: chooser.app.push_screen(screen(id)), stays=True)
    return chooser


def value_rows(values: Sequence[Inspectable], look: Look) -> RowsFor:
    """The rows of the list, as typing narrows them."""
    widest = min(28, max((len(value.name) for value in values), default=0))

    def row(value: Inspectable) -> Row:
        name = Text(look.spell(value.name), look.name_style)
        name.pad_right(max(0, widest - name.cell_len))
        left = name.append("  ").append_text(describe(value, look))
        return Row(left, Text(_word(value), look.dim_style), value.id)

    def rows(typed: str) -> list[Row]:
        query = fold(typed.strip())
        return [row(value) for value in best(values, lambda value: rank(query, fold(f"{value.name} {_word(value)}")))]

    return rows


def _word(value: Inspectable) -> str:
    return "gradient" if value.kind == "tensor" and value.name.endswith(".grad") else value.kind


class ParametersScreen(InspectScreen):
    """The parameters and their gradients, all rows and all figures."""

    def drawing(self) -> RenderableType:
        """The table."""
        from tutor.render.graph.parameters import parameters

        assert self.value.parameters is not None
        return parameters(self.value.parameters, self.look, limit=None)


class CurveScreen(InspectScreen):
    """A curve as high as the screen, the one of the run before dimmed behind it."""

    PLACES = ("inspect",)

    def __init__(self, value: Inspectable, look: Look, before: Sequence[Series]) -> None:
        super().__init__(value, look)
        self._before = before

    def drawing(self) -> RenderableType:
        """The curve, for the height there is."""
        return curve(self.value.curves, self.look, height=self.room[1], previous=self._before)
