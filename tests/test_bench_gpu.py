"""``python -m bench gpu``: it goes on where a section fails, ends in time, and says what it could not measure."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from bench import gpu
from bench.gpu.place import Place
from bench.harness import Figure, Row, Samples, Statement
from tutor.protocol.codec import Device

ROOT = Path(__file__).parent.parent
EIGHT_MINUTES = 8 * 60


def test_all_sections_together_take_less_than_eight_minutes() -> None:
    assert gpu.ASKING + sum(seconds for _, seconds in gpu.SECTIONS.values()) < EIGHT_MINUTES


def test_a_section_that_fails_or_lasts_too_long_says_why_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Figure("steps", "s", Samples.of([1.0]))

    async def chosen() -> Device:
        return Device("cpu", "2 cores", why="torch sees no accelerator")

    def breaks(_: Place) -> Iterator[Row]:
        yield figure
        raise RuntimeError("the kernel is gone\nand more")

    def lasts(_: Place) -> Iterator[Row]:
        signal.pause()
        yield figure

    def lacks(_: Place) -> Iterator[Row]:
        raise ModuleNotFoundError("No module named 'pyte'", name="pyte")
        yield figure

    def moved(_: Place) -> Iterator[Row]:
        raise ModuleNotFoundError("No module named 'tutor.away'", name="tutor.away")
        yield figure

    def works(_: Place) -> Iterator[Row]:
        yield figure

    sections = {
        "breaks": (breaks, 9),
        "lasts": (lasts, 1),
        "lacks": (lacks, 9),
        "moved": (moved, 9),
        "works": (works, 9),
    }
    monkeypatch.setattr(gpu, "SECTIONS", sections)
    monkeypatch.setattr(gpu.place, "ask_worker", chosen)
    assert list(gpu.measure()) == [
        Statement("device", "not measured: no GPU here; the CPU takes its place: 2 cores (torch sees no accelerator)"),
        figure,
        Statement("breaks", "not measured: RuntimeError: the kernel is gone", False),
        Statement("lasts", "not measured: it took longer than 1 s"),
        Statement("lacks", "not measured: pyte isn't installed here"),
        Statement("moved", "not measured: ModuleNotFoundError: No module named 'tutor.away'", False),
        figure,
    ]


@pytest.mark.slow
@pytest.mark.skipif("BENCH" not in os.environ, reason="takes minutes on a busy machine: BENCH=1 runs it")
def test_without_a_gpu_it_runs_through_on_the_cpu_and_says_so(tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    report = tmp_path / "figures.json"
    command = [sys.executable, "-m", "bench", "gpu", "--quick", "--json", str(report)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "it took longer" not in done.stdout
    told = json.loads(report.read_text())
    assert told["figures"] and all("on the CPU" in figure["name"] for figure in told["figures"])
    texts = {row["name"]: row["text"] for row in told["statements"]}
    for name in ("device", "GPU of a run in the app", "CUDA context in a run", "tests marked gpu"):
        assert texts[name].startswith("not measured: ")
        assert f"{name}: not measured: " in done.stdout
