"""``predict EXPRESSION``: which option, an expression itself, has the value of EXPRESSION once the code has run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Question
from tutor.curriculum.question_parser import EXPRESSION, QuestionCell
from tutor.quiz import variants
from tutor.quiz.executor import ExpressionValue, Group, GroupRun, QuestionProgram, Unfinished, run_group
from tutor.quiz.kinds.base import Flaw, QuestionKind, stops, typo
from tutor.quiz.presentation import Answer, CannotAsk, Presentation, PresentedOption

WRONG = 3
"""Wrong options up to which computed ones are added."""
_DRAWS = 5
"""How often numbers are drawn until a wrong option differs from the right one."""

_SHAPE = re.compile(r"(torch\.Size\(\[|\()((?:\d+(?:, )?)*),?(\]\)|\))")
_DTYPES = {
    "torch.float32": "32 bits and a fraction: what torch makes of Python's floats",
    "torch.float64": "64 bits: what NumPy makes of Python's floats",
    "torch.int64": "whole numbers: what torch makes of Python's ints",
    "torch.bool": "what a comparison gives",
    "torch.float16": "half precision, which has to be asked for",
}


class Predict(QuestionKind):
    """Values are shown, not expressions; the right one comes by itself."""

    name = "predict"
    target = EXPRESSION
    runs_to_prepare = True
    run_gives_away = True

    def read(self, cell: QuestionCell) -> Question:
        cell.require_options(1)
        why = f"this question has code, and the value of `{cell.question.target}` is right, and comes by itself"
        cell.refuse_marks(why)
        cell.require_expressions()
        return cell.question

    async def prepare(self, question: Question, runner: CodeRunner, seed: int) -> Presentation:
        for draw in range(_DRAWS):
            code = variants.source(question, seed + draw)
            try:
                run = await run_group(runner, QuestionProgram(code, _expressions(question), seed + draw))
            except Unfinished as ended:
                raise CannotAsk(f"The code of this question doesn't run here. {ended}") from ended
            [attempt] = run.attempts
            if attempt.error is not None:
                raise CannotAsk(f"The code of this question doesn't run here: it stops with {attempt.error}.")
            options = options_by_value(question, attempt.values)
            if len(options) > 1:
                return self.present(question, seed, code, options)
        raise CannotAsk("All options of this question have the same value here.")

    def program(self, presentation: Presentation, answer: Answer | None = None) -> str:
        """The code, and a line that prints what is asked for."""
        return f"{presentation.code.rstrip()}\nprint({presentation.question.target})\n"

    # --- proving --------------------------------------------------------------------------------------------

    def groups(self, question: Question) -> list[Group]:
        return [Group((QuestionProgram(code, _expressions(question), 1),)) for code in variants.draws(question)]

    def flaws(self, question: Question, runs: Sequence[GroupRun]) -> Iterator[Flaw]:
        differed = [False] * len(question.options)
        for code, run in zip(variants.draws(question), runs, strict=True):
            [attempt] = run.attempts
            if attempt.error is not None:
                yield stops(question, code, attempt.error)
                return
            target, *values = attempt.values
            if target.error is not None:
                yield question.line, f"`{question.target}`, which is asked for, stops with {target.error}."
                return
            if len(options_by_value(question, attempt.values)) < 2:
                numbers = variants.numbers(question, code)
                where = f" with {numbers}" if numbers else ""
                yield question.line, f"No option differs from the right one{where}, which is {target.text}."
            for place, (option, value) in enumerate(zip(question.options, values, strict=True)):
                yield from typo(question, option.text, value.error)
                differed[place] |= value.text != target.text
        for option, differs in zip(question.options, differed, strict=True):
            if not differs:
                yield question.line, f"`{option.text}` always has the value that is right: it is never shown."


def _expressions(question: Question) -> tuple[str, ...]:
    return question.target, *(option.text for option in question.options)


def options_by_value(question: Question, values: Sequence[ExpressionValue]) -> list[PresentedOption]:
    """The options, the right one first, no two of the same text.

    Args:
        question: the question.
        values: of the target, then of each option.
    """
    right = values[0].text
    options = {right: PresentedOption(right, right=True)}
    for option, value in zip(question.options, values[1:], strict=True):
        reason = f"`{option.text}` stops with {value.error}" if value.error else f"that is `{option.text}`"
        options.setdefault(value.text, PresentedOption(value.text, option.feedback or reason))
    for text, reason in distractors(right):
        if len(options) > WRONG:
            break
        options.setdefault(text, PresentedOption(text, reason))
    return list(options.values())


# --- wrong answers computed from the right one, where the author of a question gave few ------------------------


def distractors(text: str) -> Iterator[tuple[str, str]]:
    """Values that might be taken for the one whose repr is ``text``, and what to say to a learner who chose one.

    Shapes, dtypes, numbers and truth values have some; the likeliest come first.
    """
    if match := _SHAPE.fullmatch(text):
        yield from _shapes(tuple(int(size) for size in re.findall(r"\d+", match[2])), size=match[1] != "(")
    elif text in _DTYPES:
        yield from ((dtype, reason) for dtype, reason in _DTYPES.items() if dtype != text)
    elif text in ("True", "False"):
        yield str(text != "True"), "it is the other way round"
    elif re.fullmatch(r"-?\d+", text):
        number = int(text)
        yield str(number + 1), "one too many"
        yield str(number - 1), "one too few"
        yield str(2 * number), "twice as much as it is"
    elif re.fullmatch(r"-?\d+\.\d+", text):
        value = float(text)
        yield str(value // 1), "that is rounded down, as an integer division does"
        yield str(-value), "the sign is the other way round"
        yield str(2 * value), "twice as much as it is"


def _shapes(shape: tuple[int, ...], size: bool) -> Iterator[tuple[str, str]]:
    def show(sizes: tuple[int, ...]) -> str:
        return f"torch.Size({list(sizes)})" if size else str(sizes)

    if len(shape) > 1:
        yield show((*shape[:-2], shape[-1], shape[-2])), "the last two dimensions are the other way round"
    yield show((*shape, 1)), "that has one dimension too many, of size 1, as `keepdim=True` or `unsqueeze` leaves it"
    for dim in range(len(shape)):
        yield show(shape[:dim] + shape[dim + 1 :]), f"that lacks a dimension: dim {dim}, of size {shape[dim]}"


KIND = Predict()
