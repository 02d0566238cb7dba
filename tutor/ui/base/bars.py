"""Bars: header, footer, and the rule over a result. Each fits its pieces into its width."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from rich.text import Text
from textual.strip import Strip
from textual.widget import Widget

from tutor.ui.keys import Key, format_keys

GAP = 3
"""Columns between two entries of the footer."""
LEAST = 16
"""Columns that the left text keeps, if it is as long."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text at the right end of a bar; the highest rank is left out first where room is short."""

    text: Text
    rank: int = 0


def fit(left: Text, right: Sequence[Piece], width: int, *, gap: str) -> Text:
    """One line of ``width`` cells: ``left``, cut when it must be, and as many of the pieces as leave it room."""
    pieces = list(right)
    separator = Text(gap, "dim") if gap.strip() != "." else Text("  ")

    def joined() -> Text:
        return separator.join([piece.text for piece in pieces])

    reserved = min(left.cell_len, max(LEAST, width // 2))
    while pieces and joined().cell_len + reserved + 4 > width:
        pieces.remove(max(reversed(pieces), key=lambda piece: piece.rank))
    end = joined()
    room = max(0, width - 2 - end.cell_len - (2 if end else 0))
    start = left.copy()
    start.truncate(room, overflow="ellipsis" if not left.plain.isascii() else "crop", pad=True)
    line = Text.assemble(" ", start, "  " if end else "", end, " ", no_wrap=True, end="")
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


@dataclass(frozen=True, slots=True)
class FooterEntry:
    """Keys and what they do; the lowest rank stays longest where room is short."""

    keys: str
    label: str
    rank: int
    right: bool = False
    """At the right end of the footer."""


class Footer(Bar):
    """The keys of a place, as many as fit, the most needed first."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"footer--key"}

    def rows(self, rows: Iterable[Key], labels: Mapping[str, str]) -> None:
        """Show these rows of the key table, in their order; neighbours with the same label as one.

        ``labels`` renames some, by their actions, for the moment.
        """
        ascii, entries = self.app.has_class("-ascii"), []
        for label, group in groupby((row for row in rows if row.rank < 99), key=lambda row: row.label):
            first, *others = group
            names = [row.keys[0] for row in (first, *others)]
            label = labels.get(first.action, label)
            entries.append(FooterEntry(format_keys(names, ascii=ascii), label, first.rank, first.right))
        self.show(lambda width: self._line(entries, width))

    def words(self, words: Sequence[tuple[str, str]]) -> None:
        """Show keys and what they do, as many as fit: the first two, then the last, which leads away, then the rest."""
        order = [*words[:2], *words[2:][-1:], *words[2:-1]]
        entries = [FooterEntry(key, word, order.index((key, word))) for key, word in words]
        self.show(lambda width: self._line(entries, width))

    def _line(self, entries: Sequence[FooterEntry], width: int) -> Text:
        style = self.get_component_rich_style("footer--key", partial=True)
        texts = {entry: Text.assemble((entry.keys, style), " ", entry.label) for entry in entries}
        room = width - 1
        fitting: set[FooterEntry] = set()
        for entry in sorted(entries, key=lambda entry: entry.rank):
            size = texts[entry].cell_len + GAP
            if size <= room:
                fitting.add(entry)
                room -= size
        gap = Text(" " * GAP)
        left = gap.join([texts[entry] for entry in entries if entry in fitting and not entry.right])
        right = gap.join([texts[entry] for entry in entries if entry in fitting and entry.right])
        space = max(1, width - 2 - left.cell_len - right.cell_len)
        return Text.assemble(" ", left, " " * space, right, " ", no_wrap=True, end="")


class Rule(Bar):
    """A thin line with a word on it: the state of the result below it."""

    def say(self, word: Text, rule: str = "─") -> None:
        """Set the word; ``rule`` is the character of the line."""

        def line(width: int) -> Text:
            text = word.copy()
            text.truncate(max(0, width - 6), overflow="crop")
            rest = max(0, width - text.cell_len - 5)
            return Text.assemble((rule * 2, "dim"), " ", text, " ", (rule * rest, "dim"), no_wrap=True, end="")

        self.show(line)
