"""The app's memory after as many runs as an hour has."""

from __future__ import annotations

from collections.abc import Iterator

from bench import memory
from bench.harness import Figure


def measure() -> Iterator[Figure]:
    """The whole hour."""
    yield from memory.measure(memory.HOUR)
