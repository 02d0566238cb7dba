"""Errors of backward(), of in-place changes and of what tracks gradients."""

from __future__ import annotations

import re

from tutor.explain.rule import ErrorRule, Explanation, describe, failing_expression
from tutor.protocol.codec import Raised


def _modified(match: re.Match[str], event: Raised) -> Explanation:
    shape, kind = match[1], (match[2] or "").removesuffix("Backward0")
    if kind in ("", "AsStrided", "T", "Transpose"):  # a parameter, or a view of one
        return Explanation(
            f"{describe(event)}`backward()` needs a tensor of shape {shape} as it was when it was used, and an "
            "in-place change (`+=`, `[...] =`, a name ending in `_`, `optimizer.step()`) has come since.",
            "Call `backward()` before the change, or compute the loss anew after it.",
        )
    return Explanation(
        f"{describe(event)}`backward()` needs the result of {kind} as it was, and an in-place operation "
        "(`+=`, `[...] =`, a name ending in `_`) has changed it since.",
        "Write that change out of place: `y = y + 1` in place of `y += 1`.",
    )


def _untracked(match: re.Match[str], event: Raised) -> Explanation:
    meaning = (
        f"{describe(event)}Nothing that this was computed from tracks gradients, so there is nothing to walk back to."
    )
    if "autograd.grad" in failing_expression(event):
        return Explanation(
            meaning,
            "For a gradient of a gradient: `create_graph=True` in the first call. Otherwise `requires_grad=True` on "
            "what it is differentiated by.",
        )
    return Explanation(
        meaning,
        "`requires_grad=True` on the tensors to differentiate by; and look for `detach()`, `.item()`, `no_grad()`, "
        "`torch.tensor(...)` or `argmax` on the way.",
    )


RULES = (
    ErrorRule(
        r"Trying to backward through the graph a second time",
        "This graph was walked before, and its saved values were freed then.",
        "Compute the loss anew before each `backward()`, and `.detach()` what it takes over from the step before, such "
        "as a hidden state; or `backward(retain_graph=True)` the first time, if you do mean to walk it twice.",
    ),
    ErrorRule(r"does not require grad and does not have a grad_fn", _untracked),
    ErrorRule(
        r"grad can be implicitly created only for scalar outputs",
        "`backward()` starts from one number, and this tensor has several.",
        "Reduce it first, `.sum().backward()` or `.mean()`; or pass the vector of a vector-Jacobian "
        "product: `backward(gradient=v)`.",
    ),
    ErrorRule(
        r"grad can be implicitly created only for real scalar outputs but got torch\.(\w+)",
        "`backward()` starts from one real number, and this one is {0}.",
        "`.abs()` or `.real` first: a loss is a real number.",
    ),
    ErrorRule(
        r"Mismatch in shape: grad_output\[\d+\] has a shape of torch\.Size\((\[.*?\])\) and output\[\d+\] has a shape "
        r"of torch\.Size\((\[.*?\])\)",
        "The vector given to `backward` has shape {0}, and the tensor it starts from {1}: one number for each.",
        "`torch.ones_like(y)` has the shape of `y`.",
    ),
    ErrorRule(
        r"appears to not have been used in the graph",
        "The value was not computed from one of the tensors that it is differentiated by.",
        "Is it another tensor of the same name, or a copy? `allow_unused=True` gives `None` for it.",
    ),
    ErrorRule(
        r"a (view of a )?leaf Variable that requires grad is being used in an in-place operation",
        "A leaf that tracks gradients can't be changed in place: autograd would lose the value that it stands for.",
        "`with torch.no_grad():` around an update by hand; otherwise make a new tensor, `y = x + 1`.",
    ),
    ErrorRule(r"modified by an inplace operation: \[\S+ (\[.*?\])\](?:, which is output \d+ of (\w+))?", _modified),
    ErrorRule(
        r"is a view and is being modified inplace\. This view is the output of a function that returns multiple views",
        "`unbind`, `split` and `chunk` give several views of one tensor, and autograd can't follow a change of one.",
        "Write it out of place, `a = a + 1`; or `.clone()` the piece first.",
    ),
    ErrorRule(
        r"more than one element of the written-to tensor refers to a single memory location",
        "An expanded tensor shows one value in many places, so writing to one would change them all.",
        "`.clone()` makes it a tensor with room for each value.",
    ),
    ErrorRule(
        r"you can only change requires_grad flags of leaf variables",
        "What was computed from tensors that track gradients tracks them too; that can't be switched off.",
        "`y.detach()` is the same values without gradients.",
    ),
    ErrorRule(
        r"cannot resize variables that require grad",
        "A tensor that tracks gradients keeps its size.",
        "`.detach()` first, or make a new tensor.",
    ),
    ErrorRule(
        r"attempting to assign a gradient of size '(\[.*?\])' to a tensor of size '(\[.*?\])'",
        "A gradient has the shape of its tensor, {1}; this one has {0}.",
    ),
    ErrorRule(
        r"attempting to assign a gradient with dtype '(\w+)' to a tensor with grad_dtype '(\w+)'",
        "A gradient has the dtype of its tensor, and this one hasn't.",
        "`.to(x.dtype)` converts it.",
    ),
    ErrorRule(r"assigned grad expected to be a Tensor or None", "A `.grad` is a tensor or `None`, nothing else."),
    ErrorRule(
        r"The \.grad attribute of a Tensor that is not a leaf Tensor is being accessed",
        "Only leaves keep their gradient: this tensor was computed from others.",
        "`y.retain_grad()` before `backward()` keeps it.",
    ),
    ErrorRule(
        r"Inplace update to inference tensor outside InferenceMode|Inference tensors cannot be saved for backward",
        "A tensor made under `inference_mode` is lost to autograd for good.",
        "`.clone()` outside makes an ordinary one; `torch.no_grad()` has no such after-effect.",
    ),
    ErrorRule(
        r"Function '(\w+?)Backward\d*' returned nan values in its (\d+)th output",
        "The gradient became NaN in {0}, at the line that is named in the warning above.",
        "Keep its input from where the slope is infinite or undefined: `.clamp(min=1e-6)` under a root or a logarithm.",
    ),
    ErrorRule(
        r"Can't call numpy\(\) on Tensor that requires grad",
        "NumPy knows no gradients, so a tensor that tracks them isn't handed over silently.",
        "`.detach().numpy()` hands over the numbers alone.",
    ),
    ErrorRule(
        r"Only Tensors created explicitly by the user \(graph leaves\) support the deepcopy protocol",
        "A tensor that was computed hangs on its graph, and that can't be copied.",
        "`.detach().clone()` copies the values; of a module, copy it before `forward` leaves results in it.",
    ),
    ErrorRule(
        r"a Tensor with (\d+) elements cannot be converted to Scalar",
        "Only a tensor of one element is a Python number; this one has {0}.",
        "`.tolist()` gives all of them; `.sum()` or `.mean()` reduce them to one.",
    ),
    ErrorRule(
        r"Boolean value of Tensor with more than one value is ambiguous",
        "A tensor of several values is neither true nor false as a whole.",
        "`.any()`, `.all()` or `torch.equal(a, b)`; and `&`, `|`, `~` in place of `and`, `or`, `not`.",
    ),
)
