"""Proves questions: each kind's promises have to hold on the installed torch, for several draws of its numbers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Question
from tutor.quiz.executor import Prover, Unfinished
from tutor.quiz.kinds import kind_of
from tutor.quiz.kinds.base import Flaw


@dataclass(frozen=True, slots=True)
class Proof:
    """The flaws of some questions, and what it took to find them."""

    flaws: list[Flaw]
    runs: int
    """How many programs were run."""
    seconds: float
    """The time of their own lines."""


async def prove(questions: Sequence[Question], runner: CodeRunner, *, together: bool = True) -> Proof:
    """Find what is wrong with questions.

    Programs of all questions run in one process, which is fast; what seems wrong there is tried again by itself, so
    that no question is blamed for what another one left. Not so without ``together``: a runner that remembers has then
    fewer programs to run again when one question has changed.

    Raises:
        WorkerFault: nothing can be run.
    """
    flaws, prover = [], Prover(runner)
    for question in await _suspects(questions, prover) if together else questions:
        flaws += await kind_of(question).prove(question, prover)
    return Proof(flaws, prover.runs, prover.seconds)


async def _suspects(questions: Sequence[Question], prover: Prover) -> list[Question]:
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
