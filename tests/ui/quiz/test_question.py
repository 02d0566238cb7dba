"""Questions of every kind in the app, judged by the real worker; what they look like."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager

import pytest

from tests.ui import asked
from tests.ui.asked import letter_of, remembered
from tests.ui.conftest import Opened
from tutor.ui.app import Start, Tutor
from tutor.ui.messages import QuizRequest, StartQuiz

WIDE, NARROW = (120, 36), (80, 24)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
ENDLESS = '''# %% question endless: fill the blank
"""What makes this print 1?

- [x] `1`
- `2`: that is 2

One.
"""
print(___)
'''


@pytest.fixture
def pack(tmp_path):
    found = asked.cells()
    return asked.write(
        tmp_path / "pack",
        **{name: cell.replace("# fresh: 2..6", "") for name, cell in found.items()},
        endless=ENDLESS,
    )


@pytest.fixture
def asks(pack, home, runner, monkeypatch):
    """``async with asks("one_step", size=...) as tutor``: the question of that lesson, put with one seed."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setattr("tutor.ui.quiz.selection.random.randrange", lambda stop: 3)

    @asynccontextmanager
    async def go(lesson, *, size=NARROW, ascii=False):
        lent = asked.Lent(runner)
        app = Tutor(Start(pack, home, lambda: lent, None, ascii))
        async with app.run_test(size=size) as pilot:
            tutor = Opened(app, pilot, lent, home)
            await tutor.until(lambda: app.context.machine.stage == "all" and app.context.learner.is_open, "the worker")
            app.post_message(StartQuiz(QuizRequest("lesson", f"asked/{lesson}")))
            await pilot.pause()
            await tutor.until(lambda: app.screen.turn is not None and "Esc leave" in tutor.text, "the question")
            yield tutor

    return go


async def test_what_a_program_prints(asks):
    async with asks("printed_mean") as tutor:
        await tutor.press(letter_of(tutor, "tensor([1., 3.])"))
        assert "✗ Not right" in tutor.text and "that is one for each row" in tutor.text
        assert "The answer: tensor(2.)" in tutor.text, "only one was left"


@SIZES
async def test_a_computed_shape(asks, golden, size):
    async with asks("shape_of_sum", size=size) as tutor:
        await tutor.press(letter_of(tutor, "(3, 1, 5)"))
        golden(f"quiz-predict-{size[0]}", tutor.text)


@SIZES
async def test_a_line_at_fault(asks, golden, size):
    async with asks("never_learns", size=size) as tutor:
        await tutor.press("down", "down", "enter", "question_mark")
        golden(f"quiz-line-{size[0]}", tutor.text)


@pytest.mark.parametrize("name", ["never_learns", "one_step"])
async def test_the_cursor_stays_in_sight_where_long_lines_take_several_rows(asks, name):
    async with asks(name) as tutor:
        await tutor.pilot.resize_terminal(26, 10)
        for _ in range(8):
            await tutor.press("down")
            assert "›" in "\n".join(tutor.lines[1:])


@SIZES
async def test_a_blank_is_filled_beside_the_code(asks, golden, size):
    async with asks("along_rows", size=size) as tutor:
        await tutor.type("dim=0")
        assert "total = x.sum(dim=0)" in tutor.text
        await tutor.press("enter")
        await tutor.until(lambda: "that is one for each column" in tutor.text, "the judgement")
        golden(f"quiz-blank-{size[0]}", tutor.text)
        await tutor.press("backspace", "1", "enter")
        await tutor.until(lambda: "✓ Right, at the second try" in tutor.text, "the judgement")
        assert "Along a row the column changes" in tutor.text


async def test_what_python_cannot_read_is_said_and_does_not_count(asks):
    async with asks("along_rows") as tutor:
        await tutor.type("dim=")
        await tutor.press("enter")
        await tutor.until(lambda: "Python can't read that" in tutor.text, "the sentence")
        assert "Not judged: this does not count" in tutor.text
        await tutor.press("enter")
        await tutor.pilot.pause()
        assert "The answer" not in tutor.text, "the same again is no wish to be told"
        await tutor.type("1")
        await tutor.press("enter")
        await tutor.until(lambda: "✓ Right" in tutor.text, "the judgement")
        assert "second try" not in tutor.text


async def test_letters_that_are_keys_elsewhere_are_typed(asks):
    async with asks("centred") as tutor:
        await tutor.type("o?jk q")
        assert "y = o?jk q" in tutor.text


@SIZES
async def test_an_expression_is_written(asks, golden, size):
    async with asks("centred", size=size) as tutor:
        await tutor.type("x.mean() - x")
        await tutor.press("enter")
        await tutor.until(lambda: "the other way round" in tutor.text, "the judgement")
        golden(f"quiz-write-{size[0]}", tutor.text)
        await tutor.press("ctrl+t")
        assert "A right answer begins with x -." in tutor.text
        await tutor.press("f3")
        assert "The answer: y = x - x.mean()" in tutor.text and "›" not in tutor.lines[-3]


async def test_an_endless_answer_is_stopped_and_does_not_count(asks):
    async with asks("endless") as tutor:
        await tutor.type("[None for i in iter(int, 1)]")
        await tutor.press("enter")
        await tutor.until(lambda: "^C stop" in tutor.text, "that it runs")
        await tutor.press("ctrl+c")
        await tutor.until(lambda: "this was not judged" in tutor.text, "that it was stopped")
        await tutor.press("ctrl+a", *["delete"] * 30)
        await tutor.type("1")
        await tutor.press("enter")
        await tutor.until(lambda: "✓ Right" in tutor.text, "the judgement")
        assert "second try" not in tutor.text


def steps(tutor):
    return [line.split(maxsplit=1)[1] for line in (line.strip(" ↕›") for line in tutor.lines) if line[:2] in STEPS]


STEPS = ("1.", "2.", "3.", "4.")
RIGHT = ["optimizer.zero_grad()", "loss = w.square()", "loss.backward()", "optimizer.step()"]


@SIZES
async def test_steps_are_put_in_order_by_picking_up_or_with_alt(asks, golden, size):
    async with asks("one_step", size=size) as tutor:
        first = steps(tutor)
        assert sorted(first) == sorted(RIGHT) and first != RIGHT
        await tutor.press("space", "down")
        assert steps(tutor) == [first[1], first[0], *first[2:]]
        golden(f"quiz-order-{size[0]}", tutor.text)
        await tutor.press("space", "home", "alt+down")
        assert steps(tutor) == first
        for place, wanted in enumerate(RIGHT):
            await tutor.press("home", *["down"] * steps(tutor).index(wanted))
            await tutor.press(*["alt+up"] * (steps(tutor).index(wanted) - place))
        assert steps(tutor) == RIGHT
        await tutor.press("enter")
        await tutor.until(lambda: "✓ Right" in tutor.text, "the judgement")


async def test_a_wrong_order_is_told_what_to_move(asks):
    async with asks("one_step") as tutor:
        for place, wanted in enumerate([RIGHT[1], RIGHT[2], RIGHT[0], RIGHT[3]]):
            await tutor.press("home", *["down"] * steps(tutor).index(wanted))
            await tutor.press(*["alt+up"] * (steps(tutor).index(wanted) - place))
        await tutor.press("enter")
        await tutor.until(lambda: "comes too" in tutor.text, "the judgement")


@SIZES
async def test_a_curve_is_matched_and_the_one_that_was_chosen_is_seen_beside_it(asks, golden, size):
    async with asks("staircase", size=size) as tutor:
        assert "learning rate" in tutor.text
        letter = letter_of(tutor, "ExponentialLR(optimizer, gamma=0.93)")
        await tutor.press(letter)
        assert "1 asked" in tutor.text and f"2 {letter}" in tutor.text
        golden(f"quiz-curve-{size[0]}", tutor.text)


async def test_a_curve_in_ascii(asks, golden):
    async with asks("staircase", ascii=True) as tutor:
        await tutor.press(letter_of(tutor, "LinearLR"))
        assert tutor.text.isascii()
        golden("quiz-curve-ascii", tutor.text)


# --- the code, opened -----------------------------------------------------------------------------------------


@SIZES
async def test_the_code_is_opened_changed_and_run_and_nothing_of_it_is_kept(asks, golden, size, home):
    async with asks("printed_mean", size=size) as tutor:
        await tutor.press(letter_of(tutor, "tensor(2.)"), "o")
        assert "Code › What does this print?" in tutor.lines[0]
        await tutor.press("ctrl+r")
        await tutor.until(lambda: "tensor(2.)" in tutor.text and "ran" in tutor.text, "the run")
        golden(f"quiz-code-{size[0]}", re.sub(r"ran · .*", "ran · for some time", tutor.text))
        tutor.app.screen.editor.replace_all("print(6 * 7)\n")
        await tutor.press("ctrl+r")
        await tutor.until(lambda: " 42" in tutor.text, "the run")
        await tutor.press("escape")
        assert "✓ Right" in tutor.text
        await tutor.press("o")
        assert "torch.tensor" in tutor.text and "42" not in tutor.text
    assert not (home / "drafts").exists()


async def test_running_the_code_before_the_answer_counts_as_shown(asks):
    async with asks("printed_mean") as tutor:
        await tutor.press("o")
        assert "run: shows the answer" in tutor.text
        await tutor.press("escape")
        assert "◌" not in tutor.text, "reading it gives nothing away"
        await tutor.press("o", "ctrl+r")
        await tutor.until(lambda: "ran" in tutor.text, "the run")
        await tutor.press("escape")
        assert "◌ Shown" in tutor.text and "The answer: tensor(2.)" in tutor.text


async def test_ones_own_answer_stands_in_the_code_that_is_opened(asks):
    async with asks("along_rows") as tutor:
        await tutor.type("dim=0")
        await tutor.press("ctrl+o")
        assert "total = x.sum(dim=0)" in tutor.text and "run: counts as a hint" in tutor.text
        await tutor.press("ctrl+r")
        await tutor.until(lambda: "tensor([3., 5., 7.])" in tutor.text, "the run")
        await tutor.press("escape")
        await tutor.press("backspace", "1", "enter")
        await tutor.until(lambda: "✓ Right, with a hint" in tutor.text, "the judgement")


async def test_who_has_run_the_code_still_gets_the_hint_before_the_answer(asks):
    async with asks("along_rows") as tutor:
        await tutor.type("0")
        await tutor.press("ctrl+o", "ctrl+r")
        await tutor.until(lambda: "ran" in tutor.text, "the run")
        await tutor.press("escape")
        assert "^T hint" in tutor.text
        await tutor.press("ctrl+t")
        assert "A right answer begins with" in tutor.text and "◌" not in tutor.text
        await tutor.press("ctrl+t")
        assert "◌ Shown" in tutor.text


async def test_where_there_is_no_hint_none_is_offered(asks):
    """Of two options the one that is left would be the answer."""
    async with asks("printed_mean") as tutor:
        assert "hint" not in tutor.text and "F3 don't know" in tutor.text
        await tutor.press("question_mark")
        assert "◌ Shown" in tutor.text


async def test_a_program_that_does_not_end_is_stopped(asks):
    async with asks("printed_mean") as tutor:
        await tutor.press("f3", "o")
        tutor.app.screen.editor.replace_all("while True: pass\n")
        await tutor.press("ctrl+r")
        await tutor.until(lambda: "running" in tutor.text, "the run")
        await tutor.press("ctrl+c")
        await tutor.until(lambda: "stopped" in tutor.text, "the end")


async def test_leaving_from_the_opened_code_keeps_a_wrong_answer_too(asks, home):
    async with asks("printed_mean") as tutor:
        await tutor.press(letter_of(tutor, "tensor([1., 3.])"), "o")
        assert "Code › What does this print?" in tutor.lines[0]
        await tutor.press("ctrl+q")
    assert len(remembered(home)) == 1
