r"""Export and import: all that is stored of the learner as one file of JSON lines, to carry to another machine.

The first line says what the file is; then comes a line for each event of the log, each draft, and each earlier version
of a draft; the last one counts them, so that a file that was cut short is told from a whole one::

    {"tutor": "export", "version": 1, "made_at": 1772452800.0}
    {"event": {"uid": "5f0c…", "at": 1772450000.0, "kind": "passed", "subject": "autograd/backward", "detail": {}}}
    {"draft": {"lesson": "autograd/backward", "at": 1772450001.0, "text": "import torch\n"}}
    {"earlier": {"lesson": "autograd/backward", "at": 1772449000.0, "text": "import torch\n"}}
    {"end": 3}

The first line of an export of another pack than the shipped one also names that pack.
"""

from __future__ import annotations

import contextlib
import json
import math
import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from tutor import paths
from tutor.learner.drafts import Drafts, is_id
from tutor.learner.event_log import Event, append, rebuild
from tutor.learner.store import Store

VERSION = 1

_LATEST = 1e11
"""No time lies beyond, in seconds since 1970; dates end there."""
_LARGEST = 10**9


class NoExport(Exception):  # noqa: N818 -- it says what the file is
    """A file that can't be imported; its text is the end of a sentence that begins with the file's name."""


class NotSaved(Exception):  # noqa: N818 -- it says what became of it
    """What was to be imported can't be written; its text is a sentence."""


@dataclass(frozen=True, slots=True)
class DraftText:
    """A draft, or what one was before."""

    lesson: str
    at: float
    """When it was saved, in seconds since 1970."""
    text: str


@dataclass(frozen=True, slots=True)
class Export:
    """All that an export file holds."""

    events: list[Event] = field(default_factory=list)
    drafts: list[DraftText] = field(default_factory=list)
    earlier: list[DraftText] = field(default_factory=list)
    pack: str = ""
    """Name of the pack; empty: the one that comes with the program."""


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How much an import has changed."""

    events: int = 0
    """New ones."""
    drafts: int = 0
    """Taken over, because they were newer or there was none."""
    earlier: int = 0
    """Kept as earlier versions."""


# --- out ------------------------------------------------------------------------------------------------------


def collect(store: Store, drafts: Drafts) -> Export:
    """All that is stored on this machine."""
    rows = store.rows("SELECT at, kind, subject, detail, uid FROM event ORDER BY at, rowid")
    events = [Event(at, kind, subject, json.loads(detail), uid) for at, kind, subject, detail, uid in rows]
    export = Export(events, pack=paths.pack_name(drafts.home))
    export.drafts.extend(texts(drafts, drafts.ids()))
    for lesson in drafts.versions.ids():
        for version in drafts.versions.of(lesson):
            with contextlib.suppress(OSError):  # a tutor that is open may just have dropped it
                export.earlier.append(DraftText(lesson, version.at, version.text()))
    return export


def texts(drafts: Drafts, lessons: Iterable[str]) -> Iterator[DraftText]:
    """The drafts of these lessons; one that still waits to be saved is of now."""
    unsaved = drafts.unsaved()
    for lesson in lessons:
        text, at = drafts.load(lesson), time.time() if lesson in unsaved else drafts.saved_at(lesson)
        if text is not None and at is not None:
            yield DraftText(lesson, at, text)


def lines(export: Export, now: float) -> Iterator[str]:
    """The lines of an export, without newlines."""
    pack = {"pack": export.pack} if export.pack else {}
    yield json.dumps({"tutor": "export", "version": VERSION, "made_at": now, **pack})
    records: list[tuple[str, Event | DraftText]] = [("event", event) for event in export.events]
    records += [("draft", draft) for draft in export.drafts] + [("earlier", draft) for draft in export.earlier]
    for kind, record in records:
        line = json.dumps({kind: asdict(record)})
        yield line.replace("\x7f", "\\u007f")  # the one control character that JSON leaves: `export -` is shown
    yield json.dumps({"end": len(records)})


# --- in -------------------------------------------------------------------------------------------------------


def is_export(first_line: str) -> bool:
    """Whether a file that begins so is an export, of whatever version."""
    try:
        head = json.loads(first_line)
    except (ValueError, RecursionError):
        return False
    return isinstance(head, dict) and head.get("tutor") == "export"


def read(text: str) -> Export:
    """Read an export file. Raises NoExport, and then nothing of it is to be used."""
    first, *rest = text.replace("\r\n", "\n").rstrip("\n").split("\n")  # a mail program may have changed these
    if not is_export(first):
        raise NoExport("is no export of tutor")
    head = json.loads(first)
    version = head.get("version")
    if version != VERSION:
        newer = isinstance(version, int) and version > VERSION
        raise NoExport("was written by a newer version of tutor" if newer else "is damaged: line 1 names no version")
    *records, end = rest or [""]
    if end.replace(" ", "") != f'{{"end":{len(records)}}}':
        raise NoExport("is damaged: its end is missing, or isn't where it should be")
    export = Export(pack=str(head.get("pack", "")))
    for number, line in enumerate(records, 2):
        try:
            _add_record(json.loads(line), export)
        except (ValueError, TypeError, KeyError, RecursionError):
            raise NoExport(f"is damaged in line {number}") from None
    return export


def _add_record(record: Any, export: Export) -> None:
    """Add the record of one line to ``export``. Raises ValueError, TypeError or KeyError where it is none."""
    [(kind, fields)] = dict(record).items()
    if kind == "event":
        event = Event(**fields)
        strings = (event.uid, event.kind, event.subject)
        if not (all(isinstance(s, str) and s for s in strings) and _is_time(event.at) and event.sound):
            raise ValueError(fields)
        _check_values([*strings, *event.detail.values()])
        export.events.append(event)
    elif kind in ("draft", "earlier"):
        text = DraftText(**fields)
        if not (isinstance(text.lesson, str) and is_id(text.lesson) and isinstance(text.text, str)):
            raise ValueError(fields)
        if not _is_time(text.at):
            raise ValueError(fields)
        (export.drafts if kind == "draft" else export.earlier).append(text)
    else:
        raise ValueError(kind)


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value < _LATEST


def _check_values(values: Iterable[object]) -> None:
    """Raise ValueError for what no database takes: text that isn't, numbers that aren't, or are too large."""
    for value in values:
        if isinstance(value, str):
            value.encode()
        elif isinstance(value, int | float) and not (math.isfinite(value) and abs(value) < _LATEST):
            raise ValueError(value)
        if isinstance(value, int) and abs(value) > _LARGEST:
            raise ValueError(value)


def merge(export: Export, store: Store, drafts: Drafts) -> ImportCounts:
    """Merge an export, of another machine or an older one of this, into what is stored here.

    Logs are united. Of two drafts the newer one becomes the draft, and the other is kept among its versions. A second
    merge of the same export changes nothing.

    Raises:
        NotSaved: the disk doesn't take it. Then no draft was touched; or all of the log was written, and some drafts
            were not: it may be tried again.
    """
    from tutor.learner import scheduler  # noqa: F401 -- now, and not while others wait for the file

    new: list[Event] = []
    store.change(partial(_unite, events=export.events, new=new))
    if not store.saved:
        raise NotSaved(store.problem)
    draft_count = earlier_count = 0
    try:
        for text in export.earlier:
            earlier_count += drafts.versions.add(text.lesson, text.at, text.text)
        for text in export.drafts:
            if _is_newer(text, drafts):
                if not drafts.import_draft(text.lesson, text.text, text.at):
                    raise NotSaved(drafts.problem)
                draft_count += 1
            elif text.text != drafts.load(text.lesson):
                earlier_count += drafts.versions.add(text.lesson, text.at, text.text)
    except OSError as error:
        raise NotSaved(f"{error.filename}: {error.strerror}.") from error
    return ImportCounts(len(new), draft_count, earlier_count)


def _unite(database: sqlite3.Connection, events: Iterable[Event], new: list[Event]) -> None:
    new[:] = [event for event in events if append(database, event)]
    rebuild(database, {event.subject for event in new})


def _is_newer(theirs: DraftText, drafts: Drafts) -> bool:
    """Whether a draft from elsewhere takes the place of the one here, if there is one."""
    if drafts.versions.has(theirs.lesson, theirs.at, theirs.text):
        return False  # it was the draft here, too, and was replaced or reset
    mine, at = drafts.load(theirs.lesson), drafts.saved_at(theirs.lesson)
    return mine is None or at is None or (theirs.text != mine and theirs.at > at + 0.001)
