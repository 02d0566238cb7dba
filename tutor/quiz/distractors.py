"""Wrong answers computed from the right one, where the author of a question gave few."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SHAPE = re.compile(r"(torch\.Size\(\[|\()((?:\d+(?:, )?)*),?(\]\)|\))")
_DTYPES = {
    "torch.float32": "32 bits and a fraction: what torch makes of Python's floats",
    "torch.float64": "64 bits: what NumPy makes of Python's floats",
    "torch.int64": "whole numbers: what torch makes of Python's ints",
    "torch.bool": "what a comparison gives",
    "torch.float16": "half precision, which has to be asked for",
}


def distractors(text: str) -> Iterator[tuple[str, str]]:
    """Values that might be taken for the one whose repr is ``text``, and what to say to a learner who chose one.

    Shapes, dtypes, numbers and truth values have some; the likeliest come first.
    """
    if match := _SHAPE.fullmatch(text):
        yield from _shapes(tuple(int(size) for size in re.findall(r"\d+", match[2])), size=match[1] != "(")
    elif text in _DTYPES:
        yield from ((dtype, reason) for dtype, reason in _DTYPES.items() if dtype != text)
    elif text in ("True", "False"):
        yield str(text != "True"), "it is the other way round"
    elif re.fullmatch(r"-?\d+", text):
        number = int(text)
        yield str(number + 1), "one too many"
        yield str(number - 1), "one too few"
        yield str(2 * number), "twice as much as it is"
    elif re.fullmatch(r"-?\d+\.\d+", text):
        value = float(text)
        yield str(value // 1), "that is rounded down, as an integer division does"
        yield str(-value), "the sign is the other way round"
        yield str(2 * value), "twice as much as it is"


def _shapes(shape: tuple[int, ...], size: bool) -> Iterator[tuple[str, str]]:
    def show(sizes: tuple[int, ...]) -> str:
        return f"torch.Size({list(sizes)})" if size else str(sizes)

    if len(shape) > 1:
        yield show((*shape[:-2], shape[-1], shape[-2])), "the last two dimensions are the other way round"
    yield show((*shape, 1)), "that has one dimension too many, of size 1, as `keepdim=True` or `unsqueeze` leaves it"
    for dim in range(len(shape)):
        yield show(shape[:dim] + shape[dim + 1 :]), f"that lacks a dimension: dim {dim}, of size {shape[dim]}"
