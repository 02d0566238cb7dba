"""A program does in the worker exactly what ``python FILE`` does: standard output, standard error, exit status.

The few differences that remain are listed at the head of ``tutor/worker/execute.py``; no program here may meet one.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
async def test_program_behaves_as_under_python(
    program: Path, run_piped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = shutil.copy(program, tmp_path)
    expected = subprocess.run([sys.executable, file], stdin=subprocess.DEVNULL, capture_output=True, cwd=tmp_path)
    ran = await run_piped(path=str(file), keep=None)
    assert told(ran.text("stdout").encode("utf-8", "surrogateescape")) == told(expected.stdout)
    assert told(ran.text("stderr").encode("utf-8", "surrogateescape")) == told(expected.stderr)
    status = expected.returncode
    assert ran.ended.status == (status if status >= 0 else 128 - status)
    assert ran.ended.cause == ""


def told(output: bytes) -> list[bytes]:
    """Lines without addresses, which differ from process to process, and without the depth of a recursion."""
    output = re.sub(rb"0x[0-9a-f]+", b"0x", output)
    return re.sub(rb"repeated \d+ more times", b"repeated N more times", output).splitlines(keepends=True)
