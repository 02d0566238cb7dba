"""What is installed: the wheel carries the lessons, puts ``tutor`` alone on the import path, and works there."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytest.importorskip("hatchling", reason="building a wheel needs hatchling")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys, hatchling.build as b; print(b.build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", build, str(folder)], cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_only_tutor_stands_on_the_import_path(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name.partition("/")[0]} == {"tutor"}


def test_every_lesson_is_in_the_wheel(wheel: Path) -> None:
    shipped = {f"tutor/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "lessons").rglob("*") if path.is_file()}
    assert {name for name in shipped if "__pycache__" not in name} <= set(zipfile.ZipFile(wheel).namelist())


def test_an_installed_tutor_finds_its_lessons_and_style_sheet(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    command = [sys.executable, "-m", "tutor", "list", "--json"]
    env = {"PYTHONPATH": str(tmp_path / "site"), "TUTOR_HOME": str(tmp_path / "home"), "PATH": "", "LANG": "C.UTF-8"}
    listed = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True).stdout
    assert '"autograd/backward"' in listed
    assert (tmp_path / "site" / "tutor" / "ui" / "tutor.tcss").is_file()


def test_dependencies_hold_no_second_torch() -> None:
    text = (ROOT / "constraints.txt").read_text()
    assert "torch==2.13.0" in text.splitlines()
