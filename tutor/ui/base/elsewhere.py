"""The dialog that offers another file when the program is left and something can't be saved."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tutor.ui import keys


class Elsewhere(ModalScreen[bool]):
    """Ends with whether the program is to be left: all is saved elsewhere, or the learner gives it up."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("elsewhere")

    def __init__(self, problem: str, save: Callable[[Path], str]) -> None:
        """``save`` writes all to a new file; it returns what went wrong, in a sentence, else nothing."""
        super().__init__()
        self._problem = problem
        self._save = save

    def compose(self) -> ComposeResult:
        """What is to be done comes first: where there is little room, the reason is cut."""
        save, give_up, go_on = keys.at("elsewhere")
        field = Input(str(proposal()), compact=True, select_on_focus=False, id="elsewhere")
        field.cursor_blink = False
        with Vertical(classes="dialog elsewhere"):
            yield Static(Text("Not saved. Keep it in another file?", "bold"))
            yield field
            yield Static(
                Text.assemble((save.name, "bold"), f" {save.label}  ", (go_on.name, "bold"), f" {go_on.label}")
            )
            yield Static(Text.assemble((give_up.name, "bold"), f" {give_up.label}"))
            yield Static(Text(self._problem), id="reason")

    def on_mount(self) -> None:
        """The line has the keys."""
        self.query_one(Input).focus()

    def action_save(self) -> None:
        """Save and leave; or say why not."""
        name = self.query_one(Input).value.strip()
        trouble = self._save(Path(name).expanduser()) if name else "Type the name of a file."
        if not trouble:
            self.dismiss(True)
            return
        self.query_one("#reason", Static).update(Text(trouble, "bold red"))


def proposal() -> Path:
    """A file that isn't there, in this folder if one can write to it, else in the one for temporary files."""
    here = Path.cwd()
    folder = here if os.access(here, os.W_OK) else Path(tempfile.gettempdir())
    name = time.strftime("tutor-%Y%m%d-%H%M%S")
    return folder / f"{name}.jsonl"
