"""The context of the screens: one object that all of them share."""

from __future__ import annotations

from dataclasses import dataclass

from tutor.curriculum.catalog import Catalog
from tutor.render.text.style import Look
from tutor.ui.learner_state import LearnerState
from tutor.ui.run_service import Machine, RunService


@dataclass
class Context:
    """The lessons, what is remembered of them, and where code runs."""

    catalog: Catalog
    learner: LearnerState
    machine: Machine
    runs: RunService
    look: Look
