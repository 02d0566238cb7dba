"""Runs solved drafts again: whether they still pass on the installed torch."""

from __future__ import annotations

from dataclasses import dataclass

from tutor.curriculum.lesson import Lesson
from tutor.protocol.codec import CheckCell, Checked, Ended, Fault, Raised, Run
from tutor.quiz.executor import CodeRunner, WorkerFault

__all__ = ["Rechecked", "WorkerFault", "left_alone", "recheck"]


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
    cell = CheckCell(lesson.check.text, str(lesson.path), lesson.check.line)
    name = lesson.id.rpartition("/")[2] + ".py"
    request = Run(runner.new_id(), draft, name, check=cell, observe=False, **lesson.limits.raised)
    checks: list[Checked] = []
    raised, ended = "", Ended(request.id, 0)
    async for event in runner.run(request):
        match event:
            case Checked():
                checks.append(event)
            case Raised():
                raised = f"It stops with {event.type}."
            case Ended():
                ended = event
            case Fault():
                raise WorkerFault(event.sentence)
    return Rechecked(lesson.id, *_verdict(lesson, checks, raised, ended), ended.seconds)


def _verdict(lesson: Lesson, checks: list[Checked], raised: str, ended: Ended) -> tuple[bool, str]:
    if ended.cause:
        return False, ended.sentence or "It was ended before it was judged."
    failed = next((check for check in checks if check.state != "passed"), None)
    if failed is not None and failed.state == "failed":
        return False, failed.requirement
    if failed is not None or len({check.name for check in checks}) < len(lesson.checks):
        return False, raised or "It could not be judged."
    return True, ""
