"""The functions that a lesson's checks are written with.

``run.x`` is the ``x`` that the learner's draft left; ``expect(run.x)`` begins expectations of it. These functions
take ``run``: ``printed``, ``again``, ``same_as_solution``, ``steps``, ``series``, ``source``, ``tree``, ``calls``.
"""

from tutor.check.expect import Expect, expect
from tutor.check.meta import on_meta
from tutor.check.program import Program, Unmet, calls, printed, series, source, tree
from tutor.check.reference import beside_solution, same_as_solution
from tutor.check.rerun import again
from tutor.check.training import Step, steps

__all__ = [
    "Expect", "Program", "Step", "Unmet", "again", "beside_solution", "calls", "expect", "on_meta", "printed",
    "same_as_solution", "series", "source", "steps", "tree",
]  # fmt: skip
