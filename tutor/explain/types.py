"""Errors about what tensors hold and where: dtypes and devices."""

from __future__ import annotations

import re

from tutor.explain.entry import Entry, Explanation, about
from tutor.runner.protocol import Raised

_DTYPES = {
    "float": "float32", "double": "float64", "half": "float16", "bfloat16": "bfloat16", "long": "int64",
    "int": "int32", "short": "int16", "char": "int8", "byte": "uint8", "bool": "bool",
    "complexfloat": "complex64", "complexdouble": "complex128",
}  # fmt: skip
_CASTS = {"float32": ".float()", "float64": ".double()", "float16": ".half()", "int64": ".long()"}


def _dtype(name: str) -> str:
    """The inner name of a dtype as learners write it: ``Double`` -> ``float64``."""
    return _DTYPES.get(name.lower().removesuffix("tensor").removeprefix("c10::"), name)


def _differ(match: re.Match[str], event: Raised) -> Explanation:
    first, second = _dtype(match[1]), _dtype(match[2])
    both = {first, second}
    what = f"{about(event)}One is {first}, the other {second}; a product wants both alike."
    if both == {"float32", "float64"}:
        return Explanation(what, "`.float()` makes float32 of the other one: float64 often comes from NumPy.")
    if "float32" in both:
        return Explanation(what, f"`.float()` turns the {(both - {'float32'}).pop()} one into float32.")
    return Explanation(what, f"`.to(torch.{first})` turns the other one into {first}.")


def _expected(match: re.Match[str], event: Raised) -> Explanation:
    wanted, got = _dtype(match[1]), _dtype(match[2])
    cast = _CASTS.get(wanted, f".to(torch.{wanted})")
    return Explanation(f"{about(event)}{wanted} is wanted here, and this is {got}.", f"`{cast}` converts it.")


ENTRIES = (
    Entry(
        r"all elements of (?:input|target) should be between 0 and 1",
        "`binary_cross_entropy` takes probabilities, from 0 to 1, and got something else.",
        "For raw scores there is `binary_cross_entropy_with_logits`, which needs no sigmoid.",
    ),
    Entry(r"(?:must have the same dtype|to have the same dtype), but got:? (\w+) (?:and|!=) (\w+)", _differ),
    Entry(
        r"[Ee]xpected (?:scalar type|object of scalar type|dtype) (\w+) but (?:found|got) (?:dtype )?(\w+)",
        _expected,
    ),
    Entry(
        r"expected target dtype to be Long or Byte, but got (\w+)",
        lambda match, event: Explanation(
            f"{about(event)}Class targets are numbers of classes, int64; these are {_dtype(match[1])}.",
            "`.long()` converts them. (Probabilities as targets need the shape of the scores.)",
        ),
    ),
    Entry(
        r"argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch\.(\w+)",
        lambda match, event: Explanation(
            f"{about(event)}An embedding is looked up by whole numbers; these are {_dtype(match[1])}.",
            "`.long()` converts them.",
        ),
    ),
    Entry(
        r"mean\(\): could not infer output dtype.*Got: (\w+)",
        lambda match, event: Explanation(
            f"{about(event)}A mean is rarely whole, so torch refuses it for {_dtype(match[1])}.",
            "`.float().mean()` does what you mean.",
        ),
    ),
    Entry(
        r"result type (\w+) can't be cast to the desired output type (\w+)",
        lambda match, event: Explanation(
            f"{about(event)}The result is {_dtype(match[1])}, and in place it has to stay {_dtype(match[2])}.",
            "Write it out of place, `x = x + y`, or convert `x` first.",
        ),
    ),
    Entry(
        r"[Oo]nly Tensors of floating point (?:and complex )?dtype can require gradients",
        "Gradients are fractions, so only floating-point tensors can track them; this one holds whole numbers.",
        "Write `1.0` in place of `1`, or give `dtype=torch.float32`.",
    ),
    Entry(
        r"Expected all tensors to be on the same device, but found at least two devices, (\S+) and (\S+?)!",
        lambda match, event: _devices(match[1], match[2], event),
    ),
    Entry(
        r"Tensor on device (\w+(?::\d+)?) is not on the expected device (\w+(?::\d+)?)",
        lambda match, event: _devices(match[1], match[2], event),
    ),
    Entry(
        r"Torch not compiled with CUDA enabled|Found no NVIDIA driver|No CUDA GPUs are available",
        "No CUDA device can be used here: this machine or this build of PyTorch has none.",
        '`device = "cuda" if torch.cuda.is_available() else "cpu"` runs on both.',
    ),
    Entry(
        r"OutOfMemoryError|CUDA out of memory",
        lambda match, event: Explanation(
            "The GPU's memory is full" + _asked(event) + ".",
            "A smaller batch; `with torch.no_grad():` where no gradient is needed; keep `loss.item()`, not `loss`.",
        ),
    ),
    Entry(
        r"can't allocate memory: you tried to allocate (\d+) bytes",
        lambda match, event: Explanation(
            f"{about(event)}That takes {int(match[1]) / 2**30:,.1f} GiB, more than this machine can give.",
            "Are the sizes what you meant?",
        ),
    ),
)


def _devices(first: str, second: str, event: Raised) -> Explanation:
    return Explanation(
        f"{about(event)}One tensor is on {first}, another on {second}; an operation works on one device.",
        "Move both to one device: `x = x.to(device)`, `model.to(device)`.",
    )


def _asked(event: Raised) -> str:
    asked = re.search(r"Tried to allocate ([\d.]+ \w+)", event.message)
    return f": it was asked for {asked[1]} more" if asked else ""
