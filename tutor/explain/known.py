"""All known errors, and the search through them."""

from __future__ import annotations

from tutor.explain import autograd, language, modules, shapes, types
from tutor.explain.entry import Entry, Explanation
from tutor.runner.protocol import Raised

KNOWN: tuple[Entry, ...] = (
    *shapes.ENTRIES,
    *types.ENTRIES,
    *autograd.ENTRIES,
    *modules.ENTRIES,
    *language.ENTRIES,
)


def explain(event: Raised) -> Explanation | None:
    """What ``event`` means, by the first entry that knows it; None when none does."""
    return next((found for entry in KNOWN if (found := entry.explain(event))), None)
