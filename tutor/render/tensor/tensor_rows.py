"""Tensors in aligned rows: dtype and shape, range, and the values as a heat strip or as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.text import Text

from tutor.protocol.codec import Tensor, Tensors, Value
from tutor.render.text.layout import Drawing, align, along, clip, hang, number, spaced, span
from tutor.render.text.style import Look
from tutor.render.text.transcript import output

VALUE = 24
"""Lines shown of the last expression's value; `print` shows all of them."""


def tensors(event: Tensors, look: Look) -> Drawing:
    """Every tensor that a run left, one row each; a ``.grad`` stands under its tensor."""

    def draw(width: int) -> Iterator[Text]:
        yield from rows(event.tensors, look, width)
        if event.hidden:
            yield clip(Text(f"+{event.hidden:,} more", look.dim_style), width, look.more)

    return Drawing(draw)


def value(event: Value, look: Look) -> Drawing:
    """The value of the last expression, below the expression itself."""

    def draw(width: int) -> Iterator[Text]:
        yield clip(Text(look.spell(event.expression), look.code_style), width, look.more)
        lines = output(event.text, look).split("\n")
        for line in lines[:VALUE]:
            yield from hang("  ", line, width)
        if len(lines) > VALUE:
            yield clip(Text(f"  {look.more} {len(lines) - VALUE:,} more lines", look.dim_style), width)
        if event.tensor is not None:
            # Its name is the expression above, its values are in the text: only the rest is drawn.
            yield from indented([replace(event.tensor, name="", text="")], look, width)

    return Drawing(draw)


def signature(tensor: Tensor) -> str:
    """``f32[2,3]``: dtype and shape as one word."""
    return f"{tensor.dtype}[{','.join(map(str, tensor.shape))}]"


def strip(tensor: Tensor, look: Look, cells: int = 32) -> Text:
    """The values as blocks of rising height, from its lowest to its highest, in at most ``cells`` cells."""
    values = tensor.strip
    if len(values) > cells:
        values = tuple(values[index * len(values) // cells] for index in range(cells))
    finite = [value for value in tensor.strip if value is not None]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    blocks = Text()
    for value in values:
        if value is None:
            blocks.append(look.hole, look.loud_style)
        elif high == low:
            blocks.append(look.blocks[3])
        else:
            blocks.append(look.blocks[round(along(value, low, high) * (len(look.blocks) - 1))])
    return blocks


@dataclass(slots=True, eq=False)
class _TensorRow:
    name: Text
    signature: Text
    role: Text
    """Device, and ``leaf``, ``Parameter`` or the operation that created it."""
    values: Text
    """The values themselves, or their range."""
    strip: Text
    loud: Text
    """NaN and infinities, and notes."""

    def cells(self) -> tuple[Text, ...]:
        return (self.name, self.signature, self.role, self.values, self.strip)


def rows(tensors: Sequence[Tensor], look: Look, width: int) -> Iterator[Text]:
    """The rows, aligned with each other; one that is too wide for that stands on two lines."""
    flat = [row for tensor in tensors for row in _with_grad(tensor, look, width)]
    aligned = [row for row, _ in flat if row.name.cell_len <= max(14, width // 3)]
    for cells in (32, 16, 8):
        for row, tensor in flat:
            bare = _readable(tensor, width) or (tensor.low == tensor.high and not tensor.nans and not tensor.infs)
            row.strip = Text() if bare else strip(tensor, look, cells)
        if _needed(_widths(aligned)) <= width:
            break
    while _needed(_widths(aligned)) > width:
        aligned.remove(max(aligned, key=lambda row: _needed([cell.cell_len for cell in row.cells()])))
    widths = _widths(aligned)
    for row, _ in flat:
        yield from _aligned(row, widths, width) if row in aligned else _stacked(row, width)


def _widths(rows: Sequence[_TensorRow]) -> list[int]:
    """The width of each column of cells; 0 where all are empty."""
    return [max((row.cells()[column].cell_len for row in rows), default=0) for column in range(5)]


def _needed(widths: Sequence[int]) -> int:
    return sum(size + 2 for size in widths if size) - 2


def indented(tensors: Sequence[Tensor], look: Look, width: int, by: int = 2) -> Iterator[Text]:
    """The rows, ``by`` cells in."""
    for row in rows(tensors, look, max(1, width - by)):
        yield Text.assemble(" " * by, row)


def _with_grad(tensor: Tensor, look: Look, width: int) -> Iterator[tuple[_TensorRow, Tensor]]:
    yield _row(tensor, Text(look.spell(tensor.name), look.name_style), look, width), tensor
    if tensor.grad is not None:
        yield _row(tensor.grad, Text("  .grad"), look, width), tensor.grad


def _row(tensor: Tensor, name: Text, look: Look, width: int) -> _TensorRow:
    loud = bad(tensor, look)
    sampled = "sampled" if tensor.sampled and not _readable(tensor, width) else ""
    for note in filter(None, (sampled, look.spell(tensor.note))):
        loud = spaced(loud, Text(note, look.dim_style))
    return _TensorRow(
        name, Text(look.spell(signature(tensor))), _role(tensor, look), _values(tensor, look, width), Text(), loud
    )


def bad(tensor: Tensor, look: Look) -> Text:
    """How many of its values are NaN or infinite; empty where none is."""
    words = ", ".join(f"{count:,} {word}" for count, word in ((tensor.nans, "NaN"), (tensor.infs, "inf")) if count)
    return Text(f"{look.broken} {words}" if words else "", look.loud_style)


def _role(tensor: Tensor, look: Look) -> Text:
    words = [] if tensor.device == "cpu" else [look.spell(tensor.device)]
    if tensor.kind:
        words.append(look.spell(tensor.kind))
    elif tensor.requires_grad:
        words.append("leaf" if tensor.leaf else look.spell(tensor.grad_fn))
    if tensor.requires_grad:
        words.append(look.grad)
    elif tensor.kind == "Parameter":
        words.append("frozen")
    return Text(" ".join(filter(None, words)))


def _readable(tensor: Tensor, width: int) -> bool:
    """Whether the values themselves are shown, in place of range and strip."""
    return bool(tensor.text) and cell_len(tensor.text) <= max(20, width // 3)


def _values(tensor: Tensor, look: Look, width: int) -> Text:
    if _readable(tensor, width):
        return Text(look.spell(tensor.text))
    figures = Text()
    if tensor.low is not None and tensor.high is not None:
        same = tensor.low == tensor.high
        figures.append(number(tensor.low) if same and not tensor.shape else span(tensor.low, tensor.high, look))
        if not same and width >= 100 and tensor.mean is not None:
            figures.append(f"  mean {number(tensor.mean)}", look.dim_style)
    return figures


def _aligned(row: _TensorRow, widths: Sequence[int], width: int) -> Iterator[Text]:
    line = align(row.cells(), widths)
    line.rstrip()
    if not row.loud:
        yield line
    elif line.cell_len + 2 + row.loud.cell_len <= width:
        yield line.append("  ").append_text(row.loud)
    else:
        yield line
        yield from hang("    ", row.loud, width)


def _stacked(row: _TensorRow, width: int) -> Iterator[Text]:
    yield from hang("", spaced(row.name, row.signature, row.role), width)
    rest = spaced(row.values, row.strip, row.loud)
    if rest:
        yield from hang("    ", rest, width)
