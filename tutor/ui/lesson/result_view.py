"""The result pane: the word over it, and the blocks of the last run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical

from tutor.ui.base.bars import Rule
from tutor.ui.base.delay import Delay
from tutor.ui.base.scroll_view import Sheet
from tutor.ui.context import Context
from tutor.ui.lesson import text_view
from tutor.ui.lesson.result_blocks import ResultPage, drawn_parts
from tutor.ui.lesson.session import Session

if TYPE_CHECKING:
    from tutor.client.run_record import Part

FRAME = 1 / 30
"""Seconds between two drawings of what a run says while it goes on."""
URGENT: frozenset[Part] = frozenset({"Checked", "Raised", "Ended", "Fault"})
"""Parts that are drawn at once."""
URGENT_ASIDE: frozenset[Part] = frozenset({"Hints"})
"""The same of a run that nobody asked for: what lines made comes after all curves, and is drawn with them."""


class ResultPane(Vertical):
    """Draws a session's outcome, the verdict at once and a flood of output 30 times a second at most."""

    def __init__(self, context: Context, session: Session, *, id: str) -> None:
        super().__init__(id=id)
        self.context = context
        self._session = session
        self._page = ResultPage(context, session)
        self._dirty: set[Part] = set()
        self._later = Delay(self.set_timer, FRAME, self.draw)
        self._soon = False
        self._drawn_at = 0.0
        self._aside = False

    def compose(self) -> ComposeResult:
        """The word over the blocks."""
        yield Rule(id="rule")
        yield Sheet(id="blocks")

    @property
    def sheet(self) -> Sheet:
        """The widget that scrolls."""
        return self.query_one(Sheet)

    @property
    def terminal_size(self) -> tuple[int, int]:
        """Columns and rows of the terminal that a program sees: this pane, or where it will be."""
        columns = self.sheet.columns if self.sheet.size.width else self.app.size.width - 2
        return columns, max(4, self.sheet.size.height or 24)

    def open(self) -> None:
        """Show a session that has not run yet."""
        self._page = ResultPage(self.context, self._session)
        self._dirty.clear()
        self.sheet.show(self._page.idle())
        self.sheet.scroll_home(animate=False)
        self.say()

    def look_again(self) -> None:
        """Signs and styles have changed: draw all anew. What it printed stays as it is."""
        if self._session.outcome is None:
            self.sheet.show(self._page.idle())
            self.say()
        else:
            self._dirty.update(drawn_parts())
            self.draw()

    def toggle_words(self) -> None:
        """Show an error as Python prints it too, or hide that again."""
        self._page.verbatim = not self._page.verbatim
        self._dirty.add("Output")
        self.draw()
        if self._page.verbatim:
            self.sheet.reveal("traceback")

    def offer(self, offers: Sequence[tuple[str, str]]) -> None:
        """Say what a finished lesson leads to: keys, and what they open."""
        self._page.offer(offers)
        self.sheet.show(self._page.blocks())

    def say(self) -> None:
        """Draw the word over the result."""
        look = self.context.look
        self.query_one(Rule).say(text_view.state(self._session, self.context.machine, look), look.rule)

    def turn_over(self, *, aside: bool = False, first: str = "") -> None:
        """The last result goes; what comes now belongs to the run under way.

        Of a run ``aside`` each block takes the place of the last one when it comes, and nothing moves; ``first``
        names a block that goes to the top.
        """
        self._aside = aside
        if aside:
            self._page.turn_over(first, self.sheet.size.height)
            return
        self._page.clear()
        self._drawn_at = time.monotonic()  # what comes before the verdict may wait for it a moment
        self.sheet.scroll_home(animate=False)

    def give_up_the_last(self, *, waiting: bool) -> None:
        """The run under way takes its time: what the last one showed goes; ``waiting``: it has said nothing yet."""
        if waiting:
            self.turn_over()
        self._aside = False
        self._page.drop_old()
        self.draw()

    def took(self, part: Part) -> None:
        """The session has taken something new in. What arrives in one piece is drawn in one piece."""
        if part not in drawn_parts():
            return
        self._dirty.add(part)
        if self._aside and part not in URGENT_ASIDE and not self._urgent(part):
            if part != "Checked":  # half a verdict would only flicker
                self._later.start()
        elif self._aside or self._urgent(part) or (part != "Checked" and time.monotonic() - self._drawn_at > FRAME):
            if not self._soon:
                self._soon = True
                self.call_later(self.draw)
        else:
            self._later.start()

    def _urgent(self, part: Part) -> bool:
        """A verdict is drawn once it is whole: its requirements come a moment after each other."""
        return part in URGENT and (part != "Checked" or self._session.judged)

    def draw(self) -> None:
        """Draw what changed."""
        self._later.stop()
        self._soon = False
        self._drawn_at = time.monotonic()
        waits = {"Checked"} if self._aside and self._session.running and not self._session.judged else set[str]()
        for part in drawn_parts():  # in their order: what is printed leaves out a traceback that was told before
            if part in self._dirty - waits:
                self._page.update(part)
        self._dirty &= waits
        self.sheet.show(self._page.blocks())
        if not (self._aside and self._session.running):  # the word would change and change back with each run
            self.say()
