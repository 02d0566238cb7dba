r"""The output of a run, as a terminal would show it: colours kept, every other control sequence left out.

Text from a run must not be able to set the window's title, write the clipboard, move the cursor or switch
the screen. A line is stored as it came, with the style that it begins in, and parsed when it is drawn; it is
overwritten by ``\r`` and ``\b`` as a terminal does it.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from tutor.render.text import style as looks
from tutor.render.text.layout import wrap
from tutor.render.text.style import Look
from tutor.render.text.terminal import CONTROL_SEQUENCE, LINE, PLAIN, TerminalLine, style_after

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

CHARACTERS = 2_000_000
"""Characters kept in all, however few lines they make."""

_TRACEBACK = "Traceback (most recent call last):"
_GROUP = f"Exception Group {_TRACEBACK}"
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class Transcript:
    """The output of one run, fed in chunks that may end anywhere; at most ``keep`` lines of it are kept.

    As a renderable it draws all its lines; :meth:`tail` draws the last ones.
    """

    def __init__(self, look: Look | None = None, keep: int = 5_000) -> None:
        self.dropped = 0
        """Lines that were let go from the beginning."""
        self._look = look or looks.look()
        self._keep = keep
        self._lines: deque[Text | tuple[str, Style]] = deque()
        """Parsed, or as they came with the style they begin in."""
        self._size = 0
        """Characters in these."""
        self._row = TerminalLine(PLAIN)
        """The line that is still being written."""
        self._pending = ""
        """Output that isn't written into the row yet."""

    def __len__(self) -> int:
        """Lines kept, the unfinished one included; none where nothing was written."""
        return len(self._lines) + self._unfinished()

    def feed(self, chunk: str) -> None:
        """Add the next chunk of output, in time that grows with the chunk alone."""
        *finished, rest = chunk.split("\n")
        surplus = len(finished) - 1 - self._keep
        if surplus > 0:  # lines that would be dropped at once are only counted
            self._end_line(finished[0])
            self._row.style = style_after(self._row.style, "".join(finished[1 : 1 + surplus]))
            self.dropped += surplus
            del finished[: 1 + surplus]
        for raw in finished:
            self._end_line(raw)
        self._pending += rest
        if len(self._pending) > 4 * LINE:
            self._write_pending()
        while len(self._lines) > self._keep or self._size > CHARACTERS:
            dropped = self._lines.popleft()
            self._size -= len(dropped[0]) if isinstance(dropped, tuple) else len(dropped)
            self.dropped += 1

    def _end_line(self, raw: str) -> None:
        raw = self._pending + raw
        self._pending = ""
        style = self._row.style
        if not self._row.touched and len(raw) <= LINE:
            self._lines.append((raw, style))
            self._size += len(raw)
            if "\x1b" in raw or "\x9b" in raw:
                self._row.style = style_after(style, raw)
            return
        self._row.write(raw)
        line = self._row.text(self._look)
        self._lines.append(line)
        self._size += len(line)
        self._row = TerminalLine(self._row.style)

    def _write_pending(self) -> None:
        """Write what is pending into the row, but for an escape sequence that may not be complete."""
        text = self._pending
        escape = text.rfind("\x1b", len(text) - 4096)
        end = len(text)
        if escape >= 0:
            match = CONTROL_SEQUENCE.match(text, escape)
            if match is None or match.end() == len(text):
                end = escape
        self._row.write(text[:end])
        self._pending = text[end:]

    def lines(self) -> list[Text]:
        """The lines, oldest first, each as wide as it was written."""
        lines = [self._text(line) for line in self._lines]
        if self._unfinished():
            row = self._row.copy()
            row.write(self._pending)
            lines.append(row.text(self._look))
        return lines

    def _text(self, line: Text | tuple[str, Style]) -> Text:
        if isinstance(line, Text):
            return line.copy()
        raw, style = line
        if not _ODD.search(raw) and ("\t" not in raw or raw.isascii()):
            return Text(self._look.spell(raw.expandtabs(8)), style)
        row = TerminalLine(style)
        row.write(raw)
        return row.text(self._look)

    def _unfinished(self) -> bool:
        return bool(self._pending or self._row.cells)

    def tail(self, last: int) -> Transcript:
        """A transcript of the ``last`` lines, to be drawn; what is above them is counted as dropped."""
        part = Transcript(self._look, self._keep)
        above = max(0, len(self) - last)
        part.dropped = self.dropped + above
        part._lines = deque(list(self._lines)[above:])
        if last > 0:
            part._row, part._pending = self._row.copy(), self._pending
        return part

    def without_traceback(self) -> Transcript:
        """A transcript without the traceback that it ends with, where the error is told beside it.

        Only one that stands alone: of several, each belongs to the story.
        """
        begins = self._tracebacks()
        if len(begins) != 1 or self._unfinished():
            return self
        part = self.tail(len(self))
        first = self._text(part._lines[begins[0]])
        while len(part._lines) > begins[0]:
            part._lines.pop()
        before, header, _ = first.plain.partition(_TRACEBACK)
        if header and before:
            part._lines.append(first[: len(before)])
        return part

    def traceback(self) -> Transcript:
        """A transcript of the tracebacks that it ends with, as Python printed them."""
        begins = self._tracebacks()
        part = self.tail(len(self) - begins[0]) if begins else self.tail(0)
        part.dropped = 0
        return part

    def _tracebacks(self) -> list[int]:
        """The lines on which tracebacks begin."""
        plain = [line.plain for line in self.lines()]
        # It stands behind what was printed without a newline; that of a group belongs to a tree, and is left in it.
        begins = [number for number, line in enumerate(plain) if line.endswith(_TRACEBACK) and _GROUP not in line]
        if not begins:  # a syntax error has no such line, it begins with the file
            begins = [number for number, line in enumerate(plain) if line.startswith('  File "')][-1:]
        return begins

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines broken where they are too wide, under a word on what was dropped."""
        if self.dropped:
            yield Text(f"{self._look.more} {self.dropped:,} earlier lines", self._look.dim_style)
        for line in self.lines():
            if line.cell_len <= options.max_width:
                yield line
            else:
                yield from wrap(line, options.max_width)


def output(text: str, look: Look | None = None) -> Text:
    """``text`` as a terminal would show it, with its colours and no other control sequence."""
    transcript = Transcript(look, keep=text.count("\n") + 1)
    transcript.feed(text)
    return Text("\n").join(transcript.lines())
