"""Answers to each kind of question, right, wrong and evil, judged by the real worker."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.quiz.conftest import Ask, prepare
from tutor.client.client import WorkerClient
from tutor.curriculum.lesson import Question
from tutor.quiz import executor
from tutor.quiz.driver import grade
from tutor.quiz.kinds import kind_of
from tutor.quiz.presentation import Answer, Presentation

Examples = dict[str, Question]


def place(shown: Presentation, text: str) -> int:
    return next(i for i, option in enumerate(shown.options) if option.text.strip() == text)


@dataclass(frozen=True)
class Judgement:
    """What a learner is told of an answer."""

    right: bool
    said: tuple[str, ...]
    answer: str
    why: str
    counts: bool = True


async def judged(question: Question, runner: WorkerClient, *answer: str, seed: int = 3) -> Judgement:
    """What becomes of an answer: a text where it is typed, else the texts of options."""
    shown = await prepare(question, runner, seed)
    given: Answer = answer[0] if shown.mode == "text" else tuple(place(shown, text) for text in answer)
    verdict = await grade(shown, given, runner)
    answer = kind_of(question).right_answer(shown)
    return Judgement(verdict.right, verdict.sentences, answer, shown.question.why, verdict.counts)


# --- chosen ---------------------------------------------------------------------------------------------------


async def test_choose(examples: Examples, runner: WorkerClient) -> None:
    right = await judged(examples["gone_dim"], runner, "`(2, 4)`")
    assert right == Judgement(True, (), "`(2, 4)`", "The named dimension disappears.")
    wrong = await judged(examples["gone_dim"], runner, "`(2, 3)`")
    assert (wrong.right, wrong.counts, wrong.said) == (False, True, ("dim 1 is the one in the middle",))


async def test_choose_all(examples: Examples, runner: WorkerClient) -> None:
    question = examples["who_copies"]
    assert (await judged(question, runner, "`x.clone()`", "`x + 0`")).right
    wrong = await judged(question, runner, "`x.clone()`", "`x[1:]`")
    assert not wrong.right
    assert set(wrong.said) == {"`x + 0` belongs to it.", "`x[1:]` does not: a slice is a view"}
    assert not (await judged(question, runner)).right


async def test_prints_and_predict(examples: Examples, runner: WorkerClient) -> None:
    assert (await judged(examples["printed_mean"], runner, "tensor(2.)")).right
    wrong = await judged(examples["printed_mean"], runner, "tensor([1., 3.])")
    assert (wrong.right, wrong.said, wrong.answer) == (False, ("that is one for each row",), "`tensor(2.)`")
    wrong = await judged(examples["shape_of_sum"], runner, "(4, 5)")
    assert (wrong.right, wrong.said) == (False, ("that adds along dim 0",))


async def test_find_the_line(examples: Examples, runner: WorkerClient) -> None:
    right = await judged(examples["never_learns"], runner, "optimizer.step")
    assert (right.right, right.answer) == (True, "Line 8 should be `optimizer.step()`")
    fine = await judged(examples["never_learns"], runner, "optimizer.zero_grad()")
    assert fine.said == ("there is nothing to clear yet, and that does no harm",)
    other = await judged(examples["never_learns"], runner, "import torch")
    assert (other.right, other.said) == (False, ("Nothing is wrong with this line.",))


async def test_match_the_curve(examples: Examples, runner: WorkerClient) -> None:
    assert (await judged(examples["staircase"], runner, "StepLR(optimizer, step_size=10, gamma=0.5)")).right
    wrong = await judged(examples["staircase"], runner, "ExponentialLR(optimizer, gamma=0.93)")
    assert (wrong.right, wrong.said) == (False, ("that falls a little at every step",))


async def test_an_answer_of_another_kind_is_refused(examples: Examples, runner: WorkerClient) -> None:
    choose, fill, order = [await prepare(examples[n], runner, 1) for n in ("gone_dim", "along_rows", "one_step")]
    answers = [(choose, "x"), (choose, (0, 1)), (choose, (9,)), (choose, ()), (fill, (0,)), (order, (0, 1))]
    for shown, answer in answers:
        with pytest.raises(ValueError):
            await grade(shown, answer, runner)


# --- put in order ---------------------------------------------------------------------------------------------

STEPS = ("optimizer.zero_grad()", "loss = w.square()", "loss.backward()", "optimizer.step()")


async def test_every_order_is_judged_by_what_it_prints(examples: Examples, runner: WorkerClient) -> None:
    """The gradient may be cleared before or after the loss is computed."""
    right = {order for order in itertools.permutations(range(4)) if order in [(0, 1, 2, 3), (1, 0, 2, 3)]}
    for order in itertools.permutations(range(4)):
        verdict = await judged(examples["one_step"], runner, *(STEPS[step] for step in order))
        assert verdict.right == (order in right), order


async def test_the_step_out_of_place_is_named(examples: Examples, runner: WorkerClient) -> None:
    zero, loss, backward, step = STEPS
    late = await judged(examples["one_step"], runner, loss, backward, zero, step)
    assert late.said == (f"`{backward}` comes too early: it belongs after `{zero}`.",)
    early = await judged(examples["one_step"], runner, step, zero, loss, backward)
    assert early.said == (f"`{step}` comes too early: it belongs after `{backward}`.",)
    stops = await judged(examples["one_step"], runner, backward, zero, loss, step)
    assert stops.said == (
        f"`{backward}` comes too early: it belongs after `{loss}`.",
        f"With that, the program stops in line 6, `{backward}`: NameError: name 'loss' is not defined.",
    )
    several = await judged(examples["one_step"], runner, step, backward, loss, zero)
    assert several.said[0] == (
        f"More than one step is out of place. In step 1 you have `{step}`; `{zero}` would do there."
    )
    assert several.answer == f"1. `{zero}`\n2. `{loss}`\n3. `{backward}`\n4. `{step}`"


# --- typed ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["dim=1", " 1 ", "-1", "dim=(1,)", "1, keepdim=False"])
async def test_a_fill_is_right_if_it_prints_the_same(examples: Examples, runner: WorkerClient, text: str) -> None:
    verdict = await judged(examples["along_rows"], runner, text)
    assert (verdict.right, verdict.said, verdict.answer) == (True, (), "`dim=1`")


async def test_a_fill_that_was_foreseen(examples: Examples, runner: WorkerClient) -> None:
    for text in ("dim=0", "-2"):
        verdict = await judged(examples["along_rows"], runner, text)
        assert (verdict.right, verdict.said) == (False, ("that is one for each column",))


async def test_a_fill_that_was_not_foreseen(examples: Examples, runner: WorkerClient) -> None:
    verdict = await judged(examples["along_rows"], runner, "")
    assert (verdict.counts, verdict.said) == (False, ("Nothing is typed yet.",))
    verdict = await judged(examples["along_rows"], runner, "(0, 1)")
    assert verdict.said == ("With that, `tensor(15.)` is printed, where `tensor([ 3., 12.])` should be.",)
    verdict = await judged(examples["along_rows"], runner, "2")
    assert verdict.counts and not verdict.right
    assert verdict.said[0].startswith("With that, the program stops in line 4, `total = x.sum(2)`: IndexError: ")


STOPS = '''q: fill the blank
"""Along which dimension?

- [x] `1`
- `2`: they are counted from 0
- `"rows"`: this tensor has no names
- `dim: 1`: keywords take an equals sign

So.
"""
import torch

print(torch.ones(2, 3).sum(___))
'''


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2", "they are counted from 0"),
        (" 1 + 1", "they are counted from 0"),
        ('"rows"', "this tensor has no names"),
        ("dim: 1", "keywords take an equals sign"),
        ("3", "With that, the program stops in line 3, `print(torch.ones(2, 3).sum(3))`: IndexError: "),
        ("dim:", "Python can't read that: "),
    ],
)
async def test_a_fill_that_stops_is_told_what_its_author_says(
    ask: Ask, runner: WorkerClient, text: str, said: str
) -> None:
    verdict = await judged(ask(STOPS), runner, text)
    assert not verdict.right and verdict.said[0].startswith(said)
    assert verdict.counts == (text != "dim:")


async def test_lines_that_are_printed_stand_by_themselves(ask: Ask, runner: WorkerClient) -> None:
    question = ask(
        'q: fill the blank\n"""Fill.\n\n- [x] `2`\n- `3`: no\n\nSo.\n"""\nfor n in range(___):\n    print(n)\n'
    )
    verdict = await judged(question, runner, "1")
    assert verdict.said == ("With that, this is printed:\n\n`0`\n\nThis should be:\n\n```text\n0\n1\n```",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x[9]", "it ends at 5"),
        ("x[3 * 3]", "it ends at 5"),
        ("x[8]", "With that, the program stops: IndexError: index 8 is out of bounds"),
    ],
)
async def test_an_expression_that_stops_is_told_what_its_author_says(
    ask: Ask, runner: WorkerClient, text: str, said: str
) -> None:
    cell = (
        'q: write y\n"""Which?\n\n- `x[9]`: it ends at 5\n\nSo.\n"""\nimport torch\n\nx = torch.arange(6)\ny = x[5]\n'
    )
    verdict = await judged(ask(cell), runner, text)
    assert (verdict.right, verdict.counts) == (False, True) and verdict.said[0].startswith(said)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("", "E"),
        ("one\ntwo", "E: one"),
        ("sum() got (str), but expected one of:\n * (*, dtype)\n", "E: sum() got (str)"),
        ("Error(s) in loading:\n\tsize mismatch\n\tmore", "E: Error(s) in loading: size mismatch"),
        ("ends in:", "E: ends in:"),
        ("a" * 201, "E: " + "a" * 200 + "…"),
    ],
)
def test_an_error_in_a_line(message: str, said: str) -> None:
    assert str(executor.Error("E", message, 0)) == said


@pytest.mark.parametrize(
    "text",
    [
        "x - x.mean()",
        "y = x - x.mean()",
        "x.sub(x.mean(0, keepdim=True))",
        "x - sum(x) / n",
        "x.sub_(x.mean())",
        "torch.stack([number - x.mean() for number in x])",
    ],
)
async def test_an_expression_is_right_if_its_value_is(examples: Examples, runner: WorkerClient, text: str) -> None:
    verdict = await judged(examples["centred"], runner, text)
    assert (verdict.right, verdict.said, verdict.answer) == (True, (), "`y = x - x.mean()`")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x - x[0]", "that moves the first number to 0"),
        ("-(x - x.mean())", "the other way round"),
        ("(x - x.mean()).double()", "its dtype is torch.float64, where torch.float32 is asked for."),
        ("(x - x.mean())[None]", "its shape is (1, 6), where (6,) is asked for."),
        ("(x - x.mean()).tolist()", "it is of type list, where Tensor is asked for."),
        ("x - 0.5", "at [0] it is "),
        ("x - x.mena()", "With that, the program stops: AttributeError: 'Tensor' object has no attribute 'mena'."),
        ("x - mean", "With that, the program stops: NameError: name 'mean' is not defined."),
    ],
)
async def test_an_expression_that_is_wrong(examples: Examples, runner: WorkerClient, text: str, said: str) -> None:
    verdict = await judged(examples["centred"], runner, text)
    assert (verdict.right, verdict.counts) == (False, True)
    assert verdict.said[0].removeprefix("With `n = 6`: ").startswith(said)


async def test_what_is_right_for_the_numbers_shown_alone_is_wrong(ask: Ask, runner: WorkerClient) -> None:
    question = ask('q: write y\n"""Double `n`.\n\nSo.\n"""\nn = 2  # fresh: 2..9\ny = 2 * n\n')
    shown = await prepare(question, runner, 5)
    number = int(shown.code.removeprefix("n = "))
    verdict = await grade(shown, str(2 * number), runner)
    assert not verdict.right and "is asked for" in verdict.sentences[0]
    assert (await grade(shown, "n + n", runner)).right


@pytest.mark.parametrize("name", ["along_rows", "centred"])
@pytest.mark.parametrize("text", ["x[", "dim=", "1 +* 2", "'", "if True:\n  1", "\0"])
async def test_what_python_can_t_read_is_no_attempt(
    examples: Examples, runner: WorkerClient, name: str, text: str
) -> None:
    verdict = await judged(examples[name], runner, text)
    assert (verdict.right, verdict.counts) == (False, False)
    assert verdict.said[0].startswith("Python can't read that: ")


# --- evil -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["along_rows", "centred"])
async def test_who_leaves_is_wrong(examples: Examples, runner: WorkerClient, name: str) -> None:
    verdict = await judged(examples[name], runner, "__import__('sys').exit()")
    assert (verdict.right, verdict.counts) == (False, True)
    assert verdict.said == ("With that, the program leaves before its end.",)
    verdict = await judged(examples[name], runner, "__import__('os')._exit(0)")
    assert (verdict.right, verdict.counts) == (False, True)
    assert verdict.said == ("The program left before it came to its end.",)
    assert (await judged(examples[name], runner, "1" if name == "along_rows" else "x - x.mean()")).right


@pytest.mark.parametrize("name", ["along_rows", "centred"])
async def test_who_never_ends_is_ended(
    examples: Examples, runner: WorkerClient, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "SECONDS", 1.0)
    verdict = await judged(examples[name], runner, "any(iter(int, 1))")
    assert (verdict.right, verdict.counts) == (False, True)
    assert verdict.said == ("It ran for 1 s, which is the limit here, and was ended.",)


async def test_a_flood_of_output(examples: Examples, runner: WorkerClient) -> None:
    flood = "1); print('a' * 10**9"
    verdict = await judged(examples["along_rows"], runner, flood)
    assert (verdict.right, verdict.said) == (False, ("With that, something else is printed.",))
    raw = "1); [__import__('os').write(1, b'a' * 10**7) for _ in range(5)] and (0"
    assert (await judged(examples["along_rows"], runner, raw)).right  # not through Python: left out, and survived


async def test_what_looks_like_a_result_is_output(examples: Examples, runner: WorkerClient) -> None:
    forged = "1); print('<' + 'a' * 32 + '>[]'"
    assert not (await judged(examples["along_rows"], runner, forged)).right
    assert not (await judged(examples["centred"], runner, "print('<' + 'a' * 32 + '>[]')")).right


async def test_a_program_that_breaks_what_it_runs_in_is_wrong(examples: Examples, runner: WorkerClient) -> None:
    breaking = "1); import json; json.dumps = None; (0"
    verdict = await judged(examples["along_rows"], runner, breaking)
    assert (verdict.right, verdict.counts) == (False, True)


async def test_typed_code_runs_in_the_worker_only(examples: Examples, runner: WorkerClient, tmp_path: Path) -> None:
    note = tmp_path / "process"
    text = f"__import__('pathlib').Path({str(note)!r}).write_text(str(__import__('os').getpid()))"
    await judged(examples["centred"], runner, text)
    assert note.read_text() != str(os.getpid())
