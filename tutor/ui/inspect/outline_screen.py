"""A graph or a module on a full screen: an outline whose folds open and close."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from tutor.render.graph import outline
from tutor.render.text.style import Look
from tutor.ui import keys
from tutor.ui.base.bars import Bar, Footer
from tutor.ui.base.list_view import Row, Rows
from tutor.ui.inspect.base import InspectScreen
from tutor.ui.inspect.state import Folds, Inspectable

POINTER = 2
"""Columns before a row, for the cursor."""


class OutlineScreen(InspectScreen):
    """Rows with a cursor."""

    PLACES = ("inspect", "outline")
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("outline")

    def __init__(
        self,
        value: Inspectable,
        look: Look,
        rows: Callable[[outline.OpenFolds], list[outline.OutlineRow]],
        above: Callable[[int], list[Text]] = lambda width: [],
    ) -> None:
        """``rows`` gives the outline with these folds open, ``above`` the lines over it for a width."""
        super().__init__(value, look)
        self._make = rows
        self._above = above
        self._rows: list[outline.OutlineRow] = []
        self._folds = Folds(frozenset(row.key for row in rows(True) if row.fold))

    def compose(self) -> ComposeResult:
        """Name, outline, keys."""
        yield Bar(id="header")
        yield Rows(id="value")
        yield Footer(id="footer")

    def on_rows_moved(self) -> None:
        """Another row may open or close."""
        self.show_footer()

    @property
    def _at(self) -> int:
        """The number of the row under the cursor."""
        return int(self.query_one(Rows).choice or 0)

    @property
    def _row(self) -> outline.OutlineRow | None:
        return self._rows[self._at] if self._at < len(self._rows) else None

    def title_line(self) -> Text:
        """What it is; where that stands over the outline, only its name."""
        if not self._above(self.room[0]):
            return super().title_line()
        look = self.look
        return Text.assemble((look.spell(self.value.name), look.title_style), f"  {self.value.kind}")

    def draw(self) -> None:
        """Draw all rows, those of open folds included."""
        self._draw(self._at)

    def _draw(self, at: int) -> None:
        self.show_title()
        self._rows = self._make(self._folds.open)
        width = max(1, self.room[0] - POINTER)
        above = [Row(line) for line in self._above(width)]
        drawn = outline.lines(self._rows, self.look, width)
        rows = [Row(line, None, str(number)) for number, line in enumerate(drawn)]
        self.query_one(Rows).show([*above, *([Row(Text())] if above and rows else []), *rows], str(at))
        self.show_footer()

    def offers(self, action: str) -> bool:
        """Whether the row under the cursor can be folded, or any."""
        if action == "turn":
            return self._row is not None and self._row.fold
        return action != "all" or bool(self._folds.keys)

    def labels(self) -> dict[str, str]:
        """What is open is closed by the key that opens what is closed."""
        is_open = self._row is not None and self._row.open
        return {"turn": "fold" if is_open else "unfold", "all": "fold all" if self._folds.all_open else "unfold all"}

    # --- keys -----------------------------------------------------------------------------------------------

    def action_turn(self) -> None:
        """Open the fold under the cursor, or close it."""
        row = self._row
        if row is not None and row.fold:
            self._fold(row.key, open=not row.open)

    def action_unfold(self) -> None:
        """Open the fold under the cursor."""
        row = self._row
        if row is not None and row.fold and not row.open:
            self._fold(row.key, open=True)

    def action_fold(self) -> None:
        """Close the fold under the cursor, or the open one above it."""
        for row in reversed(self._rows[: self._at + 1]):
            if row.fold and row.open:
                self._fold(row.key, open=False)
                return

    def action_all(self) -> None:
        """Open all folds; close them when they are."""
        row = self._row
        self._folds = self._folds.with_all(not self._folds.all_open)
        if row is not None:
            self._follow(row.key)

    def _fold(self, key: int, *, open: bool) -> None:
        self._folds = self._folds.with_fold(key, open)
        self._follow(key, fold=True)

    def _follow(self, key: int, *, fold: bool = False) -> None:
        """Draw anew, the cursor on the row of ``key`` where it is still there."""
        rows = self._make(self._folds.open)
        same = [number for number, row in enumerate(rows) if row.key == key and (row.fold or not fold)]
        self._draw(same[0] if same else min(self._at, max(0, len(rows) - 1)))


def graph_screen(value: Inspectable, look: Look) -> OutlineScreen:
    """The autograd graph of a tensor."""
    from tutor.render.graph.autograd_graph import rows

    event = value.graph
    assert event is not None
    return OutlineScreen(value, look, lambda open: rows(event, look, open))


def module_screen(value: Inspectable, look: Look) -> OutlineScreen:
    """The layers of a module."""
    from tutor.render.graph.module_tree import rows, title

    event = value.module
    assert event is not None
    return OutlineScreen(
        value,
        look,
        lambda open: rows(event, look, open, value.activations),
        lambda width: title(event, look, width),
    )
