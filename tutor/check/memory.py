"""Whether two values lie over the same memory."""

from __future__ import annotations

from typing import Any

import torch

from tutor.inspection.tensor import is_tensor


def reach(value: Any) -> tuple[int, int] | None:
    """The addresses that a tensor's or an array's memory begins and ends at, views counted as what they show.

    None where there is no memory to tell of: another type, or a tensor that is meta or sparse.
    """
    if is_tensor(value):
        if value.layout is not torch.strided or value.is_meta:
            return None
        storage = value.untyped_storage()
        return storage.data_ptr(), storage.data_ptr() + storage.nbytes()
    while isinstance(value, memoryview) or (hasattr(value, "__array_interface__") and value.base is not None):
        below = value.obj if isinstance(value, memoryview) else value.base
        if is_tensor(below):
            return reach(below)
        if not hasattr(below, "__array_interface__") and not isinstance(below, memoryview):
            break
        value = below
    if not hasattr(value, "__array_interface__"):
        return None
    start = value.__array_interface__["data"][0]
    return start, start + value.nbytes


def shared(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two reaches overlap."""
    return max(one[0], other[0]) < min(one[1], other[1])
