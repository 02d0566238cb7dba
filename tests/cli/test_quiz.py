"""``tutor quiz`` and ``tutor review`` line by line: through a pipe, and in terminals that are dumb or asked to be."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Command, Open
from tutor import paths
from tutor.curriculum.catalog import Catalog
from tutor.learner.store import Store
from tutor.quiz.kinds import KINDS

DAY = 86_400


def answered(home: Path) -> list[tuple[str, dict[str, object]]]:
    store = Store.open(home)
    rows = store.rows("SELECT subject, detail FROM event WHERE kind = 'answered' ORDER BY rowid")
    store.close()
    return [(subject, json.loads(detail)) for subject, detail in rows]


def question(kind: str, code: bool) -> str:
    """The id of a shipped question of this kind."""
    catalog = Catalog(paths.lessons(), KINDS)
    found = (
        f"{entry.id}#{question.name}"
        for entry in catalog.entries
        for question in catalog.lesson(entry.id).supplement.questions
        if question.kind == kind and (question.code is not None) == code
    )
    return next(found)


def due(home: Path, *questions: str) -> None:
    """These were answered wrongly a month ago."""
    store = Store.open(home, clock=lambda: time.time() - 30 * DAY)
    for id in questions:
        store.record("answered", id, rating=1, sitting="quiz")
    store.close()


def test_a_question_and_its_answer_are_lines_of_text(tutor: Command, home: Path) -> None:
    id = question("choose", code=False)
    due(home, id)
    ended = tutor("review", stdin=b"zzz\n?\n?\n?\n?\nq\n")
    text = ended.stdout.decode()
    assert ended.returncode == 0 and ended.stderr == b""
    assert "\x1b" not in text and "\r" not in text and max(map(len, text.splitlines())) <= 100
    assert text.startswith("Review: 1 question.\n? gives a hint")
    assert "Question 1 of 1\n" in text and "\n  a) " in text and "\n  b) " in text
    assert "Answer, a to " in text and "Answer with a letter, a to " in text
    assert "The answer: " in text
    assert "0 of 1 right at the first try" in text and "Worth reading again:\n" in text
    assert f"tutor {id.partition('#')[0]} (1 question)" in text
    [_, (asked, detail)] = answered(home)
    assert asked == id and detail["revealed"] and detail["rating"] == 1 and detail["sitting"] == "review"


def test_every_letter_is_an_answer_and_two_may_be_tried(tutor: Command, home: Path) -> None:
    id = question("prints", code=True)
    due(home, id)
    ended = tutor("review", stdin=b"a\nb\nc\na\nb\nc\n")
    text = ended.stdout.decode()
    assert "Right" in text or "Not right.\n" in text
    [_, (asked, detail)] = answered(home)
    assert asked == id and detail["tries"] in (1, 2) and ended.returncode == 0


def test_what_is_typed_runs_and_what_is_no_python_does_not_count(tutor: Command, home: Path) -> None:
    id = question("write", code=True)
    catalog = Catalog(paths.lessons(), KINDS)
    lesson, _, name = id.partition("#")
    asked = next(question for question in catalog.lesson(lesson).supplement.questions if question.name == name)
    due(home, id)
    ended = tutor("review", stdin=f"((\n{asked.reference}\n".encode())
    text = ended.stdout.decode()
    assert f"{asked.target} = ((" in text, "what was read is told where nobody saw it typed"
    assert "Not judged: this does not count." in text and "Python can't read that" in text
    assert "\nRight.\n" in text and "1 of 1 right at the first try" in text
    assert answered(home)[1][1]["tries"] == 1


def test_nothing_to_read_is_leaving(tutor: Command, home: Path) -> None:
    ended = tutor("quiz", "autograd", "--count", "3")
    assert ended.returncode == 0 and b": 3 questions." in ended.stdout and not answered(home)


def test_a_curve_is_told_in_numbers(tutor: Command, home: Path) -> None:
    due(home, question("match the curve", code=True))
    text = tutor("review").stdout.decode()
    assert re.search(r"The learning rate: [\d.e-]+ at step 0, ", text)
    assert "⠉" not in text


def test_nothing_due_says_so_and_when_something_will_be(tutor: Command, home: Path) -> None:
    ended = tutor("review")
    assert ended.returncode == 0 and ended.stdout.startswith(b"Nothing is due.")
    store = Store.open(home)
    store.record("answered", question("choose", code=False), rating=3, sitting="quiz")
    store.close()
    assert re.match(r"Nothing is due. The next one comes (tomorrow|in \d+ days)\.", tutor("review").stdout.decode())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("quiz", "autogrd"), "There is no chapter `autogrd`; did you mean `autograd`?"),
        (("quiz", "--count", "0"), "Argument --count: `0` is no number of questions: 1 is the fewest."),
        (("quiz", "--count", "x"), "Argument --count: `x` is no number of questions: 1 is the fewest."),
        (("quiz", "a", "b"), "Unrecognized arguments: b."),
        (("review", "tensors"), "Unrecognized arguments: tensors."),
        (("quiz", "--python", "/nowhere/python"), "`/nowhere/python` can't be started: No such file or directory."),
    ],
)
def test_bad_input_is_one_sentence(tutor: Command, words: tuple[str, ...], sentence: str) -> None:
    ended = tutor(*words)
    assert ended.returncode == 2 and ended.stderr.decode().startswith(f"tutor: {sentence}")


def test_a_lesson_will_do_for_a_chapter(tutor: Command) -> None:
    assert tutor("quiz", "backward").stdout.decode().startswith("The gradient of a scalar: ")


def test_no_worker_is_told_with_status_3(tutor: Command, home: Path) -> None:
    due(home, question("prints", code=True))
    ended = tutor("review", "--python", "/bin/false")
    assert ended.returncode == 3 and b"tutor: The worker ended with status 1" in ended.stderr


def test_what_is_no_text_is_no_answer(tutor: Command, home: Path) -> None:
    due(home, question("choose", code=False))
    ended = tutor("review", stdin=b"\xff\xfe\x00\n\x1b[2J\n")
    assert ended.returncode == 0 and "\x1b" not in ended.stdout.decode()


@pytest.mark.parametrize(("words", "more"), [(("--plain",), {}), ((), {"TERM": "dumb"})], ids=["plain", "dumb"])
def test_in_a_terminal_it_is_the_same_lines(
    terminal: Open, home: Path, words: tuple[str, ...], more: dict[str, str]
) -> None:
    due(home, question("choose", code=False))
    opened = terminal("review", *words, **more)
    opened.until("Answer, a to ")
    opened.press("?\r")
    opened.until("Answer, a to ")
    opened.press("q\r")
    assert opened.end() == 0
    assert b"\x1b" not in opened.raw, "no colour, and nothing moves"


def test_interrupted_it_ends_with_130_and_keeps_what_was_answered(terminal: Open, home: Path) -> None:
    due(home, *(question(kind, code) for kind, code in (("choose", False), ("choose all", False))))
    opened = terminal("review", "--plain")
    opened.until("Question 1 of 2")
    opened.until(": ")
    opened.press("?\r")
    opened.until(": ")
    opened.press("?\r")
    opened.until("Question 2 of 3")
    opened.press("\x03")
    assert opened.end() == 130
    assert "Traceback" not in opened.shown and len(answered(home)) == 3
    assert opened.screen.cursor.x == 0, "the shell's prompt begins a line of its own"


def test_a_dumb_terminal_is_as_wide_as_it_says(terminal: Open, home: Path) -> None:
    due(home, question("choose", code=False))
    opened = terminal("review", size=(40, 60), TERM="dumb")
    opened.until("Answer, a to ")
    lines = [line.rstrip() for line in opened.raw.decode().split("\r\n")]
    assert len(lines) > 8 and max(map(len, lines)) <= 40
    opened.press("q\r")
    assert opened.end() == 0
