"""``predict first``: asked before the first run of a snippet, answered by that run, proved; and in a quiz."""

from __future__ import annotations

import pytest

from tests.minimal import LESSON
from tests.quiz.conftest import PATH, prepare
from tutor.client.client import WorkerClient
from tutor.curriculum.lesson import Lesson, LessonError, Question
from tutor.curriculum.parser import parse_text
from tutor.quiz.driver import grade
from tutor.quiz.executor import printed, run_program
from tutor.quiz.kinds import KINDS, kind_of
from tutor.quiz.kinds.predict_first import KIND, question_before_run
from tutor.quiz.verification import prove

SNIPPET = "import torch\n\na = 1\nprint(torch.ones(2).sum())"
CELL = '''# %% question sums: predict first
"""What does it print?

- tensor(2.)
- tensor([1., 1.]): that is without `sum`
- 2.0: `sum` gives a tensor

So.
"""
'''
CHOOSE = '# %% question other\n"""Which?\n\n- [x] one\n- two: no\n\nSo.\n"""\n'


def lesson(cell: str = CELL, snippet: str = SNIPPET) -> Lesson:
    text = LESSON.replace("a = 1", snippet, 1) + cell
    return parse_text(text, PATH, "quiz/asked", KINDS)


def first(cell: str = CELL, snippet: str = SNIPPET) -> Question:
    [question] = lesson(cell, snippet).supplement.questions
    return question


# --- its cell -------------------------------------------------------------------------------------------------


def test_its_code_is_the_snippet_and_its_options_are_to_the_letter() -> None:
    question = first(CELL.replace("2.0", "tensor([[1.],\n          [1.]])"))
    assert question.code == lesson().snippet
    assert [option.text for option in question.options] == [
        "tensor(2.)",
        "tensor([1., 1.])",
        "tensor([[1.],\n        [1.]])",
    ]


def test_a_lesson_says_which_question_comes_before_its_first_run() -> None:
    questions = lesson(CHOOSE + CELL).supplement.questions
    assert question_before_run(questions) is questions[1]
    assert question_before_run(lesson(CHOOSE).supplement.questions) is None


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("- tensor(2.)\n", "- [x] tensor(2.)\n", "Take the `[x]` off: what the snippet prints is right."),
        ('So.\n"""\n', 'So.\n"""\nprint(1)\n', "Take the code out: this question is about the snippet."),
        ("- 2.0:", "- tensor(2.):", "Change this option: it repeats the one on line "),
        (CELL[CELL.index("- tensor([1.") : CELL.index("\nSo.")], "", "Give this question two options at least"),
        ("predict first", "predict first run", "Name what is asked for, an expression, as in `predict y.shape`."),
    ],
)
def test_what_it_lacks_or_has_too_much_is_told(old: str, new: str, sentence: str) -> None:
    with pytest.raises(LessonError) as caught:
        _ = lesson(CELL.replace(old, new)).supplement
    assert caught.value.sentence.startswith(sentence)


# --- the first run --------------------------------------------------------------------------------------------


async def test_the_first_run_is_the_answer(runner: WorkerClient) -> None:
    question = first()
    shown = KIND.present_before_run(question, 4)
    assert shown.right == () and sorted(option.text for option in shown.options) == [
        "2.0",
        "tensor(2.)",
        "tensor([1., 1.])",
    ]
    run = await run_program(runner, shown.code)
    verdicts = {
        option.text: KIND.grade_by_run(shown, (place,), printed(run)) for place, option in enumerate(shown.options)
    }
    assert [text for text, verdict in verdicts.items() if verdict.right] == ["tensor(2.)"]
    assert verdicts["2.0"].sentences == ("`sum` gives a tensor",)
    settled = KIND.settle(shown, printed(run))
    assert KIND.right_answer(settled) == "`tensor(2.)`"
    assert [option.text for option in settled.options] == [option.text for option in shown.options], "nothing moves"


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("7\n", "Your program printed `7`, which is none of the options."),
        ("\n", "Your program printed nothing, which is none of the options."),
    ],
)
def test_a_draft_that_prints_something_else_does_not_count(output: str, sentence: str) -> None:
    shown = KIND.present_before_run(first(), 4)
    verdict = KIND.grade_by_run(shown, (0,), output)
    assert (verdict.right, verdict.counts, verdict.sentences) == (False, False, (sentence,))


# --- in a quiz, and proved ------------------------------------------------------------------------------------


async def test_in_a_quiz_it_asks_what_the_snippet_prints(runner: WorkerClient) -> None:
    question = first()
    shown = await prepare(question, runner, 1)
    assert shown.code == question.code.text if question.code else False
    assert (await grade(shown, shown.right, runner)).right
    assert kind_of(question).needs_worker


@pytest.mark.parametrize(
    ("cell", "snippet", "flaw"),
    [
        (CELL, SNIPPET, ""),
        (
            CELL.replace("tensor(2.)\n", "tensor(3.)\n"),
            SNIPPET,
            "No option is what this prints, which is 'tensor(2.)'.",
        ),
        (CELL, "a = 1", "No option is what this prints, which is ''."),
        (CELL, "import random\n\nprint(random.random())", "No option is what this prints, which is '0."),
        (CELL, "print(b)", "The code of this question stops with NameError"),
    ],
)
async def test_verify_proves_it_by_running_the_snippet(
    runner: WorkerClient, cell: str, snippet: str, flaw: str
) -> None:
    proof = await prove([first(cell, snippet)], runner)
    assert len(proof.flaws) == (1 if flaw else 0)
    assert all(sentence.startswith(flaw) for _, sentence in proof.flaws)
