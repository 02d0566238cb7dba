"""``tutor run``: a program runs as under Python; to a person who watches, what it shows is drawn below."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import termios
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from tutor.cli import targets
from tutor.cli.run_loop import exit_status, follow, follow_as_json, launch, tell, write
from tutor.client.launch import Launch
from tutor.client.run_record import RunRecord
from tutor.protocol.codec import Event, Run


def command(options: argparse.Namespace) -> int:
    """Run the target; the program's own exit status."""
    source, lesson = targets.program(options.target, options.pack)
    with _own_stdin() as stdin:
        start = replace(launch(options.python, options.device), stdin=stdin)
        request = replace(source.request(lesson), check=None, argv=options.arguments, keep=None)
        if options.json:
            record = RunRecord(request.id)
            start = replace(start, streams="pipes")
            return exit_status(record, follow_as_json(record, start, request, patience=None))
        if sys.stdout.isatty():
            return _watched(start, request)
        return _unwatched(start, replace(request, observe=False))


@contextlib.contextmanager
def _own_stdin() -> Iterator[int | None]:
    """Standard input for the program; a terminal is afterwards as it was, however the program ended."""
    try:
        stdin = os.dup(0)
    except OSError:
        yield None
        return
    modes = termios.tcgetattr(stdin) if os.isatty(stdin) else None
    try:
        yield stdin
    finally:
        if modes is not None:
            with contextlib.suppress(termios.error, OSError):
                if os.tcgetpgrp(stdin) == os.getpgrp():  # a job in the background would be stopped for trying
                    termios.tcsetattr(stdin, termios.TCSADRAIN, modes)
        os.close(stdin)


_DESCRIPTORS = {"tty": 1, "stdout": 1, "stderr": 2}


def _unwatched(start: Launch, request: Run) -> int:
    """Nobody watches: the program writes to our own output itself, and nothing is added to it."""
    output = os.dup(1), os.dup(2)
    record = RunRecord(request.id)
    try:
        interrupted = follow(replace(start, output=output), request, record.take, patience=None)
    finally:
        for descriptor in output:
            os.close(descriptor)
    if record.fault or record.cause not in ("", "stopped"):  # neither the program's doing nor the person's
        tell(record.sentence)
    return exit_status(record, interrupted)


def _watched(start: Launch, request: Run) -> int:
    """A person watches: the output as it comes, then what the run shows."""
    from tutor.cli.output import page, size
    from tutor.cli.run_report import draw_run

    paper = page()
    columns, rows = size()
    # Where standard error goes elsewhere, the two must be told apart, and the program sees no terminal.
    streams: Literal["tty", "pipes"] = "tty" if sys.stderr.isatty() else "pipes"
    record = RunRecord(request.id)
    last, coloured = "\n", False

    def take(event: Event) -> None:
        nonlocal last, coloured
        record.take(event)
        for chunk in record.drain():
            write(_DESCRIPTORS[chunk.stream], chunk.text.encode("utf-8", "surrogateescape"))
            last = chunk.text[-1:] or last
            coloured = coloured or "\x1b" in chunk.text

    request = replace(request, columns=columns, rows=rows)
    interrupted = follow(replace(start, streams=streams), request, take, patience=None)
    if last != "\n":
        write(1, b"\n")
    if coloured and not paper.console.is_dumb_terminal:
        write(1, b"\x1b[0m")
    draw_run(record, paper)
    if record.fault:
        tell(record.fault)
    return exit_status(record, interrupted)
