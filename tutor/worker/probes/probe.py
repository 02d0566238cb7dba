"""The form of a probe: an observer of one run, found by the registry.

A probe is a module directly in this package, with a subclass of :class:`Probe` under the name ``PROBE``. What it
reports is a dataclass in :mod:`tutor.protocol.observations` and in the union at its foot; how that is drawn stands in
:mod:`tutor.render.observations`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tutor.protocol.events import Raised
from tutor.protocol.observations import Observation
from tutor.worker.probes.module_calls import Calls
from tutor.worker.probes.tracing.recorder import ProgramLines

_SHARE = 0.003
"""Share of the program's time that work under an :class:`Allowance` may take."""
_FREE = 0.01
"""Seconds that it may take in any case: a short program has a gradient norm for every step."""


@dataclass(slots=True)
class ObservedRun:
    """A run as its probes see it."""

    id: int
    path: str
    """The file of the program."""
    namespace: dict[str, Any]
    """The program's own names."""
    send: Callable[[Observation], None]
    """Report before the end: for what grows while the program runs."""
    lines: ProgramLines = field(default_factory=ProgramLines)
    calls: Calls = field(default_factory=Calls)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    error: BaseException | None = None
    """What the program raised and didn't catch."""
    raised: Raised | None = None
    """The same as it was reported."""


class Probe:
    """An observer of one run. A subclass overrides the moments that it needs."""

    position: ClassVar[int] = 100
    """Its place among the reports, by the order in which they are shown; each probe has one of its own."""
    observes_checks: ClassVar[bool] = False
    """Whether it observes a run that is only checked as well, as checks ask for what it has recorded."""

    def __init__(self, run: ObservedRun) -> None:
        self.run = run

    @staticmethod
    def install() -> None:
        """Put into torch what it needs there: in each Python once, before any program runs and before any fork."""

    def begin(self) -> None:
        """Observe from now on: the program is about to run."""

    def end(self) -> None:
        """Observe nothing more: the program's own lines have come to their end."""

    def report(self, outcome: Outcome) -> Iterable[Observation]:
        """What it observed, as text and numbers. An exception ends its report, and no other probe's."""
        return ()

    def recorded(self) -> Mapping[str, list[float]]:
        """The series that checks may ask for, by the names that they use; after the report."""
        return {}


class Allowance:
    """What a probe may take of the program's time: a little in any case, then a small share.

    What counts is the processor time of the thread. By the clock on the wall, work that was interrupted once on a busy
    machine would have taken as long as the others' turns, and the probe would rest for seconds.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._spent = 0.0
        self.due = 0.0
        """When it may do its work again, by the monotonic clock."""

    def charge(self, began: float, rest: float = 0.0) -> None:
        """It has worked since ``began``, by ``time.thread_time()``, and is to rest for ``rest`` seconds at least."""
        self._spent += time.thread_time() - began
        self.due = max(time.monotonic() + rest, self._began + (self._spent - _FREE) / _SHARE)
