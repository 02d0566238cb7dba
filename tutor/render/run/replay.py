"""The replay of a run: the code with the line just passed, and what that line changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from tutor.protocol.codec import Binding, Hint, Tensor
from tutor.render.run.line_hints import best_column
from tutor.render.tensor.tensor_rows import bad, signature, strip
from tutor.render.text.layout import clip, drawing, hang, join_parts, span
from tutor.render.text.style import Look

STRIP = 16
"""Cells of the strip of a value, at most."""
GRAD = ".grad"
LISTED = 24
"""Changes of one line that are drawn; the others are counted."""


@dataclass(frozen=True, slots=True)
class NamedValue:
    """The value of a name at some moment."""

    binding: Binding
    tensor: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a line did to a name: ``before`` is None for a new one, ``after`` for one that is no more."""

    name: str
    before: NamedValue | None
    after: NamedValue | None


@drawing
def code(
    width: int, lines: Sequence[Text], here: int, hints: Mapping[int, Hint], look: Look, *, failed: bool = False
) -> Iterator[Text]:
    """The program with its hints, one line for each of ``lines``, which are highlighted.

    Args:
        width: the cells of a line.
        lines: the program.
        here: the line just passed, counted from 1; 0: none yet.
        hints: the hints of lines passed before, by line.
        look: signs and styles.
        failed: whether the program ended with an error there.
    """
    margin = len(str(len(lines)))
    room = width - margin - 4
    used = {number: line.cell_len for number, line in enumerate(lines, 1)}
    column = best_column(((hint, used[line]) for line, hint in hints.items() if line in used), room, look)
    for place, line in enumerate(lines, 1):
        sign = (look.failed if failed else look.here) if place == here else " "
        style = (look.failed_style if failed else look.cursor_style) if place == here else look.dim_style
        row = Text.assemble((f"{sign} {place:>{margin}}", style), "  ", clip(line, room, look.more))
        hint = hints.get(place)
        position = column.place(hint, used[place], room, look) if hint is not None else None
        if position is not None:
            start, drawn = position
            if place == here:
                drawn.stylize(look.name_style)
            row.append(" " * (start - used[place])).append_text(drawn)
        yield row


@drawing
def changes(width: int, changed: Sequence[Change], look: Look) -> Iterator[Text]:
    """Each name with what it was and what it is."""
    listed = changed[:LISTED]
    size = max((cell_len(look.spell(change.name)) for change in listed), default=0)
    for change in listed:
        yield from _change(change, min(size, width // 3), look, width)
    if len(changed) > LISTED:
        yield clip(Text(f"+{len(changed) - LISTED:,} more", look.dim_style), width)


def _change(change: Change, size: int, look: Look, width: int) -> Iterator[Text]:
    name = Text(look.spell(change.name), look.name_style)
    head = Text.assemble(name, " " * max(1, size - name.cell_len + 2))
    before, after = change.before, change.after
    if after is None:
        last = Text(look.spell(before.binding.what if before else ""))
        yield from hang(head, Text.assemble(last, "  " if last else "", ("gone", look.dim_style)), width)
        return
    kind, value = _kind(after, look), _value(after, look)
    if before is None:
        new = Text("new", look.dim_style) if change.name != "return" else Text()
        yield from hang(head, join_parts(kind, value, new), width)
        return
    old = _value(before, look)
    if before.tensor is not None and _kind(before, look).plain != kind.plain:
        old, value, kind = join_parts(_kind(before, look), old), join_parts(kind, value), Text()
    arrow = look.spell("→")
    line = join_parts(kind, Text.assemble(old, f" {arrow} ", value))
    if head.cell_len + line.cell_len <= width:
        yield Text.assemble(head, line)
        return
    yield clip(Text.assemble(head, kind), width, look.more)
    yield from hang("    ", Text.assemble(" " * (len(arrow) + 1), old), width)
    yield from hang("    ", Text.assemble(f"{arrow} ", value), width)


def _kind(variable: NamedValue, look: Look) -> Text:
    """Type and shape of a tensor; empty for a value that says all by itself."""
    if variable.tensor is None:
        return Text()
    grad = f" {look.grad}" if variable.tensor.requires_grad else ""
    return Text(look.spell(signature(variable.tensor)) + grad)


def _value(variable: NamedValue, look: Look, cells: int = STRIP) -> Text:
    tensor = variable.tensor
    if tensor is None:
        return Text(look.spell(variable.binding.what))
    text = Text()
    if tensor.text and len(tensor.text) <= 40:
        text.append(look.spell(tensor.text))
    elif tensor.low is not None and tensor.high is not None:
        text.append(span(tensor.low, tensor.high, look))
        if tensor.low != tensor.high and cells:
            text.append("  ").append_text(strip(tensor, look, cells))
    elif tensor.note:
        text.append(look.spell(tensor.note), look.dim_style)
    return join_parts(text, bad(tensor, look))


@drawing
def variables(
    width: int, title: str, names: Sequence[NamedValue], changed: Collection[str], look: Look
) -> Iterator[Text]:
    """The names of a scope, a line each, gradients below their tensors; bold is what has just changed."""
    yield from hang("", Text(look.spell(title), look.title_style), width)
    rows = [
        (Text(look.spell(label), look.name_style if one.binding.name in changed else ""), one)
        for one, label in _ordered(names)
    ]
    size = max((name.cell_len for name, _ in rows if name.cell_len <= width // 3), default=0) + 2
    kinds = max((_kind(one, look).cell_len for _, one in rows), default=0) + 2
    for name, one in rows:
        head = Text.assemble(name, " " * max(1, size - name.cell_len))
        kind = _kind(one, look)
        if kind:
            kind.pad_right(kinds - kind.cell_len)
        shorter = (_value(one, look, cells) for cells in (STRIP, STRIP // 2, 0))
        line = next((line for line in shorter if head.cell_len + len(kind) + len(line) <= width), None)
        if line is not None:
            yield Text.assemble(head, kind, line)
        else:
            yield clip(Text.assemble(head, kind), width, look.more)
            yield from hang("    ", _value(one, look), width)


def _ordered(names: Sequence[NamedValue]) -> Iterator[tuple[NamedValue, str]]:
    """Each with what it is called in the list; a gradient below what it is of."""
    by_name = {one.binding.name: one for one in names}
    for one in names:
        name = one.binding.name
        if not (name.endswith(GRAD) and name.removesuffix(GRAD) in by_name):
            yield one, name
            if (grad := by_name.get(name + GRAD)) is not None:
                yield grad, f"  {GRAD}"


def progress(at: int, total: int, look: Look, width: int) -> Text:
    """How far step ``at`` of ``total``, counted from 1, is on the way."""
    done = round(width * at / total) if total else 0
    full = "=" if look.ascii else "━"
    return Text.assemble(full * done, (look.rule * (width - done), look.dim_style))
