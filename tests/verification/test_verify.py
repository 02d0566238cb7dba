"""Every kind of fault is planted in a lesson that is otherwise sound, and found."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.program import TUTOR
from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.client.runner import WorkerFault
from tutor.curriculum.parser import parse
from tutor.quiz.kinds import KINDS
from tutor.verification.verify import prove, verify

ROOT = Path(__file__).resolve().parents[2]

SOUND = '''"""# A sum

Adding up.

## Task
Let `total` be the sum.

## Hints
- `sum` is a method.

## Takeaway
`sum` adds up.
"""
# %% snippet -> total_is_the_sum
import torch

x = torch.tensor([1.0, 2.0])

# %% solution
import torch

x = torch.tensor([1.0, 2.0])
total = x.sum()

# %% check
from tutor.check import expect


def total_is_the_sum(run):
    """`total` is the sum"""
    expect(run.total).close_to(run.x.sum())


def total_is_positive(run):
    """`total` is positive"""
    assert run.total > 0, "`total` is not positive."


# %% right: a product with ones
import torch

x = torch.tensor([1.0, 2.0])
total = x @ torch.ones(2)

# %% right: one by one
import torch

x = torch.tensor([1.0, 2.0])
total = x[0] + x[1]

# %% right: the mean of two, twice
import torch

x = torch.tensor([1.0, 2.0])
total = 2 * x.mean()

# %% mistake: that is the largest -> total_is_the_sum
import torch

x = torch.tensor([1.0, 2.0])
total = x.max()

# %% mistake: other numbers -> total_is_positive
import torch

x = torch.tensor([1.0, -2.0])
total = 0 + x.sum()

# %% mistake: that is the mean -> total_is_the_sum
import torch

x = torch.tensor([1.0, 2.0])
total = x.mean()

# %% mistake: the sign is wrong -> total_is_the_sum
import torch

x = torch.tensor([1.0, 2.0])
total = -x.sum()

# %% question printed
"""What does this print?

- 3.0
- 2.0: that is one of them

1 + 2 = 3.
"""
import torch

print(torch.tensor([1.0, 2.0]).sum().item())

# %% question asked
"""What is 1 + 1?

- [x] 2
- 3: one too many

Count.
"""
'''

UNNAMED = ("# %% snippet -> total_is_the_sum", "# %% snippet")
PASSING = ("x = torch.tensor([1.0, 2.0])\n", "x = torch.tensor([1.0, 2.0])\ntotal = x.sum() * 1\n")

Faults = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def faults(runner: WorkerClient, tmp_path: Path) -> Faults:
    """What is found, as ``line of the marker: sentence``, in the sound lesson with texts replaced."""

    async def find(*changes: tuple[str, str]) -> list[str]:
        text = SOUND
        for old, new in changes:
            assert text.count(old) >= 1
            text = text.replace(old, new, 1)
        path = tmp_path / "sum.py"
        path.write_text(text)
        proof = await prove(parse(path, "math/sum", KINDS), runner)
        lines = text.splitlines()
        for flaw in proof.flaws:
            assert flaw.path == path
        return [f"{lines[flaw.line - 1]} | {flaw.sentence}" for flaw in proof.flaws]

    return find


async def test_a_sound_lesson(runner: WorkerClient, tmp_path: Path) -> None:
    path = tmp_path / "sum.py"
    path.write_text(SOUND)
    proof = await prove(parse(path, "math/sum", KINDS), runner)
    assert (proof.lesson, proof.flaws, proof.runs) == ("math/sum", (), 11)
    assert 0 < proof.computing < proof.seconds


async def test_the_example_of_the_page_on_writing_lessons(runner: WorkerClient, tmp_path: Path) -> None:
    page = (ROOT / "lessons" / "README.md").read_text(encoding="utf-8")
    path = tmp_path / "column.py"
    path.write_text(page.split("~~~")[1].removeprefix("python\n"))
    assert (await prove(parse(path, "sums/column", KINDS), runner)).flaws == ()


async def test_a_solution_that_fails(faults: Faults) -> None:
    (found,) = await faults(("total = x.sum()", "total = x.sum() + 1"))
    assert found.startswith("import torch | The solution fails `total_is_the_sum`: ")


async def test_a_solution_that_raises(faults: Faults) -> None:
    (found,) = await faults(("total = x.sum()", "total = x.sum() @ x"))
    assert found.startswith("total = x.sum() @ x | The solution stops with RuntimeError: ")


async def test_a_solution_that_exits(faults: Faults) -> None:
    (found,) = await faults(("total = x.sum()", "total = x.sum()\nraise SystemExit(3)"))
    assert found == "import torch | The solution ends with status 3."


async def test_a_solution_that_takes_too_long(faults: Faults) -> None:
    (found,) = await faults(("# %% snippet", "# %% snippet seconds=1"), ("total = x.sum()", "while True: pass"))
    assert found.startswith("import torch | The solution was ended: ")


async def test_a_snippet_that_passes(faults: Faults) -> None:
    (found,) = await faults(UNNAMED, PASSING)
    assert found.startswith("import torch | The snippet passes every check: ")
    (found,) = await faults(PASSING)
    assert found == "# %% snippet -> total_is_the_sum | `total_is_the_sum` passes on the snippet."


async def test_a_tour_may_pass(faults: Faults) -> None:
    assert not await faults(("# %% snippet -> total_is_the_sum", "# %% snippet tour"), PASSING)


async def test_a_snippet_that_another_check_refuses(faults: Faults) -> None:
    (found,) = await faults(UNNAMED)
    assert found == (
        "# %% snippet | This snippet fails `total_is_the_sum` first; write `# %% snippet -> total_is_the_sum`."
    )
    (found,) = await faults(("snippet -> total_is_the_sum", "snippet -> total_is_positive"))
    assert found.startswith("# %% snippet -> total_is_positive | This snippet fails `total_is_the_sum` first;")


async def test_a_picture_that_the_solution_does_not_show(faults: Faults) -> None:
    snippet = "# %% snippet -> total_is_the_sum"
    assert await faults((snippet, "# %% snippet picture=tensor:total -> total_is_the_sum")) == []
    (found,) = await faults((snippet, "# %% snippet picture=tensor:loss -> total_is_the_sum"))
    assert found.endswith(" | The solution shows no `picture=tensor:loss`; there are total, x.")
    (found,) = await faults((snippet, "# %% snippet picture=curve -> total_is_the_sum"))
    assert found.endswith(" | The solution shows no `picture=curve`; there is none of its kind.")


async def test_what_the_untouched_snippet_is_told(runner: WorkerClient, tmp_path: Path) -> None:
    path = tmp_path / "sum.py"
    path.write_text(SOUND)
    proof = await prove(parse(path, "math/sum", KINDS), runner)
    assert proof.opening == "There is no `total`. Give the name `total` a value at the top level."


async def test_a_check_that_no_mistake_tries(faults: Faults) -> None:
    mistake = SOUND[SOUND.index("# %% mistake: other numbers") : SOUND.index("# %% mistake: that is the mean")]
    untried, few = await faults((mistake, ""))
    assert untried == "def total_is_positive(run): | No mistake shows that `total_is_positive` catches one: write it."
    assert few == "from tutor.check import expect | Write at least 4 mistakes (3 so far)."


async def test_too_few_right_answers(faults: Faults) -> None:
    answers = SOUND[SOUND.index("# %% right: a product") : SOUND.index("# %% right: the mean")]
    (found,) = await faults((answers, ""))
    assert found == "from tutor.check import expect | Write at least 3 right answers of different kinds (1 so far)."


async def test_a_snippet_that_raises(faults: Faults) -> None:
    (found,) = await faults(("x = torch.tensor([1.0, 2.0])\n", "x = torch.tensor([1.0, 2.0])\ntotal\n"))
    assert found == "total | The snippet stops with NameError: name 'total' is not defined"


async def test_a_mistake_that_nothing_catches(faults: Faults) -> None:
    (found,) = await faults(("total = x.mean()", "total = x.mean() * 2"))
    assert found == "import torch | No check fails on this mistake; `total_is_the_sum` should."


async def test_a_mistake_that_another_check_catches(faults: Faults) -> None:
    (found,) = await faults(("the sign is wrong -> total_is_the_sum", "the sign is wrong -> total_is_positive"))
    assert found == ("import torch | `total_is_the_sum` is the first to fail on this mistake, not `total_is_positive`.")


async def test_a_mistake_that_raises(faults: Faults) -> None:
    (found,) = await faults(("total = x.mean()", "total = x.meen()"))
    assert found.startswith("total = x.meen() | This mistake stops with AttributeError: ")


async def test_a_picture_that_would_break_beside_the_code(faults: Faults) -> None:
    (found,) = await faults(("\n## Task", f"\n    {'─' * 49}\n\n## Task"))
    assert found == f"    {'─' * 49} | This is more than 48 columns wide: beside the code it breaks."
    assert await faults(("\n## Task", f"\n    {'─' * 48}\n\n## Task")) == []
    assert await faults(("\n## Task", f"\n- An item\n    {'that goes on and on ' * 5}\n\n## Task")) == []
    (found,) = await faults(("\n## Task", f"\n    {'数' * 25}\n\n## Task"))
    assert found.startswith("    数数")


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\x7f", "\x9b", "\u202e", "\ufeff"])
async def test_a_character_that_nobody_sees(faults: Faults, character: str) -> None:
    lines = ["Adding up.", "x = torch.tensor([1.0, 2.0])", "Count."]
    marked = [f"{line}{'  # ' if '=' in line else ' '}{character}" for line in lines]
    flaws = await faults(*zip(lines, marked, strict=True))
    sentence = f"Take the character U+{ord(character):04X} out: nobody can see it."
    assert [flaw.partition(" | ")[0] for flaw in flaws] == marked
    assert all(sentence in flaw for flaw in flaws)


async def test_a_character_that_nobody_sees_behind_an_escape(faults: Faults) -> None:
    (found,) = await faults(("Adding up.", "Adding\\x1b up."))
    assert "Take the escape of U+001B out of the text" in found


async def test_code_may_spell_such_a_character(faults: Faults) -> None:
    assert await faults(("total = x.sum()", "total = x.sum()\nred = '\\x1b[31m'")) == []


async def test_a_question_without_its_answer(faults: Faults) -> None:
    (found,) = await faults(("- 3.0\n", "- 3.5\n"))
    assert found == "# %% question printed | No option is what this prints, which is '3.0'."


async def test_a_question_that_raises(faults: Faults) -> None:
    (found,) = await faults((".sum().item())", ".sum().itm())"))
    assert ".sum().itm()) | The code of this question stops with AttributeError: " in found


ASKED = SOUND[SOUND.index("# %% question asked") :]
PREDICTED = '''# %% question asked: predict tuple(y.shape)
"""Which shape has `y`?

- `tuple(x.shape)`: that is the shape of `x`

The sum of all has none.
"""
import torch

n = 3  # fresh: 2..5
x = torch.ones(n, 2)
y = x.sum()
'''


async def test_a_question_of_another_kind(faults: Faults) -> None:
    assert await faults((ASKED, PREDICTED)) == []


async def test_a_question_of_another_kind_that_does_not_hold(faults: Faults) -> None:
    (found,) = await faults((ASKED, PREDICTED.replace("x.sum()", "x")))
    assert found == (
        "# %% question asked: predict tuple(y.shape) | "
        "`tuple(x.shape)` always has the value that is right: it is never shown."
    )
    (found,) = await faults((ASKED, PREDICTED.replace("x.sum()", "x.sum(n)")))
    assert found.startswith("y = x.sum(n) | The code of this question stops with IndexError: ")


async def test_a_check_that_breaks_is_told_once(faults: Faults) -> None:
    (found,) = await faults(("close_to(run.x.sum())", "close_to(run.x.sum() + undefined)"))
    assert found.startswith(
        "    expect(run.total).close_to(run.x.sum() + undefined) | `total_is_the_sum` breaks on the"
    )
    assert "NameError" in found and str(ROOT) not in found


async def test_check_code_that_breaks(faults: Faults) -> None:
    (found,) = await faults(("from tutor.check import expect", "from tutor.check import expct"))
    assert found.startswith("from tutor.check import expct | `check` breaks on the solution: ImportError")


async def test_a_worker_that_can_run_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sum.py"
    path.write_text(SOUND)
    with pytest.raises(WorkerFault, match="There is no xpu here"):
        await verify([parse(path, "math/sum", KINDS)], Launch(device="xpu"), lambda _: None, prove)


# --- the command ----------------------------------------------------------------------------------------------

CURRICULUM = """
title = "A pack"

[[chapter]]
id = "math"
title = "Math"
about = "Numbers"
lessons = ["sum", "broken", "unseen"]
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A sound lesson, one whose solution fails, and one that is no Python."""
    folder = tmp_path / "pack"
    (folder / "math").mkdir(parents=True)
    (folder / "curriculum.toml").write_text(CURRICULUM)
    (folder / "math" / "sum.py").write_text(SOUND)
    (folder / "math" / "broken.py").write_text(SOUND.replace("total = x.sum()", "total = x.sum( "))
    (folder / "math" / "unseen.py").write_text(SOUND.replace("total = x.sum()", "total = 5"))
    return folder


def tutor(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [*TUTOR, "verify", "--trust", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=env, timeout=PATIENCE)


def test_a_pack_with_faults(pack: Path, tmp_path: Path) -> None:
    ended = tutor("pack", folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (1, "")
    text = " ".join(ended.stdout.split())  # as it was before it was broken into lines of 100 columns
    line = SOUND[: SOUND.index("total = x.sum()")].count("\n") + 1
    assert f"✗ pack/math/broken.py:{line}: " in text
    assert "✓ math/sum 11 runs in " in text
    assert "the untouched snippet is told: There is no `total`." in text
    assert "✗ pack/math/unseen.py:" in text and "The solution fails `total_is_the_sum`" in text
    assert "✗ 2 faults in 2 lessons, 22 runs, " in text


def test_the_same_as_one_object(pack: Path, tmp_path: Path) -> None:
    ended = tutor("pack", "sum", "broken", "--json", folder=tmp_path)
    told = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert [Path(fault["file"]).name for fault in told["faults"]] == ["broken.py"]
    assert [(lesson["id"], lesson["runs"], lesson["faults"]) for lesson in told["lessons"]] == [("math/sum", 11, [])]


def test_one_sound_lesson_of_it(pack: Path, tmp_path: Path) -> None:
    ended = tutor("pack", "math/sum", folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[-1].startswith("✓ nothing is wrong: 1 lesson, 11 runs, ")


def test_mutants_of_a_pack(pack: Path, tmp_path: Path) -> None:
    weak = SOUND.replace("close_to(run.x.sum())", "has_shape()")
    (pack / "math" / "unseen.py").write_text(weak)
    (pack / "math" / "broken.py").write_text(SOUND.replace("total = x.sum()", "total = 5"))
    ended = tutor("--mutate", "pack", folder=tmp_path)
    text = " ".join(ended.stdout.split())
    assert (ended.returncode, ended.stderr) == (1, "")
    assert re.search(r"✓ math/sum (\d+) of \1 mutants refused, 1 change nothing, in ", text)
    line = weak[: weak.index("total = x.sum()")].count("\n") + 1
    passing = "Every check passes `total = x.mean()` in the place of `total = x.sum()`."
    assert f"pack/math/unseen.py:{line}: {passing}" in text
    assert "The solution fails: `tutor verify` says why." in text
    ended = tutor("--mutate", "--json", "pack", "math/sum", folder=tmp_path)
    (lesson,) = json.loads(ended.stdout)["lessons"]
    assert ended.returncode == 0 and lesson["mutants"] > 3
    assert (lesson["passing"], lesson["equivalent"], lesson["faults"]) == (0, 1, [])
