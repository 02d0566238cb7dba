"""Answers in words."""

from __future__ import annotations

import pytest

from tests.quiz.conftest import Ask
from tests.quiz.test_turn import ALL, CHOOSE, FILL, LINES, ORDER, turn, wrong
from tutor.quiz.answer_parser import parse_answer


@pytest.mark.parametrize(
    ("cell", "text", "answer"),
    [
        (CHOOSE, "b", (1,)),
        (CHOOSE, " B) ", (1,)),
        (CHOOSE, "2", (1,)),
        (ALL, "a c", (0, 2)),
        (ALL, "c,a", (0, 2)),
        (ALL, "ca", (0, 2)),
        (ALL, "1 3", (0, 2)),
        (ORDER, "c a b", (2, 0, 1)),
        (ORDER, "cab", (2, 0, 1)),
        (ORDER, "3 1 2", (2, 0, 1)),
        (LINES, "9", (8,)),
        (LINES, "line 9", (8,)),
        (FILL, " dim = 1 ", "dim = 1"),
        (FILL, "?!", "?!"),
    ],
)
async def test_what_is_understood(ask: Ask, cell: str, text: str, answer: object) -> None:
    assert parse_answer(await turn(ask(cell)), text) == answer


@pytest.mark.parametrize(
    ("cell", "text", "sentence"),
    [
        (CHOOSE, "", "Answer with a letter, a to d."),
        (CHOOSE, "e", "Answer with a letter, a to d."),
        (CHOOSE, "ab", "Answer with a letter, a to d."),
        (CHOOSE, "0", "Answer with a letter, a to d."),
        (CHOOSE, "the first", "Answer with a letter, a to d."),
        (CHOOSE, "é", "Answer with a letter, a to d."),
        (ALL, "", "Name all that are right by their letters, a to c, as in `a c`."),
        (ORDER, "a b", "Name every line once, as in `a b c`."),
        (ORDER, "a b b", "Name every line once, as in `a b c`."),
        (LINES, "99", "Answer with the number of a line of code, 1 to 10."),
        (LINES, "b", "Answer with the number of a line of code, 1 to 10."),
    ],
)
async def test_what_is_not_is_told_in_a_sentence(ask: Ask, cell: str, text: str, sentence: str) -> None:
    asked = await turn(ask(cell))
    with pytest.raises(ValueError, match=r"\.$") as told:
        parse_answer(asked, text)
    assert str(told.value) == sentence


async def test_what_is_known_to_be_wrong_is_not_asked_for_again(ask: Ask) -> None:
    asked = await turn(ask(CHOOSE))
    assert asked.give_hint()
    with pytest.raises(ValueError, match="out of the question already"):
        parse_answer(asked, "abcd"[next(iter(asked.struck))])
    assert parse_answer(asked, "abcd"[wrong(asked)[0]])
