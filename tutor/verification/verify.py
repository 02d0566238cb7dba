"""Proves lessons by running their programs: solutions, snippets, typical mistakes and questions."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from itertools import chain
from typing import TypeVar
from unicodedata import east_asian_width

from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.client.lesson_run import lesson_run, requirements
from tutor.client.run_record import RunRecord, record_run
from tutor.client.runner import CodeRunner
from tutor.control_characters import first_control
from tutor.curriculum.lesson import Code, Lesson, LessonError, Mistake, RightAnswer, read_text
from tutor.protocol.codec import Run
from tutor.protocol.observations import Graph, Module, Observation, Parameters, Series, Tensors, Value
from tutor.quiz.executor import Error
from tutor.quiz.verification import prove as prove_questions

BESIDE = 48
"""Columns of a picture that stands whole beside the code, on a screen of 120."""
Proof = TypeVar("Proof")
"""What proving one lesson gives."""
RIGHT_ANSWERS, MISTAKES = 3, 4
"""How many of each a lesson has at least, so that its checks can be believed."""
_SHOWN: dict[str, type[Observation]] = {
    "curve": Series,
    "graph": Graph,
    "module": Module,
    "parameters": Parameters,
    "tensor": Tensors,
    "value": Value,
}
"""The observations that a picture is drawn from."""
_FEW = 4
"""Lessons for which a second worker takes longer to start than it saves."""


@dataclass(frozen=True, slots=True)
class LessonProof:
    """The result of proving one lesson."""

    lesson: str
    """Its id."""
    flaws: tuple[LessonError, ...]
    runs: int
    """How many programs were run."""
    seconds: float
    """From the first of these to the end of the last."""
    computing: float
    """Seconds of these that the programs' own lines took."""
    opening: str = ""
    """What the checks say of the snippet as it is; empty where they pass."""


async def verify(
    lessons: Sequence[Lesson],
    launch: Launch,
    on_proof: Callable[[Proof], None],
    prover: Callable[[Lesson, CodeRunner], Awaitable[Proof]],
) -> None:
    """Prove ``lessons``, two side by side where there are many; ``on_proof`` is called after each.

    ``prover`` proves one: :func:`prove`, or :func:`tutor.verification.mutation.score`.

    Raises:
        WorkerFault: nothing can be run.
        OSError: there is no such Python.
    """
    waiting = list(reversed(lessons))
    workers = 1 if len(lessons) <= _FEW else min(2, os.cpu_count() or 1)
    tasks = [asyncio.create_task(_prove_in_turn(waiting, launch, on_proof, prover)) for _ in range(workers)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _prove_in_turn(
    waiting: list[Lesson],
    launch: Launch,
    on_proof: Callable[[Proof], None],
    prover: Callable[[Lesson, CodeRunner], Awaitable[Proof]],
) -> None:
    async with loaded_worker(launch) as runner:
        while waiting:
            on_proof(await prover(waiting.pop(), runner))


@contextlib.asynccontextmanager
async def loaded_worker(launch: Launch) -> AsyncIterator[WorkerClient]:
    """A worker that has nothing left to load: before, the first step of an optimizer takes over a second in each run.

    Raises:
        WorkerFault: nothing can be run.
        OSError: there is no such Python.
    """
    runner = WorkerClient(replace(launch, warm=False))
    try:
        await runner.start()
        await runner.wait_until(lambda: runner.ready is not None and runner.ready.stage == "all")
        yield runner
    finally:
        await runner.close()


def request(lesson: Lesson, code: Code, run: int) -> Run:
    """The request to run a program of ``lesson`` for its proof."""
    observe = code is lesson.solution and lesson.picture is not None
    return replace(lesson_run(lesson, run, code.text), observe=observe)


async def prove(lesson: Lesson, runner: CodeRunner, *, together: bool = True) -> LessonProof:
    """Run every program of ``lesson``, one after the other; those of questions ``together``. Raises WorkerFault."""
    began = time.monotonic()
    prover = _LessonProver(lesson, runner, together)
    flaws = await prover.flaws()
    return LessonProof(lesson.id, tuple(flaws), prover.runs, time.monotonic() - began, prover.computing, prover.opening)


class _LessonProver:
    """Proves one lesson and counts its runs."""

    def __init__(self, lesson: Lesson, runner: CodeRunner, together: bool) -> None:
        self.lesson = lesson
        self.runner = runner
        self.together = together
        self.runs = 0
        self.computing = 0.0
        self.opening = ""
        self._broken: set[str] = set()
        """Names of broken checks: each is reported once."""

    async def flaws(self) -> list[LessonError]:
        lesson = self.lesson
        flaws = [*self._control_flaws(), *self._text_flaws()]
        flaws += await self._prove("The solution", "the solution", lesson.solution, self._solution_flaws)
        flaws += await self._prove("The snippet", "the snippet", lesson.snippet, self._snippet_flaws)
        for answer in lesson.supplement.right_answers:
            judge = partial(self._right_answer_flaws, answer)
            flaws += await self._prove("This right answer", "a right answer", answer.code, judge)
        for mistake in lesson.supplement.mistakes:
            flaws += await self._prove("This mistake", "a mistake", mistake.code, partial(self._mistake_flaws, mistake))
        flaws += self._count_flaws()
        proof = await prove_questions(lesson.supplement.questions, self.runner, together=self.together)
        self.runs += proof.runs
        self.computing += proof.seconds
        flaws += (self._flaw_at(line, sentence) for line, sentence in proof.flaws)
        return flaws

    async def _prove(
        self, program: str, on: str, code: Code, judge: Callable[[RunRecord], Iterator[LessonError]]
    ) -> list[LessonError]:
        """The flaws of a program: it doesn't run to its end, or it breaks a check, or those that ``judge`` sees."""
        lesson = self.lesson
        self.runs += 1
        record = await record_run(self.runner, request(lesson, code, self.runner.new_id()), requirements(lesson))
        self.computing += record.computing
        if flaw := self._run_flaw(program, code, record):
            return [flaw]
        return [*self._broken_check_flaws(on, record), *judge(record)]

    # --- the flaws of each program ---------------------------------------------------------------------------

    def _control_flaws(self) -> Iterator[LessonError]:
        """Characters that would command the terminal or hide, as they stand in the file or behind its escapes."""
        flaws = [
            self._flaw_at(number, f"Take the character {char} out: nobody can see it. Code spells it, as in `\\x1b`.")
            for number, line in enumerate(read_text(self.lesson.path).split("\n"), 1)
            if (char := first_control(line))
        ]
        texts = chain(_texts(self.lesson), _texts(self.lesson.supplement))
        if not flaws and (char := next(filter(None, map(first_control, texts)), None)):
            flaws.append(self._flaw_at(1, f"Take the escape of {char} out of the text: nobody can see what it makes."))
        yield from flaws

    def _text_flaws(self) -> Iterator[LessonError]:
        """Pictures, formulas and code in the text, indented by four, that would break beside the code."""
        blank, picture = False, False
        for number, line in enumerate(read_text(self.lesson.path).split("\n"), 1):
            if line.startswith("# %%"):
                return
            picture = line.startswith("    ") and (blank or picture) if line.strip() else picture
            blank = not line.strip()
            if picture and _width(line) > len("    ") + BESIDE:
                yield self._flaw_at(number, f"This is more than {BESIDE} columns wide: beside the code it breaks.")

    def _solution_flaws(self, record: RunRecord) -> Iterator[LessonError]:
        if failed := record.failed_check:
            line = self.lesson.solution.line
            yield self._flaw_at(line, f"The solution fails `{failed.name}`: {failed.message}")
            return
        missing = [check for check in self.lesson.checks if check.name not in record.checks]
        if missing and not self._broken:
            yield self._flaw_at(missing[0].line, f"`{missing[0].name}` was not judged on the solution.")
        yield from self._picture_flaws(record)

    def _picture_flaws(self, record: RunRecord) -> Iterator[LessonError]:
        """The picture that the lesson is about is none of those that the solution's run shows."""
        if (picture := self.lesson.picture) is None:
            return
        names: set[str] = set()
        for name, observed in record.named(_SHOWN[picture.kind]).items():
            listed = [tensor.name for tensor in observed.tensors] if isinstance(observed, Tensors) else [name]
            names.update(listed, [observed.kind] if isinstance(observed, Series) else [])
        if not names or (picture.name and picture.name not in names):
            there = f"there are {', '.join(sorted(names))}" if names else "there is none of its kind"
            wanted = f"{picture.kind}:{picture.name}".rstrip(":")
            yield self._flaw_at(self.lesson.snippet.line - 1, f"The solution shows no `picture={wanted}`; {there}.")

    def _snippet_flaws(self, record: RunRecord) -> Iterator[LessonError]:
        line, declared = self.lesson.snippet.line, self.lesson.fails_first
        if failed := record.failed_check:
            self.opening = " ".join(filter(None, (failed.message, failed.advice)))
            if failed.name != declared:
                sentence = f"This snippet fails `{failed.name}` first; write `# %% snippet -> {failed.name}`."
                yield self._flaw_at(line - 1, sentence)
        elif declared and not self._broken:
            yield self._flaw_at(line - 1, f"`{declared}` passes on the snippet.")
        elif not self.lesson.tour and all(check.state == "passed" for check in record.checks.values()):
            yield self._flaw_at(line, "The snippet passes every check: leave something to do, or mark it as a `tour`.")

    def _right_answer_flaws(self, answer: RightAnswer, record: RunRecord) -> Iterator[LessonError]:
        if failed := record.failed_check:
            yield self._flaw_at(answer.code.line, f"`{failed.name}` refuses this right answer: {failed.message}")

    def _mistake_flaws(self, mistake: Mistake, record: RunRecord) -> Iterator[LessonError]:
        line = mistake.code.line
        check = record.checks.get(mistake.check)
        if check is None or check.state == "broken":
            return  # it isn't known whether the check would catch it
        failed = record.failed_check
        if failed is None:
            yield self._flaw_at(line, f"No check fails on this mistake; `{mistake.check}` should.")
        elif failed.name != mistake.check:
            yield self._flaw_at(line, f"`{failed.name}` is the first to fail on this mistake, not `{mistake.check}`.")

    def _count_flaws(self) -> Iterator[LessonError]:
        """Checks that no mistake tries, and too few programs to believe the checks by."""
        lesson = self.lesson
        if lesson.tour:
            return
        caught = {mistake.check for mistake in lesson.supplement.mistakes}
        for check in lesson.checks:
            if check.name not in caught:
                yield self._flaw_at(check.line, f"No mistake shows that `{check.name}` catches one: write it.")
        for programs, least, what in (
            (lesson.supplement.right_answers, RIGHT_ANSWERS, "right answers of different kinds"),
            (lesson.supplement.mistakes, MISTAKES, "mistakes"),
        ):
            if len(programs) < least:
                yield self._flaw_at(lesson.check.line, f"Write at least {least} {what} ({len(programs)} so far).")

    # --- the flaws that any may have ----------------------------------------------------------------------

    def _flaw_at(self, line: int, sentence: str) -> LessonError:
        return LessonError(self.lesson.path, line, sentence)

    def _run_flaw(self, program: str, code: Code, record: RunRecord) -> LessonError | None:
        """A flaw, unless the program came to its end and left with status 0."""
        line = code.line
        if record.cause:
            return self._flaw_at(line, f"{program} was ended: {record.sentence}")
        if error := record.raised:
            if error.frames and code.is_whole:
                line += error.frames[-1].line - 1
            return self._flaw_at(line, f"{program} stops with {Error(error.type, error.message, 0)}")
        if record.status:
            return self._flaw_at(line, f"{program} ends with status {record.status}.")
        return None

    def _broken_check_flaws(self, on: str, record: RunRecord) -> Iterator[LessonError]:
        lines = {check.name: check.line for check in self.lesson.checks}
        for check in record.checks.values():
            if check.state == "broken" and check.name not in self._broken:
                self._broken.add(check.name)
                line = lines.get(check.name, self.lesson.check.line)
                why = check.message
                if match := re.match(r"The check itself stopped at .*, line (\d+): (.*)", why, re.DOTALL):
                    line, why = int(match[1]), match[2]
                yield self._flaw_at(line, f"`{check.name}` breaks on {on}: {why}")


def _texts(value: object) -> Iterator[str]:
    """What a learner reads of a lesson: all its strings but code."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
    elif is_dataclass(value) and not isinstance(value, (Code, type)):
        for part in fields(value):
            yield from _texts(getattr(value, part.name))


def _width(line: str) -> int:
    """Columns of a terminal that a line takes."""
    return sum(1 + (east_asian_width(sign) in "WF") for sign in line)
