"""Which device runs will find: asked in a process of its own, for torch must not touch one where others are forked."""

from __future__ import annotations

import os
from collections.abc import Callable

from tutor.protocol.codec import Device, Event, Fault, decode, encode
from tutor.worker.system.line_reader import Lines


class Detection:
    """Asks once. Until :attr:`device` is there, runs wait.

    Args:
        fork: runs a function in a process of its own.
        detect: tells the :class:`Device`, or a :class:`Fault`; called in that process.
        say: passes the answer on.
        watch: calls back when a descriptor has something to read.
        unwatch: the end of that.
        done: called once the answer is there.

    Attributes:
        device: what runs will find.
        refusal: why none can begin; else empty.
    """

    def __init__(
        self,
        fork: Callable[[Callable[[], None]], int],
        detect: Callable[[], Event],
        say: Callable[[bytes], None],
        watch: Callable[[int, Callable[[], None]], None],
        unwatch: Callable[[int], object],
        done: Callable[[], None],
    ) -> None:
        self.device: Device | None = None
        self.refusal = ""
        self._say = say
        self._unwatch = unwatch
        self._done = done
        self._answer, write = os.pipe()
        fork(lambda: _write(write, encode(detect())))
        os.close(write)
        self._lines = Lines(self._answer)
        watch(self._answer, self._hear)

    @property
    def token(self) -> str | None:
        """:func:`token` of the device; None while nothing is known."""
        return None if self.device is None else token(self.device)

    def _hear(self) -> None:
        for line in self._lines.read():
            event = decode(line)
            self.device = event if isinstance(event, Device) else Device("cpu", "CPU")
            self.refusal = event.sentence if isinstance(event, Fault) else ""
            self._say(line)
        if not self._lines.open:
            self._unwatch(self._answer)
            os.close(self._answer)
            self.device = self.device or Device("cpu", "CPU", why="asking for a device failed")
        self._done()


def token(device: Device) -> str:
    """What :func:`tutor.worker.system.device.make_visible` takes."""
    return f"cuda:{device.uuid}" if device.uuid else device.kind


def _write(descriptor: int, data: bytes) -> None:
    os.write(descriptor, data)
