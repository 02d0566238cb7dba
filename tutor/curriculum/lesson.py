"""What a lesson is made of. Nothing here runs or imports lesson code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class LessonError(Exception):
    """A lesson file (or the curriculum) that can't be read as one: where, and in one sentence why."""

    def __init__(self, path: Path, line: int, sentence: str) -> None:
        super().__init__(f"{path}:{line}: {sentence}")
        self.path = path
        self.line = line
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Code:
    """A cell's code and the line of the lesson file on which it begins, counted from 1."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement: a function of the check cell. ``requirement`` is its docstring, as the learner reads it."""

    name: str
    requirement: str
    line: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """A typical wrong draft, why it is wrong, and the name of the check that must catch it."""

    reason: str
    check: str
    code: Code


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose, and what to say to the learner who chose it (empty for a right one)."""

    text: str
    feedback: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question with one right option. With code, the right one is what the code prints when it runs."""

    prompt: str
    options: tuple[Option, ...]
    answer: int | None
    """Position of the option marked right; None when the code decides."""
    why: str
    """What is said once it is answered."""
    code: Code | None
    line: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run of the lesson may use where it needs more than usual; None leaves the usual limit."""

    seconds: float | None = None
    memory: int | None = None
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson module, read whole. ``id`` is its path in the pack, ``autograd/backward``, and is permanent."""

    id: str
    path: Path
    title: str
    text: str
    """Markdown, without the title and the sections that follow."""
    task: str
    hints: tuple[str, ...]
    takeaway: str
    snippet: Code
    solution: Code
    check: Code
    checks: tuple[Check, ...]
    mistakes: tuple[Mistake, ...]
    questions: tuple[Question, ...]
    tour: bool = False
    """A tour is only looked at: its snippet may pass all its checks as it stands."""
    limits: Limits = Limits()
