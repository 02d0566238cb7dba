"""An uncaught exception -> what it means, in plain words, and what to try. Knows events, never torch."""

from tutor.explain.entry import Explanation
from tutor.explain.known import explain

__all__ = ["Explanation", "explain"]
