"""An uncaught exception: the learner's lines, what the operands were, what it means, torch's own words."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

from tutor.explain import explain
from tutor.render.layout import Drawing, hang, inline
from tutor.render.look import Look
from tutor.runner.protocol import Frame, Raised

SHOWN = 5
"""Frames shown at most: the outermost and the innermost ones."""


def raised(event: Raised, look: Look) -> Drawing:
    """The error, from where it happened to what to try."""

    def draw(width: int) -> Iterator[Text]:
        where = f" on line {event.frames[-1].line}" if event.frames else ""
        title = Text.assemble((f"{look.failed} {event.type}", look.failed_style), where)
        yield from hang("", title, width)
        yield from _frames(event, look, width)
        size = max((cell_len(operand.name) for operand in event.operands), default=0)
        for operand in event.operands:
            name = look.spell(operand.name)
            head = Text.assemble("    ", (name.ljust(size), look.name_style), "  ")
            yield from hang(head, Text(look.spell(operand.what)), width)
        explanation = explain(event)
        if explanation is not None:
            for sentence in (explanation.what, explanation.try_):
                if sentence:
                    yield from hang("", inline(sentence, look), width)
        yield from _own_words(event, look, width)

    return Drawing(draw)


def _own_words(event: Raised, look: Look, width: int) -> Iterator[Text]:
    lines = event.message.strip().splitlines()
    head = Text("torch says: " if event.via.startswith("torch") else "Python says: ", look.dim_style)
    kept = lines[:8]
    for number, line in enumerate(kept):
        yield from hang(head if number == 0 else Text("  "), Text(look.spell(line.expandtabs())), width)
    if len(lines) > len(kept):
        yield Text(f"  {look.more} {len(lines) - len(kept)} more lines", look.dim_style)


def _frames(event: Raised, look: Look, width: int) -> Iterator[Text]:
    frames = event.frames
    margin = max((len(str(frame.line)) for frame in frames), default=1)
    hidden = len(frames) - SHOWN
    for number, frame in enumerate(frames):
        if hidden > 0 and number == 2:
            yield Text(f"{look.more} {hidden} calls in between", look.dim_style)
        if hidden > 0 and 2 <= number < 2 + hidden:
            continue
        yield from _frame(frame, look, width, margin, last=number == len(frames) - 1)


def _frame(frame: Frame, look: Look, width: int, margin: int, *, last: bool) -> Iterator[Text]:
    head = Text(f" {frame.line:>{margin}} {look.bar} ", look.dim_style)
    text, start, end = _window(frame, max(8, width - head.cell_len), look)
    line = Text(text)
    if last and end > start:
        line.stylize(look.failed_style, start, end)
    yield Text.assemble(head, line)
    if end > start:
        blank = Text(" " * (head.cell_len - 2) + look.bar + " ", look.dim_style)
        indent, size = cell_len(text[:start]), cell_len(text[start:end])
        style = look.failed_style if last else look.dim_style
        yield Text.assemble(blank, " " * indent, (look.caret * size, style))


def _window(frame: Frame, width: int, look: Look) -> tuple[str, int, int]:
    """The source line, cut around the failing expression where it is too long; where that stands in it."""
    text = look.spell(frame.text.expandtabs(1)) if frame.text.isascii() else frame.text
    start = min(frame.column or 0, len(text))
    end = min(frame.end_column or 0, len(text)) if frame.column is not None else start
    if cell_len(text) <= width:
        return text, start, end
    more = look.more
    room = max(1, width - 2 * cell_len(more))
    left = max(0, min(start - 4, end - room))
    cut = text[left:]
    while cell_len(cut) > room:
        cut = cut[:-1]
    before = more if left else ""
    after = more if left + len(cut) < len(text) else ""
    start, end = start - left + len(before), min(end - left, len(cut)) + len(before)
    return before + cut + after, start, max(start, end)
