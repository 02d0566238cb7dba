"""The programs of questions, run in the worker.

Question kinds import this module, and the first paint of a lesson may import question kinds: so the protocol, which
takes some ten milliseconds to load, is imported with the first run.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.client.runner import CodeRunner

if TYPE_CHECKING:
    from tutor.protocol.codec import Cause, Ended, Raised, Series

SECONDS = 10.0
"""The longest that the programs of one request may take."""
_OUTPUT_BYTES = 8 * 2**20
_MESSAGE = 200
"""Characters of an error's message that are shown."""


class Unfinished(Exception):  # noqa: N818 -- what became of it, not what is wrong with us
    """The programs were ended, or left before there was a result. Its text is a sentence for the learner."""

    def __init__(self, sentence: str, cause: Cause = "") -> None:
        super().__init__(sentence)
        self.cause = cause
        """Why it was ended from outside; empty when it left by itself."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program, and expressions that are evaluated in its names once it has come to its end."""

    source: str
    expressions: tuple[str, ...] = ()
    seed: int = 0
    """The seed of its random numbers; at least 0."""


@dataclass(frozen=True, slots=True)
class Group:
    """Programs that belong together, and pairs of them whose first values are compared."""

    programs: tuple[Program, ...]
    pairs: tuple[tuple[int, int], ...] = ()
    """(what is judged, what is right), as positions in ``programs``."""


@dataclass(frozen=True, slots=True)
class Error:
    """An exception that ended a program or an expression."""

    type: str
    message: str
    line: int
    """Of the program, counted from 1; 0 when it isn't known."""

    def __str__(self) -> str:
        """``RuntimeError: the first line of its message``; where that ends in a colon, with the line that follows it.

        torch ends what it says of arguments with ``but expected one of:`` and a list of signatures: neither is shown.
        """
        lines = [line.strip() for line in self.message.strip().split("\n")]
        message = re.sub(r"[,;]? but expected one of:$", "", lines[0])
        if message.endswith(":"):
            message = " ".join([message, *lines[1:2]])
        if len(message) > _MESSAGE:
            message = f"{message[:_MESSAGE]}…"
        return f"{self.type}: {message}" if message else self.type

    @property
    def is_unreadable(self) -> bool:
        """Python could not read the program."""
        return self.type in ("SyntaxError", "IndentationError", "TabError")


@dataclass(frozen=True, slots=True)
class Value:
    """An expression's value, by its text."""

    text: str
    """Its repr, or the name of the error's type where it has no value."""
    error: Error | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One program that was run."""

    output: str
    """Its standard output, as far as it went through Python; of a flood, the beginning and a sum of the rest."""
    error: Error | None = None
    values: tuple[Value, ...] = ()
    """One for each expression; empty when the program did not come to its end."""
    errors: str = ""
    """Its standard error, as far as it went through Python: warnings."""
    seconds: float = field(default=0.0, compare=False)

    @property
    def outcome(self) -> tuple[str, str]:
        """What is the same for programs that do the same: the output but for blanks at ends, and the error's type."""
        return trimmed(self.output), self.error.type if self.error else ""

    @property
    def stopped_by(self) -> Error | None:
        """The error that left its first expression without a value."""
        return self.error or self.values[0].error


@dataclass(frozen=True, slots=True)
class GroupRun:
    """A group that was run: its attempts, and for each pair in a sentence what differs (empty: nothing)."""

    attempts: tuple[Attempt, ...]
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """A program that was run by itself, as ``python FILE`` runs it."""

    output: str
    """Standard output; with what went to standard error in between where the worker has a terminal."""
    raised: Raised | None
    ended: Ended
    curves: tuple[Series, ...]
    """Its learning rates over time; none where nothing was observed."""
    seconds: float

    @property
    def rates(self) -> Series | None:
        """The first of :attr:`curves`."""
        return next(iter(self.curves), None)

    @property
    def failure(self) -> str:
        """Why it did not come to its end, in a sentence; empty when it did, or left with a status of its own."""
        return self.ended.sentence or (f"It stops with {self.raised.type}." if self.raised else "")


def trimmed(output: str) -> str:
    """An output without blanks at the ends of lines and empty lines at either end, which no one can see."""
    return "\n".join(line.rstrip() for line in output.split("\n")).strip("\n")


@cache
def _bootstrap() -> str:
    return Path(__file__).with_name("bootstrap.py").read_text("utf-8")


async def run_groups(runner: CodeRunner, groups: Sequence[Group]) -> list[GroupRun]:
    """Run groups of programs one after the other in a single process of the worker.

    Raises:
        Unfinished: there is no result: a limit was passed, the run was stopped or replaced, or a program left.
        WorkerFault: nothing can be run.
    """
    sentinel = f"<{os.urandom(16).hex()}>"
    order = json.dumps([asdict(group) for group in groups])
    run = await run_program(runner, f"{_bootstrap()}\n\nanswer({order!r}, {sentinel!r})\n")
    answer = next((line for line in reversed(run.output.split("\n")) if line.startswith(sentinel)), None)
    if answer is None:
        sentence = run.ended.sentence or "The program left before it came to its end."
        raise Unfinished(sentence, run.ended.cause)
    return [_group_run(group) for group in json.loads(answer[len(sentinel) :])]


async def run_group(runner: CodeRunner, *programs: Program, pairs: Sequence[tuple[int, int]] = ()) -> GroupRun:
    """Run one group. Raises as :func:`run_groups` does."""
    [group] = await run_groups(runner, [Group(programs, tuple(pairs))])
    return group


async def run_program(runner: CodeRunner, source: str, *, observe: bool = False, seed: int | None = None) -> ProgramRun:
    """Run a program by itself. Raises WorkerFault."""
    from tutor.client.run_record import record_run
    from tutor.protocol.codec import Ended, Run, Series

    request = Run(
        runner.new_id(), source, "question.py", observe=observe, seconds=SECONDS, keep=_OUTPUT_BYTES, seed=seed
    )
    record = await record_run(runner, request)
    output = "".join(chunk.text for chunk in record.output if chunk.stream != "stderr")
    rates = tuple(series for series in record.named(Series).values() if series.kind == "lr")
    return ProgramRun(output, record.raised, record.ended or Ended(request.id, 0), rates, record.computing)


def _group_run(group: dict[str, list[dict[str, object]]]) -> GroupRun:
    differences = tuple(str(difference) for difference in group["differences"])
    return GroupRun(tuple(_attempt(fields) for fields in group["attempts"]), differences)


def _attempt(fields: dict[str, object]) -> Attempt:
    values, seconds = fields["values"], fields["seconds"]
    assert isinstance(values, list) and isinstance(seconds, float)
    evaluated = tuple(Value(value["text"], _error(value["error"])) for value in values)
    return Attempt(str(fields["output"]), _error(fields["error"]), evaluated, str(fields["errors"]), seconds)


def _error(fields: object) -> Error | None:
    if fields is None:
        return None
    assert isinstance(fields, dict)
    return Error(**fields)
