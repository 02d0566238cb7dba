"""An error of another process, told in the message of the one that arrived here."""

from __future__ import annotations

import re

from tutor.explain.entry import Explanation
from tutor.runner.protocol import Raised


def nested(event: Raised) -> Explanation | None:
    """What the last error in a traceback within the message means; None when that isn't known."""
    from tutor.explain.known import explain  # all entries, of which those that ask are some

    lines = re.findall(r"^(\w[\w.]*(?:Error|Exception|Interrupt)\w*): (.*)$", event.message, re.MULTILINE)
    return explain(Raised(event.run, lines[-1][0], lines[-1][1], ())) if lines else None
