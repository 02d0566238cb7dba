"""Functions of ours that a compiling program calls, kept from ``torch.compile``."""

from __future__ import annotations

import contextlib
from typing import Any

import torch


def keep_eager(*functions: Any) -> None:
    """Let Dynamo leave these, and all that they call, to Python where it isn't tracing.

    It would compile them otherwise wherever the program calls them outside of its own graphs, and count them.
    """
    frames = torch._C._dynamo.eval_frame
    with contextlib.suppress(AttributeError):  # a version of torch that spells it otherwise
        skip = frames._FrameAction.SKIP
        for function in functions:
            frames.set_code_exec_strategy(function.__code__, frames._FrameExecStrategy(skip, skip))
