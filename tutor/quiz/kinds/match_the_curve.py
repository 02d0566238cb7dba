"""``match the curve``: which option, in place of ``___``, draws the learning-rate curve that is shown."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Question
from tutor.curriculum.question_parser import QuestionCell
from tutor.quiz import variants
from tutor.quiz.executor import Error, Prover, failure, learning_rates, run_program
from tutor.quiz.kinds.base import Flaw, QuestionKind
from tutor.quiz.presentation import Answer, CannotAsk, Presentation, PresentedOption

if TYPE_CHECKING:
    from tutor.client.run_record import RunRecord
    from tutor.protocol.codec import Series

_ALL_PROGRAMS = """\
import types

import torch

modules = []
for source in {sources!r}:
    modules.append(types.ModuleType("__main__"))
    torch.manual_seed(1)
    exec(compile(source, "question.py", "exec"), vars(modules[-1]))
"""
"""Programs one after the other. Their modules stay alive, so that their optimizers are told apart."""


class MatchTheCurve(QuestionKind):
    """The option that is marked draws the curve."""

    name = "match the curve"
    runs_to_prepare = True
    run_gives_away = True

    def read(self, cell: QuestionCell) -> Question:
        cell.require_blank()
        cell.require_options(3)
        cell.require_expressions()
        if len(cell.question.right) != 1:
            raise cell.fault(cell.option_lines[0], "Mark with `- [x]` the one option whose curve is shown.")
        return cell.question

    async def prepare(self, question: Question, runner: CodeRunner, seed: int) -> Presentation:
        code = variants.source(question, seed)
        drawn = []
        for place, option in enumerate(question.options):
            run = await run_program(runner, variants.filled(code, option.text), observe=True, seed=seed)
            rates = learning_rates(run)
            if not rates or run.cause:
                raise CannotAsk(f"`{option.text}` draws no curve here. {failure(run)}".rstrip())
            series = replace(rates[0], run=0)
            drawn.append(PresentedOption(option.text, option.feedback, place in question.right, series))
        curve = next(option.series for option in drawn if option.right)
        options = [option for option in drawn if option.right or not same_curve(option.series, curve)]
        return replace(self.present(question, seed, code, options), series=curve)

    def program(self, presentation: Presentation, answer: Answer | None = None) -> str:
        """The code with the chosen option in place of the blank."""
        place = answer[0] if isinstance(answer, tuple) and answer else presentation.right[0]
        return variants.filled(presentation.code, presentation.options[place].text)

    async def prove(self, question: Question, prover: Prover) -> list[Flaw]:
        """Its options run in one process, and each alone where that does not show all curves."""
        for code in variants.edges(question):
            sources = [variants.filled(code, option.text) for option in question.options]
            together = await prover.run_program(
                _ALL_PROGRAMS.format(sources=sources), observe=True, programs=len(sources)
            )
            rates = learning_rates(together)
            pairs = itertools.combinations(rates, 2)
            if len(rates) == len(sources) and not any(same_curve(one, other) for one, other in pairs):
                continue
            runs = [await prover.run_program(source, observe=True) for source in sources]
            if flaws := list(_flaws_of_runs(question, runs)):
                return flaws
        return []


def same_curve(one: Series | None, other: Series | None) -> bool:
    """Whether two curves have the same points, seen from some way off."""
    if one is None or other is None or len(one.buckets) != len(other.buckets):
        return False
    pairs = list(zip(one.buckets, other.buckets, strict=True))
    size = max((abs(bucket.last) for pair in pairs for bucket in pair if bucket.last is not None), default=0.0)
    return all(
        a.last == b.last or (a.last is not None and b.last is not None and abs(a.last - b.last) <= 0.001 * size)
        for a, b in pairs
    )


def _flaws_of_runs(question: Question, runs: Sequence[RunRecord]) -> Iterator[Flaw]:
    """The flaws, by the run of each option: each has to draw a curve, and no two the same."""
    curves = [next(iter(learning_rates(run)), None) for run in runs]
    for place, (option, run) in enumerate(zip(question.options, runs, strict=True)):
        if run.raised or run.cause or run.status:
            error = run.raised and Error(run.raised.type, run.raised.message, 0)
            why = run.sentence or (error and f"It stops with {error}") or "It leaves early."
            yield question.line, f"`{option.text}` does not run in place of the blank. {why}"
        elif curves[place] is None:
            yield question.line, f"`{option.text}` draws no curve: no learning rate was seen."
        else:
            for before in range(place):
                if same_curve(curves[before], curves[place]):
                    other = question.options[before].text
                    yield question.line, f"`{option.text}` draws the same curve as `{other}`."


KIND = MatchTheCurve()
