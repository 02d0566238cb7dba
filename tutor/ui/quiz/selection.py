"""The quizzes in the app that can be chosen, and the cards of one."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

from tutor.curriculum.manifest import Entry
from tutor.quiz import selection
from tutor.quiz.selection import Card
from tutor.render.text.counted import counted
from tutor.ui.context import Context
from tutor.ui.messages import QuizRequest


def cards(context: Context, request: QuizRequest) -> tuple[str, tuple[Card, ...], str]:
    """The title of a quiz, as Markdown; its cards, as things stand now; and why there are none, in a sentence."""
    seed = random.randrange(1 << 31)
    catalog = context.catalog
    if request.scope == "due":
        from tutor.render.learner.quiz_summary import nothing_due

        reviews, now = context.learner.reviews(catalog), time.time()
        due = selection.in_order(selection.of_ids(catalog, reviews.due(now)), seed)[: request.count]
        counts = reviews.waiting(now, None), reviews.forecast(now, 60), reviews.reviewed(now)
        return "Review", due, "" if due else nothing_due(*counts)
    empty = "This lesson has no questions." if request.scope == "lesson" else "There are no questions here."
    return *selection.of_subject(catalog, request.scope, request.id, seed, request.count), empty


def choices(context: Context, lesson: str | None) -> list[tuple[QuizRequest, str, str]]:
    """The quizzes to choose from in a place: each with its name, as Markdown, and its number of questions."""
    catalog = context.catalog
    subjects: list[tuple[QuizRequest, str, Sequence[Entry]]] = []
    if lesson is not None:
        entry = catalog.entry(lesson)
        subjects.append((QuizRequest("lesson", entry.id), f"This lesson: {entry.title}", [entry]))
        chapter = next(chapter for chapter in catalog.chapters if chapter.id == entry.chapter)
        if len(chapter.entries) > 1:
            subjects.append((QuizRequest("chapter", chapter.id), f"This chapter: {chapter.title}", chapter.entries))
    subjects.append((QuizRequest("all"), "All chapters, mixed", catalog.entries))
    counts = [(request, name, len(selection.ids(catalog, entries))) for request, name, entries in subjects]
    quizzes = [(request, name, _questions(count)) for request, name, count in counts if count]
    if waiting := context.learner.waiting(catalog):
        quizzes.insert(0, (QuizRequest("due"), "Review: what you are about to forget", f"{waiting} due"))
    return quizzes


def _questions(count: int) -> str:
    size = min(count, selection.COUNT)
    words = counted(size, "question")
    return words if size == count else f"{words} of {count}"
