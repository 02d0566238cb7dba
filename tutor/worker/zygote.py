"""The processes that fork: the zygote, which has everything loaded, and the keeper that each fork becomes first."""

from __future__ import annotations

import os
import signal
import socket
from dataclasses import dataclass

from tutor.worker import processes
from tutor.worker.keeper import Begin, Keeper
from tutor.worker.start import Start


@dataclass(frozen=True)
class Streams:
    """What a keeper is told of the program's standard streams."""

    terminal: bool
    stdin: int


def keep(hub: socket.socket, begin: Begin, streams: Streams, folder: str) -> None:
    """Be a keeper: hold on to nothing but the socket to the hub and the program's input."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    processes.adopt_orphans()
    processes.close_all_but(hub.fileno(), streams.stdin)
    Keeper(hub, begin, streams.terminal, streams.stdin, folder).keep()


def breed(hub: socket.socket, start: Start, streams: Streams, folder: str) -> None:
    """Be the zygote: load the rest, then fork a keeper for each socket that comes."""
    processes.close_all_but(hub.fileno(), streams.stdin)
    start.load()
    hub.sendall(b"loaded\n")
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers that have ended are nobody's concern here
    zygote = os.getpid()
    while True:
        word, sockets, _, _ = socket.recv_fds(hub, 1, 1)
        if not word:
            return
        pid = os.fork()
        if pid == 0:
            try:
                processes.die_with(zygote, signal.SIGTERM)
                keep(socket.socket(fileno=sockets[0]), start.begin, streams, folder)
            finally:
                os._exit(0)
        os.close(sockets[0])
