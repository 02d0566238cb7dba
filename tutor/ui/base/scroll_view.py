"""Views that scroll: lines drawn for the width there is, and a scroll mark at the right edge.

They use Textual's line interface: a page is one widget, so that showing a result costs no layout of the
screen and no widget for each block of it.
"""

from __future__ import annotations

from typing import ClassVar

from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tutor.render.text.layout import Drawing
from tutor.ui import keys

MARK = 2
"""Columns at the right edge: a space and the scroll mark."""


class LineView(ScrollView):
    """A column of lines. Subclasses count the lines and draw each."""

    DEFAULT_CSS = "LineView { scrollbar-size: 0 0; overflow-x: hidden; overflow-y: scroll; }"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("scroll")

    @property
    def ascii(self) -> bool:
        """The terminal shows nothing but ASCII."""
        return self.app.has_class("-ascii")

    def count(self) -> int:
        """The number of lines."""
        raise NotImplementedError

    def line(self, y: int) -> Strip:
        """The line at ``y``, counted from the top of the whole column."""
        raise NotImplementedError

    @property
    def columns(self) -> int:
        """The width that a line may take."""
        return max(1, self.size.width - MARK)

    def changed(self) -> None:
        """Say that lines came, went or changed."""
        size = Size(self.size.width, self.count())
        height = self.styles.height
        # Assigning virtual_size would lay the whole screen out, which nothing but an automatic height needs.
        self.set_reactive(LineView.virtual_size, size)
        if self.scroll_y > self.max_scroll_y:
            self.scroll_y = self.max_scroll_y
        self.refresh(layout=height is not None and height.is_auto)

    def render_line(self, y: int) -> Strip:
        """One row of the screen, as Textual asks for it."""
        style = self.rich_style
        width = self.size.width
        top = self.scroll_offset.y
        total = self.count()
        strip = self.line(top + y) if top + y < total else Strip.blank(0)
        strip = strip.adjust_cell_length(max(0, width - 1), style).apply_style(style)
        mark, emphasis = self._mark(y, top, total)
        return Strip([*strip, Segment(mark, style + emphasis)], width)

    def _mark(self, y: int, top: int, total: int) -> tuple[str, Style]:
        height = self.size.height
        if total <= height or not height:
            return " ", Style()
        first = top * height // total
        last = max(first + 1, min(height, (top + height) * height // total))
        if not first <= y < last:
            return " ", Style()
        if self.has_focus:
            return ("#" if self.ascii else "┃"), self.get_component_rich_style("lines--mark", partial=True)
        return ("|" if self.ascii else "│"), self.get_component_rich_style("lines--mark", partial=True)

    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--mark"}

    def action_page_up(self) -> None:
        """Up by one line less than a page, so that a reader keeps the thread."""
        self.scroll_to(y=self.scroll_offset.y - max(1, self.size.height - 1), animate=False)

    def action_page_down(self) -> None:
        """Down by one line less than a page."""
        self.scroll_to(y=self.scroll_offset.y + max(1, self.size.height - 1), animate=False)

    def keep_in_sight(self, y: int, around: int = 0) -> None:
        """Scroll, no further than needed, so that a line can be seen, and ``around`` lines on either side of it."""
        top, height = self.scroll_offset.y, self.size.height
        around = min(around, max(0, (height - 1) // 2))
        if y - around < top:
            self.scroll_to(y=max(0, y - around), animate=False)
        elif height and y + around >= top + height:
            self.scroll_to(y=y + around - height + 1, animate=False)

    def watch_has_focus(self, focus: bool) -> None:
        """The mark shows where the keys go."""
        super().watch_has_focus(focus)
        self.refresh()


class Sheet(LineView, can_focus=True):
    """Named blocks, one below the other with an empty line between them."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._blocks: dict[str, RenderableType] = {}
        self._drawn: dict[str, list[Strip]] = {}
        self._lines: list[Strip] = []
        self._width = 0
        self._stale = True
        self._awaited = ""
        """The block to scroll to once there is room: where one pane is seen, this may be another."""

    def show(self, blocks: dict[str, RenderableType]) -> None:
        """Show these blocks. Those that are the same object as before are not drawn again."""
        self._drawn = {
            name: strips for name, strips in self._drawn.items() if self._blocks.get(name) is blocks.get(name)
        }
        self._blocks = dict(blocks)
        self._stale = True
        self.changed()

    def at(self, name: str) -> int:
        """The line on which a block begins; 0 when it isn't there."""
        self._draw()
        y = 0
        for block in self._blocks:
            if block == name:
                return y
            y += len(self._drawn.get(block, ())) + 1
        return 0

    def reveal(self, name: str) -> None:
        """Scroll so that the block ``name`` can be seen, its beginning first."""
        if not self.size:
            self._awaited = name
            return
        top = self.at(name)
        bottom = top + len(self._drawn.get(name, ()))
        height = self.size.height
        if bottom > self.scroll_offset.y + height or top < self.scroll_offset.y:
            self.scroll_to(y=min(top, max(0, bottom - height)), animate=False)

    def count(self) -> int:
        """The number of lines of all blocks."""
        self._draw()
        return len(self._lines)

    def line(self, y: int) -> Strip:
        """The line at ``y``."""
        return self._lines[y]

    def on_resize(self) -> None:
        """Other widths break lines elsewhere."""
        self.changed()
        if self.size and self._awaited:
            self.reveal(self._awaited)
            self._awaited = ""

    def _draw(self) -> None:
        width = self.columns
        if not self.size.width or (not self._stale and width == self._width):
            return
        if width != self._width:
            self._drawn.clear()
        self._width = width
        self._stale = False
        self._lines = []
        for name, block in self._blocks.items():
            if name not in self._drawn:
                self._drawn[name] = self._strips(block, width)
            strips = self._drawn[name]
            if self._lines and strips:
                self._lines.append(Strip.blank(0))
            self._lines.extend(strips)

    def _strips(self, block: RenderableType, width: int) -> list[Strip]:
        console = self.app.console
        if isinstance(block, Drawing):  # its lines are laid out already; Rich would wrap them once more
            return [Strip(line.render(console)) for line in block.lines(width)]
        options = console.options.update(width=width, height=None, highlight=False)
        return [Strip(row) for row in console.render_lines(block, options, pad=False)]
