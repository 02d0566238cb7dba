"""The probe for the device of runs, in a process of its own: torch must not touch a device where others are forked."""

from __future__ import annotations

import os
from collections.abc import Callable

from tutor.protocol.codec import Device, Event, Fault, decode, encode
from tutor.worker.system.line_reader import LineReader


class DeviceProbe:
    """Detects the device, once. Until :attr:`device` is set, runs wait.

    Args:
        fork: runs a function in a process of its own.
        detect: tells the :class:`Device`, or a :class:`Fault`; called in that process.
        write_line: passes the answer on.
        watch: calls back when a descriptor has something to read.
        unwatch: the end of that.
        done: called when the answer has come.

    Attributes:
        device: the device that runs will find.
        refusal: why no run can begin; else empty.
    """

    def __init__(
        self,
        fork: Callable[[Callable[[], None]], int],
        detect: Callable[[], Event],
        write_line: Callable[[bytes], None],
        watch: Callable[[int, Callable[[], None]], None],
        unwatch: Callable[[int], object],
        done: Callable[[], None],
    ) -> None:
        self.device: Device | None = None
        self.refusal = ""
        self._write_line = write_line
        self._unwatch = unwatch
        self._done = done
        self._answer, write = os.pipe()
        fork(lambda: _write(write, encode(detect())))
        os.close(write)
        self._lines = LineReader(self._answer)
        watch(self._answer, self._read_answer)

    @property
    def token(self) -> str | None:
        """:func:`token` of the device; None until it is detected."""
        return None if self.device is None else token(self.device)

    def _read_answer(self) -> None:
        for line in self._lines.read():
            event = decode(line)
            self.device = event if isinstance(event, Device) else Device("cpu", "CPU")
            self.refusal = event.sentence if isinstance(event, Fault) else ""
            self._write_line(line)
        if not self._lines.open:
            self._unwatch(self._answer)
            os.close(self._answer)
            self.device = self.device or Device("cpu", "CPU", why="asking for a device failed")
        self._done()


def token(device: Device) -> str:
    """The name of a device that :func:`tutor.worker.system.device.make_visible` takes."""
    return f"cuda:{device.uuid}" if device.uuid else device.kind


def _write(descriptor: int, data: bytes) -> None:
    os.write(descriptor, data)
