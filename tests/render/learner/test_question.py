"""Questions drawn: asked, being answered, answered; and what a quiz came to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Group

from tests.quiz.conftest import NoWorker, prepare
from tests.ui import asked
from tutor.curriculum.lesson import Question
from tutor.curriculum.parser import parse_text
from tutor.protocol.codec import Bucket, Series
from tutor.quiz.driver import Summary
from tutor.quiz.feedback import Verdict
from tutor.quiz.kinds import KINDS
from tutor.quiz.presentation import Presentation, PresentedOption
from tutor.quiz.selection import Card
from tutor.quiz.turn import Turn
from tutor.render.learner import question as asking
from tutor.render.learner import quiz_summary
from tutor.render.text.markdown import lesson_text
from tutor.render.text.style import look

LONG = '''# %% question long
"""Which of these is what a tensor that was made with `requires_grad=True` answers, when it is asked for its gradient?

- [x] `None`, until `backward()` has been called on something that was computed from it, which fills it
- 一个张量: an answer in 中文, to see that it is wrapped and aligned
- *nothing*: that is no answer

So it is.
"""
'''
HOSTILE = "\x1b]0;title\x07\x1b[2J\x1b[31m\x9b5n\r\x08\udcff\x00"


def questions() -> dict[str, Question]:
    """Those of the page on writing them, and a long one, by name."""
    text = asked.LESSON.format(title="Asked") + "".join(asked.cells().values()) + LONG
    return {
        question.name: question
        for question in parse_text(text, asked.Path("asked.py"), "quiz/asked", KINDS).supplement.questions
    }


def series(name: str, *values: float) -> Series:
    return Series(0, name, "lr", tuple(Bucket(i, 1, v, v, v, 0) for i, v in enumerate(values)))


async def turn(
    name: str, options: tuple[PresentedOption, ...] = (), right: tuple[int, ...] = (), **more: object
) -> Turn:
    """A question that is put; where code would have to run, with these options."""
    question = questions()[name]
    if options:
        made = Presentation(question, 1, question.code.text if question.code else "", options, right, **more)  # type: ignore[arg-type]
    else:
        made = await prepare(question, NoWorker(), 1)
    return Turn(Card(f"quiz/asked#{name}", question, 1), made)


PRINTS = (PresentedOption("tensor(2.)", right=True), PresentedOption("tensor([1., 3.])", "that is one for each row"))
CURVES = (
    PresentedOption(
        "StepLR(optimizer, step_size=10, gamma=0.5)", right=True, series=series("lr", *[1.0] * 9, *[0.5] * 9)
    ),
    PresentedOption(
        "LinearLR(optimizer, 1.0, 0.1)", "a straight line", series=series("lr", *[1 - i / 20 for i in range(18)])
    ),
)
SAID = Verdict(False, ("that is one for each row",))


def drawn(one: Turn, signs, **hand: object) -> Group:
    marks = asking.marks(one, **hand)
    parts = [lesson_text(one.presentation.question.prompt, signs)]
    if one.presentation.series is not None:
        parts.append(asking.curve_to_match(one, signs))
    if one.presentation.code:
        parts.append(asking.code(one.presentation, signs, marks))
    parts += asking.options(one.presentation, signs, marks)
    if (words := asking.verdict(one, signs)) is not None:
        parts.append(words)
    return Group(*parts)


async def everything(signs) -> dict[str, Group]:
    """A drawing of each kind, at several moments."""
    long, printed = await turn("long"), await turn("printed_mean", PRINTS, (0,))
    wrong, curve = (
        await turn("printed_mean", PRINTS, (0,)),
        await turn("staircase", CURVES, (0,), series=CURVES[0].series),
    )
    wrong.add_answer((1,), SAID)
    curve.add_answer((1,), replace(SAID, sentences=("a straight line",)))
    copies, lines, steps = await turn("who_copies"), await turn("never_learns"), await turn("one_step")
    copies.reveal()
    lines.give_hint()
    blank, write = await turn("along_rows"), await turn("centred")
    blank.add_answer("(", Verdict(False, ("Python can't read that.",), counts=False))
    return {
        "long": drawn(long, signs, cursor=1),
        "prints": drawn(printed, signs, cursor=0),
        "prints-wrong": drawn(wrong, signs),
        "curve": drawn(curve, signs),
        "all": drawn(copies, signs, ticked=frozenset({0, 2})),
        "line": drawn(lines, signs, cursor=lines.open[0]),
        "order": drawn(steps, signs, cursor=1, order=(2, 0, 3, 1), is_moving=True),
        "blank": drawn(blank, signs, typed="("),
        "write": drawn(write, signs, typed="x - x.mean()"),
        "summary": Group(
            quiz_summary.summary(Summary(8, 5, 2, 4, 125.0, 2, (("a/b", 2),)), signs),
            quiz_summary.summary(Summary(1, 1, 0, 1, 3.0, 0, ()), signs),
        ),
    }


NAMES = ("long", "prints", "prints-wrong", "curve", "all", "line", "order", "blank", "write", "summary")


@pytest.mark.parametrize("name", NAMES)
async def test_asked(name, golden):
    both = {ascii: (await everything(look(ascii=ascii)))[name] for ascii in (False, True)}
    golden(f"asked-{name}", lambda signs: both[signs.ascii], (38, 80))


@pytest.mark.parametrize("width", [20, 38, 59, 80, 120])
@pytest.mark.parametrize("ascii", [False, True])
async def test_no_line_is_wider_than_there_is_room(width, ascii, printed):
    for name, drawing in (await everything(look(ascii=ascii))).items():
        lines = printed(drawing, width).splitlines()
        assert all(cell_len(line) <= width for line in lines), name
        for part in drawing.renderables:  # not because the console cut them
            assert not [line.plain for line in part.lines(width) if line.cell_len > width], name


@pytest.mark.parametrize("ascii", [False, True])
async def test_nothing_that_is_asked_or_typed_can_control_the_terminal(ascii, printed):
    signs = look(ascii=ascii)
    bad = tuple(replace(option, text=option.text + HOSTILE, feedback=HOSTILE) for option in PRINTS)
    one = await turn("printed_mean", bad, (0,))
    one.add_answer((1,), replace(SAID, sentences=(HOSTILE,)))
    blank = await turn("along_rows")
    for drawing in (drawn(one, signs), drawn(blank, signs, typed=HOSTILE)):
        shown = printed(drawing, 60)
        assert not [char for char in shown if (char < " " and char != "\n") or "\x7f" <= char <= "\x9f"]
        shown.encode("ascii" if ascii else "utf-8")


@pytest.mark.parametrize(
    ("waiting", "forecast", "reviewed", "said"),
    [
        (0, (), 0, "Nothing is due. Questions of lessons that you have solved"),
        (0, (0, 0, 0), 3, "Nothing is due. Questions of lessons"),
        (0, (0, 1, 2), 0, "Nothing is due. The next one comes tomorrow."),
        (0, (0, 0, 2), 0, "Nothing is due. The next 2 come in 2 days."),
        (5, (5, 1), 20, "You have reviewed 20 questions today, which is enough for a day."),
        (9, (0, 0, 20), 20, "You have reviewed 20 questions today, which is enough for a day."),
    ],
)
def test_why_there_is_nothing_to_review(waiting, forecast, reviewed, said):
    assert quiz_summary.nothing_due(waiting, forecast, reviewed).startswith(said)


def test_a_curve_in_numbers():
    told = asking.in_numbers(series("lr", *[1.0] * 10, *[0.5] * 10, *[0.25] * 10))
    assert told.startswith("1 at step 0, ") and told.endswith("0.25 at step 29") and told.count("at step") == 9
    assert asking.in_numbers(series("lr", 1.0)) == "1 at step 0"
