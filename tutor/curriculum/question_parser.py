"""A question cell -> Question. ``lessons/README.md`` shows how each kind is written.

What all kinds have in common is read here: the heading, the text, fresh numbers. The rest is read by the kind itself.
Kinds belong to :mod:`tutor.quiz`, which stands above this package; so they are handed in, as a mapping by name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from tutor.curriculum.cells import Cell, Source, docstring
from tutor.curriculum.lesson import BLANK, Code, Fresh, LessonError, Option, Question, nearest

WITHOUT_CODE, WITH_CODE = "choose", "prints"
"""The kinds of questions whose cell names none."""
MOST = 1000
"""Numbers in a range of fresh ones."""

_HEADING = re.compile(r"(\w+)\s*(?::\s*(\S.*))?$")
_BULLET = re.compile(r"-(?:\s|$)")
_MARKED = re.compile(r"\[([ xX])\]\s+")
_NUMBER = re.compile(r"[-+]?\d[\d_]*(\.\d*)?(e[-+]?\d+)?")


def is_expression(text: str) -> bool:
    """Whether Python reads ``text`` as an expression."""
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Target:
    """A target: the part of a heading behind the kind."""

    noun: str
    example: str
    is_valid: Callable[[str], bool]


EXPRESSION = Target("an expression", "predict y.shape", is_expression)
NAME = Target("a name", "write total", str.isidentifier)


Item = tuple[int, list[str]]
"""An option as it is written: the line of the lesson file where it begins, and its own lines."""


@dataclass(frozen=True, slots=True)
class QuestionCell:
    """A question cell on its way to its kind."""

    source: Source
    line: int
    """Where its text begins."""
    option_lines: tuple[int, ...]
    """Where each option begins."""
    question: Question
    """As far as all kinds have it in common; right are the options with an ``[x]``."""
    snippet: Code
    """The program that its lesson starts from."""

    @property
    def code(self) -> Code:
        """The code of a question that has some."""
        assert self.question.code is not None
        return self.question.code

    def fault(self, line: int, sentence: str) -> LessonError:
        """The error that points at ``line`` of the lesson file."""
        return self.source.fault(line, sentence)

    def line_of(self, row: int) -> int:
        """The line of the lesson file for a line of the code, counted from 0."""
        return self.code.line + row

    def with_lines(self, lines: list[str]) -> Code:
        """The code with these lines in place of its own."""
        return Code("\n".join(lines), self.code.line)

    def require_options(self, least: int) -> None:
        """Fault a question that has fewer options."""
        if len(self.option_lines) < least:
            line = next(iter(self.option_lines), self.line)
            number = {1: "an option", 2: "two options", 3: "three options"}[least]
            raise self.fault(line, f"Give this question {number} at least, each on a line that begins with `- `.")

    def require_expressions(self) -> None:
        """Fault an option that is no expression."""
        for line, option in zip(self.option_lines, self.question.options, strict=True):
            if not is_expression(option.text):
                raise self.fault(line, f"Write an expression here, as Python reads it: `{option.text}` is none.")

    def require_blank(self) -> None:
        """Fault code without a blank, or with several."""
        if (count := self.code.text.count(BLANK)) != 1:
            times = "twice or more" if count else "nowhere"
            raise self.fault(self.code.line, f"Put `{BLANK}` once where code is left out: it stands {times}.")

    def refuse_options(self, why: str) -> None:
        """Fault options where the code holds them."""
        if self.option_lines:
            raise self.fault(self.option_lines[0], f"Take the options out: {why}.")

    def refuse_marks(self, why: str) -> None:
        """Fault an ``[x]`` where running the code says what is right."""
        if right := self.question.right:
            raise self.fault(self.option_lines[right[0]], f"Take the `[x]` off: {why}.")


class CellReader(Protocol):
    """The part of a question kind that reads cells."""

    has_code: ClassVar[bool]
    """Whether its cells have code below their text."""
    options_are_markdown: ClassVar[bool]
    """Whether blanks and line breaks in options don't count."""
    target: ClassVar[Target | None]
    """What its heading names behind the kind; None: nothing."""

    def read(self, cell: QuestionCell) -> Question:
        """The question of a cell of this kind. Raises LessonError."""


Readers = Mapping[str, CellReader]
"""Question kinds by their names."""


def question(source: Source, cell: Cell, snippet: Code, kinds: Readers) -> Question:
    """The question of a cell, in a lesson that starts from ``snippet``.

    Raises:
        LessonError: it lacks something, or says two things that don't go together.
    """
    name, kind, target = _heading(source, cell, kinds)
    reader = kinds[kind]
    quoted = docstring(cell)
    if quoted is None:
        raise source.fault(cell.line, 'Begin this question with its prompt and options in """quotes""".')
    statement, text = quoted
    first, last = statement.lineno, statement.end_lineno or statement.lineno
    prompt, items, why = _parts(source, first, last, text)
    marked_options = [_option(source, *item, letter=not reader.options_are_markdown) for item in items]
    lines, options = tuple(line for line, _ in items), tuple(option for option, _ in marked_options)
    _refuse_repeats(source, lines, options)
    code = None
    if len(cell.body) > 1:
        code = source.code(last + 1, cell.last)
    elif reader.has_code:
        raise source.fault(cell.line, f"Write the code of this question below its text: `{kind}` needs some.")
    right = tuple(place for place, (_, is_marked) in enumerate(marked_options) if is_marked)
    draft = Question(name, kind, prompt, options, right, why, code, cell.line, target)
    read = QuestionCell(source, first, lines, draft, snippet)
    if code is not None:
        read = replace(read, question=_with_fresh_numbers(read))
    return reader.read(read)


def _heading(source: Source, cell: Cell, kinds: Readers) -> tuple[str, str, str]:
    """Name, kind and target of ``question NAME: KIND TARGET``. Without a kind, code decides which it is."""
    match = _HEADING.match(cell.rest)
    if match is None:
        shape = "# %% question NAME` or `# %% question NAME: KIND"
        raise source.fault(cell.line, f"Write this line as `{shape}`; the name is permanent, as in `rows_sum`.")
    name, words = match[1], match[2]
    if words is None:
        return name, WITH_CODE if len(cell.body) > 1 else WITHOUT_CODE, ""
    for kind in sorted(kinds, key=len, reverse=True):
        if not re.match(rf"{kind}\b", words):
            continue
        target = kinds[kind].target
        if target is not None:
            return name, kind, _target(source, cell, target, words[len(kind) :].strip())
        if words == kind:
            return name, kind, ""
    hint = nearest(words, kinds) or f"the kinds are {', '.join(kinds)}."
    raise source.fault(cell.line, f"`{words}` is no kind of question; {hint}")


def _target(source: Source, cell: Cell, target: Target, text: str) -> str:
    if not target.is_valid(text):
        raise source.fault(cell.line, f"Name what is asked for, {target.noun}, as in `{target.example}`.")
    return text


def remark(line: str, *marks: str) -> tuple[str, str, str]:
    """A line without the comment at its end that begins with one of ``marks``, which, and the rest of the comment."""
    match = re.search(rf"\s*#\s*({'|'.join(marks)})\b:?\s*(.*)$", line)
    return (line[: match.start()], match[1], match[2].strip()) if match else (line, "", "")


def _with_fresh_numbers(cell: QuestionCell) -> Question:
    """``n = 3  # fresh: 2..9`` or ``# fresh: 0.1, 0.5`` gives other numbers each time."""
    lines, fresh = cell.code.text.split("\n"), []
    for row, line in enumerate(lines):
        bare, mark, words = remark(line, "fresh")
        if not mark:
            continue
        choices, value = _choices(words), bare.rpartition("=")[2].strip()
        if choices is None or not _NUMBER.fullmatch(value):
            sentence = "Write it as `n = 3  # fresh: 2..9` or `x = 0.1  # fresh: 0.1, 0.5`, the number by itself."
            raise cell.fault(cell.line_of(row), sentence)
        lines[row] = bare
        fresh.append(Fresh(row, choices))
    return replace(cell.question, code=cell.with_lines(lines), fresh=tuple(fresh)) if fresh else cell.question


def _choices(words: str) -> tuple[str, ...] | None:
    if match := re.fullmatch(r"(-?\d+)\s*\.\.\s*(-?\d+)", words):
        numbers = range(int(match[1]), int(match[2]) + 1)
        return tuple(map(str, numbers)) if 2 <= len(numbers) <= MOST else None
    choices = tuple(choice.strip() for choice in words.split(","))
    return choices if len(choices) >= 2 and all(map(_NUMBER.fullmatch, choices)) else None


# --- the docstring: a prompt, options with what to say to who chose them, and the why -----------------------


def _parts(source: Source, first: int, last: int, text: str) -> tuple[str, list[Item], str]:
    """Prompt, options and why. The options end where a line at the margin follows a blank one.

    Raises:
        LessonError: there is no prompt or no why, or a line belongs to neither and to no option.
    """
    lines = text.split("\n")
    begin = next((i for i, line in enumerate(lines) if _BULLET.match(line)), len(lines))
    items: list[Item] = []
    end = begin
    while end < len(lines):
        line = lines[end]
        number = min(first + end, last)
        if _BULLET.match(line):
            items.append((number, [line[2:]]))
        elif line.strip() and not line.startswith("  "):
            if lines[end - 1].strip():
                raise source.fault(
                    number,
                    "Indent this line by two spaces if it goes on with the option above; "
                    "put a blank line above it if it begins the why.",
                )
            break
        else:
            items[-1][1].append(line[2:])
        end += 1
    prompt, why = "\n".join(lines[:begin]).strip(), "\n".join(lines[end:]).strip()
    if not items:  # a blank line parts the prompt from the why
        prompt, _, why = prompt.partition("\n\n")
    if not prompt:
        raise source.fault(first, "Write the question itself above its options.")
    if not why.strip():
        where = "below the options, after a blank line" if items else "below the prompt, after a blank line"
        raise source.fault(items[-1][0] if items else first, f"Write {where}, why it is so.")
    return prompt, items, why.strip()


def _option(source: Source, line: int, lines: list[str], *, letter: bool) -> tuple[Option, bool]:
    """An option, and whether it is marked right.

    Where it is output to the ``letter`` it stays as it is; otherwise blanks and line breaks in it don't count.
    """
    text = "\n".join(lines).strip()
    mark = _MARKED.match(text)
    text = text[mark.end() :] if mark else text
    colon = _colon(text)
    if colon is None:
        raise source.fault(line, "Close the bracket that this option opens, or put the option in `backticks` as it is.")
    answer, feedback = text[:colon].rstrip(), " ".join(text[colon + 1 :].split())
    answer = _unquoted(answer) if letter else " ".join(answer.split())
    if not answer.strip():
        raise source.fault(line, "Write an option after this `- `, or take the line out.")
    return Option(answer, feedback), mark is not None and mark[1] in "xX"


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


def _refuse_repeats(source: Source, lines: tuple[int, ...], options: tuple[Option, ...]) -> None:
    first: dict[str, int] = {}
    for line, option in zip(lines, options, strict=True):
        key = "\n".join(row.rstrip() for row in option.text.split("\n"))
        if key in first:
            raise source.fault(line, f"Change this option: it repeats the one on line {first[key]}.")
        first[key] = line
