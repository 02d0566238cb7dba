"""The two backends that make the process of a program: by a fork, or as a Python of its own."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import weakref
from pathlib import Path
from typing import NoReturn

from tutor.protocol.codec import Event, Fault, decode
from tutor.worker.system.streams import StreamEnds


class ForkBackend:
    """The process is forked from one that has imported torch: ready in milliseconds.

    Attributes:
        is_separate: whether each spare is a Python of its own, so that a zygote would be of no use.
        waits_for_device: whether spares are forked only once the device is known, so that no other is ever visible
            to them.

    Raises:
        ImportError: when torch can't be imported, from the constructor.
    """

    is_separate = False

    def __init__(self, device_name: str | None, *, warm: bool) -> None:
        from tutor.worker.sandbox.child import become_program
        from tutor.worker.system.device import for_accelerators

        self._become_program = become_program
        self.waits_for_device = for_accelerators()
        self._device_name = device_name
        self._warm = warm
        install_probes()
        _freeze_heap()

    def become_program(self, requests: int, events: int, ends: StreamEnds, stdin: int) -> NoReturn:
        """Go on in this process as the program.

        It gets pipes that bring requests and take events, the streams to write to, and the input to read from.
        """
        self._become_program(requests, events, ends, stdin, warm_up=self._warm)

    def load(self) -> None:
        """Import what the zygote has and the hub has not.

        It is what a first optimizer would import: 1.3 s, and with it optim, data, distributed and func.
        """
        import torch._dynamo  # noqa: F401

        from tutor.worker.sandbox import isolation

        isolation.remember_modules()
        _freeze_heap()

    def serve_queries(self, hub: socket.socket, snapshot: str) -> None:
        """Be a reader of the snapshot file ``snapshot``, in this process, which has imported torch."""
        from tutor.worker.introspection import server

        server.serve_queries(hub, snapshot)

    def detect(self) -> Event:
        """The :class:`Device`, or a :class:`Fault`, asked of torch in this process, which ends afterwards."""
        from tutor.worker.system import device

        try:
            return device.detect(self._device_name)
        except (ValueError, RuntimeError) as error:
            return Fault(None, str(error))


def install_probes() -> None:
    """Install the probes in torch, and record the loaded modules: once in each Python, before any program runs."""
    from tutor.worker.probes import registry
    from tutor.worker.sandbox import isolation
    from tutor.worker.sandbox.execution import Execution

    isolation.trim_stacks(Execution.run_source.__code__)
    registry.install()
    isolation.remember_modules()


def _freeze_heap() -> None:
    """Make what is imported so far cheap to fork and to leave.

    torch registers a finalizer for each of its operator libraries, which take 30 ms at the end of every
    process and only free memory that ends with it.
    """
    for finalizer in list(weakref.finalize._registry):  # type: ignore[attr-defined]
        finalizer.atexit = False
    gc.collect()
    gc.freeze()


class SpawnBackend:
    """The process is a Python of its own, started ahead of its run."""

    waits_for_device = False
    """It would import torch only after the process that asks for a device has. Until its run it asks for none."""
    is_separate = True

    def __init__(self, device_name: str | None) -> None:
        self._device_name = device_name

    def become_program(self, requests: int, events: int, ends: StreamEnds, stdin: int) -> NoReturn:
        """Turn into a Python that goes on where a forked spare would."""
        descriptors = (requests, events, ends.stdout, ends.stderr, stdin)
        for descriptor in descriptors:
            os.set_inheritable(descriptor, True)
        os.execv(sys.executable, [*_this_worker(), "--spare", ",".join(map(str, descriptors))])

    def load(self) -> None:
        """Nothing: there is no zygote."""

    def serve_queries(self, hub: socket.socket, snapshot: str) -> None:
        """Turn into a Python that imports torch when it is first asked for something."""
        os.set_inheritable(hub.fileno(), True)
        os.execv(sys.executable, [*_this_worker(), "--reader", str(hub.fileno()), snapshot])

    def detect(self) -> Event:
        """The device, asked in a Python of its own."""
        command = [*_this_worker(), "--detect", *([f"--device={self._device_name}"] if self._device_name else [])]
        answer = subprocess.run(command, capture_output=True, check=False).stdout
        try:
            event = decode(answer.splitlines()[-1])
        except (IndexError, ValueError):
            return Fault(None, "torch could not be asked for a device. Try `python -c 'import torch'`.")
        return event  # type: ignore[return-value]


Backend = ForkBackend | SpawnBackend


def _this_worker() -> list[str]:
    return [sys.executable, str(Path(__file__).parents[1] / "__main__.py")]
