"""An uncaught exception: the learner's lines, the operands, an explanation, and torch's own message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len, chop_cells
from rich.text import Text

from tutor.protocol.codec import Frame, Operand, Raised
from tutor.render.text.layout import Drawing, clip, hang, inline
from tutor.render.text.style import Look
from tutor.render.text.transcript import output

MESSAGE = 2_000
"""Characters of the exception's own message shown at most."""

UNFOLDED, FOLDED = 8, 3
"""Lines of it that are shown: where nothing else explains the error, and where something does."""

FRAMES = 5
"""Frames shown at most: the outermost and the innermost ones."""


def raised(event: Raised, look: Look, key: str = "") -> Drawing:
    """The error, from where it happened to what to try. ``key`` shows what is folded away of its own words."""
    from tutor.explain import explain  # its modules are needed when something went wrong, not before

    explanation = explain(event)
    meaning = explanation.meaning if explanation else ""

    def draw(width: int) -> Iterator[Text]:
        where = f" on line {event.frames[-1].line}" if event.frames else ""
        title = Text.assemble((look.spell(f"{look.failed} {event.type}"), look.failed_style), where)
        yield from hang("", title, width)
        yield from _frames(event, look, width)
        yield from _operands([operand for operand in event.operands if operand.what not in meaning], look, width)
        if explanation is not None:
            yield Text()
            for sentence in (explanation.meaning, explanation.suggestion):
                if sentence:
                    yield from hang("", inline(sentence, look), width)
        yield from _own_words(event, look, width, UNFOLDED if explanation is None else FOLDED, key)

    return Drawing(draw)


def _operands(operands: Sequence[Operand], look: Look, width: int) -> Iterator[Text]:
    size = max((cell_len(look.spell(operand.name)) for operand in operands), default=0)
    for operand in operands:
        name = look.spell(operand.name)
        head = Text.assemble("    ", (name, look.name_style), " " * (size - cell_len(name) + 2))
        yield from hang(head, Text(look.spell(operand.what)), width)


def _own_words(event: Raised, look: Look, width: int, most: int, key: str) -> Iterator[Text]:
    message = output(event.message[:MESSAGE].strip(), look)
    if not message:
        return
    message.stylize_before(look.dim_style)
    lines = [
        row
        for number, line in enumerate(message.split("\n"))
        for row in hang(Text("Its own words: " if number == 0 else "  ", look.dim_style), line, width)
    ]
    folded = len(lines) > most or len(event.message) > MESSAGE
    yield from lines[:most]
    if folded:
        yield clip(Text(f"  {look.more}" + (f" {key} shows all" if key else ""), look.dim_style), width)


def _frames(event: Raised, look: Look, width: int) -> Iterator[Text]:
    frames = [(frame, len(list(same))) for frame, same in groupby(event.frames)]  # recursion repeats itself
    margin = max((len(str(frame.line)) for frame, _ in frames), default=1)
    hidden = max(0, len(frames) - FRAMES)
    for place, (frame, times) in enumerate(frames):
        if hidden and place == 2:
            yield clip(Text(f"{look.more} {hidden:,} calls in between", look.dim_style), width)
        if not 2 <= place < 2 + hidden:
            yield from _frame(frame, look, width, margin, last=place == len(frames) - 1)
            if times > 1:
                yield clip(Text(f"{look.more} {times - 1:,} more calls on this line", look.dim_style), width)


def _frame(frame: Frame, look: Look, width: int, margin: int, *, last: bool) -> Iterator[Text]:
    head = Text(f" {frame.line:>{margin}} {look.bar} ", look.dim_style)
    text, start, end = _window(frame, max(8, width - head.cell_len), look)
    is_marked = last and end > start
    failing = text[start:end], look.failed_style if is_marked else ""
    yield Text.assemble(head, text[:start], failing, text[end:])
    if is_marked:
        blank = Text(" " * (head.cell_len - 2) + look.bar + " ", look.dim_style)
        indent, size = cell_len(text[:start]), cell_len(text[start:end])
        yield Text.assemble(blank, " " * indent, (look.caret * size, look.failed_style))


def _window(frame: Frame, width: int, look: Look) -> tuple[str, int, int]:
    """The source line, cut around the failing expression where it is too long; where that stands in it."""
    start = frame.column or 0
    end = start if frame.column is None else max(start, frame.end_column or start)
    source = frame.text.expandtabs(1)
    before, failing, after = (look.spell(part) for part in (source[:start], source[start:end], source[end:]))
    text = before + failing + after
    start, end = len(before), len(before) + len(failing)
    if cell_len(text) <= width:
        return text, start, end
    more = look.more
    room = max(1, width - 2 * cell_len(more))
    first = max(0, min(start - 4, end - room))
    cut = chop_cells(text[first : first + room], room)[0]
    before = more if first else ""
    after = more if first + len(cut) < len(text) else ""
    start, end = start - first + len(before), min(end - first, len(cut)) + len(before)
    return before + cut + after, start, max(start, end)
