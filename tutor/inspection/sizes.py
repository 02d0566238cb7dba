"""The sizes of a tensor, read without a trace: nobody's code runs, and no symbol is asked for its value.

A size under ``torch.export``, ``make_fx`` or a ``FakeTensorMode`` may be a symbol that stands for any number. Whatever
asks it for that number, for its truth or whether it equals another makes it that number from then on (a *guard*): what
the program exports is another thing then, or fails. So :func:`sizes` is what every probe asks, and nothing else is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

_LONGEST = 24
"""Characters of a symbol's expression, as in ``s0//2``."""
UNREAD: tuple[str, ...] = ("?",)
"""What stands for all sizes of a tensor whose class, or a trace, would take note of who reads them."""

_Base: Any = torch._C.TensorBase  # its getters are called directly: a subclass may have replaced its own
_OWN = (torch.Tensor, nn.Parameter)
_is_wrapped = torch._C._functorch.is_functorch_wrapped_tensor


class Refused(RuntimeError):  # noqa: N818 - an answer, no error
    """Raised for an attribute that only the tensor's own class can read."""


class _Refusal:
    """Takes the place of a dispatch mode: it hears what a class would, or a mode of the program's, and says no."""

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise Refused(str(function))


_REFUSAL: Any = _Refusal()


def attribute(tensor: torch.Tensor, name: str) -> Any:
    """An attribute as torch's own base class has it. To be asked under ``DisableTorchFunction``.

    Raises Refused where the class of the tensor answers for itself, in ``__torch_dispatch__``.
    """
    getter = getattr(_Base, name)
    if type(tensor) in _OWN and not _is_wrapped(tensor):
        return getter.__get__(tensor)
    torch._C._push_on_torch_dispatch_stack(_REFUSAL)
    try:
        return getter.__get__(tensor)
    finally:
        torch._C._pop_torch_dispatch_stack(None)


def sizes(tensor: torch.Tensor) -> tuple[int | str, ...]:
    """The sizes, a symbol by its name; :data:`UNREAD` where they can't be read. Under ``DisableTorchFunction``."""
    if torch._C._is_tracing():  # each size that is read becomes an operation of the graph
        return UNREAD
    try:
        return name_symbols(attribute(tensor, "shape"))
    except Exception:  # nested, or of a class that answers for itself
        return UNREAD


def name_symbols(shape: Iterable[Any]) -> tuple[int | str, ...]:
    """Sizes as they come from torch, each symbol by its name."""
    return tuple(size if type(size) is int else _symbol(size) for size in shape)


def fixed(tensor: torch.Tensor) -> tuple[int, ...] | None:
    """The sizes of a tensor where all of them are numbers, else None."""
    shape = sizes(tensor)
    numbers = tuple(size for size in shape if type(size) is int)
    return numbers if len(numbers) == len(shape) else None


def written(shape: Iterable[int | str]) -> str:
    """``[2,s0]``."""
    return f"[{','.join(map(str, shape))}]"


def _symbol(size: Any) -> str:
    """``s0``, ``2*s0+1``: its expression as text, which asks it nothing."""
    text = str(size).replace(" ", "") if type(size) is torch.SymInt else "?"
    return text if len(text) <= _LONGEST else "?"
