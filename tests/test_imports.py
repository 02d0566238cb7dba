"""Who may import whom, proved in fresh interpreters by what is loaded after an import."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.program import PYTHON

HEAVY = {"torch", "numpy", "textual", "rich", "pygments", "sqlite3", "tree_sitter", "fsrs"}
MAY_LOAD: dict[str, set[str]] = {
    "tutor": set(),
    "tutor.paths": set(),
    "tutor.curriculum.catalog": set(),
    "tutor.curriculum.parser": set(),
    "tutor.protocol.codec": set(),
    "tutor.client.client": set(),
    "tutor.quiz.driver": set(),
    "tutor.quiz.kinds.match_the_curve": set(),
    "tutor.quiz.verification": set(),
    "tutor.learner.drafts": set(),
    "tutor.learner.store": {"sqlite3"},
    "tutor.learner.review_queue": {"sqlite3"},
    "tutor.learner.scheduler": {"fsrs"},
    "tutor.worker.sandbox.execution": {"torch", "numpy"},
    "tutor.worker.supervisor.hub": set(),
    "tutor.check": {"torch", "numpy"},
    "tutor.render.tensor.tensor_rows": {"rich", "pygments"},
    "tutor.explain": {"rich", "pygments"},
    "tutor.ui.app": {"textual", "rich", "pygments", "tree_sitter"},
    "tutor.cli.main": set(),
}


@pytest.mark.parametrize("module", MAY_LOAD)
def test_a_module_loads_only_what_it_may(module: str) -> None:
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    python = PYTHON if "torch" in MAY_LOAD[module] else sys.executable
    loaded = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert HEAVY & set(loaded) <= MAY_LOAD[module]


@pytest.mark.parametrize("module", ["tutor.worker.sandbox.execution", "tutor.check"])
def test_what_goes_to_another_machine_needs_nothing_else_of_ours(module: str) -> None:
    code = f"import sys, {module}; print(*(name for name in sys.modules if name.startswith('tutor.')))"
    loaded = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    sent = ("tutor.worker", "tutor.check", "tutor.inspection", "tutor.protocol")
    assert [name for name in loaded if not name.startswith(sent)] == []
    assert "tutor.client.client" not in loaded
