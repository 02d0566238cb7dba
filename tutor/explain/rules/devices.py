"""Errors about where tensors are: devices and memory."""

from __future__ import annotations

import re

from tutor.explain.rule import ErrorRule, Explanation, describe
from tutor.protocol.codec import Raised


def _devices(match: re.Match[str], event: Raised) -> Explanation:
    first, second = match[1], match[2]
    return Explanation(
        f"{describe(event)}One tensor is on {first}, another on {second}; an operation works on one device.",
        "Move both to one device: `x = x.to(device)`, `model.to(device)`.",
    )


def _full(match: re.Match[str], event: Raised) -> Explanation:
    request = re.search(r"Tried to allocate ([\d.]+ \w+)", event.message)
    return Explanation(
        "The GPU's memory is full" + (f": it was asked for {request[1]} more." if request else "."),
        "A smaller batch; `with torch.no_grad():` where no gradient is needed; keep `loss.item()`, not `loss`.",
    )


RULES = (
    ErrorRule(
        r"Expected all tensors to be on the same device, but (?:found at least two devices,|got \w+ is on) (\S+?),? "
        r"(?:and|different from other tensors on) (\S+?)[!, ]",
        _devices,
    ),
    ErrorRule(r"Tensor on device (\w+(?::\d+)?) is not on the expected device (\w+(?::\d+)?)", _devices),
    ErrorRule(
        r"Input type \(torch\.(cuda\.)?(\w+)Tensor\) and weight type \(torch\.(cuda\.)?(\w+)Tensor\) should be "
        r"the same",
        lambda match, event: _layer_elsewhere(bool(match[1]), bool(match[3]), event),
    ),
    ErrorRule(
        r"Torch not compiled with CUDA enabled|Found no NVIDIA driver|No CUDA GPUs are available|"
        r"Cannot access accelerator device when none is available|arguments from the 'MPS' backend",
        "No such device can be used here: this machine or this build of PyTorch has none.",
        '`device = "cuda" if torch.cuda.is_available() else "cpu"` runs on both.',
    ),
    ErrorRule(
        r"Expected one of cpu, cuda, .* device type at start of device string: (\S+)",
        "There is no device or dtype named `{0}`.",
        '`"cpu"`, `"cuda"` and `"mps"` are devices; a dtype is written without quotes, `torch.float32`.',
    ),
    ErrorRule(
        r"Attempting to deserialize object on (?:a CUDA|CUDA) device",
        "The file was saved from a GPU, and there is none here.",
        '`torch.load(path, map_location="cpu")`',
    ),
    ErrorRule(
        r"can't convert (\S+) device type tensor to numpy",
        "NumPy works on the CPU's memory, and this tensor is on {0}.",
        "`.cpu().numpy()`; with gradients, `.detach().cpu().numpy()`.",
    ),
    ErrorRule(
        r"Cannot copy out of meta tensor|cannot be called on meta tensors",
        "A tensor on `meta` has a shape and no values, so none can be read or copied.",
        "`model.to_empty(device=...)` gives a model memory, to be filled by `load_state_dict`.",
    ),
    ErrorRule(
        r"device-side assert triggered",
        "The GPU stopped at an index out of range, mostly a class or a row of an embedding that isn't there, "
        "and it tells so late: the line may be wrong.",
        "Run it on the CPU once, or with `CUDA_LAUNCH_BLOCKING=1`: then the line is right.",
    ),
    ErrorRule(r"OutOfMemoryError|CUDA out of memory", _full),
    ErrorRule(
        r"can't allocate memory: you tried to allocate (\d+) bytes",
        lambda match, event: Explanation(
            f"{describe(event)}That takes {int(match[1]) / 2**30:,.1f} GiB, more than this machine can give.",
            "Are the sizes what you meant?",
        ),
    ),
    ErrorRule(r"MemoryError", "That takes more memory than this machine can give.", "Are the sizes what you meant?"),
)


def _layer_elsewhere(input_on_gpu: bool, weight_on_gpu: bool, event: Raised) -> Explanation | None:
    if input_on_gpu == weight_on_gpu:
        return None
    where = (
        "the input is on the GPU and the layer isn't" if input_on_gpu else "the layer is on the GPU and the input isn't"
    )
    return Explanation(
        f"{describe(event)}Layer and input must be on one device: {where}.",
        "`model.to(device)` once, and `x = x.to(device)` for each batch.",
    )
