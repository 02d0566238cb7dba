"""Errors of matrix products, einsum and linear algebra."""

from __future__ import annotations

import math
import re

from tutor.explain.rule import (
    ErrorRule,
    Explanation,
    describe,
    end_by_fit,
    failing_expression,
    layer_inputs,
    parse_sizes,
    read_tensors,
)
from tutor.protocol.codec import Raised


def _product(match: re.Match[str], event: Raised) -> Explanation:
    (rows, inner), (other, columns) = parse_sizes(match[1]), parse_sizes(match[2])
    if "linear" in event.via:
        return _linear(rows, inner, other, event)
    lead = describe(event) or f"A {rows} × {inner} matrix can't be multiplied with a {other} × {columns} one. "
    meaning = f"{lead}The inner sizes {inner} and {other} differ{end_by_fit(event)}"
    if event.fits:
        return Explanation(meaning)
    for side, fitting in (("right", columns == inner), ("left", rows == other)):
        if fitting:
            return Explanation(meaning, f"The {side} one transposed, `.T`, would fit.")
    rule = "In a matrix product, the columns of the left one must be as many as the rows of the right one."
    return Explanation(meaning, rule)


def _linear(rows: int, got: int, expected: int, event: Raised) -> Explanation:
    meaning = (
        f"{describe(event)}A linear layer wants {expected} features in the last dimension here, and there are {got}."
    )
    for operand in read_tensors(event) if event.inside is None or _is_first(event) else ():
        if len(operand.shape) > 2 and math.prod(operand.shape[1:]) == expected:
            return Explanation(meaning, f"`{operand.name}.flatten(1)` makes them {expected} a sample.")
    shapes = [operand.shape for operand in layer_inputs(event)]
    if any(len(shape) > 2 and math.prod(shape[1:]) == expected for shape in shapes):
        return Explanation(meaning, f"`nn.Flatten()` before it makes them {expected} a sample.")
    flattened = [math.prod(shape[1:]) for shape in shapes if len(shape) > 2]
    if flattened:
        return Explanation(
            meaning,
            f"Flattened, `nn.Flatten()`, there would be {flattened[0]} a sample: is "
            f"`in_features={flattened[0]}` meant?",
        )
    if got < expected and rows * got % expected == 0:
        return Explanation(
            meaning, f"Flatten before it, `.flatten(1)` or `nn.Flatten()`: that may make them {expected}."
        )
    return Explanation(meaning, f"If {got} is right, make the layer with `in_features={got}`.")


def _is_first(event: Raised) -> bool:
    """Whether the layer was called with the tensors of the learner's own line."""
    return {operand.shape for operand in layer_inputs(event)} <= {operand.shape for operand in read_tensors(event)}


def _vector(match: re.Match[str], event: Raised) -> Explanation:
    rows, columns = parse_sizes(match[1])
    (size,) = parse_sizes(match[2])
    meaning = f"{describe(event)}A {rows} × {columns} matrix takes a vector of {columns}, and got one of {size}"
    is_transposed = rows == size and not event.fits
    return Explanation(meaning + end_by_fit(event), f"Its transpose, `.T`, takes {size}." if is_transposed else "")


def _batches(match: re.Match[str], event: Raised) -> Explanation:
    (batch, inner), (other_batch, other) = parse_sizes(match[1]), parse_sizes(match[2])
    if batch != other_batch:
        return Explanation(
            f"{describe(event)}The batches differ: {batch} matrices against {other_batch}.",
            "A batch of one, `x[None]`, is multiplied with each matrix of the other by `@`.",
        )
    if "scaled_dot_product_attention" in failing_expression(event):
        return Explanation(
            f"{describe(event)}Each query is multiplied with each key, so both have equally many numbers in the last "
            f"dimension; there are {inner} and {other}.",
            "Make the layers that give queries and keys with one size.",
        )
    meaning = f"{describe(event)}The inner sizes {inner} and {other} differ{end_by_fit(event)}"
    return Explanation(meaning, "`.mT` swaps the last two dimensions of a batch of matrices.")


RULES = (
    ErrorRule(r"shapes cannot be multiplied \((\d+x\d+) and (\d+x\d+)\)", _product),
    ErrorRule(r"size mismatch, got input \(\d+\), mat \((\d+x\d+)\), vec \((\d+)\)", _vector),
    ErrorRule(
        r"inconsistent tensor size, expected tensor \[(\d+)\] and src \[(\d+)\]",
        "A dot product wants equally many numbers on both sides, and got {0} and {1}.",
    ),
    ErrorRule(
        r"1D tensors expected, but got (\d+)D and (\d+)D tensors",
        "`torch.dot` multiplies two vectors, of one dimension each.",
        "`@` multiplies matrices too; `(a * b).sum()` adds up all products.",
    ),
    ErrorRule(
        r"(?:self|mat2) must be a matrix|vector \+ matrix @ vector expected",
        "`torch.mm` multiplies two matrices, `torch.mv` a matrix and a vector, and neither takes anything else.",
        "`@` (`torch.matmul`) takes vectors, matrices and batches.",
    ),
    ErrorRule(
        r"batch[12] must be a 3D tensor",
        "`torch.bmm` multiplies two batches of matrices, of three dimensions each.",
        "`@` (`torch.matmul`) takes vectors, matrices and batches.",
    ),
    ErrorRule(
        r"both arguments to matmul need to be at least 1D|"
        r"unsupported operand type\(s\) for @: '(?:Tensor' and '(?:int|float)|(?:int|float)' and 'Tensor)'",
        "`@` is the product of vectors and matrices, and one side is a single number.",
        "`*` multiplies every element by a number.",
    ),
    ErrorRule(r"first two dimensions of batch2 tensor to be: (\[\d+, \d+\]) but got: (\[\d+, \d+\])", _batches),
    ErrorRule(
        r"outer: Expected 1-D argument",
        "`torch.outer` takes two vectors, of one dimension each.",
        "`a[:, None] * b` is what it does; with more dimensions `torch.einsum` says which go where.",
    ),
    ErrorRule(
        r"einsum\(\): subscript (\w) has size (\d+) for operand (\d+) which does not broadcast "
        r"with previously seen size (\d+)",
        "The letter `{0}` stands for one size everywhere: it was {3}, and is {1} in operand {2} (counted from 0).",
        "Are two letters swapped in the equation, or is one dimension of the operand another than you think?",
    ),
    ErrorRule(
        r"einsum\(\): the number of subscripts in the equation \((\d+)\) does not match the number of dimensions "
        r"\((\d+)\) for operand (\d+)",
        "The equation names {0} dimensions for operand {2} (counted from 0), and it has {1}.",
        "One letter for each dimension; `...` stands for any that aren't named.",
    ),
    ErrorRule(
        r"einsum\(\): output subscript (\w) does not appear",
        "`{0}` stands right of `->`, and no operand has a dimension of that name.",
    ),
    ErrorRule(
        r"einsum\(\): (fewer|more) operands were provided than specified in the equation",
        "There are {0} tensors than the equation has groups of letters left of `->`, separated by commas.",
    ),
    ErrorRule(
        r"must be batches of square matrices, but they are (\d+) by (\d+) matrices",
        "This is defined for square matrices only, and got one of {0} × {1}.",
        "`torch.linalg.pinv` and `torch.linalg.lstsq` take any matrix.",
    ),
    ErrorRule(
        r"because the input matrix is singular",
        "The matrix is singular: a row is a combination of others, so there is no inverse.",
        "`torch.linalg.pinv` or `torch.linalg.lstsq` give the best there is; or a little on the diagonal, "
        "`A + 1e-6 * torch.eye(n)`.",
    ),
    ErrorRule(
        r"not positive-definite",
        "A Cholesky factor exists for positive-definite matrices only, and this one isn't.",
        "Is it symmetric? Rounding is often cured by a little on the diagonal, `A + 1e-6 * torch.eye(n)`.",
    ),
    ErrorRule(
        r"input matrix contained non-finite values",
        "The matrix holds NaN or infinities.",
        "`torch.isfinite(A).all()` after each step before tells where they come from.",
    ),
)
