"""Adds a lesson to the text of a ``curriculum.toml``, whose comments and layout stay as they are."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*chapter[ \t]*\]\]", re.MULTILINE)
_LESSONS = re.compile(r"^[ \t]*lessons[ \t]*=[ \t]*\[", re.MULTILINE)


def with_lesson(text: str, chapter: str, name: str) -> str | None:
    """``text`` with a lesson at the end of its chapter, which is added where there is none.

    None: the text can't be read, or is written in a way in which that can't be done safely. Edits are tried, and one
    is taken only if what TOML reads in it is what it read before, and the lesson.
    """
    try:
        data = tomllib.loads(text)
        tables = data.setdefault("chapter", [])
        place = next((place for place, table in enumerate(tables) if table.get("id") == chapter), None)
        if place is None:
            tables.append(_new_chapter(chapter, name))
            edits = iter([_append(text, tables[-1])])
        elif name in tables[place]["lessons"]:
            return text
        else:
            tables[place]["lessons"].append(name)
            edits = _edits(text, place, name)
    except (tomllib.TOMLDecodeError, AttributeError, KeyError, TypeError):
        return None
    return next((edit for edit in edits if _reads_as(edit, data)), None)


def _new_chapter(id: str, lesson: str) -> dict[str, Any]:
    title = id.replace("_", " ").capitalize()
    return {"id": id, "title": title, "about": "One line on what this chapter teaches", "lessons": [lesson]}


def _append(text: str, table: dict[str, Any]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = ["[[chapter]]", *(f"{key} = {json.dumps(value)}" for key, value in table.items()), ""]
    return text.rstrip() + newline * 2 + newline.join(lines)


def _edits(text: str, place: int, name: str) -> Iterator[str]:
    """Ways to add a string to the array ``lessons`` of a chapter, the most beautiful first."""
    headers = [*(match.start() for match in _HEADER.finditer(text)), len(text)]
    if place + 1 >= len(headers):
        return
    opening = _LESSONS.search(text, headers[place], headers[place + 1])
    if opening is None:
        return
    for closing in re.compile(r"\]").finditer(text, opening.end(), headers[place + 1]):
        before = text[: closing.start()].rstrip()
        after = text[len(before) :]
        last = re.search(r"(\r?\n[ \t]*)[^\r\n]*$", before[opening.end() :])
        if last:  # one name a line
            yield f'{before}{last[1]}"{name}",{after}'
            yield f'{before},{last[1]}"{name}"{after}'
        comma = "" if before.endswith("[") else " " if before.endswith(",") else ", "
        yield f'{before}{comma}"{name}"{after}'


def _reads_as(text: str, data: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == data
    except tomllib.TOMLDecodeError:
        return False
