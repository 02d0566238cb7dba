"""The home folder, as commands take it."""

from __future__ import annotations

from pathlib import Path

from tutor import paths, private_files


def own_home() -> Path:
    """The folder of all that is remembered, made private if it is there."""
    home = paths.home()
    private_files.restrict_home(home)
    return home
