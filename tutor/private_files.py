"""Files that are the learner's alone: nobody else can read or write them, whatever the umask.

All that is remembered is made through this module. A new file gets a name that nobody can foresee, and is opened only
if nothing has it: a link that somebody has planted is never followed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tutor import paths

FOLDER, FILE = 0o700, 0o600
_WRITABLE = stat.S_IWGRP | stat.S_IWOTH
_PUBLIC = 0o666
"""What the umask makes of it is how any other program would write a file."""


def make_folder(folder: Path, home: Path) -> None:
    """Make ``folder``, which is ``home`` or below it, and what is missing on the way. What is there is left alone.

    The home of a pack lies in another one (:func:`tutor.paths.root`), which is made in the same way.

    Folders above the home belong to the system's custom, and get its usual modes. Raises OSError: PermissionError also
    for a folder of another user, and for a link that another has laid.
    """
    home = paths.root(home)
    if owner := other_owner(home):
        raise PermissionError(errno.EPERM, f"it belongs to {owner}", str(home))
    home.parent.mkdir(parents=True, exist_ok=True)
    for each in (home, *reversed([each for each in (folder, *folder.parents) if home in each.parents])):
        try:
            each.mkdir(FOLDER)
        except FileExistsError:
            if not each.is_dir():
                raise
            if each != home and each.lstat().st_uid != os.geteuid():
                raise PermissionError(errno.EPERM, "it belongs to another user", str(each)) from None
        else:
            _restrict(each, each.lstat(), FOLDER)  # a umask may take from the owner, too; a setgid folder gives


def other_owner(home: Path) -> str:
    """The user in whose folder a home is, or would be made; empty where that is the user's own, or the system's.

    Whoever owns the folder could read and change all that is remembered, or have us write over what is theirs.
    """
    home = paths.root(home).absolute()
    for folder in (home, *home.parents):
        try:
            owner = folder.stat().st_uid
        except OSError:
            continue
        if owner == os.geteuid() or (owner == 0 and folder != home):
            return ""
        return _name(owner)
    return ""


def _name(user: int) -> str:
    import pwd  # asked of a directory service, maybe: only where there is something to tell

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def create(path: Path, *, private: bool = True) -> BinaryIO:
    """A file that wasn't there, open to be written. Raises OSError: FileExistsError also for a link to nowhere."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, FILE if private else _PUBLIC)
    if private:
        os.fchmod(descriptor, FILE)
    return os.fdopen(descriptor, "wb")


def write_new(path: Path, raw: bytes) -> None:
    """Write a file that wasn't there, whole or not at all. Raises OSError: FileExistsError where there is one."""
    file = create(path)
    try:
        with file:
            file.write(raw)
    except OSError:
        path.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def written_beside(path: Path, raw: bytes, *, private: bool = True, sync: bool = True) -> Iterator[Path]:
    """A new file beside ``path`` that holds ``raw``, to be renamed to it; if it isn't, it goes away.

    With ``sync`` it is on the disk before it is renamed, which a slow disk takes its time for.

    Its name is its own: of two saves of one file, a signal's handler in the middle of another, neither meets the
    other's. tempfile would take a lock at its first name, which such a handler could wait for without end.
    """
    fresh = unforeseen(path)
    file = create(fresh, private=private)
    try:
        with file:
            file.write(raw)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        yield fresh
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def unforeseen(path: Path) -> Path:
    """A name beside ``path`` that nobody can foresee."""
    return path.with_name(f".{path.name}.{os.urandom(8).hex()}")


def is_private(path: Path) -> bool:
    """Whether it is a file of the user's own that nobody else can read or write. Raises OSError."""
    status = path.lstat()
    mine = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
    return mine and not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def exposure(path: Path, home: Path) -> str:
    """How others may have changed a file, by itself or through a folder up to ``home``; empty: they can't have.

    It is the end of a sentence that begins with "as", and names no more than fits into a line.
    """
    below = [each for each in (path, *path.parents) if home in each.parents]
    if not os.path.lexists(path):
        return ""
    for each in (home.resolve(), *reversed(below)):
        try:
            status = each.lstat()
        except OSError:  # it was taken away just now
            return ""
        if stat.S_ISLNK(status.st_mode):
            return f"{each.name} is a link"
        if status.st_uid not in (os.geteuid(), 0):  # root can write everywhere, and installs packs
            return f"{each.name} belongs to another user"
        if status.st_mode & _WRITABLE:
            return f"others can write to {each.name}"
    return ""


def restrict_home(home: Path) -> frozenset[Path]:
    """Make private what is remembered in a home that is there already, made by another version or another program.

    Of the home of a pack it is the one in which that lies. Only what is the user's own and bears a name of ours:
    ``TUTOR_HOME`` may name a folder in which other things stand, and that one keeps its mode. Modes are set by name
    and not by descriptor: to close a descriptor of the database would drop the locks that SQLite holds in this process.

    Returns:
        The files that others could write until now.
    """
    exposed: set[Path] = set()
    home = paths.root(home)
    with contextlib.suppress(OSError), os.scandir(home) as scan:
        entries, status = list(scan), home.stat()
        if all(paths.is_remembered(entry.name) for entry in entries):
            _restrict(home, status, FOLDER)
        for entry in entries:
            if paths.is_remembered(entry.name):
                _restrict_all(entry, status.st_mode, exposed)
    return frozenset(exposed)


def _restrict_all(entry: os.DirEntry[str], above: int, exposed: set[Path]) -> None:
    """``above`` are the modes that its folders had."""
    with contextlib.suppress(OSError):  # it went away, or can't be changed: the rest still can
        status, path = entry.stat(follow_symlinks=False), Path(entry.path)
        if stat.S_ISREG(status.st_mode):
            if (above | status.st_mode) & _WRITABLE:
                exposed.add(path)
            _restrict(path, status, FILE)
        elif stat.S_ISDIR(status.st_mode):
            _restrict(path, status, FOLDER)
            with os.scandir(entry.path) as scan:
                for below in scan:
                    _restrict_all(below, above | status.st_mode, exposed)


def _restrict(path: Path, status: os.stat_result, mode: int) -> None:
    if status.st_uid == os.geteuid() and stat.S_IMODE(status.st_mode) != mode:
        path.chmod(mode)
