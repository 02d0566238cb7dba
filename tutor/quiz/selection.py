"""Selects questions of a pack, and deals them. Lessons that can't be read are left out: `tutor verify` names them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tutor.curriculum.catalog import Catalog, UnknownLesson, fold
from tutor.curriculum.lesson import LessonError, Question, nearest
from tutor.curriculum.manifest import Chapter, Entry

COUNT = 10
"""Questions of a quiz, unless somebody asks for more or fewer."""

Scope = Literal["lesson", "chapter", "all", "due"]
"""What a quiz is on; ``due``: all that is to be reviewed."""
IdentifiedQuestion = tuple[str, Question]
"""A question's id, ``chapter/lesson#name``, and the question."""


@dataclass(frozen=True, slots=True)
class Card:
    """A question that is to be asked."""

    id: str
    """``chapter/lesson#name``."""
    question: Question
    seed: int
    """To prepare it with; on a retry the same, so that nothing moves."""
    again: bool = False
    """It was not right at first, and comes a second time."""

    @property
    def lesson(self) -> str:
        """The id of its lesson."""
        return self.id.partition("#")[0]


def ids(catalog: Catalog, entries: Iterable[Entry]) -> list[str]:
    """Ids of all questions of some lessons, in the order of the pack; nothing is parsed for that."""
    return [f"{entry.id}#{name}" for entry in entries for name in catalog.question_names(entry.id)]


def of_subject(catalog: Catalog, scope: Scope, id: str, seed: int, count: int | None) -> tuple[str, tuple[Card, ...]]:
    """The title of a lesson, a chapter or the pack, and at most ``count`` cards of it; None: as many as is usual."""
    if scope == "lesson":
        entry = catalog.entry(id)
        return entry.title, of_lessons(catalog, [entry], seed, count)
    count = count or COUNT
    if scope == "chapter":
        chapter = next(chapter for chapter in catalog.chapters if chapter.id == id)
        return chapter.title, of_lessons(catalog, chapter.entries, seed, count)
    return catalog.title, of_lessons(catalog, catalog.entries, seed, count)


def of_lessons(catalog: Catalog, entries: Iterable[Entry], seed: int, count: int | None) -> tuple[Card, ...]:
    """At most ``count`` questions of some lessons, mixed as :func:`deal` does. Only lessons that have one are read."""
    seeds = deal(ids(catalog, entries), seed, count)
    return tuple(Card(id, question, seeds[id]) for id, question in of_ids(catalog, seeds))


def of_ids(catalog: Catalog, ids: Iterable[str]) -> list[IdentifiedQuestion]:
    """The questions that have these ids, in their order; those that are gone are left out."""
    questions = []
    for id in ids:
        lesson_id, _, name = id.partition("#")
        try:
            of_lesson = catalog.lesson(lesson_id).supplement.questions
        except (LessonError, UnknownLesson):
            continue
        questions += [(id, question) for question in of_lesson if question.name == name]
    return questions


def in_order(questions: Iterable[IdentifiedQuestion], seed: int) -> tuple[Card, ...]:
    """Cards for questions, in the order in which they come."""
    chance = random.Random(seed)
    return tuple(Card(id, question, chance.randrange(1 << 31)) for id, question in questions)


def deal(ids: Iterable[str], seed: int, count: int | None = None) -> dict[str, int]:
    """At most ``count`` questions by their ids, each with a seed of its own, in an order that ``seed`` decides.

    Chapters alternate as far as they can, and within one its lessons: mixed questions are remembered longer. Where
    fewer are dealt than there are, all chapters have their share.
    """
    chance = random.Random(seed)
    seeds = {id: chance.randrange(1 << 31) for id in ids}
    order = list(seeds)
    chance.shuffle(order)
    by_lesson = _alternating(order, lambda id: id.partition("#")[0])
    return {id: seeds[id] for id in _alternating(by_lesson, lambda id: id.partition("/")[0])[:count]}


def _alternating(ids: Sequence[str], group: Callable[[str], str]) -> list[str]:
    """Each group in its order; the next question is from the largest group left that isn't the last question's."""
    waiting: dict[str, list[str]] = {}
    for id in reversed(ids):
        waiting.setdefault(group(id), []).append(id)
    order = list(dict.fromkeys(group(id) for id in ids))
    mixed: list[str] = []
    last = ""
    while waiting:
        other = [name for name in order if name in waiting and name != last] or [last]
        last = max(other, key=lambda name: len(waiting[name]))
        mixed.append(waiting[last].pop())
        if not waiting[last]:
            del waiting[last]
    return mixed


def chapter_named(catalog: Catalog, text: str) -> Chapter:
    """The chapter of this id, of this number, or with a title that begins so.

    Raises:
        LookupError: there is none, or several; its text is a sentence.
    """
    word = fold(" ".join(text.split()))
    chapters = catalog.chapters
    for number, chapter in enumerate(chapters, 1):
        if word in (chapter.id, str(number), fold(chapter.title)):
            return chapter
    matches = [c for c in chapters if word and (fold(c.title).startswith(word) or c.id.startswith(word))]
    if len(matches) == 1:
        return matches[0]
    ids = [chapter.id for chapter in matches or chapters]
    if matches:
        raise LookupError(f"`{text}` could be {' or '.join(ids)}.")
    hint = nearest(text, ids) or f"there are: {', '.join(ids)}."
    raise LookupError(f"There is no chapter `{text}`; {hint}")
