"""A question's programs: its code with other numbers, a filled blank, another order, a line as it should be."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tutor.curriculum.lesson import BLANK, Question


def source(question: Question, seed: int) -> str:
    """The code with the numbers that ``seed`` draws for its fresh ones; empty when there is none."""
    chance = random.Random(f"{seed} {question.name}")
    return with_numbers(question, [chance.choice(fresh.choices) for fresh in question.fresh])


def with_numbers(question: Question, numbers: Sequence[str]) -> str:
    """The code with ``numbers`` in place of its fresh ones, in their order."""
    if question.code is None:
        return ""
    lines = question.code.text.split("\n")
    for fresh, number in zip(question.fresh, numbers, strict=True):
        name, sign, _ = lines[fresh.line].rpartition("=")
        lines[fresh.line] = f"{name}{sign} {number}"
    return "\n".join(lines)


def numbers(question: Question, code: str) -> str:
    """The fresh numbers in ``code``, to be said: ``n = 4, p = 0.5``; empty when there are none."""
    lines = code.split("\n")
    return ", ".join(lines[fresh.line].strip() for fresh in question.fresh)


def edges(question: Question) -> list[str]:
    """The code as it is written, with the first of all fresh choices, and with the last: each text once."""
    if question.code is None:
        return []
    first = with_numbers(question, [fresh.choices[0] for fresh in question.fresh])
    last = with_numbers(question, [fresh.choices[-1] for fresh in question.fresh])
    return list(dict.fromkeys([question.code.text, first, last]))


def filled(code: str, text: str) -> str:
    """The code with ``text`` in place of its blank."""
    return code.replace(BLANK, text, 1)


def mended(question: Question, code: str) -> str:
    """The code with the line at fault as it should be."""
    lines = code.split("\n")
    lines[question.places[question.right[0]]] = question.target
    return "\n".join(lines)


def ordered(question: Question, code: str, order: Sequence[int]) -> str:
    """The code with its steps in another order: ``order`` names steps by their position in the right one."""
    lines = code.split("\n")
    steps = [lines[place] for place in question.places]
    for place, step in zip(question.places, order, strict=True):
        lines[place] = steps[step]
    return "\n".join(lines)
