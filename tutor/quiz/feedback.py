"""Verdicts on answers, and the sentences that they share. Texts are Markdown, code stands in backticks."""

from __future__ import annotations

from dataclasses import dataclass

from tutor.curriculum.lesson import Question
from tutor.quiz.executor import Attempt, Error, Unfinished

_LONG = 400
"""Characters of an output from which on it is no longer quoted."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an answer is right, and what to say to it."""

    right: bool
    sentences: tuple[str, ...] = ()
    """A sentence or so each; mostly none when it is right."""
    counts: bool = True
    """False: nothing was graded (no Python, the run was stopped): it is no attempt, and is asked again."""


def code(text: str) -> str:
    """Code as Markdown has it, in a block where it has several lines."""
    if "\n" in text:
        return f"```text\n{text}\n```"
    ticks = "``" if "`" in text else "`"
    return f"{ticks}{text}{ticks}"


def sentence(text: str) -> str:
    """The text with a full stop, unless it ends in some sign of its own."""
    return text if text.endswith((".", "!", "?", "…", "`")) else f"{text}."


def foreseen(question: Question, text: str) -> str:
    """The author's feedback to exactly this wrong answer; empty when it was not foreseen."""
    wrong = (option for place, option in enumerate(question.options) if place not in question.right)
    return next((option.feedback for option in wrong if option.text.strip() == text.strip()), "")


def ended_early(ended: Unfinished) -> Verdict:
    """The verdict on a program that did not end: wrong if it passed a limit, not graded if it was stopped or lost."""
    return Verdict(False, (str(ended),), counts=ended.cause not in ("stopped", "lost"))


def not_runnable(subject: str, error: Error) -> Verdict:
    """The question itself fails here, which is no fault of the answer."""
    return Verdict(False, (f"{subject} doesn't run here: {sentence(str(error))}",), counts=False)


def stopped(error: Error, source: str) -> Verdict:
    """The answer ends in an error. What Python can't read doesn't count."""
    if error.is_unreadable:
        return Verdict(False, (f"Python can't read that: {sentence(error.message)}",), counts=False)
    if error.type == "SystemExit":
        return Verdict(False, ("With that, the program leaves before its end.",))
    lines = source.split("\n")
    line = lines[error.line - 1].strip() if 0 < error.line <= len(lines) else ""
    where = f" in line {error.line}, {code(line)}" if line else ""
    return Verdict(False, (f"With that, the program stops{where}: {sentence(str(error))}",))


def printed_instead(attempt: Attempt, right: Attempt) -> str:
    """The output beside the right one, in a sentence."""
    output, expected = attempt.outcome[0], right.outcome[0]
    if not output:
        return "With that, nothing is printed."
    if len(output) > _LONG or len(expected) > _LONG:
        return "With that, something else is printed."
    if "\n" in output + expected:
        return f"With that, this is printed:\n\n{code(output)}\n\nThis should be:\n\n{code(expected)}"
    return f"With that, {code(output)} is printed, where {code(expected)} should be."
