"""A tensor in a few numbers, whatever state it is in, without changing it or calling the learner's code.

Everything is read through torch's own base class with ``__torch_function__`` off, so that a subclass has no
say. Where reading values would run somebody's code or crash the process (a freed storage), only what is known
without reading is told.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeGuard

import torch
from torch import nn

from tutor.inspection.sizes import Refused, attribute, fixed, sizes, written
from tutor.protocol import codec

STRIP = 32
"""Values in a strip."""
WHOLE = 1 << 17
"""Up to so many elements every value is read; beyond, :data:`SAMPLES` of them."""
SERIAL = (1 << 15) - 1
"""Up to so many elements no operation of torch's divides its work among threads."""
SAMPLES = 4096
WORDED = 8
"""Up to so many elements are written out as text."""

_Base: Any = torch._C.TensorBase
_DTYPE = re.compile(r"([a-z]+)(\d+)(?:_(\w+))?")
_BACKWARD = re.compile(r"Backward\d*$")
_SHORT = {"float": "f", "bfloat": "bf", "int": "i", "uint": "u", "complex": "c", "quint": "qu", "qint": "qi"}
_ADDRESSES = 1 << 59
"""Elements of an array that reaches over all addresses that there are."""
_MEMORY: dict[torch.dtype, tuple[Any, int]] = {
    torch.float32: ((ctypes.c_float * _ADDRESSES).from_address(0), 2),
    torch.float64: ((ctypes.c_double * _ADDRESSES).from_address(0), 3),
    torch.int64: ((ctypes.c_int64 * _ADDRESSES).from_address(0), 3),
    torch.int32: ((ctypes.c_int32 * _ADDRESSES).from_address(0), 2),
    torch.bool: ((ctypes.c_bool * _ADDRESSES).from_address(0), 0),
}
"""The memory as numbers of a type, and the binary logarithm of its size."""


def instance(value: object, *classes: type) -> bool:
    """``isinstance`` by the type alone: the built-in one also asks the value for its ``__class__``."""
    return issubclass(type(value), classes)


def is_tensor(value: object) -> TypeGuard[torch.Tensor]:
    """Whether ``value`` is a tensor, by its type alone."""
    return instance(value, torch.Tensor)


@cache
def short_dtype(dtype: torch.dtype) -> str:
    """``f32`` for ``torch.float32``, as the messages of the protocol spell it."""
    name = str(dtype).removeprefix("torch.")
    match = _DTYPE.fullmatch(name)
    if match is None or match[1] not in _SHORT:
        return name
    return _SHORT[match[1]] + match[2] + (match[3] or "")


def short(tensor: torch.Tensor) -> str:
    """``f32[2,3]``."""
    with torch._C.DisableTorchFunction():
        return short_dtype(attribute(tensor, "dtype")) + written(sizes(tensor))


def describe(tensor: torch.Tensor, name: str, *, depth: int = 1, whole: int = WHOLE) -> codec.Tensor:
    """Describe ``tensor`` and a few of its values; its ``.grad`` too where ``depth`` is above 0.

    Reads at most ``whole`` values; of a larger tensor 4,096 evenly spaced ones. Draws no random number, records
    no gradient and changes nothing. Never raises: what can't be read is left out and ``note`` says why.
    """
    with torch._C.DisableTorchFunction(), torch.no_grad(), one_thread() if whole > SERIAL else contextlib.nullcontext():
        kind, grad_fn = type(tensor), attribute(tensor, "grad_fn")
        fields: dict[str, Any] = {}
        note = unreadable(tensor)
        if not note:
            try:
                fields = _numbers(tensor, whole)
            except Exception as error:  # an operation that this dtype or device lacks: tell the rest
                note = f"its values can't be read here ({type(error).__name__})"
        grad = gradient(tensor) if depth > 0 else None
        return codec.Tensor(
            name=name,
            dtype=short_dtype(attribute(tensor, "dtype")),
            shape=sizes(tensor),
            device=device(tensor),
            leaf=attribute(tensor, "is_leaf"),
            requires_grad=attribute(tensor, "requires_grad"),
            grad_fn="" if grad_fn is None else operation(grad_fn),
            kind="" if kind is torch.Tensor else type.__getattribute__(kind, "__name__"),
            note=note,
            grad=None if grad is None else describe(grad, f"{name}.grad", depth=depth - 1, whole=whole),
            **fields,
        )


def unreadable(tensor: torch.Tensor) -> str:
    """Why the values of ``tensor`` must not be read; empty where they may."""
    with torch._C.DisableTorchFunction():
        if type(tensor).__name__ == "FakeTensor":
            return "fake: it has a shape and no values"
        try:
            if note := _unlike_memory(tensor):
                return note
        except Refused:
            return _OWN_WAY
        if any("__torch_dispatch__" in vars(cls) for cls in type(tensor).__mro__ if cls not in _PLAIN):
            return _OWN_WAY
        try:
            if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
                return "left from a torch.func transform"
            if (shape := fixed(tensor)) is None:
                return "its sizes are symbols"
            return "" if _storage_holds(tensor, shape) else "storage freed"
        except Exception as error:
            return f"no storage ({type(error).__name__})"


_OWN_WAY = "a subclass that computes in its own way"
_PLAIN = (torch.Tensor, _Base, nn.Parameter, object)


def _unlike_memory(tensor: torch.Tensor) -> str:
    """Why its values don't lie in memory one by one; empty where they do."""
    if attribute(tensor, "is_nested"):
        return "nested"
    if attribute(tensor, "is_meta"):
        return "meta: it has a shape and no values"
    if attribute(tensor, "layout") is not torch.strided:
        return str(attribute(tensor, "layout")).removeprefix("torch.").replace("_", " ")
    return "quantized" if attribute(tensor, "is_quantized") else ""


def _storage_holds(tensor: torch.Tensor, shape: tuple[int, ...]) -> bool:
    """Whether the storage reaches as far as shape and strides say. Reading beyond it ends the process."""
    if 0 in shape:
        return True
    last = _Base.storage_offset(tensor)
    last += sum((size - 1) * step for size, step in zip(shape, _Base.stride(tensor), strict=True))
    return bool(torch.Tensor.untyped_storage(tensor).nbytes() >= (last + 1) * attribute(tensor, "itemsize"))


def device(tensor: torch.Tensor) -> str:
    """``cuda:0``; of a fake tensor the one that it stands for. Empty where only its own class could tell."""
    try:
        return str(attribute(tensor, "device"))
    except Refused:
        attributes = object.__getattribute__(tensor, "__dict__")
        fake_device = attributes.get("_fake_device") or attributes.get("fake_device")  # without _ in older torch
        return str(fake_device or "")


def operation(grad_fn: Any) -> str:
    """``Mul`` for a ``MulBackward0``."""
    return _BACKWARD.sub("", type(grad_fn).__name__)


def gradient(tensor: torch.Tensor) -> torch.Tensor | None:
    """``.grad`` where reading it doesn't warn."""
    if not (attribute(tensor, "is_leaf") or attribute(tensor, "retains_grad")):
        return None
    grad: torch.Tensor | None = attribute(tensor, "grad")
    return grad


def plain(tensor: torch.Tensor) -> torch.Tensor:
    """The same memory as an ordinary tensor outside of the graph."""
    with torch._C.DisableTorchFunction(), torch.no_grad():
        same: torch.Tensor = _Base.detach(_Base.as_subclass(tensor, torch.Tensor))
        return same


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """No thread pool inside: starting one takes longer than what is computed here, and it outlives it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


# --- the numbers --------------------------------------------------------------------------------------------


def _numbers(tensor: torch.Tensor, whole: int) -> dict[str, Any]:
    values = plain(tensor).resolve_conj().resolve_neg()
    shape, count = values.shape, values.numel()
    if count <= STRIP:
        return _few(values.reshape(-1).tolist(), shape)
    if values.dtype.is_complex:  # not ordered: neither a range nor a strip
        return {}
    flat = values.reshape(-1) if count <= whole else pick(values, SAMPLES)
    fields = _many(flat)
    return fields if count <= whole else {**fields, "sampled": True}


def pick(values: torch.Tensor, count: int) -> torch.Tensor:
    """``count`` elements of ``values``, evenly spaced in reading order, first and last among them."""
    size = values.numel()
    places = torch.arange(count, device=values.device) * (size - 1) // (count - 1)
    index: list[torch.Tensor] = []
    for length in reversed(values.shape):
        index.append(places % length)
        places = places // length
    return values[tuple(reversed(index))] if index else values.reshape(1)


def _few(numbers: list[Any], shape: tuple[int, ...]) -> dict[str, Any]:
    fields: dict[str, Any] = {"text": _worded(numbers, shape)} if len(numbers) <= WORDED else {}
    if any(isinstance(number, complex) for number in numbers):
        return fields
    floats = [float(number) for number in numbers]
    finite = [number for number in floats if math.isfinite(number)]
    nans = sum(map(math.isnan, floats))
    fields |= {"nans": nans, "infs": len(floats) - len(finite) - nans}
    fields["strip"] = tuple(number if math.isfinite(number) else None for number in floats)
    if finite:
        fields |= {"low": min(finite), "high": max(finite), "mean": math.fsum(finite) / len(finite)}
    return fields


def _many(flat: torch.Tensor) -> dict[str, Any]:
    if flat.device.type == "cpu" and flat.dtype in (torch.float32, torch.float64):
        low, high = (end.item() for end in flat.aminmax())
        if math.isfinite(low) and math.isfinite(high):  # a NaN would be both: nothing to leave out
            mean = flat.mean(dtype=torch.float64).item()
            return {"low": low, "high": high, "mean": mean, "strip": tuple(pick(flat, STRIP).tolist())}
    return _many_fetched_at_once(flat)


def _many_fetched_at_once(flat: torch.Tensor) -> dict[str, Any]:
    """Everything computed where the values are and fetched together: on a GPU each fetch waits for it."""
    wide = flat.to(torch.float32 if flat.device.type == "mps" else torch.float64)
    nan, finite = wide.isnan(), wide.isfinite()
    count = finite.sum()
    low = wide.where(finite, math.inf).amin()
    high = wide.where(finite, -math.inf).amax()
    mean = wide.where(finite, 0).sum() / count
    summary = torch.stack([low, high, mean, nan.sum().to(wide), count.to(wide)])
    low_, high_, mean_, nans, finites, *strip = torch.cat([summary, pick(wide, STRIP)]).tolist()
    fields: dict[str, Any] = {"nans": int(nans), "infs": int(flat.numel() - finites - nans)}
    fields["strip"] = tuple(value if math.isfinite(value) else None for value in strip)
    if finites:
        fields |= {"low": low_, "high": high_, "mean": mean_}
    return fields


def number_text(number: Any) -> str:
    """A number at a precision for reading: ``6.0``, ``0.33333``, ``-2``, ``True``."""
    if not isinstance(number, float):
        return str(number)
    text = f"{number:.5g}"
    return text if not text.lstrip("-").isdigit() else f"{text}.0"


def _worded(numbers: list[Any], shape: tuple[int, ...]) -> str:
    if not shape:
        return number_text(numbers[0])
    if 0 in shape:
        return "[]"
    step = len(numbers) // shape[0]
    rows = (numbers[start : start + step] for start in range(0, len(numbers), step))
    return "[" + ", ".join(_worded(row, shape[1:]) for row in rows) + "]"


# --- one number, without an operation ---------------------------------------------------------------------------


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


def is_watched() -> bool:
    """Whether a mode, a profiler, a trace or the capture of a graph would take in an operation of ours."""
    return bool(torch._C._len_torch_function_stack()) or is_recorded()


def is_recorded() -> bool:
    """The same without the modes that see only calls from Python, such as a default device."""
    return bool(
        torch._C._len_torch_dispatch_stack()
        or torch._C._autograd._profiler_enabled()
        or torch._C._get_tracing_state() is not None
        or (torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing())  # type: ignore[no-untyped-call]
    )
