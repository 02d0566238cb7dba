"""The processes that fork: the zygote, which has everything loaded, and the keeper that its fork becomes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket

from tutor.worker.supervisor.backends import Backend
from tutor.worker.supervisor.keeper import Keeper
from tutor.worker.supervisor.spare import RunEnvironment
from tutor.worker.system import folder, processes


def run_keeper(hub: socket.socket, environment: RunEnvironment, token: str) -> None:
    """Be a keeper, which keeps nothing open but the socket to the hub and the programs' input.

    Its spares find the device of ``token``, from before they do anything; empty: a run tells them.
    """
    if token:  # without it, this process may be one that never imports torch
        from tutor.worker.system.device import make_visible

        make_visible(token)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    processes.adopt_orphans()
    processes.close_all_but(hub.fileno(), *environment.descriptors)
    folder.hold(environment.folder)  # this process may outlive the hub by a moment
    with contextlib.suppress(OSError):  # the hub has ended, and its socket closes, which is read next
        hub.sendall(f"!keeper {os.getpid()}\n".encode())
    Keeper(hub, environment).keep()


def serve_forks(hub: socket.socket, backend: Backend, environment: RunEnvironment) -> None:
    """Be the zygote: load the rest, then fork a keeper for each socket that comes, with the token of its device.

    A keeper outlives a zygote that is killed, since it may be with a run; its socket tells it when the hub has ended.
    """
    processes.close_all_but(hub.fileno(), *environment.descriptors)
    backend.load()
    hub.sendall(b"loaded\n")
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers that have ended are nobody's concern here
    while True:
        line, sockets, _, _ = socket.recv_fds(hub, 512, 1)
        if not line:
            return
        pid = os.fork()
        if pid == 0:
            try:
                run_keeper(socket.socket(fileno=sockets[0]), environment, line.decode().strip())
            finally:
                os._exit(0)
        os.close(sockets[0])
