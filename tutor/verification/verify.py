"""Proves lessons by running all that is in them: solutions, snippets, typical mistakes and questions."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from unicodedata import east_asian_width

from tutor.client.client import Runner
from tutor.client.launch import Launch
from tutor.curriculum.lesson import Code, Lesson, Mistake, read_text
from tutor.protocol.codec import CheckCell, Checked, Ended, Event, Fault, Finished, Raised, Ready, Run
from tutor.quiz.executor import Error
from tutor.quiz.executor import WorkerFault as WorkerFault
from tutor.quiz.verification import prove as prove_questions
from tutor.unseen import first_unseen

BESIDE = 48
"""Columns of a picture that stands whole beside the code, on a screen of 120."""
_FEW = 4
"""Lessons for which a second worker takes longer to start than it saves."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a lesson, and where."""

    path: Path
    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of one lesson."""

    lesson: str
    """Its id."""
    flaws: tuple[Flaw, ...]
    runs: int
    """How many programs were run."""
    seconds: float
    """From the first of these to the end of the last."""
    computing: float
    """Seconds of these that the programs' own lines took."""


async def verify(lessons: Sequence[Lesson], launch: Launch, told: Callable[[Proof], None]) -> None:
    """Prove ``lessons``, two side by side where there are many; ``told`` hears of each as it is proved.

    Raises:
        WorkerFault: nothing can be run.
        OSError: there is no such Python.
    """
    waiting = list(reversed(lessons))
    workers = 1 if len(lessons) <= _FEW else min(2, os.cpu_count() or 1)
    tasks = [asyncio.create_task(_prove_in_turn(waiting, launch, told)) for _ in range(workers)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _prove_in_turn(waiting: list[Lesson], launch: Launch, told: Callable[[Proof], None]) -> None:
    loaded = asyncio.Event()

    def hear(event: Event) -> None:
        if isinstance(event, Fault) or (isinstance(event, Ready) and event.stage == "all"):
            loaded.set()

    runner = Runner(replace(launch, warm=False), hear)
    try:
        await runner.start()
        await loaded.wait()  # until then the first step of an optimizer takes more than a second in each run
        while waiting:
            told(await prove(waiting.pop(), runner))
    finally:
        await runner.close()


async def prove(lesson: Lesson, runner: Runner) -> Proof:
    """Run all that is in ``lesson``, one after the other. Raises WorkerFault."""
    began = time.monotonic()
    proving = _Proving(lesson, runner)
    flaws = await proving.flaws()
    return Proof(lesson.id, tuple(flaws), proving.runs, time.monotonic() - began, proving.computing)


@dataclass(slots=True)
class _Ran:
    """What a run told."""

    code: Code
    ended: Ended
    raised: Raised | None = None
    checks: list[Checked] = field(default_factory=list)

    @property
    def failed(self) -> Checked | None:
        """The first check that failed."""
        return next((check for check in self.checks if check.state == "failed"), None)


class _Proving:
    """One lesson on its way through the worker."""

    def __init__(self, lesson: Lesson, runner: Runner) -> None:
        self.lesson = lesson
        self.runner = runner
        self.runs = 0
        self.computing = 0.0
        self._broken: set[str] = set()
        """Checks that were found broken: each is told once."""

    async def flaws(self) -> list[Flaw]:
        lesson = self.lesson
        found = [*self._of_unseen(), *self._of_text(), *self._of_solution(await self._run(lesson.solution))]
        found += self._of_snippet(await self._run(lesson.snippet))
        for mistake in lesson.mistakes:
            found += self._of_mistake(mistake, await self._run(mistake.code))
        proved = await prove_questions(lesson.questions, self.runner)
        self.runs += proved.runs
        self.computing += proved.seconds
        found += (self._at(line, sentence) for line, sentence in proved.found)
        return found

    async def _run(self, code: Code) -> _Ran:
        lesson = self.lesson
        cell = CheckCell(lesson.check.text, str(lesson.path), lesson.check.line)
        name = lesson.id.rpartition("/")[2] + ".py"
        request = Run(self.runner.new_id(), code.text, name, check=cell, observe=False, **lesson.limits.raised)
        self.runs += 1
        ran = _Ran(code, Ended(request.id, 0))
        async for event in self.runner.run(request):
            match event:
                case Checked():
                    ran.checks.append(event)
                case Raised():
                    ran.raised = event
                case Finished():
                    self.computing += event.seconds
                case Ended():
                    ran.ended = event
                case Fault():
                    raise WorkerFault(event.sentence)
        return ran

    # --- what is asked of each ------------------------------------------------------------------------------

    def _of_unseen(self) -> Iterator[Flaw]:
        """Characters that would command the terminal or hide, as they stand in the file or behind its escapes."""
        flaws = [
            self._at(number, f"Take the character {unseen} out: nobody can see it. Code spells it, as in `\\x1b`.")
            for number, line in enumerate(read_text(self.lesson.path).split("\n"), 1)
            if (unseen := first_unseen(line))
        ]
        if not flaws and (unseen := next(filter(None, map(first_unseen, _texts(self.lesson))), None)):
            flaws.append(self._at(1, f"Take the escape of {unseen} out of the text: nobody can see what it makes."))
        yield from flaws

    def _of_text(self) -> Iterator[Flaw]:
        """Pictures, formulas and code in the text, indented by four, that would break beside the code."""
        blank, picture = False, False
        for number, line in enumerate(read_text(self.lesson.path).split("\n"), 1):
            if line.startswith("# %%"):
                return
            picture = line.startswith("    ") and (blank or picture) if line.strip() else picture
            blank = not line.strip()
            if picture and _width(line) > len("    ") + BESIDE:
                yield self._at(number, f"This is more than {BESIDE} columns wide: beside the code it breaks.")

    def _of_solution(self, ran: _Ran) -> Iterator[Flaw]:
        if trouble := self._trouble("The solution", ran):
            yield trouble
            return
        yield from self._broken_checks("the solution", ran)
        if failed := ran.failed:
            yield self._at(ran.code.line, f"The solution fails `{failed.name}`: {failed.message}")
            return
        judged = {check.name for check in ran.checks}
        missing = [check for check in self.lesson.checks if check.name not in judged]
        if missing and not self._broken:
            yield self._at(missing[0].line, f"`{missing[0].name}` was not judged on the solution.")

    def _of_snippet(self, ran: _Ran) -> Iterator[Flaw]:
        if trouble := self._trouble("The snippet", ran):
            yield trouble
            return
        yield from self._broken_checks("the snippet", ran)
        if not self.lesson.tour and all(check.state == "passed" for check in ran.checks):
            sentence = "The snippet passes every check: leave something to do, or mark it as a `tour`."
            yield self._at(ran.code.line, sentence)

    def _of_mistake(self, mistake: Mistake, ran: _Ran) -> Iterator[Flaw]:
        if trouble := self._trouble("This mistake", ran):
            yield trouble
            return
        yield from self._broken_checks("a mistake", ran)
        failed = ran.failed
        if not any(check.name == mistake.check and check.state != "broken" for check in ran.checks):
            return  # what the check would have said isn't known
        if failed is None:
            yield self._at(ran.code.line, f"No check fails on this mistake; `{mistake.check}` should.")
        elif failed.name != mistake.check:
            yield self._at(
                ran.code.line, f"`{failed.name}` is the first to fail on this mistake, not `{mistake.check}`."
            )

    # --- what may be wrong with any -------------------------------------------------------------------------

    def _at(self, line: int, sentence: str) -> Flaw:
        return Flaw(self.lesson.path, line, sentence)

    def _trouble(self, what: str, ran: _Ran) -> Flaw | None:
        """A flaw, unless the program came to its end and left with status 0."""
        line = ran.code.line
        if ran.ended.cause:
            return self._at(line, f"{what} was ended: {ran.ended.sentence}")
        if error := ran.raised:
            if error.frames:
                line += error.frames[-1].line - 1
            return self._at(line, f"{what} stops with {Error(error.type, error.message, 0)}")
        if ran.ended.status:
            return self._at(line, f"{what} ends with status {ran.ended.status}.")
        return None

    def _broken_checks(self, on: str, ran: _Ran) -> Iterator[Flaw]:
        lines = {check.name: check.line for check in self.lesson.checks}
        for check in ran.checks:
            if check.state == "broken" and check.name not in self._broken:
                self._broken.add(check.name)
                line = lines.get(check.name, self.lesson.check.line)
                why = check.message
                if told := re.match(r"The check itself stopped at .*, line (\d+): (.*)", why, re.DOTALL):
                    line, why = int(told[1]), told[2]
                yield self._at(line, f"`{check.name}` breaks on {on}: {why}")


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
