"""An answer as it is typed in words: letters, numbers, or text."""

from __future__ import annotations

import re

from tutor.quiz.program import Answer
from tutor.quiz.turn import Turn

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def reply(turn: Turn, text: str) -> Answer:
    """The answer that ``text`` is to a question.

    Raises:
        ValueError: it is none, or one that was tried; its text is a sentence that says what would be.
    """
    put = turn.put
    if put.typed:
        return text.strip()
    if put.kind == "find the line":
        return (_line(turn, text),)
    places = _places(text, len(put.options))
    if put.kind == "order":
        if places is None or sorted(places) != list(range(len(put.options))):
            raise ValueError(f"Name every line once, as in `{' '.join(LETTERS[: len(put.options)])}`.")
        return tuple(places)
    if put.kind == "choose all":
        if not places:
            raise ValueError(f"Name all that are right by their letters, {span(turn)}, as in `a c`.")
        return tuple(sorted(set(places)))
    if places is None or len(places) != 1:
        raise ValueError(f"Answer with a letter, {span(turn)}.")
    if places[0] not in turn.open:
        raise ValueError("That one is out of the question already.")
    return (places[0],)


def span(turn: Turn) -> str:
    """``a to d``."""
    return f"a to {LETTERS[len(turn.put.options) - 1]}"


def _line(turn: Turn, text: str) -> int:
    lines = {(option.line or 0) + 1: place for place, option in enumerate(turn.put.options)}
    given = re.fullmatch(r"\s*(?:line\s+)?(\d+)\s*", text, re.IGNORECASE)
    place = lines.get(int(given[1])) if given else None
    if place is None:
        raise ValueError(f"Answer with the number of a line of code, {min(lines)} to {max(lines)}.")
    if place not in turn.open:
        raise ValueError("That line is out of the question already.")
    return place


def _places(text: str, count: int) -> list[int] | None:
    """Positions named by letters or by numbers from 1 on; None where something else stands."""
    found = []
    words = re.split(r"[\s,;]+", text.strip().lower().rstrip(".)"))
    for word in words:
        named = [int(word) - 1] if word.isdecimal() else [LETTERS.find(letter) for letter in word]
        if not named or not all(0 <= place < count for place in named):
            return None
        found += named
    return found
