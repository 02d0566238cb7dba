"""A number and what it counts, as they are said."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """``1 question``, ``1,200 questions``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
