"""An uncaught exception -> what it means, in plain words, and what to try. Knows events, never torch."""

from tutor.explain.explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
