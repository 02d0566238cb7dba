"""Errors of backward(), of in-place changes and of what tracks gradients."""

from __future__ import annotations

import re

from tutor.explain.entry import Entry, Explanation, about
from tutor.runner.protocol import Raised


def _modified(match: re.Match[str], event: Raised) -> Explanation:
    kind = match[1].removeprefix("AsStridedBackward") or "an operation"
    return Explanation(
        f"{about(event)}`backward()` needs the result of {kind} as it was, and an in-place operation "
        "(`+=`, `[...] =`, a name ending in `_`) has changed it since.",
        "Write that change out of place: `y = y + 1` in place of `y += 1`.",
    )


ENTRIES = (
    Entry(
        r"Trying to backward through the graph a second time",
        "This graph was walked before, and its saved values were freed then.",
        "Compute the loss anew before each `backward()`; or `backward(retain_graph=True)` the first time, "
        "if you do mean to walk it twice.",
    ),
    Entry(
        r"does not require grad and does not have a grad_fn",
        "Nothing that this value was computed from tracks gradients, so there is nothing to walk back to.",
        "`requires_grad=True` on the tensors to differentiate by; "
        "and look for `detach()`, `.item()`, `no_grad()` or `argmax` on the way.",
    ),
    Entry(
        r"grad can be implicitly created only for scalar outputs",
        lambda match, event: Explanation(
            f"{about(event)}`backward()` starts from one number, and this tensor has several.",
            "Reduce it first, `.sum().backward()` or `.mean()`; or pass the vector of a vector-Jacobian "
            "product: `backward(gradient=v)`.",
        ),
    ),
    Entry(
        r"a (view of a )?leaf Variable that requires grad is being used in an in-place operation",
        lambda match, event: Explanation(
            f"{about(event)}A leaf that tracks gradients can't be changed in place: "
            "autograd would lose the value that it stands for.",
            "`with torch.no_grad():` around an update by hand; otherwise make a new tensor, `y = x + 1`.",
        ),
    ),
    Entry(r"modified by an inplace operation: .*?output \d+ of (\w+)", _modified),
    Entry(
        r"Can't call numpy\(\) on Tensor that requires grad",
        lambda match, event: Explanation(
            f"{about(event)}NumPy knows no gradients, so a tensor that tracks them isn't handed over silently.",
            "`.detach().numpy()` hands over the numbers alone.",
        ),
    ),
    Entry(
        r"a Tensor with (\d+) elements cannot be converted to Scalar",
        "Only a tensor of one element is a Python number; this one has {0}.",
        "`.tolist()` gives all of them; `.sum()` or `.mean()` reduce them to one.",
    ),
    Entry(
        r"Boolean value of Tensor with more than one value is ambiguous",
        "A tensor of several values is neither true nor false as a whole.",
        "`.any()`, `.all()` or `torch.equal(a, b)`; and `&`, `|`, `~` in place of `and`, `or`, `not`.",
    ),
    Entry(
        r"can't optimize a non-leaf Tensor",
        "An optimizer steps leaves: tensors that you made. This one was computed from others.",
        "Give it the tensors that it was computed from; or `x.detach().requires_grad_()` as a new leaf.",
    ),
    Entry(
        r"optimizer got an empty parameter list",
        "The optimizer was given no parameters: the module has none, or a generator was used up before.",
        "Are the layers attributes of the module, or in an `nn.ModuleList`? A plain list hides them.",
    ),
)
