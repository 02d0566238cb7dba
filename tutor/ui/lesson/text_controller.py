"""The text of a lesson, with help of two strengths at its end: hints one by one, and the solution."""

from __future__ import annotations

from textual.message import Message

from tutor.ui import keys
from tutor.ui.base.dialogs import ConfirmDialog
from tutor.ui.lesson import text_view
from tutor.ui.lesson.controller import Controller


class TextController(Controller):
    """Draws the text pane, and adds to it what the learner asks for."""

    class Extended(Message):
        """A hint or the solution is shown from now on."""

    def show(self, *, from_top: bool = False) -> None:
        """Draw the lesson, and all help that was asked for."""
        self._panes.text.show(text_view.text_page(self._session, self._context.look))
        if from_top:
            self._panes.text.scroll_home(animate=False)

    def show_hint(self) -> None:
        """One more hint, at the end of the text."""
        self._screen.clear_notice()
        number = self._session.hint()
        if number is None:
            words = "That was the last hint" if self._session.lesson.hints else "There are no hints here"
            self._screen.show_notice(f"{words}; {keys.key('reveal').name} shows the solution.")
            return
        self._learner.store.hinted(self._session.lesson.id, number)
        self._show_block(f"hint {number - 1}")

    def ask_for_solution(self) -> None:
        """Ask, then show the solution at the end of the text."""
        session = self._session
        if session.is_solution_visible or session.revealed or session.passed:
            self._show_solution(True)
            return
        detail = "The lesson will be marked: solution seen."
        self._screen.app.push_screen(ConfirmDialog("Show the solution?", detail, "show it"), self._show_solution)

    def _show_solution(self, yes: bool | None) -> None:
        if yes:
            self._session.reveal()
            self._learner.store.revealed(self._session.lesson.id)
            self._show_block("solution")

    def _show_block(self, name: str) -> None:
        self.show()
        if self._panes.narrow:
            self._panes.turn_to("text")
        self._panes.text.reveal(name)
        self._screen.post_message(self.Extended())
