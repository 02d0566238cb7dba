"""Files that commands write where the user wants them: whole or not at all, and never over something of the user's."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tutor import private_files
from tutor.cli.errors import Refusal


def refuse_others(path: Path, is_ours: Callable[[str], bool], kind: str) -> None:
    """Raise Refusal where ``path`` is there, and its first line isn't that of ``kind`` (an export, a report)."""
    try:
        if path.is_dir():
            raise Refusal(f"`{path}` is a folder: name a file.")
        if not path.is_file():  # there is none, or it is a device, a pipe, and takes what it is given
            return
        with path.open(encoding="utf-8", errors="replace") as there:
            if is_ours(there.readline(1000)):
                return
    except OSError as error:
        raise Refusal(f"`{path}` can't be written: {error.strerror}.") from None
    raise Refusal(f"`{path}` is there already, and is no {kind}: name another file.")


def write_whole(path: Path, text: str, *, private: bool = False) -> None:
    """Write a file whole, or leave what is there as it is. A private one is for nobody else to read. Raises Refusal."""
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        if path.is_symlink() and path.lstat().st_uid != os.geteuid():
            raise Refusal(f"`{path}` is a link that another user has laid: name another file.")
        real = path.resolve()  # a link stays one
        with private_files.written_beside(real, text.encode(), private=private) as fresh:
            fresh.replace(real)
    except OSError as error:
        raise Refusal(f"`{path}` can't be written: {error.strerror}.") from None
