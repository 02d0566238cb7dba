"""``python .../tutor/worker/__main__.py``: the worker, as the program starts it; its messages go over 0 and 1."""

from __future__ import annotations

import sys

# Run as a file, so that neither the working folder nor anything else of ours stands on the programs' import path.
_ROOT = __file__.rsplit("/", 3)[0]
sys.path[0] = _ROOT

import argparse  # noqa: E402
import contextlib  # noqa: E402
import os  # noqa: E402
import shutil  # noqa: E402
import signal  # noqa: E402
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402

from tutor.runner.protocol import Fault, encode  # noqa: E402
from tutor.worker import hub, processes, start  # noqa: E402
from tutor.worker.streams import Ends  # noqa: E402


def main() -> None:
    """Serve, or be one of the processes that :class:`tutor.worker.start.Separate` starts."""
    options = _parse()
    forks = options.start == "fork"
    if options.spare:
        _be_spare(*map(int, options.spare.split(",")))
    requests, events = _take_standard_streams()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        way = start.Forked(options.device) if forks else start.Separate(options.device)
    except ImportError as error:
        sentence = f"torch can't be imported here: {error}. Try `{sys.executable} -c 'import torch'`."
        os.write(events, encode(Fault(None, sentence)))
        return
    del sys.path[0]
    if options.detect:
        os.write(events, encode(way.detect()))
        return
    processes.die_with(os.getppid(), signal.SIGTERM)
    processes.adopt_orphans()
    streams = hub.Streams(options.streams == "tty", options.stdin if options.stdin is not None else _nothing())
    hub.Hub(way, streams, make_folder(), requests, events).serve()
    os._exit(0)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tutor worker")
    parser.add_argument("--start", choices=("fork", "separate"), default="fork")
    parser.add_argument("--streams", choices=("tty", "pipes"), default="tty")
    parser.add_argument("--stdin", type=int, help="the descriptor that programs read from; none: they read nothing")
    parser.add_argument("--device")
    parser.add_argument("--detect", action="store_true", help="tell the device and end")
    parser.add_argument("--spare", help="be a spare with these descriptors")
    return parser.parse_args()


def _take_standard_streams() -> tuple[int, int]:
    """Keep 0 and 1 for messages under other numbers; what anything prints from now on can't mix with them."""
    requests, events = os.dup(0), os.dup(1)
    os.dup2(_nothing(), 0)
    os.dup2(2, 1)
    return requests, events


def _nothing() -> int:
    return os.open(os.devnull, os.O_RDWR)


def _be_spare(requests: int, events: int, stdout: int, stderr: int, stdin: int) -> None:
    from tutor.worker import execute
    from tutor.worker.probes import training

    training.install()
    del sys.path[0]
    execute.begin(requests, events, Ends({}, stdout, stderr), stdin)


def make_folder() -> str:
    """A new folder for the folders of runs. Those of workers that were killed are removed on the way."""
    parent = Path(tempfile.gettempdir())
    for left in parent.glob("tutor-*-*"):
        owner = left.name.split("-")[1]
        with contextlib.suppress(OSError):
            if owner.isdigit() and left.stat().st_uid == os.getuid() and not processes.lives(int(owner)):
                shutil.rmtree(left, ignore_errors=True)
    return tempfile.mkdtemp(prefix=f"tutor-{os.getpid()}-")


if __name__ == "__main__":
    main()
