"""The base of the full screens of one value that the last run left: its name, its drawing, its keys."""

from __future__ import annotations

from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from tutor.render.tensor.tensor_rows import signature
from tutor.render.text.layout import clip, span
from tutor.render.text.style import Look
from tutor.ui import keys
from tutor.ui.base.bars import Bar, Footer
from tutor.ui.base.screen import FullScreen
from tutor.ui.base.scroll_view import Sheet
from tutor.ui.inspect.state import Thing

BARS = 2
"""Lines of the screen that are not its drawing: header and footer."""


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
        return Text.assemble((look.spell(self.thing.name), look.title_style), "  ", describe(self.thing, look))

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


def describe(thing: Thing, look: Look) -> Text:
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
