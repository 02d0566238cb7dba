"""A dialog that asks a yes-or-no question; without a yes, it shows a message until it is closed."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tutor.ui import keys


class ConfirmDialog(ModalScreen[bool]):
    """Ends with true for yes, and false for no."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("confirm")

    def __init__(self, question: str, detail: str, yes: str = "") -> None:
        super().__init__()
        self._question = question
        self._detail = detail
        self._yes = yes

    def compose(self) -> ComposeResult:
        """The question, what it means, and the two answers."""
        yes_key, no_key = (keys.key(f"dismiss({answer})", "confirm").name for answer in (True, False))
        yes = Text.assemble((yes_key, "bold"), f" {self._yes}     ") if self._yes else Text()
        no = Text.assemble((no_key, "bold"), " no" if self._yes else " go on")
        with Vertical(classes="dialog ask"):
            yield Static(Text.assemble((self._question, "bold"), f"\n{self._detail}\n\n", yes, no))

    def on_key(self, event: events.Key) -> None:
        """No other key does anything here."""
        event.stop()
