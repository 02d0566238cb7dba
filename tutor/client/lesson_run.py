"""The request to run a program as a draft of a lesson: its file's name, its check, its limits.

The app, the command line and the proofs of lessons all ask for such runs. It stands on the client's side, above the
protocol and above the lessons: a lesson knows nothing of requests, and a request nothing of lessons.
"""

from __future__ import annotations

from tutor.client.run_record import RunRecord
from tutor.curriculum.lesson import Lesson
from tutor.protocol.requests import CheckCell, Run


def draft_name(lesson: Lesson) -> str:
    """The name of the file that a draft runs from: ``backward.py``."""
    return lesson.id.rpartition("/")[2] + ".py"


def lesson_run(lesson: Lesson, run: int, source: str) -> Run:
    """The request to run ``source`` within the lesson's limits, and to check it."""
    return Run(run, source, draft_name(lesson), check=check_cell(lesson), **lesson.limits)


def check_cell(lesson: Lesson) -> CheckCell:
    """The lesson's checks, and the programs that they may compare a draft with."""
    programs = (lesson.solution.text, lesson.snippet.text)
    return CheckCell(lesson.check.text, str(lesson.path), lesson.check.line, *programs)


def requirements(lesson: Lesson) -> dict[str, str]:
    """What each check of the lesson asks for, in the lesson's order."""
    return {check.name: check.requirement for check in lesson.checks}


def lesson_record(lesson: Lesson, run: int, source: str = "") -> RunRecord:
    """The empty record of a run that the lesson's checks will judge."""
    return RunRecord(run, source, requirements(lesson))
