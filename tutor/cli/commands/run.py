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
from tutor.cli.run_loop import Outcome, follow, launch, tell, write, write_event
from tutor.client.launch import Launch
from tutor.protocol.codec import Ended, Event, Fault, Output, Run


def command(options: argparse.Namespace) -> int:
    """Run the target; the program's own exit status."""
    source, limits = targets.program(options.target)
    with _own_stdin() as stdin:
        start = replace(launch(options.python, options.device), stdin=stdin)
        request = replace(source.request(1, limits), argv=options.arguments, keep=None)
        if options.json:
            outcome = follow(replace(start, streams="pipes"), request, write_event, patience=None)
        elif sys.stdout.isatty():
            outcome = _watched(start, request)
        else:
            outcome = _left_alone(start, replace(request, observe=False))
    return outcome.status


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


def _pass_on(event: Event) -> None:
    if isinstance(event, Output):
        write(_DESCRIPTORS[event.stream], event.text.encode("utf-8", "surrogateescape"))


def _left_alone(start: Launch, request: Run) -> Outcome:
    """Nobody watches: the program writes to our own output itself, and nothing is added to it."""
    output = os.dup(1), os.dup(2)
    try:
        outcome = follow(replace(start, output=output), request, lambda _event: None, patience=None)
    finally:
        for descriptor in output:
            os.close(descriptor)
    _tell_end(outcome)
    return outcome


def _watched(start: Launch, request: Run) -> Outcome:
    """A person watches: the output as it comes, then what the run shows."""
    from tutor.cli.output import page, size
    from tutor.cli.run_report import Results

    paper = page()
    columns, rows = size()
    # Where standard error goes elsewhere, the two must be told apart, and the program sees no terminal.
    streams: Literal["tty", "pipes"] = "tty" if sys.stderr.isatty() else "pipes"
    results = Results()
    last = "\n"

    def take(event: Event) -> None:
        nonlocal last
        _pass_on(event)
        if isinstance(event, Output):
            last = event.text[-1:] or last
            results.coloured = results.coloured or "\x1b" in event.text
        else:
            results.take(event)

    outcome = follow(replace(start, streams=streams), replace(request, columns=columns, rows=rows), take, patience=None)
    if last != "\n":
        write(1, b"\n")
    if results.coloured and not paper.console.is_dumb_terminal:
        write(1, b"\x1b[0m")
    results.draw_run(paper)
    if isinstance(outcome.end, Fault):
        _tell_end(outcome)
    return outcome


def _tell_end(outcome: Outcome) -> None:
    """Why the run was ended, if that wasn't the program's doing or the person's."""
    end = outcome.end
    if isinstance(end, Fault) or (isinstance(end, Ended) and end.cause not in ("", "stopped")):
        tell(end.sentence)
