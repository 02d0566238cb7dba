"""The pack of lessons that a command is about: the shipped one, or another one in a folder of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tutor import paths
from tutor.cli.errors import Refusal
from tutor.curriculum.catalog import Catalog
from tutor.curriculum.manifest import FILE
from tutor.quiz.kinds import KINDS

VARIABLE = "TUTOR_PACK"
"""Names the pack of all commands that have no ``--pack``."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A folder of lessons."""

    folder: Path
    trust: bool = False
    """The command line says that its lessons may run."""

    @property
    def is_shipped(self) -> bool:
        """Whether it comes with the program."""
        return self.folder.resolve() == paths.lessons().resolve()

    @property
    def home(self) -> Path:
        """The folder of all that is remembered of it. Its lessons may have the ids of other lessons."""
        return paths.home() if self.is_shipped else paths.pack_home(paths.home(), self.folder)

    @property
    def catalog(self) -> Catalog:
        """Its lessons, read anew each time."""
        return Catalog(self.folder, KINDS)


def pack_named(folder: str | None, *, trust: bool = False) -> Pack:
    """The pack in a folder, which ``TUTOR_PACK`` names where a command doesn't; else the shipped one.

    Raises:
        Refusal: the folder is no pack.
    """
    option = "--pack"
    if folder is None:
        option, folder = VARIABLE, os.environ.get(VARIABLE) or None
    if folder is None:
        return Pack(paths.lessons())
    if not os.path.isdir(folder):  # noqa: PTH112 -- False also for a folder that can't be looked into
        raise Refusal(f"There is no folder `{folder}`: {option} names a pack, which is a folder with {FILE}.")
    pack = Pack(Path(folder), trust)
    if not (pack.folder / FILE).is_file() and not pack.catalog.entries:
        raise no_lessons(pack.folder)
    return pack


def no_lessons(folder: Path) -> Refusal:
    """The end of a command that needs lessons."""
    return Refusal(f"There are no lessons in {folder}: a pack is a folder with {FILE} and chapter/lesson.py.")
