"""The dialogs: a question, another file for what can't be saved, help, and the documentation of a name."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tutor.render.text.layout import Drawing, drawing, hang
from tutor.render.text.style import Look
from tutor.ui import keys
from tutor.ui.base.bars import Footer
from tutor.ui.base.scroll_view import Sheet

if TYPE_CHECKING:
    from tutor.protocol.codec import Documented

ANSWERING = (
    ("A B C", "Answer with an option; where several are right, tick it"),
    ("Up Down Enter", "Choose an option or a line, and answer; afterwards go on"),
    ("Space", "Tick an option; take a line up, to move it with Up and Down, and put it down"),
    ("?", "As ^T, where nothing is typed"),
    ("O", "As ^O, where nothing is typed"),
)
ABOUT_QUIZ = """\
After a wrong answer you may try once more; Enter without another answer shows the right one. What was not right at \
once comes again at the end, and is asked again on another day. What you answered is saved as you go."""
WORDS = """\
A lesson is a page of text and a snippet. Change the snippet and press ^R: it runs in a fresh process, and the \
lesson checks what it did. Nothing that you run can harm this program, and nothing you type is lost: drafts \
save themselves, and the next start opens where you were."""


class ConfirmDialog(ModalScreen[bool]):
    """Asks a yes-or-no question; without a yes, it shows a message until it is closed.

    Ends with true for yes, and false for no.
    """

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


class Elsewhere(ModalScreen[bool]):
    """Offers another file when the program is left and something can't be saved.

    Ends with whether the program is to be left: all is saved elsewhere, or the learner gives it up.
    """

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("elsewhere")

    def __init__(self, problem: str, save: Callable[[Path], str]) -> None:
        """``save`` writes all to a new file; it returns what went wrong, in a sentence, else nothing."""
        super().__init__()
        self._problem = problem
        self._save = save

    def compose(self) -> ComposeResult:
        """What is to be done comes first: where there is little room, the reason is cut."""
        actions = ("save", "dismiss(True)", "dismiss(False)")
        save, give_up, go_on = (keys.key(action, "elsewhere") for action in actions)
        field = Input(str(_proposal()), compact=True, select_on_focus=False, id="elsewhere")
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


def _proposal() -> Path:
    """A file that isn't there, in this folder if one can write to it, else in the one for temporary files."""
    here = Path.cwd()
    folder = here if os.access(here, os.W_OK) else Path(tempfile.gettempdir())
    name = time.strftime("tutor-%Y%m%d-%H%M%S")
    return folder / f"{name}.jsonl"


class HelpScreen(ModalScreen[None]):
    """Every key of a place, and of editing."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("help")

    def __init__(self, place: keys.Place, look: Look) -> None:
        super().__init__()
        self._place = place
        self._look = look

    def compose(self) -> ComposeResult:
        """One page that scrolls."""
        with Vertical(classes="dialog help"):
            yield Sheet()

    def on_mount(self) -> None:
        """Show the page."""
        sheet = self.query_one(Sheet)
        words = ABOUT_QUIZ if self._place == "quiz" else WORDS
        blocks = {"words": _paragraph(self._look.spell(words)), "keys": self._table(self._place)}
        if self._place == "quiz":
            blocks["asked"] = _pairs([*ANSWERING, *keys.help_lines(keys.at("question"), ascii=self._look.ascii)])
        if self._place == "lesson":
            blocks["title"] = Drawing(lambda width: [Text("In the editor", "bold")])
            blocks["editing"] = self._table("editor")
        blocks["leave"] = _paragraph("Esc closes this page.", "dim")
        sheet.show(dict(blocks))
        sheet.focus()

    def _table(self, *places: keys.Place) -> Drawing:
        return _pairs(keys.help_lines(keys.at(*places), ascii=self._look.ascii))


@drawing
def _pairs(width: int, pairs: Sequence[tuple[str, str]]) -> Iterator[Text]:
    """Keys at the left, what they do at the right."""
    size = max(len(names) for names, _ in pairs) + 3
    for names, help in pairs:
        yield from hang(Text(names.ljust(size), "bold"), Text(help), width)


def _paragraph(text: str, style: str = "") -> Drawing:
    return Drawing(lambda width: hang("", Text(text, style), width))


class DocsScreen(ModalScreen[None]):
    """A signature and a docstring, from the torch that is installed.

    It stands over the text where there is one beside the code, so that the code stays in sight; else over all.
    """

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
        yield Footer()

    def on_mount(self) -> None:
        """Show the page."""
        self.query_one("#docs").styles.width = self._beside or "1fr"
        from tutor.render.text.rst import documentation

        sheet = self.query_one(Sheet)
        sheet.show({"docs": documentation(self._event, self._look)})
        sheet.focus()
        self.query_one(Footer).rows(keys.at("docs", "scroll"), {})
