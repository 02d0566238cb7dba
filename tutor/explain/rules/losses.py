"""Errors of loss functions: classes, targets, probabilities."""

from __future__ import annotations

import re

from tutor.explain.rule import ErrorRule, Explanation, describe, dtype, format_shape, parse_sizes, read_tensors
from tutor.protocol.codec import Raised


def _target(match: re.Match[str], event: Raised) -> Explanation:
    target = int(match[1])
    if target < 0:
        return Explanation(
            f"{describe(event)}Class {target} is negative: classes are counted from 0.",
            '`ignore_index=` names a number that stands for "no class"; it is -100 unless you say otherwise.',
        )
    return Explanation(
        f"{describe(event)}The target names class {target}, and the scores have no such class: "
        "they are counted from 0, one for each column.",
        f"The last layer needs {target + 1} outputs at least; or are the targets counted from 1?",
    )


def _multi_target(match: re.Match[str], event: Raised) -> Explanation:
    meaning = f"{describe(event)}With scores of one row a sample, targets are one number of a class for each: a vector."
    matrices = [operand for operand in read_tensors(event) if len(operand.shape) == 2]
    if matrices and matrices[-1].shape[-1] == 1:
        return Explanation(meaning, f"`{matrices[-1].name}.squeeze(1)` drops the last dimension of 1.")
    return Explanation(meaning, "One-hot rows become numbers by `.argmax(1)`.")


def _probabilities(match: re.Match[str], event: Raised) -> Explanation:
    meaning = f"{describe(event)}Scores and targets have one shape, so the targets are taken for probabilities"
    operands = read_tensors(event)
    if operands and all(len(operand.shape) == 1 for operand in operands):
        return Explanation(
            f"{meaning}, and these are {dtype(match[1])}. Scores need a column for each class: batch × classes.",
            "For one score a sample there is `binary_cross_entropy_with_logits`.",
        )
    return Explanation(
        f"{meaning}, and these are {dtype(match[1])}.",
        "Numbers of classes are a vector: `.argmax(1)` of one-hot rows; or `.float()`, if they are probabilities.",
    )


RULES = (
    ErrorRule(r"Target (-?\d+) is out of bounds", _target),
    ErrorRule(
        r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)",
        "The scores hold {0} samples and the targets {1}: both need one row for each sample.",
        "Did a `view` or `reshape` take the batch apart? `.flatten(1)` keeps it.",
    ),
    ErrorRule(r"0D or 1D target tensor expected, multi-target not supported", _multi_target),
    ErrorRule(
        r"Expected target size (\[.*?\]), got (\[.*?\])",
        "Dimension 1 of the scores holds the classes, so the target has the shape {0} of the others; it is {1}.",
        "`.transpose(1, 2)` puts batch × length × classes in this order.",
    ),
    ErrorRule(r"Expected floating point type for target with class probabilities, got (\w+)", _probabilities),
    ErrorRule(
        r"expected target dtype to be Long or Byte, but got (\w+)",
        "Class targets are numbers of classes, int64; these are {0:dtype}.",
        "`.long()` converts them. (Probabilities as targets need the shape of the scores.)",
    ),
    ErrorRule(
        r"weight tensor should be defined either for all (\d+) classes or no classes but got weight tensor of "
        r"shape: (\[.*?\])",
        "There are {0} classes, and the weights are {1}: one for each class.",
    ),
    ErrorRule(
        r"all elements of (?:input|target) should be between 0 and 1",
        "`binary_cross_entropy` takes probabilities, from 0 to 1, and got something else.",
        "For raw scores there is `binary_cross_entropy_with_logits`, which needs no sigmoid.",
    ),
    ErrorRule(
        r"Found dtype Long but expected (\w+)",
        "The target is int64, and this loss compares numbers of one kind: {0:dtype}.",
        "`.float()` converts the target.",
    ),
    ErrorRule(
        r"result type Float can't be cast to the desired output type Long",
        "The target is int64, and this loss compares fractions.",
        "`.float()` converts the target.",
        via="with_logits",
    ),
    ErrorRule(
        r"(?:Using a target size|Target size) \(torch\.Size\((\[.*?\])\)\) (?:that is different to the|must be the "
        r"same as) input size \(torch\.Size\((\[.*?\])\)\)",
        lambda match, event: _one_shape(parse_sizes(match[1]), parse_sizes(match[2]), event),
    ),
    ErrorRule(
        r"Boolean value of Tensor with more than one value is ambiguous",
        "A loss made as a class takes its settings first, and tensors when it is called.",
        "`nn.CrossEntropyLoss()(scores, target)`; or the function, `F.cross_entropy(scores, target)`.",
        via="legacy_get_string",
    ),
)


def _one_shape(target: tuple[int, ...], scores: tuple[int, ...], event: Raised) -> Explanation:
    meaning = (
        f"{describe(event)}Prediction and target need one shape: {list(scores)} and {list(target)} would be broadcast "
        "against each other."
    )
    if len(target) == len(scores) + 1 and target[-1] == 1:
        return Explanation(meaning, "`.squeeze(1)` on the target drops its last dimension of 1.")
    if len(scores) == len(target) + 1 and scores[-1] == 1:
        return Explanation(meaning, "`.squeeze(1)` on the prediction drops its last dimension of 1.")
    return Explanation(meaning, f"Is the target meant to be {format_shape(scores)} too?")
