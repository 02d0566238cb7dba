"""Runs on a real GPU, through the real worker. Without one they are skipped: nothing stands in for CUDA here."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
import torch

from tests.conftest import RunIt, run_in
from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.explain import explain
from tutor.protocol.codec import Ended, Event, Finished, Output, Raised, Started

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]

IDENTITY = """import json
import torch

properties = torch.cuda.get_device_properties(0)
print(json.dumps([torch.cuda.device_count(), properties.name, str(properties.uuid)]))
"""
TRAINING = """import torch
from torch import nn

x = torch.tensor([[1.0, 2.0], [3.0, -4.0]], device="{device}")
target = torch.tensor([[1.0], [0.5]], device="{device}")
net = nn.Linear(2, 1, device="{device}")
with torch.no_grad():
    net.weight.copy_(torch.tensor([[0.5, -0.25]]))
    net.bias.zero_()
optimizer = torch.optim.SGD(net.parameters(), lr=0.03125)
for step in range(4):
    optimizer.zero_grad()
    loss = (net(x) - target).square().mean()
    loss.backward()
    optimizer.step()
rest = (net(x) - target).detach()
"""
"""All its numbers are sums of few powers of two, so that both devices compute the same ones."""
GIB = 1 << 30
HOLDING = f"""import torch

before = torch.cuda.mem_get_info()[0]
held = torch.empty({GIB}, dtype=torch.uint8, device="cuda")
print(before, torch.cuda.mem_get_info()[0])
"""


async def test_a_program_finds_the_device_that_was_told_and_no_other(runner: WorkerClient, run: RunIt) -> None:
    count, name, uuid = json.loads((await run(IDENTITY)).text())
    assert runner.device is not None and runner.device.kind == "cuda"
    assert (count, name) == (1, runner.device.name)
    assert runner.device.uuid.endswith(uuid)
    assert runner.device.memory_total is not None and runner.device.memory_total > 0


async def test_where_the_cpu_is_asked_for_a_program_finds_no_gpu(environment: None) -> None:
    own = WorkerClient(Launch(device="cpu"))
    try:
        ran = await run_in(own, "import torch\nprint(torch.cuda.is_available())\n")
    finally:
        await own.close()
    assert ran.text().split() == ["False"]


async def test_tensors_of_the_result_say_where_they_are(run: RunIt) -> None:
    ran = await run('import torch\n\nx = torch.arange(3.0, device="cuda")\ny = x * 2\n')
    assert ran.ended.status == 0
    assert (ran.tensor("y").device, ran.tensor("y").strip) == ("cuda:0", (0.0, 2.0, 4.0))


async def test_the_report_is_that_of_the_cpu(run: RunIt) -> None:
    there, here = [report((await run(TRAINING.format(device=device))).events) for device in ("cuda", "cpu")]
    assert here.keys() >= {"Hints", "Tensors", "Series loss", "Series gradient norm", "Parameters", "Module net"}
    assert there == here


def report(events: list[Event]) -> dict[str, Any]:
    """What the probes say in the end, with numbers of five digits, and the CPU named for any GPU."""
    probed = [event for event in events if not isinstance(event, Started | Output | Finished | Ended)]
    return {
        f"{type(event).__name__} {getattr(event, 'name', '')}".strip(): plain(dataclasses.asdict(event)) | {"run": 0}
        for event in probed
    }


def plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: plain(part) for name, part in value.items()}
        case list() | tuple():
            return [plain(part) for part in value]
        case float():
            return float(f"{value:.5g}")
        case str():
            return value.replace(" cuda:0", "").replace("cuda:0", "cpu")
    return value


async def test_full_memory_is_told_in_a_sentence(run: RunIt) -> None:
    ran = await run('import torch\n\nx = torch.empty(1 << 50, dtype=torch.uint8, device="cuda")\n')
    explanation = explain(ran.one(Raised))
    assert explanation is not None
    assert explanation.what.startswith("The GPU's memory is full: it was asked for")


@pytest.mark.parametrize("shelve", [False, True], ids=["let go", "to be looked at"])
async def test_the_end_of_a_run_frees_its_memory(runner: WorkerClient, shelve: bool) -> None:
    first = await run_in(runner, HOLDING, shelve=shelve)
    second = await run_in(runner, HOLDING)
    holding, afterwards = int(first.text().split()[1]), int(second.text().split()[0])
    assert afterwards - holding > GIB // 2  # others may use the GPU, too
