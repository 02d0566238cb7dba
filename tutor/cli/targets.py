"""Programs that the command line runs: a lesson's draft, a file, standard input."""

from __future__ import annotations

import atexit
import os
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from tutor import paths
from tutor.cli.errors import Refusal
from tutor.cli.home import own_drafts
from tutor.cli.lessons import read
from tutor.cli.pack import Pack
from tutor.cli.trust import require_trust
from tutor.client.lesson_run import draft_name, lesson_run
from tutor.curriculum.catalog import UnknownLesson
from tutor.curriculum.lesson import Lesson, nearest
from tutor.protocol.codec import Run


@dataclass(frozen=True, slots=True)
class ProgramSource:
    """A program to run: its text, or the file where it stands."""

    name: str
    text: str = ""
    path: str | None = None
    is_draft: bool = False
    """Whether it is the learner's draft of a lesson."""

    def request(self, lesson: Lesson | None) -> Run:
        """The request to run it, checked and limited as its lesson says; without one it may use what it likes."""
        if lesson is None:
            return Run(1, self.text, self.name, self.path, seconds=None, memory=None)
        return replace(lesson_run(lesson, 1, self.text), name=self.name, path=self.path)


def draft_of(lesson: Lesson, pack: Pack) -> ProgramSource:
    """The learner's draft, or the snippet where there is none."""
    drafts = own_drafts(pack)
    text = drafts.load(lesson.id)
    if drafts.problem:
        raise Refusal(drafts.problem)
    if text is not None and (distrust := drafts.distrust(lesson.id)):
        file = paths.draft(drafts.home, lesson.id)
        raise Refusal(f"The draft was not run, as {distrust}. Read {file}, then run it again, or by that name.")
    return ProgramSource(draft_name(lesson), lesson.snippet.text if text is None else text, is_draft=text is not None)


def program(target: str, pack: Pack) -> tuple[ProgramSource, Lesson | None]:
    """What ``tutor run TARGET`` runs, and its lesson, if it is a draft. Raises Refusal."""
    catalog = pack.catalog
    path = Path(target)
    is_id = any(entry.id == target for entry in catalog.entries)
    if target == "-" or (os.path.lexists(path) and not is_id):
        return file(target), None
    try:
        entry = catalog.find(target)
    except UnknownLesson as unknown:
        names = [entry.id for entry in catalog.entries] + [entry.name for entry in catalog.entries]
        hint = nearest(target, [*_beside(path), *names])
        if not hint and "could be" in str(unknown):
            raise Refusal(str(unknown)) from None
        raise Refusal(f"No file `{target}`, and no lesson of that name; {hint or '`tutor list` shows all.'}") from None
    lesson = read(catalog, entry)
    require_trust(pack)
    return draft_of(lesson, pack), lesson


def file(name: str) -> ProgramSource:
    """A file of one's own, or with ``-`` what comes from standard input. Raises Refusal."""
    path = Path(name)
    if path.is_dir():
        raise Refusal(f"`{name}` is a folder: name the file in it that is to be run.")
    try:
        if name == "-":
            if sys.stdin is None:
                raise Refusal("Standard input is closed: `-` has nothing to read.")
            return _saved(sys.stdin.buffer.read())
        with path.open("rb") as opened:
            return ProgramSource(path.name, path=name) if path.is_file() else _saved(opened.read())
    except OSError as error:
        hint = nearest(name, _beside(path)) if isinstance(error, FileNotFoundError) else ""
        raise Refusal(f"`{name}` can't be read: {error.strerror}{f'; {hint}' if hint else '.'}") from None


def _saved(program: bytes) -> ProgramSource:
    """A program that can be read only once, in a file that lasts as long as this process."""
    folder = tempfile.TemporaryDirectory(prefix="tutor-stdin-")
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "stdin.py"
    path.write_bytes(program)
    return ProgramSource(path.name, path=str(path))


def _beside(path: Path) -> list[str]:
    """Python files in the folder that a missing file was looked for in, as the learner would write them."""
    try:
        return [str(near) for near in path.parent.glob("*.py")]
    except OSError:
        return []
