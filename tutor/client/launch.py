"""The command line of a worker: its Python, its streams, its device."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_WORKER = Path(__file__).resolve().parent.parent / "worker" / "__main__.py"


@dataclass(frozen=True)
class Launch:
    """A worker on this machine.

    Attributes:
        python: the Python that programs run in; it needs torch, not the tutor.
        streams: ``tty``: programs see a terminal, as a person watches; ``pipes``: stdout and stderr told apart.
        stdin: a descriptor of this process that programs read from; None: they read nothing.
        output: two descriptors of this process that programs write to themselves, in place of ``streams``; what they
            write is then not reported.
        device: ``cpu``, ``cuda``, ``cuda:1``, ``mps``; None: the best there is.
        warm: have spares do some work ahead, so that a run is answered sooner; runs in quick succession gain nothing.
        start: ``fork`` a program's process from one that has imported torch, or a ``separate`` Python for each. Forking
            is safe where the system's own libraries start no threads on import, which macOS's do.
    """

    python: str = sys.executable
    streams: Literal["tty", "pipes"] = "tty"
    stdin: int | None = None
    output: tuple[int, int] | None = None
    device: str | None = None
    warm: bool = True
    start: Literal["fork", "separate"] = "fork" if sys.platform == "linux" else "separate"

    def command(self) -> list[str]:
        """The command line of the worker."""
        command = [self.python, str(_WORKER), "--streams", self.streams, "--start", self.start]
        if self.stdin is not None:
            command += ["--stdin", str(self.stdin)]
        if self.output is not None:
            command += ["--output", "{},{}".format(*self.output)]
        if self.device is not None:
            command.append(f"--device={self.device}")  # in one, for what may begin with a dash
        if not self.warm:
            command.append("--cold")
        return command

    def descriptors(self) -> tuple[int, ...]:
        """What the worker inherits beside its two pipes."""
        return (*(() if self.stdin is None else (self.stdin,)), *(self.output or ()))
