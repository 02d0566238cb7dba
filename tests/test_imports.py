"""Who may import whom, proved in fresh interpreters by what is loaded after an import."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"torch", "numpy", "textual", "rich", "pygments", "sqlite3", "tree_sitter", "fsrs"}
MAY_LOAD: dict[str, set[str]] = {
    "tutor": set(),
    "tutor.paths": set(),
    "tutor.curriculum.catalog": set(),
    "tutor.curriculum.parser": set(),
    "tutor.runner.protocol": set(),
    "tutor.runner.runner": set(),
    "tutor.quiz.judge": set(),
    "tutor.quiz.prove": set(),
    "tutor.quiz.sitting": set(),
    "tutor.learner.drafts": set(),
    "tutor.learner.store": {"sqlite3"},
    "tutor.learner.review": {"sqlite3"},
    "tutor.learner.schedule": {"fsrs"},
    "tutor.worker.execute": {"torch", "numpy"},
    "tutor.worker.hub": set(),
    "tutor.check": {"torch", "numpy"},
    "tutor.render.tensors": {"rich", "pygments"},
    "tutor.explain": {"rich", "pygments"},
    "tutor.ui.app": {"textual", "rich", "pygments", "tree_sitter"},
    "tutor.cli": set(),
}


@pytest.mark.parametrize("module", MAY_LOAD)
def test_a_module_loads_only_what_it_may(module: str) -> None:
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert HEAVY & set(loaded) <= MAY_LOAD[module]


@pytest.mark.parametrize("module", ["tutor.worker.execute", "tutor.check"])
def test_what_goes_to_another_machine_needs_nothing_else_of_ours(module: str) -> None:
    code = f"import sys, {module}; print(*(name for name in sys.modules if name.startswith('tutor.')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    sent = ("tutor.worker", "tutor.check", "tutor.runner")
    assert [name for name in loaded if not name.startswith(sent)] == []
    assert "tutor.runner.runner" not in loaded
