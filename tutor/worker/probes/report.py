"""What the probes tell of a program that has come to its end, in the order in which it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tutor.runner.protocol import Seen, Tensors
from tutor.worker.probes import values


def seen(namespace: dict[str, Any], run: int) -> Iterator[Seen]:
    """The events about what the program left in ``namespace``."""
    tensors, hidden = values.tensors(namespace)
    yield Tensors(run, tensors, hidden)
