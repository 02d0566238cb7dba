"""What somebody wants to be asked. It loads nothing: the first paint may wait for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Wanted:
    """A quiz that is wanted."""

    what: Literal["lesson", "chapter", "all", "due"]
    id: str = ""
    """Of the lesson or the chapter."""
    count: int | None = None
    """How many questions at most; None: as many as is usual."""
