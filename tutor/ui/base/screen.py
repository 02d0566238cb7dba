"""What all full screens have in common: a footer in whose place something may be said, until the next key."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual import events
from textual.screen import Screen

from tutor.ui.base.bars import Footer

if TYPE_CHECKING:
    from tutor.ui.app import Tutor


class FullScreen(Screen[None]):
    """A screen of the program itself, as against a dialog over it."""

    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self._said: Text | None = None

    @property
    def tutor(self) -> Tutor:
        """The app, by its own type."""
        return cast("Tutor", self.app)

    def show_footer(self) -> None:
        """Show the keys, unless something is being said."""
        raise NotImplementedError

    def say(self, sentence: str, style: str = "") -> None:
        """Say something in the footer's place, until the next key."""
        self._said = said = Text(sentence, style)
        self.query_one(Footer).show(lambda width: said_in(said, width))

    def hush(self) -> None:
        """Take back what was said."""
        if self._said is not None:
            self._said = None
            self.show_footer()

    def on_key(self, event: events.Key) -> None:
        """What was said goes away with the next key."""
        self.hush()

    def action_redraw(self) -> None:
        """Draw the screen anew."""
        self.tutor.forget_frame()
        self.refresh()


def said_in(text: Text, width: int) -> Text:
    """A sentence as one line of a bar."""
    line = Text.assemble(" ", text, no_wrap=True, end="")
    line.truncate(width, overflow="ellipsis" if not text.plain.isascii() else "crop")
    return line
