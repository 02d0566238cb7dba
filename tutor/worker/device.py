"""Which device runs find. It is chosen by what is visible to them, so that plain PyTorch in a snippet finds it.

On a shared server that is the idlest GPU, asked through NVML's own front end ``nvidia-smi``, which touches no
device. CUDA itself is only asked in a process that ends afterwards, never in one that is forked from.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

import torch

from tutor.runner.protocol import Device, MiB

_QUERY = ("index", "uuid", "name", "utilization.gpu", "memory.free", "memory.total")

_LEAST_FREE = 2048 * MiB
"""A GPU with less free memory is chosen only where all have less."""


@dataclass(frozen=True)
class Gpu:
    """A row of ``nvidia-smi --query-gpu``: memory in bytes, load in percent (0 where it isn't told)."""

    index: int
    uuid: str
    name: str
    load: int
    free: int
    total: int


def detect(wanted: str | None) -> Device:
    """The device for runs, found by asking the libraries; call it in a process that ends afterwards.

    Args:
        wanted: ``cpu``, ``cuda``, ``cuda:1``, ``mps``, ``xpu``; None: the best there is.

    Raises:
        ValueError: when the wanted device isn't there; the message says what is.
    """
    kind, _, number = (wanted or "").partition(":")
    if kind in ("", "cuda") and torch._C._has_cuda and torch.cuda.is_available():
        return _cuda(number)
    for other in ("mps", "xpu"):
        backend = getattr(torch, other, None)
        if kind in ("", other) and backend is not None and backend.is_available():
            return Device(other, other.upper(), why=_why(wanted, f"torch sees {other.upper()}"))
    if kind not in ("", "cpu"):
        raise ValueError(f"There is no {wanted} here: torch {torch.__version__} sees the CPU only. Try --device cpu.")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Device("cpu", f"{cores} core{'s' * (cores != 1)}", why=_why(wanted, "torch sees no accelerator"))


def _why(wanted: str | None, found: str) -> str:
    return "you asked for it" if wanted else found


def _cuda(number: str) -> Device:
    gpus = visible(ask_nvidia_smi(), os.environ.get("CUDA_VISIBLE_DEVICES"))
    if not gpus:  # a build for ROCm, or no nvidia-smi on the path: torch counts, and the first is as good as any
        count = torch.cuda.device_count()
        index = int(number or 0)
        if index >= count:
            raise ValueError(f"There is no cuda:{index} here: torch sees {count}.")
        return Device("cuda", torch.cuda.get_device_name(index), index, count, why="torch sees it")
    if number:
        if int(number) >= len(gpus):
            raise ValueError(f"There is no cuda:{number} here: {len(gpus)} are visible, counted from 0.")
        chosen, why = gpus[int(number)], "you asked for it"
    else:
        chosen = idlest(gpus)
        why = f"idlest of {len(gpus)}" if len(gpus) > 1 else "the only one"
    return Device("cuda", chosen.name, chosen.index, len(gpus), chosen.free, chosen.total, why, chosen.uuid)


def ask_nvidia_smi() -> list[Gpu]:
    """Every GPU of the machine as NVML sees it; none where nvidia-smi isn't there or doesn't answer."""
    command = ["nvidia-smi", f"--query-gpu={','.join(_QUERY)}", "--format=csv,noheader,nounits"]
    try:
        table = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[cell.strip() for cell in line.split(",")] for line in table.splitlines()]
    return [
        Gpu(_number(row[0]), row[1], row[2], _number(row[3]), _number(row[4]) * MiB, _number(row[5]) * MiB)
        for row in rows
        if len(row) == len(_QUERY)
    ]


def _number(cell: str) -> int:
    return int(cell) if cell.isdigit() else 0  # "[N/A]" on some cards


def visible(gpus: list[Gpu], mask: str | None) -> list[Gpu]:
    """Those that ``CUDA_VISIBLE_DEVICES`` (numbers or UUIDs, or their beginnings) lets through, in its order.

    As CUDA does, the list ends at the first entry that names no device.
    """
    if mask is None:
        return gpus
    found = []
    for entry in mask.split(","):
        entry = entry.strip()
        match = [g for g in gpus if entry == str(g.index) or (len(entry) > 3 and g.uuid.startswith(entry))]
        if not match:
            break
        found.append(match[0])
    return found


def idlest(gpus: list[Gpu]) -> Gpu:
    """The one with the least load, in steps of 10 %; among equals the one with the most free memory.

    Those whose memory is nearly taken come after all others, whatever their load: most runs would fail there. That is
    less than an eighth of it free, or less than 2 GiB. Among themselves
    they are told apart by free memory first.
    """

    def order(gpu: Gpu) -> tuple[bool, int, int, int, int]:
        short = gpu.free < max(gpu.total // 8, _LEAST_FREE)
        return short, 0 if short else gpu.load // 10, -gpu.free, gpu.load, gpu.index

    return min(gpus, key=order)


def make_visible(chosen: str | None) -> None:
    """Let this process, and all that it starts, find the chosen device and no other GPU."""
    kind, _, uuid = (chosen or "").partition(":")
    if kind == "cuda" and uuid:
        os.environ["CUDA_VISIBLE_DEVICES"] = uuid
    elif kind == "cpu" and torch._C._has_cuda:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
