"""A graph or a module on a full screen: an outline whose folds open and close."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from tutor.render.graph import outline
from tutor.render.text.style import Look
from tutor.ui import keys
from tutor.ui.base.list_view import Row, Rows
from tutor.ui.inspect.base import InspectScreen
from tutor.ui.inspect.state import Inspectable

POINTER = 2
"""Columns before a row, for the cursor."""


class OutlineScreen(InspectScreen):
    """Rows with a cursor."""

    PLACES = ("inspect", "outline")
    VALUE = Rows
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
        self._folds = frozenset(row.key for row in rows(True) if row.fold)
        self._open: frozenset[int] = frozenset()
        """The folds that are open; none is at first."""

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
        self._draw(self._make(self._open), self._at)

    def _draw(self, rows: list[outline.OutlineRow], at: int) -> None:
        self.show_title()
        self._rows = rows
        width = max(1, self.room[0] - POINTER)
        above = [Row(line) for line in self._above(width)]
        drawn = outline.lines(rows, self.look, width)
        below = [Row(line, None, str(number)) for number, line in enumerate(drawn)]
        self.query_one(Rows).show([*above, *([Row(Text())] if above and below else []), *below], str(at))
        self.show_footer()

    def offers(self, action: str) -> bool:
        """Whether the row under the cursor can be folded, or any."""
        if action == "turn":
            return self._row is not None and self._row.fold
        return action != "all" or bool(self._folds)

    def labels(self) -> dict[str, str]:
        """What is open is closed by the key that opens what is closed."""
        is_open = self._row is not None and self._row.open
        all_open = self._open == self._folds
        return {"turn": "fold" if is_open else "unfold", "all": "fold all" if all_open else "unfold all"}

    # --- keys -----------------------------------------------------------------------------------------------

    def action_turn(self) -> None:
        """Open the fold under the cursor, or close it."""
        row = self._row
        if row is not None and row.fold:
            self._toggle(row.key)

    def action_unfold(self) -> None:
        """Open the fold under the cursor."""
        row = self._row
        if row is not None and row.fold and not row.open:
            self._toggle(row.key)

    def action_fold(self) -> None:
        """Close the fold under the cursor, or the open one above it."""
        for row in reversed(self._rows[: self._at + 1]):
            if row.fold and row.open:
                self._toggle(row.key)
                return

    def action_all(self) -> None:
        """Open all folds; close them when they are."""
        row = self._row
        self._open = frozenset() if self._open == self._folds else self._folds
        if row is not None:
            self._follow(row.key)

    def _toggle(self, key: int) -> None:
        self._open ^= {key}
        self._follow(key, fold=True)

    def _follow(self, key: int, *, fold: bool = False) -> None:
        """Draw anew, the cursor on the row of ``key`` where it is still there."""
        rows = self._make(self._open)
        same = [number for number, row in enumerate(rows) if row.key == key and (row.fold or not fold)]
        self._draw(rows, same[0] if same else min(self._at, max(0, len(rows) - 1)))


def outline_screen(value: Inspectable, look: Look) -> OutlineScreen:
    """The autograd graph of a tensor, or the layers of a module."""
    if (graph := value.graph) is not None:
        from tutor.render.graph import autograd_graph

        return OutlineScreen(value, look, lambda open: autograd_graph.rows(graph, look, open))
    from tutor.render.graph import module_tree

    module, activations = value.module, value.activations
    assert module is not None
    above = partial(module_tree.title, module, look)
    return OutlineScreen(value, look, lambda open: module_tree.rows(module, look, open, activations), above)
