"""Help, made from the key table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tutor.render.text.layout import Drawing, hang
from tutor.render.text.style import Look
from tutor.ui import keys
from tutor.ui.base.scroll_view import Sheet

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


def _pairs(pairs: Sequence[tuple[str, str]]) -> Drawing:
    """Keys at the left, what they do at the right."""
    size = max(len(names) for names, _ in pairs) + 3

    def draw(width: int) -> list[Text]:
        lines: list[Text] = []
        for names, help in pairs:
            lines.extend(hang(Text(names.ljust(size), "bold"), Text(help), width))
        return lines

    return Drawing(draw)


def _paragraph(text: str, style: str = "") -> Drawing:
    return Drawing(lambda width: hang("", Text(text, style), width))
