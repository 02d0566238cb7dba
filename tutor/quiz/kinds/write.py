"""``write NAME``: an expression for NAME. The last line of the code holds a right one, the options are wrong ones."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Code, Question
from tutor.curriculum.question_parser import NAME, QuestionCell
from tutor.quiz import feedback, variants
from tutor.quiz.executor import Group, GroupRun, QuestionProgram, run_groups
from tutor.quiz.feedback import Verdict
from tutor.quiz.kinds.base import Flaw, QuestionKind, stops, typo
from tutor.quiz.presentation import Answer, Presentation

DRAWS = 3
"""Sets of fresh numbers on which an expression is tried."""


class Write(QuestionKind):
    """An expression is right if it has the value of :attr:`Question.reference`, for other fresh numbers too."""

    name = "write"
    mode = "text"
    target = NAME
    runs_to_grade = True

    def read(self, cell: QuestionCell) -> Question:
        """The last line of the code is ``TARGET = REFERENCE``, and is not shown."""
        question = cell.question
        cell.refuse_marks("this question has code, and the last line of the code says what is right")
        cell.require_expressions()
        tree = ast.parse(cell.code.text)
        match tree.body[-1]:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) as last if name == question.target:
                code = "\n".join(cell.code.text.split("\n")[: last.lineno - 1]).rstrip() + "\n"
                return replace(question, code=Code(code, cell.code.line), reference=ast.unparse(value))
        line = cell.line_of(tree.body[-1].lineno - 1)
        sentence = f"End the code with `{question.target} = EXPRESSION`: the answer, which is not shown."
        raise cell.fault(line, sentence)

    def line_prompt(self, question: Question, span: str) -> str:
        return f"{question.target} = "

    def field_label(self, question: Question) -> str:
        return f"{question.target} ="

    def around_answer(self, presentation: Presentation) -> tuple[str, str] | None:
        code = presentation.code.strip("\n")
        return f"{code}\n{presentation.question.target} = ", ""

    async def grade(self, presentation: Presentation, answer: Answer, runner: CodeRunner) -> Verdict:
        assert isinstance(answer, str)
        question = presentation.question
        expression = _expression(question, answer)
        draws = _draws(question, presentation.seed)
        [run] = await run_groups(runner, [_comparison(draws, question.reference, expression)])
        if error := next((attempt.stopped_by for attempt in run.attempts[::2] if attempt.stopped_by), None):
            return feedback.not_runnable("The right answer", error)
        differing = next((place for place, difference in enumerate(run.differences) if difference), None)
        if differing is None:
            return Verdict(True)
        error = next((attempt.stopped_by for attempt in run.attempts[1::2] if attempt.stopped_by), None)
        sentence = feedback.foreseen(question, expression)
        if not sentence and not (error and error.is_unreadable):
            sentence = await _feedback_by_value(question, expression, draws, runner)
        if sentence:
            return Verdict(False, (sentence,))
        if error:
            return feedback.stopped(error, "")
        numbers = variants.numbers(question, draws[differing][0])
        return Verdict(False, (_with_numbers(numbers, run.differences[differing]),))

    def right_answer(self, presentation: Presentation) -> str:
        question = presentation.question
        return feedback.code(f"{question.target} = {question.reference}")

    def right_text(self, question: Question) -> str:
        return question.reference

    def program(self, presentation: Presentation, answer: Answer | None = None) -> str:
        """The code, the expression, and a line that prints it; without the last two where nothing is typed yet."""
        if answer == "":
            return presentation.code
        question = presentation.question
        expression = _expression(question, answer) if isinstance(answer, str) else question.reference
        return f"{presentation.code.rstrip()}\n{question.target} = {expression}\nprint({question.target})\n"

    # --- proving --------------------------------------------------------------------------------------------

    def groups(self, question: Question) -> list[Group]:
        draws = _proof_draws(question)
        expressions = [question.reference, *(option.text for option in question.options)]
        return [_comparison(draws, question.reference, expression) for expression in expressions]

    def flaws(self, question: Question, runs: Sequence[GroupRun]) -> Iterator[Flaw]:
        for (code, _), attempt in zip(_proof_draws(question), runs[0].attempts[::2], strict=True):
            if attempt.error is not None:
                yield stops(question, code, attempt.error)
                return
            if error := attempt.values[0].error:
                yield question.line, f"`{question.reference}`, which is right, stops with {error}."
                return
        if any(runs[0].differences):
            yield question.line, f"`{question.reference}` does not give the same twice: a right answer would fail."
        for option, run in zip(question.options, runs[1:], strict=True):
            for attempt in run.attempts[1::2]:
                yield from typo(question, option.text, attempt.values[0].error if attempt.values else None)
            if not any(run.differences):
                yield question.line, f"`{option.text}` is wrong, and always has the value that is right."


def _expression(question: Question, text: str) -> str:
    """The expression in an answer: the name that it is for may stand before it."""
    return re.sub(rf"^\s*{re.escape(question.target)}\s*=(?!=)", "", text).strip()


def _draws(question: Question, seed: int) -> list[tuple[str, int]]:
    """The code with the numbers of some draws, and a seed for each."""
    return [(variants.source(question, seed + draw), seed + draw) for draw in range(DRAWS)]


def _proof_draws(question: Question) -> list[tuple[str, int]]:
    """Without fresh numbers too there are several: the code may draw random ones itself."""
    codes = variants.draws(question)
    return [(codes[draw % len(codes)], draw) for draw in range(max(len(codes), len(variants.SEEDS)))]


def _comparison(draws: Sequence[tuple[str, int]], right: str, other: str) -> Group:
    """Programs that tell how the value of ``other`` differs from that of ``right``, draw by draw.

    Each is evaluated after a run of the code of its own, from the same random numbers: either may change what it reads.
    """
    programs = [QuestionProgram(code, (expression,), seed) for code, seed in draws for expression in (right, other)]
    return Group(tuple(programs), tuple((2 * draw + 1, 2 * draw) for draw in range(len(draws))))


async def _feedback_by_value(
    question: Question, expression: str, draws: Sequence[tuple[str, int]], runner: CodeRunner
) -> str:
    """The author's feedback to the foreseen answer that has the same value; empty when none has."""
    options = [option for option in question.options if option.feedback]
    runs = await run_groups(runner, [_comparison(draws, expression, option.text) for option in options])
    return next((option.feedback for option, run in zip(options, runs, strict=True) if _is_same(run)), "")


def _is_same(run: GroupRun) -> bool:
    """Whether, draw by draw, two expressions have the same value, or stop with the same error."""
    errors = [attempt.stopped_by for attempt in run.attempts]
    pairs = zip(errors[::2], errors[1::2], run.differences, strict=True)
    return all(not difference or (one is not None and one == other) for one, other, difference in pairs)


def _with_numbers(numbers: str, difference: str) -> str:
    return f"With {feedback.code(numbers)}: {difference[0].lower()}{difference[1:]}" if numbers else difference


KIND = Write()
