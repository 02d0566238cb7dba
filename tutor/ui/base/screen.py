"""The base of all screens: a footer with a notice in its place, and what the places of the program share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import Screen

from tutor.ui import keys
from tutor.ui.base.bars import Bar, Footer, Piece
from tutor.ui.base.list_view import Row, Rows
from tutor.ui.messages import ChooseQuiz, FindLesson, QuizRequest, Request, StartQuiz

if TYPE_CHECKING:
    from tutor.ui.context import Context

LEAST = (24, 6)
"""Columns and rows below which nothing but a sentence is shown."""
NARROW = (120, 16)
"""Columns and rows below which one pane is shown at a time."""


def is_narrow(size: Size) -> bool:
    """Whether a terminal of this size shows one pane at a time."""
    return size.width < NARROW[0] or size.height < NARROW[1]


class FullScreen(Screen[None]):
    """A screen of the program itself, as against a dialog over it."""

    AUTO_FOCUS = ""
    PLACES: ClassVar[tuple[keys.Place, ...]]
    """Whose keys the footer has, in the order of the table; the first place is the screen's own."""

    def __init__(self) -> None:
        super().__init__()
        self._notice: Text | None = None

    def compose(self) -> ComposeResult:
        """Header, body, footer."""
        yield Bar(id="header")
        yield from self.body()
        yield Footer(id="footer")

    def body(self) -> ComposeResult:
        """What stands between header and footer."""
        raise NotImplementedError

    def request(self, request: Request) -> None:
        """Ask something of the app. It goes there directly, before any key that is still to come."""
        self.app.post_message(request)

    def offers(self, action: str) -> bool:
        """Whether an action makes sense now."""
        return True

    def labels(self) -> dict[str, str]:
        """Other words for actions, for the moment."""
        return {}

    def show_footer(self) -> None:
        """Show the keys that do something now, unless there is a notice."""
        if self._notice is None:
            rows = [row for row in keys.at(*self.PLACES) if self.offers(row.action)]
            self.query_one(Footer).rows(rows, self.labels())

    def show_notice(self, sentence: str, style: str = "") -> None:
        """Show a sentence in the footer's place, until the next key."""
        self._notice = notice = Text(sentence, style)
        self.query_one(Footer).show(lambda width: one_line(notice, width))

    def clear_notice(self) -> None:
        """Show the keys again."""
        if self._notice is not None:
            self._notice = None
            self.show_footer()

    def on_key(self, event: events.Key) -> None:
        """A notice goes away with the next key."""
        self.clear_notice()


class PlaceScreen(FullScreen):
    """A screen that says where the learner is and what the machine is, with the keys of everywhere."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    def compose(self) -> ComposeResult:
        """Beside header, body and footer, the sentence for when nothing fits."""
        yield from super().compose()
        yield Bar(id="tiny")

    @property
    def gap(self) -> str:
        """The separator of the header's pieces."""
        return f" {self.context.look.waits} "

    # --- drawing --------------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Draw all anew."""
        raise NotImplementedError

    def show_header(self) -> None:
        """Show where the learner is and what the machine is."""
        raise NotImplementedError

    def machine_changed(self) -> None:
        """The worker has reported something new of itself."""
        self.show_header()

    def machine_pieces(self) -> list[Piece]:
        """Device, torch and what still loads, for the header."""
        machine, look = self.context.machine, self.context.look
        pieces = []
        if machine.fault:
            return [Piece(Text("no worker", "bold red"), 0)]
        if machine.loading:
            pieces.append(Piece(Text(f"{machine.loading}{look.more}", look.title_style), 1))
        if machine.device_name:
            pieces.append(Piece(Text(machine.device_name), 2))
        if machine.torch_version:
            pieces.append(Piece(Text(machine.torch_version, "dim"), 4))
        if self.context.learner.problem:
            pieces.insert(0, Piece(Text("not saved", "bold red"), 0))
        return pieces

    def look_again(self) -> None:
        """Signs and styles have changed."""
        self.draw()

    # --- coming and going -----------------------------------------------------------------------------------

    def leave_for(self, request: Request) -> None:
        """Leave this screen, which stands over another place, for what is asked of the app."""
        self.dismiss(None)
        self.request(request)

    def break_off(self) -> None:
        """The program is about to be left: keep what this screen has not kept yet."""

    # --- keys -----------------------------------------------------------------------------------------------

    def action_quiz(self) -> None:
        """Choose what to be asked."""
        self.request(ChooseQuiz())

    def action_review(self) -> None:
        """Ask the questions that are due."""
        self.request(StartQuiz(QuizRequest("due")))

    def action_find(self) -> None:
        """A lesson by title or text."""
        self.request(FindLesson())

    async def action_help(self) -> None:
        """The key table."""
        from tutor.ui.base.dialogs import HelpScreen

        self.app.push_screen(HelpScreen(self.PLACES[0], self.context.look))

    async def action_palette(self) -> None:
        """Everything that can be done here."""
        from tutor.ui.base.picker import Chooser, actions

        rows = actions(self.PLACES[0], self.offers, self.context.look)
        self.app.push_screen(Chooser("What to do", rows, partial(self.call_later, self.run_action)))

    # --- size -----------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Decide how much there is room for."""
        width, height = event.size
        self.set_class(width < LEAST[0] or height < LEAST[1], "-tiny")
        self.set_class(is_narrow(event.size), "-narrow")
        words = Text(f"{width}x{height}, needs {LEAST[0]}x{LEAST[1]}")
        self.query_one("#tiny", Bar).show(lambda width: one_line(words, width))
        self.resized()

    def resized(self) -> None:
        """There is other room. Textual calls ``on_resize`` of every class: a subclass has this one instead."""
        self.draw()


class ListScreen(PlaceScreen):
    """A place that is a list to choose from, as wide as the terminal and drawn whole each time."""

    next_choice: str | None = None
    """The choice that gets the cursor when it is drawn next."""

    def body(self) -> ComposeResult:
        """The list."""
        yield Rows(widest=98, id="lessons")

    def on_mount(self) -> None:
        """The list has the keys."""
        self.draw()
        self.query_one(Rows).focus()

    def rows(self) -> list[Row]:
        """The list."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw all anew, with the cursor where it was, unless the next choice was set."""
        self.show_header()
        self.show_footer()
        self.query_one(Rows).show(self.rows(), self.next_choice)
        self.next_choice = None

    def machine_changed(self) -> None:
        """The worker has reported something new of itself, which the list may tell as well."""
        self.draw()


def one_line(text: Text, width: int) -> Text:
    """A sentence as one line of a bar."""
    line = Text.assemble(" ", text, no_wrap=True, end="")
    line.truncate(width, overflow="ellipsis" if not text.plain.isascii() else "crop")
    return line
