"""Which device is chosen. There is no GPU here: nvidia-smi and torch's own answers are stood in for at the border."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from tutor.runner.launch import Launch
from tutor.runner.protocol import Device, Fault, MiB, Run
from tutor.runner.runner import Runner
from tutor.worker import device
from tutor.worker.device import Gpu

GPUS = [
    Gpu(0, "GPU-aaaa1111", "NVIDIA A100", 97, 2_000 * MiB, 80_000 * MiB),
    Gpu(1, "GPU-bbbb2222", "NVIDIA A100", 3, 40_000 * MiB, 80_000 * MiB),
    Gpu(2, "GPU-cccc3333", "NVIDIA A100", 0, 79_000 * MiB, 80_000 * MiB),
]
TABLE = """\
0, GPU-aaaa1111, NVIDIA A100, 97, 2000, 80000
1, GPU-bbbb2222, NVIDIA A100, 3, 40000, 80000
2, GPU-cccc3333, NVIDIA A100, [N/A], 79000, 80000
"""


@pytest.fixture
def nvidia_smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{TABLE}END\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(torch._C, "_has_cuda", True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_nvidia_smi_is_read_as_it_answers(nvidia_smi: None) -> None:
    assert device.ask_nvidia_smi() == GPUS


def test_the_idlest_is_chosen_and_the_reason_told(nvidia_smi: None) -> None:
    chosen = device.detect(None)
    assert chosen == Device("cuda", "NVIDIA A100", 2, 3, 79_000 * MiB, 80_000 * MiB, "idlest of 3", "GPU-cccc3333")


@pytest.mark.parametrize(
    ("gpus", "expected"),
    [
        ([(0, 100, 80_000), (15, 79_000, 80_000)], 1),
        ([(0, 1_000, 80_000), (3, 40_000, 80_000)], 1),
        ([(0, 9_999, 80_000), (99, 10_000, 80_000)], 1),
        ([(0, 10_000, 80_000), (99, 79_000, 80_000)], 0),
        ([(0, 2_000, 8_000), (50, 2_048, 8_000)], 1),
        ([(0, 100, 80_000), (90, 5_000, 80_000)], 1),
        ([(60, 1_500, 2_000), (0, 1_500, 2_000)], 1),
        ([(15, 40_000, 80_000), (19, 50_000, 80_000)], 1),
        ([(5, 40_000, 80_000), (19, 50_000, 80_000)], 0),
        ([(0, 70_000, 80_000), (0, 70_000, 80_000)], 0),
        ([(7, 0, 0), (0, 0, 0)], 1),
    ],
    ids=[
        "idle but full",
        "a little load and much memory",
        "less than an eighth",
        "an eighth is enough",
        "less than 2 GiB of a small one",
        "all are short: the most memory",
        "all are short and equal: the least load",
        "one step of load: the most memory",
        "another step of load",
        "equal in all",
        "memory that isn't told",
    ],
)
def test_the_idlest_is_the_one_with_least_load_among_those_with_memory_to_spare(
    gpus: list[tuple[int, int, int]], expected: int
) -> None:
    rows = [Gpu(i, f"GPU-{i}", "", load, free * MiB, total * MiB) for i, (load, free, total) in enumerate(gpus)]
    assert device.idlest(rows).index == expected


@pytest.mark.parametrize(
    ("mask", "expected"),
    [(None, [0, 1, 2]), ("1", [1]), ("2,0", [2, 0]), ("GPU-bbbb", [1]), ("", []), ("0,-1,2", [0]), ("7", [])],
)
def test_only_what_the_environment_lets_through_is_seen(mask: str | None, expected: list[int]) -> None:
    assert [gpu.index for gpu in device.visible(GPUS, mask)] == expected


def test_a_wanted_number_counts_among_the_visible(nvidia_smi: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert device.detect("cuda:1").uuid == "GPU-bbbb2222"
    with pytest.raises(ValueError, match=r"There is no cuda:2 here: 2 are visible, counted from 0\."):
        device.detect("cuda:2")


def test_the_chosen_one_is_all_that_a_program_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2")
    device.make_visible("cuda:GPU-cccc3333")
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-cccc3333"


def test_without_an_accelerator_it_is_the_cpu() -> None:
    chosen = device.detect(None)
    if torch.accelerator.is_available():
        pytest.skip("this machine has an accelerator")
    assert (chosen.kind, chosen.why) == ("cpu", "torch sees no accelerator")
    assert device.detect("cpu").why == "you asked for it"


async def test_a_device_that_is_not_there_is_told_and_no_run_falls_back_silently(environment: None) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    own = Runner(Launch(device="cuda"))
    for _ in range(2):
        (fault,) = [event async for event in own.run(Run(own.new_id(), "print(1)"))]
        assert isinstance(fault, Fault) and fault.sentence.startswith("There is no cuda here: torch ")
    await own.close()


@pytest.mark.gpu
def test_on_a_real_gpu_the_chosen_device_is_the_first_that_torch_finds() -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    chosen = device.detect(None)
    assert chosen.kind == "cuda" and torch.cuda.get_device_name(0) == chosen.name
