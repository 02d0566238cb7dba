"""The documentation of a name: its signature and docstring, from the torch that is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from tutor.render.text.layout import clip
from tutor.render.text.rst import documentation
from tutor.render.text.style import Look
from tutor.ui import keys
from tutor.ui.base.bars import Bar
from tutor.ui.base.scroll_view import Sheet

if TYPE_CHECKING:
    from tutor.protocol.codec import Documented


class DocsScreen(ModalScreen[None]):
    """Stands over the text where there is one beside the code, so that the code stays in sight; else over all."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("docs")

    def __init__(self, event: Documented, look: Look, beside: int) -> None:
        """``beside``: columns of the text pane; 0: there is none."""
        super().__init__()
        self._event = event
        self._look = look
        self._beside = beside

    def compose(self) -> ComposeResult:
        """One page that scrolls, over a line that says how to leave it."""
        yield Sheet(id="docs")
        yield Bar()

    def on_mount(self) -> None:
        """Show the page."""
        self.query_one("#docs").styles.width = self._beside or "1fr"
        sheet = self.query_one(Sheet)
        sheet.show({"docs": documentation(self._event, self._look)})
        sheet.focus()
        self.query_one(Bar).show(_foot)


def _foot(width: int) -> Text:
    return clip(Text.assemble(" ", ("Esc", "bold"), " back to the code   ", ("PgUp PgDn", "bold"), " scroll"), width)
