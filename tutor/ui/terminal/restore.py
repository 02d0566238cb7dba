"""Giving the terminal back when nothing can be waited for any more."""

from __future__ import annotations

import contextlib
import os
import select
from typing import Any

LEAVE = b"\x1b[m\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[?25h\x1b[?1049l"
"""Ends everything that Textual asks of a terminal: focus and paste events, keyboard protocol, alternate screen."""


def give_back_terminal(driver: Any, last: str = "") -> None:
    """Leave the terminal of Textual's ``driver`` as it was found, as far as it still listens; say a last sentence."""
    attributes = getattr(driver, "attrs_before", None)
    with contextlib.suppress(Exception):  # whatever is wrong with it: the drafts are safe, and this is the end
        if select.select([], [2], [], 0)[1]:
            os.write(2, LEAVE + (f"tutor: {last}\r\n".encode() if last else b""))
        if attributes is not None:
            import termios  # not on Windows, where there is nothing to give back

            termios.tcsetattr(0, termios.TCSANOW, attributes)
