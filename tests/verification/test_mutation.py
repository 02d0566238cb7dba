"""Mutants of a solution are run by the real worker, and judged by the checks of the lesson."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tutor.client.client import WorkerClient
from tutor.curriculum.parser import parse
from tutor.quiz.kinds import KINDS
from tutor.verification.mutation import MutationScore, score

LESSON = '''"""# A scale

Scaling.

## Task
Let `y` be `x`, scaled.

## Hints
- `*` multiplies.

## Takeaway
`*` multiplies.
"""
# %% snippet
import torch

x = torch.tensor([2.0, 2.0])

# %% solution
import torch

x = torch.tensor([2.0, 2.0])
{solution}

# %% check
from tutor.check import again, expect


{check}

# %% mistake: it is not scaled -> y_is_scaled
import torch

x = torch.tensor([2.0, 2.0])
y = x
'''
WEAK = '''def y_is_scaled(run):
    """`y` is scaled"""
    expect(run.y).close_to(run.x * 2)'''
STRONG = '''def y_is_scaled(run):
    """`y` is scaled"""
    expect(run.y).close_to(run.x * 2)


def any_x_will_do(run):
    """any `x` will do"""
    other = again(run, x=run.x * 3)
    expect(other.y).close_to(other.x * 2)'''

Score = Callable[..., Awaitable[MutationScore]]


@pytest.fixture
def judged(runner: WorkerClient, tmp_path: Path) -> Score:
    """The score of a lesson with this solution and these checks."""

    async def judge(solution: str, check: str, more: str = "") -> MutationScore:
        path = tmp_path / "scale.py"
        path.write_text(LESSON.format(solution=solution, check=check) + more)
        return await score(parse(path, "math/scale", KINDS), runner)

    return judge


async def test_a_mutant_that_changes_something_and_passes_is_named(judged: Score) -> None:
    result = await judged("y = x * 2", WEAK)
    (survivor,) = result.survivors
    assert survivor.sentence == "Every check passes `y = x + 2` in the place of `y = x * 2`."
    assert (survivor.path.name, survivor.line, result.broken) == ("scale.py", 23, ())
    assert result.equivalent == 1, "written twice"
    assert result.lesson == "math/scale" and result.mutants > 5


async def test_a_mutant_that_is_declared_harmless(judged: Score) -> None:
    cell = "\n# %% harmless: for these numbers it is the same\n# in place of: y = x * 2\ny = x {} 2  # as it is\n"
    result = await judged("y = x * 2", WEAK, cell.format("+"))
    assert (result.survivors, result.undeclared, result.harmless) == ((), (), 1)
    result = await judged("y = x * 2", WEAK, cell.format("-"))
    assert len(result.survivors) == 1 and result.harmless == 0
    (flaw,) = result.undeclared
    assert flaw.sentence == "Take this cell out: it is no mutant that changes something and passes every check."
    assert flaw.path.read_text().splitlines()[flaw.line - 1] == "# %% harmless: for these numbers it is the same"


async def test_a_check_with_other_numbers_refuses_it(judged: Score) -> None:
    result = await judged("y = x * 2", STRONG)
    assert result.survivors == () and result.mutants > 5


async def test_what_changes_nothing_is_equivalent_and_two_of_it_are_tried_at_once(judged: Score) -> None:
    """A statement whose result nobody keeps can come twice, or not at all."""
    result = await judged("y = x * 2\nx.abs()", STRONG)
    assert result.survivors == () and result.equivalent > 3


async def test_a_check_that_breaks_on_a_mutant_is_named(judged: Score) -> None:
    result = await judged("y = x * 2", STRONG.replace("    expect", "    {4: 1}[int(run.y[0])]\n    expect", 1))
    assert {flaw.line for flaw in result.broken} == {23}
    assert all(flaw.sentence.startswith("`y_is_scaled` breaks on `y = ") for flaw in result.broken)


async def test_what_does_not_end_is_refused(judged: Score) -> None:
    result = await judged("y = x * 2\nwhile y.sum() > 100:\n    y = y - 1", STRONG)
    assert result.survivors == ()
