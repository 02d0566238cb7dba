"""Errors of torch.func and torch.compile."""

from __future__ import annotations

import re

from tutor.explain.rule import ErrorRule, Explanation
from tutor.protocol.codec import Raised


def _break(match: re.Match[str], event: Raised) -> Explanation:
    reason = match[1].strip().rstrip(".")
    line = re.search(r'from user code:\s+File ".*?", line (\d+)', event.message)
    where = f", on line {line[1]}" if line else ""
    return Explanation(
        f"`fullgraph=True` wants one graph without a gap, and the compiler can't follow this{where}: {reason}.",
        "Move it out of the function; `torch.where` in place of an `if` on values; or leave `fullgraph` out, which "
        "allows gaps.",
    )


RULES = (
    ErrorRule(
        r"vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow",
        "Under `vmap` all samples go one way, so an `if` can't ask for the value of one.",
        "`torch.where(condition, a, b)` works out both and picks.",
    ),
    ErrorRule(
        r"vmap: It looks like you're calling \.item\(\) on a Tensor",
        "Under `vmap` a tensor stands for many samples at once, and `.item()` would be many numbers.",
        "Work on with the tensor.",
    ),
    ErrorRule(
        r"vmap: called random operation while in randomness error mode",
        "`vmap` must be told whether all samples get the same random numbers.",
        '`vmap(f, randomness="different")`, or `"same"`.',
    ),
    ErrorRule(
        r"vmap: Expected all tensors to have the same size in the mapped dimension, got sizes (\[.*?\])",
        "`vmap` goes along one dimension of all arguments together, and they have {0} there.",
        "`in_dims=(0, None)` passes the second one on whole.",
    ),
    ErrorRule(
        r"vmap: We do not support batching operators that can support dynamic shape",
        "A mask picks another number of values for each sample, and a batch is a full block.",
        "`torch.where(mask, x, 0)` keeps the shape.",
    ),
    ErrorRule(
        r"Got in_dim=(-?\d+) for some input, but that input is a Tensor of dimensionality (\d+)",
        "`vmap` goes along dimension {0}, and an argument is a {1}D tensor, which has none.",
        "`in_dims=None` for what isn't a batch.",
    ),
    ErrorRule(
        r"grad_and_value\(f\)\(\*args\): Expected f\(\*args\) to return a scalar Tensor, got tensor with (\d+) dims",
        "`torch.func.grad` differentiates a single number, and the function gives a {0}D tensor.",
        "`.sum()` at its end; or `torch.func.jacrev` for all derivatives.",
    ),
    ErrorRule(
        r"Thing passed to transform API must be Tensor, got <class '(\w+)'>",
        "`torch.func` differentiates by tensors, and got `{0}`.",
        "`torch.tensor(3.0)`",
    ),
    ErrorRule(
        r"expected f\(\*primals\) to return only tensors, got unsupported type <class '(\w+)'>",
        "The function must give a tensor, and gives `{0}`.",
        "Leave `.item()` and `float()` out.",
    ),
    ErrorRule(r"torch\._dynamo\.exc\.Unsupported: (.*?)\n", _break),
    ErrorRule(
        r"Invalid backend: '(\w+)'",
        "There is no backend named `{0}`.",
        'Leave it out for the usual one; `backend="eager"` compiles nothing and shows what could be.',
    ),
    ErrorRule(
        r"does not have a deterministic implementation, but you set",
        "This operation gives slightly different results from time to time, and that was forbidden.",
        "`torch.use_deterministic_algorithms(True, warn_only=True)` warns instead.",
    ),
)
