"""The number under the cursor, and what a key makes of it."""

from __future__ import annotations

import pytest

from tutor.ui.lesson.number_scrub import find


def run_of(text: str, steps: int) -> list[str]:
    """What a key held down makes of a number: the step is that of the first press."""
    found = find(f"x = {text}", 0, 4)
    assert found is not None
    step, made = found.step, []
    for _ in range(abs(steps)):
        text = found.advance(steps > 0, step)
        made.append(text)
        found = find(f"x = {text}", 0, 4)
        assert found is not None and found.text == text
    return made


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("0", ["1", "2"]),  # a seed
        ("3", ["4", "5"]),  # a dimension
        ("32", ["33", "34"]),  # a batch
        ("99", ["100", "101"]),
        ("128", ["129", "130", "131"]),
        ("1337", ["1338"]),
        ("100", ["110", "120"]),  # epochs
        ("60000", ["61000"]),
        ("1_000", ["1_100"]),
        ("9_900", ["10_000"]),
        ("0.1", ["0.11", "0.12"]),  # a rate
        ("0.5", ["0.51"]),
        ("0.10", ["0.11"]),
        ("0.001", ["0.0011"]),
        ("0.9", ["0.91", "0.92"]),  # a momentum
        ("0.95", ["0.96"]),
        ("0.99", ["1.00", "1.01"]),
        ("0.999", ["1.000", "1.001"]),
        ("1.0", ["1.1"]),
        ("10.0", ["11.0"]),
        ("12.5", ["12.6"]),
        ("0.0", ["0.1"]),
        ("0.", ["0.1"]),
        (".5", ["0.51"]),
        ("1e-3", ["2e-3", "3e-3"]),
        ("8e-3", ["9e-3", "1e-2", "2e-2"]),
        ("9.9e-4", ["1.0e-3"]),
        ("1E-05", ["2E-05"]),
        ("1e+3", ["2e+3"]),
        ("-1", ["0", "1"]),
        ("-0.1", ["-0.09"]),
        ("-1e-3", ["-9e-4"]),
        ("False", ["True", "True"]),
    ],
)
def test_larger(text, made):
    assert run_of(text, len(made)) == made


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("1", ["0", "-1"]),
        ("100", ["90", "80"]),
        ("0.02", ["0.019"]),
        ("0.11", ["0.10", "0.09"]),
        ("1.0", ["0.9", "0.8"]),
        ("0.1", ["0.09"]),
        ("1e-3", ["9e-4", "8e-4"]),
        ("1.0e-2", ["9.9e-3"]),
        ("-0.9", ["-0.91"]),
        ("-9e-3", ["-1e-2"]),
        ("True", ["False", "False"]),
    ],
)
def test_smaller(text, made):
    assert run_of(text, -len(made)) == made


@pytest.mark.parametrize("text", ["0", "7", "64", "100", "0.1", "0.95", "1.0", "3e-4", "9e-1", "1.5e2", "-2", "-0.5"])
def test_what_goes_up_comes_down_through_the_same_numbers(text):
    found = find(text, 0, 0)
    there = run_of(text, 25)
    step, back = found.step, []
    for number in reversed(there):
        back.append(find(number, 0, 0).advance(False, step))
    assert [float(number) for number in back] == [float(number) for number in reversed([text, *there[:-1]])]


def test_the_ends_of_what_floats_can_say():
    for text in ("9" * 301, "9e300"):
        assert find(text, 0, 0).advance(True, find(text, 0, 0).step) == text


@pytest.mark.parametrize(
    ("line", "column", "text"),
    [
        ("lr = 0.5", 5, "0.5"),
        ("lr = 0.5", 8, "0.5"),  # right behind it
        ("SGD([w], lr=0.5)", 0, "0.5"),  # the next to the right
        ("SGD([w], lr=0.5)", 16, "0.5"),  # else the next to the left
        ("f(1, 2, 3)", 3, "1"),
        ("f(1, 2, 3)", 4, "2"),
        ("f(1, 2, 3)", 5, "2"),
        ("f(1,2)", 3, "1"),
        ("x1 = y2.z3 + 4", 0, "4"),
        ("x = 0x1F + 2j + 1_0z + 5", 4, "5"),
        ("x = -1", 4, "-1"),
        ("x = -1", 5, "-1"),
        ("x - 1", 4, "1"),
        ("x -1", 2, "1"),
        ("x[0] -1", 5, "1"),
        ("2-1", 1, "2"),
        ("x = 2 ** -3", 9, "-3"),
        ("return -1", 0, "-1"),
        ("None -1", 6, "1"),
        ("sum(dim=-1)", 8, "-1"),
        ("x[-1:]", 2, "-1"),
        ("zeros((), requires_grad=True)", 0, "True"),
        ("x = [1, (2, {3", 14, "3"),  # broken code
        ("x = 'abc 5", 0, None),
        ("x = 'a' + 6 # 7", 0, "6"),
        ("f'{x:.3f}' + 8", 0, "8"),
        ("r'\\' 9' + 1", 0, "1"),
        ("# 1", 2, None),
        ("import torch", 3, None),
        ("", 0, None),
    ],
)
def test_which_number_the_cursor_means(line, column, text):
    for row, source in enumerate((line, f"'''3\n'''; {line}")):
        found = find(source, row, column + 5 * row)
        assert (found and found.text) == text
        if found is not None:
            assert source.split("\n")[row][found.start : found.end] == text


def test_text_in_triple_quotes_is_left_alone_on_every_line():
    source = '"""\n1\n2\n"""\nx = 3\n"""4'
    assert [found and found.text for found in (find(source, row, 0) for row in range(6))] == [
        None, None, None, None, "3", None,
    ]  # fmt: skip


def test_a_sign_on_a_line_of_its_own_begins_a_number():
    assert find("x = y\n-1", 1, 0).text == "-1"
