"""The device that is measured on, and whether the app, its header and its programs mean the same one."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.gpu.programs import IDENTITY
from bench.harness import TUTOR, Row, Statement
from tutor.client.client import WorkerClient
from tutor.protocol.codec import Device

SIZE = (120, 36)
NO_GPU = "not measured: no GPU here"


@dataclass(frozen=True)
class Place:
    """Where programs compute: the GPU that the worker chose, or the CPU in its place."""

    device: Device
    quick: bool = False
    """Few rounds and few steps: whether all works is to be seen, not how fast it is."""

    @property
    def gpu(self) -> bool:
        return self.device.kind == "cuda"

    @property
    def torch_name(self) -> str:
        """What programs call it."""
        return "cuda" if self.gpu else "cpu"

    @property
    def words(self) -> str:
        """What the names of figures say of it."""
        return "on the GPU" if self.gpu else "on the CPU"

    def rounds(self, usual: int) -> int:
        return 1 if self.quick else usual


async def ask_worker() -> Device:
    """The device that the worker chooses for runs."""
    runner = WorkerClient()
    await runner.start()
    try:
        async with asyncio.timeout(30):
            while runner.device is None:
                await asyncio.sleep(0.05)
        return runner.device
    finally:
        await runner.close()


def compare_header(place: Place) -> Iterator[Row]:
    """What a program in the app finds, beside what the app's header says."""
    identity, header = _run_in_app()
    shown = re.search(r"\b(?:cpu|mps|xpu|cuda(?::\d+)?)(?=\s|$)", header)
    name = shown[0] if shown else ""
    if not place.gpu:
        same = name == place.device.kind and identity["count"] == 0
        yield Statement("device of a run in the app", f"{identity['count']} GPUs; the header says {name!r}", same)
        yield Statement("GPU of a run in the app", NO_GPU)
        return
    number = _number_of(identity["uuid"])
    text = f"{identity['name']}, {identity['uuid'] or 'without UUID'}, the only one of {identity['count']} it finds"
    if number is None:
        yield Statement("GPU of a run in the app", f"{text}; the header says {name!r}; nvidia-smi doesn't know it")
        return
    same = identity["count"] == 1 and name == f"cuda:{number}"
    yield Statement("GPU of a run in the app", f"{text}; cuda:{number} to nvidia-smi; the header says {name!r}", same)


def _run_in_app() -> tuple[dict[str, str | int], str]:
    """What the program wrote of its GPU, and the first line of the screen."""
    from bench.app import CTRL_R, LESSON, keep_draft
    from bench.terminal import Terminal, has

    with tempfile.TemporaryDirectory() as folder:
        home, report = Path(folder), Path(folder, "identity.json")
        keep_draft(home, IDENTITY.format(path=str(report)))
        with Terminal([*TUTOR, LESSON], home, *SIZE) as app:
            app.wait(has("^R run"))
            app.press(CTRL_R)
            while not report.exists():  # the section's time ends this
                app.settle(0.1, patience=0.3)
            app.settle(0.5)
            return json.loads(report.read_text()), app.lines[0]


def _number_of(uuid: str | int) -> int | None:
    """The number that ``nvidia-smi`` gives the GPU with this UUID, which torch tells without ``GPU-``."""
    command = ["nvidia-smi", "--query-gpu=index,uuid", "--format=csv,noheader"]
    try:
        table = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    for line in table.splitlines():
        index, _, own = line.partition(",")
        if uuid and own.strip().endswith(str(uuid)):
            return int(index)
    return None
