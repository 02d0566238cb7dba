"""The list of what the last run left, and the screens that are opened from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from tutor.curriculum.catalog import fold
from tutor.render.plot.curve import curve
from tutor.render.plot.plot_groups import before
from tutor.render.text.style import Look
from tutor.ui.base.list_view import Row
from tutor.ui.base.picker import Chooser, RowsFor, rank
from tutor.ui.inspect.base import ThingScreen, describe
from tutor.ui.inspect.state import Thing

if TYPE_CHECKING:
    from tutor.protocol.codec import Series
    from tutor.ui.run_service import Runs

PROMPT = "What the last run left: type to narrow, Enter opens, Esc leaves"


def inspect_picker(things: Sequence[Thing], look: Look, runs: Runs, run: int, past: Mapping[str, Series]) -> Chooser:
    """The list of ``things``, left by ``run``; ``past`` are the curves of the run before. What is opened leads back."""
    by_id = {thing.id: thing for thing in things}

    def screen(id: str) -> ThingScreen:
        thing = by_id[id]
        if thing.kind == "tensor":
            from tutor.ui.inspect.tensor_screen import TensorScreen

            return TensorScreen(thing, look, runs, run, grads=set(by_id))
        if thing.kind == "curve":
            return CurveScreen(thing, look, list(before(thing.curves, past.values())))
        if thing.kind == "parameters":
            return ParametersScreen(thing, look)
        from tutor.ui.inspect.outline_screen import graph_screen, module_screen

        return graph_screen(thing, look) if thing.kind == "graph" else module_screen(thing, look)

    return Chooser(PROMPT, listed(things, look), opens=screen)


def listed(things: Sequence[Thing], look: Look) -> RowsFor:
    """The rows of the list, as typing narrows them."""
    widest = min(28, max((len(thing.name) for thing in things), default=0))

    def row(thing: Thing) -> Row:
        left = Text(look.spell(thing.name), look.name_style)
        left.pad_right(max(0, widest - left.cell_len))
        return Row(left.append("  ").append_text(describe(thing, look)), Text(_word(thing), look.dim_style), thing.id)

    def rows(typed: str) -> list[Row]:
        query = fold(typed.strip())
        fits = [(rank(query, fold(f"{thing.name} {_word(thing)}")), thing) for thing in things]
        return [row(thing) for _, thing in sorted(((fit, thing) for fit, thing in fits if fit is not None), key=_first)]

    return rows


def _first(pair: tuple[int, Thing]) -> int:
    return pair[0]


def _word(thing: Thing) -> str:
    return "gradient" if thing.kind == "tensor" and thing.name.endswith(".grad") else thing.kind


class ParametersScreen(ThingScreen):
    """The parameters and their gradients, all rows and all figures."""

    def drawing(self) -> RenderableType:
        """The table."""
        from tutor.render.graph.parameters import parameters

        assert self.thing.parameters is not None
        return parameters(self.thing.parameters, self.look, limit=None)


class CurveScreen(ThingScreen):
    """A curve as high as the screen, the one of the run before dimmed behind it."""

    PLACES = ("inspect",)

    def __init__(self, thing: Thing, look: Look, before: Sequence[Series]) -> None:
        super().__init__(thing, look)
        self._before = before

    def drawing(self) -> RenderableType:
        """The curve, for the height there is."""
        return curve(self.thing.curves, self.look, height=self.room[1], previous=self._before)
