"""Samples, figures and the table: all that the figures share."""

from __future__ import annotations

import dataclasses
import math
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
_INSTALLED = Path(sys.executable).with_name("tutor")
TUTOR = [str(_INSTALLED)] if _INSTALLED.exists() else [sys.executable, "-m", "tutor"]
"""The command as it is installed beside the Python that measures; else the checkout in the working folder."""


@dataclass(frozen=True)
class Samples:
    """Values measured one after the other, in one unit."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float]) -> Samples:
        if not values:
            raise ValueError("nothing was measured")
        return cls(tuple(values))

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def quantile(self, share: float) -> float:
        """The value below which ``share`` of all lie, by interpolation."""
        ordered = sorted(self.values)
        position = share * (len(ordered) - 1)
        low = math.floor(position)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


Judged = Literal["ratio", "times faster", "median", "worst"]


@dataclass(frozen=True)
class Target:
    """What must be reached: ``ratio`` and ``times faster`` compare medians with the peer's."""

    judged: Judged
    limit: float


@dataclass(frozen=True)
class Figure:
    """One row. ``note`` says how it was measured where the name doesn't."""

    name: str
    unit: str
    ours: Samples
    peer: Samples | None = None
    peer_name: str = ""
    target: Target | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Our median by the peer's."""
        return None if self.peer is None or not self.peer.median else self.ours.median / self.peer.median

    @property
    def reached(self) -> float | None:
        """The number that is held against the target; None where there is none."""
        if self.target is None:
            return None
        if self.target.judged == "median":
            return self.ours.median
        if self.target.judged == "worst":
            return max(self.ours.values)
        if self.ratio is None:
            raise ValueError(f"{self.name}: a target against a peer that wasn't measured")
        return self.ratio if self.target.judged == "ratio" else 1 / self.ratio

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None or (reached := self.reached) is None:
            return None
        return reached >= self.target.limit if self.target.judged == "times faster" else reached <= self.target.limit


@dataclass(frozen=True)
class Statement:
    """A row without a number: what was compared and came out so, or why a figure could not be measured."""

    name: str
    text: str
    passed: bool | None = None
    """None where there was nothing to pass."""


Row = Figure | Statement


def version_of(package: str) -> str:
    """The version that is installed; ``not installed`` where none is."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


@dataclass
class Machine:
    """What the figures were measured on; the load is that before the first."""

    cores: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    load: tuple[float, float, float] = field(default_factory=os.getloadavg)
    system: str = field(default_factory=lambda: f"{platform.system()} {platform.machine()}")
    python: str = field(default_factory=platform.python_version)
    versions: dict[str, str] = field(
        default_factory=lambda: {name: version_of(name) for name in ("torch", "textual", "ipykernel", "pytest")}
    )

    def line(self) -> str:
        """In a sentence, for the head of the table."""
        packages = " · ".join(f"{name} {number}" for name, number in self.versions.items())
        load = " ".join(f"{value:.1f}" for value in self.load)
        return f"{self.cores} cores, load {load} · {self.system} · Python {self.python} · {packages}"


def as_json(machine: Machine, rows: list[Row]) -> dict[str, object]:
    """Everything that was measured, each single value too."""
    figures = [
        dataclasses.asdict(row) | {"ratio": row.ratio, "reached": row.reached, "met": row.met}
        for row in rows
        if isinstance(row, Figure)
    ]
    statements = [dataclasses.asdict(row) for row in rows if isinstance(row, Statement)]
    machine_now = {"machine": dataclasses.asdict(machine), "load after": os.getloadavg()}
    return machine_now | {"figures": figures, "statements": statements}


# --- the table ------------------------------------------------------------------------------------------------


def number(value: float) -> str:
    """Three digits that count, and a comma for thousands."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def _spread(samples: Samples | None) -> str:
    if samples is None:
        return ""
    if len(samples.values) == 1:
        return number(samples.median)
    return f"{number(samples.median)} ({number(samples.quantile(0.1))}–{number(samples.quantile(0.9))})"


def _target(target: Target | None, unit: str) -> str:
    if target is None:
        return "–"
    if target.judged == "ratio":
        return f"≤ {target.limit:g} ×"
    if target.judged == "times faster":
        return f"≥ {target.limit:g} × faster"
    worst = "each " if target.judged == "worst" else ""
    return f"{worst}≤ {target.limit:g} {unit}".rstrip()


def _outcome(figure: Figure) -> str:
    if figure.met is None:
        return ""
    assert figure.reached is not None
    word = "[green]met[/]" if figure.met else "[bold red]MISSED[/]"
    return f"{word} {number(figure.reached)}"


def _cells(figure: Figure) -> tuple[str, ...]:
    """A row of the table."""
    ratio = "" if figure.ratio is None else number(figure.ratio)
    peer = _spread(figure.peer) + (f"  {figure.peer_name}" if figure.peer_name else "")
    size = str(len(figure.ours.values))
    target = _target(figure.target, figure.unit)
    return figure.name, figure.unit, size, _spread(figure.ours), peer, ratio, target, _outcome(figure)


def in_a_line(row: Row) -> str:
    """The row by itself, without colours."""
    if isinstance(row, Statement):
        return f"{row.name}: {row.text}{_WORDS[row.passed]}"
    name, unit, _, ours, peer, ratio, target, outcome = _cells(row)
    beside = peer and f", peer {peer}, ratio {ratio}"
    judged = f", target {target}, {Text.from_markup(outcome).plain}" if row.target else ""
    return f"{name}: {ours} {unit}{beside}{judged}"


_WORDS = {True: " – passed", False: " – FAILED", None: ""}


def show(machine: Machine, rows: list[Row]) -> None:
    """Print the table: medians, with the tenth and ninetieth percentile of each in brackets; then the statements."""
    figures = [row for row in rows if isinstance(row, Figure)]
    console = Console(width=max(150, Console().width) if not sys.stdout.isatty() else None, highlight=False)
    table = Table(title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("figure", "unit", "n", "tutor", "peer", "ratio", "target", ""):
        table.add_column(heading, overflow="fold", justify="right" if heading in ("n", "ratio") else "left")
    for figure in figures:
        table.add_row(*_cells(figure))
    console.print(machine.line())
    console.print("median (p10–p90); tutor and peer took turns in the same run\n")
    console.print(table)
    for note in dict.fromkeys(figure.note for figure in figures if figure.note):
        console.print(f"· {note}")
    for statement in (row for row in rows if isinstance(row, Statement)):
        console.print(in_a_line(statement), markup=False)


def progress(text: str) -> None:
    """Say on standard error what is being measured."""
    print(text, file=sys.stderr, flush=True)
