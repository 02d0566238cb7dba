"""An uncaught exception -> what it means, in plain words, and what to try. Knows events, never torch."""

from tutor.explain.registry import explain
from tutor.explain.rule import Explanation

__all__ = ["Explanation", "explain"]
