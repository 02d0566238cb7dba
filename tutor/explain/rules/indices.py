"""Errors about indices and classes: indexing, gather, scatter, embeddings, sampling."""

from __future__ import annotations

import re

from tutor.explain.rule import ErrorRule, Explanation, describe, parse_sizes, pluralize, read_tensors
from tutor.protocol.codec import Raised


def _size_of(match: re.Match[str], event: Raised) -> Explanation:
    index, dim, size = (int(number) for number in match.groups())
    indices = f"so its indices go from 0 to {size - 1}: {index} is not there" if size else f"so it has no {index}"
    return Explanation(f"{describe(event)}Dimension {dim} has size {size}, {indices}.", _last(index, size))


def _last(index: int, size: int) -> str:
    return "The last one has the index `-1`; counting starts at 0." if index == size else ""


def _embedding(match: re.Match[str], event: Raised) -> Explanation:
    if event.inside is not None and (layer := re.fullmatch(r"Embedding\w*\((\d+), \d+\)", event.inside.kind)):
        rows = int(layer[1])
        return Explanation(
            f"{describe(event)}It has {rows} rows, so indices go from 0 to {rows - 1}, and one of these "
            "is none of them.",
            "Make it with a larger `num_embeddings`, or look at `.min()` and `.max()` of the indices.",
        )
    if "embedding" in event.via:
        return Explanation(
            f"{describe(event)}The table has no row for one of these indices: they go from 0 to its rows - 1.",
            "Look at `.min()` and `.max()` of the indices.",
        )
    return Explanation(
        f"{describe(event)}One of the indices is negative, or as large as the dimension that it points into.",
        "Look at `.min()` and `.max()` of the indices; they are counted from 0.",
    )


def _too_many(match: re.Match[str], event: Raised) -> Explanation:
    dims = int(match[1])
    meaning = f"{describe(event)}It has {pluralize(dims, 'dimension')}, and there are more indices."
    mask = [operand for operand in read_tensors(event)[1:] if operand.dtype == "bool" and len(operand.shape) > dims]
    if mask:
        return Explanation(meaning, f"A mask counts as one index for each of its {len(mask[0].shape)} dimensions.")
    return Explanation(meaning)


def _index_dtype(match: re.Match[str], event: Raised) -> Explanation:
    floats = [operand.name for operand in read_tensors(event)[1:] if operand.dtype[0] == "f"]
    cast = f"`{floats[0]}.long()` converts them." if floats else "`.long()` converts them."
    return Explanation(f"{describe(event)}Indices are whole numbers, int64, and these are fractions.", cast)


def _mask(match: re.Match[str], event: Raised) -> Explanation:
    place, beside = int(match[2]), int(match[4])
    mask_size, tensor_size = parse_sizes(match[1])[place], parse_sizes(match[3])[beside]
    where = "" if beside == place else f" in dimension {beside}"
    return Explanation(
        f"{describe(event)}A mask says yes or no for each value, and in dimension {place} of the mask there are "
        f"{mask_size}, where the tensor has {tensor_size}{where}.",
    )


RULES = (
    ErrorRule(r"index (-?\d+) is out of bounds for dimension (\d+) with size (\d+)", _size_of),
    ErrorRule(r"IndexError: index out of range in self", _embedding),
    ErrorRule(r"too many indices for tensor of dimension (\d+)", _too_many),
    ErrorRule(
        r"invalid index of a 0-dim tensor",
        "This tensor is a single number, so there is nothing to index.",
        "`.item()` gives the number.",
    ),
    ErrorRule(
        r"tensors used as indices must be long, int, byte or bool|Expected dtype int32(?:/| or )int64 for index",
        _index_dtype,
    ),
    ErrorRule(
        r"only integers, slices \(`:`\).*?\(got (\w+)\)",
        "An index is a whole number, a slice, `...`, `None` or a tensor, and this is `{0}`.",
        "`int(x)` rounds towards 0; `//` divides to a whole number.",
    ),
    ErrorRule(
        r"The shape of the mask \[([\d, ]*)\] at index (\d+) does not match the shape of the indexed tensor "
        r"\[([\d, ]*)\] at index (\d+)",
        _mask,
    ),
    ErrorRule(
        r"indexing tensors could not be broadcast together with shapes (.+)",
        "The indices are taken together, one from each, and their shapes {0} don't match.",
        "`x[rows][:, columns]` takes every row with every column; so does `x[rows[:, None], columns]`.",
    ),
    ErrorRule(
        r"ValueError: step must be greater than zero",
        "A tensor can't be sliced backwards.",
        "`.flip(0)` turns a dimension over.",
    ),
    ErrorRule(
        r"Index tensor must have the same number of dimensions as (input|self) tensor",
        "`gather` and `scatter_` want an index with as many dimensions as the tensor.",
        "`index[:, None]` adds one: then each row picks one value.",
    ),
    ErrorRule(
        r"Size does not match at dimension (\d+) expected index \[(.*?)\] to be no larger than self \[(.*?)\] apart "
        r"from dimension (\d+)|Expected index \[(.*?)\] to be no larger than (?:self|src) \[(.*?)\] apart from "
        r"dimension (\d+)",
        "The index, [{1}{4}], may be larger than [{2}{5}] in dimension {3}{6} only, along which it picks.",
    ),
    ErrorRule(
        r"scatter\(\): Expected self\.dtype to be equal to src\.dtype",
        "`scatter_` writes values as they are: both need one dtype.",
        "`src.to(x.dtype)` converts them.",
    ),
    ErrorRule(
        r"one_hot is only applicable to index tensor",
        "`one_hot` takes numbers of classes, int64.",
        "`.long()` converts them.",
    ),
    ErrorRule(
        r"Class values must be smaller than num_classes",
        "A class is as large as `num_classes` or larger: they go from 0 to `num_classes` - 1.",
        "Without `num_classes` it is worked out from the largest.",
    ),
    ErrorRule(r"Class values must be non-negative", "A class is negative: they are counted from 0."),
    ErrorRule(
        r"selected index k out of range",
        "There are fewer values in that dimension than are asked for.",
        "`k=min(k, x.size(-1))`; `dim=` says along which dimension.",
    ),
    ErrorRule(
        r"invalid multinomial distribution|probability tensor contains either `inf`, `nan` or element < 0",
        "`multinomial` takes weights: none negative, NaN or infinite, and not all 0.",
        "`torch.softmax(scores, -1)` makes weights of scores; NaN in the scores come from before.",
    ),
    ErrorRule(
        r"cannot sample n_sample > prob_dist\.size\(-1\) samples without replacement",
        "More samples are drawn than there are things to draw, and each may be drawn once.",
        "`replacement=True` draws with replacement.",
    ),
    ErrorRule(
        r"where expected condition to be a boolean tensor.*?dtype (\w+)|expected BoolTensor for mask|"
        r"only supports boolean masks, but got mask with dtype (\w+)",
        "A mask holds True and False, and this one holds numbers.",
        "A comparison makes a mask, `x > 0`; `.bool()` takes every number but 0 for True.",
    ),
)
