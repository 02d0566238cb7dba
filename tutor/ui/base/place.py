"""What the home screen and the lesson screen have in common: header, footer, and the keys of everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events

from tutor.ui import keys, onward
from tutor.ui.base.bars import Bar, Footer, Piece
from tutor.ui.base.screen import FullScreen, said_in
from tutor.ui.wanted import Wanted

if TYPE_CHECKING:
    from tutor.ui.context import Desk

LEAST = (24, 6)
"""Columns and rows below which nothing but a sentence is shown."""
NARROW = (120, 16)
"""Columns and rows below which one pane is shown at a time."""


class PlaceScreen(FullScreen):
    """A screen that says where the learner is and what the machine is, with the keys of everywhere."""

    PLACE: ClassVar[keys.Place]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    @property
    def gap(self) -> str:
        """What stands between the pieces of the header."""
        return f" {self.desk.look.waits} "

    # --- what is said at the edges --------------------------------------------------------------------------

    def offers(self, action: str) -> bool:
        """Whether an action makes sense now."""
        return True

    def labels(self) -> dict[str, str]:
        """Other words for actions, for the moment."""
        return {}

    def show_footer(self) -> None:
        """Show the keys, unless something is being said."""
        if self._said is None:
            self.query_one(Footer).keys(self.PLACE, self.offers, self.labels())

    def show_header(self) -> None:
        """Show where the learner is and what the machine is."""
        raise NotImplementedError

    def machine_changed(self) -> None:
        """The worker has said something new of itself."""
        if self.is_mounted:
            self.show_header()

    def machine_pieces(self) -> list[Piece]:
        """Device, torch and what still loads, for the header."""
        machine, look = self.desk.machine, self.desk.look
        pieces = []
        if machine.fault:
            return [Piece(Text("no worker", "bold red"), 0)]
        if machine.loading:
            pieces.append(Piece(Text(f"{machine.loading}{look.more}", look.title_style), 1))
        if machine.device_name:
            pieces.append(Piece(Text(machine.device_name), 2))
        if machine.torch_version:
            pieces.append(Piece(Text(machine.torch_version, "dim"), 4))
        if self.desk.memory.problem:
            pieces.insert(0, Piece(Text("not saved", "bold red"), 0))
        return pieces

    # --- keys -----------------------------------------------------------------------------------------------

    def look_again(self) -> None:
        """Signs and styles have changed."""
        raise NotImplementedError

    def arrive(self) -> None:
        """Come back here from what stood over it."""

    def action_quiz(self) -> None:
        """Choose what to be asked."""
        onward.choose(self.tutor)

    def action_review(self) -> None:
        """What is due."""
        onward.ask(self.tutor, Wanted("due"))

    async def action_find(self) -> None:
        """A lesson by title or text."""
        self.tutor.find()

    async def action_help(self) -> None:
        """The key table."""
        from tutor.ui.base.help import HelpScreen

        self.app.push_screen(HelpScreen(self.PLACE, self.desk.look))

    async def action_palette(self) -> None:
        """Everything that can be done here."""
        from tutor.ui.base.picker import Chooser, actions

        def choose(action: str | None) -> None:
            if action is not None:
                self.call_later(self.run_action, action)

        self.app.push_screen(Chooser("What to do", actions(self.PLACE, self.offers, self.desk.look)), choose)

    def action_theme(self) -> None:
        """The next of dark, light, and the terminal's own colours."""
        self.say(f"Colours: {self.tutor.next_theme()}.")

    def break_off(self) -> None:
        """The program is about to be left: keep what this screen has not kept yet."""

    async def action_quit(self) -> None:
        """Leave; the app saves what there is to save."""
        await self.tutor.action_quit()

    # --- size -----------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Decide how much there is room for."""
        width, height = event.size
        self.set_class(width < LEAST[0] or height < LEAST[1], "-tiny")
        self.set_class(width < NARROW[0] or height < NARROW[1], "-narrow")
        tiny = self.query("#tiny")
        if tiny:
            words = Text(f"{width}x{height}, needs {LEAST[0]}x{LEAST[1]}")
            tiny.only_one(Bar).show(lambda width: said_in(words, width))
        self.resized()

    def resized(self) -> None:
        """There is other room. Textual calls ``on_resize`` of every class: a subclass has this one instead."""
