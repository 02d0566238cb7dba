"""Earlier versions of drafts: undo that lasts beyond the session, and beyond a reset.

Each version is a file of its own, named by its time and content: nothing is rewritten, so that neither a kill nor a
second tutor, nor a network that locks badly, can harm one. A database would do worse: drafts are also saved from
signal handlers and threads, every second while one types, and 50 versions of each lesson would make it slow to open.
"""

from __future__ import annotations

import contextlib
import os
import re
from binascii import crc32
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tutor import paths, private_files

MOST = 50
"""Versions kept of one draft; up to ten more while one types."""
BYTES = 1_000_000
"""Their size together; the last one is kept whatever its size."""
_RECENT = 10
"""The latest versions, of which none is dropped for being near its neighbours."""
_TEN = 10

_NAME = re.compile(r"(\d{13})-[0-9a-f]{8}\.py")


@dataclass(frozen=True, slots=True)
class Version:
    """A draft as it once was."""

    at: float
    """When it was saved, in seconds since 1970."""
    path: Path

    def text(self) -> str:
        """The draft. Raises OSError: it was dropped meanwhile, or can't be read."""
        return self.path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


class DraftHistory:
    """Earlier versions of all drafts below a home. A disk that fails costs versions, and never stops a save."""

    def __init__(self, home: Path) -> None:
        """Nothing is read or made before it is needed."""
        self._home = home

    def of(self, id: str) -> tuple[Version, ...]:
        """The earlier versions of a lesson's draft, the latest first."""
        folder = paths.versions(self._home, id)
        return tuple(Version(int(name[:13]) / 1000, folder / name) for name in reversed(_names(folder)))

    def keep(self, id: str, draft: Path, instead: bytes | None) -> None:
        """Keep what is in the file ``draft``, unless it is what comes ``instead``. To be called before it is replaced.

        It is linked, not copied: that costs no writing, and includes what another editor wrote. A file that isn't
        private is copied: whoever can write to it could change what the draft was.
        """
        with contextlib.suppress(OSError):
            raw, status = draft.read_bytes(), draft.stat()
            if raw == instead:
                return
            version = self._place(id, status.st_mtime, raw)
            private_files.make_folder(version.parent, self._home)
            if version.exists():
                return
            try:
                if not private_files.is_private(draft):
                    raise PermissionError
                version.hardlink_to(draft)
            except FileExistsError:
                return
            except OSError:  # or a file system without links
                _write(version, raw, status.st_mtime)
            _thin(version.parent)

    def ids(self) -> list[str]:
        """The lessons whose draft has earlier versions."""
        folder = paths.versions(self._home)
        return sorted({path.parent.relative_to(folder).as_posix() for path in folder.glob("**/*.py")})

    def has(self, id: str, at: float, text: str) -> bool:
        """Whether ``text`` is the version of that time."""
        return self._place(id, at, text.encode("utf-8", "replace")).exists()

    def add(self, id: str, at: float, text: str) -> bool:
        """Put a version from elsewhere among them. False: it is there already. Raises OSError."""
        raw = text.encode("utf-8", "replace")
        version = self._place(id, at, raw)
        if version.exists():
            return False
        private_files.make_folder(version.parent, self._home)
        _write(version, raw, at)
        return True

    def _place(self, id: str, at: float, raw: bytes) -> Path:
        return paths.versions(self._home, id) / f"{max(0, round(at * 1000)):013d}-{crc32(raw):08x}.py"


def _write(path: Path, raw: bytes, at: float) -> None:
    with private_files.written_beside(path, raw) as fresh:
        os.utime(fresh, (at, at))
        fresh.replace(path)


def _names(folder: Path) -> list[str]:
    """The files of the versions, the oldest first."""
    try:
        return sorted(path.name for path in folder.iterdir() if _NAME.fullmatch(path.name))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _thin(folder: Path) -> None:
    names = _names(folder)
    if len(names) % _TEN:
        return  # looking at each at every save would be slow on a network
    sizes = {name: (folder / name).stat().st_size for name in names}
    for name in set(names) - set(versions_to_keep(names, sizes)):
        (folder / name).unlink(missing_ok=True)


def versions_to_keep(names: Sequence[str], sizes: dict[str, int]) -> list[str]:
    """Those to keep of versions, oldest first: the first, the latest, and between them the fewer the older they are."""
    remaining = list(names)
    times = [int(name[:13]) for name in remaining]
    while len(remaining) > MOST:
        # How much of a gap would be left, by how long ago it was: the least is missed the least.
        gaps = [(times[i + 1] - times[i - 1]) / (times[-1] - times[i] + 1) for i in range(1, len(remaining) - _RECENT)]
        drop = gaps.index(min(gaps)) + 1
        del remaining[drop], times[drop]
    while len(remaining) > 1 and sum(sizes[name] for name in remaining) > BYTES:
        del remaining[0]
    return remaining
