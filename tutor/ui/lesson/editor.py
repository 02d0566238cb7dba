"""The editor of a draft: a text area with the manners of Python, and numbers that a key changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.document._edit import Edit
from textual.message import Message
from textual.widgets.text_area import Selection

from tutor.ui import keys
from tutor.ui.lesson.hinted_text_area import HintedArea

if TYPE_CHECKING:  # nothing of this is needed before a run, and importing it would delay the first paint
    from decimal import Decimal

    from textual._text_area_theme import TextAreaTheme

    from tutor.protocol.codec import Hint
    from tutor.render.text.style import Look

INDENT = 4
HOLD = 0.8
"""Seconds between two steps of a number beyond which they are two holds of the key: keyboards repeat after 0.5."""
_LEAVES = ("return", "pass", "break", "continue", "raise")
"""Statements after which a block is over."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A number that is being changed by a key held down."""

    cursor: tuple[int, int]
    """Its place after the last step."""
    step: Decimal
    batch: list[Edit]
    """All steps so far, as one undo takes them back."""
    at: float


class Editor(HintedArea):
    """Python code, with what each line made at its end. Grammar and colours come with :meth:`colour`."""

    class Pressed(Message):
        """A key came to the editor. Unlike the key itself, this goes up to the screen."""

    @dataclass
    class WentBack(Message):
        """Nothing was left to undo: this is the text as it was at a time before; None: there is no such text."""

        when: float | None

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("editor")

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        self._hold: Hold | None = None
        self.before_key: Callable[[events.Key], bool] = lambda event: False
        """Asked first about each key, in the order in which they come; true: it has been acted on."""
        self.older: Callable[[str], tuple[float, str] | None] = lambda text: None
        """Gives the text from before all that can be undone, and its time; further back at each call."""
        super().__init__(
            text,
            id=id,
            soft_wrap=False,
            show_line_numbers=True,
            tab_behavior="indent",
            highlight_cursor_line=False,
            compact=True,
        )
        self.cursor_blink = False
        self.indent_width = INDENT

    def colour(self, theme: TextAreaTheme) -> None:
        """Highlight Python in the colours of ``theme``; loads the grammar, about 30 ms, when it is first called."""
        self.register_theme(theme)
        self.theme = theme.name
        if self.language is None:
            selection = self.selection
            self.language = "python"
            self.selection = selection

    def replace_all(self, text: str) -> None:
        """Replace everything, as one edit that can be undone; the cursor stays where it can."""
        if text == self.text:
            return
        cursor = self.cursor_location
        self.history.checkpoint()
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        self.history.checkpoint()
        self.move_cursor(self.clamp_visitable(cursor))

    def action_undo(self) -> None:
        """Undo; where nothing is left to undo, go back to an older text, as if that had been undone."""
        if self.history._undo_stack:
            super().action_undo()
            return
        older_draft = self.older(self.text)
        if older_draft is not None:
            newer, undone = self.text, self.history.redo_stack
            self.replace_all(older_draft[1])
            edit = Edit(newer, (0, 0), self.document.end, maintain_selection_offset=False)
            edit._original_selection = self.selection
            self.history.clear()
            self.history._redo_stack.extend([*undone, [edit]])
        self.post_message(self.WentBack(older_draft and older_draft[0]))

    def show_hints(self, hints: Sequence[Hint], source: str, look: Look, same: int | None = None) -> None:
        """Draw what a run of ``source`` made; the line of a number on its way keeps its hint from step to step."""
        hold = self.current_hold
        super().show_hints(hints, source, look, hold.cursor[0] if hold else same)

    # --- numbers ----------------------------------------------------------------------------------------------

    def step_number(self, up: bool) -> str:
        """Make the number at the cursor larger or smaller by a step; why that can't be, or an empty string.

        The cursor stays on the number. Steps that follow each other closely are taken back by one undo.
        """
        from tutor.ui.lesson import number_scrub

        row, column = self.cursor_location
        literal = number_scrub.find(self.text, row, column)
        if literal is None:
            return "There is no number in this line."
        hold = self.current_hold
        step = hold.step if hold else literal.step
        text = literal.advance(up, step)
        if text == literal.text:
            return f"It is {text} already."
        within = column - literal.start if literal.start <= column <= literal.end else 0
        at_end = within == len(literal.text)
        self.history.checkpoint()
        self.same = row
        self.replace(text, (row, literal.start), (row, literal.end), maintain_selection_offset=False)
        self.same = None
        self.move_cursor((row, literal.start + (len(text) if at_end else min(within, len(text) - 1))))
        batches = self.history._undo_stack
        if hold:
            hold.batch.extend(batches.pop())
        self._hold = Hold(self.cursor_location, step, batches[-1], time.monotonic())
        return ""

    @property
    def current_hold(self) -> Hold | None:
        """The hold that the next step would go on with; None: a new one begins."""
        hold, batches = self._hold, self.history._undo_stack
        if hold is None or time.monotonic() - hold.at > HOLD or hold.cursor != self.cursor_location:
            return None
        return hold if batches and batches[-1] is hold.batch else None

    # --- keys -------------------------------------------------------------------------------------------------

    async def _on_key(self, event: events.Key) -> None:
        self.post_message(self.Pressed())
        if self.before_key(event):
            self._take(event)
        elif bound := self._bindings.key_to_bindings.get(event.key):
            # Textual would send the key up to the app and act on it from there; what is typed next in a burst,
            # as over a slow link, would be inserted before the cursor has moved.
            self._take(event)
            await self.run_action(bound[0].action)

    @staticmethod
    def _take(event: events.Key) -> None:
        event.stop()
        event.prevent_default()

    def action_new_line(self) -> None:
        """A new line, indented as the one before; deeper after a colon, less after what ends a block."""
        start, end = sorted((self.selection.start, self.selection.end))
        before = self.document[start[0]][: start[1]]
        indent = len(before) - len(before.lstrip(" "))
        code = before.split("#")[0].strip()
        if code.endswith(":"):
            indent += INDENT
        elif code.split(" ")[0].split("(")[0] in _LEAVES:
            indent = max(0, indent - INDENT)
        self._replace_via_keyboard("\n" + " " * indent, start, end)
        self.scroll_cursor_visible(animate=False)

    def action_delete_left(self) -> None:
        """Backspace; within the indentation it takes a whole step."""
        row, column = self.cursor_location
        before = self.document[row][:column]
        if not self.selection.is_empty or not before or before.strip(" "):
            super().action_delete_left()
            return
        self._delete_via_keyboard((row, (column - 1) // INDENT * INDENT), (row, column))

    def action_comment(self) -> None:
        """Comment the selected lines out, or in when all of them are comments."""
        rows = [row for row in self._rows() if self.document[row].strip()]
        if not rows:
            return
        if all(self.document[row].lstrip().startswith("#") for row in rows):
            parts = {row: self.document[row].partition("#") for row in rows}
            changed = {row: indent + code.removeprefix(" ") for row, (indent, _, code) in parts.items()}
        else:
            depth = min(len(line) - len(line.lstrip()) for line in map(self.document.get_line, rows))
            changed = {row: f"{self.document[row][:depth]}# {self.document[row][depth:]}" for row in rows}
        self._rewrite(changed)

    def _rows(self) -> range:
        """The rows of the selection; one that ends before a row's first character leaves that row out."""
        (top, _), (bottom, column) = sorted((self.selection.start, self.selection.end))
        return range(top, bottom + (0 if column == 0 and bottom > top else 1))

    def action_indent(self) -> None:
        """Indent the selected lines; within one line, go to the next tab stop."""
        if self.selection.start[0] != self.selection.end[0]:
            self._shift(INDENT)
        else:
            self._replace_via_keyboard(" " * self._find_columns_to_next_tab_stop(), *self.selection)

    def action_dedent(self) -> None:
        """Dedent the selected lines, or the one of the cursor."""
        self._shift(-INDENT)

    def action_stay(self) -> None:
        """Keep the focus, which TextArea would give up."""

    def _shift(self, columns: int) -> None:
        changed = {}
        for row in self._rows():
            line = self.document[row]
            if columns > 0:
                changed[row] = " " * columns + line if line.strip() else line
            else:
                changed[row] = line[min(-columns, len(line) - len(line.lstrip(" "))) :]
        self._rewrite(changed)

    def _rewrite(self, lines: dict[int, str]) -> None:
        """Give whole rows new text, as one edit, and keep the selection on the same characters."""
        selection = self.selection
        moved = {row: len(line) - len(self.document[row]) for row, line in lines.items()}
        top, bottom = min(lines), max(lines)
        text = "\n".join(lines.get(row, self.document[row]) for row in range(top, bottom + 1))
        self.history.checkpoint()
        self.replace(text, (top, 0), (bottom, len(self.document[bottom])))
        self.history.checkpoint()

        def shifted(location: tuple[int, int]) -> tuple[int, int]:
            row, column = location
            return row, max(0, column + (moved.get(row, 0) if column else 0))

        self.selection = Selection(shifted(selection.start), shifted(selection.end))
