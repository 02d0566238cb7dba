"""A program does in the worker exactly what ``python FILE`` does: standard output, standard error, exit status.

It does so under all probes, and step by step. Each lesson's programs compute the same numbers, to the last bit, with
probes and without.

The few differences that remain are listed at the head of ``tutor/worker/sandbox/execution.py``; no program here may
meet one.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tutor.curriculum.catalog import Catalog
from tutor.protocol.codec import Hints
from tutor.quiz.kinds import KINDS

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
async def test_program_behaves_as_under_python(
    program: Path, run_piped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = shutil.copy(program, tmp_path)
    expected = subprocess.run([sys.executable, file], stdin=subprocess.DEVNULL, capture_output=True, cwd=tmp_path)
    status = expected.returncode
    for how in ({"observe": True}, {"observe": False, "steps": 400}):
        ran = await run_piped(path=str(file), keep=None, **how)
        assert told(ran.text("stdout").encode("utf-8", "surrogateescape")) == told(expected.stdout), how
        assert told(ran.text("stderr").encode("utf-8", "surrogateescape")) == told(expected.stderr), how
        assert ran.ended.status == (status if status >= 0 else 128 - status), how
        assert ran.ended.cause == "", how


LESSONS = Catalog(Path(__file__).parents[3] / "lessons", KINDS)
CELLS = [(entry.id, cell) for entry in LESSONS.entries for cell in ("snippet", "solution")]
NUMBERS = """
import random as _random
import torch as _torch

def _numbers(value):
    if isinstance(value, _torch.Tensor):
        grad = value.grad if value.is_leaf else None
        return value.tolist(), None if grad is None else grad.tolist()
    if isinstance(value, _torch.nn.Module):
        return {name: _numbers(tensor) for name, tensor in [*value.named_parameters(), *value.named_buffers()]}
    return value if isinstance(value, int | float | str | list | tuple) else None

print({name: _numbers(value) for name, value in dict(globals()).items() if not name.startswith("_")})
print(_torch.rand(1).item(), _random.random())
"""
"""Put at a program's end: all numbers that it left, every bit of them, and where its random numbers have come to."""


@pytest.mark.parametrize(("lesson", "cell"), CELLS, ids=[f"{lesson}-{cell}" for lesson, cell in CELLS])
async def test_a_lesson_computes_the_same_numbers_observed(lesson: str, cell: str, run_piped) -> None:
    code = getattr(LESSONS.lesson(lesson), cell).text
    plain, observed = [
        await run_piped(code + NUMBERS, seed=11, observe=observe, seconds=120, memory=None) for observe in (False, True)
    ]
    for stream in ("stdout", "stderr"):
        assert without_folder(observed.text(stream)) == without_folder(plain.text(stream))
    assert observed.ended.status == plain.ended.status
    assert observed.of(Hints) and not plain.of(Hints)


def without_folder(text: str) -> str:
    """Text without the name of the folder that is each run's own."""
    return re.sub(r"tutor-[\w-]+/run-\w+|0x[0-9a-f]+", "", text)


def told(output: bytes) -> list[bytes]:
    """Lines without addresses, which differ from process to process, and without the depth of a recursion."""
    output = re.sub(rb"0x[0-9a-f]+", b"0x", output)
    return re.sub(rb"repeated \d+ more times", b"repeated N more times", output).splitlines(keepends=True)
