"""The reader: a process that answers queries between runs, one after the other, until its socket closes.

It never runs a line of a learner's code: it reads the snapshot of the last run, the text of a draft, and the torch
that is installed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from typing import TYPE_CHECKING

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
from tutor.worker.system.channel import LineReader

if TYPE_CHECKING:
    from tutor.worker.sandbox.snapshot import SnapshotReader


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
    import torch

    from tutor.worker.sandbox.snapshot import SnapshotReader

    torch.set_num_threads(1)
    snapshots = SnapshotReader(snapshot)
    lines = LineReader(hub.fileno())
    while lines.open:
        for line in lines.read():
            hub.sendall(encode(_answer(decode(line), snapshots)))  # type: ignore[arg-type]


def _answer(request: Ask, snapshots: SnapshotReader) -> Answer:
    from tutor.worker.introspection.completion import complete
    from tutor.worker.introspection.docs import find_docs
    from tutor.worker.introspection.tensor_view import view_tensor

    with contextlib.suppress(Exception):
        snapshot = snapshots.last()
        if isinstance(request, ReadTensor):
            return view_tensor(request, snapshot)
        return find_docs(request, snapshot) if isinstance(request, Docs) else complete(request, snapshot)
    return empty_answer(request, "That could not be found out.")


def empty_answer(request: Ask, why: str) -> Answer:
    """Return an answer that holds only a note: ``why`` there is nothing else."""
    if isinstance(request, ReadTensor):
        return TensorSlice(request.ask, request.name, note=why)
    if isinstance(request, Docs):
        return Documented(request.ask, note=why)
    assert isinstance(request, Complete)
    return Completions(request.ask, request.column)
