"""A process forked ahead of its run, with its pipes, its streams and its folder, as its keeper holds them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass

from tutor.protocol.codec import Ended, Output, Run, decode, encode
from tutor.worker.supervisor.backends import Backend
from tutor.worker.system import folder, processes
from tutor.worker.system.channel import LineReader
from tutor.worker.system.streams import Relay, StreamEnds, open_ends, set_size

SNAPSHOT = "snapshot"
"""The file, in the worker's folder, that holds the tensors of the last run."""
_DRAIN = 0.2
"""Seconds for which output is read on after the end, where a process left behind goes on writing."""


@dataclass(frozen=True)
class RunEnvironment:
    """The surroundings that every program of a worker gets."""

    backend: Backend
    """What makes the process of a program."""
    terminal: bool
    """One terminal for both output streams, or two pipes."""
    stdin: int
    """The descriptor that programs read from."""
    output: tuple[int, int] | None
    """Descriptors that they write to themselves, so that nothing is relayed."""
    folder: str
    """The folder that holds the folders of runs."""

    @property
    def descriptors(self) -> tuple[int, ...]:
        """The descriptors that its processes keep open for later programs."""
        return (self.stdin, *(self.output or ()))


class Spare:
    """A process that is forked by the constructor. :meth:`hand_over` makes it the process of a run."""

    def __init__(self, environment: RunEnvironment) -> None:
        self._parent = environment.folder
        self._folder: str | None = None
        ends = open_ends(environment.terminal) if environment.output is None else StreamEnds({}, *environment.output)
        request_read, self._request = os.pipe()
        event_read, event_write = os.pipe()
        keeper = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            processes.die_with(keeper, signal.SIGKILL)
            environment.backend.become_program(request_read, event_write, ends, environment.stdin)
        os.close(request_read)
        os.close(event_write)
        self._terminal = ends.read.get("tty")
        self._descriptors = [self._request, event_read, *ends.read.values()]
        if self._terminal is not None:
            # The terminal's other end is held here too, so that reading never fails before the program has ended.
            self._descriptors.append(ends.stdout)
        elif environment.output is None:
            os.close(ends.stdout)
            os.close(ends.stderr)
        self.relays = [Relay(name, descriptor) for name, descriptor in ends.read.items()]
        os.set_blocking(event_read, False)
        self.events = LineReader(event_read)
        self.run: Run | None = None
        self._order = b""
        self.began = 0.0
        self.baseline = 0

    @property
    def sources(self) -> list[int]:
        """The descriptors that may have something to read."""
        open_ones = [relay.descriptor for relay in self.relays if relay.open]
        return [*open_ones, self.events.descriptor] if self.events.open else open_ones

    def prepare(self) -> None:
        """Prepare what a run would wait for: its folder, and pages of this process that messages write to."""
        with suppress(OSError):  # a full disk is told when a run comes
            self._folder = self._make_folder()
        decode(encode(Run(0)))
        encode(Ended(0, 0))
        processes.private_memory([self.pid])

    def _make_folder(self) -> str:
        if not os.path.isdir(self._parent):  # systems sweep /tmp of what is days old
            os.makedirs(self._parent, mode=0o700)
            folder.hold(self._parent)
        return tempfile.mkdtemp(prefix="run-", dir=self._parent)

    def hand_over(self, run: Run) -> str:
        """Prepare everything for a run, and return the file that it runs from. It begins with :meth:`start`.

        Raises:
            OSError: when the folder or the file of the program can't be written.
        """
        self.run = run
        self.began = time.monotonic()
        self.baseline = processes.private_memory([self.pid])
        for relay in self.relays:
            relay.keep, relay.remember = run.keep, run.check is not None
        if self._terminal is not None:
            set_size(self._terminal, run.rows, run.columns)
        path, working = run.path, None
        if path is None:
            if self._folder is None or not os.path.isdir(self._folder):
                self._folder = self._make_folder()
            working = self._folder
            path = f"{working}/{os.path.basename(run.name)}"
            with open(path, "w", encoding="utf-8", errors="surrogatepass") as file:
                file.write(run.source)
        order = {"path": path, "folder": working, "snapshot": f"{self._parent}/{SNAPSHOT}" if run.shelve else None}
        self._order = json.dumps(order).encode() + b"\n" + encode(run)
        return path

    def start(self) -> None:
        """Start the program. From here on the program may do anything, also to its keeper."""
        with suppress(OSError):  # it has ended, which is noticed as the end of its run
            os.write(self._request, self._order)

    def answer_printed(self) -> None:
        """Tell the process what it has printed so far, for a check that asks."""
        printed = "".join(relay.printed() for relay in self.relays if relay.name != "stderr")
        os.write(self._request, json.dumps(printed).encode() + b"\n")

    def answer_count(self) -> None:
        """Tell the process how many characters of its output are passed on so far."""
        os.write(self._request, b"%d\n" % sum(relay.accepted for relay in self.relays))

    def outputs(self) -> list[Output]:
        """Return the output that is to be passed on."""
        run = 0 if self.run is None else self.run.id
        return [output for relay in self.relays if (output := relay.flush(run))]

    def drain_to_the_end(self) -> int:
        """Read the rest of its output, for it has ended; return how many characters were left out in all."""
        until = time.monotonic() + _DRAIN
        for relay in self.relays:
            while relay.drain() and time.monotonic() < until:
                pass
            relay.end()
        return sum(relay.dropped for relay in self.relays)

    def close(self) -> None:
        """Close its descriptors and remove its folder."""
        for descriptor in self._descriptors:
            os.close(descriptor)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
