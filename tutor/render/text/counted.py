"""Counts in words. Apart from ``layout``, so that exports and reports don't wait 70 ms for Rich."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """``1 question``, ``1,200 questions``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def answered(answers: int, questions: int, right: int) -> str:
    """``12 answers to 8 questions, 75 % right at the first try.``; empty where none was given."""
    if not answers:
        return ""
    to = f"{counted(answers, 'answer')} to {counted(questions, 'question')}"
    return f"{to}, {round(100 * right / answers)} % right at the first try."
