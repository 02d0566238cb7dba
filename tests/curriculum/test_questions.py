"""How options are written: colons, quotes, several lines; and the sentence for every way to get them wrong."""

from pathlib import Path

import pytest

from tests.minimal import LESSON
from tutor.curriculum.lesson import Code, LessonError, Option, Question
from tutor.curriculum.parser import parse_text
from tutor.quiz.kinds import KINDS
from tutor.quiz.kinds.prints import printed_option

PATH = Path("pack/sums/add.py")

CODE = "print('hello')\n"


def question(docstring: str, code: str = CODE) -> Question:
    text = f'{LESSON}# %% question asked\n"""{docstring}"""\n{code}'
    [read] = parse_text(text, PATH, "sums/add", KINDS).supplement.questions
    return read


def options(bullets: str, code: str = CODE) -> tuple[Option, ...]:
    return question(f"Which?\n\n{bullets}\n\nSo it is.\n", code).options


def fault(docstring: str, code: str = CODE) -> tuple[int, str]:
    """The line within the cell, 1 being the one below ``# %% question``; and the sentence."""
    with pytest.raises(LessonError) as caught:
        question(docstring, code)
    assert caught.value.path == PATH
    return caught.value.line - LESSON.count("\n") - 1, caught.value.sentence


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
    assert read.right == (0,)
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
    assert printed_option(question("Which?\n\n- 1\n  2\n- 12: no\n\nSo.\n"), output) == position


# --- what is wrong with them --------------------------------------------------------------------------------


def test_no_docstring():
    with pytest.raises(LessonError) as caught:
        _ = parse_text(f"{LESSON}# %% question asked\nprint(1)\n", PATH, "sums/add", KINDS).supplement
    assert caught.value.line == LESSON.count("\n") + 1
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
    line = LESSON.count("\n") + 4
    sentence = f"Change this option: it repeats the one on line {line}."
    assert bullets_fault("- tensor(1.)\n- b\n- `tensor(1.)`: no") == (3, sentence)


def test_no_option_marked_where_no_code_tells():
    sentence = "Mark the right option with `- [x]`: no code tells which it is."
    assert bullets_fault("- a\n- b", code="") == (1, sentence)


def test_two_options_marked():
    line = LESSON.count("\n") + 5
    sentence = f"Mark one option only (line {line} is marked already), or make this a `choose all`."
    assert bullets_fault("- a\n- [x] b\n- [X] c", code="") == (3, sentence)


def test_an_option_marked_although_code_tells():
    sentence = "Take the `[x]` off: this question has code, and what it prints is right."
    assert bullets_fault("- a\n- [x] b") == (2, sentence)


# --- the kinds ----------------------------------------------------------------------------------------------


def kind(heading: str, docstring: str, code: str = "") -> Question:
    text = f'{LESSON}# %% question {heading}\n"""{docstring}"""\n{code}'
    [read] = parse_text(text, PATH, "sums/add", KINDS).supplement.questions
    return read


def kind_fault(heading: str, docstring: str, code: str = "") -> tuple[int, str]:
    """The line within the cell, 0 being the one of ``# %% question``; and the sentence."""
    with pytest.raises(LessonError) as caught:
        kind(heading, docstring, code)
    return caught.value.line - LESSON.count("\n") - 1, caught.value.sentence


TWO = "Which?\n\n- [x] a\n- [x] b\n- c: no\n\nSo.\n"
NONE = "Which?\n\nSo.\n"


def test_choose_all_takes_several_marks() -> None:
    read = kind("both: choose all", TWO)
    assert (read.name, read.kind, read.right) == ("both", "choose all", (0, 1))


def test_predict_names_an_expression_and_takes_fresh_numbers() -> None:
    read = kind(
        "t: predict tuple(y.shape)",
        "Which?\n\n- `x + 1`: no\n\nSo.\n",
        "x = 3  # fresh: 2..4\ny = 0.5  # fresh: 0.1, 1e-3\n",
    )
    assert (read.kind, read.target, read.code) == ("predict", "tuple(y.shape)", Code("x = 3\ny = 0.5\n", read.line + 7))
    assert [(fresh.line, fresh.choices) for fresh in read.fresh] == [(0, ("2", "3", "4")), (1, ("0.1", "1e-3"))]


def test_the_line_at_fault_is_marked_beside_the_line_as_it_should_be() -> None:
    code = "x = 1  # fine: it is one\n\nif x:\n    print  # at fault: print(x)\n"
    read = kind("silent: find the line", NONE, code)
    assert read.code is not None and read.code.text == "x = 1\n\nif x:\n    print\n"
    assert [option.text for option in read.options] == ["x = 1", "if x:", "    print"]
    assert (read.right, read.places, read.target) == ((2,), (0, 2, 3), "    print(x)")
    assert (read.options[0].feedback, read.prompt, read.why) == ("it is one", "Which?", "So.")


def test_a_written_answer_is_the_last_line_and_not_shown() -> None:
    read = kind("double: write y", NONE, "x = 2\ny = (x\n     * 2)\n")
    assert read.code is not None
    assert (read.code.text, read.target, read.reference, read.options) == ("x = 2\n", "y", "x * 2", ())


def test_steps_are_put_in_order() -> None:
    read = kind("loop: order", NONE, "x = 1\nfor _ in x:\n    a()  # step\n    b()  # step\n    c()  # step\n")
    assert [option.text for option in read.options] == ["a()", "b()", "c()"]
    assert read.places == (2, 3, 4) and read.code is not None and "step" not in read.code.text


@pytest.mark.parametrize(
    ("heading", "docstring", "code", "line", "sentence"),
    [
        ("", TWO, "", 0, "Write this line as `# %% question NAME` or `# %% question NAME: KIND`; "
         "the name is permanent, as in `rows_sum`."),
        ("a: guess", TWO, "", 0, "`guess` is no kind of question; the kinds are choose, choose all, fill the blank, "
         "find the line, match the curve, order, predict, predict first, prints, write."),
        ("a: find a line", TWO, "", 0, "`find a line` is no kind of question; did you mean `find the line`?"),
        ("a: predict", TWO, "x = 1\n", 0, "Name what is asked for, an expression, as in `predict y.shape`."),
        ("a: write 1 + 1", TWO, "x = 1\n", 0, "Name what is asked for, a name, as in `write total`."),
        ("a: order", NONE, "", 0, "Write the code of this question below its text: `order` needs some."),
        ("a: choose all", "W?\n\n- a\n- b\n\nSo.\n", "", 3,
         "Mark the right option with `- [x]`: no code tells which it is."),
        ("a: choose", TWO.replace("- [x] b", "- b"), "x = 1\n", 0,
         "Take the code out, or name another kind: `choose` has none."),
        ("a", "W?\n\n- 1\n- 2\n\nSo.\n", "x = 1  # fresh: 1..3\nprint(x)\n", 8,
         "Make this a `predict EXPRESSION`: options that are fixed can't follow fresh numbers."),
        ("a: predict x", "W?\n\n- x +: no\n\nSo.\n", "x = 1\n", 3,
         "Write an expression here, as Python reads it: `x +` is none."),
        ("a: predict x", "W?\n\n- x: no\n\nSo.\n", "x = 1  # fresh: 5..4\n", 7,
         "Write it as `n = 3  # fresh: 2..9` or `x = 0.1  # fresh: 0.1, 0.5`, the number by itself."),
        ("a: find the line", TWO, "x = 1\n", 3, "Take the options out: the lines of the code are the options."),
        ("a: find the line", NONE, "x = 1\n", 5,
         "Mark one line of the code with `# at fault: THE LINE AS IT SHOULD BE`."),
        ("a: fill the blank", TWO, "x = 1\n", 9, "Put `___` once where code is left out: it stands nowhere."),
        ("a: fill the blank", TWO.replace("[x] ", ""), "x = ___\n", 3,
         "Mark the fills that are right with `- [x]`; leave one wrong at least."),
        ("a: write y", NONE, "y = 1\nx = 2\n", 6,
         "End the code with `y = EXPRESSION`: the answer, which is not shown."),
        ("a: order", NONE, "a()  # step\nb()  # step\n", 5,
         "Mark three lines at least with `# step`: those are put in order."),
        ("a: match the curve", TWO, "x = ___\n", 3, "Mark with `- [x]` the one option whose curve is shown."),
    ],
)  # fmt: skip
def test_what_a_kind_lacks_is_said(heading: str, docstring: str, code: str, line: int, sentence: str) -> None:
    assert kind_fault(heading, docstring, code) == (line, sentence)


def test_two_questions_of_one_name() -> None:
    text = f'{LESSON}# %% question a\n"""{TWO.replace("- [x] b", "- b")}"""\n# %% question a\n"""{TWO}"""\n'
    with pytest.raises(LessonError) as caught:
        _ = parse_text(text.replace("- [x] b", "- b"), PATH, "sums/add", KINDS).supplement
    assert caught.value.sentence == f"Rename this question: line {LESSON.count(chr(10)) + 1} has a `a` already."
