"""Processes as the system lists them: who descends from whom, and who is still there."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from tests.patience import PATIENCE


def family(root: int) -> set[int]:
    """A process and all that descends from it, now."""
    found, queue = set(), [root]
    while queue:
        pid = queue.pop()
        found.add(pid)
        with contextlib.suppress(OSError):  # it may end at any moment
            for thread in Path(f"/proc/{pid}/task").iterdir():
                queue += map(int, (thread / "children").read_text().split())
    return found


def gone(pids: set[int], seconds: float = PATIENCE) -> set[int]:
    """Those of the processes that are still there after so long; zombies don't count."""
    until = time.monotonic() + seconds
    while left := {pid for pid in pids if _runs(pid)}:
        if time.monotonic() > until:
            break
        time.sleep(0.01)
    return left


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
