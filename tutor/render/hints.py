"""What each line of a program made, as it is drawn at the line's end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from tutor.render.layout import clip
from tutor.render.look import Look
from tutor.runner.protocol import Binding, Hint

GAP = 2
"""Cells that stay free behind the code: the cursor rests on the first."""
LEAST = 5
"""Cells of a hint below which it isn't shown at all."""
GRID = 4
"""The common column is a multiple of it, so that it stays where it is when a line grows by a character."""
FURTHEST = 56
"""A column beyond this would be too far from short lines to be read with them."""
LONGEST_NAME = 8
"""Names up to this many cells are padded to the same width."""


def hint(hint: Hint, look: Look, pad: int = 0) -> Text:
    """One hint on one line: names, what they became, how often the line was passed."""
    made = Text(no_wrap=True, end="")
    if hint.raised:
        made.append(f"{look.failed} ", look.failed_style)
    for number, binding in enumerate(hint.bindings):
        made.append(" " * 3 if number else "")
        made.append_text(_binding(binding, look, 0 if number else pad, failed=hint.raised))
    if hint.passes > 1:
        made.append(look.spell(f"{'  ' if made else ''}×{hint.passes:,}"), look.dim_style)
    return made


def _binding(binding: Binding, look: Look, pad: int, *, failed: bool) -> Text:
    style = look.failed_style if failed else look.dim_style
    name = look.spell(binding.name)
    gap = " " * max(1, pad - cell_len(name) + 2) if pad else " "
    grad = f" {look.grad}" if binding.grad else ""
    return Text(f"{name}{gap}{look.spell(binding.what)}{grad}", style)


@dataclass(frozen=True, slots=True)
class Column:
    """Where the hints of a program begin, where its lines leave room for that."""

    start: int
    """In cells from the beginning of the line."""
    pad: int
    """The width of the names in it."""

    def place(self, event: Hint, used: int, room: int, look: Look) -> tuple[int, Text] | None:
        """The hint of a line whose code takes ``used`` of ``room`` cells, and where it begins; None: no room.

        It stands in the column, else right behind the code, closer, and in the end cut.
        """
        if used + GAP <= self.start:
            whole = hint(event, look, self.pad)
            if self.start + whole.cell_len <= room:
                return self.start, whole
        start = used + GAP
        whole = hint(event, look)
        if start + whole.cell_len > room:
            if room - start < min(LEAST, whole.cell_len):
                return None
            whole = clip(whole, room - start, look.more)
        return start, whole


def fitting(hints: Iterable[tuple[Hint, int]], room: int, look: Look) -> Column:
    """The column in which most of the hints can be seen whole; each comes with the cells that its line's code takes.

    Among equals the one that most of them can stand in, and the nearest to the code.
    """
    lines = list(hints)
    names = [cell_len(look.spell(line.bindings[0].name)) for line, _ in lines if line.bindings]
    pad = max((size for size in names if size <= LONGEST_NAME), default=0)
    sizes = [(used, hint(line, look, pad).cell_len, hint(line, look).cell_len) for line, used in lines]

    def worth(start: int) -> tuple[int, int, int]:
        within = sum(used + GAP <= start and start + size <= room for used, size, _ in sizes)
        behind = sum(used + GAP + size <= room for used, padded, size in sizes
                     if used + GAP > start or start + padded > room)  # fmt: skip
        return within + behind, within, -start

    return Column(max(range(GRID * 2, FURTHEST + 1, GRID), key=worth), pad)
