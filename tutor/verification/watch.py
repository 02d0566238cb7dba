"""Proves a lesson each time its file is saved, in a worker that stays."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from tutor.client.launch import Launch
from tutor.curriculum.lesson import Code, Lesson, LessonError
from tutor.curriculum.manifest import Entry
from tutor.curriculum.parser import parse
from tutor.curriculum.question_parser import Readers
from tutor.verification.run_memory import RunMemory
from tutor.verification.verify import LessonProof, loaded_worker, prove, request

LOOK_EVERY = 0.1
"""Seconds between two looks at the file, which is polled as file events don't arrive on NFS."""
_WORKERS = 2
"""A save of the check lets all programs run again, and each is a process of its own: two side by side."""
_SETTLED = 0.02
"""Seconds in which nothing is written any more once a save is through."""

Stamp = tuple[int, int, int] | None


async def watch(
    entry: Entry,
    kinds: Readers,
    launch: Launch,
    on_proof: Callable[[LessonProof], None],
    before_run: Callable[[], None],
) -> None:
    """Prove the lesson now, and again after each save, without end. ``on_proof`` is called after each.

    ``before_run`` is called after each save, before anything of it runs, and may raise to end the watch.

    Raises:
        WorkerFault: nothing can be run.
        OSError: there is no such Python.
    """
    async with contextlib.AsyncExitStack() as workers:
        starts = [workers.enter_async_context(loaded_worker(launch)) for _ in range(min(_WORKERS, os.cpu_count() or 1))]
        memory, stamp = RunMemory(await asyncio.gather(*starts)), None
        while True:
            stamp = await _wait_for_save(entry.path, stamp)
            began = time.monotonic()
            before_run()
            try:
                lesson = parse(entry.path, entry.id, kinds)
                requests = [request(lesson, code, memory.new_id()) for code in _programs(lesson)]
            except LessonError as error:
                on_proof(LessonProof(entry.id, (error,), 0, 0.0, 0.0))
                continue
            await memory.run_ahead(requests)
            proof = await prove(lesson, memory, together=False)
            memory.finish_proof()
            on_proof(replace(proof, seconds=time.monotonic() - began))


def _programs(lesson: Lesson) -> Iterator[Code]:
    """All but those of questions. Raises LessonError: one of them can't be read."""
    yield lesson.solution
    yield lesson.snippet
    yield from (answer.code for answer in lesson.supplement.right_answers)
    yield from (mistake.code for mistake in lesson.supplement.mistakes)


async def _wait_for_save(path: Path, before: Stamp) -> Stamp:
    """Wait until the file is another one than ``before``, and whole; its stamp then."""
    while (stamp := _stamp(path)) in (None, before):
        await asyncio.sleep(LOOK_EVERY)
    await asyncio.sleep(_SETTLED)
    while (settled := _stamp(path)) != stamp:
        stamp = settled
        await asyncio.sleep(_SETTLED)
    return stamp


def _stamp(path: Path) -> Stamp:
    """Time, size and inode of a file; None while there is none, as in the middle of a save."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
