"""The record of one run: the only place that folds the run's events.

The app, the command line, the proofs of lessons and the quiz each hold a :class:`RunRecord`, give it every event, and
ask it. What only one of them does with an event (pass output on at once, keep its last lines, measure) stays there.

A new observation needs no change here. Each is filed under its class, and found by it::

    record.latest(Value)    # the newest, or None: an observation that has no name
    record.named(Series)    # by its ``name``, in the order of their first arrival: an observation that has one

:meth:`RunRecord.take` answers with the name of the event's class, which is how those who draw find the drawing.
A new probe is three files: the probe in ``worker/probes``, its class in the union of ``protocol/observations.py``, and
its drawing in ``render/observations.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from tutor.client.runner import CodeRunner, WorkerFault
from tutor.protocol.codec import (
    Cause,
    Checked,
    Ended,
    Event,
    Fault,
    Finished,
    Observation,
    Output,
    Raised,
    Run,
    Started,
    Step,
    Steps,
)

Part = str
"""The part of a record that an event changed: the name of the event's class, as in ``Checked`` or ``Series``."""

O = TypeVar("O", bound=Observation)  # noqa: E741 -- an observation


@dataclass
class RunRecord:
    """Everything that is known of one run."""

    run: int
    source: str = ""
    """The program that was run."""
    requirements: Mapping[str, str] = field(default_factory=dict)
    """The lesson's checks in its order, each with what it asks for; empty for a program that isn't checked."""
    checks: dict[str, Checked] = field(default_factory=dict)
    """By name, in the order in which they were judged."""
    output: list[Output] = field(default_factory=list)
    """What was printed and not yet drained."""
    steps: list[Step] = field(default_factory=list)
    steps_cut: bool = False
    """The program went on after the last step."""
    raised: Raised | None = None
    finished: Finished | None = None
    ended: Ended | None = None
    fault: str = ""
    """Why the worker could not run it."""
    waiting: bool = True
    """Nothing was reported of it yet, but perhaps that it was handed to its process."""
    _observations: dict[type[object], dict[str, Observation]] = field(default_factory=dict)

    def take(self, event: Event) -> Part | None:
        """Keep what ``event`` reports; the part that it changed, or None where it isn't of this run.

        A fault of the whole worker ends this run too. Nothing is taken after the end.
        """
        of_this_run = getattr(event, "run", None) == self.run or (isinstance(event, Fault) and event.run is None)
        if not of_this_run or self.over:
            return None
        self.waiting = self.waiting and isinstance(event, Started)
        match event:
            case Output():
                self.output.append(event)
            case Checked():
                self.checks[event.name] = event
            case Steps():
                self.steps += event.steps
                self.steps_cut = self.steps_cut or event.cut
            case Raised():
                self.raised = event
            case Finished():
                self.finished = event
            case Ended():
                self.ended = event
            case Fault():
                self.fault = event.sentence
            case Started():
                pass
            case _:
                observation = cast(Observation, event)
                self._observations.setdefault(type(observation), {})[getattr(event, "name", "")] = observation
        return type(event).__name__

    def drain(self) -> list[Output]:
        """Take out what was printed since the last call, so that whoever draws it is alone in keeping it."""
        chunks, self.output = self.output, []
        return chunks

    # --- what the probes observed ---------------------------------------------------------------------------

    def named(self, kind: type[O]) -> dict[str, O]:
        """The observations of a kind by their names; without a name, under the empty one."""
        return cast(dict[str, O], self._observations.get(kind, {}))

    def latest(self, kind: type[O]) -> O | None:
        """The newest observation of a kind that has no name."""
        return self.named(kind).get("")

    # --- how it ended ---------------------------------------------------------------------------------------

    @property
    def over(self) -> bool:
        """Nothing more will come."""
        return self.ended is not None or bool(self.fault)

    @property
    def cause(self) -> Cause:
        """Why it was ended from outside; empty where it wasn't, or goes on."""
        return self.ended.cause if self.ended is not None else ""

    @property
    def status(self) -> int:
        """What a shell shows for it; 0 while it goes on."""
        return self.ended.status if self.ended is not None else 0

    @property
    def sentence(self) -> str:
        """Why it was ended from outside, or could not run, in words; empty where neither is so."""
        return self.fault or (self.ended.sentence if self.ended is not None else "")

    @property
    def computing(self) -> float:
        """Seconds that the program's own lines took; 0 where they didn't come to their end."""
        return self.finished.seconds if self.finished is not None else 0.0

    # --- how it was judged ----------------------------------------------------------------------------------

    @property
    def judged(self) -> bool:
        """Every check of the lesson has reported, though it may wait."""
        return self.requirements.keys() <= self.checks.keys()

    @property
    def passed(self) -> bool:
        """The run came to its end by itself, and every check of the lesson passed."""
        verdict = self.verdict()
        ended = self.ended is not None and not self.cause
        return ended and bool(verdict) and all(check.state == "passed" for check in verdict)

    @property
    def failed_check(self) -> Checked | None:
        """The first check that failed."""
        return next((check for check in self.verdict() if check.state == "failed"), None)

    def verdict(self) -> tuple[Checked, ...]:
        """The checks in the lesson's order; those not judged yet wait. Empty before the first has reported."""
        if not self.checks:
            return ()
        waiting = {
            name: Checked(self.run, name, requirement, "waits") for name, requirement in self.requirements.items()
        }
        return tuple((waiting | self.checks).values())


async def record_run(runner: CodeRunner, request: Run, requirements: Mapping[str, str] | None = None) -> RunRecord:
    """Run ``request`` to its end; its record. Raises WorkerFault: it could not be run."""
    record = RunRecord(request.id, request.source, requirements or {})
    async for event in runner.run(request):
        record.take(event)
    if record.fault:
        raise WorkerFault(record.fault)
    return record
