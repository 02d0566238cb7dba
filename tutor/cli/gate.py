"""What the command line prints for a person passes here: no character in it can command the terminal.

Not so what a program writes under ``tutor run``, which goes to the terminal as it would under ``python``; and what
Rich draws passes the gate of its console, as its colours are codes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from tutor.control_characters import DELETE, visible


class Gate:
    """A text stream that shows signs in place of control characters, and is otherwise the stream behind it."""

    def __init__(self, behind: TextIO) -> None:
        self.behind = behind

    def write(self, text: str) -> int:
        self.behind.write(visible(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.behind, name)


@contextmanager
def gate_output() -> Iterator[None]:
    """Lead standard output and error through a gate."""
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast(TextIO, Gate(behind(stream))) for stream in streams)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams


def behind(stream: TextIO) -> TextIO:
    """The stream itself, where there is a gate before it."""
    return stream.behind if isinstance(stream, Gate) else stream


def as_json(value: Any) -> str:
    """``value`` as one line of JSON that passes the gate as it is."""
    return json.dumps(value).replace(DELETE, "\\u007f")  # the one control character that json leaves
