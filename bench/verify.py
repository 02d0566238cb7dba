"""``tutor verify`` of every lesson: the seconds of a lesson that aren't its programs' own."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.harness import TUTOR, Figure, Samples, Target, progress
from bench.run import loaded
from bench.terminal import environment
from tutor import paths
from tutor.client.client import WorkerClient
from tutor.client.lesson_run import lesson_run
from tutor.curriculum.catalog import Catalog
from tutor.curriculum.lesson import Code, Lesson
from tutor.protocol.codec import Checked, Finished
from tutor.quiz.kinds import KINDS
from tutor.quiz.verification import prove

ROUNDS = 3
TIMES = 7
"""How often the larger pack holds each lesson: 13 lessons make 91, which is what the pack is to grow to."""
NOTE = (
    "verify: the whole command by the clock, start of torch included, over the number of lessons; own computing: for "
    "each program of a lesson the seconds of its lines, by its own clock, and the time that its checks take, one "
    "program after the other; the larger pack holds each lesson several times under other names"
)


def measure() -> Iterator[Figure]:
    """All lessons, a value a round."""
    lessons = [Catalog(paths.lessons(), KINDS).lesson(entry.id) for entry in Catalog(paths.lessons(), KINDS).entries]
    walls, computing, starts = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(ROUNDS):
            progress(f"verify {number}/{ROUNDS}")
            walls.append(_verify(Path(folder)) / len(lessons))
            own, start = asyncio.run(_own_computing(lessons))
            computing.append(own / len(lessons))
            starts.append(start / len(lessons))
        progress("verify, a larger pack")
        pack = _larger_pack(Path(folder))
        larger = _verify(Path(folder), str(pack)) / (len(lessons) * TIMES)
    beyond = [max(0.0, wall - own) for wall, own in zip(walls, computing, strict=True)]
    started = [max(0.0, value - start) for value, start in zip(beyond, starts, strict=True)]
    target = Target("median", 0.15)
    name = f"verify, a lesson of {len(lessons)}"
    yield Figure(f"{name}, by the clock", "s", Samples.of(walls), Samples.of(computing), "own computing", note=NOTE)
    yield Figure(f"{name}, beyond its own computing", "s", Samples.of(beyond), target=target)
    yield Figure(f"{name}, beyond that and the start of one worker", "s", Samples.of(started))
    beyond_larger = max(0.0, larger - Samples.of(computing).median)
    name = f"verify, a lesson of {len(lessons) * TIMES}, beyond its own computing"
    yield Figure(name, "s", Samples.of([beyond_larger]), target=target)


def _larger_pack(folder: Path) -> Path:
    """The lessons several times, as a pack of its own."""
    pack, catalog = folder / "pack", Catalog(paths.lessons(), KINDS)
    lines = ['title = "Larger"']
    for chapter in catalog.chapters:
        names = [f"{entry.id.rpartition('/')[2]}_{copy}" for entry in chapter.entries for copy in range(TIMES)]
        texts = {"id": chapter.id, "title": chapter.title, "about": chapter.about}
        lines += ["[[chapter]]", *(f'{key} = "{text}"' for key, text in texts.items()), f"lessons = {names}"]
        (pack / chapter.id).mkdir(parents=True)
        for name in names:
            source = paths.lessons() / chapter.id / f"{name.rpartition('_')[0]}.py"
            shutil.copyfile(source, pack / chapter.id / f"{name}.py")
    (pack / "curriculum.toml").write_text("\n".join(lines), encoding="utf-8")
    return pack


def _verify(home: Path, *targets: str) -> float:
    """Seconds of the whole command."""
    began = time.perf_counter()
    done = subprocess.run(
        [*TUTOR, "verify", "--trust", *targets], env=environment(home), capture_output=True, text=True, check=False
    )
    taken = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"tutor verify ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return taken


async def _own_computing(lessons: list[Lesson]) -> tuple[float, float]:
    """Seconds that all programs of lessons, their checks and the programs of their questions take by their own clocks;
    and those until the worker had loaded all."""
    runner = WorkerClient()
    began = time.perf_counter()
    await runner.start()
    try:
        await loaded(runner)
        start, seconds = time.perf_counter() - began, 0.0
        for lesson in lessons:
            for code in (lesson.solution, lesson.snippet, *(mistake.code for mistake in lesson.supplement.mistakes)):
                seconds += await _seconds(runner, lesson, code)
            seconds += (await prove(lesson.supplement.questions, runner)).seconds
        return seconds, start
    finally:
        await runner.close()


async def _seconds(runner: WorkerClient, lesson: Lesson, code: Code) -> float:
    request = replace(lesson_run(lesson, runner.new_id(), code.text), observe=False)
    own, since = 0.0, 0.0
    async for event in runner.run(request):
        now = time.perf_counter()
        if isinstance(event, Finished):
            own, since = event.seconds, now
        elif isinstance(event, Checked):
            own, since = own + now - since, now
    return own
