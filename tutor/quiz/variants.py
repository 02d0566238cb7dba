"""The code of a question with other numbers, and with an answer in place of its blank."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tutor.curriculum.lesson import BLANK, Question

SEEDS = (1, 2, 3)
"""Seeds that draw numbers to prove a question, beside the numbers at the ends of their ranges."""


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
    """The fresh numbers in ``code``, to be named in a sentence: ``n = 4, p = 0.5``; empty when there are none."""
    lines = code.split("\n")
    return ", ".join(lines[fresh.line].strip() for fresh in question.fresh)


def edges(question: Question) -> list[str]:
    """The code as it is written, with the first of all fresh choices, and with the last: each text once."""
    if question.code is None:
        return []
    first = with_numbers(question, [fresh.choices[0] for fresh in question.fresh])
    last = with_numbers(question, [fresh.choices[-1] for fresh in question.fresh])
    return list(dict.fromkeys([question.code.text, first, last]))


def draws(question: Question) -> list[str]:
    """The code with numbers at the ends of their ranges, and with some drawn ones: each text once."""
    return list(dict.fromkeys([*edges(question), *(source(question, seed) for seed in SEEDS)]))


def filled(code: str, text: str) -> str:
    """The code with ``text`` in place of its blank."""
    return code.replace(BLANK, text, 1)
