"""Errors of modules and of what is saved and loaded."""

from __future__ import annotations

import re

from tutor.explain.entry import Entry, Explanation, sizes, times
from tutor.runner.protocol import Raised

_LISTED = 4
"""Names of a state dict said at most."""


def _state_dict(match: re.Match[str], event: Raised) -> Explanation:
    parts = []
    for key, words in (("Missing", "it lacks"), ("Unexpected", "the model doesn't know its")):
        if found := re.search(rf"{key} key\(s\) in state_dict: (.*?)\.\s", event.message + "\n", re.DOTALL):
            parts.append(f"{words} {_names(found[1])}")
    for name, saved, have in re.findall(
        r"size mismatch for (\S+): .*?torch\.Size\((\[.*?\])\).*?torch\.Size\((\[.*?\])\)", event.message
    )[:2]:
        parts.append(f"`{name}` is {times(sizes(saved))} in it and {times(sizes(have))} in the model")
    return Explanation(
        f"The saved state doesn't fit this {match[1]}: {'; '.join(parts) or 'their entries differ'}.",
        _prefix(event),
    )


def _names(listed: str) -> str:
    names = re.findall('"(.*?)"', listed)
    said = ", ".join(f"`{name}`" for name in names[:_LISTED])
    return f"{said} and {len(names) - _LISTED} more" if len(names) > _LISTED else said


def _prefix(event: Raised) -> str:
    for prefix, wrapper in (("module.", "DataParallel or DDP"), ("_orig_mod.", "`torch.compile`")):
        if f'"{prefix}' in event.message:
            return f"The names with `{prefix}` come from {wrapper}: save the inner model's `state_dict()`."
    return "Build the model as it was when it was saved; `strict=False` skips names, never sizes."


ENTRIES = (
    Entry(r"Error\(s\) in loading state_dict for (\w+)", _state_dict),
    Entry(
        r"Weights only load failed.*?(?:global|GLOBAL) (\S+)",
        "`torch.load` reads tensors and plain containers only, unless told otherwise; "
        "this file also holds a `{0}`, and unpickling objects can run any code.",
        "Save `model.state_dict()`, not the model. For a file that you trust: `weights_only=False`.",
    ),
    Entry(
        r"Weights only load failed",
        "`torch.load` reads tensors and plain containers only, unless told otherwise; this file holds something else.",
        "Save `model.state_dict()`, not the model. For a file that you trust: `weights_only=False`.",
    ),
    Entry(
        r"expected input(\[.*?\]) to have (\d+) channels, but got (\d+) channels",
        "The convolution takes {1} channels and the input {0} has {2}: channels stand in dimension 1.",
        "Make the layer with `in_channels={2}`; or is the input not batch × channels × height × width?",
    ),
    Entry(
        r"cannot assign \w+ before Module\.__init__\(\) call",
        "A module must be set up before it is given layers or parameters.",
        "Let `super().__init__()` be the first line of `__init__`.",
    ),
    Entry(
        r'Module \[(\w+)\] is missing the required "forward" function',
        "`{0}` was called, and it has no `forward`: that is what a call of a module runs.",
        "Is `forward` spelled right, and indented to stand inside the class?",
    ),
)
