"""Reading a number, and whether it may be computed, without a trace in what the program itself watches."""

from __future__ import annotations

import ctypes
from typing import Any

import torch

_MOST = 1 << 59
"""Elements of an array that reaches over all addresses that there are."""
_MEMORY: dict[torch.dtype, tuple[Any, int]] = {
    torch.float32: ((ctypes.c_float * _MOST).from_address(0), 2),
    torch.float64: ((ctypes.c_double * _MOST).from_address(0), 3),
    torch.int64: ((ctypes.c_int64 * _MOST).from_address(0), 3),
    torch.int32: ((ctypes.c_int32 * _MOST).from_address(0), 2),
    torch.bool: ((ctypes.c_bool * _MOST).from_address(0), 0),
}
"""The memory as numbers of a type, and the binary logarithm of its size."""


def scalar(tensor: torch.Tensor) -> float | None:
    """The value of a tensor of one element, whose type is exactly Tensor; None where it can't be read at once.

    It is read from memory: ``item()`` would be an operation, and a profiler, a mode or a trace of the program's own
    would see it. Raises RuntimeError for a tensor of a ``torch.func`` transform.
    """
    memory = _MEMORY.get(tensor.dtype)
    if memory is None or not tensor.is_cpu:
        return None
    address = tensor.data_ptr()
    offset = tensor.storage_offset()
    freed = offset and tensor.untyped_storage().nbytes() < (offset + 1) * tensor.itemsize
    if not address or freed:  # reading it would end the process
        return None
    numbers, shift = memory
    value: float = numbers[address >> shift]
    return value


def watched() -> bool:
    """Whether a mode, a profiler, a trace or the capture of a graph would take in an operation of ours."""
    return bool(
        torch._C._len_torch_dispatch_stack()
        or torch._C._len_torch_function_stack()
        or torch._C._autograd._profiler_enabled()
        or torch._C._get_tracing_state() is not None
        or (torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing())  # type: ignore[no-untyped-call]
    )
