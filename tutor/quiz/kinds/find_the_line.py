"""``find the line``: which line of the code is at fault. The options are its lines."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Option, Question
from tutor.curriculum.question_parser import QuestionCell, remark
from tutor.quiz import feedback, variants
from tutor.quiz.executor import Attempt
from tutor.quiz.feedback import Verdict
from tutor.quiz.kinds.base import Flaw, QuestionHint, QuestionKind, presented, stops
from tutor.quiz.presentation import Answer, Presentation


class FindTheLine(QuestionKind):
    """``target`` is the line at fault as it should be."""

    name = "find the line"
    options_are_lines = True
    run_gives_away = True

    def read(self, cell: QuestionCell) -> Question:
        """``# at fault: LINE AS IT SHOULD BE`` marks the line; ``# fine: WHY`` says why another one isn't it."""
        cell.refuse_options("the lines of the code are the options")
        lines, target = cell.code.text.split("\n"), ""
        options: list[Option] = []
        rows: list[int] = []
        right: list[int] = []
        for row, line in enumerate(lines):
            bare, mark, words = remark(line, "at fault", "fine")
            lines[row] = bare
            if not bare.strip():
                continue
            if mark == "at fault":
                right.append(len(options))
                target = bare[: len(bare) - len(bare.lstrip())] + words
            options.append(Option(bare, words if mark == "fine" else ""))
            rows.append(row)
        if len(right) != 1 or not target.strip():
            sentence = "Mark one line of the code with `# at fault: THE LINE AS IT SHOULD BE`."
            raise cell.fault(cell.code.line, sentence)
        return replace(
            cell.question,
            code=cell.with_lines(lines),
            options=tuple(options),
            places=tuple(rows),
            right=tuple(right),
            target=target,
        )

    async def prepare(self, question: Question, runner: CodeRunner, seed: int) -> Presentation:
        code = variants.source(question, seed)
        lines = code.split("\n")
        options = zip(presented(question, question.right), question.places, strict=True)
        drawn = tuple(replace(option, text=lines[row]) for option, row in options)
        return Presentation(question, seed, code, drawn, question.right)

    def line_prompt(self, question: Question, span: str) -> str:
        return "Line: "

    def hint(self, presentation: Presentation, open: Sequence[int]) -> QuestionHint | None:
        """Half of the lines, on one side of the right one or on both, are left."""
        if len(open) < 3:
            return None
        [right] = presentation.right
        count = len(presentation.options)
        size = max(2, count // 2)
        lowest, highest = max(0, right - size + 1), min(right, count - size)
        first = random.Random(f"{presentation.seed} hint").randint(lowest, highest)
        near = range(first, first + size)
        lines = [presentation.question.places[place] + 1 for place in near]
        struck = frozenset(place for place in range(count) if place not in near)
        return QuestionHint(f"It is one of the lines {lines[0]} to {lines[-1]}.", struck)

    async def grade(self, presentation: Presentation, answer: Answer, runner: CodeRunner) -> Verdict:
        verdict = await super().grade(presentation, answer, runner)
        if not verdict.right and not verdict.sentences:
            return Verdict(False, ("Nothing is wrong with this line.",))
        return verdict

    def right_answer(self, presentation: Presentation) -> str:
        question = presentation.question
        line = question.places[presentation.right[0]] + 1
        return f"Line {line} should be {feedback.code(question.target.strip())}"

    def program(self, presentation: Presentation, answer: Answer | None = None) -> str:
        """The code as it is; without an answer with the line as it should be."""
        return presentation.code if answer is not None else _mended(presentation.question, presentation.code)

    # --- proving --------------------------------------------------------------------------------------------

    def sources(self, question: Question, code: str) -> list[str]:
        return [code, _mended(question, code)]

    def flaws_of_code(self, question: Question, code: str, attempts: Sequence[Attempt]) -> Iterator[Flaw]:
        faulty, mended = attempts
        if mended.error is not None:
            yield stops(question, code, mended.error, "With the line as it should be, the code")
        elif faulty.outcome == mended.outcome:
            yield question.line, "This prints the same with the line as it should be, so the line is not at fault."


def _mended(question: Question, code: str) -> str:
    """The code with the line at fault as it should be."""
    lines = code.split("\n")
    lines[question.places[question.right[0]]] = question.target
    return "\n".join(lines)


KIND = FindTheLine()
