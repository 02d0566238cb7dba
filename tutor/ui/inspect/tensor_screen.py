"""A tensor on a full screen: as a map, as numbers, as an image or as a grid, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.binding import BindingType

from tutor.render.tensor import piece as render
from tutor.render.tensor.heatmap import tiles
from tutor.render.tensor.tensor_rows import signature
from tutor.render.text.layout import Stacked
from tutor.render.text.style import Look
from tutor.ui import keys
from tutor.ui.inspect.base import ThingScreen
from tutor.ui.inspect.state import How, Thing, View, as_text, other, possible, view

if TYPE_CHECKING:
    from tutor.protocol.codec import Piece
    from tutor.ui.run_service import Runs

STATISTICS = 1
"""Lines kept for what is known of all values."""
PATIENCE = 0.4
"""Seconds that the worker may take before it is said that one waits for it."""


class TensorScreen(ThingScreen):
    """The piece of a tensor that was asked for last; the one before it stays in sight until it comes."""

    PLACES = ("inspect", "tensor")
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("tensor")

    def __init__(self, thing: Thing, look: Look, runs: Runs, run: int, grads: set[str]) -> None:
        """``grads``: ids of all that can be opened, ``x.grad`` among them where ``x`` has one."""
        super().__init__(thing, look)
        assert thing.tensor is not None
        self._tensor = thing.tensor
        self._runs = runs
        self._run = run
        self._known = grads
        self.view: View = view(thing.name, thing.tensor.shape)
        self.piece: Piece | None = None
        self._shown: View | None = None
        """What ``piece`` is of."""
        self._silent = ""
        """Why there is no piece."""
        self._asked: tuple[View, tuple[int, int]] | None = None
        """What was asked for last, and the room for it."""

    # --- asking ---------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Ask for what is seen first."""
        self.ask()

    def on_resize(self) -> None:
        """There is other room: ask for another piece."""
        if self.is_mounted:
            self.ask()

    @property
    def _picture(self) -> tuple[int, int]:
        """Columns and lines for the picture."""
        columns, lines = self.room
        return columns, max(1, lines - STATISTICS)

    @property
    def _values(self) -> tuple[int, int]:
        """Rows and columns of values that the picture has room for."""
        rows, columns = render.room(self.view.how, *self._picture, self.look)
        tensor = self._tensor
        whole = tensor.dtype == "bool" or tensor.dtype[0] in "iu"
        if self.view.how == "values" and whole and tensor.low is not None and tensor.high is not None:
            # Whole numbers are as wide as they are; room() reckons with the widest fraction.
            size = max(len(f"{int(tensor.low)}"), len(f"{int(tensor.high)}"), len(f"{max(self.view.shape, default=0)}"))
            columns = max(1, (self._picture[0] - 8) // (size + 2))
        return rows, columns

    def ask(self) -> None:
        """Ask for what is to be seen; an answer to an older question is not waited for."""
        asked = self.view, self._values
        if asked == self._asked:  # a screen that opens is told its size twice
            return
        self._asked = asked
        self.run_worker(self._ask(self.view), group="look", exclusive=True, exit_on_error=False)

    async def _ask(self, wanted: View) -> None:
        from tutor.protocol.codec import Piece

        waiting = self.set_timer(PATIENCE, lambda: self.say("Reading it."))
        try:
            answer = await self._runs.ask(wanted.request(self._runs.new_id(), self._run, self._values))
        finally:
            waiting.stop()
        self._said = None
        if isinstance(answer, Piece):
            self.piece, self._shown, self._silent = answer, wanted, ""
        else:
            self.piece, self._silent = None, "The worker that held it is gone; run the draft again."
        self.draw()

    # --- drawing --------------------------------------------------------------------------------------------

    def title_line(self) -> Text:
        """Name and place, and what it is."""
        look, tensor = self.look, self._tensor
        shown = self._shown or self.view
        words = [signature(tensor), tensor.device, tensor.kind, shown.how]
        return Text.assemble(
            (look.spell(shown.slice), look.title_style), "  ", look.spell("  ".join(word for word in words if word))
        )

    def drawing(self) -> RenderableType:
        """The piece, and below it what is known of all values."""
        look, piece, shown = self.look, self.piece, self._shown
        if piece is None or shown is None:
            return Text(self._silent, look.dim_style)
        statistics = render.statistics(piece, look)
        _, lines = self._picture
        if shown.histogram:
            return Stacked(statistics, Text(), render.histogram(piece, look, height=max(3, lines - 4)))
        if shown.how == "values":
            picture = render.values(piece, look)
        elif shown.how == "image":
            picture = render.image(piece, look, lines=lines)
        elif shown.how == "grid":
            picture = render.grid(piece, look, lines=lines)
        else:
            picture = render.heat(piece, look, lines=lines)
        return Stacked(picture, statistics) if piece.planes else picture

    def offers(self, action: str) -> bool:
        """Only what can be done with a tensor of this shape."""
        view, pages = self.view, len(self.view.paged)
        offered = {
            "move": self._movable,
            "leap": self._movable,
            "page": pages > 0,
            "another": pages > 1,
            "histogram": not view.histogram,
            "other": f"tensor {other(view.name)}" in self._known,
        }
        name, _, argument = action.partition("(")
        if name == "see":
            how = argument.strip("')")
            return how in possible(view.shape) and (how != view.how or view.histogram)
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
            return self.piece is not None and self.piece.tiles > self._tiles[1]
        if len(view.shape) < 2:
            return view.window[1] > room[0] * room[1]
        return view.window[0] > room[0] or view.window[1] > room[1]

    # --- keys -----------------------------------------------------------------------------------------------

    def _go(self, wanted: View) -> None:
        if wanted != self.view:
            self.view = wanted
            self.ask()

    def action_see(self, how: How) -> None:
        """See it in another way."""
        if how not in possible(self.view.shape):
            self.say(_impossible(how))
            return
        seen = self.view.seen(how)
        self._go(replace(seen, histogram=False))

    def action_histogram(self) -> None:
        """How all its values lie; again: back."""
        self._go(replace(self.view, histogram=not self.view.histogram))

    def action_page(self, step: int) -> None:
        """The next or last slice."""
        if not self.view.paged:
            self.say("There is one slice only.")
        self._go(self.view.turned(step))

    def action_another(self) -> None:
        """Page through another dimension."""
        self._go(self.view.another())

    def action_other(self) -> None:
        """Its gradient; or the tensor that this is the gradient of."""
        name = other(self.view.name)
        if f"tensor {name}" not in self._known:
            self.say(f"{self.view.name} has no .grad.")
            return
        self._go(replace(self.view, name=name))

    def action_move(self, rows: int, columns: int) -> None:
        """Move the window by a value; in a grid by a row of tiles, or by a tile."""
        if self.view.how == "grid":
            across, shown = self._tiles
            self._go(self.view.moved(rows * across + columns, 0, (shown, 1)))
        else:
            self._go(self.view.moved(rows, columns, self._values))

    def action_leap(self, step: int) -> None:
        """Move the window by its own height."""
        room = (self._tiles[1], 1) if self.view.how == "grid" else self._values
        self._go(self.view.moved(step * room[0], 0, room))

    def action_end(self, step: int) -> None:
        """To the first or the last row."""
        room = (self._tiles[1], 1) if self.view.how == "grid" else self._values
        self._go(self.view.moved(step * max(self.view.shape, default=1), step * self.view.window[1], room))

    @property
    def _tiles(self) -> tuple[int, int]:
        """Tiles in a row, and tiles in sight."""
        if self.piece is None:
            return 1, 1
        columns, lines = self._picture
        return tiles(self.piece, self.look, columns, lines)

    def action_interrupt(self) -> None:
        """The copy key of everywhere."""
        self.action_copy()

    def action_copy(self) -> None:
        """Put the values that are shown on the clipboard."""
        if self.piece is None or not self.piece.planes:
            self.say("There are no values to copy.")
            return
        self.app.copy_to_clipboard(as_text(self.piece.planes))
        count = sum(len(row) for plane in self.piece.planes for row in plane)
        self.say(f"Copied {count:,} value{'s' * (count != 1)}.")


def _impossible(how: How) -> str:
    if how == "image":
        return "An image has 1 or 3 channels before its height and width, of 8 at least."
    return "A grid shows tensors of three dimensions or more."
