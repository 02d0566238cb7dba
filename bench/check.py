"""A check in the warm worker, beside a fresh pytest that puts the same requirements to the same draft."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.app import LESSON
from bench.harness import ROOT, Figure, Samples, Target, progress
from bench.run import PAUSE, loaded
from tutor import paths
from tutor.client.client import WorkerClient
from tutor.client.lesson_run import lesson_run, requirements
from tutor.client.run_record import record_run
from tutor.curriculum.catalog import Catalog
from tutor.curriculum.lesson import Lesson
from tutor.quiz.kinds import KINDS

ROUNDS = 10
NOTE = "check: the lesson's solution, request to Ended; pytest runs it as a module and its checks as tests, no plugins"


def measure() -> Iterator[Figure]:
    """The first lesson's solution."""
    lesson = Catalog(paths.lessons(), KINDS).lesson(LESSON)
    with tempfile.TemporaryDirectory() as folder:
        test = write_test(lesson, Path(folder))
        ours, theirs = asyncio.run(_take_turns(lesson, test))
    target = Target("times faster", 50)
    yield Figure(f"check of {lesson.id}", "ms", Samples.of(ours), Samples.of(theirs), "fresh pytest", target, NOTE)


async def _take_turns(lesson: Lesson, test: Path) -> tuple[list[float], list[float]]:
    runner = WorkerClient()
    await runner.start()
    ours, theirs = [], []
    try:
        await loaded(runner)
        await check(runner, lesson)
        run_pytest(test)
        for number in range(ROUNDS):
            progress(f"check {number}/{ROUNDS}")
            theirs.append(run_pytest(test))
            for _ in range(3):
                await asyncio.sleep(PAUSE)
                ours.append(await check(runner, lesson))
    finally:
        await runner.close()
    return ours, theirs


async def check(runner: WorkerClient, lesson: Lesson) -> float:
    """Milliseconds until the solution has passed all its checks and its process has ended."""
    request = lesson_run(lesson, runner.new_id(), lesson.solution.text)
    began = time.perf_counter()
    record = await record_run(runner, request, requirements(lesson))
    taken = time.perf_counter() - began
    if not record.passed:
        raise RuntimeError(f"the solution of {lesson.id} was judged {[check.state for check in record.verdict()]}")
    return taken * 1e3


def write_test(lesson: Lesson, folder: Path) -> Path:
    """A test module with a test for each requirement of the lesson, beside its solution as ``draft.py``."""
    (folder / "draft.py").write_text(lesson.solution.text)
    calls = [f"def test_{check.name}():\n    {check.name}(RUN)\n" for check in lesson.checks]
    head = "import pathlib\nimport draft\nfrom tutor.check.program import Program\n"
    run = "RUN = Program(vars(draft), pathlib.Path(draft.__file__).read_text(), draft.__file__)\n"
    test = folder / "test_draft.py"
    test.write_text("\n\n".join([head + run, lesson.check.text, *calls]))
    return test


def run_pytest(test: Path) -> float:
    """Milliseconds that a fresh pytest takes."""
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test.name]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=test.parent, env=environment, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"pytest failed:\n{done.stdout}{done.stderr}")
    return taken * 1e3
