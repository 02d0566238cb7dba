"""Runs solved drafts again: whether they still pass on the installed torch."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tutor.client.lesson_run import lesson_run, requirements
from tutor.client.run_record import RunRecord, record_run
from tutor.client.runner import CodeRunner
from tutor.curriculum.catalog import Catalog
from tutor.curriculum.lesson import LessonError


@dataclass(frozen=True, slots=True)
class Rechecked:
    """The result of checking one lesson again."""

    holds: bool
    reason: str = ""
    """The requirement that fails, or why that isn't known, as Markdown; empty when all pass."""
    seconds: float = 0.0


async def recheck(catalog: Catalog, id: str, draft: str | None, distrust: str, runner: CodeRunner) -> Rechecked:
    """Run the draft of a lesson, its snippet where there is none, and judge it by the lesson's checks.

    A draft that others may have written isn't run: ``distrust`` says why they may, as the end of a sentence.

    Raises:
        WorkerFault: nothing can be run.
    """
    try:
        lesson = catalog.lesson(id)
    except LessonError as error:
        return Rechecked(False, f"Its lesson can't be read: {error.sentence}")
    if distrust:
        return Rechecked(False, f"It was not run, as {distrust}: read it, and run it yourself.")
    source = lesson.snippet.text if draft is None else draft
    request = replace(lesson_run(lesson, runner.new_id(), source), observe=False)
    record = await record_run(runner, request, requirements(lesson))
    return Rechecked(*_verdict(record), record.ended.seconds if record.ended is not None else 0.0)


def _verdict(record: RunRecord) -> tuple[bool, str]:
    if record.cause:
        return False, record.sentence or "It was ended before it was judged."
    if record.passed:
        return True, ""
    open_check = next((check for check in record.checks.values() if check.state != "passed"), None)
    if open_check is not None and open_check.state == "failed":
        return False, open_check.requirement
    return False, f"It stops with {record.raised.type}." if record.raised else "It could not be judged."
