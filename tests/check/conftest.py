"""A draft that has run, as a check meets it, and the judge's verdicts on it."""

import contextlib
import io
import textwrap
from collections.abc import Callable

import pytest

from tutor.check import Program
from tutor.check.runner import judge
from tutor.protocol.codec import CheckCell, Checked

LESSON = "lessons/some/lesson.py"


def run_draft(source: str, folder) -> Program:
    source = textwrap.dedent(source)
    path = folder / "draft.py"
    path.write_text(source)
    namespace = {"__name__": "__main__", "__file__": str(path)}
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(source, str(path), "exec", dont_inherit=True), namespace)
    return Program(namespace, source, str(path), printed=out.getvalue, series={"loss": [2.0, 1.0]})


@pytest.fixture
def draft(tmp_path) -> Callable[[str], Program]:
    return lambda source: run_draft(source, tmp_path)


@pytest.fixture
def verdicts(tmp_path) -> Callable[[str, str], list[Checked]]:
    def judged(source: str, check: str, line: int = 40) -> list[Checked]:
        return list(judge(CheckCell(textwrap.dedent(check).strip(), LESSON, line), run_draft(source, tmp_path), 7))

    return judged
