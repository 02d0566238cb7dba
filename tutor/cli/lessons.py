"""Lessons by what the command line calls them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tutor.cli.errors import Refusal
from tutor.curriculum.catalog import Catalog, UnknownLesson
from tutor.curriculum.lesson import Lesson, LessonError, nearest
from tutor.curriculum.manifest import Entry


def lesson_named(wanted: str, catalog: Catalog, commands: Sequence[str] = ()) -> Entry:
    """The entry of the lesson that is meant. Raises Refusal, which may also name one of ``commands``."""
    try:
        return catalog.find(wanted)
    except UnknownLesson as unknown:
        if command := nearest(wanted, commands):
            raise Refusal(f"There is no lesson or command `{wanted}`; {command}") from None
        if Path(wanted).is_file():
            raise Refusal(f"There is no lesson `{wanted}`. To run the file, try `tutor run {wanted}`.") from None
        raise Refusal(str(unknown)) from None


def read(catalog: Catalog, entry: Entry) -> Lesson:
    """The lesson of an entry. Raises Refusal with file and line where it is broken."""
    try:
        return catalog.lesson(entry.id)
    except LessonError as error:
        raise Refusal(str(error)) from None
