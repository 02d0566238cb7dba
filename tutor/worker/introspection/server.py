"""The reader: a process that answers queries between runs, one after the other, until its socket closes.

It never runs a line of a learner's code: it reads the snapshot of the last run, the text of a draft, and the torch
that is installed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable

from tutor.protocol.codec import (
    Answer,
    Ask,
    Complete,
    Completions,
    Docs,
    Documented,
    ReadTensor,
    TensorSlice,
    decode,
    encode,
)
from tutor.worker.system import processes
from tutor.worker.system.line_reader import LineReader


def serve_queries(hub: socket.socket, snapshot: str) -> None:
    """Answer queries in this process, which keeps nothing open but the socket to the hub."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    processes.die_with(os.getppid(), signal.SIGKILL)  # it has nothing to put away
    processes.close_all_but(hub.fileno())
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # what a module says while it is imported is for nobody
        os.dup2(nothing, descriptor)
    answer = load_answerer(snapshot)
    lines = LineReader(hub.fileno())
    while lines.open:
        for line in lines.read():
            hub.sendall(encode(answer(decode(line))))  # type: ignore[arg-type]


def load_answerer(snapshot: str) -> Callable[[Ask], Answer]:
    """Import torch, and return the function that answers a request; ``snapshot`` is the file of the snapshot."""
    import torch

    from tutor.worker.introspection.completion import complete
    from tutor.worker.introspection.docs import find_docs
    from tutor.worker.introspection.tensor_view import view_tensor
    from tutor.worker.sandbox.snapshot import SnapshotReader

    torch.set_num_threads(1)
    snapshots = SnapshotReader(snapshot)

    def answer(request: Ask) -> Answer:
        with contextlib.suppress(Exception):
            if isinstance(request, ReadTensor):
                return view_tensor(request, snapshots)
            if isinstance(request, Docs):
                return find_docs(request, snapshots.last())
            return complete(request, snapshots.last())
        return empty_answer(request, "That could not be found out.")

    return answer


def empty_answer(request: Ask, why: str) -> Answer:
    """Return an answer that holds only a note: ``why`` there is nothing else."""
    if isinstance(request, ReadTensor):
        return TensorSlice(request.ask, request.name, note=why)
    if isinstance(request, Docs):
        return Documented(request.ask, note=why)
    assert isinstance(request, Complete)
    return Completions(request.ask, request.column)
