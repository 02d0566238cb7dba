"""The base of all question kinds: how a cell is read, a question prepared, graded, opened as a program and proved."""

from __future__ import annotations

import random
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Question
from tutor.curriculum.question_parser import QuestionCell, Target
from tutor.quiz import feedback, variants
from tutor.quiz.executor import Attempt, Error, Group, GroupRun, Prover, QuestionProgram, Unfinished
from tutor.quiz.feedback import Verdict
from tutor.quiz.presentation import Answer, CannotAsk, Mode, Presentation, PresentedOption, positions, shuffled

Flaw = tuple[int, str]
"""A line of the lesson file, and what is wrong there, in a sentence."""


@dataclass(frozen=True, slots=True)
class QuestionHint:
    """The one hint to a question."""

    text: str
    """Markdown."""
    struck: frozenset[int] = frozenset()
    """Positions of options that it rules out."""


class QuestionKind:
    """A kind of question. As it stands here: one of several options is right, and the lesson marks which."""

    name: ClassVar[str]
    """As lessons name it."""
    mode: ClassVar[Mode] = "one"

    # What stands in its cell.
    has_code: ClassVar[bool] = True
    target: ClassVar[Target | None] = None
    """The part of the heading behind the kind; None: there is none."""

    # How it looks.
    options_are_lines: ClassVar[bool] = False
    """Its options are lines of its code, and are chosen or moved there."""
    options_are_markdown: ClassVar[bool] = False

    # What needs a worker.
    runs_to_prepare: ClassVar[bool] = False
    runs_to_grade: ClassVar[bool] = False
    """Its answers are programs that have to run."""
    run_gives_away: ClassVar[bool] = False
    """A run of its code shows the answer."""

    @property
    def needs_worker(self) -> bool:
        """Whether it can't be asked, or answered, before there is a worker."""
        return self.runs_to_prepare or self.runs_to_grade

    # --- its cell -------------------------------------------------------------------------------------------

    def read(self, cell: QuestionCell) -> Question:
        """The question of a cell.

        Raises:
            LessonError: the cell lacks something, or has too much.
        """
        raise NotImplementedError

    # --- asking ---------------------------------------------------------------------------------------------

    async def prepare(self, question: Question, runner: CodeRunner, seed: int) -> Presentation:
        """Draw its numbers, order its options, and run what has to be run for that: here nothing.

        Args:
            question: the question, as the lesson has it.
            runner: where its code runs, where that is needed.
            seed: decides the numbers drawn and the order of the options; at least 0.

        Raises:
            CannotAsk: its code doesn't run here as it should, or the run was ended.
            WorkerFault: nothing can be run.
        """
        code = variants.source(question, seed)
        if self.mode == "text":
            return Presentation(question, seed, code, (), (), mode=self.mode)
        return self.present(question, seed, code, presented(question, question.right))

    def present(self, question: Question, seed: int, code: str, options: Sequence[PresentedOption]) -> Presentation:
        """The question with its options shuffled. Raises CannotAsk where there is nothing to choose."""
        if self.mode == "one" and all(option.right for option in options):
            raise CannotAsk("All options of this question are right here.")
        order = shuffled(question, seed, options)
        return Presentation(question, seed, code, order, positions(order), mode=self.mode)

    def line_prompt(self, question: Question, span: str) -> str:
        """The prompt for an answer where lines are read; ``span`` is ``a to d``, the letters of the options."""
        if self.mode == "order":
            return f"The right order of {span}: "
        return f"All that are right, {span}: " if self.mode == "several" else f"Answer, {span}: "

    def field_label(self, question: Question) -> str:
        """The label of the field that an answer is typed into; empty: none of its own."""
        return ""

    def around_answer(self, presentation: Presentation) -> tuple[str, str] | None:
        """The code before and after an answer that is typed; None where it has no place in the code."""
        return None

    def hint(self, presentation: Presentation, open: Sequence[int]) -> QuestionHint | None:
        """The one hint that there is, or none; ``open`` are the options that are not ruled out yet."""
        match self.mode:
            case "several":
                right, all = len(presentation.right), len(presentation.options)
                return QuestionHint(f"{right} of the {all} {'is' if right == 1 else 'are'} right.")
            case "order":
                return QuestionHint(f"`{presentation.options[presentation.right[0]].text.strip()}` comes first.")
            case "text":
                return _beginning(self.right_text(presentation.question))
        wrong = [place for place in open if place not in presentation.right]
        if len(wrong) < 2:
            return None  # what is left would be the answer
        struck = random.Random(f"{presentation.seed} hint").choice(wrong)
        text = presentation.options[struck].feedback or "It is not the one that is struck out."
        return QuestionHint(text, frozenset({struck}))

    # --- answers --------------------------------------------------------------------------------------------

    async def grade(self, presentation: Presentation, answer: Answer, runner: CodeRunner) -> Verdict:
        """Grade an answer that fits the mode.

        Raises:
            Unfinished: a program that had to run for it came to no end.
            WorkerFault: nothing can be run.
        """
        assert isinstance(answer, tuple)
        option = presentation.options[answer[0]]
        return Verdict(option.right, (option.feedback,) if option.feedback else ())

    def right_answer(self, presentation: Presentation) -> str:
        """The right answer in words, as Markdown."""
        return feedback.code(presentation.options[presentation.right[0]].text)

    def right_text(self, question: Question) -> str:
        """A right answer of the mode ``text``."""
        return question.options[question.right[0]].text

    def program(self, presentation: Presentation, answer: Answer | None = None) -> str:
        """The program with ``answer`` in it, or the right one, to be opened and run; empty when there is no code.

        Where an answer changes nothing in the code, this is the code.
        """
        return presentation.code

    # --- proving --------------------------------------------------------------------------------------------

    def groups(self, question: Question) -> list[Group]:
        """Programs that prove it, and may run in one process with those of other questions; empty: there are none."""
        sources = (self.sources(question, code) for code in variants.edges(question))
        return [Group(tuple(QuestionProgram(source, seed=1) for source in group)) for group in sources if group]

    def flaws(self, question: Question, runs: Sequence[GroupRun]) -> Iterator[Flaw]:
        """Its flaws, by the runs of its groups."""
        for code, run in zip(variants.edges(question), runs, strict=True):
            yield from self.flaws_of_code(question, code, run.attempts)

    def sources(self, question: Question, code: str) -> list[str]:
        """Programs that are compared with each other, for the code with some numbers."""
        return []

    def flaws_of_code(self, question: Question, code: str, attempts: Sequence[Attempt]) -> Iterator[Flaw]:
        """The flaws that show when those programs were run."""
        return iter(())

    async def prove(self, question: Question, prover: Prover) -> list[Flaw]:
        """Find its flaws, each group of its programs in a process of its own.

        Raises:
            WorkerFault: nothing can be run.
        """
        runs: list[GroupRun] = []
        try:
            for group in self.groups(question):
                runs += await prover.run_groups([group])
        except Unfinished as ended:
            return [(question.line, f"The programs of this question were ended: {ended}")]
        return list(dict.fromkeys(self.flaws(question, runs)))


def presented(question: Question, right: Container[int | None]) -> list[PresentedOption]:
    """The options as the lesson has them; ``right`` are the positions of the right ones."""
    return [
        PresentedOption(option.text, option.feedback, place in right) for place, option in enumerate(question.options)
    ]


def _beginning(text: str) -> QuestionHint | None:
    start = text[: max(1, len(text) // 3)].strip()
    return QuestionHint(f"A right answer begins with `{start}`.") if len(text) > 2 and "`" not in start else None


def stops(question: Question, code: str, error: Error, subject: str = "The code of this question") -> Flaw:
    """The flaw that a program stops with an error, at its line."""
    assert question.code is not None
    line = question.code.line + error.line - 1 if error.line else question.line
    numbers = variants.numbers(question, code)
    return line, f"{subject} stops with {error}" + (f" (with {numbers})" if numbers else "")


def typo(question: Question, text: str, error: Error | None) -> Iterator[Flaw]:
    """An expression may stop with an error, which is then what is shown; not over a name that isn't there."""
    if error is not None and error.type in ("NameError", "SyntaxError"):
        yield question.line, f"`{text}` stops with {error}."
