"""What is shown as right is what the installed torch gives, of every question with code that is shipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutor.client.client import Runner
from tutor.curriculum.catalog import load
from tutor.curriculum.lesson import Question
from tutor.quiz.executor import Whole, whole
from tutor.quiz.grading import Judgement, judge
from tutor.quiz.presentation import Put, put, same_curve
from tutor.quiz.program import Answer, opened

SEEDS = (11, 12)
ROOT = Path(__file__).resolve().parents[2]


async def output(runner: Runner, source: str) -> str:
    """What a program prints that is run whole, as ``python FILE`` runs it, by none of the ways it was put."""
    ran: Whole = await whole(runner, source)
    assert ran.raised is None and ran.ended.status == 0, (ran, source)
    return ran.output.strip("\n")


async def holds(question: Question, runner: Runner, seed: int) -> None:
    shown = await put(question, runner, seed)
    right: Answer = shown.right
    if shown.kind in ("prints", "predict"):
        seen = await output(runner, opened(shown).replace(f"print({question.target})\n", "")
                            + (f"\nprint(repr({question.target}))" if question.target else ""))  # fmt: skip
        assert "\n".join(line.rstrip() for line in seen.split("\n")) == shown.options[shown.right[0]].text
    elif shown.kind == "find the line":
        assert await output(runner, opened(shown)) != (await whole(runner, shown.code)).output.strip("\n")
    elif shown.kind == "match the curve":
        ran = await whole(runner, opened(shown), observe=True)
        for option in shown.options:
            assert same_curve(option.series, ran.rates) == option.right
    elif shown.kind == "fill the blank":
        right = question.options[question.right[0]].text
        for place, option in enumerate(question.options):
            await answered(shown, option.text, runner, place in question.right, option.feedback)
    elif shown.kind == "write":
        right = question.reference
        for option in question.options:
            await answered(shown, option.text, runner, False, option.feedback)
        await output(runner, opened(shown))
    elif shown.kind == "order":
        await output(runner, opened(shown))
    await answered(shown, right, runner, True)


async def answered(shown: Put, answer: Answer, runner: Runner, right: bool, feedback: str = "") -> None:
    given: Judgement = await judge(shown, answer, runner)
    assert given.right == right, (answer, given)
    if feedback and not right and "stops" not in given.said[0]:
        assert given.said == (feedback,)


async def test_the_examples_of_the_page(examples: dict[str, Question], runner: Runner) -> None:
    for question in examples.values():
        for seed in SEEDS:
            await holds(question, runner, seed)


@pytest.mark.slow
@pytest.mark.parametrize("entry", [entry.id for entry in load(ROOT / "lessons").entries])
async def test_the_lessons_that_are_shipped(entry: str, runner: Runner) -> None:
    for question in load(ROOT / "lessons").lesson(entry).questions:
        for seed in SEEDS if question.fresh else SEEDS[:1]:
            try:
                await holds(question, runner, seed)
            except AssertionError as error:
                raise AssertionError(f"{entry}#{question.name}, seed {seed}: {error}") from error
