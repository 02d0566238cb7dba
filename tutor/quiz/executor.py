"""Runs the programs of questions in the worker, and says what became of them."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Protocol

from tutor.protocol.codec import Cause, Ended, Event, Fault, Finished, MiB, Output, Raised, Run, Series

SECONDS = 10.0
"""The longest that the programs of one request may take."""
_KEEP = 8 * MiB
_SAID = 200
"""Characters of an error's message that are told."""


class Runner(Protocol):
    """What questions need of :class:`tutor.client.client.Runner`."""

    def new_id(self) -> int:
        """A number for the next run."""
        ...

    def run(self, request: Run) -> AsyncIterator[Event]:
        """The events of a run, until Ended or Fault."""
        ...


class WorkerFault(Exception):  # noqa: N818 -- the word of the protocol
    """The worker can't do what it is asked, so that nothing is known of the programs. Its text is a sentence."""


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
    """What its random numbers begin from; at least 0."""


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

        torch ends what it says of arguments with ``but expected one of:`` and a list of signatures: neither is told.
        """
        lines = [line.strip() for line in self.message.strip().split("\n")]
        said = re.sub(r"[,;]? but expected one of:$", "", lines[0])
        if said.endswith(":"):
            said = " ".join([said, *lines[1:2]])
        if len(said) > _SAID:
            said = f"{said[:_SAID]}…"
        return f"{self.type}: {said}" if said else self.type


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An expression's value as Python shows it: its repr, or the name of the error's type where it has none."""

    shown: str
    error: Error | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one program."""

    output: str
    """What it printed through Python's standard output; of a flood, the beginning and a sum of the rest."""
    error: Error | None = None
    values: tuple[Evaluated, ...] = ()
    """One for each expression; empty when the program did not come to its end."""
    errors: str = ""
    """What it wrote to Python's standard error: warnings."""
    seconds: float = field(default=0.0, compare=False)

    @property
    def outcome(self) -> tuple[str, str]:
        """What is the same for programs that do the same: the output but for blanks at ends, and the error's type."""
        lines = [line.rstrip() for line in self.output.split("\n")]
        return "\n".join(lines).strip("\n"), self.error.type if self.error else ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a group: its attempts, and for each pair in a sentence what differs (empty: nothing)."""

    attempts: tuple[Attempt, ...]
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    """What became of a program that was run by itself, as ``python FILE`` runs it."""

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


@cache
def _inside() -> str:
    return Path(__file__).with_name("bootstrap.py").read_text("utf-8")


async def attempt(runner: Runner, groups: Sequence[Group]) -> list[Tried]:
    """What becomes of groups of programs, run one after the other in a single process of the worker.

    Raises:
        Unfinished: there is no result: a limit was passed, the run was stopped or replaced, or a program left.
        WorkerFault: nothing can be run.
    """
    sentinel = f"<{secrets.token_hex(16)}>"
    asked = json.dumps([asdict(group) for group in groups])
    source = f"{_inside()}\n\nanswer({asked!r}, {sentinel!r})\n"
    ran = await whole(runner, source)
    told = next((line for line in reversed(ran.output.split("\n")) if line.startswith(sentinel)), None)
    if told is None:
        sentence = ran.ended.sentence or "The program left before it came to its end."
        raise Unfinished(sentence, ran.ended.cause)
    return [_tried(group) for group in json.loads(told[len(sentinel) :])]


async def attempt_one(runner: Runner, *programs: Program, pairs: Sequence[tuple[int, int]] = ()) -> Tried:
    """What becomes of one group. Raises as :func:`attempt` does."""
    [tried] = await attempt(runner, [Group(programs, tuple(pairs))])
    return tried


async def whole(runner: Runner, source: str, *, observe: bool = False, seed: int | None = None) -> Whole:
    """Run a program by itself. Raises WorkerFault."""
    request = Run(runner.new_id(), source, "question.py", observe=observe, seconds=SECONDS, keep=_KEEP, seed=seed)
    output: list[str] = []
    raised: Raised | None = None
    rates: dict[str, Series] = {}
    ended, took = Ended(request.id, 0), 0.0
    async for event in runner.run(request):
        match event:
            case Output(stream="tty" | "stdout"):
                output.append(event.text)
            case Raised():
                raised = event
            case Series(kind="lr"):
                rates[event.name] = event
            case Finished():
                took = event.seconds
            case Ended():
                ended = event
            case Fault():
                raise WorkerFault(event.sentence)
    return Whole("".join(output), raised, ended, tuple(rates.values()), took)


def _tried(group: dict[str, list[dict[str, object]]]) -> Tried:
    differences = tuple(str(difference) for difference in group["differences"])
    return Tried(tuple(_attempted(told) for told in group["attempts"]), differences)


def _attempted(told: dict[str, object]) -> Attempt:
    values, seconds = told["values"], told["seconds"]
    assert isinstance(values, list) and isinstance(seconds, float)
    evaluated = tuple(Evaluated(value["shown"], _error(value["error"])) for value in values)
    return Attempt(str(told["output"]), _error(told["error"]), evaluated, str(told["errors"]), seconds)


def _error(told: object) -> Error | None:
    if told is None:
        return None
    assert isinstance(told, dict)
    return Error(**told)
