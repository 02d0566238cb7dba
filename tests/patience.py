"""How long a test waits for what must come: so long that a busy machine is no fault, for no wait outlasts its event."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

PATIENCE = 120.0  # seconds


async def until(condition: Callable[[], object], pause: Callable[[float], Awaitable[None]]) -> bool:
    """Whether a condition came to hold; between two looks ``pause`` lets so many seconds pass."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        await pause(0.01)
    return True
