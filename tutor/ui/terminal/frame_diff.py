"""Send the terminal only the cells that changed.

Textual repaints whole widgets: a key typed into an editor costs 9 to 17 kB, which a slow SSH link feels.
:class:`TerminalFrame` keeps what the terminal shows and turns each update into the runs of cells that differ.
It reads the strips that Textual's compositor hands to the private method ``App._display``; that is why
Textual is pinned to a minor version, why ``tests/ui/terminal/test_frame_diff.py`` replays it against stock Textual,
and why ``TUTOR_FRAMES=off`` turns it off.

Here is also the gate for all that is drawn: no character of a text gets to the terminal that could command it.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from rich.cells import cell_len, split_graphemes
from rich.color import ColorSystem
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip

from tutor.control_characters import CONTROL, visible
from tutor.render.text.console import GatedConsole
from tutor.render.text.style import to_ascii

BRIDGE = 6
"""Moving the cursor costs about this many bytes: an unchanged gap that is shorter is sent again instead."""
STRIPS_REMEMBERED = 1024
_CONTROL = re.compile(r"[\t\n]")
"""What is text elsewhere, but within a row would move the cursor."""
LEAVE = b"\x1b[m\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[?25h\x1b[?1049l"
"""Ends everything that Textual asks of a terminal: focus and paste events, keyboard protocol, alternate screen."""


class CellStyle(NamedTuple):
    """How a cell is drawn, as SGR parameters."""

    attributes: str
    foreground: str
    background: str
    link: str


class ScreenCell(NamedTuple):
    """One column of a row. The second column of a wide character has no text."""

    text: str
    pen: CellStyle


PLAIN = CellStyle("", "", "", "")


class TerminalFrame:
    """The screen as the terminal shows it, as far as it is known."""

    def __init__(self, console: Console, *, ascii: bool = False) -> None:
        self._ascii = ascii
        self._colors = console._color_system or ColorSystem.TRUECOLOR
        self._rows: list[list[ScreenCell | None]] = []
        self._size = (0, 0)
        self._strips: dict[int, tuple[Strip, list[ScreenCell]]] = {}
        self._cursor: tuple[int, int] | None = None

    def forget(self) -> None:
        """Know nothing of the terminal any more: the next update is sent whole."""
        self._rows = []
        self._size = (0, 0)
        self._cursor = None

    def changes(self, update: LayoutUpdate | ChopsUpdate, size: tuple[int, int], cursor: tuple[int, int]) -> str:
        """What to write so that a terminal of ``size`` (columns, rows) shows ``update``; empty when it does."""
        if size != self._size:
            self._rows = [[None] * size[0] for _ in range(size[1])]
            self._size = size
        out: list[str] = []
        whole: set[int] = set()
        for y, x, strip in strips_in(update):
            if y < size[1] and x < size[0] and not self._row(out, y, x, strip):
                whole.add(y)
        out.extend(_whole(self._rows[y], y) for y in sorted(whole))
        if out or cursor != self._cursor:
            out.append(_move(*cursor))
            self._cursor = cursor
        return "".join(out)

    def _row(self, out: list[str], y: int, x: int, strip: Strip) -> bool:
        """Take in a strip and write what it changes; False where the row is to be written whole."""
        row = self._rows[y]
        new = self._cells(strip)[: len(row) - x]
        old = row[x : x + len(new)]
        if old == new:
            return True
        doubtful = any(map(_is_doubtful, row))
        row[x : x + len(new)] = new
        if doubtful or any(map(_is_doubtful, new)):
            return False
        for start, end in _runs(old, new):
            out.append(_move(x + start, y))
            out.append(_paint(new[start:end]))
        return True

    def _cells(self, strip: Strip) -> list[ScreenCell]:
        known = self._strips.get(id(strip))
        if known is not None:
            return known[1]
        if len(self._strips) >= STRIPS_REMEMBERED:
            self._strips.clear()
        cells = self._read(strip)
        self._strips[id(strip)] = (strip, cells)  # holding the strip keeps its id from being used again
        return cells

    def _read(self, strip: Strip) -> list[ScreenCell]:
        cells: list[ScreenCell] = []
        for text, style in _texts(strip, self._ascii):
            pen = PLAIN if style is None else _pen(style, self._colors)
            if text.isascii():
                cells.extend([ScreenCell(character, pen) for character in text])
                continue
            for start, end, width in _graphemes(text):
                if width:
                    cells.append(ScreenCell(text[start:end], pen))
                    cells.extend([ScreenCell("", pen)] * (width - 1))
                elif cells:
                    cells[-1] = cells[-1]._replace(text=cells[-1].text + text[start:end])
        return cells


def _texts(strip: Strip, ascii: bool) -> Iterator[tuple[str, Style | None]]:
    """The texts of a strip, as wide as they are there, with nothing in them that could command the terminal."""
    for text, style, control in strip:
        if control:
            continue
        if style is not None and style.link and not style.link.isprintable():
            style = style.update_link(None)
        yield as_wide(text, ascii=ascii), style


def disarm(update: LayoutUpdate | ChopsUpdate, ascii: bool) -> LayoutUpdate | ChopsUpdate:
    """An update for Textual itself to send, with nothing in it that could command the terminal."""

    def clean(strip: Strip) -> Strip:
        return Strip([Segment(*piece) for piece in _texts(strip, ascii)], strip.cell_length)

    if isinstance(update, LayoutUpdate):
        return LayoutUpdate([[clean(strip) for strip in line if strip] for line in update.strips], update.region)
    chops = [{x: strip and clean(strip) for x, strip in line.items()} for line in update.chops]
    return ChopsUpdate(chops, update.spans, update.chop_ends)


def strips_in(update: LayoutUpdate | ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """Row, column and strip of everything in an update, as the updates' own ``render_segments`` place them."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in line:
                if strip is not None:
                    yield y, x, strip
                    x += strip.cell_length
        return
    for y, x1, x2 in update.spans:
        for end, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if chop is not None and x <= x2 and end > x1:
                yield y, x, chop if end <= x2 else chop.crop(0, x2 - x)


def as_wide(text: str, *, ascii: bool = False) -> str:
    """``text`` without control characters, as wide as it was: a sign in place of what has a column, else nothing."""
    if text.isascii() and text.isprintable():
        return text
    if not text.isprintable():
        text = _CONTROL.sub("", CONTROL.sub(lambda match: visible(match[0]) if cell_len(match[0]) else "", text))
    if not ascii or text.isascii():
        return text
    signs = []
    for start, end, width in split_graphemes(text)[0]:
        sign = to_ascii(text[start:end])
        signs.append(sign if len(sign) == width else "?" * width)
    return "".join(signs)


def _runs(old: list[ScreenCell | None], new: list[ScreenCell]) -> Iterator[tuple[int, int]]:
    """Where the two rows differ, as (start, end); no run begins inside a wide character."""
    start = end = -1
    for index, (before, after) in enumerate(zip(old, new, strict=True)):
        if before == after:
            continue
        if start < 0:
            start = index
        elif index - end >= BRIDGE:
            yield _widen(new, start, end)
            start = index
        end = index + 1
    if start >= 0:
        yield _widen(new, start, end)


def _widen(new: list[ScreenCell], start: int, end: int) -> tuple[int, int]:
    while start > 0 and new[start].text == "":
        start -= 1
    while end < len(new) and new[end].text == "":
        end += 1
    return start, end


def _graphemes(text: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and columns of each grapheme. Rich takes the two letters of a flag for two, which can't be parted."""
    spans = iter(split_graphemes(text)[0])
    for start, end, width in spans:
        if _is_flag_letter(text[start:end]) and _is_flag_letter(text[end : end + 1]):
            _, end, second = next(spans)
            width += second
        yield start, end, width


def _is_flag_letter(text: str) -> bool:
    return len(text) == 1 and "\U0001f1e6" <= text <= "\U0001f1ff"


def _is_doubtful(cell: ScreenCell | None) -> bool:
    """Whether terminals differ in the columns it takes: several code points, a flag's letter, a skin's colour."""
    if cell is None or cell.text.isascii():
        return False
    return len(cell.text) > 1 or _is_flag_letter(cell.text) or "\U0001f3fb" <= cell.text <= "\U0001f3ff"


def _whole(row: list[ScreenCell | None], y: int) -> str:
    """A row with cells of doubtful width, from left to right: behind each of them the cursor is placed anew.

    Each stands on blanks, should it be narrower than thought; should it be wider, the rest of the row overwrites it,
    and at the edge, where it could go over into the next row, the terminal is told not to wrap.
    """
    out: list[str] = ["\x1b[?7l"]
    start = 0
    while start < len(row):
        cell = row[start]
        end = start + 1
        if cell is None:
            start = end
            continue
        if _is_doubtful(cell):
            while end < len(row) and (rest := row[end]) is not None and not rest.text:
                end += 1
            blanks = [ScreenCell(" ", cell.pen)] * (end - start)
            out += [_move(start, y), _paint(blanks), _move(start, y), _paint([cell])]
        else:
            while end < len(row) and row[end] is not None and not _is_doubtful(row[end]):
                end += 1
            out += [_move(start, y), _paint([cell for cell in row[start:end] if cell is not None])]
        start = end
    return "".join([*out, "\x1b[?7h"])


def _paint(cells: list[ScreenCell]) -> str:
    """Text and SGR codes of a run; the pen is plain before and after it."""
    out: list[str] = []
    pen = PLAIN
    for text, wanted in cells:
        if wanted is not pen and wanted != pen:
            out.append(_change(pen, wanted))
            pen = wanted
        out.append(text)
    if pen != PLAIN:
        out.append(_change(pen, PLAIN))
    return "".join(out)


@lru_cache(4096)
def _change(pen: CellStyle, wanted: CellStyle) -> str:
    """The shortest codes from one pen to another."""
    link = ""
    if pen.link != wanted.link:
        link = f"\x1b]8;{wanted.link}\x1b\\" if wanted.link else "\x1b]8;;\x1b\\"
    if wanted[:3] == PLAIN[:3]:
        return ("" if pen[:3] == PLAIN[:3] else "\x1b[m") + link
    if pen.attributes == wanted.attributes:
        codes = [
            wanted.foreground or "39" if wanted.foreground != pen.foreground else "",
            wanted.background or "49" if wanted.background != pen.background else "",
        ]
    else:
        codes = ["0" if pen.attributes else "", *wanted[:3]]
        if not pen.attributes:
            codes[2] = wanted.foreground or ("39" if pen.foreground else "")
            codes[3] = wanted.background or ("49" if pen.background else "")
    parameters = ";".join(code for code in codes if code)
    return (f"\x1b[{parameters}m" if parameters else "") + link


@lru_cache(4096)
def _pen(style: Style, colors: ColorSystem) -> CellStyle:
    foreground = style.color.downgrade(colors).get_ansi_codes() if style.color else ()
    background = style.bgcolor.downgrade(colors).get_ansi_codes(False) if style.bgcolor else ()
    attributes = Strip.render_ansi(style.without_color, colors)
    link = f";{style.link}" if style.link else ""
    return CellStyle(attributes, ";".join(foreground), ";".join(background), link)


def _move(x: int, y: int) -> str:
    return f"\x1b[{y + 1};{x + 1}H"


class FramedApp(App[int]):
    """An app that sends its terminal only what changed."""

    def __init__(self, *, ascii: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._ascii = ascii
        self._frame = None if os.environ.get("TUTOR_FRAMES") == "off" else TerminalFrame(self.console, ascii=ascii)
        self.error_console = GatedConsole(markup=False, highlight=False, stderr=True)

    def forget_frame(self) -> None:
        """Send the next update whole: after a resize, a resume, or when the learner sees garbage."""
        if self._frame is not None:
            self._frame.forget()

    def give_back_terminal(self, last: str = "") -> None:
        """Leave the terminal as it was found, as far as it still listens, when nothing can be waited for any more.

        A last sentence, ``last``, stays there.
        """
        attributes = getattr(self._driver, "attrs_before", None)
        with contextlib.suppress(Exception):  # whatever is wrong with it: the drafts are safe, and this is the end
            if select.select([], [2], [], 0)[1]:
                os.write(2, LEAVE + (f"tutor: {last}\r\n".encode() if last else b""))
            if attributes is not None:
                import termios  # not on Windows, where there is nothing to give back

                termios.tcsetattr(0, termios.TCSANOW, attributes)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._driver
        if (
            self._frame is None
            or not isinstance(renderable, LayoutUpdate | ChopsUpdate)
            or self._batch_count
            or not self._running
            or self._closed
            or self.is_headless
            or driver is None
            or driver.is_inline
        ):
            if isinstance(renderable, LayoutUpdate | ChopsUpdate):
                renderable = disarm(renderable, self._ascii)
            super()._display(screen, renderable)
            return
        try:
            cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
            size = (self.size.width, self.size.height)
            text = self._frame.changes(renderable, size, (cursor.x, cursor.y))
        except Exception as error:
            # Textual's own _display answers a widget that can't be drawn in this way
            self._handle_exception(error)
            text = ""
        if text:
            self._begin_update()
            driver.write(text)
            self._end_update()
            driver.flush()
        self.post_display_hook()
