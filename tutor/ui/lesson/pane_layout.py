"""The three panes of a lesson: which one has the keys, and how much room each has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from tutor.ui.base.screen import is_narrow
from tutor.ui.base.scroll_view import Sheet
from tutor.ui.lesson.editor import Editor
from tutor.ui.lesson.result_view import ResultPane

Pane = Literal["text", "code", "result"]
PANES: tuple[Pane, ...] = ("text", "code", "result")

GLANCED = 6
"""Lines of code over a result where only one pane is seen."""
GLANCE = 14
"""Rows that a screen of one pane needs to show some code over the result."""


class PaneLayout:
    """Text beside code over result; in a narrow terminal one of them at a time."""

    def __init__(self, editor: Editor, result: ResultPane, turned: Callable[[], None]) -> None:
        """``turned`` is called each time a pane was given the keys."""
        self.text = Sheet(id="text")
        self.editor = editor
        self.result = result
        self._work = Vertical(editor, result, id="work")
        self.body = Horizontal(self.text, self._work, id="body")
        """The widget that contains all of them."""
        self._turned = turned
        self.current: Pane = "text"
        """The pane that has the keys."""
        self.glancing = False
        """Where only one pane is seen: a few lines of code stand over the result for the moment."""

    @property
    def narrow(self) -> bool:
        """One pane at a time."""
        return is_narrow(self.editor.app.size)

    @property
    def text_width(self) -> int:
        """Columns of the text beside the code; 0: it isn't beside it."""
        return 0 if self.narrow else self.text.outer_size.width

    def neighbour(self, step: int = 1) -> Pane:
        """The pane so many steps after the one that has the keys."""
        return PANES[(PANES.index(self.current) + step) % len(PANES)]

    def turn_to(self, pane: Pane) -> None:
        """Give a pane the keys, and the screen where only one fits."""
        if self.glancing:
            self._set_glancing(False)
        self.current = pane
        self._display(True)
        focus: dict[Pane, Widget] = {"text": self.text, "code": self.editor, "result": self.result.sheet}
        focus[pane].focus(scroll_visible=False)
        self._display(False)  # after the focus has left what is hidden, or Textual looks for another one itself
        self._turned()

    def _display(self, visible: bool) -> None:
        """Show what is to be seen, or hide what is not: all panes, or the one that has the keys.

        It is set here and not by a class of the screen, which would give every widget its style anew.
        """
        one = self.current if self.narrow else None
        for widget, is_visible in (
            (self.text, one in (None, "text")),
            (self._work, one != "text"),
            (self.editor, one in (None, "code")),
            (self.result, one in (None, "result") or self.glancing),
        ):
            if is_visible == visible and widget.display != visible:
                widget.display = visible

    def fit(self) -> None:
        """Lay out for the room there is now."""
        self._display(True)
        self._display(False)
        self.fit_editor()

    def fit_editor(self) -> None:
        """In the split, as much room for the editor as its code needs, up to half."""
        room = self.editor.app.size.height - 3
        lines = self.editor.document.line_count + 1
        split = GLANCED if self.glancing else "1fr"
        self.editor.styles.height = split if self.narrow else max(6, min(lines, room // 2))

    def grow_editor(self) -> None:
        """Give code that has become longer more room."""
        if not self.narrow and self.editor.document.line_count + 1 > self.editor.size.height:
            self.fit_editor()

    def scroll(self, step: int) -> None:
        """Scroll what stands beside the editor, without leaving it: the result, or the text where only that is seen."""
        sheet = self.text if self.narrow and self.current == "text" else self.result.sheet
        sheet.scroll_to(y=sheet.scroll_offset.y + step, animate=False)

    # --- a glance at the code, over the result ----------------------------------------------------------------

    def glance(self) -> None:
        """Where one pane is seen: show a few lines of code over the result, until another key."""
        if not self.narrow or self.glancing:
            return
        if self.current != "code":
            self.turn_to("code")
        if self.editor.app.size.height >= GLANCE:
            self._set_glancing(True)
            self.editor.screen.call_after_refresh(self.editor.scroll_cursor_visible, center=True)

    def end_glance(self) -> None:
        """Another key: the whole pane is there again."""
        if self.glancing:
            self._set_glancing(False)
            self.editor.screen.call_after_refresh(self.editor.scroll_cursor_visible)

    def _set_glancing(self, glancing: bool) -> None:
        self.glancing = glancing
        self.fit()
