"""Processes as the system sees them: their descendants, their memory, and their end.

Linux answers through /proc and prctl(2); elsewhere ``ps`` answers, slower, and what it lacks is left out.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

LINUX = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def _prctl(option: int, value: int) -> None:
    if LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def die_with(parent: int, number: signal.Signals) -> None:
    """Have the system send ``number`` to this process when its parent ends, also when it has just ended."""
    _prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none can slip away."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def children(pid: int) -> list[int]:
    """The living children of a process; empty when it is gone."""
    pids: list[int] = []
    if LINUX:
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                with contextlib.suppress(OSError):
                    pids += map(int, (thread / "children").read_text().split())
        return pids
    table = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=False).stdout
    rows = (line.split() for line in table.splitlines())
    return [int(child) for child, parent in rows if int(parent) == pid]


def descendants(pid: int) -> list[int]:
    """All processes below ``pid``, parents before their children."""
    pids, queue = [], [pid]
    while queue:
        child_pids = children(queue.pop())
        pids += child_pids
        queue += child_pids
    return pids


def sweep(root: int, spare: Iterable[int] = ()) -> dict[int, int]:
    """Kill everything below ``root``, this process, but the processes in ``spare`` and theirs.

    Each round stops all before it kills any, so that none can fork on; a round that finds nothing ends it.
    Returns the wait status of each child that ended, by pid.
    """
    statuses: dict[int, int] = {}
    spared = {pid for top in spare for pid in (top, *descendants(top))}
    for _ in range(200):
        statuses |= reap()
        targets = [pid for pid in descendants(root) if pid not in spared]
        if not targets:
            break
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in targets:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)
        time.sleep(0.002)
    return statuses


def reap() -> dict[int, int]:
    """Collect every child of this process that has ended: its wait status by pid."""
    statuses: dict[int, int] = {}
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            statuses[ended[0]] = ended[1]
    return statuses


def alarm() -> int:
    """A descriptor that turns readable whenever a signal comes, the end of a child among them."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    return read


def private_memory(pids: Iterable[int]) -> int:
    """Bytes of anonymous memory that the processes hold; what they share by fork is counted once each."""
    return sum(_kilobytes(f"/proc/{pid}/status", "RssAnon:") for pid in pids) * 1024


def proportional_memory(pids: Iterable[int]) -> int:
    """Bytes of memory with each shared page divided among its sharers: exact, and slower to ask for."""
    return sum(_kilobytes(f"/proc/{pid}/smaps_rollup", "Pss_Anon:") for pid in pids) * 1024


def _kilobytes(file: str, field: str) -> int:
    with contextlib.suppress(OSError, ValueError), open(file, encoding="ascii") as lines:
        for line in lines:
            if line.startswith(field):
                return int(line.split()[1])
    return 0


def lives(pid: int) -> bool:
    """Whether there is a process of this number, whoever owns it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def close_all_but(*descriptors: int) -> None:
    """Close every descriptor above 2 that isn't one of ``descriptors``."""
    low = 3
    for descriptor in sorted(set(descriptors) - {0, 1, 2}):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))


def first_to_die() -> None:
    """Ask the system to end this process before others when memory runs out, not the tutor or a neighbour's job."""
    with contextlib.suppress(OSError):
        file = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(file, b"500")
        os.close(file)
