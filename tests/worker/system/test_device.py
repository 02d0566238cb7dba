"""Which device is chosen. There is no GPU here: nvidia-smi and torch's own answers are stood in for at the border."""

from __future__ import annotations

import itertools
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.protocol.codec import Device, Fault, MiB, Run
from tutor.worker.system import device
from tutor.worker.system.device import Gpu

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
    assert device.choose_idlest(rows).index == expected


@pytest.mark.parametrize(
    ("mask", "expected"),
    [(None, [0, 1, 2]), ("1", [1]), ("2,0", [2, 0]), ("GPU-bbbb", [1]), ("", []), ("0,-1,2", [0]), ("7", [])],
)
def test_only_what_the_environment_lets_through_is_seen(mask: str | None, expected: list[int]) -> None:
    assert [gpu.index for gpu in device.filter_visible(GPUS, mask)] == expected


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


@dataclass
class Cuda:
    """CUDA without nvidia-smi, or with parts of GPUs: it reads the environment once, when it is first asked."""

    monkeypatch: pytest.MonkeyPatch
    read: str = "CUDA_VISIBLE_DEVICES"
    devices: int = 4
    parts: tuple[str, ...] = ()
    _seen: list[str] | None = None

    def __post_init__(self) -> None:
        for name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"):
            self.monkeypatch.setenv(name, "")  # so that what is set meanwhile is taken back
            self.monkeypatch.delenv(name)
        self.monkeypatch.setattr(torch._C, "_has_cuda", True)
        self.monkeypatch.setattr(device, "ask_nvidia_smi", lambda: [])
        self.monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(self.seen))
        self.monkeypatch.setattr(torch.cuda, "device_count", lambda: len(self.seen))
        self.monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: f"GPU {self.seen[index]}")

    @property
    def seen(self) -> list[str]:
        if self._seen is None:
            self._seen = self._read()
        return self._seen

    def _read(self) -> list[str]:
        everything = [str(number) for number in range(self.devices)]
        mask = os.environ.get(self.read)
        if mask is None:
            return everything
        entries = list(itertools.takewhile((everything + list(self.parts)).__contains__, mask.split(",")))
        return entries[:1] if mask.startswith("MIG-") else entries

    def in_a_run(self, chosen: Device) -> list[str]:
        """What a process finds in which the chosen device was made visible before it asked."""
        device.make_visible(chosen.token)
        self._seen = None
        return self.seen


@pytest.mark.parametrize(
    ("wanted", "mask", "found"),
    [("cuda:1", None, "1"), ("cuda:1", "3,2", "2"), ("cuda", "3,2", "3"), (None, None, "0"), ("cuda:3", None, "3")],
)
@pytest.mark.parametrize("hip", [None, "6.3"])
def test_without_nvidia_smi_a_number_is_what_a_run_finds(
    monkeypatch: pytest.MonkeyPatch, wanted: str | None, mask: str | None, found: str, hip: str | None
) -> None:
    cuda = Cuda(monkeypatch, "HIP_VISIBLE_DEVICES" if hip else "CUDA_VISIBLE_DEVICES")
    monkeypatch.setattr(torch.version, "hip", hip)
    if mask is not None:
        monkeypatch.setenv(cuda.read, mask)
    chosen = device.detect(wanted)
    assert (chosen.kind, chosen.name, chosen.uuid) == ("cuda", f"GPU {found}", found)
    assert cuda.in_a_run(chosen) == [found]


def test_rocm_is_not_told_of_the_cards_that_nvidia_smi_lists(nvidia_smi: None, monkeypatch: pytest.MonkeyPatch) -> None:
    Cuda(monkeypatch, "HIP_VISIBLE_DEVICES")
    monkeypatch.setattr(torch.version, "hip", "6.3")
    assert device.detect("cuda:1").name == "GPU 1"
    device.make_visible("cpu")
    assert os.environ["HIP_VISIBLE_DEVICES"] == "-1"


@pytest.mark.parametrize(("wanted", "found"), [("cuda", "MIG-a"), ("cuda:0", "MIG-a"), ("cuda:1", "MIG-b")])
def test_a_part_of_a_gpu_is_chosen_though_cuda_shows_the_first_only(
    monkeypatch: pytest.MonkeyPatch, wanted: str, found: str
) -> None:
    cuda = Cuda(monkeypatch, parts=("MIG-a", "MIG-b"))
    monkeypatch.setattr(device, "ask_nvidia_smi", lambda: GPUS)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "MIG-a, MIG-b,MIG-gone")
    chosen = device.detect(wanted)
    assert (chosen.name, chosen.index, chosen.count, chosen.uuid) == (f"GPU {found}", int(found == "MIG-b"), 3, found)
    assert cuda.in_a_run(chosen) == [found]


@pytest.mark.parametrize(
    ("wanted", "mask", "sentence"),
    [
        ("cuda:4", None, "There is no cuda:4 here: torch sees 4, counted from 0."),
        ("cuda:1", "2", "There is no cuda:1 here: torch sees 1, counted from 0."),
        ("cuda:3", "MIG-a,MIG-b,MIG-gone", "There is no cuda:3 here: CUDA_VISIBLE_DEVICES names 3, counted from 0."),
        ("cuda:2", "MIG-a,MIG-b,MIG-gone", "There is no cuda:2 here: torch sees nothing under its name MIG-gone."),
        ("mps", None, f"There is no mps here: torch {torch.__version__} sees cpu and cuda. Try --device cpu."),
    ],
)
def test_a_number_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, wanted: str, mask: str | None, sentence: str
) -> None:
    Cuda(monkeypatch, parts=("MIG-a", "MIG-b"))
    if mask is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", mask)
    with pytest.raises(ValueError, match=re.escape(sentence)):
        device.detect(wanted)


@pytest.mark.parametrize(
    "wanted", ["cuda:x", "cuda:-1", "cuda:", "cuda:1:2", "cuda:²", "cuda:" + "9" * 5000, "tpu", "-1"]
)
def test_what_is_no_device_is_told_in_words(wanted: str) -> None:
    sentence = f"{wanted!r} is not a device that runs can have. Try cpu, cuda, cuda:1, mps or xpu."
    with pytest.raises(ValueError, match=re.escape(sentence)):
        device.detect(wanted)


async def test_a_device_that_is_none_is_the_fault_of_every_run() -> None:
    own = WorkerClient(Launch(device="tpu"))
    (fault,) = [event async for event in own.run(Run(own.new_id(), "print(1)"))]
    await own.close()
    assert isinstance(fault, Fault)
    assert fault.sentence == "'tpu' is not a device that runs can have. Try cpu, cuda, cuda:1, mps or xpu."


@pytest.mark.parametrize("wanted", ["xpu:1", "mps:1", "cpu:3"])
def test_only_gpus_are_told_apart_by_number(wanted: str) -> None:
    kind = wanted[:3]
    sentence = f"'{wanted}' can't be chosen: only cuda devices are told apart here. Try --device {kind}."
    with pytest.raises(ValueError, match=re.escape(sentence)):
        device.detect(wanted)
    assert device.detect("cpu:0").kind == "cpu"


async def test_a_device_that_is_not_there_is_told_and_no_run_falls_back_silently(environment: None) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    own = WorkerClient(Launch(device="cuda"))
    for _ in range(2):
        (fault,) = [event async for event in own.run(Run(own.new_id(), "print(1)"))]
        assert isinstance(fault, Fault) and fault.sentence.startswith("There is no cuda here: torch ")
    await own.close()
