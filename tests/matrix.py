"""``make matrix``: the program under every other Python, and the lessons on the oldest and the newest torch.

It does what is possible with the Pythons that are installed, and says what it left out and why. Not part of
``.ci/run``: torch with its CUDA libraries is 5 GB in each environment. The environments lie in ``.matrix``; the next
time they are used again, unless what belongs into them has changed. So the newest torch is the one that was newest
then: without ``.matrix/torch-newest`` it is sought anew.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".matrix"
CONSTRAINTS = ROOT / "constraints.txt"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
IN_THE_WORKER = ("torch", "numpy")
"""Dependencies that only the worker imports: the program is installed without them."""

NEED_TORCH = ("tests/worker", "tests/check")
"""Tests that import torch themselves, or prove the worker rather than the program."""

PLACES = ("~/.pyenv/versions/*/bin", "~/.local/share/uv/python/*/bin", "~/.local/bin", "/usr/local/bin", "/usr/bin")
PLACES_OF_MACOS = ("/opt/homebrew/bin", "/Library/Frameworks/Python.framework/Versions/*/bin")


@dataclass(frozen=True)
class Python:
    """An interpreter that can make environments."""

    path: Path
    version: str

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])


@dataclass(frozen=True)
class Cell:
    """One combination to try.

    Attributes:
        name: the name of its environment, and how it is asked for.
        requirements: what is installed, beside the program if that is what it is for.
        pinned: whether the versions are those of constraints.txt.
        torch: the tests are ``tutor verify`` with the worker in this environment; otherwise pytest runs in it, with
            the worker in the Python that runs the matrix.
    """

    name: str
    python: Python
    requirements: tuple[str, ...]
    pinned: bool
    torch: bool


@dataclass(frozen=True)
class Outcome:
    """How a cell ended: what was tried, whether it holds, or why it was left out."""

    cell: str
    state: str
    detail: str


class Unavailable(Exception):  # noqa: N818 -- nothing is in error: this machine lacks something
    """A cell can't be tried here; the sentence says why."""


def requirements(*extras: str) -> list[Requirement]:
    """The dependencies in pyproject.toml, with those of some extras."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in PROJECT["optional-dependencies"][extra])]
    return [Requirement(line) for line in lines]


def supported_minors() -> list[str]:
    """The Pythons that pyproject.toml allows: 3.11, 3.12, …"""
    allowed = SpecifierSet(PROJECT["requires-python"])
    return [f"3.{minor}" for minor in range(100) if allowed.contains(f"3.{minor}.0")]


def candidates(minor: str, given: Iterable[Path]) -> Iterator[Path]:
    """Where a Python of this version may lie: as given, on PATH, beside the running one, in the usual places."""
    yield from given
    name = f"python{minor}"
    running = Path(sys.base_prefix)
    yield from (Path(folder) / name for folder in os.get_exec_path())
    yield running / "bin" / name
    yield from sorted(running.parent.glob(f"*/bin/{name}"), reverse=True)
    for place in (*PLACES, *PLACES_OF_MACOS):
        path = Path(place).expanduser()
        yield from sorted(Path(path.anchor).glob(str((path / name).relative_to(path.anchor))), reverse=True)
    if root := os.environ.get("PYENV_ROOT"):
        yield from sorted(Path(root).glob(f"versions/*/bin/{name}"), reverse=True)


def ask(path: Path) -> Python | None:
    """The interpreter at a path, or None: pyenv's shims may lead nowhere, a Debian Python may lack ensurepip."""
    code = "import platform, venv, ensurepip; print(platform.python_version())"
    try:
        answer = subprocess.run([path, "-I", "-c", code], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Python(path, answer.stdout.strip()) if answer.returncode == 0 else None


def find_python(minor: str, given: Iterable[Path] = ()) -> Python | None:
    """The first Python of this version that can make environments."""
    tried = dict.fromkeys(path for path in candidates(minor, given) if os.access(path, os.X_OK))
    return next((python for path in tried if (python := ask(path)) and python.minor == minor), None)


def plan(pythons: list[Python]) -> list[Cell]:
    """The program under each Python; the lessons on the oldest torch and Python, and on the newest."""
    ours = tuple(str(line) for line in requirements("dev") if line.name not in IN_THE_WORKER)
    cells = [Cell(f"program-{python.minor}", python, ours, pinned=True, torch=False) for python in pythons]
    if pythons:
        oldest = tuple(_oldest(line) if line.name == "torch" else str(line) for line in _of_the_worker())
        newest = tuple(str(line) for line in _of_the_worker())
        cells.append(Cell("torch-oldest", pythons[0], oldest, pinned=False, torch=True))
        cells.append(Cell("torch-newest", pythons[-1], newest, pinned=False, torch=True))
    return cells


def _of_the_worker() -> list[Requirement]:
    return [line for line in requirements() if line.name in IN_THE_WORKER]


def _oldest(requirement: Requirement) -> str:
    """``torch==2.6.*`` for ``torch>=2.6``."""
    (bound,) = (part.version for part in requirement.specifier if part.operator == ">=")
    return f"{requirement.name}=={bound}.*"


def environment(cell: Cell) -> Path:
    """The Python of the cell's environment; made first where it isn't there, or holds something else.

    Raises:
        Unavailable: pip can't install what belongs into it.
    """
    folder = FOLDER / cell.name
    python, note = folder / "bin" / "python", folder / "made-of.txt"
    pins = CONSTRAINTS.read_text(encoding="utf-8") if cell.pinned else ""
    contents = "\n".join([str(cell.python.path), cell.python.version, *cell.requirements, pins])
    if note.is_file() and note.read_text(encoding="utf-8") == contents:
        return python
    print(f"Installing {', '.join(cell.requirements)} for Python {cell.python.version}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    prepare(cell.python.path, "venv", str(folder))
    prepare(python, "pip", "install", "-q", *(("-c", str(CONSTRAINTS)) if cell.pinned else ()), *cell.requirements)
    if not cell.torch:
        prepare(python, "pip", "install", "-q", "--no-deps", "-e", str(ROOT))
    note.write_text(contents, encoding="utf-8")
    return python


def prepare(python: Path, module: str, *words: str) -> None:
    """Have venv or pip do something. Raises Unavailable, with its own words, when it can't."""
    done = subprocess.run([python, "-m", module, *words], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
        raise Unavailable(errors[-1] if errors else f"{module} ended with status {done.returncode}.")


def attempt(cell: Cell, processes: int) -> Outcome:
    """Make what the cell needs and run its tests; their output goes straight to the terminal."""
    try:
        python = environment(cell)
    except Unavailable as reason:
        return Outcome(cell.name, "left out", f"Python {cell.python.version}: {reason}")
    about, words, more = (verification if cell.torch else suite)(python, processes)
    about = f"{about}, Python {cell.python.version}"
    print(f"\n{about}", flush=True)
    began = time.monotonic()
    status = subprocess.run(words, cwd=ROOT, env={**os.environ, **more}).returncode
    state = "passed" if status == 0 else "failed"
    return Outcome(cell.name, state, f"{about}, {time.monotonic() - began:.0f} s")


def suite(python: Path, processes: int) -> tuple[str, list[str], dict[str, str]]:
    """The tests of the program in an environment without torch: what they are, the command, its variables."""
    words = [str(python), "-m", "pytest", "-q", "-n", str(processes), "--dist", "worksteal", "-p", "no:cacheprovider"]
    return (
        "The program, with the worker on another Python",
        [*words, *(f"--ignore={folder}" for folder in NEED_TORCH), "tests"],
        {"WORKER_PYTHON": sys.executable},
    )


def verification(python: Path, processes: int) -> tuple[str, list[str], dict[str, str]]:
    """``tutor verify`` with the worker in an environment: what it is, the command, its variables."""
    asked = subprocess.run(
        [python, "-c", "import torch; print(torch.__version__)"], capture_output=True, text=True, check=True
    )
    words = [sys.executable, "-m", "tutor", "verify", "--python", str(python)]
    return f"The lessons on torch {asked.stdout.strip()}", words, {}


def main(arguments: list[str] | None = None) -> int:
    """Try every cell, or those that are named; 0 if all that could be tried passed, and something could."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrix", description=__doc__.partition("\n\n")[0])
    parser.add_argument("cells", nargs="*", metavar="CELL", help="program-3.12, torch-oldest, …; all without any")
    parser.add_argument("--python", action="append", type=Path, default=[], metavar="PATH", help="a Python to use")
    parser.add_argument("-n", "--processes", type=int, default=2, help="tests side by side (2)")
    options = parser.parse_args(arguments)
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    others = [minor for minor in supported_minors() if minor != running]
    pythons = {minor: find_python(minor, options.python) for minor in others}
    cells = plan([python for python in pythons.values() if python])
    if unknown := set(options.cells) - {cell.name for cell in cells}:
        parser.error(f"no such cell: {', '.join(sorted(unknown))}; there are {', '.join(cell.name for cell in cells)}")
    outcomes = [attempt(cell, options.processes) for cell in cells if cell.name in (options.cells or [cell.name])]
    outcomes += [
        Outcome(f"program-{minor}", "left out", f"No Python {minor} that makes environments; name one with --python.")
        for minor, python in pythons.items()
        if python is None
    ]
    print()
    for outcome in outcomes:
        print(f"{outcome.state:9} {outcome.cell:14} {outcome.detail}")
    states = [outcome.state for outcome in outcomes]
    return 0 if "passed" in states and "failed" not in states else 1


if __name__ == "__main__":
    sys.exit(main())
