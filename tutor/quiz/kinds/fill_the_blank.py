"""``fill the blank``: code that takes the place of ``___``. The options are fills that were foreseen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import BLANK, Question
from tutor.curriculum.question_parser import QuestionCell
from tutor.quiz import feedback, variants
from tutor.quiz.executor import Attempt, QuestionProgram, run_group
from tutor.quiz.feedback import Verdict
from tutor.quiz.kinds.base import Flaw, QuestionKind, stops
from tutor.quiz.presentation import Answer, Presentation


class FillTheBlank(QuestionKind):
    """A fill is right if the program prints what it prints with a fill that is marked right."""

    name = "fill the blank"
    mode = "text"
    runs_to_grade = True

    def read(self, cell: QuestionCell) -> Question:
        cell.require_blank()
        cell.require_options(2)
        question = cell.question
        if not 0 < len(question.right) < len(question.options):
            sentence = "Mark the fills that are right with `- [x]`; leave one wrong at least."
            raise cell.fault(cell.option_lines[0], sentence)
        return question

    def line_prompt(self, question: Question, span: str) -> str:
        return f"In place of {BLANK}: "

    def around_answer(self, presentation: Presentation) -> tuple[str, str] | None:
        before, _, after = presentation.code.strip("\n").partition(BLANK)
        return before, after

    async def grade(self, presentation: Presentation, answer: Answer, runner: CodeRunner) -> Verdict:
        assert isinstance(answer, str)
        question, seed = presentation.question, presentation.seed
        source = self.program(presentation, answer)
        [attempt] = (await run_group(runner, QuestionProgram(source, seed=seed))).attempts
        sentence = feedback.foreseen(question, answer)
        if attempt.error is not None and attempt.error.is_unreadable and not sentence:
            return feedback.stopped(attempt.error, source)
        fills = [variants.filled(presentation.code, option.text) for option in question.options]
        options = (await run_group(runner, *(QuestionProgram(fill, seed=seed) for fill in fills))).attempts
        right = options[question.right[0]]
        if right.error is not None:
            return feedback.not_runnable("A right answer", right.error)
        if attempt.outcome == right.outcome:
            return Verdict(True)
        for option, other in zip(question.options, options, strict=True):
            if other.outcome == attempt.outcome and other.error == attempt.error:
                sentence = sentence or option.feedback
        if sentence:
            return Verdict(False, (sentence,))
        if attempt.error is not None:
            return feedback.stopped(attempt.error, source)
        return Verdict(False, (feedback.printed_instead(attempt, right),))

    def right_answer(self, presentation: Presentation) -> str:
        question = presentation.question
        return " or ".join(feedback.code(question.options[place].text) for place in question.right)

    def program(self, presentation: Presentation, answer: Answer | None = None) -> str:
        """The code with the fill; with its blank where nothing is typed yet."""
        if answer is None:
            answer = self.right_text(presentation.question)
        fill = answer.strip("\n") if isinstance(answer, str) else ""
        return variants.filled(presentation.code, fill) if fill else presentation.code

    # --- proving --------------------------------------------------------------------------------------------

    def sources(self, question: Question, code: str) -> list[str]:
        return [variants.filled(code, option.text) for option in question.options]

    def flaws_of_code(self, question: Question, code: str, attempts: Sequence[Attempt]) -> Iterator[Flaw]:
        right = attempts[question.right[0]]
        if right.error is None and not right.outcome[0]:
            yield question.line, "With a right fill nothing is printed, so that no answer can be judged."
            return
        wrong: dict[tuple[str, str], str] = {}
        for place, (option, attempt) in enumerate(zip(question.options, attempts, strict=True)):
            if place not in question.right:
                if attempt.outcome == right.outcome:
                    yield question.line, f"`{option.text}` is wrong, and prints what a right fill prints."
                elif attempt.error is None and (other := wrong.setdefault(attempt.outcome, option.text)) != option.text:
                    yield question.line, f"`{option.text}` prints what `{other}` prints: which is meant can't be told."
            elif attempt.error is not None:
                yield stops(question, code, attempt.error, f"With `{option.text}`, which is right, the code")
            elif attempt.outcome != right.outcome:
                first = self.right_text(question)
                yield question.line, f"`{option.text}` and `{first}` are both right, and print different things."


KIND = FillTheBlank()
