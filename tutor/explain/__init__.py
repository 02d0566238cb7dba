"""Explains an uncaught exception in plain words and suggests what to try. Knows events, never torch."""

from __future__ import annotations

from tutor.explain.rule import ErrorRule, Explanation
from tutor.explain.rules import (
    autograd,
    data,
    distributed,
    indices,
    language,
    layers,
    losses,
    modules,
    products,
    shapes,
    transforms,
    types,
)
from tutor.protocol.codec import Raised

__all__ = ["RULES", "Explanation", "explain"]

RULES: tuple[ErrorRule, ...] = (
    *distributed.RULES,  # reports of other processes may quote any of the errors below
    *data.RULES,
    *transforms.RULES,
    *losses.RULES,
    *layers.RULES,
    *products.RULES,
    *shapes.RULES,
    *indices.RULES,
    *types.RULES,
    *autograd.RULES,
    *modules.RULES,
    *language.RULES,
)
"""All rules in the order in which they are tried."""


def explain(event: Raised) -> Explanation | None:
    """Explain ``event`` by the first rule that applies; None when none does."""
    explanation = next((explanation for rule in RULES if (explanation := rule.explain(event))), None)
    if explanation is None or explanation.cause is None or (cause := explain(explanation.cause)) is None:
        return explanation
    return Explanation(f"{explanation.meaning} {cause.meaning}", cause.suggestion)
