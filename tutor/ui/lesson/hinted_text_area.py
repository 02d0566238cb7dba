"""A text area that shows at the end of each line what it made, and draws no line anew that looks as it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from rich.cells import cell_len
from rich.text import Text
from textual._cells import cell_width_to_column_index
from textual.document._document import DocumentBase
from textual.expand_tabs import expand_tabs_inline
from textual.geometry import Size
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from tutor.control_characters import first_control, visible

if TYPE_CHECKING:  # nothing of this is needed before a run, and importing it would delay the first paint
    from tutor.protocol.codec import Hint
    from tutor.render.run.line_hints import Column
    from tutor.render.text.style import Look


class _DrawnDocument:
    """A document as it is drawn, for all that measures columns: a sign stands for each control character."""

    def __init__(self, document: DocumentBase) -> None:
        self._document = document

    @property
    def lines(self) -> list[str]:
        return [visible(line) for line in self._document.lines]

    def get_line(self, index: int) -> str:
        return visible(self._document.get_line(index))

    def __getitem__(self, index: int) -> str:
        return self.get_line(index)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._document, name)


class LineHints:
    """The hints of a run, each at its line wherever that goes; one whose line was edited is gone."""

    def __init__(self) -> None:
        self.by_row: dict[int, Hint] = {}
        """Rows are counted from 0."""
        self._lines: list[str] = []

    def fill(self, hints: Sequence[Hint], lines: Sequence[str]) -> None:
        """Take the hints of a run whose program had these lines."""
        self.by_row = {hint.line - 1: hint for hint in hints}
        self._lines = list(lines)

    def follow(self, lines: Sequence[str], same: int | None = None) -> None:
        """The text has other lines now. ``same`` is a row that keeps its hint whatever it says now."""
        old, new = self._lines, list(lines)
        self._lines = new
        if not self.by_row:
            return
        if len(old) == len(new):
            place = {row: row for row in range(len(old)) if old[row] == new[row] or row == same}
        else:
            place = _new_rows(old, new)
        self.by_row = {place[row]: hint for row, hint in self.by_row.items() if row in place}


class HintedArea(TextArea):
    """Code that isn't wrapped, with hints."""

    def __init__(self, text: str = "", **options: Any) -> None:
        self._hints = LineHints()  # TextArea's own beginning already asks for it
        self.same: int | None = None
        """A row that keeps its hint while it is being changed."""
        self._look: Look | None = None
        self._column: Column | None = None
        self._room = 0
        self._plain: dict[int, tuple[tuple[object, ...], Strip]] = {}
        """By row, the code as it was last drawn, and all that decided how."""
        self._drawn: dict[int, tuple[Strip, Hint, Strip]] = {}
        """By row, the same with a hint behind it."""
        super().__init__(text, **options)

    def show_hints(self, hints: Sequence[Hint], source: str, look: Look, same: int | None = None) -> None:
        """Draw at the ends of the lines what a run of ``source`` made there; it is no part of the text.

        Lines that were edited since then get none, but for the row ``same``, counted from 0.
        """
        lines = source.splitlines()
        if source.endswith("\n") or not lines:
            lines.append("")
        self._hints.fill(hints, lines)
        self._hints.follow(self.document.lines, same)
        self._look = look
        self._column = None
        self._drawn.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """Other styles: draw every line anew."""
        self._plain.clear()
        self._drawn.clear()
        super().notify_style_update()

    def load_text(self, text: str) -> None:
        """Take another text; nothing is known of its lines."""
        self._hints.fill((), ())
        super().load_text(text)

    # --- control characters, such as ESC: each is drawn as a sign, which takes a column -----------------------

    def _set_document(self, text: str, language: str | None) -> None:
        super()._set_document(text, language)
        self.wrapped_document.document = cast(DocumentBase, _DrawnDocument(self.document))

    def get_line(self, line_index: int) -> Text:
        """A line to be drawn."""
        return Text(visible(self.document.get_line(line_index)), end="", no_wrap=True)

    def get_column_width(self, row: int, column: int) -> int:
        """The cells before a column."""
        return cell_len(expand_tabs_inline(visible(self.document[row][:column]), self.indent_width))

    def cell_width_to_column_index(self, cell_width: int, row_index: int) -> int:
        """The column that so many cells come before."""
        return cell_width_to_column_index(visible(self.document[row_index]), cell_width, self.indent_width)

    # --- hints ------------------------------------------------------------------------------------------------

    def _build_highlight_map(self) -> None:
        """Let the hints go with their lines. TextArea calls this after each change of the text, whoever made it."""
        super()._build_highlight_map()
        for row, spans in self._highlights.items():  # in any order, and the last of two decides the colour
            spans.sort(key=_rank)
            if spans and first_control(line := self.document[row]):
                spans[:] = [(_offset(line, start), end and _offset(line, end), name) for start, end, name in spans]
        self._hints.follow(self.document.lines, self.same)

    def _refresh_size(self) -> None:
        """The text has another size, and maybe ends above the cursor: undo and redo move that only afterwards.

        A scrollbar that goes away looks for the cursor, and TextArea raises where it is beyond the text.
        """
        self.selection = Selection(*map(self.clamp_visitable, self.selection))
        super()._refresh_size()
        if any(map(first_control, self.document.lines)):  # TextArea doesn't count their columns
            width = max(self.get_column_width(row, len(line)) for row, line in enumerate(self.document.lines))
            self.virtual_size = Size(width + self.gutter_width + 1, self.virtual_size.height)
            self._refresh_scrollbars()

    def render_line(self, y: int) -> Strip:
        """A row of the screen: the code, and what it made."""
        strip = super().render_line(y)
        row = y + self.scroll_offset.y
        hint = self._hints.by_row.get(row)
        if hint is None or self._look is None:
            return strip
        cached = self._drawn.get(row)
        if cached is None or cached[0] is not strip or cached[1] is not hint:
            cached = self._drawn[row] = strip, hint, self._with_hint(strip, row, hint, self._look)
        return cached[2]

    def _render_line(self, y: int) -> Strip:
        """The code alone. With each change of the text TextArea draws all lines anew; most look as they did."""
        row = y + self.scroll_offset.y
        selection, bracket = self.selection, self._matching_bracket_location
        special = selection.end[0] == row or selection.contains_line(row) or (bracket and bracket[0] == row)
        if special or row >= self.document.line_count:
            return super()._render_line(y)
        theme = self._theme
        decisive = (
            self.document[row],
            tuple(self._highlights[row]),
            (self.size, self.virtual_size.width, self.gutter_width, self.scroll_offset.x),
            (self.theme, theme and (theme.base_style, theme.gutter_style)),
        )
        cached = self._plain.get(row)
        if cached is None or cached[0] != decisive:
            cached = self._plain[row] = decisive, super()._render_line(y)
        return cached[1]

    def _with_hint(self, strip: Strip, row: int, hint: Hint, look: Look) -> Strip:
        room = self.scrollable_content_region.width - self.gutter_width
        if self._column is None or room != self._room:
            from tutor.render.run.line_hints import best_column

            lines = [(hint, self._used(row)) for row, hint in self._hints.by_row.items()]
            self._column, self._room = best_column(lines, room, look), room
        scrolled = self.scroll_offset.x
        placed = self._column.place(hint, self._used(row), room + scrolled, look)
        if placed is None or placed[0] + placed[1].cell_len <= scrolled:
            return strip
        start, text = placed
        style = self._theme.base_style if self._theme and self._theme.base_style else self.rich_style
        drawn = Strip(text.render(self.app.console)).apply_style(style)
        drawn = drawn.crop(max(0, scrolled - start))
        at = self.gutter_width + max(0, start - scrolled)
        return Strip.join([strip.crop(0, at), drawn, strip.crop(at + drawn.cell_length)])

    def _used(self, row: int) -> int:
        """The cells that a line's code takes."""
        return self.wrapped_document.location_to_offset((row, len(self.document[row]))).x


def _offset(line: str, end: int) -> int:
    """The bytes of a drawn line that come before what stands at byte ``end`` of the line itself."""
    return len(visible(line.encode("utf-8", "surrogatepass")[:end].decode("utf-8", "surrogatepass")).encode())


def _rank(span: tuple[int, int | None, str]) -> tuple[int, int, bool, str]:
    """The outer before the inner; of two names for the same piece, a class that is called counts as a function."""
    start, end, name = span
    return start, -(1 << 30 if end is None else end), name == "constructor", name


def _new_rows(old: list[str], new: list[str]) -> dict[int, int]:
    """The new place of each row that is still there."""
    shorter = min(len(old), len(new))
    top = next((row for row in range(shorter) if old[row] != new[row]), shorter)
    most = shorter - top
    bottom = next((back for back in range(most) if old[-1 - back] != new[-1 - back]), most)
    place = {row: row for row in range(top)}
    if top + bottom < shorter:  # several edits at once
        from difflib import SequenceMatcher

        matcher = SequenceMatcher(None, old[top : len(old) - bottom], new[top : len(new) - bottom], autojunk=False)
        for a, b, size in matcher.get_matching_blocks():
            place |= {top + a + step: top + b + step for step in range(size)}
    return place | {len(old) - back: len(new) - back for back in range(1, bottom + 1)}
