"""``tutor check``: a draft or a file against a lesson's requirements."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import replace

from tutor.cli import targets
from tutor.cli.home import own_home
from tutor.cli.lessons import lesson_named, read
from tutor.cli.pack import Pack
from tutor.cli.run_loop import INTERRUPTED, WORKER_FAULT, follow, follow_as_json, launch, tell
from tutor.cli.trust import require_trust
from tutor.client.launch import Launch
from tutor.client.lesson_run import lesson_record
from tutor.client.run_record import RunRecord
from tutor.curriculum.lesson import Lesson
from tutor.protocol.codec import Event, Run

PASSED, FAILED = 0, 1


def command(options: argparse.Namespace) -> int:
    """Run and check: 0 passed, 1 not, 3 where the lesson or the worker is to blame."""
    catalog = options.pack.catalog
    lesson = read(catalog, lesson_named(options.lesson, catalog))
    require_trust(options.pack)
    source = targets.draft_of(lesson, options.pack) if options.file is None else targets.file(options.file)
    start, request = launch(options.python, options.device), source.request(lesson)
    record = lesson_record(lesson, request.id)
    if options.json:
        status = _status(record, follow_as_json(record, start, request))
    else:
        status = _draw(lesson, record, start, request)
    if source.is_draft and record.checks and status in (PASSED, FAILED):
        _remember(lesson.id, record, options.pack)
    return status


def _draw(lesson: Lesson, record: RunRecord, start: Launch, request: Run) -> int:
    """Draw the verdict as in the app, with the takeaway once it is passed; the exit status."""
    from tutor.cli.output import page, size
    from tutor.cli.run_report import LINES, draw_check
    from tutor.render.text.markdown import lesson_text
    from tutor.render.text.transcript import Transcript

    paper = page()
    columns, rows = size()
    output = Transcript(keep=LINES)

    def take(event: Event) -> None:
        record.take(event)
        for chunk in record.drain():
            output.feed(chunk.text)

    status = _status(record, follow(start, replace(request, columns=columns, rows=rows), take))
    draw_check(record, output, paper)
    if status == PASSED and lesson.takeaway:
        paper.draw("", lesson_text(lesson.takeaway, paper.look))
    if record.fault:
        tell(record.fault)
    return status


def _status(record: RunRecord, interrupted: bool) -> int:
    if record.fault:
        return WORKER_FAULT
    if interrupted or record.ended is None:
        return INTERRUPTED
    if any(check.state == "broken" for check in record.checks.values()):
        return WORKER_FAULT
    return PASSED if record.passed else FAILED


def _remember(lesson: str, record: RunRecord, pack: Pack) -> None:
    """An attempt at a lesson, as in the app."""
    from tutor.learner.store import Store

    with closing(Store.open(own_home(pack))) as store:
        if record.passed:
            store.passed(lesson)
        elif (failed := record.failed_check) is not None:
            store.attempted(lesson, failed=failed.name, misconception=failed.misconception)
        else:
            store.attempted(lesson)
        if store.problem:
            tell(store.problem)
