"""A learner's days: in local time, from four in the morning to four."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

_NIGHT = 4 * 3600
"""Seconds after midnight at which the next day begins."""

LOCAL_DAY = f"date({{}} - {_NIGHT}, 'unixepoch', 'localtime')"
"""SQL for the day of a time, ``2026-03-01``."""


def day(at: float) -> date:
    """The day that a time, in seconds since 1970, belongs to."""
    return datetime.fromtimestamp(at - _NIGHT).date()


def start(day: date) -> float:
    """When a day begins, in seconds since 1970."""
    return datetime.combine(day, time()).timestamp() + _NIGHT


def end(at: float) -> float:
    """When the day that ``at`` belongs to is over."""
    return start(day(at) + timedelta(days=1))
