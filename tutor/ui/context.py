"""What the screens share."""

from __future__ import annotations

from dataclasses import dataclass

from tutor.curriculum.catalog import Catalog
from tutor.render.text.style import Look
from tutor.ui.learner_state import Memory
from tutor.ui.run_service import Machine, Runs


@dataclass
class Desk:
    """The lessons, what is remembered of them, and where code runs."""

    catalog: Catalog
    memory: Memory
    machine: Machine
    runs: Runs
    look: Look
