"""A home to remember in, and a day on which it is noon everywhere."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tutor.learner.database import open_
from tutor.learner.store import Store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
"""A Monday."""
DAY = 86400.0


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time is UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


class Clock:
    """A time that stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """The connections of all stores to their files, the latest last."""
    opened: list[sqlite3.Connection] = []

    def connect(path: Path, patience: float) -> sqlite3.Connection:
        opened.append(open_(path, patience))
        return opened[-1]

    monkeypatch.setattr("tutor.learner.store.open_", connect)
    return opened


def fill_disk(connection: sqlite3.Connection) -> None:
    """To SQLite, the disk is full from now on."""
    [pages] = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


@pytest.fixture
def store(home: Path, clock: Clock) -> Iterator[Store]:
    store = Store.open(home, clock)
    yield store
    store.close()
