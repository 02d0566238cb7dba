"""Laying out lines for a width: wrapping, hanging indents, clipping; `code` in running text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from rich.cells import cell_len, chop_cells
from rich.text import Text

from tutor.render.text.style import Look

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


class Drawing:
    """A Rich renderable whose lines ``draw`` lays out for the width that it gets, in character cells."""

    def __init__(self, draw: Callable[[int], Iterable[Text]]) -> None:
        self._draw = draw

    def lines(self, width: int) -> list[Text]:
        """The lines, none of them wider than ``width`` cells, from 20 cells on."""
        return [loosen(line) for line in self._draw(max(1, width))]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines(options.max_width):
            line.no_wrap = True
            line.overflow = "crop"
            yield line


P = ParamSpec("P")


def drawing(lines: Callable[Concatenate[int, P], Iterable[Text]]) -> Callable[P, Drawing]:
    """Make a function that gives the lines for a width, its first argument, into one that gives the drawing."""

    @wraps(lines)
    def make(*arguments: P.args, **options: P.kwargs) -> Drawing:
        return Drawing(lambda width: lines(width, *arguments, **options))

    return make


_GLUE = "\N{NO-BREAK SPACE}"


def glue(code: str, longest: int = 24) -> str:
    """A piece of code that no line break may part, up to ``longest`` cells; :func:`loosen` brings its spaces back."""
    return code.replace(" ", _GLUE) if cell_len(code) <= longest else code


def loosen(line: Text) -> Text:
    """``line`` as it is printed, with plain spaces."""
    if _GLUE in line.plain:
        line.plain = line.plain.replace(_GLUE, " ")
    return line


_CODE = re.compile(r"(`+)(.+?)\1")


def inline(text: str, look: Look, style: str = "") -> Text:
    """A sentence of ours: code in backticks is styled, and keeps no backticks."""

    def write(line: Text, code: re.Match[str]) -> None:
        line.append(glue(look.spell(code[2].strip())), look.code_style)

    return running_text(text, _CODE, write, look, style)


def running_text(
    text: str, markup: re.Pattern[str], write: Callable[[Text, re.Match[str]], None], look: Look, style: str = ""
) -> Text:
    """``text``, in which ``write`` appends what stands for each piece of ``markup``."""
    line = Text(style=style)
    position = 0
    for match in markup.finditer(text):
        line.append(look.spell(text[position : match.start()]))
        write(line, match)
        position = match.end()
    return line.append(look.spell(text[position:]))


_PIECE = re.compile(rf"\n|[^\S\n{_GLUE}]+|[\S{_GLUE}]+")


@cache
def _wide_piece() -> re.Pattern[str]:
    """The pieces of a line with wide characters: it may break after any, unless the next can't begin a line.

    Made when it is first needed: it takes 2 ms.
    """
    wide = (
        r"[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f"
        r"\uff01-\uff60\uffe0-\uffe6\U00020000-\U0003fffd]"
    )
    closing = r"[、。，．：；？！）」』】〉》〕｝ー々,.:;?!)\]}]*"
    return re.compile(rf"\n|[^\S\n{_GLUE}]+|{wide}{closing}|(?:(?!{wide})[\S{_GLUE}])+")


def wrap(text: Text, width: int) -> list[Text]:
    """``text`` broken into lines of at most ``width`` cells, at spaces where it has some."""
    cuts = [offset for line in _lines(text.plain, max(1, width)) for offset in line]
    return list(text.divide(cuts))[1::2]


def _lines(plain: str, width: int) -> Iterator[tuple[int, int]]:
    """Where each line begins and ends."""
    start = end = used = 0
    pattern = _PIECE if cell_len(plain) == len(plain) else _wide_piece()
    for match in pattern.finditer(plain):
        piece, size = match[0], cell_len(match[0])
        if piece == "\n":
            yield start, end
            start, end, used = match.end(), match.end(), 0
            continue
        if piece.isspace():
            if start == match.start() and (start == 0 or plain[start - 1] == "\n"):
                end = match.end()  # indentation that the text brought along stays
            used += size
            continue
        if used + size > width and end > start:
            yield start, end
            start, used = match.start(), 0
        if size > width:
            start = match.start()
            *whole, rest = chop_cells(piece, width)
            for part in whole:
                yield start, start + len(part)
                start += len(part)
            size = cell_len(rest)
        used += size
        end = match.end()
    yield start, end


def hang(head: Text | str, body: Text, width: int) -> Iterator[Text]:
    """``body`` wrapped behind ``head``; the lines that follow are indented by the head's width."""
    head = Text(head) if isinstance(head, str) else head
    indent = head.cell_len
    if indent > width // 2 and indent > 4:  # too narrow to stand beside each other
        yield clip(head, width)
        head, indent = Text("  "), 2
    for number, line in enumerate(wrap(body, width - indent)):
        yield Text.assemble(head if number == 0 else " " * indent, line)


def indent(lines: Iterable[Text], by: int = 2) -> Iterator[Text]:
    """The lines ``by`` cells in; empty ones stay empty."""
    for line in lines:
        yield Text.assemble(" " * by, line) if line else line


def clip(text: Text, width: int, more: str = "") -> Text:
    """``text`` on one line, cut to ``width`` cells; ``more`` stands where something was cut."""
    if text.cell_len <= width:
        return text
    room = max(0, width - cell_len(more))
    visible = chop_cells(text.plain, room)[0] if room else ""
    return text[: len(visible)].append(more[:width])


def join_parts(*parts: Text) -> Text:
    """The ``parts`` that aren't empty on one line, two cells between them."""
    return Text("  ").join(part for part in parts if part)


def align(cells: Iterable[Text], sizes: Iterable[int], gap: int = 2) -> Text:
    """One line of a table: ``cells`` as wide as their columns, ``gap`` between; columns of 0 cells are left out."""
    row = zip(cells, sizes, strict=True)
    line = Text(" " * gap).join(Text.assemble(cell, " " * (size - cell.cell_len)) for cell, size in row if size)
    line.rstrip()
    return line


def column_sizes(rows: Iterable[Iterable[Text]]) -> list[int]:
    """How wide each column of a table is; no columns where there are no rows."""
    return [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]


def beside(left: Text, right: Text, width: int) -> list[Text]:
    """Two texts on one line, at its two ends; on two lines where they don't fit."""
    gap = width - left.cell_len - right.cell_len
    if gap >= 2:
        return [Text.assemble(left, " " * gap, right)]
    return [*wrap(left, width), *wrap(right, width)]


def number(value: float) -> str:
    """A number in four significant digits: ``6``, ``0.0123``, ``1.5e-5``, ``20000``."""
    if abs(value) < 1e7 and value == int(value):  # false for NaN and inf, which have no int
        return str(int(value))
    text = f"{value:.4g}"
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if mark else text


def span(low: float, high: float, look: Look, write: Callable[[float], str] = number) -> str:
    """From the lowest of some values to the highest: ``1 … 4``, or ``all 3``."""
    return f"all {write(low)}" if low == high else write(low) + look.to + write(high)


def along(value: float, low: float, high: float) -> float:
    """How far ``value`` is on the way from ``low``, 0, to ``high``, 1."""
    # Halved, because the difference of two huge numbers would overflow.
    return (value / 2 - low / 2) / (high / 2 - low / 2)


def duration(seconds: float) -> str:
    """A time in words: ``4 ms``, ``1.25 s``, ``2 min 5 s``."""
    if seconds < 1:
        return f"{max(1, round(seconds * 1000))} ms"
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
