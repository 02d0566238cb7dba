"""``tutor check``: a draft or a file against a lesson's requirements."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from tutor.cli import targets
from tutor.cli.home import own_home
from tutor.cli.lessons import lesson_named, read, shipped
from tutor.cli.run_loop import INTERRUPTED, WORKER_FAULT, Outcome, follow, launch, tell, write_event
from tutor.client.launch import Launch
from tutor.curriculum.lesson import Lesson
from tutor.protocol.codec import CheckCell, Checked, Event, Fault, Run

PASSED, FAILED = 0, 1


def command(options: argparse.Namespace) -> int:
    """Run and check: 0 passed, 1 not, 3 where the lesson or the worker is to blame."""
    catalog = shipped()
    lesson = read(catalog, lesson_named(options.lesson, catalog))
    source = targets.draft_of(lesson) if options.file is None else targets.file(options.file)
    cell = CheckCell(lesson.check.text, str(lesson.path), lesson.check.line)
    request = replace(source.request(1, lesson.limits), check=cell)
    judge = _reported if options.json else _drawn
    outcome, checks = judge(lesson, launch(options.python, options.device), request)
    status = _status(outcome, checks)
    if source.is_draft and checks and status in (PASSED, FAILED):
        _record(lesson.id, next((check for check in checks if check.state == "failed"), None), status == PASSED)
    return status


def _reported(lesson: Lesson, start: Launch, request: Run) -> tuple[Outcome, list[Checked]]:
    """Each event as a line of JSON."""
    checks: list[Checked] = []

    def take(event: Event) -> None:
        write_event(event)
        if isinstance(event, Checked):
            checks.append(event)

    return follow(start, request, take), checks


def _drawn(lesson: Lesson, start: Launch, request: Run) -> tuple[Outcome, list[Checked]]:
    """The verdict, drawn as in the app; with the takeaway once it is passed."""
    from tutor.cli.output import page, size
    from tutor.cli.run_report import Results
    from tutor.render.text.markdown import lesson_text

    paper = page()
    columns, rows = size()
    results = Results()
    outcome = follow(start, replace(request, columns=columns, rows=rows), results.take)
    results.draw_check(paper)
    if _status(outcome, results.checks) == PASSED and lesson.takeaway:
        paper.draw("", lesson_text(lesson.takeaway, paper.look))
    if isinstance(outcome.end, Fault):
        tell(outcome.end.sentence)
    return outcome, results.checks


def _status(outcome: Outcome, checks: Sequence[Checked]) -> int:
    if isinstance(outcome.end, Fault):
        return WORKER_FAULT
    if outcome.interrupted or outcome.end is None:
        return INTERRUPTED
    if any(check.state == "broken" for check in checks):
        return WORKER_FAULT
    passed = checks and all(check.state == "passed" for check in checks) and not outcome.end.cause
    return PASSED if passed else FAILED


def _record(lesson: str, failed: Checked | None, passed: bool) -> None:
    """An attempt at a lesson, as in the app; ``failed`` is the first check that failed."""
    from tutor.learner.store import Store

    store = Store.open(own_home())
    if passed:
        store.passed(lesson)
    elif failed is not None:
        store.attempted(lesson, failed=failed.name, misconception=failed.misconception)
    else:
        store.attempted(lesson)
    if store.problem:
        tell(store.problem)
    store.close()
