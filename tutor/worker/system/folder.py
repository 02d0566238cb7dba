"""The folder of a worker, in which the folders of its runs are: made, locked while it is in use, removed.

It is protected by a lock, not by the number of a process: in another container, or on another machine with the same
``TMPDIR``, such a number means another process or none.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path


def make() -> str:
    """Make a folder, locked by this process. Folders that killed workers of this machine have left are removed."""
    prefix = f"tutor-{machine()}-"
    for leftover in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        remove(leftover, unless_locked=True)
    while not hold(path := tempfile.mkdtemp(prefix=prefix)):
        pass
    return path


def hold(path: str) -> bool:
    """Keep others from removing the folder until this process ends; False: one has just done so, or is about to."""
    try:
        descriptor = _open(path)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    except OSError:  # where nothing can be locked, nothing is removed either
        return True
    return _is_same(path, descriptor)


def remove(path: str | Path, *, unless_locked: bool = False) -> None:
    """Remove a folder that is one, and one's own; what can't be removed stays."""
    with suppress(OSError):
        descriptor = _open(path)
        try:
            if unless_locked:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_uid == os.geteuid() and _is_same(path, descriptor):
                shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(descriptor)


def _open(path: str | Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _is_same(path: str | Path, descriptor: int) -> bool:
    """Whether the path still leads to the folder that was opened there."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def machine() -> str:
    """The system that keeps the locks: all its containers share it, and another start of it has none of them.

    A lock on a folder never reaches other machines, on whatever filesystem; so the folders of each are its own to
    remove. What it leaves when the power goes is left to what empties ``/tmp`` at its next start.
    """
    try:
        name = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:  # not Linux
        name = platform.node()
    return hashlib.sha256(name.strip().encode()).hexdigest()[:12]
