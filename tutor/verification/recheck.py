"""Runs solved drafts again: whether they still pass on the installed torch."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tutor.client.lesson_run import lesson_run, requirements
from tutor.client.run_record import RunRecord, record_run
from tutor.client.runner import CodeRunner
from tutor.curriculum.lesson import Lesson


@dataclass(frozen=True, slots=True)
class Rechecked:
    """The result of checking one lesson again."""

    lesson: str
    """Its id."""
    holds: bool
    reason: str
    """The requirement that fails, or why that isn't known, as Markdown; empty when all pass."""
    seconds: float


def left_alone(lesson: str, distrust: str) -> Rechecked:
    """A draft that isn't run; ``distrust`` says why others may have written it, as the end of a sentence."""
    return Rechecked(lesson, False, f"It was not run, as {distrust}: read it, and run it yourself.", 0.0)


async def recheck(lesson: Lesson, draft: str, runner: CodeRunner) -> Rechecked:
    """Run ``draft`` and judge it by the checks of its lesson. Raises WorkerFault: nothing can be run."""
    request = replace(lesson_run(lesson, runner.new_id(), draft), observe=False)
    record = await record_run(runner, request, requirements(lesson))
    seconds = record.ended.seconds if record.ended is not None else 0.0
    return Rechecked(lesson.id, *_verdict(record), seconds)


def _verdict(record: RunRecord) -> tuple[bool, str]:
    if record.cause:
        return False, record.sentence or "It was ended before it was judged."
    if record.passed:
        return True, ""
    open_check = next((check for check in record.checks.values() if check.state != "passed"), None)
    if open_check is not None and open_check.state == "failed":
        return False, open_check.requirement
    return False, f"It stops with {record.raised.type}." if record.raised else "It could not be judged."
