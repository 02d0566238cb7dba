"""The settings of torch that code changes for all that runs after it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def defaults_kept() -> Iterator[None]:
    """Gradients on inside, whatever mode was left on; default dtype and device afterwards as before."""
    dtype, device = torch.get_default_dtype(), torch.get_default_device()
    try:
        with torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        torch.set_default_dtype(dtype)
        if torch.get_default_device() != device:
            # "cpu" is what is reported when none was ever set; setting it would slow every later call
            torch.set_default_device(None if device == torch.device("cpu") else device)
