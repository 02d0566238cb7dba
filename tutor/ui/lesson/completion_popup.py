"""The list at the cursor: how the name there may go on."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.geometry import Offset, Size
from textual.strip import Strip
from textual.widget import Widget

from tutor.render.text.style import Look
from tutor.ui.lesson.completion import Offer

ROWS = 8
"""Rows shown at a time."""
WIDEST = 48


class Popup(Widget):
    """Stands over everything else, and never has the keys: the editor goes on taking them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"popup--chosen"}

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.offer: Offer | None = None
        """The offer in the list; None while there is no list."""
        self._top = 0
        self.display = False

    def close(self) -> None:
        """Show nothing."""
        self.offer = None
        self.display = False

    def show(self, offer: Offer, cursor: Offset, screen: Size, look: Look) -> None:
        """Show an offer for the name that ends at ``cursor``: below it, or above where there is more room."""
        self.offer, self._look = offer, look
        count = min(ROWS, len(offer.fitting))
        below, above = screen.height - 2 - cursor.y, cursor.y - 1  # the footer and the header stay
        up = below < count and above > below
        rows = max(1, min(count, above if up else below))
        width = min(WIDEST, screen.width, max(self._width(item.name, item.kind) for item in offer.fitting[:100]))
        x = max(0, min(cursor.x - cell_len(offer.typed) - 1, screen.width - width))
        chosen = offer.chosen or 0
        self._top = max(min(self._top, chosen, len(offer.fitting) - rows), chosen - rows + 1, 0)
        self.styles.width, self.styles.height = width, rows
        self.styles.offset = (x, cursor.y - rows if up else cursor.y + 1)
        self.display = True
        self.refresh()

    @staticmethod
    def _width(name: str, kind: str) -> int:
        return cell_len(name) + 3 + (len(kind) + 1 if kind else 0)

    def render_line(self, y: int) -> Strip:
        """One way to go on: its name, and what kind of thing it is."""
        offer, width, look = self.offer, self.size.width, self._look
        index = self._top + y
        if offer is None or index >= len(offer.fitting):
            return Strip.blank(width, self.rich_style)
        item = offer.fitting[index]
        pointer = (">" if look.ascii else "›") if index == offer.chosen else " "
        line = Text.assemble(pointer, look.spell(item.name), no_wrap=True, end="")
        room = width - len(item.kind) - 1
        if line.cell_len > room:
            line.truncate(max(1, room), overflow="crop" if look.ascii else "ellipsis")
        line.pad_right(max(0, room - line.cell_len))
        line.append(f"{item.kind} ", look.dim_style)
        strip = Strip(line.render(self.app.console)).adjust_cell_length(width)
        if index == offer.chosen:
            strip = strip.apply_style(self.get_component_rich_style("popup--chosen", partial=True))
        return strip.apply_style(self.rich_style)
