"""An error of another process, told in the message of the one that arrived here."""

from __future__ import annotations

import re

from tutor.explain.rule import Explanation
from tutor.protocol.codec import Raised


def nested(event: Raised, what: str, otherwise: str) -> Explanation:
    """``what``, and what the last error in a traceback within the message means; what to try.

    Where that isn't known, ``otherwise`` is to be tried.
    """
    from tutor.explain.registry import explain  # all entries, of which those that ask are some

    lines = re.findall(r"^(\w[\w.]*(?:Error|Exception|Interrupt)\w*): (.*)$", event.message, re.MULTILINE)
    found = explain(Raised(event.run, lines[-1][0], lines[-1][1], ())) if lines else None
    return Explanation(f"{what} {found.what}", found.try_) if found else Explanation(what, otherwise)
