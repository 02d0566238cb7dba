"""``prints``: which option is what the code prints, to the letter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Question
from tutor.curriculum.question_parser import QuestionCell
from tutor.quiz import variants
from tutor.quiz.executor import Error, Group, GroupRun, Prover, QuestionProgram, failure, printed, run_program, trimmed
from tutor.quiz.kinds.base import Flaw, QuestionKind, presented, stops
from tutor.quiz.presentation import CannotAsk, Presentation, PresentedOption

if TYPE_CHECKING:
    from tutor.client.run_record import RunRecord

TWICE = variants.SEEDS[:2]
"""The random seeds with which it has to print the same."""

_QUOTED = 200
"""Characters of an output that are quoted."""


def printed_option(question: Question, output: str) -> int | None:
    """Position of the option that is what the code printed; None when no option is."""
    text = trimmed(output)
    return next((place for place, option in enumerate(question.options) if trimmed(option.text) == text), None)


class Prints(QuestionKind):
    """A run of the code says which option is right."""

    name = "prints"
    runs_to_prepare = True
    run_gives_away = True

    def read(self, cell: QuestionCell) -> Question:
        cell.require_options(2)
        cell.refuse_marks("this question has code, and what it prints is right")
        if cell.question.fresh:
            sentence = "Make this a `predict EXPRESSION`: options that are fixed can't follow fresh numbers."
            raise cell.fault(cell.line_of(cell.question.fresh[0].line), sentence)
        return cell.question

    async def prepare(self, question: Question, runner: CodeRunner, seed: int) -> Presentation:
        """Should no option be what is printed here, the output itself becomes the right one."""
        code = variants.source(question, seed)
        run = await run_program(runner, code, seed=seed)
        if run.cause or run.raised or run.status:
            raise CannotAsk(f"The code of this question doesn't run here. {failure(run) or 'It fails.'}")
        output = printed(run)
        right = printed_option(question, output)
        options = presented(question, (right,))
        if right is None and not output.strip():
            raise CannotAsk("The code of this question prints nothing here.")
        if right is None:
            options.append(PresentedOption(output.strip("\n"), right=True))
        return self.present(question, seed, code, options)

    # --- proving --------------------------------------------------------------------------------------------

    def groups(self, question: Question) -> list[Group]:
        """Twice, with other random numbers."""
        assert question.code is not None
        return [Group(tuple(QuestionProgram(question.code.text, seed=seed) for seed in TWICE))]

    def flaws(self, question: Question, runs: Sequence[GroupRun]) -> Iterator[Flaw]:
        assert question.code is not None
        for attempt in runs[0].attempts:
            if attempt.error is not None:
                yield stops(question, question.code.text, attempt.error)
            elif printed_option(question, attempt.output) is None or attempt.errors:
                yield _no_option(question, attempt.outcome[0])

    async def prove(self, question: Question, prover: Prover) -> list[Flaw]:
        """By the code alone, run whole and twice: what it prints must not be chance."""
        assert question.code is not None
        for seed in TWICE:
            run = await prover.run_program(question.code.text, seed=seed)
            if flaws := list(_flaws_of_run(question, run)):
                return flaws
        return []


def _flaws_of_run(question: Question, run: RunRecord) -> Iterator[Flaw]:
    code = question.code
    assert code is not None
    if run.cause:
        yield code.line, f"The code of this question was ended: {run.sentence}"
    elif run.raised:
        line = run.raised.frames[-1].line if run.raised.frames else 0
        yield stops(question, code.text, Error(run.raised.type, run.raised.message, line))
    elif run.status:
        yield code.line, f"The code of this question ends with status {run.status}."
    elif printed_option(question, printed(run)) is None:
        yield _no_option(question, printed(run).strip("\n"))


def _no_option(question: Question, output: str) -> Flaw:
    return question.line, f"No option is what this prints, which is {output[:_QUOTED]!r}."


KIND = Prints()
