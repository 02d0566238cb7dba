"""A pack of lessons: its order, look-up and search. Lessons are parsed when they are asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tutor.curriculum import manifest
from tutor.curriculum.lesson import Lesson, LessonError, nearest, read_text
from tutor.curriculum.manifest import Chapter, Entry

_QUESTION = re.compile(r"^#\s*%%\s*question\s+(\w+)", re.MULTILINE)

Where = Literal["title", "text", "task", "code", "takeaway"]


class UnknownLesson(LookupError):  # noqa: N818 -- it reads as what it says
    """What was asked for is no lesson of the pack, or could be several; its text is a sentence."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A lesson that a search found: the part of it that has most of the words, and the words around them."""

    entry: Entry
    where: Where
    excerpt: str


class Catalog:
    """The lessons of one pack, in order."""

    def __init__(self, folder: Path, title: str, chapters: tuple[Chapter, ...], faults: tuple[LessonError, ...]):
        """Made by :func:`load`."""
        self.folder = folder
        self.title = title
        self.chapters = chapters
        self.entries = tuple(entry for chapter in chapters for entry in chapter.entries)
        self._faults = faults
        self._places = {entry.id: place for place, entry in enumerate(self.entries)}
        self._lessons: dict[str, Lesson | LessonError] = {}
        self._parts: dict[str, tuple[tuple[Where, str, str], ...]] = {}

    def entry(self, id: str) -> Entry:
        """The entry with exactly this id. Raises UnknownLesson."""
        return self.entries[self._place(id)]

    def lesson(self, id: str) -> Lesson:
        """The lesson, parsed once.

        Raises:
            UnknownLesson: the pack has none of this id.
            LessonError: its file can't be read as a lesson.
        """
        found = self._lessons.get(id)
        if found is None:
            from tutor.curriculum.parser import parse  # the home screen paints without it

            path = self.entry(id).path
            try:
                found = parse(path, id)
            except LessonError as error:
                found = error
            self._lessons[id] = found
        if isinstance(found, LessonError):
            raise found.with_traceback(None)
        return found

    def question_names(self, id: str) -> tuple[str, ...]:
        """Names of a lesson's questions, found in its text: a review asks for many lessons, and parsing takes 5 ms.

        Empty where there is no such lesson, or it can't be read.
        """
        try:
            text = read_text(self.entry(id).path)
        except (UnknownLesson, LessonError):
            return ()
        return tuple(_QUESTION.findall(text))

    def faults(self) -> tuple[LessonError, ...]:
        """All that is wrong with the pack: its curriculum first, then each lesson. Parses them all."""
        faults = [*self._faults, *manifest.unlisted(self.folder, self.entries)]
        for entry in self.entries:
            try:
                self.lesson(entry.id)
            except LessonError as error:
                faults.append(error)
        return tuple(faults)

    def next(self, id: str) -> Entry | None:
        """The lesson after this one; None after the last. Raises UnknownLesson."""
        return self._at(self._place(id) + 1)

    def previous(self, id: str) -> Entry | None:
        """The lesson before this one; None before the first. Raises UnknownLesson."""
        return self._at(self._place(id) - 1)

    def find(self, text: str) -> Entry:
        """The lesson meant by its id, its name, its number as in ``3.2``, or how its title begins.

        Raises:
            UnknownLesson: nothing fits, or several do; they are listed.
        """
        wanted = fold(" ".join(text.split()))
        ways: tuple[Callable[[Entry], bool], ...] = (
            lambda entry: entry.id == wanted,
            lambda entry: entry.number == wanted,
            lambda entry: entry.name == wanted,
            lambda entry: fold(entry.title) == wanted,
            lambda entry: entry.name.startswith(wanted) or fold(entry.title).startswith(wanted),
        )
        for way in ways:
            found = [entry for entry in self.entries if wanted and way(entry)]
            if len(found) == 1:
                return found[0]
            if found:
                raise UnknownLesson(f"`{text}` could be {_either([entry.id for entry in found])}.")
        raise self._unknown(text)

    def search(self, query: str) -> list[Hit]:
        """The lessons in which all words of the query occur, in any case and with or without accents.

        Those that have all of them in the title come first, then the order of the pack. Hints, solutions and
        questions are not searched: an excerpt would give them away.
        """
        words = fold(query).split()
        if not words:
            return []
        titled: list[Hit] = []
        others: list[Hit] = []
        for entry in self.entries:
            parts = self._searched(entry)
            if all(any(word in folded for _, _, folded in parts) for word in words):
                where, text, folded = max(parts, key=lambda part: sum(word in part[2] for word in words))
                hit = Hit(entry, where, _excerpt(text, folded, words))
                title_only = where == "title" and all(word in folded for word in words)
                (titled if title_only else others).append(hit)
        return titled + others

    def _at(self, place: int) -> Entry | None:
        return self.entries[place] if 0 <= place < len(self.entries) else None

    def _place(self, id: str) -> int:
        if id not in self._places:
            raise self._unknown(id)
        return self._places[id]

    def _unknown(self, text: str) -> UnknownLesson:
        names = [entry.name for entry in self.entries]
        hint = nearest(text, [*self._places, *names]) or "`tutor list` shows them all."
        return UnknownLesson(f"There is no lesson `{text}`; {hint}")

    def _searched(self, entry: Entry) -> tuple[tuple[Where, str, str], ...]:
        """The parts of a lesson that a search looks at, as they are and folded; of a broken one the title."""
        if entry.id not in self._parts:
            self._parts[entry.id] = tuple((where, text, fold(text)) for where, text in self._texts(entry))
        return self._parts[entry.id]

    def _texts(self, entry: Entry) -> Iterator[tuple[Where, str]]:
        yield "title", _line(entry.title)
        try:
            lesson = self.lesson(entry.id)
        except LessonError:
            return
        yield "text", _line(lesson.text)
        yield "task", _line(lesson.task)
        yield "code", _line(lesson.snippet.text)
        yield "takeaway", _line(lesson.takeaway)


def load(folder: Path) -> Catalog:
    """The pack in ``folder``: its curriculum and the first line of each lesson.

    Never raises: what is wrong is told by :meth:`Catalog.faults`, and what can be given is given. Without a
    curriculum that can be read, the lessons are those that are there, by name.
    """
    title, chapters, faults = manifest.read(folder)
    return Catalog(folder, title, chapters, faults)


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


def _line(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _excerpt(text: str, folded: str, words: list[str], width: int = 76) -> str:
    """About ``width`` characters around the first of the words, cut between words."""
    at = min(place for word in words if (place := folded.find(word)) >= 0)
    start = max(0, min(at - width // 3, len(text) - width))
    if start:
        start = text.find(" ", start - 1, at) + 1 or at
    end = len(text) if len(text) - start <= width else text.rfind(" ", at, start + width)
    end = end if end > at else start + width
    shown = text[start:end].replace("**", "").replace("`", "")
    return ("… " if start else "") + shown + (" …" if end < len(text) else "")


def _either(ids: list[str]) -> str:
    return ", ".join(ids[:-1]) + f" or {ids[-1]}"
