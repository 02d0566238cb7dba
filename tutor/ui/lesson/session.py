"""What is decided while a lesson is open: what may be done, which hint comes next, what a run has shown.

Nothing here draws or waits: the screen feeds it keys and events, and draws what it holds.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from tutor.curriculum.lesson import Lesson

if TYPE_CHECKING:  # importing the messages takes 10 ms, which the first paint need not wait for
    from tutor.protocol.codec import (
        Checked,
        Ended,
        Event,
        Finished,
        Graph,
        Hints,
        Module,
        Parameters,
        Raised,
        Run,
        Series,
        Tensors,
        Value,
    )

Part = Literal[
    "verdict",
    "raised",
    "output",
    "value",
    "curves",
    "graphs",
    "parameters",
    "modules",
    "tensors",
    "hints",
    "ended",
    "none",
]
"""A piece of a result that an event changed."""
PARTS: tuple[Part, ...] = typing.get_args(Part)


@dataclass
class Outcome:
    """All that is known of one run."""

    run: int
    draft: str
    """The source that was run."""
    checks: dict[str, Checked] = field(default_factory=dict)
    output: list[str] = field(default_factory=list)
    """Chunks not yet drawn: whoever draws them takes them out, so that no run is kept twice."""
    value: Value | None = None
    series: dict[str, Series] = field(default_factory=dict)
    graphs: dict[str, Graph] = field(default_factory=dict)
    parameters: Parameters | None = None
    modules: dict[str, Module] = field(default_factory=dict)
    tensors: Tensors | None = None
    hints: Hints | None = None
    raised: Raised | None = None
    finished: Finished | None = None
    ended: Ended | None = None
    fault: str = ""
    """Why the worker could not run it."""
    waiting: bool = True
    """Nothing has been heard of it yet."""

    @property
    def over(self) -> bool:
        """Nothing more will come."""
        return self.ended is not None or bool(self.fault)


class Session:
    """A lesson that is open."""

    def __init__(self, lesson: Lesson, draft: str) -> None:
        self.lesson = lesson
        self.draft = draft
        self.hints = 0
        """How many hints are shown."""
        self.revealed = False
        """The solution was shown, now or at another time."""
        self.solution_shown = False
        self.outcome: Outcome | None = None
        self.previous_series: dict[str, Series] = {}
        """The curves of the run before, to be seen behind the new ones."""

    def recall(self, hints: int, revealed: bool) -> None:
        """Take up where the learner left: so many hints are shown, and whether the solution was."""
        self.hints = min(max(self.hints, hints), len(self.lesson.hints))
        self.revealed = self.revealed or revealed

    # --- what may be done -----------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """A run is under way."""
        return self.outcome is not None and not self.outcome.over

    @property
    def passed(self) -> bool:
        """The last run came to its end, and every requirement was judged and holds."""
        verdict = self.verdict()
        if self.outcome is None or self.outcome.ended is None or self.outcome.ended.cause:
            return False
        return bool(verdict) and all(check.state == "passed" for check in verdict)

    def offers(self, action: str) -> bool:
        """Whether an action makes sense now; the footer leaves out those that don't."""
        if action == "stop":
            return self.running
        if action == "hint":
            return self.hints < len(self.lesson.hints)
        if action == "reveal":
            return not self.solution_shown
        if action == "reset":
            return self.draft != self.lesson.snippet.text
        if action == "words":
            return self.outcome is not None and self.outcome.raised is not None
        return True

    # --- what the learner does ------------------------------------------------------------------------------

    def hint(self) -> int | None:
        """The number of the next hint, counted from 1, which is shown from now on; None when there is none."""
        if self.hints >= len(self.lesson.hints):
            return None
        self.hints += 1
        return self.hints

    def reveal(self) -> None:
        """Show the solution, and remember that it was shown."""
        self.solution_shown = True
        self.revealed = True

    def start_over(self) -> None:
        """Back to the snippet: no hint is shown, no solution."""
        self.hints = 0
        self.solution_shown = False
        self.revealed = False

    def begin(self, run: int, draft: str, columns: int, rows: int, *, baseline: bool = True) -> Run:
        """The request for a run of ``draft``, whose program sees a terminal of ``columns`` by ``rows``.

        With ``baseline`` the curves of the last run are seen behind the new ones; without, those seen so far stay.
        """
        if baseline and self.outcome is not None and self.outcome.series:
            self.previous_series = self.outcome.series
        self.draft = draft
        self.outcome = Outcome(run, draft)
        return self._request(run, draft, columns, rows)

    def replay(self, run: int, draft: str, columns: int, rows: int, steps: int) -> Run:
        """The request for a run of ``draft`` that is told line by line, at most ``steps`` of them.

        It has the random numbers of the last run, if that was of this draft.
        """
        last = self.outcome
        finished = last.finished if last is not None and last.draft == draft else None
        request = self._request(run, draft, columns, rows)
        seed = finished.seed if finished is not None else None
        return replace(request, check=None, observe=False, shelve=False, steps=steps, seed=seed)

    def _request(self, run: int, draft: str, columns: int, rows: int) -> Run:
        from tutor.protocol.codec import CheckCell, Run

        lesson = self.lesson
        name = lesson.id.rpartition("/")[2] + ".py"
        check = CheckCell(lesson.check.text, str(lesson.path), lesson.check.line)
        request = Run(run, draft, name=name, check=check, columns=columns, rows=rows, shelve=True)
        return replace(request, **lesson.limits.raised)

    # --- what a run reports ---------------------------------------------------------------------------------

    def take(self, event: Event) -> Part | None:
        """Keep what an event of the run says; the piece it changed, or None when it is not of this run."""
        from tutor.protocol import codec

        outcome = self.outcome
        if outcome is None or getattr(event, "run", None) != outcome.run or outcome.over:
            return None
        outcome.waiting = outcome.waiting and isinstance(event, codec.Started)
        part: Part = "none"
        match event:
            case codec.Output():
                outcome.output.append(event.text)
                part = "output"
            case codec.Checked():
                outcome.checks[event.name] = event
                part = "verdict"
            case codec.Raised():
                outcome.raised = event
                part = "raised"
            case codec.Value():
                outcome.value = event
                part = "value"
            case codec.Tensors():
                outcome.tensors = event
                part = "tensors"
            case codec.Series():
                outcome.series[event.name] = event
                part = "curves"
            case codec.Graph():
                outcome.graphs[event.name] = event
                part = "graphs"
            case codec.Parameters():
                outcome.parameters = event
                part = "parameters"
            case codec.Module():
                outcome.modules[event.name] = event
                part = "modules"
            case codec.Hints():
                outcome.hints = event
                part = "hints"
            case codec.Finished():
                outcome.finished = event
            case codec.Ended():
                outcome.ended = event
                part = "ended"
            case codec.Fault():
                outcome.fault = event.sentence
                part = "ended"
        return part

    @property
    def judged(self) -> bool:
        """Every requirement of the lesson has been judged, or left to wait."""
        return self.outcome is not None and all(check.name in self.outcome.checks for check in self.lesson.checks)

    def verdict(self) -> tuple[Checked, ...]:
        """The requirements in the lesson's order; those not judged yet wait. Empty before the first judgement."""
        outcome = self.outcome
        if outcome is None or not outcome.checks:
            return ()
        from tutor.protocol.codec import Checked

        known = [
            outcome.checks.get(check.name, Checked(outcome.run, check.name, check.requirement, "waits"))
            for check in self.lesson.checks
        ]
        names = {check.name for check in self.lesson.checks}
        return (*known, *(check for name, check in outcome.checks.items() if name not in names))
