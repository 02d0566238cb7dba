"""The norm of all gradients together, at a step of an optimizer."""

from __future__ import annotations

import math
from typing import Any

import torch

from tutor.inspection.scalar import scalar, watched
from tutor.worker.probes.series import Curve


def add(curve: Curve, groups: list[dict[str, Any]], step: int) -> None:
    """Add the norm at this step to ``curve``; nothing where it can't be told, or where the program would notice.

    On a device it is computed there and read when the program has ended: nothing waits for it.
    """
    with torch._C.DisableTorchFunction():  # a subclass may take note of what is asked of it
        grads = [tensor.grad for group in groups for tensor in group["params"] if tensor.grad is not None]
    if not grads or not all(map(_plain, grads)) or watched():
        return
    devices = {grad.device for grad in grads}
    if len(devices) > 1:
        return
    with torch.no_grad():
        norms = torch._foreach_norm(grads)
        if devices.pop().type == "cpu":
            found = [scalar(norm) for norm in norms]
            if None not in found:
                curve.add_at(step, math.hypot(*found))  # type: ignore[arg-type]
        else:
            curve.add_later(torch.linalg.vector_norm(torch.stack(norms)), step)


def _plain(grad: object) -> bool:
    return type(grad) is torch.Tensor and grad.layout is torch.strided and grad.is_floating_point()
