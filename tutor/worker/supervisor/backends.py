"""The two ways in which a program's process comes to be."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import weakref
from pathlib import Path
from typing import NoReturn, Protocol

from tutor.protocol.codec import Event, Fault, decode
from tutor.worker.system.streams import Ends


class Start(Protocol):
    """How a program's process comes to be."""

    def begin(self, requests: int, events: int, ends: Ends, stdin: int) -> NoReturn:
        """Become the program; see :data:`tutor.worker.supervisor.keeper.Begin`."""

    def detect(self) -> Event:
        """The :class:`Device`, or a :class:`Fault`; called in a process that ends afterwards."""

    def load(self) -> None:
        """Import what the zygote has more than the hub."""

    def read(self, hub: socket.socket, shelf: str) -> None:
        """Be a reader, whose shelf is there; called in a process of its own."""

    @property
    def waits(self) -> bool:
        """Whether spares are forked only once the device is known, so that no other is ever visible to them."""

    @property
    def separate(self) -> bool:
        """Whether each spare is a Python of its own, so that a zygote would be of no use."""


class Forked:
    """The process is forked from one that has imported torch: ready in milliseconds.

    Raises:
        ImportError: when torch can't be imported, from the constructor.
    """

    separate = False

    def __init__(self, wanted: str | None, *, warm: bool) -> None:
        from tutor.worker.sandbox.child import begin
        from tutor.worker.system.device import for_accelerators

        self._begin = begin
        self.waits = for_accelerators()
        self._wanted = wanted
        self._warm = warm
        install()
        _settle()

    def begin(self, requests: int, events: int, ends: Ends, stdin: int) -> NoReturn:
        """Go on in this process."""
        self._begin(requests, events, ends, stdin, warm_up=self._warm)

    def load(self) -> None:
        """What a first optimizer drags in otherwise: 1.3 s, and with it optim, data, distributed and func."""
        import torch._dynamo  # noqa: F401

        from tutor.worker.sandbox import isolation

        isolation.remember_modules()
        _settle()

    def read(self, hub: socket.socket, shelf: str) -> None:
        """Go on in this process, which has imported torch."""
        from tutor.worker.introspection import server

        server.serve_queries(hub, shelf)

    def detect(self) -> Event:
        """The device, asked of torch in this process."""
        from tutor.worker.system import device

        try:
            return device.detect(self._wanted)
        except (ValueError, RuntimeError) as error:
            return Fault(None, str(error))


def install() -> None:
    """Put the observers into torch, and remember what is loaded: in each Python once, before any program runs."""
    from tutor.worker.probes import module_calls, training
    from tutor.worker.probes.tracing import recorder
    from tutor.worker.sandbox import isolation, stack_trim
    from tutor.worker.sandbox.execution import Execution

    stack_trim.install(Execution.run_source.__code__)
    training.install()
    recorder.install()
    module_calls.install()
    isolation.remember_modules()


def _settle() -> None:
    """Make what is imported so far cheap to fork and to leave.

    torch registers a finalizer for each of its operator libraries, which take 30 ms at the end of every
    process and only free memory that ends with it.
    """
    for finalizer in list(weakref.finalize._registry):  # type: ignore[attr-defined]
        finalizer.atexit = False
    gc.collect()
    gc.freeze()


class Separate:
    """The process is a Python of its own, started ahead of its run."""

    waits = False
    """It would import torch only after the process that asks for a device has. Until its run it asks for none."""
    separate = True

    def __init__(self, wanted: str | None) -> None:
        self._wanted = wanted

    def begin(self, requests: int, events: int, ends: Ends, stdin: int) -> NoReturn:
        """Turn into a Python that goes on where a forked spare would."""
        descriptors = (requests, events, ends.stdout, ends.stderr, stdin)
        for descriptor in descriptors:
            os.set_inheritable(descriptor, True)
        os.execv(sys.executable, [*_this_worker(), "--spare", ",".join(map(str, descriptors))])

    def load(self) -> None:
        """Nothing: there is no zygote."""

    def read(self, hub: socket.socket, shelf: str) -> None:
        """Turn into a Python that imports torch when it is first asked for something."""
        os.set_inheritable(hub.fileno(), True)
        os.execv(sys.executable, [*_this_worker(), "--reader", str(hub.fileno()), shelf])

    def detect(self) -> Event:
        """The device, asked in a Python of its own."""
        command = [*_this_worker(), "--detect", *([f"--device={self._wanted}"] if self._wanted else [])]
        answer = subprocess.run(command, capture_output=True, check=False).stdout
        try:
            event = decode(answer.splitlines()[-1])
        except (IndexError, ValueError):
            return Fault(None, "torch could not be asked for a device. Try `python -c 'import torch'`.")
        return event  # type: ignore[return-value]


def _this_worker() -> list[str]:
    return [sys.executable, str(Path(__file__).parents[1] / "__main__.py")]
