"""How options are written: colons, quotes, several lines; and the sentence for every way to get them wrong."""

from pathlib import Path

import pytest

from tutor.curriculum.lesson import LessonError, Option, Question
from tutor.curriculum.parser import parse_text

PATH = Path("pack/sums/add.py")

BEFORE = '''\
"""# Adding

Text.

## Task
Task.

## Hints
- Hint.

## Takeaway
Takeaway.
"""
# %% snippet
a = 1

# %% solution
a = 2

# %% check
def a_is_two(run):
    """`a` is two"""

'''

CODE = "print('hello')\n"


def question(docstring: str, code: str = CODE) -> Question:
    [read] = parse_text(f'{BEFORE}# %% question\n"""{docstring}"""\n{code}', PATH, "sums/add").questions
    return read


def options(bullets: str, code: str = CODE) -> tuple[Option, ...]:
    return question(f"Which?\n\n{bullets}\n\nSo it is.\n", code).options


def fault(docstring: str, code: str = CODE) -> tuple[int, str]:
    """The line within the cell, 1 being the one below ``# %% question``; and the sentence."""
    with pytest.raises(LessonError) as caught:
        question(docstring, code)
    assert caught.value.path == PATH
    return caught.value.line - BEFORE.count("\n") - 1, caught.value.sentence


def bullets_fault(bullets: str, code: str = CODE) -> tuple[int, str]:
    """The same, the first bullet being line 1."""
    line, sentence = fault(f"Which?\n\n{bullets}\n\nSo it is.\n", code)
    return line - 2, sentence


# --- how they are written -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "text", "feedback"),
    [
        ("tensor(6.)", "tensor(6.)", ""),
        ("tensor(9.): that is x²: not it", "tensor(9.)", "that is x²: not it"),
        ("{'a': 1}: a dict", "{'a': 1}", "a dict"),
        ("{'a)': 1, 'b': [1, 2]}", "{'a)': 1, 'b': [1, 2]}", ""),
        ("'a: b': a string", "'a: b'", "a string"),
        ('"it\'s: b": a string', '"it\'s: b"', "a string"),
        ("it doesn't: that's why", "it doesn't", "that's why"),
        ("the weights' sum: no", "the weights' sum", "no"),
        ("x[1:]: a slice", "x[1:]", "a slice"),
        ("12:30", "12:30", ""),
        ("[0, 1): half open", "[0, 1)", "half open"),
        ("1) one: first", "1) one", "first"),
        ("tensor([1.], device='cuda:0'): there", "tensor([1.], device='cuda:0')", "there"),
        ("`loss: 0.5`: the loss", "loss: 0.5", "the loss"),
        ("``a `b: c` d``: ticks", "a `b: c` d", "ticks"),
        ("`a` and `b`: two pieces", "`a` and `b`", "two pieces"),
        ("`a: b` and `c`", "`a: b` and `c`", ""),
        ("a lone ` tick: fine", "a lone ` tick", "fine"),
        ("ends with:", "ends with:", ""),
    ],
)
def test_the_feedback_begins_at_the_first_colon_outside_of_anything(written: str, text: str, feedback: str):
    assert options(f"- {written}\n- other")[0] == Option(text, feedback)


def test_output_of_several_lines_is_written_as_it_is_printed():
    first, second, third = options(
        "- tensor([[1., 2.],\n"
        "          [3., 4.]])\n"
        "- tensor([[[1.]],\n"
        "\n"
        "          [[3.]]]): three\n"
        "  dimensions\n"
        "- 1\n"
        "  2"
    )
    assert first == Option("tensor([[1., 2.],\n        [3., 4.]])", "")
    assert second == Option("tensor([[[1.]],\n\n        [[3.]]])", "three dimensions")
    assert third == Option("1\n2", "")


def test_without_code_an_option_is_prose_and_keeps_its_backticks():
    read = question("Which?\n\n- [x] `x.grad`\n- [ ] the data\n  of `x`: no\n\nSo.\n", code="")
    assert read.options == (Option("`x.grad`", ""), Option("the data of `x`", "no"))
    assert read.answer == 0
    assert read.code is None


def test_blank_lines_between_options_and_several_paragraphs_are_fine():
    read = question("First.\n\nSecond?\n\n- a\n\n- b: no\n\nBecause.\n\n- of this\n- and that\n")
    assert read.prompt == "First.\n\nSecond?"
    assert read.options == (Option("a", ""), Option("b", "no"))
    assert read.why == "Because.\n\n- of this\n- and that"


def test_a_comment_below_the_docstring_is_no_code():
    assert question("Which?\n\n- [x] a\n- b\n\nSo.\n", code="# nothing here\n").code is None


@pytest.mark.parametrize(
    ("output", "position"),
    [("1\n2\n", 0), ("1 \n2", 0), ("12\n", 1), ("\n1\n2\n", 0), (" 12\n", None), ("", None), ("1", None)],
)
def test_the_right_option_is_the_one_that_is_printed(output: str, position: int | None):
    assert question("Which?\n\n- 1\n  2\n- 12: no\n\nSo.\n").printed(output) == position


# --- what is wrong with them --------------------------------------------------------------------------------


def test_no_docstring():
    with pytest.raises(LessonError) as caught:
        parse_text(f"{BEFORE}# %% question\nprint(1)\n", PATH, "sums/add")
    assert caught.value.line == BEFORE.count("\n") + 1
    assert caught.value.sentence == 'Begin this question with its prompt and options in """quotes""".'


def test_no_prompt():
    assert fault("\n- a\n- b\n\nSo.\n") == (1, "Write the question itself above its options.")


def test_no_why():
    sentence = "Write below the options, after a blank line, why it is so."
    assert fault("Which?\n\n- a\n- b\n") == (4, sentence)


@pytest.mark.parametrize(("bullets", "line"), [("", 1), ("- a", 3)])
def test_fewer_than_two_options(bullets: str, line: int):
    sentence = "Give this question two options at least, each on a line that begins with `- `."
    assert fault(f"Which?\n\n{bullets}\n\nSo.\n") == (line, sentence)


def test_an_empty_option():
    sentence = "Write an option after this `- `, or take the line out."
    assert bullets_fault("- a\n-\n- c") == (2, sentence)
    assert bullets_fault("- a\n- b\n- : no") == (3, sentence)


def test_a_bracket_that_stays_open():
    sentence = "Close the bracket that this option opens, or put the option in `backticks` as it is."
    assert bullets_fault("- a\n- tensor([1.): no") == (2, sentence)


def test_a_line_that_could_be_either():
    sentence = (
        "Indent this line by two spaces if it goes on with the option above; "
        "put a blank line above it if it begins the why."
    )
    assert bullets_fault("- a\n- b: no, since\nit is not") == (3, sentence)


def test_an_option_that_is_there_twice():
    line = BEFORE.count("\n") + 4
    sentence = f"Change this option: it repeats the one on line {line}."
    assert bullets_fault("- tensor(1.)\n- b\n- `tensor(1.)`: no") == (3, sentence)


def test_no_option_marked_where_no_code_tells():
    sentence = "Mark the right option with `- [x]`: no code tells which it is."
    assert bullets_fault("- a\n- b", code="") == (1, sentence)


def test_two_options_marked():
    line = BEFORE.count("\n") + 5
    sentence = f"Mark one option only: the one on line {line} is marked right already."
    assert bullets_fault("- a\n- [x] b\n- [X] c", code="") == (3, sentence)


def test_an_option_marked_although_code_tells():
    sentence = "Take the `[x]` off: this question has code, and what it prints is right."
    assert bullets_fault("- a\n- [x] b") == (2, sentence)
