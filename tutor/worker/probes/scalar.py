"""The number that a tensor on the CPU holds, read where it lies."""

from __future__ import annotations

import ctypes
from typing import Any

import torch

_C_TYPES: dict[torch.dtype, Any] = {
    torch.float32: ctypes.c_float,
    torch.float64: ctypes.c_double,
    torch.int64: ctypes.c_longlong,
    torch.int32: ctypes.c_int,
    torch.bool: ctypes.c_bool,
}


def scalar(tensor: torch.Tensor) -> float | None:
    """The value of a tensor of one element, whose type is exactly Tensor; None where it can't be read at once.

    ``item()`` would be an operation: a profiler, a mode or a trace of the program's own would see it.
    Raises RuntimeError for a tensor of a ``torch.func`` transform.
    """
    kind = _C_TYPES.get(tensor.dtype)
    if kind is None or not tensor.is_cpu:
        return None
    address = tensor.data_ptr()
    offset = tensor.storage_offset()
    freed = offset and tensor.untyped_storage().nbytes() < (offset + 1) * tensor.itemsize
    if not address or freed:  # reading it would end the process
        return None
    value: float = kind.from_address(address).value
    return value
