"""Rich's console, through which nothing that is printed can command the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.segment import Segment

from tutor.control_characters import visible


class GatedConsole(Console):
    """A console whose own colours go out as codes, and whose text shows signs in place of control characters."""

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        return super()._render_buffer(
            segment if segment.control else Segment(visible(segment.text), segment.style) for segment in buffer
        )
