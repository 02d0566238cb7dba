"""Mutation score of a lesson: how many mutants of its solution its checks refuse, and which they let pass.

A mutant that passes is *equivalent* where everything observable is the same as of the solution: names left, output and
series, and these again for other inputs (:mod:`tutor.check.fingerprint`). All others that pass are survivors.
"""

from __future__ import annotations

import ast
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tutor.client.lesson_run import check_cell, lesson_run, requirements
from tutor.client.run_record import RunRecord, record_run
from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Lesson, LessonError
from tutor.verification.mutants import Mutant, mutants, mutate, overlap

MOST_PAIRS = 40
"""Pairs of equivalent mutants that are tried as one."""
_OBSERVE = "tutor_fingerprint"
"""The name of the check that comes last, and fails with the fingerprint as its message."""
_CELL = '''

def {name}(run):
    """{name}"""
    from tutor.check import Unmet
    from tutor.check.fingerprint import fingerprint

    raise Unmet(fingerprint(run, {inputs}))
'''


@dataclass(frozen=True, slots=True)
class MutationScore:
    """The result of trying the mutants of one lesson."""

    lesson: str
    """Its id."""
    refused: int
    """Mutants that a check refuses, or that stop with an error."""
    equivalent: int
    """Mutants that do what the solution does."""
    survivors: tuple[LessonError, ...]
    """Mutants that do something else and pass every check: where, and what differs."""
    harmless: int
    """Mutants that pass, and that the lesson declares to do no harm."""
    undeclared: tuple[LessonError, ...]
    """Programs that the lesson declares harmless, and that are no mutants that pass."""
    broken: tuple[LessonError, ...]
    """Checks that stopped with an error of their own on a mutant."""
    seconds: float

    @property
    def flaws(self) -> tuple[LessonError, ...]:
        """All that is wrong."""
        return self.survivors + self.broken + self.undeclared

    @property
    def mutants(self) -> int:
        """How many do something else than the solution."""
        return self.refused + self.harmless + len(self.survivors)

    @property
    def runs(self) -> int:
        """How many programs were run, but for the solution itself."""
        return self.mutants + self.equivalent


async def score(lesson: Lesson, runner: CodeRunner) -> MutationScore:
    """Try every mutant of the solution, and pairs of those that change nothing. Raises WorkerFault."""
    began = time.monotonic()
    trial = _Trial(lesson, runner)
    if not await trial.judge_solution():
        flaw = LessonError(lesson.path, lesson.solution.line, "The solution fails: `tutor verify` says why.")
        return MutationScore(lesson.id, 0, 0, (), 0, (), (flaw,), time.monotonic() - began)
    solution = lesson.solution.text
    for mutant in mutants(lesson.snippet.text, solution):
        await trial.judge(mutant)
    pairs = itertools.combinations(trial.equivalent, 2)
    apart = (pair for pair in pairs if not overlap(*pair))
    for first, second in list(itertools.islice(apart, MOST_PAIRS)):
        await trial.judge(mutate(solution, *first.edits, *second.edits))
    return MutationScore(
        lesson.id,
        trial.refused,
        len(trial.equivalent),
        tuple(trial.survivors),
        len(trial.declared),
        tuple(trial.undeclared()),
        tuple(trial.broken),
        time.monotonic() - began,
    )


class _Trial:
    """The mutants of one lesson, judged one after the other."""

    def __init__(self, lesson: Lesson, runner: CodeRunner) -> None:
        self._lesson = lesson
        self._runner = runner
        inputs = sorted(_given_names(lesson.snippet.text, lesson.solution.text))
        cell = _CELL.format(name=_OBSERVE, inputs=inputs)
        check = check_cell(lesson)
        self._check = replace(check, source=check.source + cell)
        self._seconds: float | None = lesson.limits.get("seconds")
        self._fingerprint = ""
        self.refused = 0
        self.equivalent: list[Mutant] = []
        self.survivors: list[LessonError] = []
        self.broken: list[LessonError] = []
        self._harmless = {_meaning(harmless.code.text): harmless for harmless in lesson.supplement.harmless}
        self.declared: set[str] = set()
        """What the harmless mutants mean."""

    async def judge_solution(self) -> bool:
        """Take the fingerprint that mutants are compared with, and the time that they may take; whether it passes."""
        record = await self._run(self._lesson.solution.text)
        self._fingerprint = self._read_fingerprint(record)
        self._seconds = 2 + 5 * (record.ended.seconds if record.ended else 0)
        return bool(self._fingerprint)

    async def judge(self, mutant: Mutant) -> None:
        """Count one mutant as refused, equivalent or survivor."""
        record = await self._run(mutant.source)
        if broken := next((check for check in record.checks.values() if check.state == "broken"), None):
            change = self._describe(mutant)
            self.broken.append(self._flaw(mutant, f"`{broken.name}` breaks on {change}: {broken.message}"))
        fingerprint = self._read_fingerprint(record)
        if not fingerprint:
            self.refused += 1
        elif fingerprint == self._fingerprint:
            self.equivalent.append(mutant)
        elif (meaning := _meaning(mutant.source)) in self._harmless:
            self.declared.add(meaning)
        else:
            self.survivors.append(self._flaw(mutant, f"Every check passes {self._describe(mutant)}."))

    def undeclared(self) -> Iterator[LessonError]:
        """The programs declared harmless that were not met among the mutants that pass."""
        for meaning, harmless in self._harmless.items():
            if meaning not in self.declared:
                sentence = "Take this cell out: it is no mutant that changes something and passes every check."
                yield LessonError(self._lesson.path, harmless.code.line - 1, sentence)

    async def _run(self, source: str) -> RunRecord:
        request = lesson_run(self._lesson, self._runner.new_id(), source)
        request = replace(request, check=self._check, observe=False, seed=0, seconds=self._seconds)
        return await record_run(self._runner, request, requirements(self._lesson))

    def _read_fingerprint(self, record: RunRecord) -> str:
        """The fingerprint of a program that passed all checks of the lesson; empty for others."""
        passed = {check.name for check in record.checks.values() if check.state == "passed"}
        observed = record.checks.get(_OBSERVE)
        complete = passed.issuperset(check.name for check in self._lesson.checks)
        return observed.message if complete and observed is not None and observed.state == "failed" else ""

    def _flaw(self, mutant: Mutant, sentence: str) -> LessonError:
        return LessonError(self._lesson.path, self._lesson.solution.line + mutant.line - 1, sentence)

    def _describe(self, mutant: Mutant) -> str:
        """What the mutant has in the place of which lines of the solution."""
        before, after = self._lesson.solution.text.splitlines(), mutant.source.splitlines()
        first = mutant.line - 1
        ends = zip(before[:first:-1], after[:first:-1], strict=False)
        same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], ends))
        old, new = ("; ".join(map(str.strip, lines[first : len(lines) - same])) for lines in (before, after))
        return f"`{new}` in the place of `{old}`" if new else f"a program without `{old}`"


def _meaning(source: str) -> str:
    """A program without its layout and comments."""
    return ast.dump(ast.parse(source))


def _given_names(snippet: str, solution: str) -> Iterator[str]:
    """The names that both programs assign alike at the top level: what a learner is given to work with."""
    given = {ast.dump(statement) for statement in ast.parse(snippet).body}
    for statement in ast.parse(solution).body:
        if isinstance(statement, ast.Assign) and ast.dump(statement) in given:
            yield from (target.id for target in statement.targets if isinstance(target, ast.Name))
