"""The device of runs. It is chosen by making it visible to them, so that plain PyTorch in a snippet finds it.

On a shared server that is the idlest GPU, asked through NVML's own front end ``nvidia-smi``, which touches no
device. CUDA itself is only asked in a process that ends afterwards, never in one that is forked from.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass

import torch

from tutor.protocol.codec import Device, MiB

_ACCELERATORS = ("cuda", "mps", "xpu")
_QUERY = ("index", "uuid", "name", "utilization.gpu", "memory.free", "memory.total")

_LEAST_FREE = 2048 * MiB
"""A GPU with less free memory is chosen only where all have less."""


@dataclass(frozen=True)
class Gpu:
    """A row of ``nvidia-smi --query-gpu``: memory in bytes, load in percent (0 where it isn't reported)."""

    index: int
    uuid: str
    name: str
    load: int
    free: int
    total: int


def for_accelerators() -> bool:
    """Whether this torch may compute on more than the CPU: by its build and its plug-ins, without asking a device."""
    if torch._C._has_cuda or torch._C._has_mps or torch._C._has_xpu:
        return True
    try:
        return torch.accelerator.current_accelerator() is not None
    except RuntimeError:  # how torch 2.6 says that there is none
        return False


def detect(requested: str | None) -> Device:
    """Detect the device for runs by asking the libraries; call it in a process that ends afterwards.

    Args:
        requested: ``cpu``, ``cuda``, ``cuda:1``, ``mps``, ``xpu``; None: the best there is.

    Raises:
        ValueError: when the requested device isn't there, or isn't one; the message says what is.
    """
    kind, number = _parse(requested) if requested else ("", None)
    gpu = _detect_cuda(number) if kind in ("", "cuda") and torch._C._has_cuda else None
    if gpu is not None:
        return gpu
    for other in ("mps", "xpu"):
        if kind in ("", other) and _is_available(other):
            return Device(other, other.upper(), why=_reason(requested, f"torch sees {other.upper()}"))
    if kind not in ("", "cpu"):
        others = [other for other in _ACCELERATORS if other != kind and _is_available(other)]
        available = " and ".join(["cpu", *others]) if others else "the CPU only"
        raise ValueError(f"There is no {requested} here: torch {torch.__version__} sees {available}. Try --device cpu.")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Device("cpu", f"{cores} core{'s' * (cores != 1)}", why=_reason(requested, "torch sees no accelerator"))


def _parse(requested: str) -> tuple[str, int | None]:
    """Kind and number of a device. Only GPUs have numbers, since only they are made visible one by one."""
    kind, colon, digits = requested.partition(":")
    if kind not in ("cpu", *_ACCELERATORS) or (colon and not re.fullmatch("[0-9]{1,4}", digits)):
        raise ValueError(f"{requested!r} is not a device that runs can have. Try cpu, cuda, cuda:1, mps or xpu.")
    number = int(digits) if colon else None
    if kind != "cuda" and number:
        raise ValueError(f"{requested!r} can't be chosen: only cuda devices are told apart here. Try --device {kind}.")
    return kind, number


def _is_available(kind: str) -> bool:
    backend = getattr(torch, kind, None)
    return backend is not None and bool(backend.is_available())


def _reason(requested: object, reason: str) -> str:
    return reason if requested is None else "you asked for it"


def _detect_cuda(number: int | None) -> Device | None:
    """The GPU of that number, counted among those that the environment lets through; None where torch sees none.

    Raises:
        ValueError: when there are some, and none of that number.
    """
    mask = os.environ.get("CUDA_VISIBLE_DEVICES")
    if torch.version.hip:
        mask = os.environ.get("HIP_VISIBLE_DEVICES", mask)
    if mask is not None and mask.startswith("MIG-"):
        return _choose_slice([entry.strip() for entry in mask.split(",")], number)
    if not torch.cuda.is_available():
        return None
    gpus = [] if torch.version.hip else filter_visible(ask_nvidia_smi(), mask)
    return _choose_listed(gpus, number) if gpus else _choose_counted((mask or "").split(","), number)


def _choose_listed(gpus: list[Gpu], number: int | None) -> Device:
    """One of those that ``nvidia-smi`` lists."""
    if number is None:
        chosen = choose_idlest(gpus)
        why = f"idlest of {len(gpus)}" if len(gpus) > 1 else "the only one"
    elif number < len(gpus):
        chosen, why = gpus[number], "you asked for it"
    else:
        are = "is" if len(gpus) == 1 else "are"
        raise ValueError(f"There is no cuda:{number} here: {len(gpus)} {are} visible, counted from 0.")
    return Device("cuda", chosen.name, chosen.index, len(gpus), chosen.free, chosen.total, why, chosen.uuid)


def _choose_counted(mask: list[str], number: int | None) -> Device:
    """One of those that torch counts: a build for ROCm, or no nvidia-smi on the path. The first is as good as any.

    The environment names it as it did before, or else by the number that torch has just counted it with.
    """
    count, index = torch.cuda.device_count(), number or 0
    if index >= count:
        raise ValueError(f"There is no cuda:{index} here: torch sees {count}, counted from 0.")
    entry = mask[index].strip() if index < len(mask) else ""
    name = torch.cuda.get_device_name(index)
    return Device("cuda", name, index, count, why=_reason(number, "torch sees it"), uuid=entry or str(index))


def _choose_slice(entries: list[str], number: int | None) -> Device | None:
    """One of the parts of GPUs (MIG) that the environment names; ``nvidia-smi`` lists no parts in its tables.

    CUDA shows a process one part only, the first, however many are named. So the others can't be asked about
    before they alone are visible, nor after CUDA has been asked anything.
    """
    index = number or 0
    if index >= len(entries):
        names = f"CUDA_VISIBLE_DEVICES names {len(entries)}"
        raise ValueError(f"There is no cuda:{index} here: {names}, counted from 0.")
    make_visible(f"cuda:{entries[index]}")
    if torch.cuda.is_available():
        why = _reason(number, f"first of {len(entries)}" if len(entries) > 1 else "the only one")
        return Device("cuda", torch.cuda.get_device_name(0), index, len(entries), why=why, uuid=entries[index])
    if number is None:
        return None
    raise ValueError(f"There is no cuda:{index} here: torch sees nothing under its name {entries[index]}.")


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


def filter_visible(gpus: list[Gpu], mask: str | None) -> list[Gpu]:
    """Return the GPUs that ``CUDA_VISIBLE_DEVICES`` (numbers or UUIDs, or their beginnings) lets through, in its order.

    As CUDA does, the list ends at the first entry that names no device.
    """
    if mask is None:
        return gpus
    matches = []
    for entry in mask.split(","):
        entry = entry.strip()
        match = [g for g in gpus if entry == str(g.index) or (len(entry) > 3 and g.uuid.startswith(entry))]
        if not match:
            break
        matches.append(match[0])
    return matches


def choose_idlest(gpus: list[Gpu]) -> Gpu:
    """Return the GPU with the least load, in steps of 10 %; among equals the one with the most free memory.

    Those whose memory is nearly taken come after all others, whatever their load: most runs would fail there. That is
    less than an eighth of it free, or less than 2 GiB. Among themselves they are ordered by free memory first.
    """

    def order(gpu: Gpu) -> tuple[bool, int, int, int, int]:
        short = gpu.free < max(gpu.total // 8, _LEAST_FREE)
        return short, 0 if short else gpu.load // 10, -gpu.free, gpu.load, gpu.index

    return min(gpus, key=order)


def make_visible(chosen: str | None) -> None:
    """Let this process, and all that it starts, find the chosen device and no other GPU.

    Args:
        chosen: ``cpu``, or ``cuda:`` and how ``CUDA_VISIBLE_DEVICES`` names it; anything else leaves all as it is.
    """
    kind, _, entry = (chosen or "").partition(":")
    hides_all = kind == "cpu" and torch._C._has_cuda
    if hides_all or (kind == "cuda" and entry):
        os.environ["CUDA_VISIBLE_DEVICES"] = entry
        if torch.version.hip:  # ROCm reads this one first; -1 is how it is told of no GPU
            os.environ["HIP_VISIBLE_DEVICES"] = entry or "-1"
