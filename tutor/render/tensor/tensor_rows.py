"""Tensors in aligned rows: dtype and shape, range, and the values as a heat strip or as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.text import Text

from tutor.protocol.codec import Tensor, Tensors, Value
from tutor.render.text.layout import align, along, clip, column_sizes, drawing, hang, indent, join_parts, number, span
from tutor.render.text.style import Look
from tutor.render.text.transcript import output

VALUE = 24
"""Lines shown of the last expression's value; `print` shows all of them."""


@drawing
def tensors(width: int, event: Tensors, look: Look) -> Iterator[Text]:
    """Every tensor that a run left, one row each; a ``.grad`` stands under its tensor."""
    yield from rows(event.tensors, look, width)
    if event.hidden:
        yield clip(Text(f"+{event.hidden:,} more", look.dim_style), width, look.more)


@drawing
def value(width: int, event: Value, look: Look) -> Iterator[Text]:
    """The value of the last expression, below the expression itself."""
    yield clip(Text(look.spell(event.expression), look.code_style), width, look.more)
    lines = output(event.text, look).split("\n")
    for line in lines[:VALUE]:
        yield from hang("  ", line, width)
    if len(lines) > VALUE:
        yield clip(Text(f"  {look.more} {len(lines) - VALUE:,} more lines", look.dim_style), width)
    if event.tensor is not None:
        # Its name is the expression above, its values are in the text: only the rest is drawn.
        yield from indent(rows([replace(event.tensor, name="", text="")], look, max(1, width - 2)))


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
    tensor: Tensor
    cells: list[Text]
    """Name, dtype and shape, role, the values themselves or their range, and last their strip."""
    loud: Text
    """NaN and infinities, and notes."""


def rows(tensors: Sequence[Tensor], look: Look, width: int) -> Iterator[Text]:
    """The rows, aligned with each other; one that is too wide for that stands on two lines."""
    flat = [row for tensor in tensors for row in _with_grad(tensor, look, width)]
    aligned = [row for row in flat if row.cells[0].cell_len <= max(14, width // 3)]
    for cells in (32, 16, 8):
        for row in flat:
            tensor = row.tensor
            bare = _readable(tensor, width) or (tensor.low == tensor.high and not tensor.nans and not tensor.infs)
            row.cells[-1] = Text() if bare else strip(tensor, look, cells)
        if _needed(aligned) <= width:
            break
    while _needed(aligned) > width:
        aligned.remove(max(aligned, key=lambda row: _needed([row])))
    sizes = column_sizes(row.cells for row in aligned)
    for row in flat:
        yield from _on_one_line(row, sizes, width) if row in aligned else _on_two_lines(row, width)


def _needed(rows: Sequence[_TensorRow]) -> int:
    """The cells that rows take where they are aligned."""
    return sum(size + 2 for size in column_sizes(row.cells for row in rows) if size) - 2


def _with_grad(tensor: Tensor, look: Look, width: int) -> Iterator[_TensorRow]:
    yield _row(tensor, Text(look.spell(tensor.name), look.name_style), look, width)
    if tensor.grad is not None:
        yield _row(tensor.grad, Text("  .grad"), look, width)


def _row(tensor: Tensor, name: Text, look: Look, width: int) -> _TensorRow:
    loud = bad(tensor, look)
    sampled = "sampled" if tensor.sampled and not _readable(tensor, width) else ""
    for note in filter(None, (sampled, look.spell(tensor.note))):
        loud = join_parts(loud, Text(note, look.dim_style))
    cells = [name, Text(look.spell(signature(tensor))), _role(tensor, look), _values(tensor, look, width), Text()]
    return _TensorRow(tensor, cells, loud)


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


def _on_one_line(row: _TensorRow, sizes: Sequence[int], width: int) -> Iterator[Text]:
    line = align(row.cells, sizes)
    if not row.loud or line.cell_len + 2 + row.loud.cell_len <= width:
        yield join_parts(line, row.loud)
    else:
        yield line
        yield from hang("    ", row.loud, width)


def _on_two_lines(row: _TensorRow, width: int) -> Iterator[Text]:
    yield from hang("", join_parts(*row.cells[:3]), width)
    if rest := join_parts(*row.cells[3:], row.loud):
        yield from hang("    ", rest, width)
