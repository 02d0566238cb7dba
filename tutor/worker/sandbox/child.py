"""The life of a spare from its fork to its end: warm up, wait for its run, run it, leave."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import threading
import warnings
from pathlib import Path
from typing import NoReturn

import torch

from tutor.check import runner
from tutor.protocol.codec import Finished, Run, decode
from tutor.worker.probes.tracing import recorder
from tutor.worker.sandbox import shutdown
from tutor.worker.sandbox.execution import Execution
from tutor.worker.sandbox.isolation import own_builtins, own_modules
from tutor.worker.sandbox.warmup import REHEARSAL, forget_seeds, warm_up_torch
from tutor.worker.system import processes, streams
from tutor.worker.system.channel import Channel

_QUIET = 0.1
"""Seconds for which a spare waits before it warms up: the last run is being drawn, or the next is there already."""


def become_program(
    requests: int, events: int, ends: streams.StreamEnds, stdin: int, *, warm_up: bool = True
) -> NoReturn:
    """Be a spare from its fork to its end: warm up, wait for its run, run it, leave.

    Args:
        requests: where the order, the run and answers come from, a line each.
        events: where events and questions go.
        ends: the streams that become standard output and error.
        stdin: what becomes standard input.
        warm_up: whether it may have time for that; it has none where one run follows the other.
    """
    processes.close_all_but(requests, events, ends.stdout, ends.stderr, stdin)
    _default_signals()
    processes.first_to_die()
    if warm_up and not select.select([requests], [], [], _QUIET)[0]:
        seed = _warm_up_aside()
        gc.collect()
        gc.freeze()
    else:
        seed = forget_seeds()
    with open(requests, encoding="ascii", closefd=False, buffering=1) as lines:
        channel = Channel(events, lines)
        channel.write(f"!warm {torch.__version__}\n".encode())
        order_line = lines.readline()
        if not order_line:
            os._exit(0)
        order = json.loads(order_line)
        run = decode(lines.readline())
        assert isinstance(run, Run)
        streams.use_as_standard(stdin, ends.stdout, ends.stderr)
        processes.close_all_but(requests, events)
        execution = Execution(run, order["path"], order["folder"], channel, order["snapshot"], seed)
        status = execution.execute()
        shutdown.exit_process(status, execution.announce_end, execution.write_snapshot)


def _warm_up_aside() -> int:
    """Warm up in a thread of its own, whose end is waited for; return the seed that was drawn.

    What torch counts in each thread, as the numbers of operations for autograd, the program's thread then begins anew.
    """
    seeds: list[int] = []

    def warm_up() -> None:
        _rehearse()
        seeds.append(warm_up_torch())

    thread = threading.Thread(target=warm_up, name="warm-up")  # without a name it would use up the number of the first
    thread.start()
    thread.join()
    return seeds[0]


def _default_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _rehearse() -> None:
    """Run a program and report it to nobody: the pages that this writes to are then this process's own."""
    with Path(os.devnull).open("wb") as nowhere:
        execution = Execution(Run(0), os.devnull, None, Channel(nowhere.fileno()))
        with warnings.catch_warnings():
            execution.lines.record()
            execution.run_source(REHEARSAL)
            recorder.stop()
            with own_builtins(), own_modules():
                execution.channel.send(Finished(0, 0.0, 0))
                execution.send_report(None, 0)
            runner.rehearse()
