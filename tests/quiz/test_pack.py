"""What is shown as right is what the installed torch gives, by another way than `tutor verify` takes.

It is asked of every kind, on the examples of the page and on one shipped lesson: `tutor verify` proves all others.
"""

from __future__ import annotations

from pathlib import Path

from tests.quiz.conftest import prepare
from tutor.client.client import WorkerClient
from tutor.curriculum.catalog import Catalog
from tutor.curriculum.lesson import Question
from tutor.quiz.driver import grade
from tutor.quiz.executor import learning_rates, printed, run_program
from tutor.quiz.feedback import Verdict
from tutor.quiz.kinds import KINDS, kind_of
from tutor.quiz.kinds.match_the_curve import same_curve
from tutor.quiz.presentation import Answer, Presentation

SEEDS = (11, 12)
ROOT = Path(__file__).resolve().parents[2]


async def output(runner: WorkerClient, source: str) -> str:
    """What a program prints that is run whole, as ``python FILE`` runs it, by none of the ways it was put."""
    ran = await run_program(runner, source)
    assert ran.raised is None and ran.status == 0, (ran, source)
    return printed(ran).strip("\n")


async def holds(question: Question, runner: WorkerClient, seed: int) -> None:
    shown = await prepare(question, runner, seed)
    right: Answer = shown.right
    if question.kind in ("prints", "predict"):
        seen = await output(runner, kind_of(question).program(shown).replace(f"print({question.target})\n", "")
                            + (f"\nprint(repr({question.target}))" if question.target else ""))  # fmt: skip
        assert "\n".join(line.rstrip() for line in seen.split("\n")) == shown.options[shown.right[0]].text
    elif question.kind == "find the line":
        faulty = printed(await run_program(runner, shown.code))
        assert await output(runner, kind_of(question).program(shown)) != faulty.strip("\n")
    elif question.kind == "match the curve":
        ran = await run_program(runner, kind_of(question).program(shown), observe=True)
        for option in shown.options:
            assert same_curve(option.series, learning_rates(ran)[0]) == option.right
    elif question.kind == "fill the blank":
        right = question.options[question.right[0]].text
        for place, option in enumerate(question.options):
            await answered(shown, option.text, runner, place in question.right, option.feedback)
    elif question.kind == "write":
        right = question.reference
        for option in question.options:
            await answered(shown, option.text, runner, False, option.feedback)
        await output(runner, kind_of(question).program(shown))
    elif question.kind == "order":
        await output(runner, kind_of(question).program(shown))
    await answered(shown, right, runner, True)


async def answered(shown: Presentation, answer: Answer, runner: WorkerClient, right: bool, feedback: str = "") -> None:
    given: Verdict = await grade(shown, answer, runner)
    assert given.right == right, (answer, given)
    if feedback and not right and "stops" not in given.sentences[0]:
        assert given.sentences == (feedback,)


async def test_the_examples_of_the_page(examples: dict[str, Question], runner: WorkerClient) -> None:
    for question in examples.values():
        for seed in SEEDS:
            await holds(question, runner, seed)


async def test_a_shipped_lesson(runner: WorkerClient) -> None:
    entry = "autograd/backward"
    for question in Catalog(ROOT / "lessons", KINDS).lesson(entry).supplement.questions:
        for seed in SEEDS if question.fresh else SEEDS[:1]:
            try:
                await holds(question, runner, seed)
            except AssertionError as error:
                raise AssertionError(f"{entry}#{question.name}, seed {seed}: {error}") from error
