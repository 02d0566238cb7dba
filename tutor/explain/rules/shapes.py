"""Errors about shapes: broadcasting, views, expanding, joining, splitting."""

from __future__ import annotations

import math
import re

from tutor.explain.rule import ErrorRule, Explanation, describe, end_by_fit, name_fit, read_tensors
from tutor.protocol.codec import Raised

_RIGHT = "Shapes are lined up from the right, and sizes must be equal or 1: `unsqueeze`, or `[:, None]`, adds a 1."


def _broadcast(match: re.Match[str], event: Raised) -> Explanation:
    first, second, dim = match.groups()
    meaning = f"{describe(event)}In dimension {dim} one has {first} and the other {second}, and neither is 1"
    meaning += end_by_fit(event)
    for operand in read_tensors(event) if not event.fits else ():
        if len(operand.shape) == 1 and operand.shape[0] in (int(first), int(second)):
            for other in read_tensors(event):
                if len(other.shape) > 1 and other.shape[0] == operand.shape[0]:
                    return Explanation(meaning, f"`{operand.name}[:, None]` would count it along dimension 0.")
    return Explanation(meaning, _RIGHT)


def _reshape(match: re.Match[str], event: Raised) -> Explanation:
    shape, have = match[1], int(match[2])
    new_sizes = [int(size) for size in re.findall(r"-?\d+", shape)]
    room = math.prod(size for size in new_sizes if size != -1)
    if -1 in new_sizes:
        return Explanation(
            f"{describe(event)}{have} values can't be laid out as {shape}: {room} doesn't divide {have}.",
            _batch(event),
        )
    return Explanation(
        f"{describe(event)}{shape} has room for {room} values, and the tensor has {have}.",
        "One size may be `-1`: torch works it out from the others.",
    )


def _batch(event: Raised) -> str:
    """A suggestion where the sizes don't divide: the first size is mostly the batch."""
    operands = read_tensors(event)
    if operands and len(operands[0].shape) > 1:
        return f"`.flatten(1)` keeps the {operands[0].shape[0]} of dimension 0 and lays out the rest, whatever it is."
    return ""


def _view(match: re.Match[str], event: Raised) -> Explanation:
    fits = f"{name_fit(event)} " if name_fit(event) else ""
    return Explanation(
        f"{describe(event)}`view` never copies, and these values don't lie in memory in that order (a transpose or a "
        "slice does that).",
        f"{fits}`reshape` copies where it has to; so does `.contiguous()` before `view`.",
    )


def _cat(match: re.Match[str], event: Raised) -> Explanation:
    dim, first, other, place = match.groups()
    return Explanation(
        f"{describe(event)}`cat` along dimension {dim} wants all other sizes equal; tensor {place} of the list "
        f"(counted from 0) has {other} where the first has {first}.",
        name_fit(event) or "Is another `dim=` meant?",
    )


def _expand(match: re.Match[str], event: Raised) -> Explanation:
    new_size, have, dim = match.groups()
    if not event.frames or "expand" not in event.frames[-1].text:
        return Explanation(
            f"{describe(event)}What is put in has {have} in dimension {dim}, and the place has {new_size}.",
            "Both need one shape; a size of 1 is repeated as needed.",
        )
    return Explanation(
        f"{describe(event)}Dimension {dim} can't be expanded from {have} to {new_size}: only a size of 1 is repeated.",
        "`.repeat()` copies a dimension of any size so and so many times.",
    )


RULES = (
    ErrorRule(
        r"The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\).*dimension (\d+)",
        _broadcast,
    ),
    ErrorRule(
        r"output with shape \[(.*?)\] doesn't match the broadcast shape \[(.*?)\]",
        "Changed in place, it keeps its shape [{0}]; the result would be [{1}].",
        "Write it out of place, `x = x + y`; or is the other one meant to have fewer dimensions?",
    ),
    ErrorRule(r"shape '(\[.*?\])' is invalid for input of size (\d+)", _reshape),
    ErrorRule(
        r"only one dimension can be inferred",
        "Only one size may be `-1`: two unknown ones can't be told apart.",
    ),
    ErrorRule(r"view size is not compatible with input tensor's size and stride", _view),
    ErrorRule(
        r"self\.size\(-1\) must be divisible by (\d+) to view (\w+) as (\w+)",
        "`view(dtype)` reads the same bytes anew, and the last dimension doesn't hold a whole number of these.",
        "`.to(dtype)` converts the numbers.",
    ),
    ErrorRule(
        r"The expanded size of the tensor \((\d+)\) must match the existing size \((\d+)\) at non-singleton "
        r"dimension (\d+)",
        _expand,
    ),
    ErrorRule(
        r"expand\(.*?\{\[(.*?)\]\}, size=\[(.*?)\]\): the number of sizes provided",
        "What is put in has shape [{0}], and there is room for [{1}]: that has fewer dimensions.",
    ),
    ErrorRule(
        r"value tensor of shape \[(.*?)\] cannot be broadcast to indexing result of shape \[(.*?)\]",
        "The index picks values of shape [{1}], and what is put there has shape [{0}].",
        "One value fits anywhere; `torch.where(mask, new, x)` takes tensors of the shape of `x`.",
    ),
    ErrorRule(
        r"does not match the length of the desired ordering of dimensions i\.e\. input\.dim\(\) = (\d+) is not equal "
        r"to len\(dims\) = (\d+)",
        "`permute` wants every dimension once: it has {0}, and {1} are named.",
        "`transpose(a, b)` swaps two and leaves the others.",
    ),
    ErrorRule(r"permute\(\): duplicate dims", "`permute` wants every dimension once, and one is named twice."),
    ErrorRule(
        r"t\(\) expects a tensor with <= 2 dimensions, but self is (\d+)D",
        "`.t()` turns a matrix over; this has {0} dimensions.",
        "`.mT` swaps the last two, `.transpose(a, b)` any two.",
    ),
    ErrorRule(
        r"The use of `x\.T` on tensors of dimension other than 2",
        "`.T` turns a matrix over; with other than 2 dimensions it reverses them all, which is rarely meant.",
        "`.mT` swaps the last two, `.permute(...)` says the order.",
    ),
    ErrorRule(
        r"Number of dimensions of repeat dims can not be smaller",
        "`repeat` wants a number for each dimension.",
        "`.repeat(2, 1)` repeats rows, `.repeat(1, 2)` columns; `torch.tile` fills up with ones.",
    ),
    ErrorRule(
        r"split_sizes to sum exactly to (\d+) \(input tensor's size at dimension (-?\d+)\), but got "
        r"split_sizes=(\[.*?\])",
        "The pieces {2} must add up to the size of dimension {1}, which is {0}.",
        "A single number, `split(2)`, makes pieces of that size and a smaller last one.",
    ),
    ErrorRule(
        r"Provided sizes \[(.*?)\] don't multiply up to the size of dim (-?\d+) \((\d+)\)",
        "[{0}] don't multiply to {2}, the size of dimension {1}.",
        "One of them may be `-1`.",
    ),
    ErrorRule(
        r"start \((\d+)\) \+ length \((\d+)\) exceeds dimension size \((\d+)\)",
        "From {0}, {1} values reach beyond the end: the dimension has {2}.",
    ),
    ErrorRule(
        r"Sizes of tensors must match except in dimension (\d+)\. Expected size (\d+) but got size (\d+) "
        r"for tensor number (\d+)",
        _cat,
    ),
    ErrorRule(
        r"Tensors must have same number of dimensions: got (\d+) and (\d+)",
        "`cat` wants tensors with equally many dimensions, and got {0} and {1}.",
        "`unsqueeze` adds a dimension; `torch.stack` joins along a new one.",
    ),
    ErrorRule(
        r"stack expects each tensor to be equal size, but got (\[.*?\]) at entry 0 and (\[.*?\]) at entry (\d+)",
        "`stack` wants equal shapes: tensor 0 is {0:shape}, tensor {2} is {1:shape}.",
        "`torch.cat` joins tensors along a dimension that they have already.",
    ),
    ErrorRule(
        r"zero-dimensional tensor \(at position (\d+)\) cannot be concatenated",
        "`cat` joins along a dimension, and tensor {0} (counted from 0) is a single number without any.",
        "`torch.stack` makes a vector of single numbers.",
    ),
    ErrorRule(
        r"(\w+)\(\): argument 'tensors' \(position 1\) must be tuple of Tensors, not Tensor|"
        r"(cat)\(\) takes from 1 to 2 positional arguments",
        "`{0}{1}` takes one list of tensors, not one tensor after the other.",
        "Put brackets round them: `torch.{0}{1}([a, b])`.",
    ),
    ErrorRule(
        r"expected a non-empty list of Tensors|stack expects a non-empty TensorList",
        "The list of tensors is empty, so there is nothing to join.",
        "Was the loop that fills it passed at all?",
    ),
    ErrorRule(
        r"Dimension out of range \(expected to be in range of \[(-?\d+), (-?\d+)\], but got (-?\d+)\)",
        "There is no dimension {2}: they go from {0} to {1}.",
        "Dimensions are counted from 0; `-1` is the last.",
    ),
    ErrorRule(
        r"Trying to create tensor with negative dimension (-\d+)",
        "A size can't be negative, and one is {0}.",
        '`-1` for "work it out" is for `reshape` and `view` only.',
    ),
    ErrorRule(
        r"Storage size calculation overflowed",
        "That many values could not even be counted in bytes.",
        "Are the sizes what you meant?",
    ),
    ErrorRule(
        r"Expected reduction dim to be specified for input\.numel\(\) == 0",
        "The tensor is empty: nothing is the largest or smallest of no values.",
        "`if x.numel():` before it; or why is it empty?",
    ),
    ErrorRule(
        r"(?:iteration over|len\(\) of) a 0-d tensor",
        "This tensor is a single number, without a dimension to count or to go through.",
        "`.item()` gives the number; `x[None]` makes a vector of one.",
    ),
)
