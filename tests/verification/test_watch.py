"""``tutor verify --watch``: a verdict now and after each save, and only what has changed is run again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Command, Open, terminal, tutor
from tests.verification.test_verify import SOUND, pack
from tutor.client.client import WorkerClient
from tutor.curriculum.parser import parse
from tutor.protocol.codec import Cause, Ended, Event, Run
from tutor.quiz.kinds import KINDS
from tutor.verification.run_memory import RunMemory
from tutor.verification.verify import prove

__all__ = ["pack", "terminal", "tutor"]


class CountingRunner:
    """The real worker, and how many programs it was asked to run."""

    def __init__(self, runner: WorkerClient) -> None:
        self._runner = runner
        self.runs = 0

    def new_id(self) -> int:
        return self._runner.new_id()

    async def run(self, request: Run) -> AsyncIterator[Event]:
        self.runs += 1
        async for event in self._runner.run(request):
            yield event


Save = Callable[..., Awaitable[tuple[int, list[str]]]]


@pytest.fixture
def save(runner: WorkerClient, tmp_path: Path) -> Save:
    """Save the sound lesson with texts replaced: how many processes its proof takes, and the flaws."""
    counting = CountingRunner(runner)
    memory = RunMemory([counting])
    path = tmp_path / "sum.py"

    async def prove_saved(*changes: tuple[str, str]) -> tuple[int, list[str]]:
        text = SOUND
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path.write_text(text)
        lesson, before = parse(path, "math/sum", KINDS), counting.runs
        remembered = await prove(lesson, memory, together=False)
        memory.finish_proof()
        fresh = await prove(lesson, runner)
        assert list(map(str, remembered.flaws)) == list(map(str, fresh.flaws))
        assert remembered.runs == fresh.runs
        return counting.runs - before, [flaw.sentence for flaw in fresh.flaws]

    return prove_saved


QUESTION = 2
"""Processes that the one question with a program takes by itself."""
LESSON = 9
"""Solution, snippet, three right answers, four mistakes."""
ALL = LESSON + QUESTION


async def test_what_has_not_changed_is_not_run_again(save: Save) -> None:
    assert await save() == (ALL, [])
    assert await save() == (0, [])
    assert await save(("Adding up.", "Adding up\n\nis easy.")) == (0, [])
    assert await save(("total = -x.sum()", "total = 0 - x.sum()")) == (1, [])
    assert await save(("total = x.mean()", "total = x.min()")) == (2, [])
    assert await save(("- 2.0: that is one", "- 1.0: that is one"), ("total = x.mean()", "total = x.min()")) == (0, [])
    assert await save((".sum().item())", ".sum().item() * 1)")) == (QUESTION + 1, [])
    assert await save(("run.total > 0", "0 < run.total")) == (ALL, [])


async def test_flaws_are_told_each_time_and_where_they_are_then(save: Save) -> None:
    flawed = ("total = x.mean()", "total = x.mean() * 2")
    runs, (sentence,) = await save(flawed)
    assert runs == ALL and sentence.startswith("No check fails on this mistake")
    assert await save(flawed, ("Adding up.", "Adding up\n\nis easy.")) == (0, [sentence])
    assert await save() == (1, [])


async def test_a_check_that_breaks_is_run_again_because_it_tells_its_line(save: Save) -> None:
    broken = ("close_to(run.x.sum())", "close_to(run.x.sum() + undefined)")
    runs, flaws = await save(broken)
    assert runs == ALL and "NameError" in flaws[0]
    runs, again = await save(broken, ("Adding up.", "Adding up\n\nis easy."))
    # the snippet fails before its check breaks, and the questions have no check
    assert runs == LESSON - 1 and again == flaws
    assert await save() == (LESSON, [])


class EndingRunner:
    """Every run ends at once."""

    def __init__(self, cause: Cause = "") -> None:
        self.requests: list[Run] = []
        self._cause = cause

    def new_id(self) -> int:
        return len(self.requests)

    async def run(self, request: Run) -> AsyncIterator[Event]:
        self.requests.append(request)
        yield Ended(request.id, 0, self._cause)


@pytest.mark.parametrize(("cause", "runs"), [("", 1), ("seconds", 2), ("memory", 2), ("stopped", 2), ("lost", 2)])
async def test_only_a_run_that_came_to_its_end_is_remembered(cause: Cause, runs: int) -> None:
    runner = EndingRunner(cause)
    memory = RunMemory([runner])
    for number in (1, 2):
        assert [event async for event in memory.run(Run(number, "x = 1"))] == [Ended(number, 0, cause)]
        memory.finish_proof()
    assert len(runner.requests) == runs


async def test_programs_run_side_by_side_and_are_known_to_the_proof_that_follows() -> None:
    both = asyncio.Barrier(2)

    class WaitingRunner(EndingRunner):
        async def run(self, request: Run) -> AsyncIterator[Event]:
            await both.wait()  # until the other one has a program, too
            async for event in super().run(request):
                yield event

    runners = [WaitingRunner(), WaitingRunner()]
    memory = RunMemory(runners)
    await memory.run_ahead([Run(memory.new_id(), "x = 1"), Run(memory.new_id(), "x = 2")])
    assert [event async for event in memory.run(Run(9, "x = 2"))] == [Ended(9, 0)]
    assert [len(runner.requests) for runner in runners] == [1, 1]


# --- the command ----------------------------------------------------------------------------------------------


def test_a_verdict_after_each_save_until_it_is_interrupted(terminal: Open, pack: Path) -> None:
    lesson = pack / "math" / "sum.py"
    watch = terminal("verify", "--watch", "--trust", "pack", "sum", size=(120, 24), NO_COLOR="1")
    watch.until("nothing is wrong: 1 lesson, 11 runs, ")
    lesson.write_text(SOUND.replace("total = x.sum()", "total = 5"))
    watch.until("The solution fails `total_is_the_sum`")
    watch.until("1 fault")
    lesson.write_text(SOUND.replace("total = x.sum()", "total = x.sum( "))
    watch.until("'(' was never closed")
    lesson.unlink()
    lesson.write_text(SOUND)
    watch.until("nothing is wrong: 1 lesson, 11 runs, ")
    watch.press("\x03")
    assert watch.end() == 130


def test_a_lesson_that_is_broken_from_the_first_is_waited_for(terminal: Open, pack: Path) -> None:
    watch = terminal("verify", "--watch", "--json", "--trust", "pack", "broken", size=(1000, 24))
    watch.until('"runs": 0')
    (pack / "math" / "broken.py").write_text(SOUND)
    watch.until('"runs": 11')
    watch.press("\x03")
    assert watch.end() == 130
    first, second = (json.loads(line) for line in watch.shown.splitlines() if line.startswith("{"))
    assert [fault["line"] for fault in first["lessons"][0]["faults"]] and not second["lessons"][0]["faults"]


@pytest.mark.parametrize("words", [("pack",), ("pack", "sum", "broken"), ("--mutate", "pack", "sum"), ()])
def test_it_takes_one_lesson(tutor: Command, pack: Path, words: tuple[str, ...]) -> None:
    refused = tutor("verify", "--watch", "--trust", *words)
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert refused.stderr.decode().startswith("tutor: `--watch` proves one lesson, without --mutate")


def test_it_asks_before_it_runs_a_pack(tutor: Command, pack: Path) -> None:
    assert b"Say yes to that with --trust" in tutor("verify", "--watch", "pack", "sum").stderr


def test_it_ends_when_others_may_have_written_the_lesson(terminal: Open, pack: Path) -> None:
    lesson = pack / "math" / "sum.py"
    watch = terminal("verify", "--watch", "--trust", "pack", "sum", size=(120, 24), NO_COLOR="1")
    watch.until("nothing is wrong")
    lesson.chmod(0o666)
    lesson.write_text(SOUND.replace("total = x.sum()", "total = 5"))
    assert watch.end() == 2 and "Nothing was run, as others can write to sum.py." in watch.shown
