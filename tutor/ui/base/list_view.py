"""A list to choose from: a cursor that moves over the rows that can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from tutor.ui import keys
from tutor.ui.base.scroll_view import LineView


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the texts at its two ends, and the choice it stands for (None: it is only read)."""

    left: Text
    right: Text | None = None
    choice: str | None = None


class Rows(LineView, can_focus=True):
    """Rows with a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("list")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--mark", "rows--cursor"}

    class Moved(Message):
        """The cursor stands on another choice."""

    def __init__(self, *, widest: int = 1000, id: str | None = None) -> None:
        """``widest``: columns beyond which a row's two ends would be too far apart to be read together."""
        super().__init__(id=id)
        self._widest = widest
        self._rows: list[Row] = []
        self._cursor = -1

    @property
    def columns(self) -> int:
        """The width that a row takes."""
        return min(super().columns, self._widest)

    @property
    def choice(self) -> str | None:
        """The choice of the row under the cursor; None when there is nothing to choose."""
        return self._rows[self._cursor].choice if 0 <= self._cursor < len(self._rows) else None

    def show(self, rows: Sequence[Row], choice: str | None = None) -> None:
        """Show these rows, with the cursor on ``choice``, or where it was, or on the first that can be chosen."""
        target = choice if choice is not None else self.choice
        self._rows = list(rows)
        able = [index for index, row in enumerate(self._rows) if row.choice is not None]
        same = [index for index in able if self._rows[index].choice == target]
        self._cursor = (same or able or [-1])[0]
        self.changed()
        self.keep_in_sight(self._cursor)

    def count(self) -> int:
        """The number of rows."""
        return len(self._rows)

    def line(self, y: int) -> Strip:
        """A row, the one under the cursor marked by a sign and a style."""
        row = self._rows[y]
        here = y == self._cursor
        width = self.columns
        pointer = "> " if self.ascii else "› "
        head = (pointer if here else "  ") if row.choice is not None else ""
        right = row.right if row.right is not None and row.right.cell_len + 20 < width else Text()
        room = max(1, width - len(head) - right.cell_len - (1 if right else 0))
        left = row.left.copy()
        left.truncate(room, overflow="crop" if self.ascii else "ellipsis", pad=True)
        text = Text.assemble(head, left, " " if right else "", right, no_wrap=True, end="")
        strip = Strip(text.render(self.app.console))
        return strip.apply_style(self.get_component_rich_style("rows--cursor", partial=True)) if here else strip

    def action_move(self, step: int) -> None:
        """To the next row that can be chosen, in the direction of ``step``."""
        index = self._cursor + step
        while 0 <= index < len(self._rows) and self._rows[index].choice is None:
            index += step
        if 0 <= index < len(self._rows):
            self._go(index)
        elif step < 0:
            self.scroll_home(animate=False)  # what stands above the first choice

    def action_page(self, step: int) -> None:
        """A page up or down."""
        self._near(self._cursor + step * max(1, self.size.height - 1))

    def action_end(self, step: int) -> None:
        """To the first or the last row."""
        self._near(0 if step < 0 else len(self._rows) - 1)
        if step < 0:
            self.scroll_home(animate=False)

    def _near(self, index: int) -> None:
        able = [i for i, row in enumerate(self._rows) if row.choice is not None]
        if able:
            self._go(min(able, key=lambda i: abs(i - index)))

    def _go(self, index: int) -> None:
        self._cursor = index
        self.keep_in_sight(index)
        self.refresh()
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.changed()
        self.keep_in_sight(self._cursor)
