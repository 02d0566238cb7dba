"""Explains an uncaught exception in plain words and suggests what to try. Knows events, never torch."""

from tutor.explain.registry import explain
from tutor.explain.rule import Explanation

__all__ = ["Explanation", "explain"]
