"""Selects questions of a pack. Lessons that can't be read are left out: `tutor verify` names them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

from tutor.curriculum.catalog import Catalog, UnknownLesson, fold
from tutor.curriculum.lesson import Lesson, LessonError, Question, nearest
from tutor.curriculum.manifest import Chapter, Entry
from tutor.quiz.session import Card, deal

COUNT = 10
"""Questions of a quiz, unless somebody asks for more or fewer."""

IdentifiedQuestion = tuple[str, Question]
"""A question's id, ``chapter/lesson#name``, and the question."""


def ids(catalog: Catalog, entries: Iterable[Entry]) -> list[str]:
    """Ids of all questions of some lessons, in the order of the pack; nothing is parsed for that."""
    return [f"{entry.id}#{name}" for entry in entries for name in catalog.question_names(entry.id)]


def dealt(catalog: Catalog, entries: Iterable[Entry], seed: int, count: int | None) -> tuple[Card, ...]:
    """At most ``count`` questions of some lessons, mixed as :func:`deal` does. Only lessons that have one are read."""
    names = [(id, Question(id, "choose", "", (), (), "", None, 0)) for id in ids(catalog, entries)]
    cards = deal(names, seed, count)
    questions = dict(of_ids(catalog, [card.id for card in cards]))
    return tuple(replace(card, question=questions[card.id]) for card in cards if card.id in questions)


def of_ids(catalog: Catalog, ids: Iterable[str]) -> list[IdentifiedQuestion]:
    """The questions that have these ids, in their order; those that are gone are left out."""
    questions = []
    for id in ids:
        lesson_id, _, name = id.partition("#")
        lesson = _lesson(catalog, lesson_id)
        question = next((q for q in lesson.questions if q.name == name), None) if lesson is not None else None
        if question is not None:
            questions.append((id, question))
    return questions


def in_order(questions: Iterable[IdentifiedQuestion], seed: int) -> tuple[Card, ...]:
    """Cards for questions, in the order in which they come."""
    chance = random.Random(seed)
    return tuple(Card(id, question, chance.randrange(1 << 31)) for id, question in questions)


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


def _lesson(catalog: Catalog, id: str) -> Lesson | None:
    try:
        return catalog.lesson(id)
    except (LessonError, UnknownLesson):
        return None
