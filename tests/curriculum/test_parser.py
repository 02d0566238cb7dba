"""What a lesson module becomes, and the sentence for every way in which it can be wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tutor import paths
from tutor.curriculum.lesson import Code, Lesson, LessonError, Limits, Picture
from tutor.curriculum.parser import parse, parse_text
from tutor.quiz.kinds import KINDS
from tutor.quiz.kinds.prints import printed_option

PATH = Path("pack/sums/add.py")

TEXT = '''\
"""# Adding

Adding two tensors adds them *element by element*.

```python
## no heading, but a comment in code
```

## Task
Let `c` hold the sum.

## Hints
- There is an operator
  for it.
- It is `+`.

## Takeaway
Shapes have to fit.
"""
# %% snippet
import torch

a = torch.ones(2)

# %% solution
import torch

a = torch.ones(2)
c = a + a

# %% check
from tutor.check import expect


def c_is_the_sum(run):
    """`c` holds
    the sum
    """
    expect(run.c).close_to(_twice(run.a))


def _twice(tensor):
    two = 2
    return two * tensor


def _seen(run):
    return run.a


# %% mistake: it multiplies -> c_is_the_sum
import torch

a = torch.ones(2)
c = a * a

# %% question first
"""What does this print?

- 2
- 1: that is one of them

One and one.
"""
print(1 + 1)

# %% question asked
"""Which of these is right?

- Nobody knows: you do
- [x] This one

It is marked.
"""
'''


def read(text: str = TEXT) -> Lesson:
    """The lesson, all of it read."""
    lesson = parse_text(text, PATH, "sums/add", KINDS)
    assert lesson.supplement
    return lesson


def fault(text: str) -> tuple[int, str]:
    with pytest.raises(LessonError) as caught:
        read(text)
    error = caught.value
    assert error.path == PATH
    assert str(error) == f"{PATH}:{error.line}: {error.sentence}"
    return error.line, error.sentence


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new)


def line_of(text: str, part: str) -> int:
    assert text.count(part) == 1, part
    return text[: text.index(part)].count("\n") + 1


def cell(kind: str) -> str:
    """A whole cell of the text, up to the next one."""
    start = TEXT.index(f"# %% {kind}")
    end = TEXT.find("# %%", start + 1)
    return TEXT[start : end if end > 0 else None]


# --- what it becomes ----------------------------------------------------------------------------------------


def test_the_docstring_is_cut_at_its_sections():
    lesson = read()
    assert (lesson.id, lesson.path, lesson.title) == ("sums/add", PATH, "Adding")
    assert lesson.text.startswith("Adding two tensors adds them *element by element*.\n\n```python\n## no heading")
    assert lesson.text.endswith("\n```")
    assert lesson.task == "Let `c` hold the sum."
    assert lesson.hints == ("There is an operator\nfor it.", "It is `+`.")
    assert lesson.takeaway == "Shapes have to fit."


def test_cells_are_whole_programs_with_the_line_they_begin_on():
    lesson = read()
    assert lesson.snippet == Code("import torch\n\na = torch.ones(2)\n", line_of(TEXT, "# %% snippet") + 1)
    assert lesson.solution == Code("import torch\n\na = torch.ones(2)\nc = a + a\n", line_of(TEXT, "# %% solution") + 1)
    assert lesson.check.text.startswith("from tutor.check import expect\n\n\ndef c_is_the_sum(run):\n")
    assert lesson.check.line == line_of(TEXT, "from tutor.check")


def test_checks_are_the_functions_of_run_and_their_docstrings():
    [check] = read().checks
    assert (check.name, check.requirement) == ("c_is_the_sum", "`c` holds the sum")
    assert check.line == line_of(TEXT, "def c_is_the_sum")


def test_a_mistake_has_a_reason_and_the_check_that_catches_it():
    [mistake] = read(changed("it multiplies", "it multiplies: 1 -> 1")).supplement.mistakes
    assert (mistake.reason, mistake.check) == ("it multiplies: 1 -> 1", "c_is_the_sum")
    assert mistake.code == Code("import torch\n\na = torch.ones(2)\nc = a * a\n", line_of(TEXT, "# %% mistake") + 1)


def test_questions_have_options_and_a_why():
    with_code, without = read().supplement.questions
    assert with_code.prompt == "What does this print?"
    assert [(option.text, option.feedback) for option in with_code.options] == [
        ("2", ""),
        ("1", "that is one of them"),
    ]
    assert (with_code.name, with_code.kind, with_code.right) == ("first", "prints", ())
    assert with_code.why == "One and one."
    assert with_code.code == Code("print(1 + 1)\n", line_of(TEXT, "print(1 + 1)"))
    assert without.code is None
    assert (without.name, without.kind, without.right) == ("asked", "choose", (1,))
    assert without.options[0].feedback == "you do"
    assert without.line == TEXT[: TEXT.rindex("# %% question")].count("\n") + 1


def test_a_snippet_without_options_is_no_tour_and_has_the_usual_limits():
    lesson = read()
    assert not lesson.tour
    assert lesson.limits == Limits()


@pytest.mark.parametrize(
    ("options", "tour", "limits"),
    [
        ("tour", True, Limits()),
        ("seconds=120 memory=8GB", False, Limits(seconds=120.0, memory=8_000_000_000)),
        ("tour seconds=0.5 memory=512MiB", True, Limits(seconds=0.5, memory=512 * 2**20)),
    ],
)
def test_options_stand_on_the_line_of_the_snippet(options: str, tour: bool, limits: Limits):
    lesson = read(changed("# %% snippet", f"# %% snippet {options}"))
    assert (lesson.tour, lesson.limits) == (tour, limits)


def test_the_picture_that_a_lesson_is_about():
    assert read(changed("# %% snippet", "# %% snippet picture=curve:loss")).picture == Picture("curve", "loss")
    assert read(changed("# %% snippet", "# %% snippet picture=graph")).picture == Picture("graph")
    assert read().picture is None


def test_the_snippet_of_a_tour_is_its_solution_unless_there_is_one():
    text = changed(cell("solution"), "").replace("# %% snippet", "# %% snippet tour")
    lesson = read(text)
    assert lesson.solution == lesson.snippet
    assert read(changed("# %% snippet", "# %% snippet tour")).solution.text.endswith("c = a + a\n")


def test_a_mark_inside_a_string_splits_nothing():
    string = 'text = """\n# %% question asked\n"""\n'
    lesson = read(changed("c = a + a\n", f"c = a + a\n{string}"))
    assert lesson.solution.text.endswith(string)
    assert len(lesson.supplement.questions) == 2


def test_a_mark_that_is_indented_splits_nothing():
    lesson = read(changed("    return two * tensor\n", "    # %% question asked\n    return two * tensor\n"))
    assert "    # %% question asked\n" in lesson.check.text
    assert len(lesson.supplement.questions) == 2


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path):
    path = tmp_path / "add.py"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    lesson = parse(path, "sums/add", KINDS)
    assert (lesson.text, lesson.snippet) == (read().text, read().snippet)
    assert lesson.supplement == read().supplement


def test_an_odd_escape_is_no_fault_of_the_format():
    lesson = read(changed("a = torch.ones(2)\n\n# %% sol", 'a = "\\d" is 1\n\n# %% sol'))
    assert lesson.snippet.text.endswith('a = "\\d" is 1\n')


def test_nothing_of_a_lesson_is_run():
    lesson = read(changed("import torch\n\na = torch.ones(2)\n\n", "raise SystemExit(3)\n\n"))
    assert lesson.snippet.text == "raise SystemExit(3)\n"


def test_parsing_imports_the_standard_library_only():
    program = (
        "import sys; from pathlib import Path; from tutor.curriculum.parser import parse; "
        "from tutor.quiz.kinds import KINDS; "
        "parse(Path(sys.argv[1]), 'autograd/backward', KINDS); "
        "print([name for name in ('torch', 'textual', 'rich', 'sqlite3') if name in sys.modules])"
    )
    lesson = paths.lessons() / "autograd" / "backward.py"
    done = subprocess.run(
        [sys.executable, "-c", program, str(lesson)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == "[]\n"


# --- what is wrong with it: the file and its text -----------------------------------------------------------


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(LessonError) as caught:
        parse(tmp_path / "gone.py", "sums/gone", KINDS)
    assert (caught.value.path, caught.value.line) == (tmp_path / "gone.py", 1)
    assert caught.value.sentence == "This file can't be read: No such file or directory."


def test_a_file_that_is_not_utf8(tmp_path: Path):
    path = tmp_path / "add.py"
    path.write_bytes(TEXT.encode().replace(b"Let `c` hold", b"Let \xe9 hold"))
    with pytest.raises(LessonError) as caught:
        parse(path, "sums/add", KINDS)
    assert caught.value.line == line_of(TEXT, "Let `c`")
    assert caught.value.sentence == "Save this file as UTF-8: byte 0xe9 isn't."


def test_a_nul_character():
    text = changed("c = a + a", "c = a + \0a")
    assert fault(text) == (line_of(text, "\0"), "Remove the NUL character from this line.")


@pytest.mark.parametrize("text", ["", "import torch\n", "# a comment\n" + TEXT, 'f"""# Adding\n"""\n'])
def test_no_docstring_on_the_first_line(text: str):
    assert fault(text) == (1, 'Begin the file with its docstring, on the first line: """# Title')


@pytest.mark.parametrize("first", ['"""Adding', '"""', '"""#Adding', '"""# ', '"""## Adding'])
def test_no_title(first: str):
    sentence = 'Begin the docstring with the title, on the first line: """# Title'
    assert fault(changed('"""# Adding', first)) == (1, sentence)


def test_code_above_the_first_cell():
    text = changed("# %% snippet\n", "import math\n\n# %% snippet\n")
    line = line_of(text, "import math")
    assert fault(text) == (line, "Move this code below a `# %%` line that names its cell.")


def test_no_text():
    start = TEXT.index("Adding two")
    text = TEXT[:start] + TEXT[TEXT.index("## Task") :]
    assert fault(text) == (1, "Write the lesson's text between the title and the first `## ` section.")


@pytest.mark.parametrize("name", ["Task", "Hints", "Takeaway"])
def test_a_section_that_is_missing(name: str):
    text = changed(f"## {name}\n", "")
    end = line_of(text, "# %% snippet") - 1
    assert fault(text) == (end, f"Add the section `## {name}` to the docstring.")


def test_a_section_that_is_empty():
    text = changed("Let `c` hold the sum.\n", "")
    assert fault(text) == (line_of(text, "## Task"), "Write something under `## Task`.")


def test_a_section_that_is_there_twice():
    text = changed("## Takeaway", "## Task\nAgain.\n\n## Takeaway")
    line = line_of(text, "Again.") - 1
    assert fault(text) == (line, "Merge the two `## Task` sections: a lesson has one.")


def test_a_section_that_is_misspelt():
    text = changed("## Hints", "## Hint")
    sentence = "`## Hint` is no section (those are Task, Hints, Takeaway); did you mean `Hints`?"
    assert fault(text) == (line_of(text, "## Hint\n"), sentence)


def test_a_heading_of_the_wrong_depth():
    text = changed("## Task", "## Broadcasting\nMore.\n\n## Task")
    sentence = "`## Broadcasting` is no section (those are Task, Hints, Takeaway); headings within the text take `###`."
    assert fault(text) == (line_of(text, "## Broadcasting"), sentence)


def test_a_hint_without_its_dash():
    text = changed("- There is an operator", "There is an operator")
    assert fault(text) == (line_of(text, "There is an operator"), "Begin each hint with `- `.")


# --- ... its cells ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "part", "sentence"),
    [
        pytest.param(
            "c = a + a",
            "c = a + (a",
            "c = a + (a",
            "Correct the Python of this solution cell: '(' was never closed.",
            id="bracket",
        ),
        pytest.param(
            "c = a * a",
            "return a * a",
            "return a * a",
            "Correct the Python of this mistake cell: 'return' outside function.",
            id="return",
        ),
        pytest.param(
            "print(1 + 1)",
            "print(1 +)",
            "print(1 +)",
            "Correct the Python of this question cell: invalid syntax.",
            id="question",
        ),
        pytest.param(
            "    return two * tensor",
            "  return (two * tensor",
            "  return (two * tensor",
            "Correct the Python of this check cell: unindent does not match any outer indentation level.",
            id="indentation",
        ),
    ],
)
def test_a_syntax_error_names_its_cell_and_its_line(old: str, new: str, part: str, sentence: str):
    text = changed(old, new)
    assert fault(text) == (line_of(text, part), sentence)


def test_a_docstring_that_never_ends():
    text = changed('Shapes have to fit.\n"""\n', "Shapes have to fit.\n")
    line, sentence = fault(text)
    assert line == 1
    assert sentence.startswith("Correct the Python of this lesson's text: unterminated triple-quoted string")


def test_a_cell_that_is_cut_off_within_a_statement():
    text = changed("c = a + a\n", "c = (a +\n")
    assert fault(text)[0] == line_of(text, "c = (a +")


def test_code_nested_too_deeply():
    text = changed("c = a + a", "c = " + "-" * 100_000 + "a")
    line, sentence = fault(text)
    assert line_of(text, "# %% solution") < line <= line_of(text, "c = --")
    assert "the Python of this solution cell" in sentence


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("snippet", "Add the cell `# %% snippet`: the program that the lesson starts from."),
        ("solution", "Add the cell `# %% solution`: a program that passes all checks."),
        ("check", "Add the cell `# %% check`: what a draft must do."),
    ],
)
def test_a_cell_that_is_missing(kind: str, sentence: str):
    text = changed(cell(kind), "")
    assert fault(text) == (text.rstrip("\n").count("\n") + 1, sentence)


@pytest.mark.parametrize("kind", ["snippet", "solution", "check"])
def test_a_cell_that_is_there_twice(kind: str):
    text = TEXT + "\n" + cell(kind)
    second = text[: text.rindex(f"# %% {kind}")].count("\n") + 1
    sentence = f"Remove one `# %% {kind}`: there is one on line {line_of(TEXT, f'# %% {kind}')} already."
    assert fault(text) == (second, sentence)


@pytest.mark.parametrize("kind", ["snippet", "solution", "mistake"])
def test_a_cell_without_code(kind: str):
    whole = cell(kind)
    text = changed(whole, whole.split("\n")[0] + "\n# nothing\n\n")
    line = line_of(text, whole.split("\n")[0])
    assert fault(text) == (line, f"Write code into this {kind} cell: it is empty.")


def test_a_kind_of_cell_that_is_misspelt():
    text = changed("# %% solution", "# %% Solutoin")
    line = line_of(text, "# %% Solutoin")
    assert fault(text) == (line, "`Solutoin` is no kind of cell; did you mean `solution`?")


def test_a_kind_of_cell_that_is_like_none():
    text = changed("# %% solution", "# %% xyz")
    sentence = "`xyz` is no kind of cell; the kinds are snippet, solution, check, right, mistake, harmless, question."
    assert fault(text) == (line_of(text, "# %% xyz"), sentence)


@pytest.mark.parametrize("mark", ["# %%", "#%%", "# %% [markdown]"])
def test_a_cell_without_a_name(mark: str):
    text = changed("# %% solution", mark)
    sentence = "Name this cell: the kinds are snippet, solution, check, right, mistake, harmless, question."
    assert fault(text) == (line_of(TEXT, "# %% solution"), sentence)


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("tuor", "`tuor` is no option of a snippet; did you mean `tour`?"),
        ("gpu", "`gpu` is no option of a snippet; there are tour, seconds=, memory= and picture=."),
        ("tour=yes", "`tour=yes` is no option of a snippet; did you mean `tour`?"),
        ("seconds=long", "Write the time as in `seconds=120`, not `seconds=long`."),
        ("seconds=0", "Write the time as in `seconds=120`, not `seconds=0`."),
        ("seconds=inf", "Write the time as in `seconds=120`, not `seconds=inf`."),
        ("picture=crve:loss", "`crve` is no picture of a run; did you mean `curve`?"),
        ("picture", "`` is no picture of a run; there are curve, graph, module, parameters, tensor, value."),
        ("memory=8", "Write the memory as in `memory=8GB`, not `memory=8`."),
        ("memory=0GB", "Write the memory as in `memory=8GB`, not `memory=0GB`."),
    ],
)
def test_an_option_that_means_nothing(option: str, sentence: str):
    text = changed("# %% snippet", f"# %% snippet {option}")
    assert fault(text) == (line_of(text, "# %% snippet"), sentence)


def test_an_option_where_none_is_taken():
    text = changed("# %% solution", "# %% solution tour")
    line = line_of(text, "# %% solution")
    assert fault(text) == (line, "Take `tour` off this line: a solution takes no options.")


def test_the_check_that_fails_first_stands_behind_the_options():
    lesson = read(changed("# %% snippet", "# %% snippet seconds=120 -> c_is_the_sum"))
    assert (lesson.fails_first, lesson.limits) == ("c_is_the_sum", Limits(seconds=120.0))
    text = changed("# %% snippet", "# %% snippet -> c_is_sum")
    sentence = "`c_is_sum` is none of this lesson's checks; did you mean `c_is_the_sum`?"
    assert fault(text) == (line_of(text, "# %% snippet"), sentence)


# --- ... its checks and mistakes ----------------------------------------------------------------------------


@pytest.mark.parametrize("nearly", ["(runs)", "()", "(run, more)", "(run=None)", "(*run)", "(run, /)"])
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_function_that_is_nearly_a_check(nearly: str, kind: str):
    head = f"{kind} c_is_the_sum{nearly}:"
    text = changed("def c_is_the_sum(run):", head)
    sentence = "Write `def c_is_the_sum(run):` for a check, or name it `_c_is_the_sum` if it only helps."
    assert fault(text) == (line_of(text, head), sentence)


def test_no_checks():
    text = changed("def c_is_the_sum(run):", "def _c_is_the_sum(run, more):")
    sentence = "Add a check: a function of `run` alone; its docstring is the requirement."
    assert fault(text) == (line_of(text, "# %% check"), sentence)


@pytest.mark.parametrize("instead", ["", '    """  """\n'])
def test_a_check_without_its_requirement(instead: str):
    text = changed('    """`c` holds\n    the sum\n    """\n', instead)
    sentence = (
        "Give `c_is_the_sum` a docstring, the requirement as the learner reads it, "
        "or name it `_c_is_the_sum` if it only helps."
    )
    assert fault(text) == (line_of(text, "def c_is_the_sum"), sentence)


def test_two_checks_of_one_name():
    again = 'def c_is_the_sum(run):\n    """Again"""\n\n\ndef _twice('
    text = changed("def _twice(", again)
    line = line_of(text, '    """Again"""') - 1
    first = line_of(TEXT, "def c_is_the_sum")
    assert fault(text) == (line, f"Rename one `c_is_the_sum`: line {first} defines it already.")


def test_a_mistake_whose_check_is_misspelt():
    text = changed("-> c_is_the_sum", "-> c_is_sum")
    sentence = "`c_is_sum` is none of this lesson's checks; did you mean `c_is_the_sum`?"
    assert fault(text) == (line_of(text, "# %% mistake"), sentence)


def test_a_mistake_that_names_a_helper():
    text = changed("-> c_is_the_sum", "-> twice")
    sentence = "`twice` is none of this lesson's checks; the checks are c_is_the_sum."
    assert fault(text) == (line_of(text, "# %% mistake"), sentence)


@pytest.mark.parametrize(
    "line",
    [
        "# %% mistake",
        "# %% mistake:",
        "# %% mistake: it multiplies",
        "# %% mistake: it multiplies c_is_the_sum",
        "# %% mistake: -> c_is_the_sum",
        "# %% mistake: it multiplies ->",
        "# %% mistake it multiplies -> c_is_the_sum",
    ],
)
def test_a_mistake_line_that_says_too_little(line: str):
    text = changed("# %% mistake: it multiplies -> c_is_the_sum", line)
    sentence = "Write this line as `# %% mistake: WHY IT IS WRONG -> CHECK_THAT_CATCHES_IT`."
    assert fault(text) == (line_of(TEXT, "# %% mistake"), sentence)


def test_a_file_nobody_may_read(tmp_path: Path):
    if os.geteuid() == 0:
        path = tmp_path  # root may read anything but a folder
    else:
        path = tmp_path / "add.py"
        path.write_text(TEXT)
        path.chmod(0)
    with pytest.raises(LessonError) as caught:
        parse(path, "sums/add", KINDS)
    assert caught.value.line == 1
    assert caught.value.sentence in (
        "This file can't be read: Permission denied.",
        "This file can't be read: Is a directory.",
    )


# --- the page that describes it -----------------------------------------------------------------------------


def test_the_example_of_the_page_on_writing_lessons_is_a_lesson():
    page = (paths.lessons() / "README.md").read_text(encoding="utf-8")
    example = page.split("~~~")[1]
    lesson = parse_text(example.removeprefix("python\n"), PATH, "sums/column", KINDS)
    assert {check.name for check in lesson.checks} == {mistake.check for mistake in lesson.supplement.mistakes}
    assert printed_option(lesson.supplement.questions[0], "tensor([[3.],\n        [7.]])\n") == 0
    assert lesson.supplement.questions[1].right == (0,)


def test_the_page_shows_a_question_of_every_kind():
    page = (paths.lessons() / "README.md").read_text(encoding="utf-8")
    _, lesson, _, questions, _ = page.split("~~~")
    read = parse_text(
        lesson.removeprefix("python\n") + "\n" + questions.removeprefix("python\n"), PATH, "sums/column", KINDS
    )
    assert {question.kind for question in read.supplement.questions} == set(KINDS)
