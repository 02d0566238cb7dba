"""The state of a replay: the steps of a run, the step in view, and the values of names at it.

Nothing here draws or waits. Going from one step to the next does, or undoes, what that step changed: as much work
as it had changes, in either direction, while more steps may still arrive.
"""

from __future__ import annotations

from bisect import bisect_right
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
_SEEN = ("Steps", "Output", "Raised", "Ended", "Fault")
"""The parts of the record that are drawn."""


@dataclass(slots=True)
class NameScope:
    """The names of the program itself, or of a function that was entered."""

    function: str = ""
    names: dict[str, NamedValue] = field(default_factory=dict)
    order: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By name, the step that first bound it, and its position in that step."""

    def values(self) -> list[NamedValue]:
        """The values of its names, in the order in which the names came."""
        return [value for _, value in sorted(self.names.items(), key=lambda pair: self.order[pair[0]])]


@dataclass(slots=True)
class _Done:
    """The changes that going to a step made, so that they can be undone."""

    exited: list[NameScope]
    """The scopes of functions that had returned by then."""
    entered: int
    changes: tuple[Change, ...]
    order: dict[str, tuple[int, int]]
    """Of the names that were changed, as it was before."""


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
        self._scopes: list[NameScope] = [NameScope()]
        self._done: list[_Done] = []
        self._pass: list[int] = []
        self._passed: dict[tuple[int, str], int] = defaultdict(int)
        """By line and function, how often it was passed to its end: a ``def`` is, and again each time it is entered."""
        self._binding_steps: dict[int, list[int]] = defaultdict(list)
        """By line, its steps that changed something."""

    # --- what a run reports ---------------------------------------------------------------------------------

    def take(self, event: Event) -> bool:
        """Take in an event; whether it changes what is drawn."""
        part = self.record.take(event)
        self._output += "".join(chunk.text for chunk in self.record.drain())
        for index in range(len(self._pass), len(self.steps)):
            self._count(index)
        if self.at < 0:
            self.go(0)
        return part in _SEEN

    def _count(self, index: int) -> None:
        """Count the passes of the line of a new step."""
        step = self.steps[index]
        if index and step.depth <= self.steps[index - 1].depth:
            self._passed[_line_and_function(self.steps[index - 1])] += 1
        self._pass.append(self._passed[_line_and_function(step)] + 1)
        if step.bindings:
            self._binding_steps[step.line].append(index)

    @property
    def steps(self) -> list[Step]:
        """The steps that have arrived."""
        return self.record.steps

    @property
    def cut(self) -> bool:
        """The program went on after the last step."""
        return self.record.steps_cut

    @property
    def over(self) -> bool:
        """Nothing more will come."""
        return self.record.over

    @property
    def sentence(self) -> str:
        """Why the run ended from outside, or could not begin."""
        return self.record.sentence

    # --- going ----------------------------------------------------------------------------------------------

    def go(self, index: int) -> bool:
        """To a step, or the nearest that there is; whether it is another than before."""
        index = max(0, min(len(self.steps) - 1, index))
        if index == self.at or not self.steps:
            return False
        while self.at < index:
            self.at += 1
            self._done.append(self._do(self.at))
        while self.at > index:
            self._undo(self._done.pop())
            self.at -= 1
        return True

    def other_pass(self, direction: int) -> bool:
        """To the next (1) or the last (-1) pass of the line that is shown; whether there is one."""
        if self.step is None:
            return False
        index = self.at + direction
        while 0 <= index < len(self.steps):
            other = self.steps[index]
            same = _line_and_function(other) == _line_and_function(self.step)
            if same and self._pass[index] != self._pass[self.at] and not self._calls(index):
                return self.go(index)
            index += direction
        return False

    def _do(self, index: int) -> _Done:
        step = self.steps[index]
        depth = step.depth
        same = depth < len(self._scopes) and (depth == 0 or self._scopes[depth].function == step.function)
        exited = self._scopes[depth + same :]
        del self._scopes[depth + same :]
        entered = depth + 1 - len(self._scopes)
        self._scopes += [NameScope(step.function) for _ in range(entered)]
        scope = self._scopes[depth]
        tensors = {tensor.name: tensor for tensor in step.tensors}
        changes, order = [], {}
        for name in step.gone:
            changes.append(Change(name, scope.names.pop(name, None), None))
            if name in scope.order:
                order[name] = scope.order.pop(name)
        for number, binding in enumerate(step.bindings):
            name = binding.name
            after = NamedValue(binding, tensors.get(name))
            changes.append(Change(name, scope.names.get(name), after))
            if name != RETURN:
                scope.names[name] = after
                scope.order.setdefault(name, (index, number))
        return _Done(exited, entered, tuple(changes), order)

    def _undo(self, done: _Done) -> None:
        scope = self._scopes[-1]
        for change in done.changes:
            if change.before is None:
                scope.names.pop(change.name, None)
                scope.order.pop(change.name, None)
            else:
                scope.names[change.name] = change.before
        scope.order |= done.order
        if done.entered:
            del self._scopes[-done.entered :]
        self._scopes += done.exited

    # --- what is known at the step that is shown ------------------------------------------------------------

    @property
    def step(self) -> Step | None:
        """The step that is shown."""
        return self.steps[self.at] if self.at >= 0 else None

    @property
    def last(self) -> bool:
        """It is the last step of a run that is over."""
        return self.over and self.at == len(self.steps) - 1

    @property
    def error(self) -> Raised | None:
        """The error that ended the program, where it is to be shown."""
        return self.record.raised if self.last and not self.cut else None

    @property
    def pass_number(self) -> int:
        """Which pass of its line it is, counted from 1."""
        return self._pass[self.at] if self.at >= 0 else 0

    @property
    def passes(self) -> int:
        """How often its line is passed, as far as is known."""
        return 0 if self.step is None else max(self._passed[_line_and_function(self.step)], self.pass_number)

    @property
    def calls(self) -> str:
        """The function of the program that the line is about to enter; empty when it is none."""
        return self.steps[self.at + 1].function if self._calls(self.at) else ""

    def _calls(self, index: int) -> bool:
        return 0 <= index < len(self.steps) - 1 and self.steps[index + 1].depth > self.steps[index].depth

    @property
    def changes(self) -> tuple[Change, ...]:
        """What the line changed."""
        return self._done[-1].changes if self._done else ()

    @property
    def scopes(self) -> list[NameScope]:
        """The function that the line is in, then those that called it, and the program itself last."""
        return self._scopes[::-1]

    @property
    def printed(self) -> str:
        """What the program had printed by then."""
        step = self.step
        whole = step is None or (self.last and not self.cut and self.record.raised is None)
        return self._output if step is None or whole else self._output[: step.printed]

    def hints(self) -> dict[int, Hint]:
        """By line, what it had last given its names by then."""
        hints = {}
        for line, indices in self._binding_steps.items():
            count = bisect_right(indices, self.at)
            if count:
                index = indices[count - 1]
                hints[line] = Hint(line, self.steps[index].bindings[:HINTED], self._pass[index])
        return hints


def _line_and_function(step: Step) -> tuple[int, str]:
    return step.line, step.function
