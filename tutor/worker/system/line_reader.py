"""Whole lines from a descriptor that brings bytes as they come."""

from __future__ import annotations

import os


class LineReader:
    """The whole lines among the bytes of a descriptor."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.open = True
        self._rest = b""

    def read(self) -> list[bytes]:
        """The lines that are there, each with its newline; ``open`` is False once the other end is closed."""
        try:
            data = os.read(self.descriptor, 1 << 18)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        self.open = bool(data)
        lines = (self._rest + data).splitlines(keepends=True)
        self._rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        return lines
