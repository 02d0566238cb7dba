"""``curriculum.toml``: the chapters and lessons of a pack, in order, with the title of each lesson."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tutor.control_characters import first_control
from tutor.curriculum.lesson import LessonError, nearest, read_text, title

FILE = "curriculum.toml"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """A lesson in the curriculum: enough to list it, without reading more than its first line."""

    id: str
    title: str
    path: Path
    chapter: str
    """Id of the chapter."""
    number: str
    """Its place, as in ``3.2``: the second lesson of the third chapter."""

    @property
    def name(self) -> str:
        """The id without the chapter."""
        return self.id.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter and its lessons, in order. Its ``id`` is their folder."""

    id: str
    title: str
    about: str
    """One line on what it teaches."""
    entries: tuple[Entry, ...]

    @property
    def ids(self) -> list[str]:
        """Of its lessons, in order."""
        return [entry.id for entry in self.entries]


def read(folder: Path) -> tuple[str, tuple[Chapter, ...], tuple[LessonError, ...]]:
    """The pack's title, its chapters, and what is wrong with its curriculum. Never raises."""
    try:
        text = read_text(folder / FILE)
        data = _parse_toml(folder / FILE, text)
    except LessonError as fault:
        return folder.name, _list_by_folder(folder), (fault,)
    reader = _TableReader(folder, text.split("\n"))
    pack = reader.text(data, "title", 1, "the name of the pack, above the chapters")
    tables = data.get("chapter")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        reader.fault(1, "Add the chapters, each as a `[[chapter]]` with id, title, about and lessons.")
        tables = []
    for place, table in enumerate(tables):
        reader.chapter(place, table)
    return pack or folder.name, tuple(reader.chapters.values()), tuple(reader.faults)


def find_unlisted(folder: Path, entries: Sequence[Entry]) -> list[LessonError]:
    """A fault for each lesson file in the folder of a pack that no chapter names."""
    listed = {entry.path for entry in entries}
    sentence = f"Add `{{}}` to the lessons of chapter `{{}}` in {FILE}: no chapter names this file."
    return [
        LessonError(path, 1, sentence.format(path.stem, path.parent.name))
        for path in _lesson_files(folder)
        if path not in listed
    ]


def _parse_toml(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, _, at = str(error).partition(" (at ")
        match = re.match(r"line (\d+)", at)
        line = int(match[1]) if match else text.rstrip("\n").count("\n") + 1
        raise LessonError(path, line, f"Correct the TOML of this line: {message[:1].lower()}{message[1:]}.") from error


def _list_by_folder(folder: Path) -> tuple[Chapter, ...]:
    """The lesson files in the folder, when no curriculum gives their order."""
    chapters: dict[str, list[Path]] = {}
    for path in _lesson_files(folder):
        chapters.setdefault(path.parent.name, []).append(path)
    return tuple(
        Chapter(id, _title_from_name(id), "", tuple(_read_entry(path, f"{c}.{n}") for n, path in enumerate(paths, 1)))
        for c, (id, paths) in enumerate(chapters.items(), 1)
    )


def _lesson_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*/*.py") if _NAME.fullmatch(path.stem))


def _read_entry(path: Path, number: str) -> Entry:
    """The lesson in a file, titled by its name where the first line has no title."""
    try:
        with path.open("rb") as file:
            first = file.readline(1000).decode("utf-8-sig", "replace").rstrip("\r\n")
    except OSError:
        first = ""
    chapter, name = path.parent.name, path.stem
    return Entry(f"{chapter}/{name}", title(first) or _title_from_name(name), path, chapter, number)


def _title_from_name(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()


@dataclass(slots=True)
class _TableReader:
    """Reads the tables, keeps their usable parts and lists their faults."""

    folder: Path
    lines: list[str]
    chapters: dict[str, Chapter] = field(default_factory=dict)
    faults: list[LessonError] = field(default_factory=list)

    def fault(self, line: int, sentence: str) -> None:
        self.faults.append(LessonError(self.folder / FILE, line, sentence))

    def text(self, table: dict[str, Any], key: str, line: int, meaning: str) -> str:
        """A string that has to be in the table; empty, and a fault, when it isn't."""
        value = table.get(key)
        if isinstance(value, str) and value.strip():
            if control := first_control(value):
                self.fault(line, f"Take the character {control} out of `{key}`: it can't be seen.")
            return value.strip()
        self.fault(line, f'Add `{key} = "..."`: {meaning}.')
        return ""

    def chapter(self, place: int, table: dict[str, Any]) -> None:
        first, last = self._span(place)
        id = self.text(table, "id", first, "the folder of the chapter's lessons")
        heading = self.text(table, "title", first, "the chapter's title")
        about = self.text(table, "about", first, "one line on what the chapter teaches")
        names = table.get("lessons")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self.fault(first, 'Add `lessons = ["..."]`: the names of the chapter\'s lessons, in order.')
            names = []
        if not id or not self._is_name(id, first):
            return
        chapter = Chapter(id, heading or _title_from_name(id), about, ())
        if id in self.chapters:
            self.fault(first, f"Merge the two chapters `{id}`: an id is there once.")
            chapter = self.chapters[id]
        self.chapters[id] = chapter
        for name in names:
            self._lesson(chapter.id, name, first, last)

    def _span(self, place: int) -> tuple[int, int]:
        """The lines of a chapter, the second not included; both 1 where chapters aren't under headers."""
        headers = [n for n, line in enumerate(self.lines, 1) if re.match(r"\s*\[\[\s*chapter\s*\]\]", line)]
        headers = [*headers[place:], len(self.lines) + 1]
        return (headers[0], headers[1]) if len(headers) > 1 else (1, 1)

    def _lesson(self, id: str, name: str, first: int, last: int) -> None:
        chapter = self.chapters[id]
        path = self.folder / id / f"{name}.py"
        quoted = (f'"{name}"', f"'{name}'")
        at = [n for n in range(first, last) if any(word in self.lines[n - 1] for word in quoted)] or [first]
        if not self._is_name(name, at[0]):
            return
        if any(entry.path == path for entry in chapter.entries):
            self.fault(at[-1], f"Take one `{name}` out: `{id}/{name}` is listed twice.")
        elif not path.is_file():
            there = [file.stem for file in _lesson_files(self.folder) if file.parent.name == id]
            hint = nearest(name, there) or "write it, or take the name out."
            self.fault(at[0], f"There is no lesson file {id}/{name}.py; {hint}")
        else:
            number = f"{list(self.chapters).index(id) + 1}.{len(chapter.entries) + 1}"
            self.chapters[id] = replace(chapter, entries=(*chapter.entries, _read_entry(path, number)))

    def _is_name(self, name: str, line: int) -> bool:
        if _NAME.fullmatch(name):
            return True
        self.fault(line, f"Write the name `{name}` with small letters, digits, `_` and `-` only.")
        return False
