"""Which questions of a pack are asked. Lessons that can't be read are left out: `tutor verify` names them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from tutor.curriculum.catalog import Catalog, UnknownLesson, fold
from tutor.curriculum.contents import Chapter, Entry
from tutor.curriculum.lesson import Lesson, LessonError, Question, nearest
from tutor.quiz.sitting import Card

COUNT = 10
"""Questions of a quiz, unless somebody asks for more or fewer."""

Asked = tuple[str, Question]
"""A question's id, ``chapter/lesson#name``, and the question."""


def of_entries(catalog: Catalog, entries: Iterable[Entry]) -> list[Asked]:
    """All questions of some lessons, in the order of the pack."""
    lessons = (_lesson(catalog, entry.id) for entry in entries)
    return [
        (f"{lesson.id}#{question.name}", question)
        for lesson in lessons
        if lesson is not None
        for question in lesson.questions
    ]


def of_ids(catalog: Catalog, ids: Iterable[str]) -> list[Asked]:
    """The questions that have these ids, in their order; those that are gone are left out."""
    found = []
    for id in ids:
        lesson_id, _, name = id.partition("#")
        lesson = _lesson(catalog, lesson_id)
        question = next((q for q in lesson.questions if q.name == name), None) if lesson is not None else None
        if question is not None:
            found.append((id, question))
    return found


def in_order(questions: Iterable[Asked], seed: int) -> tuple[Card, ...]:
    """Cards for questions whose order is somebody else's to decide."""
    chance = random.Random(seed)
    return tuple(Card(id, question, chance.randrange(1 << 31)) for id, question in questions)


def names(catalog: Catalog) -> Callable[[str], tuple[str, ...]]:
    """The names of a lesson's questions by its id; none where there is no such lesson any more."""

    def of(id: str) -> tuple[str, ...]:
        lesson = _lesson(catalog, id)
        return tuple(question.name for question in lesson.questions) if lesson is not None else ()

    return of


def chapter_named(catalog: Catalog, wanted: str) -> Chapter:
    """The chapter that is meant by its id, its number, or how its title begins.

    Raises:
        LookupError: there is none, or several; its text is a sentence.
    """
    word = fold(" ".join(wanted.split()))
    chapters = catalog.chapters
    for number, chapter in enumerate(chapters, 1):
        if word in (chapter.id, str(number), fold(chapter.title)):
            return chapter
    found = [c for c in chapters if word and (fold(c.title).startswith(word) or c.id.startswith(word))]
    if len(found) == 1:
        return found[0]
    ids = [chapter.id for chapter in found or chapters]
    if found:
        raise LookupError(f"`{wanted}` could be {' or '.join(ids)}.")
    hint = nearest(wanted, ids) or f"there are {', '.join(ids[:-1])} and {ids[-1]}." if len(ids) > 1 else ""
    raise LookupError(f"There is no chapter `{wanted}`; {hint}".rstrip("; "))


def _lesson(catalog: Catalog, id: str) -> Lesson | None:
    try:
        return catalog.lesson(id)
    except (LessonError, UnknownLesson):
        return None
