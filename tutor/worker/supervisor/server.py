"""The start of a worker: its command line, and the pipes for its messages."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys

from tutor.protocol.codec import Fault, encode
from tutor.worker.introspection import server
from tutor.worker.supervisor import backends, hub
from tutor.worker.supervisor.spare import RunEnvironment
from tutor.worker.system import folder, processes
from tutor.worker.system.streams import StreamEnds


def main() -> None:
    """Serve, or be one of the processes that :class:`tutor.worker.supervisor.backends.SpawnBackend` starts."""
    options = _parse()
    forks = options.start == "fork"
    if options.spare:
        _become_spare(*options.spare)
    if options.reader:
        server.serve_queries(socket.socket(fileno=int(options.reader[0])), options.reader[1])
        return
    requests, events = _take_standard_streams()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        backend = (
            backends.ForkBackend(options.device, warm=not options.cold)
            if forks
            else backends.SpawnBackend(options.device)
        )
    except ImportError as error:
        sentence = f"torch can't be imported here: {error}. Try `{sys.executable} -c 'import torch'`."
        os.write(events, encode(Fault(None, sentence)))
        return
    if options.detect:
        os.write(events, encode(backend.detect()))
        return
    processes.adopt_orphans()
    stdin = _open_null() if options.stdin is None else options.stdin
    environment = RunEnvironment(backend, options.streams == "tty", stdin, options.output, folder.make())
    hub.Hub(environment, requests, events).serve()
    os._exit(0)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tutor worker")
    parser.add_argument("--start", choices=("fork", "separate"), default="fork")
    parser.add_argument("--streams", choices=("tty", "pipes"), default="tty")
    parser.add_argument("--stdin", type=int, help="the descriptor that programs read from; none: they read nothing")
    parser.add_argument("--output", type=_integers, help="two descriptors that programs write to")
    parser.add_argument("--device")
    parser.add_argument("--cold", action="store_true", help="have spares wait as they were forked")
    parser.add_argument("--detect", action="store_true", help="tell the device and end")
    parser.add_argument("--spare", type=_integers, help="be a spare with these descriptors")
    parser.add_argument("--reader", nargs=2, help="be a reader with this socket and this snapshot file")
    return parser.parse_args()


def _integers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def _take_standard_streams() -> tuple[int, int]:
    """Keep 0 and 1 for messages under other numbers; what anything prints from now on can't mix with them."""
    requests, events = os.dup(0), os.dup(1)
    os.dup2(_open_null(), 0)
    os.dup2(2, 1)
    return requests, events


def _open_null() -> int:
    return os.open(os.devnull, os.O_RDWR)


def _become_spare(requests: int, events: int, stdout: int, stderr: int, stdin: int) -> None:
    from tutor.worker.sandbox.child import become_program

    backends.install_probes()
    become_program(requests, events, StreamEnds({}, stdout, stderr), stdin)
