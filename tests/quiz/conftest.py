"""Questions as lessons hold them: the nine of lessons/README.md, and others written in a line or two."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.minimal import LESSON
from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Lesson, Question
from tutor.curriculum.parser import parse_text
from tutor.protocol.codec import Event, Run
from tutor.quiz.executor import Unfinished
from tutor.quiz.kinds import KINDS, kind_of
from tutor.quiz.presentation import Presentation

ROOT = Path(__file__).resolve().parents[2]
PATH = Path("pack/quiz/asked.py")

Ask = Callable[[str], Question]


def lesson(cells: str) -> Lesson:
    return parse_text(LESSON + cells, PATH, "quiz/asked", KINDS)


@pytest.fixture
def ask() -> Ask:
    """``ask(CELL)``: the question of one cell, the text after ``# %% question``."""

    def read(cell: str) -> Question:
        [question] = lesson(f"# %% question {cell}").supplement.questions
        return question

    return read


@pytest.fixture(scope="session")
def examples() -> dict[str, Question]:
    """The questions of the page on writing them, by name."""
    page = (ROOT / "lessons" / "README.md").read_text("utf-8")
    blocks = re.findall(r"^~~~python\n(.*?)^~~~$", page, re.DOTALL | re.MULTILINE)
    return {question.name: question for question in lesson(blocks[-1]).supplement.questions}


async def prepare(question: Question, runner: CodeRunner, seed: int) -> Presentation:
    """A question of any kind as it is asked."""
    return await kind_of(question).prepare(question, runner, seed)


class NoWorker:
    """Where nothing comes to its end."""

    def new_id(self) -> int:
        return 1

    async def run(self, request: Run) -> AsyncIterator[Event]:
        raise Unfinished("There is no worker.")
        yield  # makes it a generator
