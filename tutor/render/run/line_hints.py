"""Line hints: the names that a line bound and their values, drawn at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.text import Text

from tutor.protocol.codec import Binding, Hint
from tutor.render.text.layout import clip
from tutor.render.text.style import Look

GAP = 2
"""Cells that stay free behind the code: the cursor rests on the first."""
LEAST = 12
"""Cells of a hint that are worth being shown when it is cut, unless what its first name became takes fewer."""
GRID = 4
"""The common column is a multiple of it, so that it stays where it is when a line grows by a character."""
NEAREST, FURTHEST = 24, 56
"""Where the column may be. Beyond it would be too far from short lines to be read with them."""
LONGEST_NAME = 10
"""Names up to this many cells are padded to the same width."""


def hint(hint: Hint, look: Look, pad: int = 0) -> Text:
    """One hint on one line: names, what they became, how often the line was passed.

    An error has its sign. Where there is no colour to tell a hint from code, each has one.
    """
    style = look.failed_style if hint.raised else look.dim_style
    sign = f"{look.failed} " if hint.raised else "" if look.colours else f"{look.bar} "
    if hint.raised:
        pad = 0
    bindings = (_binding(binding, look, 0 if number else pad) for number, binding in enumerate(hint.bindings))
    words = ["   ".join(bindings), *([look.spell(f"×{hint.passes:,}")] if hint.passes > 1 else [])]
    return Text(no_wrap=True, end="").append(sign + "  ".join(filter(None, words)), style)


def _first(event: Hint, look: Look) -> int:
    """The cells that a hint takes up to the end of what its first name became."""
    alone = replace(event, bindings=tuple(replace(one, grad=False) for one in event.bindings[:1]), passes=1)
    return hint(alone, look).cell_len


def _binding(binding: Binding, look: Look, pad: int) -> str:
    name = look.spell(binding.name)
    gap = " " * max(1, pad - cell_len(name) + 2) if pad else " " * bool(name)
    grad = f" {look.grad}" if binding.grad else ""
    return f"{name}{gap}{look.spell(binding.what)}{grad}"


@dataclass(frozen=True, slots=True)
class Column:
    """Where the hints of a program begin, where its lines leave room for that."""

    start: int
    """In cells from the beginning of the line."""
    pad: int
    """The width of the names in it."""

    def place(self, event: Hint, used: int, room: int, look: Look) -> tuple[int, Text] | None:
        """The hint of a line whose code takes ``used`` of ``room`` cells, and where it begins; None: no room.

        It stands in the column, else right behind the code, closer, without a name that is the only one, cut.
        """
        if used + GAP <= self.start:
            whole = hint(event, look, self.pad)
            if self.start + whole.cell_len <= room:
                return self.start, whole
        start = used + GAP
        whole = hint(event, look)
        if start + whole.cell_len > room and len(event.bindings) == 1 and not event.raised:
            event = replace(event, bindings=(replace(event.bindings[0], name=""),))
            whole = hint(event, look)
        if start + whole.cell_len > room:
            if room - start < min(LEAST, _first(event, look)):
                return None
            whole = clip(whole, room - start, look.more)
        return start, whole


def best_column(hints: Iterable[tuple[Hint, int]], room: int, look: Look) -> Column:
    """The column in which most of the hints can be seen whole; each comes with the cells that its line's code takes.

    Among equals the one in which most names are padded to the same width, then the one that most of them can stand in,
    then the nearest to the code.
    """
    lines = list(hints)
    sizes = [(used + GAP, hint(line, look).cell_len, _name(line, look)) for line, used in lines]
    pads = {0, *(name for *_, name in sizes if name <= LONGEST_NAME)}
    nearest = min(NEAREST, room // 3 // GRID * GRID)
    places = [Column(start, pad) for start in range(nearest, FURTHEST + 1, GRID) for pad in sorted(pads)]

    def worth(column: Column) -> tuple[int, int, int, int]:
        whole = within = aligned = 0
        for least, size, name in sizes:
            padded = size + (max(0, column.pad - name + 1) if name and column.pad else 0)
            if least <= column.start and column.start + padded <= room:
                within += 1
                aligned += name <= column.pad
            elif least + size <= room:
                whole += 1
        return whole + within, aligned, within, -column.start

    return max(places, key=worth)


def _name(line: Hint, look: Look) -> int:
    """The width of the name that is padded; 0: there is none."""
    return cell_len(look.spell(line.bindings[0].name)) if line.bindings and not line.raised else 0
