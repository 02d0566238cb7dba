"""The learner's own editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path


def editor_command() -> list[str] | None:
    """``$VISUAL``, ``$EDITOR``, or an editor that is there; None when there is none."""
    for name in ("VISUAL", "EDITOR"):
        if chosen := os.environ.get(name, "").strip():
            return shlex.split(chosen)
    installed = next(filter(None, map(shutil.which, ("nano", "vim", "vi"))), None)
    return [installed] if installed else None


def edit(path: Path) -> str:
    """Open ``path`` in the learner's editor and wait for its end; an error in a sentence, or nothing."""
    try:
        argv = editor_command()
        if argv is None:
            return "No editor was found: set EDITOR to yours."
        status = subprocess.run([*argv, str(path)], check=False).returncode
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        return f"Set EDITOR to yours: it could not be started ({why})."  # what to do first: 80 columns are all
    return f"{argv[0]} ended with status {status}." if status else ""
