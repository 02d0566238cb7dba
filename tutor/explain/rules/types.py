"""Errors about dtypes, operations that some dtypes lack, devices and memory."""

from __future__ import annotations

import re

from tutor.explain.rule import ErrorRule, Explanation, describe, dtype, layer_inputs, read_tensors
from tutor.protocol.codec import Raised

_CASTS = {"float32": ".float()", "float64": ".double()", "float16": ".half()", "int64": ".long()"}
_SHORT = {"float32": "f32", "float64": "f64", "int64": "i64", "float16": "f16", "bfloat16": "bf16", "int32": "i32"}


def _differ(match: re.Match[str], event: Raised) -> Explanation:
    first, second = (dtype(name) for name in match.groups() if name)
    both = {first, second}
    meaning = f"{describe(event)}One is {first}, the other {second}, and both must be alike."
    if "float32" not in both:
        return Explanation(meaning, f"`.to(torch.{first})` turns the other one into {first}.")
    other = (both - {"float32"} or {"float32"}).pop()
    if any(operand.dtype == "f32" for operand in layer_inputs(event)):  # then the layer itself is the odd one
        return Explanation(
            meaning, f"The layer is {other}: `.float()` on the model, or the input `.to(torch.{other})`."
        )
    named = [operand.name for operand in read_tensors(event) if operand.dtype == _SHORT.get(other)]
    why = ": float64 often comes from NumPy." if other == "float64" else "."
    return Explanation(meaning, f"`{named[0] if named else ''}.float()` turns the {other} one into float32{why}")


def _expected(match: re.Match[str], event: Raised) -> Explanation:
    expected, got = dtype(match[1]), dtype(match[2])
    cast = _CASTS.get(expected, f".to(torch.{expected})")
    return Explanation(f"{describe(event)}{expected} is wanted here, and this is {got}.", f"`{cast}` converts it.")


def _lacking(match: re.Match[str], event: Raised) -> Explanation:
    kind = dtype(match[2])
    meaning = (
        f"{describe(event)}torch has no such operation for {kind} on this device (its name inside is `{match[1]}`)."
    )
    if kind in ("float16", "bfloat16") or kind.startswith("Float8"):
        return Explanation(meaning, "`.float()` before it, and back after it; half precision is made for GPUs.")
    if kind.startswith(("int", "uint", "Int", "UInt")) or kind == "bool":
        return Explanation(meaning, "`.float()` before it, or `dtype=torch.float32` where the tensor is made.")
    return Explanation(meaning, "Convert it to a dtype that has it: `.long()`, `.bool()`, `.float()`.")


def _full(match: re.Match[str], event: Raised) -> Explanation:
    request = re.search(r"Tried to allocate ([\d.]+ \w+)", event.message)
    return Explanation(
        "The GPU's memory is full" + (f": it was asked for {request[1]} more." if request else "."),
        "A smaller batch; `with torch.no_grad():` where no gradient is needed; keep `loss.item()`, not `loss`.",
    )


RULES = (
    ErrorRule(
        r"(?:must have the same dtype|to have (?:the )?same dtype), but (?:got|found):? ([\w:]+(?: int)?) (?:and|!=) "
        r"([\w:]+(?: int)?)|Input type \(([\w ]+)\) and (?:bias|weight) type \(([\w ]+)\) should be the same",
        _differ,
    ),
    ErrorRule(
        r"[Ee]xpected (?:scalar type|object of scalar type|dtype) (\w+) but (?:found|got) (?:dtype )?(\w+)",
        _expected,
    ),
    ErrorRule(
        r"argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch\.(\w+)",
        "An embedding is looked up by whole numbers; these are {0:dtype}.",
        "`.long()` converts them.",
    ),
    ErrorRule(
        r"mean\(\): could not infer output dtype.*Got: (\w+)",
        "A mean is rarely whole, so torch refuses it for {0:dtype}.",
        "`.float().mean()` does what you mean.",
    ),
    ErrorRule(
        r"std and var only support floating point|linalg\.vector_norm: Expected a floating point",
        "Its result is a fraction, so it takes fractions only.",
        "`.float()` before it.",
    ),
    ErrorRule(
        r"result type (\w+) can't be cast to the desired output type (\w+)",
        "The result is {0:dtype}, and in place it has to stay {1:dtype}.",
        "Write it out of place, `x = x + y`, or convert `x` first.",
    ),
    ErrorRule(
        r"[Oo]nly Tensors of floating point (?:and complex )?dtype can require gradients",
        "Gradients are fractions, so only floating-point tensors can track them; this one holds whole numbers.",
        "Write `1.0` in place of `1`, or give `dtype=torch.float32`.",
    ),
    ErrorRule(
        r"only floating-point types are supported as the default type",
        "The default is for tensors made of fractions, so it is a floating-point dtype.",
    ),
    ErrorRule(
        r"Subtraction, the `-` operator, with (?:two bool tensors|a bool tensor) is not supported",
        "True minus False has no meaning that all agree on, so torch refuses it.",
        "`a ^ b` is true where they differ, `a & ~b` where only `a` is; `.int()` gives 0 and 1.",
    ),
    ErrorRule(
        r"Negation, the `-` operator, on a bool tensor is not supported",
        "A mask is turned over by `~`, not by `-`.",
    ),
    ErrorRule(
        r"~ \(operator\.invert\) is only implemented on integer and Boolean-type tensors",
        "`~` turns True and False over, and these are fractions.",
        "A comparison makes a mask: `~(x > 0)`. For the opposite sign there is `-x`.",
    ),
    ErrorRule(
        r"value cannot be converted to type (\w+) without overflow|Overflow when unpacking long",
        "The number is too large for the dtype.",
        "`dtype=torch.int64` reaches to 9 · 10¹⁸, floats beyond.",
    ),
    ErrorRule(
        r"RuntimeError: ZeroDivisionError|ZeroDivisionError: ",
        "A whole number is divided by 0.",
        "Fractions give `inf` instead; `.clamp(min=1)` keeps a divisor from 0.",
    ),
    ErrorRule(r'"(\w+)" not implemented for \'(\w+)\'', _lacking),
    ErrorRule(
        r"Expected all tensors to be on the same device, but (?:found at least two devices,|got \w+ is on) (\S+?),? "
        r"(?:and|different from other tensors on) (\S+?)[!, ]|"
        r"Tensor on device (\w+(?::\d+)?) is not on the expected device (\w+(?::\d+)?)",
        "One tensor is on {0}{2}, another on {1}{3}; an operation works on one device.",
        "Move both to one device: `x = x.to(device)`, `model.to(device)`.",
    ),
    ErrorRule(
        r"Input type \(torch\.cuda\.\w+Tensor\) and weight type \(torch\.(?!cuda\.)\w+Tensor\) should be the same",
        "Layer and input must be on one device: the input is on the GPU and the layer isn't.",
        "`model.to(device)` once, and `x = x.to(device)` for each batch.",
    ),
    ErrorRule(
        r"Input type \(torch\.(?!cuda\.)\w+Tensor\) and weight type \(torch\.cuda\.\w+Tensor\) should be the same",
        "Layer and input must be on one device: the layer is on the GPU and the input isn't.",
        "`model.to(device)` once, and `x = x.to(device)` for each batch.",
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
        "That takes {0:GiB} GiB, more than this machine can give.",
        "Are the sizes what you meant?",
    ),
    ErrorRule(r"MemoryError", "That takes more memory than this machine can give.", "Are the sizes what you meant?"),
)
