"""Runs the draft on the ``meta`` device, which stands for a GPU on any machine."""

from __future__ import annotations

from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from tutor.check.program import Program, Unmet
from tutor.check.rerun import again


def on_meta(run: Program) -> Program:
    """Run the draft once more with ``meta`` for ``device``; numbers that it reads there are zeros.

    Raises:
        Unmet: as :func:`tutor.check.again`.
    """
    try:
        with _ReadableMeta():
            return again(run, device=torch.device("meta"))
    except Unmet as stop:
        advice = "Does each `.to(...)` and each `device=` get `device`, under this name?"
        raise Unmet(stop.message, advice) from None


class _ReadableMeta(TorchFunctionMode):
    """Reads zeros on the CPU where a function asks for the numbers of meta tensors, which have none."""

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        try:
            return function(*args, **(kwargs or {}))
        except (RuntimeError, TypeError):
            tensors = [value for value in args if isinstance(value, torch.Tensor)]
            if not tensors or not all(tensor.is_meta for tensor in tensors):
                raise
            zeros = (torch.zeros_like(a, device="cpu") if isinstance(a, torch.Tensor) else a for a in args)
            return function(*zeros, **(kwargs or {}))
