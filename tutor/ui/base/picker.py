"""A dialog with a line to type into and a list below it: for finding a lesson, and for the palette."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import ClassVar, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tutor.curriculum.catalog import Catalog, fold
from tutor.curriculum.manifest import Entry
from tutor.render.learner.lesson_list import State, sign, state_word
from tutor.render.text.markdown import spans
from tutor.render.text.style import Look
from tutor.ui import keys
from tutor.ui.base.list_view import Row, Rows

T = TypeVar("T")
RowsFor = Callable[[str], list[Row]]


class Chooser(ModalScreen[None]):
    """Ends, and calls ``choose`` with the choice, if there is one; or stays below what ``choose`` opens."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("picker")

    def __init__(
        self,
        prompt: str,
        rows: RowsFor,
        choose: Callable[[str], object],
        *,
        typed: str = "",
        here: str | None = None,
        stays: bool = False,
    ) -> None:
        super().__init__()
        self._prompt = prompt
        self._rows = rows
        self._choose = choose
        self._typed = typed
        self._here = here
        self._stays = stays

    def compose(self) -> ComposeResult:
        """The line to type into, over the list."""
        field = Input(self._typed, placeholder=self._prompt, compact=True, select_on_focus=False)
        field.cursor_blink = False
        with Vertical(classes="dialog chooser"):
            yield field
            rows = Rows()
            rows.can_focus = False
            yield rows

    def on_mount(self) -> None:
        """Begin with what was typed before the dialog opened."""
        self.query_one(Input).focus()
        self._show(self._typed, self._here)

    def add(self, typed: str) -> None:
        """More was typed: of a burst, before this dialog was there to take it."""
        if fields := self.query(Input):
            fields.first().insert_text_at_cursor(typed)
        else:
            self._typed += typed

    def on_input_changed(self, event: Input.Changed) -> None:
        """Each letter narrows the list; the cursor goes to the best."""
        self._show(event.value, None if event.value else self._here)

    def _show(self, typed: str, here: str | None) -> None:
        rows = self._rows(typed)
        if not rows:
            rows = [Row(Text("Nothing has that.", "dim"))]
        first = next((row.choice for row in rows if row.choice is not None), None)
        self.query_one(Rows).show(rows, here or first)

    def on_screen_resume(self) -> None:
        """Back from what was opened: what was typed is taken up as a whole, so that typing begins anew."""
        self.query_one(Input).action_select_all()

    def action_row(self, motion: str, step: int) -> None:
        """Move the cursor of the list while the typing goes on."""
        rows = self.query_one(Rows)
        (rows.action_move if motion == "move" else rows.action_page)(step)

    def action_choose(self) -> None:
        """Take the row under the cursor."""
        choice = self.query_one(Rows).choice
        if not self._stays:
            self.dismiss(None)
        if choice is not None:
            self._choose(choice)


def rank(query: str, text: str) -> int | None:
    """The rank of ``text`` for what was typed: 0 is best, None doesn't fit. Both are folded.

    A beginning beats a word's beginning, that beats a part, that beats letters in order.
    """
    if text.startswith(query):  # as it does before anything is typed
        return 0
    if f" {query}" in text:
        return 1
    if query in text:
        return 2
    words = text.split()
    if all(any(word.startswith(part) for word in words) for part in query.split()):
        return 3
    letters = iter(text)
    if all(letter in letters for letter in query.replace(" ", "")):
        return 4
    return None


def best(items: Iterable[T], fit: Callable[[T], int | None]) -> list[T]:
    """The items that fit, those of the lowest rank first."""
    ranks = [(rank, item) for item in items if (rank := fit(item)) is not None]
    return [item for _, item in sorted(ranks, key=itemgetter(0))]


def actions(place: keys.Place, offers: Callable[[str], bool], look: Look) -> RowsFor:
    """The rows of the palette: what can be done at ``place`` now, with its keys."""
    table = [row for row in keys.at(place) if row is keys.key(row.action, place)]  # the first of an action with two
    names = {help: names for names, help in keys.help_lines(keys.at(place), ascii=look.ascii)}

    def rows(typed: str) -> list[Row]:
        def fit(key: keys.Key) -> int | None:
            ranks = [rank(fold(typed), fold(words)) for words in (key.label, key.help)]
            return min((fit for fit in ranks if fit is not None), default=None)

        offered = [key for key in table if key.action not in ("palette", "open") and offers(key.action)]
        return [Row(Text(key.help), Text(names[key.help], "dim"), key.action) for key in best(offered, fit)]

    return rows


def wishes(quizzes: Sequence[tuple[str, str]], look: Look) -> RowsFor:
    """The rows of the quizzes on offer: a name, as Markdown, and a count; a choice is an index among them."""

    def rows(typed: str) -> list[Row]:
        query = fold(typed.strip())
        order = best(range(len(quizzes)), lambda at: rank(query, fold(quizzes[at][0])))
        return [Row(spans(quizzes[at][0], look), Text(quizzes[at][1], "dim"), str(at)) for at in order]

    return rows


def lessons(catalog: Catalog, standings: Mapping[str, State], look: Look) -> RowsFor:
    """The rows of finding: titles that fit, best first, then lessons whose text has all the words."""
    titles = {chapter.id: look.spell(chapter.title) for chapter in catalog.chapters}

    def row(id: str, title: str, right: str) -> Row:
        left = Text.assemble(sign(standings.get(id, "new"), look), " ", spans(title, look))
        return Row(left, Text(right, "dim"), id)

    def rows(typed: str) -> list[Row]:
        query = fold(typed.strip())

        def fit(entry: Entry) -> int | None:
            title, id = rank(query, fold(entry.title)), rank(query, fold(entry.id))
            return 5 if title is None and id is not None else title

        hits = best(catalog.entries, fit)
        matches = [row(entry.id, entry.title, _state(entry)) for entry in hits]
        if query:
            titled = {entry.id for entry in hits}
            in_text = [hit for hit in catalog.search(typed) if hit.entry.id not in titled]
            if in_text:
                matches.append(Row(Text("in the text", "dim")))
            for hit in in_text:
                matches.append(row(hit.entry.id, hit.entry.title, ""))
                matches.append(Row(Text("     " + look.spell(hit.excerpt), "dim")))
        return matches

    def _state(entry: Entry) -> str:
        word = state_word(standings.get(entry.id, "new"))
        return f"{word}  {titles[entry.chapter]}" if word else titles[entry.chapter]

    return rows
