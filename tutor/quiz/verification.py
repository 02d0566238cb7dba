"""Proves questions: that what each kind promises holds on the installed torch, for several draws of its numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tutor.curriculum.lesson import Question
from tutor.quiz import variants
from tutor.quiz.executor import Group, Runner, Tried, Unfinished, Whole, attempt, whole
from tutor.quiz.presentation import same_curve
from tutor.quiz.proofs import PROOFS, TWICE, Found, of_curves, of_print

_TOGETHER = """\
import types

import torch

kept = []
for source in {sources!r}:
    kept.append(types.ModuleType("__main__"))
    torch.manual_seed(1)
    exec(compile(source, "question.py", "exec"), vars(kept[-1]))
"""
"""Programs one after the other. What they make is kept, so that their optimizers are told apart."""


@dataclass(slots=True)
class Proved:
    """What came of it."""

    found: list[Found]
    runs: int = 0
    """How many programs were run."""
    seconds: float = 0.0
    """What their own lines took."""


async def prove(questions: Sequence[Question], runner: Runner) -> Proved:
    """What is wrong with questions.

    Programs of all questions run in one process, which is fast; what seems wrong there is tried again by itself, so
    that no question is blamed for what another one left.

    Raises:
        WorkerFault: nothing can be run.
    """
    proving = _Proving(runner)
    batched = [question for question in questions if question.kind in PROOFS]
    suspects = await proving.suspects(batched)
    for question in questions:
        if question.kind == "match the curve":
            await proving.curves(question)
        elif question in suspects:
            await (proving.print if question.kind == "prints" else proving.alone)(question)
    return proving.proved


class _Proving:
    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.proved = Proved([])

    async def suspects(self, questions: Sequence[Question]) -> list[Question]:
        """Those that don't hold when all are run together."""
        if not questions:
            return []
        groups = [PROOFS[question.kind].groups(question) for question in questions]
        try:
            tried = iter(await self._attempt([group for those in groups for group in those]))
        except Unfinished:
            return list(questions)
        shares = [list(itertools.islice(tried, len(those))) for those in groups]
        return [
            question
            for question, share in zip(questions, shares, strict=True)
            if any(PROOFS[question.kind].found(question, share))
        ]

    async def alone(self, question: Question) -> None:
        """Prove one question, each group of its programs in a process of its own."""
        proof, tried = PROOFS[question.kind], []
        try:
            for group in proof.groups(question):
                tried += await self._attempt([group])
        except Unfinished as ended:
            self.proved.found.append((question.line, f"The programs of this question were ended: {ended}"))
            return
        self.proved.found += dict.fromkeys(proof.found(question, tried))

    async def print(self, question: Question) -> None:
        """Prove a ``prints`` by its code alone, twice: what it prints must not be chance."""
        assert question.code is not None
        for seed in TWICE:
            ran = await self._whole(question.code.text, seed=seed)
            if found := list(of_print(question, ran)):
                self.proved.found += found
                return

    async def _attempt(self, groups: Sequence[Group]) -> list[Tried]:
        self.proved.runs += sum(len(group.programs) for group in groups)
        tried = await attempt(self.runner, groups)
        self.proved.seconds += sum(one.seconds for group in tried for one in group.attempts)
        return tried

    async def _whole(self, source: str, *, observe: bool = False, seed: int = 1, programs: int = 1) -> Whole:
        ran = await whole(self.runner, source, observe=observe, seed=seed)
        self.proved.runs += programs
        self.proved.seconds += ran.seconds
        return ran

    async def curves(self, question: Question) -> None:
        """Prove a ``match the curve``: its options in one process; each alone where that does not show all curves."""
        for code in variants.edges(question):
            sources = [variants.filled(code, option.text) for option in question.options]
            together = await self._whole(_TOGETHER.format(sources=sources), observe=True, programs=len(sources))
            if len(together.curves) == len(sources) and all(_differ(together)):
                continue
            rans = [await self._whole(source, observe=True) for source in sources]
            if found := list(of_curves(question, rans)):
                self.proved.found += found
                return


def _differ(ran: Whole) -> Iterator[bool]:
    """Of any two of its learning rates: whether they can be told apart."""
    return (not same_curve(one, other) for one, other in itertools.combinations(ran.curves, 2))
