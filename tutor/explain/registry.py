"""All known errors, and the search through them."""

from __future__ import annotations

from tutor.explain.rule import Entry, Explanation
from tutor.explain.rules import (
    autograd,
    data,
    devices,
    distributed,
    indices,
    language,
    layers,
    losses,
    modules,
    products,
    shapes,
    training,
    transforms,
    types,
)
from tutor.protocol.codec import Raised

KNOWN: tuple[Entry, ...] = (
    *distributed.ENTRIES,  # what is told of other processes may hold the words of any error below
    *data.ENTRIES,
    *transforms.ENTRIES,
    *losses.ENTRIES,
    *layers.ENTRIES,
    *products.ENTRIES,
    *shapes.ENTRIES,
    *indices.ENTRIES,
    *types.ENTRIES,
    *devices.ENTRIES,
    *autograd.ENTRIES,
    *modules.ENTRIES,
    *training.ENTRIES,
    *language.ENTRIES,
)


def explain(event: Raised) -> Explanation | None:
    """What ``event`` means, by the first entry that knows it; None when none does."""
    return next((found for entry in KNOWN if (found := entry.explain(event))), None)
