"""Questions that hold, and every kind of fault planted in one that would."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.minimal import LESSON
from tests.quiz.conftest import lesson
from tutor.client.client import WorkerClient
from tutor.curriculum.lesson import Question
from tutor.quiz.verification import prove

FAULTLESS = {
    "prints": '''q
"""What does this print?

- 4
- 5: no

So.
"""
import random

x = random.Random(7).choice([2, 2])
print(x * 2)
''',
    "predict": '''q: predict tuple(y.shape)
"""Which?

- `tuple(x.shape)`: no

So.
"""
import torch

rows = 3  # fresh: 2..6
x = torch.ones(rows, 4)
y = x.sum(dim=1)
''',
    "line": '''q: find the line
"""Which?

So.
"""
x = 3
x * 2  # at fault: x = x * 2
print(x)
''',
    "fill": '''q: fill the blank
"""Fill it.

- [x] `2 * n`
- [x] `n + n`
- `n * n`: no

So.
"""
n = 3  # fresh: 3..5
print(___)
''',
    "write": '''q: write y
"""Write it.

- `x + 2`: no

So.
"""
x = 3  # fresh: 3..9
y = x * 2
''',
    "order": '''q: order
"""Order them.

So.
"""
x = 1
x = x + 1  # step
x = x * 3  # step
x = x - 4  # step
print(x)
''',
    "curve": '''q: match the curve
"""Which?

- [x] `StepLR(optimizer, 3)`
- `ExponentialLR(optimizer, 0.5)`: no
- `ExponentialLR(optimizer, 0.9)`: no

So.
"""
import torch
from torch.optim.lr_scheduler import ExponentialLR, StepLR

optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
scheduler = ___
for _ in range(9):
    optimizer.step()
    scheduler.step()
''',
}

Faults = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def faults(runner: WorkerClient) -> Faults:
    """``await faults(NAME, OLD, NEW)``: what is found once OLD is NEW there, as ``line of the lesson | sentence``."""

    async def find(name: str, old: str, new: str) -> list[str]:
        assert FAULTLESS[name].count(old) >= 1
        cell = f"# %% question {FAULTLESS[name].replace(old, new, 1)}"
        proof = await prove(lesson(cell).supplement.questions, runner)
        lines = (LESSON + cell).splitlines()
        return [f"{lines[line - 1]} | {sentence}" for line, sentence in proof.flaws]

    return find


async def test_the_examples_of_the_page_hold(examples: dict[str, Question], runner: WorkerClient) -> None:
    proof = await prove(list(examples.values()), runner)
    assert proof.flaws == []
    assert proof.runs > 20 and proof.seconds > 0


@pytest.mark.parametrize("name", FAULTLESS)
async def test_what_is_planted_below_is_the_only_fault(faults: Faults, name: str) -> None:
    assert await faults(name, "So.", "So it is.") == []


HEAD = "# %% question q: "


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        ("prints", "- 4", "- 6", "q | No option is what this prints, which is '4'."),
        ("prints", "random.Random(7).choice([2, 2])", "random.randrange(10**9)", "q | No option is what this prints"),
        ("prints", "random.Random(7)", "random.Rondam(7)",
         "x = random.Rondam(7).choice([2, 2]) | The code of this question stops with AttributeError"),
        ("prints", "import random\n", "import random, warnings\nwarnings.warn('old')\n",
         "q | No option is what this prints, which is "),
        ("prints", "import random\n", "import os\nos._exit(3)\n",
         "import os | The code of this question ends with status 3."),
        ("predict", "y = x.sum(dim=1)", "y = x.sum(dim=2)",
         "y = x.sum(dim=2) | The code of this question stops with IndexError: Dimension out of range"),
        ("predict", "predict tuple(y.shape)", "predict tuple(y.shpe)",
         "tuple(y.shpe) | `tuple(y.shpe)`, which is asked for, stops with AttributeError"),
        ("predict", "- `tuple(x.shape)`", "- `tuple(z.shape)`", "`tuple(z.shape)` stops with NameError"),
        ("predict", "- `tuple(x.shape)`", "- `(rows,)`", "`(rows,)` always has the value that is right"),
        ("line", "# at fault: x = x * 2", "# at fault: x * 3", "This prints the same with the line as it should be"),
        ("line", "# at fault: x = x * 2", "# at fault: x = y * 2",
         "x * 2  # at fault: x = y * 2 | With the line as it should be, the code stops with NameError"),
        ("fill", "`n + n`", "`n + 3`", "`n + 3` and `2 * n` are both right, and print different things."),
        ("fill", "`n + n`", "`n + m`", "print(___) | With `n + m`, which is right, the code stops with NameError"),
        ("fill", "`n * n`", "`n * 2.0 // 1 | 0`", ""),
        ("fill", "- `n * n`: no", "- `n * n`: no\n- `n ** 2`: nor this",
         "`n ** 2` prints what `n * n` prints: which is meant can't be told."),
        ("fill", "`n * n`", "`n * 2 + 0`", "`n * 2 + 0` is wrong, and prints what a right fill prints."),
        ("fill", "print(___)", "x = ___", "With a right fill nothing is printed, so that no answer can be judged."),
        ("write", "y = x * 2", "y = x.twice", "`x.twice`, which is right, stops with AttributeError"),
        ("write", "- `x + 2`", "- `x + x`", "`x + x` is wrong, and always has the value that is right."),
        ("write", "- `x + 2`", "- `z + 2`", "`z + 2` stops with NameError"),
        ("write", "y = x * 2", "y = object()", "`object()` does not give the same twice"),
        ("write", "x = 3  # fresh: 3..9", "x = 3 / 0", "x = 3 / 0 | The code of this question stops with ZeroDivision"),
        ("order", "x = x * 3", "x = x + 3", "Other orders of the steps print the same, so that none is wrong."),
        ("order", "print(x)", "print(z)", "print(z) | The code of this question stops with NameError"),
        ("curve", "`ExponentialLR(optimizer, 0.9)`", "`ExponentialLR(optimizer, gamma=0.5)`",
         "`ExponentialLR(optimizer, gamma=0.5)` draws the same curve as `ExponentialLR(optimizer, 0.5)`."),
        ("curve", "`ExponentialLR(optimizer, 0.9)`", "`ExponentialLR(optimizer)`",
         "`ExponentialLR(optimizer)` does not run in place of the blank. It stops with TypeError"),
        ("order", "x = 1\n", "import os\nos._exit(3)\n", "The programs of this question were ended: "),
    ],
)  # fmt: skip
async def test_a_fault_is_found(faults: Faults, name: str, old: str, new: str, found: str) -> None:
    seen = await faults(name, old, new)
    if not found:  # it stops with a TypeError, and that is something else than what is right
        assert seen == []
    else:
        assert seen and (found in seen[0]), seen


async def test_no_question_is_blamed_for_what_another_leaves(runner: WorkerClient) -> None:
    """The second reads a module that the first spoils."""
    cells = '''# %% question spoils: order
"""Order them.

So.
"""
import math
math.pi = 1  # step
math.pi = math.pi + 1  # step
math.pi = math.pi * 5  # step
print(math.pi)

# %% question reads: fill the blank
"""Fill it.

- [x] `3.14159`
- `10`: no

So.
"""
import math
print(abs(math.pi - ___) < 0.01)
'''
    proof = await prove(lesson(cells).supplement.questions, runner)
    assert proof.flaws == []
