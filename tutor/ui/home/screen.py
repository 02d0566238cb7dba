"""The home screen: chapters and lessons, what is done, and where to go on."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import BindingType

from tutor.curriculum.lesson import LessonError
from tutor.curriculum.manifest import Entry
from tutor.render.learner.lesson_list import dots, sign, state_word
from tutor.render.text.layout import hang
from tutor.render.text.markdown import spans
from tutor.ui import keys
from tutor.ui.base.bars import Bar, Piece, fit
from tutor.ui.base.list_view import Row, Rows
from tutor.ui.base.screen import ListScreen
from tutor.ui.context import Context
from tutor.ui.messages import ChooseQuiz, FindLesson, OpenLesson

FAULTS = 3
"""Faults of the pack that are told in full."""
CONTINUE = "continue"
"""The choice of the first row."""


class HomeScreen(ListScreen):
    """All lessons, and the one to go on with."""

    PLACES = ("home",)
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("home")

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._faults: tuple[LessonError, ...] = ()

    def resume(self, lesson: str = "") -> None:
        """Come (back) here, from ``lesson``."""
        self.next_choice = lesson or None
        self.context.learner.look_again()
        if self._faults:  # an author may have mended them
            self._faults = self.context.catalog.faults()
        if self.is_mounted:
            self.draw()

    def faults(self, faults: tuple[LessonError, ...]) -> None:
        """Show what is wrong with the pack."""
        self._faults = faults
        if self.is_mounted:
            self.draw()

    def show_header(self) -> None:
        """The pack's name; what the machine is."""
        title = Text.assemble(("tutor", "bold"), "  ", (self.context.catalog.title, "dim"))
        pieces = self.machine_pieces()
        if due := self.context.learner.waiting(self.context.catalog):
            pieces.insert(0, Piece(Text(f"{due} due", "dim"), 3))
        self.query_one("#header", Bar).show(lambda width: fit(title, pieces, width, gap=self.gap))

    def rows(self) -> list[Row]:
        """What there is to do, and all lessons."""
        catalog, learner, look = self.context.catalog, self.context.learner, self.context.look
        states = learner.states(catalog)
        broken = {fault.path: fault for fault in self._faults}
        rows = [Row(Text())]
        if (entry := self._next_lesson()) is not None:
            verb = "Continue" if entry.id == learner.last_lesson() else "Begin"
            rows.append(Row(Text.assemble((verb, look.title_style), "  ", spans(entry.title, look)), None, CONTINUE))
        done = sum(states.get(entry.id) == "passed" for entry in catalog.entries)
        if catalog.entries:
            rows.append(Row(Text(f"  {done} of {len(catalog.entries)} lessons done", "dim")))
        rows.extend(self._troubles())
        for number, chapter in enumerate(catalog.chapters, 1):
            rows.append(Row(Text()))
            title = Text.assemble("  ", (f"{number}  {look.spell(chapter.title)}", look.title_style))
            chapter_states = [states.get(entry.id, "new") for entry in chapter.entries]
            rows.append(Row(title, dots(chapter_states, look)))
            if chapter.about:
                rows.append(Row(Text("     " + look.spell(chapter.about), look.dim_style)))
            for entry, state in zip(chapter.entries, chapter_states, strict=True):
                mark, word = sign(state, look), Text(state_word(state), look.dim_style)
                if entry.path in broken:
                    mark, word = Text(look.broken, look.broken_style), Text("broken", look.broken_style)
                rows.append(Row(Text.assemble("   ", mark, " ", spans(entry.title, look)), word, entry.id))
        return rows

    def _next_lesson(self) -> Entry | None:
        """The lesson to go on with: the one that was opened last, or the first."""
        entries, last = self.context.catalog.entries, self.context.learner.last_lesson()
        return next((entry for entry in entries if entry.id == last), entries[0] if entries else None)

    def _troubles(self) -> list[Row]:
        """Problems, each in a line; those that keep the learner from working come first."""
        context, look = self.context, self.context.look
        sentences = [sentence for sentence in (context.machine.fault, context.learner.problem) if sentence]
        if not context.catalog.entries:
            sentences.append(f"There are no lessons in {context.catalog.folder}.")
        for fault in self._faults[:FAULTS]:
            path = fault.path
            if path.is_relative_to(context.catalog.folder):
                path = path.relative_to(context.catalog.folder)
            sentences.append(f"{path}:{fault.line}: {fault.sentence}")
        if len(self._faults) > FAULTS:
            sentences.append(f"{len(self._faults) - FAULTS} more faults in the lessons: `tutor verify` names them.")
        head = Text.assemble("  ", (look.broken, look.broken_style), " ")
        width = self.query_one(Rows).columns - 2
        lines = [line for sentence in sentences for line in hang(head, Text(look.spell(sentence)), width)]
        return [Row(Text()), *map(Row, lines)] if lines else []

    def on_key(self, event: events.Key) -> None:
        """Typing a letter looks for it."""
        if event.is_printable and event.character and event.character.isalnum():
            event.stop()
            self.request(FindLesson(event.character))

    def action_open(self) -> None:
        """Open what the cursor stands on."""
        choice = self.query_one(Rows).choice
        entry = self._next_lesson()
        if choice == CONTINUE and entry is not None:
            choice = entry.id
        if choice is not None:
            self.request(OpenLesson(choice))

    def action_quiz(self) -> None:
        """Choose what to be asked: the lesson under the cursor, its chapter, or everything."""
        choice = self.query_one(Rows).choice
        self.request(ChooseQuiz(None if choice == CONTINUE else choice))
