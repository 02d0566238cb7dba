"""Mistakes and right answers written as edits of the solution."""

from __future__ import annotations

import pytest

from tests.curriculum.test_parser import TEXT, fault, read
from tutor.curriculum.lesson import Code

SOLUTION = """\
import torch

total = 0
for x in torch.ones(3):
    total += x
    total *= 1
print(total)
"""
MISTAKE = "# %% mistake: it is wrong -> c_is_the_sum\n"
START = TEXT[: TEXT.index("import torch\n\na = torch.ones(2)\nc = a + a")]
END = TEXT[TEXT.index("# %% check") : TEXT.index("# %% mistake")]


def lesson(cell: str) -> str:
    """A lesson with this solution, and this last cell."""
    return f"{START}{SOLUTION}\n{END}{cell}"


def edited(cell: str) -> str:
    (mistake,) = read(lesson(MISTAKE + cell)).supplement.mistakes
    assert not mistake.code.is_whole
    return mistake.code.text


@pytest.mark.parametrize(
    ("cell", "old", "new"),
    [
        ("# in place of: total = 0\ntotal = 1\n", "total = 0\n", "total = 1\n"),
        ("# in place of: total += x\ntotal -= x\ntotal -= x\n", "    total += x\n", "    total -= x\n    total -= x\n"),
        ("# without: print(total)\n", "print(total)\n", ""),
        ("# after: total += x\nbreak\n", "    total += x\n", "    total += x\n    break\n"),
        ("\n# before: total += x\n\ntotal = x\n\n", "    total += x\n", "    total = x\n    total += x\n"),
        (
            "# in place of: total += x\n# in place of: total *= 1\npass\n",
            "    total += x\n    total *= 1\n",
            "    pass\n",
        ),
        (
            "# after: total = 0\nif total:\n    total = 2\n",
            "total = 0\n",
            "total = 0\nif total:\n    total = 2\n",
        ),
    ],
)
def test_an_edit(cell: str, old: str, new: str) -> None:
    assert SOLUTION.count(old) == 1
    assert edited(cell) == SOLUTION.replace(old, new)


def test_several_edits_of_one_program() -> None:
    cell = "# without: print(total)\n# in place of: total = 0\ntotal = 1\n# after: total *= 1\nprint(x)\n"
    changed = SOLUTION.replace("print(total)\n", "").replace("total = 0", "total = 1")
    assert edited(cell) == changed.replace("total *= 1\n", "total *= 1\n    print(x)\n")


def test_a_statement_of_several_lines_is_named_by_its_first() -> None:
    text = lesson(MISTAKE + "# in place of: total = [\n# in place of: print(total)\nprint(1)\n")
    text = text.replace(SOLUTION, "total = [\n    1,\n    2,\n]\nprint(total)\nprint(2)\n")
    assert read(text).supplement.mistakes[0].code.text == "print(1)\nprint(2)\n"


def test_a_whole_program_stays_one() -> None:
    (mistake,) = read().supplement.mistakes
    assert mistake.code.is_whole and mistake.code.text.startswith("import torch\n")


def test_a_right_answer() -> None:
    whole, edits = read(
        lesson(f"# %% right: all at once\n{SOLUTION}\n# %% right: from one\n# in place of: total = 0\ntotal = 1 - 1\n")
    ).supplement.right_answers
    assert (whole.name, whole.code) == ("all at once", Code(SOLUTION, whole.code.line))
    assert (edits.name, edits.code.text) == ("from one", SOLUTION.replace("total = 0", "total = 1 - 1"))


@pytest.mark.parametrize(
    ("cell", "line", "sentence"),
    [
        ("# without: totl = 0\n", 0, "`totl = 0` is not a line of the solution; did you mean `total = 0`?"),
        (
            "# without: quite(another)\n",
            0,
            "`quite(another)` is not a line of the solution; copy the line from it.",
        ),
        (
            "# in place of: total = 0\n# in place of: print(total)\npass\n",
            0,
            "Name lines that follow each other in the solution, or make it two edits.",
        ),
        ("# in place of: total = 0\n", 0, "Write the code below this line, or `# without: total = 0`."),
        ("# after: total = 0\n\n", 0, "Write the code below this line, or `# without: total = 0`."),
        (
            "# without: total = 0\ntotal = 1\n",
            0,
            "Write `# in place of:` where other lines take the place of this one.",
        ),
        (
            "# without: total = 0\n# in place of: total = 0\ntotal = 1\n",
            1,
            "Merge this edit with the other one of the same line.",
        ),
        (
            "# without: total += x\n# without: total *= 1\n",
            -1,
            "Correct the edits of this mistake: at `print(total)`, expected an indented block after 'for' statement on "
            "line 4.",
        ),
    ],
)
def test_what_is_wrong_with_it_is_told(cell: str, line: int, sentence: str) -> None:
    text = lesson(MISTAKE + cell)
    first = text[: text.index(MISTAKE)].count("\n") + 2
    assert fault(text) == (first + line, sentence)


def test_a_line_that_stands_there_twice() -> None:
    text = lesson(MISTAKE + "# without: total = 0\n").replace("print(total)\n", "total = 0\n", 1)
    assert fault(text)[1] == "`total = 0` stands there 2 times: name the next line as well."


@pytest.mark.parametrize("heading", ["# %% right", "# %% right:", "# %% right by hand"])
def test_a_right_answer_has_a_name(heading: str) -> None:
    assert fault(lesson(f"{heading}\n{SOLUTION}"))[1] == "Write this line as `# %% right: WHAT IS OTHER ABOUT IT`."


def test_every_mistake_of_the_pack_is_a_program() -> None:
    from tutor import paths
    from tutor.curriculum.catalog import Catalog
    from tutor.quiz.kinds import KINDS

    catalog = Catalog(paths.lessons(), KINDS)
    for entry in catalog.entries:
        for mistake in catalog.lesson(entry.id).supplement.mistakes:
            compile(mistake.code.text, entry.id, "exec")
