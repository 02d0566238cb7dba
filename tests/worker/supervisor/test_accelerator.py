"""Before a program begins, nothing has asked for devices where torch knows some. The devices are stood in for.

A plug-in, as torch loads them by itself, stands for the accelerator: autograd starts a thread for it. The same
plug-in stands for CUDA, and notes who asks and what was visible then.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from torch.utils import backend_registration

from tests.conftest import run_in
from tests.patience import PATIENCE
from tests.processes import family
from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.protocol.codec import Event, Ready

PLUG_IN = """
import os
import torch
from torch.utils import backend_registration

def note(what, answer):
    def asked(*_):
        with open(os.environ["STAND_IN_NOTES"], "a") as notes:
            print(what, os.getpid(), os.environ.get("CUDA_VISIBLE_DEVICES"), file=notes)
        return answer
    return asked

class Module(backend_registration._DummyBackendModule):
    manual_seed_all = staticmethod(note("seed", None))
    device_count = staticmethod(note("ask", 4))

def load():
    backend_registration._setup_privateuseone_for_python_backend("standin", Module())
    torch._C._has_cuda = True
    torch.cuda.is_available = note("ask", True)
    torch.cuda.device_count = note("ask", 4)
"""
NVIDIA_SMI = """#!/bin/sh
echo 0, GPU-aaaa1111, NVIDIA A100, 97, 2000, 80000
echo 1, GPU-bbbb2222, NVIDIA A100, 3, 79000, 80000
"""
FORKS = """
import os, torch
os.environ["CUDA_VISIBLE_DEVICES"] += ",and-what-a-program-adds"
pid = os.fork()
x = torch.ones(1, requires_grad=True)
if pid == 0:
    x.mul(2).sum().backward()
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(os.environ["CUDA_VISIBLE_DEVICES"])
"""


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    if not hasattr(backend_registration, "_setup_privateuseone_for_python_backend"):
        pytest.skip("this torch lets no accelerator be stood in for")
    plug_ins = tmp_path / "plug-ins"
    about = plug_ins / "standin-1.dist-info"
    about.mkdir(parents=True)
    (plug_ins / "standin.py").write_text(PLUG_IN)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: standin\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[torch.backends]\nstandin = standin:load\n")
    program = tmp_path / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text(NVIDIA_SMI)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(plug_ins))
    monkeypatch.setenv("STAND_IN_NOTES", str(tmp_path / "notes"))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    yield tmp_path / "notes"


@pytest.mark.parametrize("start", ["fork", "separate"])
async def test_a_spare_that_has_warmed_up_has_asked_for_no_device(
    notes: Path, start: Literal["fork", "separate"]
) -> None:
    ready = asyncio.Event()

    def hear(event: Event) -> None:
        if isinstance(event, Ready) and event.stage == "all":
            ready.set()

    own = WorkerClient(Launch(start=start), hear)
    await own.start()
    await asyncio.wait_for(ready.wait(), PATIENCE)
    assert not [name for pid in family(os.getpid()) for name in _threads(pid) if name.startswith("pt_autograd")]
    ran = await run_in(own, FORKS)
    await own.close()
    assert own.device is not None and own.device.uuid == "GPU-bbbb2222"
    assert ran.text() == "7\nGPU-bbbb2222,and-what-a-program-adds\n"
    told = [line.split() for line in notes.read_text().splitlines()]
    assert len({pid for what, pid, _ in told if what == "ask"}) == 1, "only the process that is there to ask"
    if start == "fork":
        assert {visible for what, _, visible in told if what == "seed"} == {"GPU-bbbb2222"}


def _threads(pid: int) -> list[str]:
    try:
        return [(thread / "comm").read_text().strip() for thread in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:  # it has ended meanwhile
        return []
