"""One line of a terminal: cells, a cursor, colours. Every other control sequence is left out.

Rich's own reader of such text was tried: it prints the payload of control sequences.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from tutor.render.text.style import Look

LINE = 5_000
"""Cells kept of one line."""

PLAIN = Style.null()
CONTROL_SEQUENCE = re.compile(
    # CSI: colours, cursor, erasing, screens
    r"(?:\x1b\[|\x9b)(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~]|$)"
    # OSC, DCS and the like: titles, clipboard, links, pictures
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|\x1b$)?"
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x1f\x7f-\x9f]"
)
_COLOURS = re.compile(r"(?:\x1b\[|\x9b)([\d;:]*)m")


def style_after(style: Style, raw: str) -> Style:
    """The style that text has after ``raw``, when it had ``style`` before."""
    for match in _COLOURS.finditer(raw):
        style = _restyle(style, match[1])
    return style


class TerminalLine:
    """One line as cells: the character and the style of each column, and the position of the cursor."""

    __slots__ = ("cells", "cursor", "lost", "style", "styles", "touched")

    def __init__(self, style: Style) -> None:
        self.cells: list[str] = []
        """One entry a column; the second column of a wide character is empty."""
        self.styles: list[Style] = []
        self.cursor = 0
        self.lost = 0
        """Characters beyond the cells kept."""
        self.style = style
        self.touched = False

    def copy(self) -> TerminalLine:
        line = TerminalLine(self.style)
        line.cells, line.styles = self.cells.copy(), self.styles.copy()
        line.cursor, line.lost, line.touched = self.cursor, self.lost, self.touched
        return line

    def write(self, raw: str) -> None:
        self.touched = True
        position = 0
        for match in CONTROL_SEQUENCE.finditer(raw):
            if match.start() > position:
                self._write_text(raw[position : match.start()])
            position = match.end()
            self._obey(match)
        if position < len(raw):
            self._write_text(raw[position:])

    def _obey(self, match: re.Match[str]) -> None:
        control = match[0]
        if control == "\r":
            self.cursor = 0
        elif control == "\b":
            self.cursor = max(0, self.cursor - 1)
        elif control == "\t":
            self.cursor += 8 - self.cursor % 8
        elif match["final"] == "m" and not match["parameters"].startswith((">", "?", "<", "=")):
            self.style = _restyle(self.style, match["parameters"])
        elif match["final"] == "K" and match["parameters"] != "1":  # progress bars erase what was longer
            keep = 0 if match["parameters"] == "2" else self.cursor
            del self.cells[keep:], self.styles[keep:]

    def _write_text(self, text: str) -> None:
        start = self.cursor
        if start >= LINE:
            self.lost += len(text)
            return
        cells = list(text) if text.isascii() else _cells(text)
        if start + len(cells) > LINE:
            self.lost += start + len(cells) - LINE
            del cells[LINE - start :]
        self.cursor = end = start + len(cells)
        if start > len(self.cells):
            gap = start - len(self.cells)
            self.cells += [" "] * gap
            self.styles += [PLAIN] * gap
        self._split_wide(start)
        self._split_wide(end)
        self.cells[start:end] = cells
        self.styles[start:end] = [self.style] * len(cells)

    def _split_wide(self, column: int) -> None:
        """Blank a wide character of which only one half will be overwritten."""
        if 0 < column < len(self.cells) and self.cells[column] == "":
            self.cells[column - 1] = self.cells[column] = " "

    def text(self, look: Look) -> Text:
        line = Text()
        start = 0
        for column in range(1, len(self.cells) + 1):
            if column == len(self.cells) or self.styles[column] is not self.styles[start]:
                line.append(look.spell("".join(self.cells[start:column])), self.styles[start])
                start = column
        if self.lost:
            line.append(f"{look.more} +{self.lost:,} characters", look.dim_style)
        return line


def _cells(text: str) -> list[str]:
    cells: list[str] = []
    for char in re.sub(r"[\ud800-\udfff]", "\ufffd", text):
        size = cell_len(char)
        if size:
            cells += [char] if size == 1 else [char, ""]
        elif cells:
            cells[-1] += char
    return cells


_IGNORED = frozenset([5, 6, 8, 21, 25, 26, 28, *range(51, 56)])
"""Codes that Rich knows too: of a run's output nothing blinks, hides itself or gets a frame."""


@lru_cache(maxsize=4096)
def _restyle(style: Style, parameters: str) -> Style:
    """``style`` after a colour sequence, ``ESC [ parameters m``."""
    from rich.ansi import SGR_STYLE_MAP  # the first paint has no use for it

    codes = [int(code) if code.isdigit() else 0 for code in parameters.replace("::", ":").replace(":", ";").split(";")]
    while codes:
        code = codes.pop(0)
        if code == 0:
            style = PLAIN
        elif code in (38, 48):
            name = _wide_colour(codes)
            if name:
                style += Style.parse(f"on {name}" if code == 48 else name)
        elif code in SGR_STYLE_MAP and code not in _IGNORED:
            style += Style.parse(SGR_STYLE_MAP[code])
    return style


def _wide_colour(codes: list[int]) -> str:
    """The colour that ``5;n`` or ``2;r;g;b`` means, taken off ``codes``; empty when it is none."""
    kind = codes.pop(0) if codes else 0
    size = {5: 1, 2: 3}.get(kind, 0)
    values = codes[:size]
    del codes[:size]
    if not size or len(values) < size or any(value > 255 for value in values):
        return ""
    return f"color({values[0]})" if kind == 5 else f"rgb({','.join(map(str, values))})"
