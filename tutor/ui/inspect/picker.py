"""Looking closer at what the last run left: a list of it, and a full screen for whatever is opened from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from tutor.curriculum.catalog import fold
from tutor.render.plot.curve import curve
from tutor.render.plot.plot_groups import before
from tutor.render.tensor.tensor_rows import signature
from tutor.render.text.layout import clip, span
from tutor.render.text.style import Look
from tutor.ui import keys
from tutor.ui.base.bars import Bar, Footer
from tutor.ui.base.list_view import Row, Rows
from tutor.ui.base.picker import Chooser, RowsFor, rank
from tutor.ui.base.screen import FullScreen
from tutor.ui.base.scroll_view import Sheet
from tutor.ui.inspect.state import Thing

if TYPE_CHECKING:
    from tutor.protocol.codec import Series
    from tutor.ui.run_service import Runs

BARS = 2
"""Lines of a thing's screen that are not its drawing."""


class CloserScreen(Chooser):
    """All that can be opened. What is opened stands over this list, and leads back to it."""

    def __init__(self, things: Sequence[Thing], look: Look, runs: Runs, run: int, past: Mapping[str, Series]) -> None:
        """``run`` is the run that left ``things``, ``past`` the curves of the one before it."""
        super().__init__("What the last run left: type to narrow, Enter opens, Esc leaves", listed(things, look))
        self._things = {thing.id: thing for thing in things}
        self._look = look
        self._runs = runs
        self._run = run
        self._past = past

    def action_choose(self) -> None:
        """Open what is under the cursor."""
        thing = self._things.get(self.query_one(Rows).choice or "")
        if thing is not None:
            self.app.push_screen(self._screen(thing))

    def _screen(self, thing: Thing) -> ThingScreen:
        look = self._look
        if thing.kind == "tensor":
            from tutor.ui.inspect.tensor_screen import TensorScreen

            return TensorScreen(thing, look, self._runs, self._run, grads=set(self._things))
        if thing.kind == "curve":
            return CurveScreen(thing, look, list(before(thing.curves, self._past.values())))
        if thing.parameters is not None:
            return ParametersScreen(thing, look)
        from tutor.ui.inspect import outline_screen

        return (
            outline_screen.graph_screen(thing, look)
            if thing.kind == "graph"
            else outline_screen.module_screen(thing, look)
        )


def listed(things: Sequence[Thing], look: Look) -> RowsFor:
    """The rows of the list, as typing narrows them."""
    widest = min(28, max((len(thing.name) for thing in things), default=0))

    def row(thing: Thing) -> Row:
        left = Text(look.spell(thing.name), look.name_style)
        left.pad_right(max(0, widest - left.cell_len))
        return Row(left.append("  ").append_text(_short(thing, look)), Text(_word(thing), look.dim_style), thing.id)

    def rows(typed: str) -> list[Row]:
        query = fold(typed.strip())
        fits = [(rank(query, fold(f"{thing.name} {_word(thing)}")), thing) for thing in things]
        return [row(thing) for _, thing in sorted(((fit, thing) for fit, thing in fits if fit is not None), key=_first)]

    return rows


def _first(pair: tuple[int, Thing]) -> int:
    return pair[0]


def _word(thing: Thing) -> str:
    return "gradient" if thing.kind == "tensor" and thing.name.endswith(".grad") else thing.kind


def _short(thing: Thing, look: Look) -> Text:
    """What is known of it at a glance."""
    if thing.tensor is not None:
        tensor = thing.tensor
        made = Text(f"{signature(tensor):<14}")
        if tensor.text and len(tensor.text) <= 24:
            made.append(f"  {look.spell(tensor.text)}")
        elif tensor.low is not None and tensor.high is not None:
            made.append("  ").append(span(tensor.low, tensor.high, look))
        elif tensor.note:
            made.append(f"  {look.spell(tensor.note)}", look.dim_style)
        return made
    if thing.graph is not None:
        nodes = thing.graph.nodes
        leaves = sum(node.leaf for node in nodes)
        count = f"{len(nodes) - leaves:,}{'+' * bool(thing.graph.hidden)}"
        return Text(f"{count} operations, {leaves:,} {'leaf' if leaves == 1 else 'leaves'}")
    if thing.parameters is not None:
        return Text(f"{len(thing.parameters.rows) + thing.parameters.hidden:,} of them, with their gradients")
    if thing.module is not None:
        layer = thing.module.layers[0] if thing.module.layers else None
        return Text(look.spell(f"{layer.kind.partition('(')[0]}  {layer.parameters:,} parameters") if layer else "")
    points = max(sum(bucket.count for bucket in series.buckets) for series in thing.curves)
    return Text(f"{points:,} points" + (f", {len(thing.curves)} of them" if len(thing.curves) > 1 else ""))


class ThingScreen(FullScreen):
    """One thing on a full screen, between a line that names it and a line of keys."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("inspect")
    PLACES: ClassVar[tuple[keys.Place, ...]] = ("inspect", "scroll")
    """Whose keys the footer has."""

    def __init__(self, thing: Thing, look: Look) -> None:
        super().__init__()
        self.thing = thing
        self.look = look

    def compose(self) -> ComposeResult:
        """Name, drawing, keys."""
        yield Bar(id="header")
        yield Sheet(id="thing")
        yield Footer(id="footer")

    def on_mount(self) -> None:
        """Draw it."""
        self.query_one("#thing").focus()
        self.draw()

    @property
    def room(self) -> tuple[int, int]:
        """Columns and lines for the drawing."""
        return max(1, self.app.size.width - 3), max(1, self.app.size.height - BARS)

    def on_resize(self) -> None:
        """The drawing has other room."""
        if self.is_mounted:
            self.draw()

    def draw(self) -> None:
        """Draw all anew."""
        self.show_title()
        self.query_one(Sheet).show({"thing": self.drawing()})
        self.show_footer()

    def show_title(self) -> None:
        """Draw the line that names it."""
        title, more = self.title_line(), self.look.more
        self.query_one("#header", Bar).show(lambda width: Text.assemble(" ", clip(title, width - 2, more)))

    def title_line(self) -> Text:
        """What it is."""
        look = self.look
        return Text.assemble((look.spell(self.thing.name), look.title_style), "  ", _short(self.thing, look))

    def drawing(self) -> RenderableType:
        """The drawing."""
        raise NotImplementedError

    def offers(self, action: str) -> bool:
        """Whether an action does something now."""
        return True

    def labels(self) -> dict[str, str]:
        """Other words for actions, for the moment."""
        return {}

    def show_footer(self) -> None:
        """The keys that do something now, unless something is being said."""
        if self._said is None:
            rows = [row for row in keys.at(*self.PLACES) if self.offers(row.action)]
            self.query_one(Footer).rows(rows, self.labels())

    def say(self, sentence: str, style: str = "") -> None:
        """Say something in the place of the keys, until the next key."""
        super().say(self.look.spell(sentence), style)

    def action_leave(self) -> None:
        """Back to the list."""
        self.dismiss(None)

    def action_interrupt(self) -> None:
        """Where there is nothing to copy, this leads back too."""
        self.action_leave()


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
