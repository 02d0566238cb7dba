"""The state of a finish: the lessons of a chapter or of the pack, and whether solutions still pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tutor.curriculum.catalog import Catalog
from tutor.curriculum.manifest import Chapter
from tutor.render.learner.lesson_list import State
from tutor.verification.recheck import Rechecked

OPEN: tuple[State, ...] = ("new", "begun", "skipped")
"""How a lesson stands that is still to be done."""


def finished(catalog: Catalog, states: Mapping[str, State], chapter: str) -> tuple[Chapter, ...]:
    """The chapters whose end was reached with the last pass in ``chapter``: all, that one, or none."""

    def done(one: Chapter) -> bool:
        return bool(one.entries) and not any(states.get(entry.id, "new") in OPEN for entry in one.entries)

    if all(done(one) for one in catalog.chapters):
        return catalog.chapters
    return tuple(one for one in catalog.chapters if one.id == chapter and done(one))


class Finish:
    """The lessons of some chapters, and their results while they are checked again."""

    def __init__(self, catalog: Catalog, chapters: Sequence[Chapter], states: Mapping[str, State]) -> None:
        self.catalog = catalog
        self.chapters = tuple(chapters)
        self.states = dict(states)
        self.results: dict[str, Rechecked] = {}
        self.figures = ""
        """The counts of questions answered, in a sentence; empty: none were."""
        self.fault = ""
        """Why the rest can't be checked."""
        entries = [entry for chapter in chapters for entry in chapter.entries]
        self.ids = [entry.id for entry in entries]
        self.solved = [id for id in self.ids if self.states.get(id) == "passed"]

    @property
    def whole(self) -> bool:
        """It is the end of the pack."""
        return self.chapters == self.catalog.chapters

    @property
    def title(self) -> str:
        """What is finished, as Markdown."""
        return self.catalog.title if self.whole else self.chapters[0].title

    @property
    def waiting(self) -> list[str]:
        """Ids of solved lessons that have not been checked again."""
        return [id for id in self.solved if id not in self.results]

    @property
    def over(self) -> bool:
        """There is nothing more to check, or nothing can be."""
        return bool(self.fault) or not self.waiting

    def count(self, *states: State) -> int:
        """How many lessons stand so."""
        return sum(self.states.get(id, "new") in states for id in self.ids)
