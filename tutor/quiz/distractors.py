"""Wrong answers computed from the right one, where the author of a question named few."""

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


def plausible(shown: str) -> Iterator[tuple[str, str]]:
    """What might be taken for the value that Python shows as ``shown``, and what to say to who chose it.

    Shapes, dtypes, numbers and truth values have some; the likeliest come first.
    """
    if match := _SHAPE.fullmatch(shown):
        yield from _shapes(tuple(int(size) for size in re.findall(r"\d+", match[2])), size=match[1] != "(")
    elif shown in _DTYPES:
        yield from ((dtype, said) for dtype, said in _DTYPES.items() if dtype != shown)
    elif shown in ("True", "False"):
        yield str(shown != "True"), "it is the other way round"
    elif re.fullmatch(r"-?\d+", shown):
        number = int(shown)
        yield str(number + 1), "one too many"
        yield str(number - 1), "one too few"
        yield str(2 * number), "twice as much as it is"
    elif re.fullmatch(r"-?\d+\.\d+", shown):
        value = float(shown)
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
