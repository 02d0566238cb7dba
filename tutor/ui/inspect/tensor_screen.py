"""A tensor on a full screen: as a map, as numbers, as an image or as a grid, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.binding import BindingType

from tutor.render.tensor import heatmap, histogram, image, matrix
from tutor.render.tensor.tensor_rows import signature
from tutor.render.text.style import Look
from tutor.ui import keys
from tutor.ui.inspect.base import InspectScreen
from tutor.ui.inspect.state import (
    How,
    Inspectable,
    View,
    default_view,
    format_values,
    possible_modes,
    toggle_grad,
)

if TYPE_CHECKING:
    from tutor.protocol.codec import TensorSlice
    from tutor.ui.run_service import RunService

STATISTICS = 1
"""Lines kept for what is known of all values."""
PATIENCE = 0.4
"""Seconds that the worker may take before it is said that one waits for it."""


class TensorScreen(InspectScreen):
    """A slice of a tensor. The last one stays in sight until the next one comes."""

    PLACES = ("inspect", "tensor")
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("tensor")

    def __init__(self, value: Inspectable, look: Look, runs: RunService, run: int, grads: set[str]) -> None:
        """``grads``: ids of all that can be opened, ``x.grad`` among them where ``x`` has one."""
        super().__init__(value, look)
        assert value.tensor is not None
        self._tensor = value.tensor
        self._runs = runs
        self._run = run
        self._ids = grads
        self.view: View = default_view(value.name, value.tensor.shape)
        self.tensor_slice: TensorSlice | None = None
        self._slice_view: View | None = None
        """What ``tensor_slice`` is a slice of."""
        self._problem = ""
        """Why there is no slice."""
        self._last_query: tuple[View, tuple[int, int]] | None = None
        """What was asked for last, and the room for it."""

    # --- asking ---------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Ask for what is seen first."""
        self.ask()

    def on_resize(self) -> None:
        """There is other room: ask for another slice."""
        self.ask()

    @property
    def _picture(self) -> tuple[int, int]:
        """Columns and lines for the picture."""
        columns, lines = self.room
        return columns, max(1, lines - STATISTICS)

    @property
    def _values(self) -> tuple[int, int]:
        """Rows and columns of values that the picture has room for."""
        rows, columns = matrix.window_size(self.view.how, *self._picture, self.look)
        tensor = self._tensor
        whole = tensor.dtype == "bool" or tensor.dtype[0] in "iu"
        if self.view.how == "values" and whole and tensor.low is not None and tensor.high is not None:
            # Whole numbers are as wide as they are; window_size() reckons with the widest fraction.
            size = max(len(f"{int(tensor.low)}"), len(f"{int(tensor.high)}"), len(f"{max(self.view.shape, default=0)}"))
            columns = max(1, (self._picture[0] - 8) // (size + 2))
        return rows, columns

    def ask(self) -> None:
        """Ask for what is to be seen; an answer to an older question is not waited for."""
        query = self.view, self._values
        if query == self._last_query:  # a screen that opens is told its size twice
            return
        self._last_query = query
        self.run_worker(self._ask(self.view), group="look", exclusive=True, exit_on_error=False)

    async def _ask(self, view: View) -> None:
        from tutor.protocol.codec import TensorSlice

        waiting = self.set_timer(PATIENCE, lambda: self.show_notice("Reading it."))
        try:
            answer = await self._runs.ask(view.request(self._runs.new_id(), self._run, self._values))
        finally:
            waiting.stop()
        self.clear_notice()
        if isinstance(answer, TensorSlice):
            self.tensor_slice, self._slice_view, self._problem = answer, view, ""
        else:
            self.tensor_slice, self._problem = None, "The worker that held it is gone; run the draft again."
        self.draw()

    # --- drawing --------------------------------------------------------------------------------------------

    def title_line(self) -> Text:
        """Name and place, and what it is."""
        look, tensor = self.look, self._tensor
        view = self._slice_view or self.view
        words = [signature(tensor), tensor.device, tensor.kind, view.how]
        return Text.assemble(
            (look.spell(view.slice), look.title_style), "  ", look.spell("  ".join(word for word in words if word))
        )

    def drawing(self) -> RenderableType:
        """The slice, and below it the statistics of all values."""
        look, tensor_slice, view = self.look, self.tensor_slice, self._slice_view
        if tensor_slice is None or view is None:
            return Text(self._problem, look.dim_style)
        statistics = histogram.statistics(tensor_slice, look)
        _, lines = self._picture
        if view.histogram:
            return Group(statistics, Text(), histogram.histogram(tensor_slice, look, height=max(3, lines - 4)))
        if view.how == "values":
            picture = matrix.values(tensor_slice, look)
        else:
            draw = {"image": image.image, "grid": heatmap.grid, "map": heatmap.heat}[view.how]
            picture = draw(tensor_slice, look, lines=lines)
        return Group(picture, statistics) if tensor_slice.planes else picture

    def offers(self, action: str) -> bool:
        """Only what can be done with a tensor of this shape."""
        view, pages = self.view, len(self.view.paged)
        offered = {
            "move": self._movable,
            "leap": self._movable,
            "page": pages > 0,
            "another": pages > 1,
            "histogram": not view.histogram,
            "other": f"tensor {toggle_grad(view.name)}" in self._ids,
        }
        name, _, argument = action.partition("(")
        if name == "see":
            how = argument.strip("')")
            return how in possible_modes(view.shape) and (how != view.how or view.histogram)
        return offered.get(name, True)

    def labels(self) -> dict[str, str]:
        """Which dimension pages, which one would, and what the gradient's key leads to."""
        view = self.view
        return {
            "page(-1)": "slice" if len(view.paged) == 1 else f"dim {view.dim}",
            "another": f"dim {view.next_dim}",
            "other": "value" if view.name.endswith(".grad") else ".grad",
        }

    @property
    def _movable(self) -> bool:
        """Not all of it is in sight."""
        view, room = self.view, self._values
        if view.histogram or view.how not in ("values", "grid"):
            return False
        if view.how == "grid":
            return self.tensor_slice is not None and self.tensor_slice.tiles > self._tiles[1]
        if len(view.shape) < 2:
            return view.window[1] > room[0] * room[1]
        return view.window[0] > room[0] or view.window[1] > room[1]

    # --- keys -----------------------------------------------------------------------------------------------

    def _go(self, view: View) -> None:
        if view != self.view:
            self.view = view
            self.ask()

    def action_see(self, how: How) -> None:
        """See it in another way."""
        if how not in possible_modes(self.view.shape):
            self.show_notice(_impossible(how))
            return
        self._go(replace(self.view.with_mode(how), histogram=False))

    def action_histogram(self) -> None:
        """How all its values lie; again: back."""
        self._go(replace(self.view, histogram=not self.view.histogram))

    def action_page(self, step: int) -> None:
        """The next or last slice."""
        if not self.view.paged:
            self.show_notice("There is one slice only.")
        self._go(self.view.turn_page(step))

    def action_another(self) -> None:
        """Page through another dimension."""
        self._go(replace(self.view, dim=self.view.next_dim))

    def action_other(self) -> None:
        """Its gradient; or the tensor that this is the gradient of."""
        name = toggle_grad(self.view.name)
        if f"tensor {name}" not in self._ids:
            self.show_notice(f"{self.view.name} has no .grad.")
            return
        self._go(replace(self.view, name=name))

    def action_move(self, rows: int, columns: int) -> None:
        """Move the window by a value; in a grid by a row of tiles, or by a tile."""
        if self.view.how == "grid":
            rows, columns = rows * self._tiles[0] + columns, 0
        self._go(self.view.scroll(rows, columns, self._in_sight))

    def action_leap(self, step: int) -> None:
        """Move the window by its own height."""
        self._go(self.view.scroll(step * self._in_sight[0], 0, self._in_sight))

    def action_end(self, step: int) -> None:
        """To the first or the last row."""
        rows, columns = step * max(self.view.shape, default=1), step * self.view.window[1]
        self._go(self.view.scroll(rows, columns, self._in_sight))

    @property
    def _in_sight(self) -> tuple[int, int]:
        """Rows and columns that the window moves by; of a grid its tiles."""
        return (self._tiles[1], 1) if self.view.how == "grid" else self._values

    @property
    def _tiles(self) -> tuple[int, int]:
        """Tiles in a row, and tiles in sight."""
        if self.tensor_slice is None:
            return 1, 1
        columns, lines = self._picture
        return heatmap.tiles(self.tensor_slice, self.look, columns, lines)

    def action_interrupt(self) -> None:
        """The copy key of everywhere."""
        self.action_copy()

    def action_copy(self) -> None:
        """Put the values that are shown on the clipboard."""
        if self.tensor_slice is None or not self.tensor_slice.planes:
            self.show_notice("There are no values to copy.")
            return
        self.app.copy_to_clipboard(format_values(self.tensor_slice.planes))
        count = sum(len(row) for plane in self.tensor_slice.planes for row in plane)
        self.show_notice(f"Copied {count:,} value{'s' * (count != 1)}.")


def _impossible(how: How) -> str:
    if how == "image":
        return "An image has 1 or 3 channels before its height and width, of 8 at least."
    return "A grid shows tensors of three dimensions or more."
