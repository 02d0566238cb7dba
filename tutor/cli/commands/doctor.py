"""``tutor doctor``: each thing that the tutor needs of this machine, and what to do where one is missing."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from rich.text import Text

from tutor import paths, private_files
from tutor.cli.gate import as_json
from tutor.cli.lessons import shipped
from tutor.cli.output import Page, page, size
from tutor.cli.run_loop import WORKER_FAULT, launch
from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.client.run_record import record_run
from tutor.client.runner import WorkerFault
from tutor.protocol.codec import Device, Event, Fault, MiB, Ready, Run
from tutor.render.text.layout import duration, hang

_SMALLEST = (60, 16)
"""Columns and rows below which the app shows one pane at a time, in little room."""
_LITTLE_SPACE = 100 * MiB
_PROGRAM = """
import json, torch
print(json.dumps([torch.__version__, torch.version.cuda, torch.version.hip]))
"""
_PATIENCE = 30.0
"""Seconds for what loads after torch."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    name: str
    state: Literal["ok", "warn"]
    what: str
    advice: str = ""
    """One thing to do; empty where all is well."""


@dataclass(slots=True)
class Examined:
    """What a worker says of itself, and its times, in seconds."""

    fault: str = ""
    """Why nothing can be run; the rest is empty then."""
    python: str = ""
    torch: str = ""
    cuda: str | None = None
    hip: str | None = None
    device: Device | None = None
    loaded: float = 0.0
    """From the start of the worker until runs are taken."""
    first: float = 0.0
    """From the request to the end of a run, with nothing else loaded."""
    warm: float = 0.0
    """The same once all is loaded; 0 where that never came."""


def command(options: argparse.Namespace) -> int:
    """Print the report: 0, or 3 where nothing can be run."""
    paper = page()
    findings: list[Finding] = []
    for finding in _here(paper):
        findings.append(finding)
        _show(finding, paper, options)
    examined = asyncio.run(_examine(launch(options.python, options.device)))
    for finding in _worker(examined):
        findings.append(finding)
        _show(finding, paper, options)
    if options.json:
        print(as_json({"findings": [asdict(finding) for finding in findings]}))
    return WORKER_FAULT if examined.fault else 0


def _show(finding: Finding, paper: Page, options: argparse.Namespace) -> None:
    if options.json:
        return
    look, width = paper.look, paper.console.width
    sign, style = (look.passed, look.passed_style) if finding.state == "ok" else (look.broken, look.broken_style)
    head = Text.assemble((sign.ljust(3), style), finding.name.ljust(10))
    for line in hang(head, Text(look.spell(finding.what)), width):
        paper.console.print(line)
    if finding.advice:
        for line in hang(" " * head.cell_len, Text(look.spell(finding.advice), look.title_style), width):
            paper.console.print(line)


def _finding(name: str, text: str, *advice: str) -> Finding:
    """Well where there is no advice, or only empty ones; else the first of it."""
    first = next(filter(None, advice), "")
    return Finding(name, "warn" if first else "ok", text, first)


# --- what can be told without running anything ------------------------------------------------------------------


def _here(paper: Page) -> Iterator[Finding]:
    yield _finding("python", f"{platform.python_version()} at {sys.executable}")
    yield _packages()
    yield _terminal(paper)
    yield _encoding()
    yield _home()
    yield _lessons()
    yield _editor()


def _packages() -> Finding:
    versions, missing = [], []
    for name in ("textual", "rich", "tree-sitter"):
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    advice = f"Install the tutor again: it lacks {', '.join(missing)}." if missing else ""
    return _finding("packages", ", ".join(versions) or "none", advice)


def _terminal(paper: Page) -> Finding:
    term = os.environ.get("TERM", "")
    if not paper.watched:
        return _finding("terminal", f"TERM={term}; standard output is none")
    columns, rows = size()
    colours = paper.console.color_system or "no colours"
    around = [word for name, word in (("TMUX", "in tmux"), ("STY", "in screen"), ("SSH_CONNECTION", "over ssh"))
              if os.environ.get(name)]  # fmt: skip
    details = [f"TERM={term}", os.environ.get("COLORTERM", ""), colours, f"{columns}x{rows}", *around]
    if os.environ.get("NO_COLOR"):
        details.append("NO_COLOR is set")
    small = columns < _SMALLEST[0] or rows < _SMALLEST[1]
    return _finding(
        "terminal",
        ", ".join(filter(None, details)),
        "Set TERM to what your terminal is, such as xterm-256color." if term in ("", "dumb", "unknown") else "",
        f"Make the terminal {_SMALLEST[0]}x{_SMALLEST[1]} at least; 120x36 shows all at once." if small else "",
    )


def _encoding() -> Finding:
    encoding = str(sys.stdout.encoding).lower()
    return _finding("encoding", encoding, "" if "utf" in encoding else "Set LANG to a UTF-8 locale, such as C.UTF-8.")


def _home() -> Finding:
    home = paths.home()
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    place = f"{home}{'' if there == home else ' (made when it is needed)'}"
    if owner := private_files.other_owner(home):
        return _finding("home", f"{place}, in a folder of {owner}", "Nothing is kept there: set TUTOR_HOME elsewhere.")
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
        free = shutil.disk_usage(there).free
    except OSError as error:
        return _finding("home", f"{place}: {error.strerror}", "Nothing can be saved there: set TUTOR_HOME elsewhere.")
    advice = "Drafts may get lost: make room on this disk, or set TUTOR_HOME elsewhere."
    return _finding("home", f"{place}, {_bytes(free)} free", advice if free < _LITTLE_SPACE else "")


def _lessons() -> Finding:
    catalog = shipped()
    faults = catalog.faults()
    number = f"{len(catalog.entries)} in {catalog.folder}"
    if faults:
        return _finding(
            "lessons", f"{number}, {len(faults)} faults; the first: {faults[0]}", "See all: `tutor verify`."
        )
    return _finding("lessons", number, "" if catalog.entries else "Install the tutor again: it has no lessons.")


def _editor() -> Finding:
    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        words = shlex.split(chosen)
    except ValueError:
        words = [chosen]
    if words:
        advice = "" if shutil.which(words[0]) else f"There is no `{words[0]}`: set EDITOR to one that is there."
        return _finding("editor", chosen, advice)
    editor = next(filter(None, map(shutil.which, ("nano", "vim", "vi"))), None)
    return _finding("editor", editor or "none", "" if editor else "Set EDITOR to yours; the tutor's own needs none.")


# --- what only the worker knows -----------------------------------------------------------------------------------


async def _examine(launch: Launch) -> Examined:
    """Start a worker, run a small program in it twice, and end it. Never raises for what may be wrong there."""
    examined = Examined()
    torch, everything = asyncio.Event(), asyncio.Event()
    began = time.monotonic()

    def hear(event: Event) -> None:
        if isinstance(event, Ready):
            examined.python = event.python
            examined.loaded = examined.loaded or time.monotonic() - began
            torch.set()
            if event.stage == "all":
                everything.set()
        elif isinstance(event, Device):
            examined.device = event
        elif isinstance(event, Fault):
            examined.fault = event.sentence
            torch.set()
            everything.set()

    runner = WorkerClient(replace(launch, streams="pipes"), hear)
    try:
        await runner.start()
        await torch.wait()
        if not examined.fault:
            examined.first = await _run(runner, examined)
        if not examined.fault:
            async with asyncio.timeout(_PATIENCE):
                await everything.wait()
            examined.warm = await _run(runner, examined)
    except TimeoutError:
        pass
    except OSError as error:
        examined.fault = f"{launch.python} can't be started: {error.strerror}."
    finally:
        await runner.close()
    return examined


async def _run(runner: WorkerClient, examined: Examined) -> float:
    began = time.monotonic()
    try:
        record = await record_run(runner, Run(runner.new_id(), _PROGRAM, observe=False))
    except WorkerFault as fault:
        examined.fault = str(fault)
        return 0.0
    if record.status:
        examined.fault = f"A program of two lines ended with status {record.status}. {record.sentence}".strip()
    else:
        printed = "".join(chunk.text for chunk in record.output if chunk.stream == "stdout")
        examined.torch, examined.cuda, examined.hip = json.loads(printed)
    return time.monotonic() - began


def _worker(examined: Examined) -> Iterator[Finding]:
    if examined.fault:
        usual = "Install PyTorch there, or name a Python that has it with --python."
        yield _finding("worker", examined.fault, "Do as it says." if "Try " in examined.fault else usual)
        return
    build = f"CUDA {examined.cuda}" if examined.cuda else f"ROCm {examined.hip}" if examined.hip else "CPU only"
    yield _finding("torch", f"{examined.torch} ({build}) with Python {examined.python}")
    if examined.device is not None:
        advice = ""
        if examined.device.kind == "cpu" and (examined.cuda or examined.hip):
            advice = "This torch is built for GPUs but sees none: `nvidia-smi` tells whether the driver does."
        yield _finding("device", _device(examined.device), advice)
    times = [f"torch loads in {duration(examined.loaded)}", f"first run in {duration(examined.first)}"]
    if examined.warm:
        times.append(f"later ones in {duration(examined.warm)}")
    yield _finding("worker", ", ".join(times))


def _device(device: Device) -> str:
    name = device.kind if device.index is None else f"{device.kind}:{device.index}"
    memory = ""
    if device.memory_free is not None and device.memory_total is not None:
        memory = f", {_bytes(device.memory_free)} of {_bytes(device.memory_total)} free"
    return f"{name}, {device.name}{memory} ({device.why})"


def _bytes(number: int) -> str:
    return f"{number / 2**30:,.1f} GB" if number >= 2**30 else f"{number / MiB:,.0f} MB"
