"""The state of a replay: the steps of a run, the step in view, and the values of names at it.

Nothing here draws or waits. The names are kept as they were at each step, so that going to one, in either direction,
costs nothing, while more steps may still arrive. There are :data:`MOST` of them at most.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from tutor.client.run_record import RunRecord
from tutor.protocol.codec import Event, Hint, Raised, Step
from tutor.render.run.replay import Change, NamedValue

MOST = 400
"""Steps that are asked for."""
HINTED = 8
"""Names in the hint of one line."""
RETURN = "return"
"""What a step calls the value that its function gives back: no name of the program."""
_DRAWN_PARTS = ("Steps", "Output", "Raised", "Ended", "Fault")
"""The parts of the record that are drawn."""


@dataclass(frozen=True, slots=True)
class NameScope:
    """The names of the program itself, or of a function that was entered, at one step."""

    function: str = ""
    names: dict[str, NamedValue] = field(default_factory=dict)
    """In the order in which they came."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known once a step was passed."""

    scopes: tuple[NameScope, ...] = (NameScope(),)
    """The function that the line is in, then those that called it, and the program itself last."""
    changes: tuple[Change, ...] = ()
    """What the line changed."""
    pass_number: int = 0
    """Which pass of its line it is, counted from 1."""


class Replay:
    """The steps of one run as they arrive, and where among them the learner stands."""

    def __init__(self, source: str, run: int) -> None:
        self.lines = source.expandtabs(4).split("\n")
        while len(self.lines) > 1 and not self.lines[-1].strip():
            self.lines.pop()
        self.record = RunRecord(run, source)
        self.at = -1
        """The step that is shown, counted from 0; -1 before there is one."""
        self._output = ""
        self._moments: list[Moment] = []
        self._passed: dict[tuple[int, str], int] = defaultdict(int)
        """By line and function, how often it was passed to its end: a ``def`` is, and again each time it is entered."""

    # --- what a run reports ---------------------------------------------------------------------------------

    def take(self, event: Event) -> bool:
        """Take in an event; whether it changes what is drawn."""
        part = self.record.take(event)
        self._output += "".join(chunk.text for chunk in self.record.drain())
        for index in range(len(self._moments), len(self.steps)):
            self._moments.append(self._after(index))
        if self.at < 0:
            self.go(0)
        return part in _DRAWN_PARTS

    def _after(self, index: int) -> Moment:
        """What is known after a new step."""
        step = self.steps[index]
        if index and step.depth <= self.steps[index - 1].depth:
            self._passed[_line_and_function(self.steps[index - 1])] += 1
        scopes = self._scopes_at(step)
        names = dict(scopes[-1].names)
        tensors = {tensor.name: tensor for tensor in step.tensors}
        changes = [Change(name, names.pop(name, None), None) for name in step.gone]
        for binding in step.bindings:
            after = NamedValue(binding, tensors.get(binding.name))
            changes.append(Change(binding.name, names.get(binding.name), after))
            if binding.name != RETURN:
                names[binding.name] = after
        scopes[-1] = NameScope(scopes[-1].function, names)
        return Moment(tuple(scopes[::-1]), tuple(changes), self._passed[_line_and_function(step)] + 1)

    def _scopes_at(self, step: Step) -> list[NameScope]:
        """The scopes that a new step is in, with the names of the step before it."""
        before = self._moments[-1].scopes[::-1] if self._moments else (NameScope(),)
        depth = step.depth
        same = depth < len(before) and (depth == 0 or before[depth].function == step.function)
        scopes = list(before[: depth + same])
        return scopes + [NameScope(step.function) for _ in range(depth + 1 - len(scopes))]

    @property
    def steps(self) -> list[Step]:
        """The steps that have arrived."""
        return self.record.steps

    # --- going ----------------------------------------------------------------------------------------------

    def go(self, index: int) -> bool:
        """To a step, or the nearest that there is; whether it is another than before."""
        before, self.at = self.at, min(max(0, index), len(self.steps) - 1)
        return self.at != before

    def other_pass(self, direction: int) -> bool:
        """To the next (1) or the last (-1) pass of the line that is shown; whether there is one."""
        if self.step is None:
            return False
        index = self.at + direction
        while 0 <= index < len(self.steps):
            other = self.steps[index]
            same = _line_and_function(other) == _line_and_function(self.step)
            if same and self._moments[index].pass_number != self.moment.pass_number and not self._calls(index):
                return self.go(index)
            index += direction
        return False

    # --- what is known at the step that is shown ------------------------------------------------------------

    @property
    def step(self) -> Step | None:
        """The step that is shown."""
        return self.steps[self.at] if self.at >= 0 else None

    @property
    def last(self) -> bool:
        """It is the last step of a run that is over."""
        return self.record.over and self.at == len(self.steps) - 1

    @property
    def error(self) -> Raised | None:
        """The error that ended the program, where it is to be shown."""
        return self.record.raised if self.last and not self.record.steps_cut else None

    @property
    def moment(self) -> Moment:
        """What is known there."""
        return self._moments[self.at] if self.at >= 0 else Moment()

    @property
    def passes(self) -> int:
        """How often its line is passed, as far as is known."""
        return 0 if self.step is None else max(self._passed[_line_and_function(self.step)], self.moment.pass_number)

    @property
    def calls(self) -> str:
        """The function of the program that the line is about to enter; empty when it is none."""
        return self.steps[self.at + 1].function if self._calls(self.at) else ""

    def _calls(self, index: int) -> bool:
        return 0 <= index < len(self.steps) - 1 and self.steps[index + 1].depth > self.steps[index].depth

    @property
    def printed(self) -> str:
        """What the program had printed by then."""
        step = self.step
        whole = step is None or (self.last and not self.record.steps_cut and self.record.raised is None)
        return self._output if step is None or whole else self._output[: step.printed]

    def hints(self) -> dict[int, Hint]:
        """By line, what it had last given its names by then."""
        last = {step.line: index for index, step in enumerate(self.steps[: self.at + 1]) if step.bindings}
        return {
            line: Hint(line, self.steps[index].bindings[:HINTED], self._moments[index].pass_number)
            for line, index in last.items()
        }


def _line_and_function(step: Step) -> tuple[int, str]:
    return step.line, step.function
