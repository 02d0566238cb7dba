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
from tutor.ui.base.bars import Bar
from tutor.ui.base.list_view import Rows
from tutor.ui.base.screen import FullScreen
from tutor.ui.base.scroll_view import Sheet
from tutor.ui.inspect.state import Inspectable

BARS = 2
"""Lines of the screen that are not its drawing: header and footer."""


class InspectScreen(FullScreen):
    """A value of the last run on a full screen, between a line that names it and a line of keys."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("inspect")
    PLACES: ClassVar[tuple[keys.Place, ...]] = ("inspect", "scroll")
    VALUE: ClassVar[type[Sheet | Rows]] = Sheet
    """What the value is drawn in."""

    def __init__(self, value: Inspectable, look: Look) -> None:
        super().__init__()
        self.value = value
        self.look = look

    def body(self) -> ComposeResult:
        """The drawing."""
        yield self.VALUE(id="value")

    def on_mount(self) -> None:
        """Draw it."""
        self.query_one("#value").focus()
        self.draw()

    @property
    def room(self) -> tuple[int, int]:
        """Columns and lines for the drawing."""
        return max(1, self.app.size.width - 3), max(1, self.app.size.height - BARS)

    def on_resize(self) -> None:
        """The drawing has other room."""
        self.draw()

    def draw(self) -> None:
        """Draw all anew."""
        self.show_title()
        self.query_one(Sheet).show({"value": self.drawing()})
        self.show_footer()

    def show_title(self) -> None:
        """Draw the line that names it."""
        title, more = self.title_line(), self.look.more
        self.query_one("#header", Bar).show(lambda width: Text.assemble(" ", clip(title, width - 2, more)))

    def title_line(self) -> Text:
        """What it is."""
        look = self.look
        return Text.assemble((look.spell(self.value.name), look.title_style), "  ", describe(self.value, look))

    def drawing(self) -> RenderableType:
        """The drawing."""
        raise NotImplementedError

    def show_notice(self, sentence: str, style: str = "") -> None:
        """Say something in the place of the keys, until the next key."""
        super().show_notice(self.look.spell(sentence), style)

    def action_leave(self) -> None:
        """Back to the list."""
        self.dismiss(None)

    def action_interrupt(self) -> None:
        """Where there is nothing to copy, this leads back too."""
        self.action_leave()


def describe(value: Inspectable, look: Look) -> Text:
    """The value in a few words."""
    if value.tensor is not None:
        tensor = value.tensor
        text = Text(f"{signature(tensor):<14}")
        if tensor.text and len(tensor.text) <= 24:
            text.append(f"  {look.spell(tensor.text)}")
        elif tensor.low is not None and tensor.high is not None:
            text.append("  ").append(span(tensor.low, tensor.high, look))
        elif tensor.note:
            text.append(f"  {look.spell(tensor.note)}", look.dim_style)
        return text
    if value.graph is not None:
        nodes = value.graph.nodes
        leaves = sum(node.leaf for node in nodes)
        count = f"{len(nodes) - leaves:,}{'+' * bool(value.graph.hidden)}"
        return Text(f"{count} operations, {leaves:,} {'leaf' if leaves == 1 else 'leaves'}")
    if value.parameters is not None:
        return Text(f"{len(value.parameters.rows) + value.parameters.hidden:,} of them, with their gradients")
    if value.module is not None:
        layer = value.module.layers[0] if value.module.layers else None
        return Text(look.spell(f"{layer.kind.partition('(')[0]}  {layer.parameters:,} parameters") if layer else "")
    points = max(sum(bucket.count for bucket in series.buckets) for series in value.curves)
    return Text(f"{points:,} points" + (f", {len(value.curves)} of them" if len(value.curves) > 1 else ""))
