"""The parts of a lesson, as data. Nothing here runs or imports lesson code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypedDict


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
    is_whole: bool = True
    """Whether the code stands in the file as it is; False: there are edits of the solution."""


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement: a function of the check cell; its docstring is what the learner reads."""

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
class RightAnswer:
    """A draft that is right in another way than the solution, and what is other about it."""

    name: str
    code: Code


@dataclass(frozen=True, slots=True)
class Harmless:
    """A mutant of the solution that its checks may let pass, and why."""

    reason: str
    code: Code


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose, and what to say to the learner who chose it (empty for a right one)."""

    text: str
    feedback: str


BLANK = "___"
"""Where code is left out for an answer."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A number in the code that is another one each time the question is asked."""

    line: int
    """The line of the code, counted from 0, on which it is the whole right side of an assignment."""
    choices: tuple[str, ...]
    """What it may be, as Python writes it."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. What is right where there is code, running it says."""

    name: str
    """Permanent within its lesson: reviews remember the question by it."""
    kind: str
    """A name in :data:`tutor.quiz.kinds.KINDS`: how it is asked, and answered."""
    prompt: str
    options: tuple[Option, ...]
    right: tuple[int, ...]
    """Positions of the options that the author marked right; of the line at fault; empty where running decides."""
    why: str
    """What is said once it is answered."""
    code: Code | None
    line: int
    target: str = ""
    """What its kind names: an expression, a name, or the line as it should be."""
    reference: str = ""
    """A right answer in code, where the code itself holds it."""
    fresh: tuple[Fresh, ...] = ()
    places: tuple[int, ...] = ()
    """The lines of the code, counted from 0, that the options are, where they are lines."""


class Limits(TypedDict, total=False):
    """The limits of a run where the lesson needs more than usual, by their names in a request to run."""

    seconds: float
    memory: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The drawing of a run that a lesson is about."""

    kind: str
    """One of :data:`PICTURES`."""
    name: str = ""
    """The name of what is drawn, ``loss`` or a tensor's; empty: whichever there are."""


PICTURES = ("curve", "graph", "module", "parameters", "tensor", "value")


@dataclass(frozen=True, slots=True)
class Supplement:
    """The cells of a lesson that nobody needs to open it, run a draft and check it."""

    mistakes: tuple[Mistake, ...]
    right_answers: tuple[RightAnswer, ...]
    harmless: tuple[Harmless, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Lesson:
    """One lesson module. ``id`` is its path in the pack, as in ``autograd/backward``."""

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
    read_supplement: Callable[[], Supplement] = field(repr=False, compare=False)
    """Raises LessonError: one of its cells can't be read."""
    fails_first: str = ""
    """The check that is the first to fail on the snippet; empty where none does, or the lesson doesn't name it."""
    picture: Picture | None = None
    """What is drawn first once the draft passes; None: nothing comes before the rest."""
    tour: bool = False
    """A tour is only looked at: its snippet may pass all its checks, and may be its own solution."""
    limits: Limits = field(default_factory=Limits)

    @cached_property
    def supplement(self) -> Supplement:
        """Mistakes, right answers and questions. They are read when first asked for: it loads all kinds of questions.

        Raises:
            LessonError: one of the cells can't be read.
        """
        return self.read_supplement()


def read_text(path: Path) -> str:
    """The text of a lesson file, or of a curriculum, with plain newlines.

    Raises:
        LessonError: it can't be opened, or is not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise LessonError(path, 1, f"This file can't be read: {error.strerror}.") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = raw[error.start]
        raise LessonError(path, line, f"Save this file as UTF-8: byte 0x{byte:02x} isn't.") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def title(first_line: str) -> str | None:
    """The title on the first line of a lesson file, after the opening quotes; None if there is none."""
    match = re.match(r"""[rR]?(\"{3}|'{3})# +(\S.*?)\s*(?:\1|$)""", first_line)
    return match[2] if match else None


def nearest(word: str, names: Iterable[str]) -> str:
    """The end of a sentence about an unknown ``word``: "did you mean `x`?"; empty if no name is near."""
    import difflib  # only needed once something is wrong

    near = difflib.get_close_matches(word, list(names), n=1, cutoff=0.5)
    return f"did you mean `{near[0]}`?" if near else ""
