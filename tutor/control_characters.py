"""Control characters: they draw nothing, but command the terminal, reverse the text that follows, or hide it.

Text of others can hold them (a lesson, the name of a class, of a file): ``ESC ] 52`` sets the clipboard of whoever
looks at it. Whatever is drawn or printed for a person shows a sign in their place. What joins letters and emoji
(U+200C, U+200D, selectors, tags) stays, as writing needs it.
"""

from __future__ import annotations

import re

_FORMAT = (
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0001"
)
CONTROL = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{_FORMAT}]")
"""Controls but for newline and tab, halves of surrogates, and what turns or hides text."""
DELETE = "\x7f"


def visible(text: str) -> str:
    """``text`` with a sign, one column wide, for each control character: letters keep their places."""
    return text if text.isprintable() else CONTROL.sub(_sign, text)


def first_control(text: str) -> str | None:
    """The first control character of ``text``, as Unicode writes it: U+001B."""
    match = None if text.isprintable() else CONTROL.search(text)
    return f"U+{ord(match[0]):04X}" if match else None


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)  # Unicode's pictures of the controls, such as ␛
    return "\u2421" if match[0] == DELETE else "\ufffd"
