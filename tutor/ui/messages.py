"""Requests of the screens: the app alone opens lessons, the home screen, quizzes and the finish of a chapter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.message import Message


@dataclass(frozen=True, slots=True)
class QuizRequest:
    """Which questions a quiz asks."""

    scope: Literal["lesson", "chapter", "all", "due"]
    id: str = ""
    """Of the lesson or the chapter."""
    count: int | None = None
    """How many questions at most; None: as many as is usual."""


class Request(Message):
    """A screen asks the app for something. Keys that came after the one that led to it wait until it is met."""


@dataclass
class OpenLesson(Request):
    """Open a lesson."""

    lesson: str


@dataclass
class GoHome(Request):
    """Show all lessons, with the cursor on the one that the learner comes from, if there is one."""

    lesson: str


@dataclass
class FindLesson(Request):
    """Choose a lesson from a list that typing narrows; ``typed`` is the beginning."""

    typed: str = ""


@dataclass
class StartQuiz(Request):
    """Ask questions."""

    quiz: QuizRequest


@dataclass
class ChooseQuiz(Request):
    """Choose which questions to be asked: what is due comes first, then ``lesson`` if there is one."""

    lesson: str | None = None


@dataclass
class FinishChapter(Request):
    """Check again what is done in the chapter of ``lesson``, or in the ``whole`` pack."""

    lesson: str
    whole: bool = False


class Redraw(Request):
    """Paint every cell of the terminal anew."""
