"""Errors about sizes: products, broadcasting, views, joining, indices."""

from __future__ import annotations

import ast
import math
import re

from tutor.explain.entry import Entry, Explanation, about, expression, sizes, tensors, times
from tutor.runner.protocol import Raised


def _product(match: re.Match[str], event: Raised) -> Explanation:
    (rows, inner), (other, columns) = sizes(match[1]), sizes(match[2])
    if "linear" in event.via:
        return _linear(rows, inner, other, event)
    what = f"{about(event)}The inner sizes {inner} and {other} differ"
    left, right = _sides(event)
    if right and columns == inner:
        return Explanation(f"{what}; `{right}.T` would fit.")
    if left and rows == other:
        return Explanation(f"{what}; `{left}.T` would fit.")
    fits = ""
    if columns == inner:
        fits = "The right one transposed, `.T`, would fit."
    elif rows == other:
        fits = "The left one transposed, `.T`, would fit."
    lead = "" if about(event) else f"A {rows} × {inner} matrix can't be multiplied with a {other} × {columns} one. "
    rule = fits or "In a matrix product, the columns of the left one must be as many as the rows of the right one."
    return Explanation(f"{lead}{what}.", rule)


def _sides(event: Raised) -> tuple[str, str]:
    """The two sides of a matrix product, as code that `.T` can follow; empty when the expression isn't one."""
    try:
        node = ast.parse(expression(event).strip(), mode="eval").body
    except SyntaxError:
        return "", ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        sides = [node.left, node.right]
    elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("torch.matmul", "torch.mm"):
        sides = node.args
    else:
        return "", ""
    plain = (ast.Name, ast.Attribute, ast.Call, ast.Subscript)
    said = [ast.unparse(side) if isinstance(side, plain) else f"({ast.unparse(side)})" for side in sides]
    return (said[0], said[1]) if len(said) == 2 else ("", "")


def _linear(rows: int, got: int, wanted: int, event: Raised) -> Explanation:
    what = f"{about(event)}A linear layer takes {wanted} features in the last dimension here, and got {got}."
    for operand in tensors(event):
        if len(operand.shape) > 2 and math.prod(operand.shape[1:]) == wanted:
            return Explanation(what, f"`{operand.name}.flatten(1)` makes them {wanted} a sample.")
    if got < wanted and rows * got % wanted == 0:
        return Explanation(what, f"Flatten before it, `.flatten(1)` or `nn.Flatten()`: that may make them {wanted}.")
    return Explanation(what, f"If {got} is right, make the layer with `in_features={got}`.")


def _vector(match: re.Match[str], event: Raised) -> Explanation:
    rows, columns = sizes(match[1])
    (size,) = sizes(match[2])
    what = f"{about(event)}A {rows} × {columns} matrix takes a vector of {columns}, and got one of {size}."
    return Explanation(what, f"Its transpose, `.T`, takes {size}." if rows == size else "")


def _batches(match: re.Match[str], event: Raised) -> Explanation:
    (batch, inner), (other_batch, other) = sizes(match[1]), sizes(match[2])
    if batch != other_batch:
        return Explanation(f"{about(event)}The batches differ: {batch} matrices against {other_batch}.")
    return Explanation(
        f"{about(event)}The inner sizes {inner} and {other} differ.",
        "`.transpose(-2, -1)` swaps the last two dimensions of a batch of matrices.",
    )


def _broadcast(match: re.Match[str], event: Raised) -> Explanation:
    first, second, dim = match.groups()
    what = f"{about(event)}In dimension {dim} one has {first} and the other {second}, and neither is 1."
    for operand in tensors(event):
        if len(operand.shape) == 1 and operand.shape[0] in (int(first), int(second)):
            for other in tensors(event):
                if len(other.shape) > 1 and other.shape[0] == operand.shape[0]:
                    return Explanation(what, f"`{operand.name}[:, None]` would count it along dimension 0.")
    return Explanation(
        what,
        "Shapes are lined up from the right, and sizes must be equal or 1: `unsqueeze`, or `[:, None]`, adds a 1.",
    )


def _reshape(match: re.Match[str], event: Raised) -> Explanation:
    shape, have = match[1], int(match[2])
    wanted = [int(size) for size in re.findall(r"-?\d+", shape)]
    known = math.prod(size for size in wanted if size != -1)
    if -1 in wanted:
        return Explanation(f"{about(event)}{have} values can't be laid out as {shape}: {known} doesn't divide {have}.")
    return Explanation(
        f"{about(event)}{shape} has room for {known} values, and the tensor has {have}.",
        "One size may be `-1`: torch works it out from the others.",
    )


def _target(match: re.Match[str], event: Raised) -> Explanation:
    target = int(match[1])
    if target < 0:
        return Explanation(f"{about(event)}Class {target} is negative: classes are counted from 0.")
    return Explanation(
        f"{about(event)}The target names class {target}, and the scores have no such class: "
        "they are counted from 0, one for each column.",
        f"The last layer needs {target + 1} outputs at least; or are the targets counted from 1?",
    )


def _size_of(match: re.Match[str], event: Raised) -> Explanation:
    index, dim, size = (int(number) for number in match.groups())
    indices = f"so its indices go from 0 to {size - 1}: {index} is not there" if size else f"so it has no {index}"
    return Explanation(f"{about(event)}Dimension {dim} has size {size}, {indices}.")


def _stack(match: re.Match[str], event: Raised) -> Explanation:
    first, other, place = sizes(match[1]), sizes(match[2]), match[3]
    return Explanation(
        f"{about(event)}`stack` wants equal shapes: tensor 0 is {times(first)}, tensor {place} is {times(other)}.",
        "`torch.cat` joins tensors along a dimension that they have already.",
    )


ENTRIES = (
    Entry(r"shapes cannot be multiplied \((\d+x\d+) and (\d+x\d+)\)", _product),
    Entry(r"size mismatch, got input \(\d+\), mat \((\d+x\d+)\), vec \((\d+)\)", _vector),
    Entry(
        r"inconsistent tensor size, expected tensor \[(\d+)\] and src \[(\d+)\]",
        "A dot product wants equally many numbers on both sides, and got {0} and {1}.",
    ),
    Entry(
        r"(?:self|mat2) must be a matrix",
        "`torch.mm` multiplies two matrices, of two dimensions each.",
        "`@` (`torch.matmul`) takes vectors and batches too.",
    ),
    Entry(r"first two dimensions of batch2 tensor to be: (\[\d+, \d+\]) but got: (\[\d+, \d+\])", _batches),
    Entry(
        r"The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\).*dimension (\d+)",
        _broadcast,
    ),
    Entry(r"shape '(\[.*?\])' is invalid for input of size (\d+)", _reshape),
    Entry(
        r"view size is not compatible with input tensor's size and stride",
        "`view` never copies, and these values don't lie in memory in that order (a transpose or a slice does that).",
        "`reshape` copies where it has to; or call `.contiguous()` first.",
    ),
    Entry(
        r"Sizes of tensors must match except in dimension (\d+)\. Expected size (\d+) but got size (\d+) "
        r"for tensor number (\d+)",
        "`cat` along dimension {0} wants all other sizes equal; "
        "tensor {3} of the list (counted from 0) has {2} where the first has {1}.",
        "Is another `dim=` meant?",
    ),
    Entry(
        r"Tensors must have same number of dimensions: got (\d+) and (\d+)",
        "`cat` wants tensors with equally many dimensions, and got {0} and {1}.",
        "`unsqueeze` adds a dimension; `torch.stack` joins along a new one.",
    ),
    Entry(
        r"stack expects each tensor to be equal size, but got (\[.*?\]) at entry 0 and (\[.*?\]) at entry (\d+)", _stack
    ),
    Entry(r"Target (-?\d+) is out of bounds", _target),
    Entry(r"index (-?\d+) is out of bounds for dimension (\d+) with size (\d+)", _size_of),
    Entry(
        r"IndexError: index out of range in self",
        "The embedding has no row for one of these indices: they go from 0 to `num_embeddings` - 1.",
        "Make it with a larger `num_embeddings`, or look at `.max()` of the indices.",
    ),
    Entry(
        r"too many indices for tensor of dimension (\d+)",
        lambda match, event: Explanation(f"{about(event)}There are more indices than its {match[1]} dimensions."),
    ),
    Entry(
        r"Using a target size \(torch\.Size\((\[.*?\])\)\) that is different to the input size "
        r"\(torch\.Size\((\[.*?\])\)\)",
        lambda match, event: Explanation(
            f"{about(event)}Prediction and target need one shape: {match[2]} and {match[1]} would be broadcast against "
            "each other.",
            "`.squeeze(1)` drops a last dimension of 1, `[:, None]` adds one.",
        ),
    ),
    Entry(
        r"Dimension out of range \(expected to be in range of \[(-?\d+), (-?\d+)\], but got (-?\d+)\)",
        "There is no dimension {2}: this tensor's dimensions go from {0} to {1}.",
    ),
    Entry(
        r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)",
        "The scores hold {0} samples and the targets {1}: both need one row for each sample.",
    ),
)
