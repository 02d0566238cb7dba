"""The lines at the edges: header, footer, and the rule over a result. Each fits its pieces into its width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.strip import Strip
from textual.widget import Widget

from tutor.ui.keys import Key, Place, at


@dataclass(frozen=True, slots=True)
class Piece:
    """Something at the right end of a bar; the highest rank is left out first where room is short."""

    text: Text
    rank: int = 0


def fit(left: Text, right: Sequence[Piece], width: int, *, least: int = 16, gap: str = " · ") -> Text:
    """One line of ``width`` cells: ``left``, cut when it must be, and as many of the pieces as leave it room."""
    pieces = list(right)
    separator = Text(gap, "dim") if gap.strip() != "." else Text("  ")

    def joined() -> Text:
        return separator.join([piece.text for piece in pieces])

    wanted = min(left.cell_len, max(least, width // 2))
    while pieces and joined().cell_len + wanted + 4 > width:
        pieces.remove(max(reversed(pieces), key=lambda piece: piece.rank))
    end = joined()
    room = max(0, width - 2 - end.cell_len - (2 if end else 0))
    start = left.copy()
    if start.cell_len > room:
        start.truncate(room, overflow="ellipsis" if not left.plain.isascii() else "crop")
    start.pad_right(max(0, width - 2 - end.cell_len - start.cell_len))
    line = Text.assemble(" ", start, end, " ", no_wrap=True, end="")
    line.truncate(width, overflow="crop")
    return line


class Bar(Widget):
    """One line of text."""

    DEFAULT_CSS = "Bar { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text: Callable[[int], Text] = lambda width: Text()

    def show(self, text: Callable[[int], Text]) -> None:
        """Draw what ``text`` gives for the bar's width."""
        self._text = text
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line, in the bar's own colours."""
        width = self.size.width
        strip = Strip(self._text(width).render(self.app.console))
        return strip.adjust_cell_length(width).apply_style(self.rich_style)


class Footer(Bar):
    """The keys of a place, as many as fit, the most needed first."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"footer--key"}

    def keys(self, place: Place, offers: Callable[[str], bool], labels: dict[str, str] | None = None) -> None:
        """Show the keys of ``place`` that make sense now; ``labels`` renames some for the moment."""
        shown = [row for row in at(place) if row.rank < 99 and offers(row.action)]
        names = labels or {}
        self.show(lambda width: self._line(shown, names, width))

    def words(self, words: Sequence[tuple[str, str]], *, last: bool = False) -> None:
        """Show keys and what they do, as many as fit: the first come first.

        With ``last`` the last one, which leads away, comes before all but the first two.
        """
        order = [*words[:2], *words[2:][-1:], *words[2:-1]] if last else words

        def line(width: int) -> Text:
            style = self.get_component_rich_style("footer--key", partial=True)
            kept, room = [], width - 1
            for key, word in order:
                size = len(key) + len(word) + 4
                if size <= room:
                    kept.append((key, word))
                    room -= size
            made = Text(" ", no_wrap=True, end="")
            for key, word in words:
                if (key, word) in kept:
                    made.append(key, style).append(f" {word}   ")
            return made

        self.show(line)

    def _line(self, rows: list[Key], names: dict[str, str], width: int) -> Text:
        style = self.get_component_rich_style("footer--key", partial=True)

        def word(row: Key) -> Text:
            return Text.assemble((row.name, style), " ", names.get(row.action, row.label))

        room = width - 2
        kept: list[Key] = []
        for row in sorted(rows, key=lambda row: row.rank):
            size = word(row).cell_len + 3
            if size <= room:
                kept.append(row)
                room -= size
        gap = Text("   ")
        left = gap.join([word(row) for row in rows if row in kept and not row.right])
        right = gap.join([word(row) for row in rows if row in kept and row.right])
        space = max(1, width - 2 - left.cell_len - right.cell_len)
        return Text.assemble(" ", left, " " * space, right, " ", no_wrap=True, end="")


class Rule(Bar):
    """A thin line that carries a word: what the result below it is, and what happens right now."""

    def say(self, word: Text, rule: str = "─") -> None:
        """Set the word; ``rule`` is the character of the line."""

        def line(width: int) -> Text:
            said = word.copy()
            said.truncate(max(0, width - 6), overflow="crop")
            rest = max(0, width - said.cell_len - 5)
            return Text.assemble((rule * 2, "dim"), " ", said, " ", (rule * rest, "dim"), no_wrap=True, end="")

        self.show(line)
