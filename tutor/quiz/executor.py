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
    from tutor.client.run_record import RunRecord
    from tutor.protocol.codec import Cause, Series

SECONDS = 10.0
"""The longest that the programs of one request may take."""
_SECRET = os.urandom(16)
"""Makes a word that no program prints by chance, and the same one each time for the same programs."""
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
class QuestionProgram:
    """A program, and expressions that are evaluated in its names once it has come to its end."""

    source: str
    expressions: tuple[str, ...] = ()
    seed: int = 0
    """The seed of its random numbers; at least 0."""


@dataclass(frozen=True, slots=True)
class Group:
    """Programs that belong together, and pairs of them whose first values are compared."""

    programs: tuple[QuestionProgram, ...]
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
class ExpressionValue:
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
    values: tuple[ExpressionValue, ...] = ()
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
    import hashlib

    from tutor.protocol.codec import build

    order = json.dumps([asdict(group) for group in groups])
    sentinel = f"<{hashlib.blake2b(order.encode(), key=_SECRET, digest_size=16).hexdigest()}>"
    run = await run_program(runner, f"{_bootstrap()}\n\nanswer({order!r}, {sentinel!r})\n")
    answer = next((line for line in reversed(printed(run).split("\n")) if line.startswith(sentinel)), None)
    if answer is None:
        raise Unfinished(run.sentence or "The program left before it came to its end.", run.cause)
    return [build(GroupRun, group) for group in json.loads(answer[len(sentinel) :])]


async def run_group(runner: CodeRunner, *programs: QuestionProgram) -> GroupRun:
    """Run one group. Raises as :func:`run_groups` does."""
    [group] = await run_groups(runner, [Group(programs)])
    return group


async def run_program(runner: CodeRunner, source: str, *, observe: bool = False, seed: int | None = None) -> RunRecord:
    """Run a program by itself, as ``python FILE`` runs it. Raises WorkerFault."""
    from tutor.client.run_record import record_run
    from tutor.protocol.codec import Run

    request = Run(
        runner.new_id(), source, "question.py", observe=observe, seconds=SECONDS, keep=_OUTPUT_BYTES, seed=seed
    )
    return await record_run(runner, request)


def printed(run: RunRecord) -> str:
    """Standard output; with what went to standard error in between where the worker has a terminal."""
    return "".join(chunk.text for chunk in run.output if chunk.stream != "stderr")


def learning_rates(run: RunRecord) -> list[Series]:
    """The learning rates over time; none where nothing was observed."""
    from tutor.protocol.codec import Series

    return [series for series in run.named(Series).values() if series.kind == "lr"]


def failure(run: RunRecord) -> str:
    """Why it did not come to its end, in a sentence; empty when it did, or left with a status of its own."""
    return run.sentence or (f"It stops with {run.raised.type}." if run.raised else "")


class Prover:
    """Runs the programs of a proof, and counts them."""

    def __init__(self, runner: CodeRunner) -> None:
        self._runner = runner
        self.runs = 0
        """How many programs were run."""
        self.seconds = 0.0
        """The time of their own lines."""

    async def run_groups(self, groups: Sequence[Group]) -> list[GroupRun]:
        """Run groups in one process. Raises Unfinished, WorkerFault."""
        self.runs += sum(len(group.programs) for group in groups)
        runs = await run_groups(self._runner, groups)
        self.seconds += sum(attempt.seconds for run in runs for attempt in run.attempts)
        return runs

    async def run_program(self, source: str, *, observe: bool = False, seed: int = 1, programs: int = 1) -> RunRecord:
        """Run a program by itself, which counts as ``programs``. Raises WorkerFault."""
        run = await run_program(self._runner, source, observe=observe, seed=seed)
        self.runs += programs
        self.seconds += run.computing
        return run
