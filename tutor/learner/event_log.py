"""The log of events, and the tables derived from it: where each lesson stands, and when each question is due.

An event is never changed. Its ``uid`` is its own on all machines, so that two logs can be united. The tables
are updated as the log is written; :func:`rebuild` makes them anew from the log alone.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

IN_A_ROW = 3
"""Failed attempts at the same check from which on it is no slip."""

_STANDING: dict[str, str] = {
    "opened": "opened_at = :at",
    "attempted": f"""
        attempts = attempts + 1,
        failed = :failed,
        in_a_row = CASE WHEN failed = :failed AND :failed <> '' THEN in_a_row + 1 ELSE 1 END,
        given = coalesce(given, :misconception),
        stumbled_at = CASE
            WHEN :misconception NOT IN ('', coalesce(given, :misconception)) THEN :at
            WHEN failed = :failed AND :failed <> '' AND in_a_row + 1 >= {IN_A_ROW} THEN :at
            ELSE stumbled_at
        END
    """,
    "passed": """
        attempts = attempts + 1,
        failed = '',
        in_a_row = 0,
        passed_at = CASE WHEN revealed_at IS NULL THEN coalesce(passed_at, :at) END
    """,
    "revealed": "revealed_at = CASE WHEN passed_at IS NULL THEN coalesce(revealed_at, :at) END",
    "hinted": "hints = :shown",
    "reset": "hints = 0, revealed_at = NULL",
    # What was seen stays seen: a pass between the reset and its being taken back was one with the solution known.
    "restored": """
        hints = :hints,
        revealed_at = CASE WHEN passed_at <= :revealed_at THEN NULL ELSE :revealed_at END,
        passed_at = CASE WHEN passed_at > :revealed_at THEN NULL ELSE passed_at END
    """,
    "carried": """
        opened_at = max(coalesce(opened_at, :opened_at), coalesce(:opened_at, opened_at)),
        attempts = attempts + :attempts,
        hints = :hints,
        passed_at = coalesce(passed_at, :passed_at),
        revealed_at = CASE WHEN coalesce(passed_at, :passed_at) IS NULL THEN coalesce(revealed_at, :revealed_at) END
    """,
}
"""What an event of each kind makes of a lesson's row. ``carried`` is what a file knew from before there was a log."""

_DETAILS: dict[str, dict[str, tuple[type, ...]]] = {
    "attempted": {"failed": (str,), "misconception": (str,)},
    "hinted": {"shown": (int,)},
    "restored": {"hints": (int,), "revealed_at": (int, float, type(None))},
    "carried": {
        "attempts": (int,),
        "hints": (int,),
        **dict.fromkeys(("opened_at", "passed_at", "revealed_at"), (int, float, type(None))),
    },
    "answered": {"rating": (int,), "sitting": (str,)},
}
"""What the detail of an event has to hold; it may hold more."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a lesson, or to a question (``lesson#name``)."""

    at: float
    """Seconds since 1970."""
    kind: str
    """``opened``, ``attempted``, ``passed``, ``revealed``, ``hinted``, ``reset``, ``restored``, ``carried`` of a
    lesson, ``answered`` of a question; one that this version doesn't know is kept, and changes nothing."""
    subject: str
    detail: dict[str, Any] = field(default_factory=dict)
    uid: str = field(default_factory=lambda: os.urandom(12).hex())

    @property
    def sound(self) -> bool:
        """Whether its detail is what its kind asks for."""
        field_types = _DETAILS.get(self.kind, {})
        if not isinstance(self.detail, dict):
            return False
        if not all(isinstance(self.detail.get(name, _MISSING), types) for name, types in field_types.items()):
            return False
        return self.kind != "answered" or ("#" in self.subject and self.detail["rating"] in (1, 2, 3, 4))


_MISSING = object()


def write(database: sqlite3.Connection, event: Event) -> None:
    """Append an event to the log, and update the tables. One that is there already changes nothing."""
    if append(database, event):
        _apply(database, event)


def append(database: sqlite3.Connection, event: Event) -> bool:
    """Append an event to the log alone. False: it was there already."""
    row = (event.uid, event.at, event.kind, event.subject, json.dumps(event.detail))
    return database.execute("INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?)", row).rowcount > 0


def events(database: sqlite3.Connection, subject: str | None = None) -> Iterable[Event]:
    """All events, or those of one lesson or question, in the order in which they happened."""
    where, values = ("", ()) if subject is None else ("WHERE subject = ?", (subject,))
    rows = database.execute(f"SELECT at, kind, subject, detail, uid FROM event {where} ORDER BY at, rowid", values)
    return (Event(at, kind, about, json.loads(detail), uid) for at, kind, about, detail, uid in rows.fetchall())


def rebuild(database: sqlite3.Connection, subjects: Iterable[str] | None = None) -> None:
    """Make anew, from the log, where all lessons and questions stand; or those of ``subjects``."""
    if subjects is None:
        database.execute("DELETE FROM lesson")
        database.execute("DELETE FROM card")
        for event in events(database):
            _apply(database, event)
        return
    for subject in subjects:
        database.execute("DELETE FROM card WHERE question = ?", (subject,))
        database.execute("DELETE FROM lesson WHERE id = ?", (subject,))
        for event in events(database, subject):
            _apply(database, event)


def _apply(database: sqlite3.Connection, event: Event) -> None:
    if event.kind in _STANDING:
        database.execute("INSERT INTO lesson (id) VALUES (?) ON CONFLICT DO NOTHING", (event.subject,))
        values = {**event.detail, "id": event.subject, "at": event.at}
        database.execute(f"UPDATE lesson SET {_STANDING[event.kind]} WHERE id = :id", values)
    elif event.kind == "answered":
        _update_card(database, event)


def _update_card(database: sqlite3.Connection, event: Event) -> None:
    """Move the card of a question to its state after an answer."""
    from tutor.learner.scheduler import MemoryState, after  # 40 ms, and only when something is answered

    question = event.subject
    card = database.execute(
        "SELECT state, step, stability, difficulty, due, answered_at, reviewed_at FROM card"
        " WHERE question = ? AND answered_at IS NOT NULL",
        (question,),
    ).fetchone()
    if card is not None and card[5] > event.at:  # the clock was set back, or another machine's log came in
        rebuild(database, [question])
        return
    memory, reviewed_at = (None, None) if card is None else (MemoryState(*card[:6]), card[6])
    if event.detail["sitting"] == "review":
        reviewed_at = event.at
    memory = after(memory, event.detail["rating"], event.at)
    database.execute(
        "INSERT OR REPLACE INTO card VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (question, question.partition("#")[0], *memory, reviewed_at),
    )
