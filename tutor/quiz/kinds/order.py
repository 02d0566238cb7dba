"""``order``: lines of the code are to be put in order. Any order is right in which the program does the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Option, Question
from tutor.curriculum.question_parser import QuestionCell, remark
from tutor.quiz import feedback, variants
from tutor.quiz.executor import Attempt, QuestionProgram, Unfinished, run_group
from tutor.quiz.feedback import Verdict
from tutor.quiz.kinds.base import Flaw, QuestionKind, stops
from tutor.quiz.presentation import Answer, Presentation, PresentedOption

SHUFFLES = 4
"""Orders of steps that are tried, of which one is asked."""


class Order(QuestionKind):
    """The options are the lines marked ``# step``, in the right order."""

    name = "order"
    mode = "order"
    options_are_lines = True
    runs_to_grade = True

    def read(self, cell: QuestionCell) -> Question:
        """The lines that end in ``# step`` are put in order; the others stay where they are."""
        cell.refuse_options("the lines marked `# step` are the options")
        lines = cell.code.text.split("\n")
        steps = [row for row, line in enumerate(lines) if remark(line, "step")[1]]
        lines = [remark(line, "step")[0] for line in lines]
        if len(steps) < 3:
            sentence = "Mark three lines at least with `# step`: those are put in order."
            raise cell.fault(cell.code.line, sentence)
        options = tuple(Option(lines[row].strip(), "") for row in steps)
        if len({option.text for option in options}) < len(options):
            raise cell.fault(cell.code.line, "Make the steps differ: two of them are the same line.")
        return replace(cell.question, code=cell.with_lines(lines), options=options, places=tuple(steps))

    async def prepare(self, question: Question, runner: CodeRunner, seed: int) -> Presentation:
        """Shuffled so that it isn't solved as it stands: of several shuffles that are run, the first wrong one."""
        code = variants.source(question, seed)
        chance = random.Random(f"{seed} order {question.name}")
        right_order, shuffles = list(range(len(question.places))), list[list[int]]()
        steps = right_order.copy()
        while len(shuffles) < SHUFFLES:
            chance.shuffle(steps)
            if steps != right_order:
                shuffles.append(steps.copy())
        try:
            right, *others = await _run_orders(question, seed, [right_order, *shuffles], runner)
            wrong = (order for order, run in zip(shuffles, others, strict=True) if run.outcome != right.outcome)
            steps = next(wrong, shuffles[0])
        except Unfinished:  # an order that doesn't end isn't the right one either, and grading says so
            steps = shuffles[0]
        lines = code.split("\n")
        options = tuple(PresentedOption(lines[question.places[step]]) for step in steps)
        places = tuple(steps.index(step) for step in right_order)
        return Presentation(question, seed, _ordered(question, code, steps), options, places, mode=self.mode)

    async def grade(self, presentation: Presentation, answer: Answer, runner: CodeRunner) -> Verdict:
        assert isinstance(answer, tuple)
        steps = [presentation.right.index(place) for place in answer]
        right, attempt = await _run_orders(presentation.question, presentation.seed, [sorted(steps), steps], runner)
        if right.error is not None:
            return feedback.not_runnable("The right order", right.error)
        if attempt.outcome == right.outcome:
            return Verdict(True)
        move = await _mending_move(presentation, steps, right, runner)
        sentences = [_misplaced(presentation, answer, move) if move else _first_difference(presentation, answer)]
        if attempt.error is not None:
            sentences += feedback.stopped(attempt.error, self.program(presentation, answer)).sentences
        return Verdict(False, tuple(sentences))

    def right_answer(self, presentation: Presentation) -> str:
        steps = enumerate(presentation.right, 1)
        return "\n".join(f"{number}. {_step(presentation, place)}" for number, place in steps)

    def program(self, presentation: Presentation, answer: Answer | None = None) -> str:
        """The code with its steps in the order of the answer."""
        order = answer if isinstance(answer, tuple) else presentation.right
        steps = [presentation.right.index(place) for place in order]
        question = presentation.question
        return _ordered(question, variants.source(question, presentation.seed), steps)

    # --- proving --------------------------------------------------------------------------------------------

    def sources(self, question: Question, code: str) -> list[str]:
        return [_ordered(question, code, order) for order in _neighbours(len(question.places))]

    def flaws_of_code(self, question: Question, code: str, attempts: Sequence[Attempt]) -> Iterator[Flaw]:
        right, *others = attempts
        if right.error is not None:
            yield stops(question, code, right.error)
        elif all(other.outcome == right.outcome for other in others):
            yield question.line, "Other orders of the steps print the same, so that none is wrong."


def _ordered(question: Question, code: str, order: Sequence[int]) -> str:
    """The code with its steps in another order: ``order`` names steps by their position in the right one."""
    lines = code.split("\n")
    steps = [lines[row] for row in question.places]
    for row, step in zip(question.places, order, strict=True):
        lines[row] = steps[step]
    return "\n".join(lines)


def _neighbours(steps: int) -> list[list[int]]:
    """The order of the code, the reverse, and each with two neighbours swapped."""
    right = list(range(steps))
    swapped = [[*right[:i], i + 1, i, *right[i + 2 :]] for i in range(steps - 1)]
    return [right, right[::-1], *swapped]


async def _run_orders(
    question: Question, seed: int, orders: Sequence[Sequence[int]], runner: CodeRunner
) -> tuple[Attempt, ...]:
    code = variants.source(question, seed)
    programs = [QuestionProgram(_ordered(question, code, order), seed=seed) for order in orders]
    return (await run_group(runner, *programs)).attempts


async def _mending_move(
    presentation: Presentation, steps: list[int], right: Attempt, runner: CodeRunner
) -> tuple[int, int] | None:
    """The step to take out, and the place where it makes the order right; None when one isn't enough."""
    moves = [(start, end) for start in range(len(steps)) for end in range(len(steps)) if start != end]
    moves.sort(key=lambda move: abs(move[0] - move[1]))
    try:
        orders = [_moved(steps, *move) for move in moves]
        attempts = await _run_orders(presentation.question, presentation.seed, orders, runner)
    except Unfinished:
        return None
    pairs = zip(moves, attempts, strict=True)
    return next((move for move, attempt in pairs if attempt.outcome == right.outcome), None)


def _moved(steps: Sequence[int], start: int, end: int) -> list[int]:
    rest = [step for place, step in enumerate(steps) if place != start]
    return [*rest[:end], steps[start], *rest[end:]]


def _misplaced(presentation: Presentation, answer: tuple[int, ...], move: tuple[int, int]) -> str:
    """The one step that makes the order right when it is moved."""
    start, end = move
    text = [_step(presentation, place) for place in answer]
    if end > start:
        return f"{text[start]} comes too early: it belongs after {text[end]}."
    return f"{text[start]} comes too late: it belongs before {text[end]}."


def _first_difference(presentation: Presentation, answer: tuple[int, ...]) -> str:
    pairs = enumerate(zip(answer, presentation.right, strict=True))
    at = next(place for place, (step, right_step) in pairs if step != right_step)
    step, right_step = (_step(presentation, order[at]) for order in (answer, presentation.right))
    return f"More than one step is out of place. In step {at + 1} you have {step}; {right_step} would do there."


def _step(presentation: Presentation, place: int) -> str:
    return feedback.code(presentation.options[place].text.strip())


KIND = Order()
