"""The docstring of a question cell: a prompt, options with what to say to who chose them, and the why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tutor.curriculum.cells import Cell, Source, docstring
from tutor.curriculum.lesson import Option

_BULLET = re.compile(r"-(?:\s|$)")
_MARKED = re.compile(r"\[([ xX])\]\s+")


@dataclass(slots=True)
class Item:
    """An option as it is written."""

    line: int
    lines: list[str] = field(default_factory=list)
    marked: bool = False
    """It has an ``[x]``."""


@dataclass(frozen=True, slots=True)
class QuestionText:
    """All that the docstring of a question says."""

    line: int
    """Where it begins."""
    last: int
    """Its last line."""
    prompt: str
    items: tuple[Item, ...]
    options: tuple[Option, ...]
    why: str

    @property
    def right(self) -> tuple[int, ...]:
        """The positions of the options that are marked right."""
        return tuple(place for place, item in enumerate(self.items) if item.marked)


def question_text(source: Source, cell: Cell, *, letter: bool) -> QuestionText:
    """The docstring of a question cell, read.

    Args:
        source: the lesson module.
        cell: the cell.
        letter: options are output to the letter; otherwise blanks and line breaks in them don't count.

    Raises:
        LessonError: it has no docstring, prompt or why, or an option can't be read.
    """
    quoted = docstring(cell)
    if quoted is None:
        raise source.fault(cell.line, 'Begin this question with its prompt and options in """quotes""".')
    statement, text = quoted
    last = statement.end_lineno or statement.lineno
    prompt, items, why = _parts(source, statement.lineno, last, text)
    if not prompt:
        raise source.fault(statement.lineno, "Write the question itself above its options.")
    if not why:
        line = items[-1].line if items else statement.lineno
        where = "below the options, after a blank line" if items else "below the prompt, after a blank line"
        raise source.fault(line, f"Write {where}, why it is so.")
    options = tuple(_option(source, item, letter) for item in items)
    _refuse_repeats(source, items, options)
    return QuestionText(statement.lineno, last, prompt, tuple(items), options, why)


def _parts(source: Source, first: int, last: int, text: str) -> tuple[str, list[Item], str]:
    """Prompt, options and why. The options end where a line at the margin follows a blank one."""
    lines = text.split("\n")
    begin = next((i for i, line in enumerate(lines) if _BULLET.match(line)), len(lines))
    items: list[Item] = []
    end = begin
    while end < len(lines):
        line = lines[end]
        number = min(first + end, last)
        if _BULLET.match(line):
            items.append(Item(number, [line[2:]]))
        elif line.strip() and not line.startswith("  "):
            if lines[end - 1].strip():
                raise source.fault(
                    number,
                    "Indent this line by two spaces if it goes on with the option above; "
                    "put a blank line above it if it begins the why.",
                )
            break
        else:
            items[-1].lines.append(line[2:])
        end += 1
    prompt, why = "\n".join(lines[:begin]).strip(), "\n".join(lines[end:]).strip()
    if not items:  # a blank line parts the prompt from the why
        prompt, _, why = prompt.partition("\n\n")
    return prompt, items, why.strip()


def _option(source: Source, item: Item, letter: bool) -> Option:
    """An option; notes in ``item`` whether it is marked right."""
    text = "\n".join(item.lines).strip()
    match = _MARKED.match(text)
    if match:
        text = text[match.end() :]
        item.marked = match[1] in "xX"
    colon = _colon(text)
    if colon is None:
        raise source.fault(
            item.line, "Close the bracket that this option opens, or put the option in `backticks` as it is."
        )
    answer, feedback = text[:colon].rstrip(), " ".join(text[colon + 1 :].split())
    answer = _unquoted(answer) if letter else " ".join(answer.split())
    if not answer.strip():
        raise source.fault(item.line, "Write an option after this `- `, or take the line out.")
    return Option(answer, feedback)


def _colon(text: str) -> int | None:
    """Where the colon before the feedback stands; the text's length if none does; None in an open bracket.

    Colons within brackets, quotes and backticks belong to the option, and so does one with no blank behind
    it. A quote after a letter is an apostrophe.
    """
    depth = at = 0
    while at < len(text):
        char = text[at]
        if char == "`":
            ticks = _ticks(text, at)
            close = text.find("`" * ticks, at + ticks)
            at = at + ticks if close < 0 else close + ticks
            continue
        if char in "'\"" and not text[at - 1 : at].isalnum() and (close := text.find(char, at + 1)) > 0:
            at = close
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth = max(0, depth - 1)
        elif char == ":" and not depth and text[at + 1 : at + 2] in (" ", "\n"):
            return at
        at += 1
    return None if depth else at


def _unquoted(text: str) -> str:
    """Output without the backticks around the whole of it."""
    ticks = _ticks(text, 0)
    whole = ticks and text.find("`" * ticks, ticks) == len(text) - ticks
    return text[ticks:-ticks] if whole else text


def _ticks(text: str, at: int) -> int:
    return len(text) - at - len(text[at:].lstrip("`"))


def _refuse_repeats(source: Source, items: list[Item], options: tuple[Option, ...]) -> None:
    first: dict[str, int] = {}
    for item, option in zip(items, options, strict=True):
        key = "\n".join(line.rstrip() for line in option.text.split("\n"))
        if key in first:
            raise source.fault(item.line, f"Change this option: it repeats the one on line {first[key]}.")
        first[key] = item.line
