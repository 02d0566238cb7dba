"""What is installed: the wheel, whose ``tutor`` alone stands on the import path and works there, and the lock."""

from __future__ import annotations

import contextlib
import importlib.metadata
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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


def files(folder: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}


def test_every_lesson_and_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    shipped = {f"tutor/{name}" for name in files("lessons")} | files("tutor")
    assert {name for name in shipped if "__pycache__" not in name} <= set(zipfile.ZipFile(wheel).namelist())


def test_an_installed_tutor_finds_its_lessons_and_style_sheet(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    command = [sys.executable, "-m", "tutor", "list", "--json"]
    env = {"PYTHONPATH": str(tmp_path / "site"), "TUTOR_HOME": str(tmp_path / "home"), "PATH": "", "LANG": "C.UTF-8"}
    listed = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True).stdout
    assert '"autograd/backward"' in listed
    assert (tmp_path / "site" / "tutor" / "ui" / "tutor.tcss").is_file()


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if line[0] != "#")


def named(group: str) -> list[Requirement]:
    """The requirements of pyproject.toml: its dependencies, or an extra."""
    return [Requirement(line) for line in {**PROJECT, **PROJECT["optional-dependencies"]}[group]]


@pytest.mark.parametrize("group", ["dependencies", *PROJECT["optional-dependencies"]])
def test_every_requirement_is_locked_to_a_version_that_it_allows(group: str) -> None:
    versions = {line: LOCK.get(canonicalize_name(line.name)) for line in named(group)}
    assert [str(line) for line, version in versions.items() if not version or version not in line.specifier] == []


def test_the_lock_holds_what_is_installed_for_it_too() -> None:
    """All that pytest, Textual and the rest bring along; only torch pins its own CUDA."""
    lines = [line for group in ("dependencies", *PROJECT["optional-dependencies"]) for line in named(group)]
    names = {canonicalize_name(line.name) for line in (*lines, *brought_by(lines)) if line.name != "torch"}
    assert names - set(LOCK) == set()


def brought_by(lines: list[Requirement]) -> list[Requirement]:
    """What the packages of these lines require on this machine, and what that requires; torch apart."""
    brought: dict[str, Requirement] = {}
    rest = [line for line in lines if line.name != "torch"]
    while rest:
        line = rest.pop()
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):  # one of an extra that isn't installed
            for next_line in map(Requirement, importlib.metadata.requires(line.name) or []):
                extras = ["", *line.extras]
                needed = next_line.marker is None or any(next_line.marker.evaluate({"extra": name}) for name in extras)
                if needed and brought.setdefault(str(next_line), next_line) is next_line:
                    rest.append(next_line)
    return list(brought.values())
