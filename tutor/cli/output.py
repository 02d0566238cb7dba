"""Standard output as a page to draw on.

Rich draws here, and only what we wrote ourselves: it would pass on the control sequences of a program's output.
"""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass
from typing import NoReturn

from rich.console import Console, RenderableType
from rich.text import Text

from tutor.cli.gate import behind
from tutor.render.text.console import GatedConsole
from tutor.render.text.style import Look, look

WIDTH = 100
"""Columns where nothing tells how many there are: in a file or a pipe."""


class _Console(GatedConsole):
    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError  # Rich would end the program with status 1, which means something else here


@dataclass(frozen=True)
class Page:
    """Where a command draws, and with which signs.

    Attributes:
        console: plain text of 100 columns unless a person watches.
        look: ASCII signs where the encoding has no others.
        watched: whether standard output is a terminal.
    """

    console: Console
    look: Look
    watched: bool

    def draw(self, *blocks: RenderableType) -> None:
        """Print ``blocks``, with an empty line between two."""
        for place, block in enumerate(blocks):
            if place:
                self.console.print()
            self.console.print(block)

    def say(self, *parts: str | tuple[str, str]) -> None:
        """Print one line of text and (text, style) pairs, wrapped where it is too long."""
        self.console.print(Text.assemble(*((self.look.spell(p) if isinstance(p, str) else p) for p in parts)))


def page(*, plain: bool = False) -> Page:
    """Standard output, as it is now; ``plain`` without any colour, wherever it goes."""
    stream = behind(sys.stdout)
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")  # a name in a script that the encoding lacks must not end a command
    watched = stream.isatty()
    width: int | None = None if watched else WIDTH
    height: int | None = None
    if watched and os.environ.get("TERM", "").lower() in ("dumb", "unknown"):
        width, height = size()  # Rich takes 80x25 for granted there, unless it is told both
    console = _Console(
        file=stream,
        width=width,
        height=height,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=False,
        color_system=None if plain else "auto",
    )
    colours = 0 if console.no_color else {None: 0, "standard": 16, "windows": 16}.get(console.color_system, 256)
    return Page(console, look(ascii=not console.encoding.startswith("utf"), colours=colours), watched)


def size() -> tuple[int, int]:
    """Columns and rows of the terminal."""
    try:
        columns, rows = os.get_terminal_size(1)
    except OSError:
        return WIDTH, 24
    return columns or 80, rows or 24
