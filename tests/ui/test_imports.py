"""What the first paint waits for, and what it does not."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def modules() -> set[str]:
    code = "import sys, tutor.ui.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "late",
    [
        "torch",
        "numpy",
        "sqlite3",
        "tree_sitter_python",
        "pygments",
        "markdown_it",
        "tutor.protocol.codec",
        "tutor.learner.store",
        "tutor.worker",
    ],
)
def test_the_first_paint_does_not_wait_for(late, modules):
    assert late not in modules
