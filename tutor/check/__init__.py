"""The functions that a lesson's checks are written with.

``run.x`` is the ``x`` that the learner's draft left; ``expect(run.x)`` begins expectations of it. These functions
take ``run``: ``printed``, ``again``, ``source``, ``tree``, ``calls``, ``series``.
"""

from tutor.check.expect import Expect, expect
from tutor.check.program import Program, Unmet, calls, printed, series, source, tree
from tutor.check.rerun import again

__all__ = ["Expect", "Program", "Unmet", "again", "calls", "expect", "printed", "series", "source", "tree"]
