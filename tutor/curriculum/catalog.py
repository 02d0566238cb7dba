"""A pack of lessons: its order, look-up and search. A lesson is parsed on first use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tutor.curriculum import manifest
from tutor.curriculum.lesson import Lesson, LessonError, nearest, read_text
from tutor.curriculum.manifest import Entry

if TYPE_CHECKING:
    from tutor.curriculum.question_parser import Readers

_QUESTION = re.compile(r"^#\s*%%\s*question\s+(\w+)", re.MULTILINE)

Stamp = tuple[int, ...]
"""Times, size and inode of a file."""
SearchedPart = Literal["title", "text", "task", "code", "takeaway"]


class UnknownLesson(LookupError):  # noqa: N818 -- it reads as what it says
    """No lesson of the pack matches, or several do; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A search result: a lesson, the part of it that has most of the words, and the words around them."""

    entry: Entry
    where: SearchedPart
    excerpt: str


class Catalog:
    """The lessons of the pack in a folder, in order: its curriculum and the first line of each lesson.

    Making one never raises: :meth:`faults` lists what is wrong, and the rest can be used. Without a readable
    curriculum, the lessons are the files in the folder, by name.
    """

    def __init__(self, folder: Path, kinds: Readers) -> None:
        """``kinds`` read the questions."""
        self.folder = folder
        self.title, self.chapters, self._faults = manifest.read(folder)
        self.entries = tuple(entry for chapter in self.chapters for entry in chapter.entries)
        self._kinds = kinds
        self._places = {entry.id: place for place, entry in enumerate(self.entries)}
        self._lessons: dict[str, Lesson] = {}
        self._stamps: dict[str, Stamp] = {}
        """Of each lesson's file, as it was when it was last looked at."""
        self._parts: dict[str, tuple[tuple[SearchedPart, str, str], ...]] = {}

    def entry(self, id: str) -> Entry:
        """The entry with exactly this id. Raises UnknownLesson."""
        return self.entries[self._place(id)]

    def lesson(self, id: str) -> Lesson:
        """The lesson, parsed once; a broken one each time, as its author may have mended it.

        Raises:
            UnknownLesson: the pack has none of this id.
            LessonError: its file can't be read as a lesson.
        """
        if id not in self._lessons:
            self.has_changed(id)
            self._lessons[id] = self._parse(self.entry(id))
        return self._lessons[id]

    def _parse(self, entry: Entry) -> Lesson:
        from tutor.curriculum.parser import parse  # the home screen paints without it

        return parse(entry.path, entry.id, self._kinds)

    def has_changed(self, id: str) -> bool:
        """Whether the file of a lesson is another one than when this was last asked, or the lesson was first read.

        False while there is no file, as in the middle of a save. Raises UnknownLesson.
        """
        stamp = _stamp(self.entry(id).path)
        before = self._stamps.get(id)
        if stamp is not None:
            self._stamps[id] = stamp
        return stamp not in (None, before)

    def reread(self, id: str) -> Lesson:
        """The lesson as its file is now, every cell of which can be read; else it stays as it was.

        Raises as :meth:`lesson`.
        """
        lesson = self._parse(self.entry(id))
        _ = lesson.supplement
        self._lessons[id] = lesson
        self._parts.pop(id, None)
        retitled = replace(self.entry(id), title=lesson.title)
        self.chapters = tuple(
            replace(chapter, entries=tuple(retitled if entry.id == id else entry for entry in chapter.entries))
            for chapter in self.chapters
        )
        self.entries = tuple(entry for chapter in self.chapters for entry in chapter.entries)
        return lesson

    def whole_lesson(self, id: str) -> Lesson:
        """The lesson, of which every cell can be read. Raises as :meth:`lesson`."""
        lesson = self.lesson(id)
        _ = lesson.supplement
        return lesson

    def question_names(self, id: str) -> tuple[str, ...]:
        """Names of a lesson's questions, read from its text: a review needs many lessons, and parsing one takes 5 ms.

        Empty where there is no such lesson, or it can't be read.
        """
        try:
            text = read_text(self.entry(id).path)
        except (UnknownLesson, LessonError):
            return ()
        return tuple(_QUESTION.findall(text))

    def faults(self) -> tuple[LessonError, ...]:
        """All faults of the pack: its curriculum first, then each lesson. Parses them all."""
        faults = [*self._faults, *manifest.find_unlisted(self.folder, self.entries)]
        for entry in self.entries:
            try:
                self.whole_lesson(entry.id)
            except LessonError as error:
                faults.append(error)
        return tuple(faults)

    def next(self, id: str) -> Entry | None:
        """The lesson after this one; None after the last. Raises UnknownLesson."""
        return self._entry_at(self._place(id) + 1)

    def previous(self, id: str) -> Entry | None:
        """The lesson before this one; None before the first. Raises UnknownLesson."""
        return self._entry_at(self._place(id) - 1)

    def find(self, text: str) -> Entry:
        """Find a lesson by its id, its name, its number as in ``3.2``, or the beginning of its title.

        Raises:
            UnknownLesson: nothing fits, or several do; they are listed.
        """
        folded = fold(" ".join(text.split()))
        conditions: tuple[Callable[[Entry], bool], ...] = (
            lambda entry: entry.id == folded,
            lambda entry: entry.number == folded,
            lambda entry: entry.name == folded,
            lambda entry: fold(entry.title) == folded,
            lambda entry: entry.name.startswith(folded) or fold(entry.title).startswith(folded),
        )
        for condition in conditions:
            matches = [entry for entry in self.entries if folded and condition(entry)]
            if len(matches) == 1:
                return matches[0]
            if matches:
                raise UnknownLesson(f"`{text}` could be {_join_ids([entry.id for entry in matches])}.")
        raise self._describe_unknown(text)

    def search(self, query: str) -> list[Hit]:
        """The lessons in which all words of the query occur, in any case and with or without accents.

        Those that have all of them in the title come first, then the order of the pack. Hints, solutions and
        questions are not searched: an excerpt would give them away.
        """
        words = fold(query).split()
        if not words:
            return []
        title_hits: list[Hit] = []
        other_hits: list[Hit] = []
        for entry in self.entries:
            parts = self._searched(entry)
            if all(any(word in folded for _, _, folded in parts) for word in words):
                where, text, folded = max(parts, key=lambda part: sum(word in part[2] for word in words))
                hit = Hit(entry, where, _excerpt(text, folded, words))
                title_only = where == "title" and all(word in folded for word in words)
                (title_hits if title_only else other_hits).append(hit)
        return title_hits + other_hits

    def _entry_at(self, place: int) -> Entry | None:
        return self.entries[place] if 0 <= place < len(self.entries) else None

    def _place(self, id: str) -> int:
        if id not in self._places:
            raise self._describe_unknown(id)
        return self._places[id]

    def _describe_unknown(self, text: str) -> UnknownLesson:
        names = [entry.name for entry in self.entries]
        hint = nearest(text, [*self._places, *names]) or "`tutor list` shows them all."
        return UnknownLesson(f"There is no lesson `{text}`; {hint}")

    def _searched(self, entry: Entry) -> tuple[tuple[SearchedPart, str, str], ...]:
        """The searched parts of a lesson, as they are and folded; of a broken one only the title."""
        if entry.id not in self._parts:
            self._parts[entry.id] = tuple((where, text, fold(text)) for where, text in self._texts(entry))
        return self._parts[entry.id]

    def _texts(self, entry: Entry) -> Iterator[tuple[SearchedPart, str]]:
        yield "title", _join_lines(entry.title)
        try:
            lesson = self.lesson(entry.id)
        except LessonError:
            return
        yield "text", _join_lines(lesson.text)
        yield "task", _join_lines(lesson.task)
        yield "code", _join_lines(lesson.snippet.text)
        yield "takeaway", _join_lines(lesson.takeaway)


def _stamp(path: Path) -> Stamp | None:
    """What tells one version of a file from another; None where there is none. File events don't arrive on NFS."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


class _Folding(dict[int, str]):
    """One letter for one letter, so that places in the folded text are places in the text."""

    def __missing__(self, code: int) -> str:
        letter = unicodedata.normalize("NFKD", chr(code))[0].casefold()[:1]
        self[code] = letter
        return letter


_FOLDING = _Folding()


def fold(text: str) -> str:
    """``text`` without case and accents, as long as its composed (NFC) form."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).translate(_FOLDING)


def _join_lines(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _excerpt(text: str, folded: str, words: list[str], width: int = 76) -> str:
    """About ``width`` characters around the first of the words, cut between words."""
    at = min(place for word in words if (place := folded.find(word)) >= 0)
    start = max(0, min(at - width // 3, len(text) - width))
    if start:
        start = text.find(" ", start - 1, at) + 1 or at
    end = len(text) if len(text) - start <= width else text.rfind(" ", at, start + width)
    end = end if end > at else start + width
    excerpt = text[start:end].replace("**", "").replace("`", "")
    return ("… " if start else "") + excerpt + (" …" if end < len(text) else "")


def _join_ids(ids: list[str]) -> str:
    return ", ".join(ids[:-1]) + f" or {ids[-1]}"
