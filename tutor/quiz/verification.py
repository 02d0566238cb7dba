"""Proves questions: each kind's promises have to hold on the installed torch, for several draws of its numbers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Question
from tutor.quiz.executor import Group, GroupRun, ProgramRun, Unfinished, run_groups, run_program
from tutor.quiz.kinds import kind_of
from tutor.quiz.kinds.base import Flaw


@dataclass(slots=True)
class Proof:
    """The flaws of some questions, and what it took to find them."""

    flaws: list[Flaw]
    runs: int = 0
    """How many programs were run."""
    seconds: float = 0.0
    """The time of their own lines."""


async def prove(questions: Sequence[Question], runner: CodeRunner) -> Proof:
    """Find what is wrong with questions.

    Programs of all questions run in one process, which is fast; what seems wrong there is tried again by itself, so
    that no question is blamed for what another one left.

    Raises:
        WorkerFault: nothing can be run.
    """
    proof = Proof([])
    prover = _CountingProver(runner, proof)
    suspects = await _suspects(questions, prover)
    for question in suspects:
        proof.flaws += await kind_of(question).prove(question, prover)
    return proof


class _CountingProver:
    """Runs programs, and adds them up in a proof."""

    def __init__(self, runner: CodeRunner, proof: Proof) -> None:
        self._runner = runner
        self._proof = proof

    async def run_groups(self, groups: Sequence[Group]) -> list[GroupRun]:
        self._proof.runs += sum(len(group.programs) for group in groups)
        runs = await run_groups(self._runner, groups)
        self._proof.seconds += sum(attempt.seconds for run in runs for attempt in run.attempts)
        return runs

    async def run_program(self, source: str, *, observe: bool = False, seed: int = 1, programs: int = 1) -> ProgramRun:
        run = await run_program(self._runner, source, observe=observe, seed=seed)
        self._proof.runs += programs
        self._proof.seconds += run.seconds
        return run


async def _suspects(questions: Sequence[Question], prover: _CountingProver) -> list[Question]:
    """Questions to be proved by themselves: flaws were seen when all ran together, or they have no such programs."""
    groups = [kind_of(question).groups(question) for question in questions]
    together = [group for those in groups for group in those]
    if not together:
        return list(questions)
    try:
        runs = iter(await prover.run_groups(together))
    except Unfinished:
        return list(questions)
    suspects = []
    for question, those in zip(questions, groups, strict=True):
        share = list(itertools.islice(runs, len(those)))
        if not share or any(kind_of(question).flaws(question, share)):
            suspects.append(question)
    return suspects
