"""An answer as it is typed in words: letters, numbers, or text."""

from __future__ import annotations

import re

from tutor.quiz.presentation import Answer
from tutor.quiz.turn import Turn

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def parse_answer(turn: Turn, text: str) -> Answer:
    """The answer to a question that ``text`` is.

    Raises:
        ValueError: it is none, or one that was tried; its text is a sentence that says what would be.
    """
    count = len(turn.presentation.options)
    places = _places(text, count)
    match turn.presentation.mode:
        case "text":
            return text.strip()
        case "order":
            if places is None or sorted(places) != list(range(count)):
                raise ValueError(f"Name every line once, as in `{' '.join(LETTERS[:count])}`.")
            return tuple(places)
        case "several":
            if not places:
                raise ValueError(f"Name all that are right by their letters, {span(turn)}, as in `a c`.")
            return tuple(sorted(set(places)))
    if turn.kind.options_are_lines:
        return (_line(turn, text),)
    if places is None or len(places) != 1:
        raise ValueError(f"Answer with a letter, {span(turn)}.")
    if places[0] not in turn.open:
        raise ValueError("That one is out of the question already.")
    return (places[0],)


def span(turn: Turn) -> str:
    """``a to d``, the letters of the options; empty where there are none."""
    count = len(turn.presentation.options)
    return f"a to {LETTERS[count - 1]}" if count else ""


def _line(turn: Turn, text: str) -> int:
    lines = {row + 1: place for place, row in enumerate(turn.presentation.question.places)}
    number = re.fullmatch(r"\s*(?:line\s+)?(\d+)\s*", text, re.IGNORECASE)
    place = lines.get(int(number[1])) if number else None
    if place is None:
        raise ValueError(f"Answer with the number of a line of code, {min(lines)} to {max(lines)}.")
    if place not in turn.open:
        raise ValueError("That line is out of the question already.")
    return place


def _places(text: str, count: int) -> list[int] | None:
    """Positions named by letters or by numbers from 1 on; None where something else stands."""
    places: list[int] = []
    words = re.split(r"[\s,;]+", text.strip().lower().rstrip(".)"))
    for word in words:
        named = [int(word) - 1] if word.isdecimal() else [LETTERS.find(letter) for letter in word]
        if not named or not all(0 <= place < count for place in named):
            return None
        places += named
    return places
