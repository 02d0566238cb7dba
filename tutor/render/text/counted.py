"""A number and what it counts, as they are said."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """``1 question``, ``1,200 questions``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def answered(given: int, questions: int, right: int) -> str:
    """``12 answers to 8 questions, 75 % right at the first try.``; empty where none was given."""
    if not given:
        return ""
    to = f"{counted(given, 'answer')} to {counted(questions, 'question')}"
    return f"{to}, {round(100 * right / given)} % right at the first try."
