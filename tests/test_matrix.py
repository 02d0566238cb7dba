"""Which Pythons `make matrix` finds, and what it does with them; what it installs is too much for a test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests import matrix
from tests.matrix import Cell, Outcome, Python

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"


def interpreter(folder: Path, script: str) -> Path:
    path = folder / f"python{RUNNING}"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_shim_that_leads_nowhere_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyenv puts `python3.12` on PATH for every version it has, and refuses to start those that aren't chosen."""
    shim = interpreter(tmp_path / "shims", "exit 127")
    real = interpreter(tmp_path / "bin", f'exec {sys._base_executable} "$@"')  # type: ignore[attr-defined]
    monkeypatch.setenv("PATH", f"{shim.parent}:{real.parent}")
    assert matrix.find_python(RUNNING) == Python(real, sys.version.split()[0])


def test_a_python_given_comes_first_if_it_is_of_the_version(tmp_path: Path) -> None:
    given = interpreter(tmp_path / "bin", f'exec {sys._base_executable} "$@"')  # type: ignore[attr-defined]
    first = matrix.find_python(RUNNING, [given])
    assert first is not None and first.path == given
    assert matrix.find_python("3.99", [given]) is None


def test_pyenv_is_searched_beside_the_running_python_and_in_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "versions" / "3.11.9"))
    beside = tmp_path / "versions" / "3.98.1" / "bin" / "python3.98"
    at_home = tmp_path / "home" / ".pyenv" / "versions" / "3.98.2" / "bin" / "python3.98"
    for path in (beside, at_home):
        path.parent.mkdir(parents=True)
        path.touch()
    assert {beside, at_home} <= set(matrix.candidates("3.98", []))


def test_the_program_gets_no_torch_and_the_lessons_the_oldest_and_the_newest() -> None:
    old, new = Python(Path("/old"), "3.12.1"), Python(Path("/new"), "3.13.0")
    cells = {cell.name: cell for cell in matrix.plan([old, new])}
    assert {name: cell.python for name, cell in cells.items()} == {
        "program-3.12": old,
        "program-3.13": new,
        "torch-oldest": old,
        "torch-newest": new,
    }
    installed = {name: [line for line in cell.requirements if "torch" in line] for name, cell in cells.items()}
    assert installed == {
        "program-3.12": [],
        "program-3.13": [],
        "torch-oldest": ["torch==2.6.*"],
        "torch-newest": ["torch>=2.6"],
    }


def test_the_pythons_are_those_that_the_package_allows() -> None:
    assert matrix.supported_minors()[0] == "3.11"
    assert RUNNING in matrix.supported_minors()


def test_without_another_python_it_says_so_and_fails(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(matrix, "find_python", lambda minor, given: None)
    assert matrix.main([]) == 1
    others = [minor for minor in matrix.supported_minors() if minor != RUNNING]
    lines = capsys.readouterr().out.split("\n")[1:-1]
    assert [line.split()[:3] for line in lines] == [["left", "out", f"program-{minor}"] for minor in others]


VENV_AND_PIP = """
case "$2" in
  venv) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  pip) echo "$@" >> {log}; test -e {torch} || {{ echo "ERROR: No matching distribution for $5" >&2; exit 1; }} ;;
esac
"""


def test_an_environment_is_made_once_until_what_belongs_into_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What pip can't install is left out with pip's words, and tried again the next time."""
    monkeypatch.setattr(matrix, "FOLDER", tmp_path / "made")
    log, torch = tmp_path / "log", tmp_path / "torch"
    python = Python(interpreter(tmp_path / "bin", VENV_AND_PIP.format(log=log, torch=torch)), "3.98.0")

    def cell(*requirements: str) -> Cell:
        return Cell("cell", python, requirements, pinned=False, torch=True)

    outcome = matrix.attempt(cell("torch"), 1)
    assert outcome == Outcome("cell", "left out", "Python 3.98.0: ERROR: No matching distribution for torch")
    torch.touch()
    for requirements in (("torch",), ("torch",), ("torch", "numpy")):
        assert matrix.environment(cell(*requirements)) == tmp_path / "made" / "cell" / "bin" / "python"
    words = "-m pip install -q torch"
    assert log.read_text().splitlines() == [words, words, f"{words} numpy"]
