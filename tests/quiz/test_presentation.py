"""What is shown of each kind of question, by the real worker."""

from __future__ import annotations

import pytest

from tests.quiz.conftest import Ask, prepare
from tutor.client.client import WorkerClient
from tutor.curriculum.lesson import Question
from tutor.quiz.presentation import CannotAsk, Presentation

Examples = dict[str, Question]


def texts(shown: Presentation) -> list[str]:
    return [option.text for option in shown.options]


def right(shown: Presentation) -> list[str]:
    return [shown.options[i].text for i in shown.right]


async def test_the_same_seed_prepares_the_same(examples: Examples, runner: WorkerClient) -> None:
    for question in examples.values():
        assert await prepare(question, runner, 7) == await prepare(question, runner, 7)


async def test_another_seed_puts_options_in_another_order(examples: Examples, runner: WorkerClient) -> None:
    orders = {tuple(texts(await prepare(examples["who_copies"], runner, seed))) for seed in range(20)}
    assert len(orders) > 5
    assert len({frozenset(order) for order in orders}) == 1


async def test_choose_all(examples: Examples, runner: WorkerClient) -> None:
    shown = await prepare(examples["who_copies"], runner, 1)
    assert sorted(right(shown)) == ["`x + 0`", "`x.clone()`"]
    assert {option.text for option in shown.options if option.right} == set(right(shown))


async def test_prints(examples: Examples, runner: WorkerClient) -> None:
    shown = await prepare(examples["printed_mean"], runner, 1)
    assert right(shown) == ["tensor(2.)"]
    assert sorted(texts(shown)) == ["tensor(2.)", "tensor([1., 3.])"]


async def test_what_is_printed_is_right_even_if_no_option_says_so(ask: Ask, runner: WorkerClient) -> None:
    question = ask('q\n"""What does this print?\n\n- 1: no\n- 2: no\n\nSo.\n"""\nprint(1 + 2)\n')
    shown = await prepare(question, runner, 1)
    assert right(shown) == ["3"] and len(shown.options) == 3


PREDICT = '''q: predict {target}
"""What is it?

{options}

So.
"""
import torch

{code}
'''


def predict(ask: Ask, target: str, code: str, *options: str) -> Question:
    return ask(PREDICT.format(target=target, code=code, options="\n".join(f"- `{option}`" for option in options)))


async def test_predict_shows_values_with_the_numbers_drawn(examples: Examples, runner: WorkerClient) -> None:
    seen = set()
    for seed in range(8):
        shown = await prepare(examples["shape_of_sum"], runner, seed)
        line = shown.code.split("\n")[2]
        rows = line.removeprefix("rows = ")
        seen.add(rows)
        assert right(shown) == [f"({rows}, 5)"]
        feedback = {option.text: option.feedback for option in shown.options}
        assert feedback[f"({rows}, 1, 5)"] == "only `keepdim=True` would keep it"
        assert len(feedback) == len(shown.options) >= 3
    assert len(seen) > 2 and seen <= set("23456")


async def test_no_two_options_look_the_same(ask: Ask, runner: WorkerClient) -> None:
    question = predict(ask, "x", "x = 3", "x + 0", "x + 1", "1 + x", "x / 0", "1 / 0", "x * 1.0")
    shown = await prepare(question, runner, 1)
    assert sorted(texts(shown)) == ["3", "3.0", "4", "ZeroDivisionError"]
    said = {option.text: option.feedback for option in shown.options}
    assert said["4"] == "that is `x + 1`"
    assert said["ZeroDivisionError"] == "`x / 0` stops with ZeroDivisionError: division by zero"


@pytest.mark.parametrize(
    ("target", "value", "others"),
    [
        ("tuple(x.shape)", "(2, 3)", {"(3, 2)", "(2, 3, 1)"}),
        ("x.shape", "torch.Size([2, 3])", {"torch.Size([3, 2])", "torch.Size([2, 3, 1])"}),
        ("tuple(x[0].shape)", "(3,)", {"(3, 1)", "()"}),
        ("x.dtype", "torch.float32", {"torch.float64", "torch.int64"}),
        ("x.requires_grad", "False", {"True"}),
        ("7 // 2", "3", {"4", "2"}),
        ("7 / 2", "3.5", {"3.0", "-3.5"}),
    ],
)
async def test_wrong_options_are_computed_where_the_author_gives_few(
    ask: Ask, runner: WorkerClient, target: str, value: str, others: set[str]
) -> None:
    shown = await prepare(predict(ask, target, "x = torch.ones(2, 3)", "'mine'"), runner, 1)
    assert right(shown) == [value]
    assert set(texts(shown)) == {value, "'mine'", *others}
    assert all(option.feedback for option in shown.options if not option.right)


async def test_numbers_are_drawn_again_until_an_option_differs(ask: Ask, runner: WorkerClient) -> None:
    question = predict(ask, "str(n)", "n = 2  # fresh: 2, 3", "str(n * n - 2)")  # the same where n is 2
    for seed in range(6):
        shown = await prepare(question, runner, seed)
        assert sorted(texts(shown)) == ["'3'", "'7'"]


async def test_a_question_that_can_t_be_asked_says_why(ask: Ask, runner: WorkerClient) -> None:
    with pytest.raises(CannotAsk, match="stops with NameError: name 'y' is not defined"):
        await prepare(predict(ask, "x", "x = y", "1"), runner, 1)
    with pytest.raises(CannotAsk, match="same value"):
        await prepare(predict(ask, "'a'", "x = 1", "'a' + ''"), runner, 1)
    with pytest.raises(CannotAsk, match="It stops with ValueError"):
        await prepare(ask('q\n"""What?\n\n- 1: no\n- 2: no\n\nSo.\n"""\nraise ValueError\n'), runner, 1)


async def test_lines_are_in_their_order(examples: Examples, runner: WorkerClient) -> None:
    shown = await prepare(examples["never_learns"], runner, 5)
    lines = shown.code.split("\n")
    assert [lines[row] for row in shown.question.places] == texts(shown)
    assert right(shown) == ["optimizer.step"]


async def test_steps_never_start_solved(examples: Examples, runner: WorkerClient) -> None:
    question = examples["one_step"]
    for seed in range(30):
        shown = await prepare(question, runner, seed)
        assert right(shown) == [option.text for option in question.options] != texts(shown)


async def test_steps_never_start_in_another_order_that_is_right(ask: Ask, runner: WorkerClient) -> None:
    code = "a = 1\na += 1  # step\na += 2  # step\na *= 3  # step\nprint(a)\n"
    question = ask(f'q: order\n"""How?\n\nSo.\n"""\n{code}')
    for seed in range(20):
        assert texts(await prepare(question, runner, seed)) != ["a += 2", "a += 1", "a *= 3"]


async def test_typed_answers_have_no_options(examples: Examples, runner: WorkerClient) -> None:
    fill, write = await prepare(examples["along_rows"], runner, 1), await prepare(examples["centred"], runner, 1)
    assert (fill.mode, write.mode) == ("text", "text") and (fill.options, write.options) == ((), ())
    assert "x.sum(___)" in fill.code and "mean" not in write.code


async def test_curves(examples: Examples, runner: WorkerClient) -> None:
    shown = await prepare(examples["staircase"], runner, 1)
    assert right(shown) == ["StepLR(optimizer, step_size=10, gamma=0.5)"]
    assert shown.series == shown.options[shown.right[0]].series
    assert shown.series is not None and [bucket.last for bucket in shown.series.buckets][::10] == [1.0, 0.5, 0.25]
    assert all(option.series is not None for option in shown.options)
