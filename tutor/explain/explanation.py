"""What an error means: the first of the known errors that recognises it says so."""

from __future__ import annotations

from dataclasses import dataclass

from tutor.runner.protocol import Raised


@dataclass(frozen=True, slots=True)
class Explanation:
    """An error in plain words. Code stands in backticks."""

    what: str
    """What is wrong, with the learner's names and shapes where they are known."""
    try_: str = ""
    """One thing to try."""


def explain(event: Raised) -> Explanation | None:
    """What ``event`` means; None when it is none of the known errors."""
    return None
