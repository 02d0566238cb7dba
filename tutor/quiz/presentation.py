"""A question prepared to be asked: with the numbers that were drawn, and its options in the order shown."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tutor.curriculum.lesson import Question

if TYPE_CHECKING:
    from tutor.protocol.codec import Series

Mode = Literal["one", "several", "text", "order"]
"""How a question is answered: with one of its options, with any number of them, with a text that is typed, or with all
of its options in an order."""

Answer = tuple[int, ...] | str
"""Positions in :attr:`Presentation.options`; or, where the mode is ``text``, a text."""


class CannotAsk(Exception):  # noqa: N818 -- what it means to the caller, not what went wrong
    """On this machine the question can't be asked; its text says why. The next one may well be."""


@dataclass(frozen=True, slots=True)
class PresentedOption:
    """An option as it is shown."""

    text: str
    """Markdown, where its kind says so; else as Python or torch prints it, or code with its indentation."""
    feedback: str = ""
    """For a learner who chose it; may be empty, of a right one it mostly is."""
    right: bool = False
    series: Series | None = None
    """The curve that it draws, where options draw one."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """A prepared question. The same question and seed give the same on the same torch."""

    question: Question
    seed: int
    code: str
    """With the numbers that were drawn, as it is shown, blanks and shuffled lines included; empty where there is none.
    :meth:`tutor.quiz.kinds.base.QuestionKind.program` is the program to be opened and run."""
    options: tuple[PresentedOption, ...]
    """In the order shown. Empty where the answer is typed."""
    right: tuple[int, ...]
    """Positions in ``options``: of the right ones, ascending; of the mode ``order`` all, in the right order."""
    series: Series | None = None
    """A curve that is to be recognised."""
    mode: Mode = "one"


def shuffled(question: Question, seed: int, options: Iterable[PresentedOption]) -> tuple[PresentedOption, ...]:
    """The options in an order that ``seed`` decides."""
    order = list(options)
    random.Random(f"{seed} options {question.name}").shuffle(order)
    return tuple(order)


def positions(options: Iterable[PresentedOption]) -> tuple[int, ...]:
    """Positions of the right options."""
    return tuple(place for place, option in enumerate(options) if option.right)
