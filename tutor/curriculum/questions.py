"""The docstring of a question cell: a prompt, options with what to say to who chose them, and the why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tutor.curriculum.cells import Cell, Source, docstring
from tutor.curriculum.lesson import Option, Question

_BULLET = re.compile(r"-(?:\s|$)")
_MARKED = re.compile(r"\[([ xX])\]\s+")


@dataclass(slots=True)
class _Item:
    line: int
    lines: list[str] = field(default_factory=list)


def question(source: Source, cell: Cell) -> Question:
    """The question of a cell.

    Raises:
        LessonError: it has no docstring, prompt or why; or its options leave open which one is right.
    """
    found = docstring(cell)
    if found is None:
        raise source.fault(cell.line, 'Begin this question with its prompt and options in """quotes""".')
    statement, text = found
    has_code = len(cell.body) > 1
    last = statement.end_lineno or statement.lineno
    prompt, items, why = _parts(source, statement.lineno, last, text)
    if not prompt:
        raise source.fault(statement.lineno, "Write the question itself above its options.")
    if len(items) < 2:
        line = items[0].line if items else statement.lineno
        raise source.fault(line, "Give this question two options at least, each on a line that begins with `- `.")
    if not why:
        raise source.fault(items[-1].line, "Write below the options, after a blank line, why it is so.")
    read = [_option(source, item, has_code) for item in items]
    options = tuple(option for option, _ in read)
    right = [i for i, (_, marked) in enumerate(read) if marked]
    _refuse_repeats(source, items, options)
    _refuse_marks(source, items, right, has_code)
    code = source.code(last + 1, cell.last) if has_code else None
    return Question(prompt, options, right[0] if right else None, why, code, cell.line)


def _parts(source: Source, first: int, last: int, text: str) -> tuple[str, list[_Item], str]:
    """Prompt, options and why. The options end where a line at the margin follows a blank one."""
    lines = text.split("\n")
    begin = next((i for i, line in enumerate(lines) if _BULLET.match(line)), len(lines))
    items: list[_Item] = []
    end = begin
    while end < len(lines):
        line = lines[end]
        number = min(first + end, last)
        if _BULLET.match(line):
            items.append(_Item(number, [line[2:]]))
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
    return "\n".join(lines[:begin]).strip(), items, "\n".join(lines[end:]).strip()


def _option(source: Source, item: _Item, has_code: bool) -> tuple[Option, bool]:
    """An option, and whether it is marked right. With code its text is output, to the letter."""
    text = "\n".join(item.lines).strip()
    match = _MARKED.match(text)
    if match:
        text = text[match.end() :]
    colon = _colon(text)
    if colon is None:
        raise source.fault(
            item.line, "Close the bracket that this option opens, or put the option in `backticks` as it is."
        )
    shown, feedback = text[:colon].rstrip(), " ".join(text[colon + 1 :].split())
    shown = _unquoted(shown) if has_code else " ".join(shown.split())
    if not shown.strip():
        raise source.fault(item.line, "Write an option after this `- `, or take the line out.")
    return Option(shown, feedback), bool(match) and match[1] in "xX" if match else False


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


def _refuse_repeats(source: Source, items: list[_Item], options: tuple[Option, ...]) -> None:
    first: dict[str, int] = {}
    for item, option in zip(items, options, strict=True):
        key = "\n".join(line.rstrip() for line in option.text.split("\n"))
        if key in first:
            raise source.fault(item.line, f"Change this option: it repeats the one on line {first[key]}.")
        first[key] = item.line


def _refuse_marks(source: Source, items: list[_Item], right: list[int], has_code: bool) -> None:
    if has_code and right:
        raise source.fault(
            items[right[0]].line, "Take the `[x]` off: this question has code, and what it prints is right."
        )
    if not has_code and not right:
        raise source.fault(items[0].line, "Mark the right option with `- [x]`: no code tells which it is.")
    if len(right) > 1:
        line = items[right[0]].line
        raise source.fault(
            items[right[1]].line, f"Mark one option only: the one on line {line} is marked right already."
        )
