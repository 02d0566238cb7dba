"""A question while it is asked: tries, hints, when it is over, and its rating. No worker."""

from __future__ import annotations

import pytest

from tests.quiz.conftest import Ask, NoWorker, prepare
from tutor.curriculum.lesson import Question
from tutor.quiz.driver import grade
from tutor.quiz.feedback import Verdict
from tutor.quiz.presentation import Presentation
from tutor.quiz.selection import Card
from tutor.quiz.turn import AGAIN, EASY, GOOD, HARD, Turn, quick

CHOOSE = 'q\n"""Which?\n\n- [x] one\n- two: too many\n- three: far too many\n- four: no\n\nSo.\n"""\n'
TWO = 'q\n"""Which?\n\n- [x] one\n- two: too many\n\nSo.\n"""\n'
ALL = 'q: choose all\n"""Which?\n\n- [x] one\n- [x] two\n- three: no\n\nSo.\n"""\n'
LINES = (
    'q: find the line\n"""Which?\n\nSo.\n"""\n'
    + "".join(f"a{i} = {i}\n" for i in range(8))
    + ("b = 1  # at fault: b = 2\nprint(b)\n")
)
FILL = 'q: fill the blank\n"""What?\n\n- [x] `dim=1, keepdim=True`\n- `dim=0`: no\n\nSo.\n"""\nprint(___)\n'
ORDER = 'q: order\n"""How?\n\nSo.\n"""\na = 1\na += 1  # step\na *= 3  # step\na -= 2  # step\nprint(a)\n'


async def turn(question: Question, seed: int = 1) -> Turn:
    asked: Presentation = await prepare(question, NoWorker(), seed)
    return Turn(Card("quiz/asked#q", question, seed), asked)


async def answer(asked: Turn, *places: int) -> None:
    asked.add_answer(places, await grade(asked.presentation, places, None))  # type: ignore[arg-type]


def wrong(asked: Turn) -> list[int]:
    return [place for place in asked.open if place not in asked.presentation.right]


async def test_right_at_once_is_over(ask: Ask) -> None:
    asked = await turn(ask(CHOOSE))
    assert asked.phase == "asked"
    await answer(asked, asked.presentation.right[0])
    assert (asked.phase, asked.right) == ("over", True)


async def test_after_one_wrong_answer_another_may_be_given_and_after_two_none(ask: Ask) -> None:
    asked = await turn(ask(CHOOSE))
    await answer(asked, wrong(asked)[0])
    assert asked.phase == "wrong"
    await answer(asked, wrong(asked)[0])
    assert (asked.phase, asked.right, len(asked.tried)) == ("over", False, 2)


async def test_what_would_be_left_over_is_not_asked_for(ask: Ask) -> None:
    asked = await turn(ask(TWO))
    await answer(asked, wrong(asked)[0])
    assert asked.phase == "over"


async def test_what_does_not_count_is_no_try(ask: Ask) -> None:
    asked = await turn(ask(FILL))
    for _ in range(3):
        asked.add_answer("(", Verdict(False, ("Python can't read that.",), counts=False))
    assert (asked.phase, asked.tried) == ("asked", [])
    asked.reveal()
    assert asked.verdict is None, "nothing is said to it beside the answer"


async def test_a_hint_strikes_out_a_wrong_option_and_says_why_once(ask: Ask) -> None:
    asked = await turn(ask(CHOOSE))
    assert asked.give_hint() and not asked.give_hint()
    [struck] = asked.struck
    assert struck not in asked.presentation.right and asked.hint == asked.presentation.options[struck].feedback


async def test_no_hint_where_it_would_be_the_answer(ask: Ask) -> None:
    asked = await turn(ask(TWO))
    assert not asked.give_hint()


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (ALL, "2 of the 3 are right."),
        (FILL, "A right answer begins with `dim=1,`."),
        (ORDER, "`a += 1` comes first."),
    ],
)
async def test_hints_of_other_kinds(ask: Ask, cell: str, says: str) -> None:
    asked = await turn(ask(cell))
    assert asked.give_hint() and asked.hint == says


@pytest.mark.parametrize("seed", range(12))
async def test_a_hint_keeps_half_of_the_lines_and_the_right_one_among_them(ask: Ask, seed: int) -> None:
    asked = await turn(ask(LINES), seed)
    assert asked.give_hint()
    assert asked.presentation.right[0] in asked.open and len(asked.open) == len(asked.presentation.options) // 2


async def test_told_is_over_and_changes_nothing_afterwards(ask: Ask) -> None:
    asked = await turn(ask(CHOOSE))
    asked.reveal()
    assert (asked.phase, asked.revealed, asked.answer) == ("over", True, "one")
    right = await turn(ask(CHOOSE))
    await answer(right, right.presentation.right[0])
    right.reveal()
    assert not right.revealed


# --- rating ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acts", "over", "rated"),
    [
        ("right", 0.0, EASY),
        ("right", 0.1, GOOD),
        ("right", 5000.0, GOOD),
        ("hint right", 0.0, HARD),
        ("run right", 0.0, HARD),
        ("wrong right", 0.0, HARD),
        ("wrong hint right", 0.0, HARD),
        ("wrong wrong", 0.0, AGAIN),
        ("wrong", 0.0, AGAIN),
        ("reveal", 0.0, AGAIN),
        ("wrong reveal", 0.0, AGAIN),
    ],
)
async def test_rating(ask: Ask, acts: str, over: float, rated: int) -> None:
    asked = await turn(ask(CHOOSE))
    for act in acts.split():
        match act:
            case "right":
                await answer(asked, asked.presentation.right[0])
            case "wrong":
                await answer(asked, wrong(asked)[0])
            case "hint":
                assert asked.give_hint()
            case "run":
                asked.code_was_run = True
            case "reveal":
                asked.reveal()
    asked.seconds = quick(asked.card.question) + over
    assert asked.rating == rated
    assert asked.course == {
        "seconds": round(asked.seconds, 3),
        "right": acts.endswith("right"),
        "tries": acts.count("right") + acts.count("wrong"),
        "hint": "hint" in acts or "run" in acts,
        "revealed": "reveal" in acts,
    }


def test_more_to_read_and_to_type_takes_longer(examples: dict[str, Question]) -> None:
    assert quick(examples["gone_dim"]) < quick(examples["who_copies"]) < quick(examples["one_step"])
    assert all(3 < quick(question) < 40 for question in examples.values())
