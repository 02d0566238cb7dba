"""Everything that can be observed of a draft, as text: two drafts with one fingerprint do the same.

``tutor verify --mutate`` asks for it, to tell a mutant that changes something from one that doesn't.
"""

from __future__ import annotations

import hashlib
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from tutor.check.program import Program, Unmet, draft_of, printed, series
from tutor.check.rerun import again
from tutor.inspection.tensor import is_tensor

_DIGITS = 4
"""Significant digits of a number that count: another order of additions differs in the seventh."""
_DEPTH = 6


def fingerprint(run: Program, inputs: Sequence[str]) -> str:
    """A hash of the names that a draft left, its output and series, and of the same for other ``inputs``.

    Args:
        run: the draft.
        inputs: top-level names that it is run again with, each with another value, one by one and all at once.
    """
    lines = [*_observe(run), *(f"{name} {_numbers(series(run, name))}" for name in ("loss", "lr"))]
    fresh = {name: other for name in inputs if (other := _vary(draft_of(run).namespace.get(name))) is not None}
    for changes in (*({name: other} for name, other in fresh.items()), *([fresh] if len(fresh) > 1 else [])):
        torch.manual_seed(1)
        try:
            lines += _observe(again(run, **changes))
        except Unmet as stopped:
            lines.append(stopped.message)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _observe(run: Program) -> Iterator[str]:
    yield printed(run)
    for name, value in sorted(draft_of(run).namespace.items()):
        if not name.startswith("__") and not isinstance(value, types.ModuleType):
            yield f"{name} = {_describe(value)}"
    yield from _shared_memory(draft_of(run).namespace)


def _shared_memory(namespace: Mapping[str, object]) -> Iterator[str]:
    """The names of tensors that lie in the same memory."""
    names: dict[int, list[str]] = {}
    for name, value in namespace.items():
        if is_tensor(value) and type(value) is torch.Tensor and value.layout is torch.strided and value.numel():
            names.setdefault(value.untyped_storage().data_ptr(), []).append(name)
    yield from sorted(" ".join(sorted(group)) for group in names.values() if len(group) > 1)


def _vary(value: object) -> object:
    """Another value of the same kind: other numbers, signs and scale; None for what has none."""
    if is_tensor(value) and type(value) is torch.Tensor and value.is_leaf and value.numel():
        if value.is_floating_point():
            wave = torch.linspace(-1.5, 2.5, value.numel(), dtype=value.dtype, device=value.device)
            other = value.detach() * 1.75 + wave.view(value.shape) - 0.25
            return other.requires_grad_(value.requires_grad)
        return None if value.dtype == torch.bool or value.is_complex() else value + 1
    if type(value) is float:
        return value * 0.75
    return value + 1 if type(value) is int else None


# --- values as text ------------------------------------------------------------------------------------------


def _describe(value: object, depth: int = _DEPTH) -> str:
    """A value's kind and contents. A function's is its kind alone: what it does shows in what the draft leaves."""
    if is_tensor(value):
        return _describe_tensor(value, depth)
    if isinstance(value, bool | str | bytes | None | torch.dtype | torch.device):
        return repr(value)
    if type(value).__module__ == "numpy":
        return repr(value)
    if isinstance(value, int | float | complex):
        return f"{type(value).__name__} {_numbers([value])}"
    if depth == 0 or (callable(value) and not isinstance(value, torch.nn.Module)):
        return type(value).__name__
    parts = ", ".join(f"{key}: {_describe(part, depth - 1)}" for key, part in _parts(value))
    return f"{type(value).__name__}({parts})"


def _parts(value: Any) -> Iterator[tuple[str, object]]:
    """What a value is made of."""
    if isinstance(value, torch.nn.Module):
        yield "modules", str(value)
        yield "training", [module.training for module in value.modules()]
        yield from value.named_parameters()
        yield from value.named_buffers()
    elif isinstance(value, torch.optim.Optimizer):
        yield from value.state_dict().items()
    elif isinstance(value, Mapping):
        yield from ((_describe(key, 1), part) for key, part in value.items())
    elif isinstance(value, list | tuple):
        yield from ((str(place), part) for place, part in enumerate(value))
    elif isinstance(value, set | frozenset):
        yield from (("", part) for part in sorted(map(_describe, value)))
    else:
        attributes = getattr(value, "__dict__", None) or {}
        yield from ((name, part) for name, part in sorted(attributes.items()) if not name.startswith("_"))


def _describe_tensor(value: torch.Tensor, depth: int) -> str:
    kind = f"{value.dtype} {tuple(value.shape)} {value.device.type} {value.requires_grad} {value.is_leaf}"
    try:
        numbers = _numbers(value.detach().cpu().resolve_conj().resolve_neg().flatten().tolist())
        strides = value.stride() if value.layout is torch.strided else ()
        gradient = _describe(value.grad, depth - 1) if depth and value.is_leaf and value.grad is not None else ""
    except (RuntimeError, NotImplementedError) as error:  # sparse, fake and meta tensors hold no numbers to read
        return f"{kind} {type(error).__name__}"
    return f"{kind} {strides} {hashlib.sha256(numbers.encode()).hexdigest()} {gradient}"


def _numbers(numbers: Sequence[complex]) -> str:
    return " ".join(f"{number + 0:.{_DIGITS}g}" for number in numbers)
