"""``tutor doctor``: each thing that the tutor needs of this machine, and what to do where one is missing."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
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
from tutor.cli.output import Page, page, size
from tutor.cli.pack import Pack
from tutor.cli.run_loop import WORKER_FAULT, launch
from tutor.cli.trust import exposure
from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.client.run_record import record_run
from tutor.client.runner import WorkerFault
from tutor.protocol.codec import Device, MiB, Run
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


def command(options: argparse.Namespace) -> int:
    """Print the report: 0, or 3 where nothing can be run."""
    paper = page()
    findings: list[Finding] = []
    for finding in _here(paper, options.pack):
        findings.append(finding)
        _show(finding, paper, options)
    try:
        of_worker, status = asyncio.run(_examine(launch(options.python, options.device))), 0
    except WorkerFault as fault:
        usual = "Install PyTorch there, or name a Python that has it with --python."
        advice = "Do as it says." if "Try " in str(fault) else usual
        of_worker, status = [_finding("worker", str(fault), advice)], WORKER_FAULT
    for finding in of_worker:
        findings.append(finding)
        _show(finding, paper, options)
    if options.json:
        print(as_json({"findings": [asdict(finding) for finding in findings]}))
    return status


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


def _here(paper: Page, pack: Pack) -> Iterator[Finding]:
    yield _finding("python", f"{platform.python_version()} at {sys.executable}")
    yield _packages()
    yield _terminal(paper)
    yield _encoding()
    yield _home()
    yield _lessons(pack)
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


def _lessons(pack: Pack) -> Finding:
    catalog = pack.catalog
    faults = catalog.faults()
    number = f"{len(catalog.entries)} in {catalog.folder}"
    if faults:
        command = "tutor verify" if pack.is_shipped else f"tutor verify {pack.folder}"
        return _finding("lessons", f"{number}, {len(faults)} faults; the first: {faults[0]}", f"See all: `{command}`.")
    reason = exposure(pack)
    return _finding(
        "lessons",
        f"{number}; {reason}" if reason else number,
        f"They are not run: try `chmod -R go-w {pack.folder}`." if reason else "",
        "" if catalog.entries else "Install the tutor again: it has no lessons.",
    )


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


async def _examine(launch: Launch) -> list[Finding]:
    """Start a worker, run a small program in it twice, and end it. Raises WorkerFault where nothing can be run."""
    runner = WorkerClient(replace(launch, streams="pipes"))
    began = time.monotonic()
    try:
        await runner.start()
        await runner.wait_until(lambda: runner.ready)
        times = [f"torch loads in {duration(time.monotonic() - began)}"]
        (torch, cuda, hip), seconds = await _run(runner)
        times.append(f"first run in {duration(seconds)}")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await runner.wait_until(lambda: runner.ready and runner.ready.stage == "all")
            times.append(f"later ones in {duration((await _run(runner))[1])}")
        assert runner.ready is not None
        build = f"CUDA {cuda}" if cuda else f"ROCm {hip}" if hip else "CPU only"
        findings = [_finding("torch", f"{torch} ({build}) with Python {runner.ready.python}")]
        if runner.device is not None:
            findings.append(_device(runner.device, is_for_gpus=bool(cuda or hip)))
        return [*findings, _finding("worker", ", ".join(times))]
    except OSError as error:
        raise WorkerFault(f"{launch.python} can't be started: {error.strerror}.") from None
    finally:
        await runner.close()


async def _run(runner: WorkerClient) -> tuple[list[str | None], float]:
    """The versions of torch, CUDA and ROCm, and the seconds of a run that prints them. Raises WorkerFault."""
    began = time.monotonic()
    record = await record_run(runner, Run(runner.new_id(), _PROGRAM, observe=False))
    if record.status:
        raise WorkerFault(f"A program of two lines ended with status {record.status}. {record.sentence}".strip())
    printed = "".join(chunk.text for chunk in record.output if chunk.stream == "stdout")
    return json.loads(printed), time.monotonic() - began


def _device(device: Device, *, is_for_gpus: bool) -> Finding:
    """The device that runs find; ``is_for_gpus`` says whether torch is built for any."""
    name = device.kind if device.index is None else f"{device.kind}:{device.index}"
    memory = ""
    if device.memory_free is not None and device.memory_total is not None:
        memory = f", {_bytes(device.memory_free)} of {_bytes(device.memory_total)} free"
    sees_none = "This torch is built for GPUs but sees none: `nvidia-smi` tells whether the driver does."
    advice = sees_none if device.kind == "cpu" and is_for_gpus else ""
    return _finding("device", f"{name}, {device.name}{memory} ({device.why})", advice)


def _bytes(number: int) -> str:
    return f"{number / 2**30:,.1f} GB" if number >= 2**30 else f"{number / MiB:,.0f} MB"
