"""Errors of layers: convolution, pooling, normalisation, recurrence, attention."""

from __future__ import annotations

import re

from tutor.explain.rule import ErrorRule, Explanation, describe, parse_sizes, pluralize
from tutor.protocol.codec import Raised


def _channels(match: re.Match[str], event: Raised) -> Explanation:
    shape, channels, got = parse_sizes(match[1]), int(match[2]), int(match[3])
    meaning = (
        f"{describe(event)}The convolution takes {pluralize(channels, 'channel')}, and dimension 1 of {list(shape)}, "
        f"where they stand, is {got}."
    )
    if shape and shape[-1] == channels and len(shape) == 4:
        return Explanation(meaning, "They are last here: `.permute(0, 3, 1, 2)` puts them in dimension 1.")
    if channels == 1 and shape[:1] == (1,) and len(shape) == 4:
        return Explanation(
            meaning, f"Without a dimension for it, {got} were taken for channels: `x[:, None]` adds one."
        )
    return Explanation(meaning, f"Make the layer with `in_channels={got}`; or is the input not batch × channels × ...?")


def _dims(match: re.Match[str], event: Raised) -> Explanation:
    batched, layer, shape = match[1], match[2], parse_sizes(match[3])
    order = {"1d": "channels × length", "2d": "channels × height × width", "3d": "channels × depth × height × width"}
    axes = order.get(layer[-2:], "channels × ...")
    missing = len(shape) < int(batched)
    tip = "`x[:, None]` adds a dimension for one channel." if missing else "Is a dimension too many?"
    return Explanation(f"{describe(event)}{layer} wants batch × {axes}, and got {list(shape)}.", tip)


RULES = (
    ErrorRule(r"expected input(\[.*?\]) to have (\d+) channels, but got (\d+) channels", _channels),
    ErrorRule(
        r"Expected \dD \(unbatched\) or (\d)D \(batched\) input to (\w+), but got input of size: (\[.*?\])",
        _dims,
    ),
    ErrorRule(
        r"Calculated padded input size per channel: \((.*?)\)\. Kernel size: \((.*?)\)",
        "The image has shrunk to {0} (padding included), smaller than the kernel of {1}.",
        "`padding=` adds a border; fewer poolings, smaller strides or a larger input keep it large enough.",
    ),
    ErrorRule(
        r"Given input size: \((.*?)\)\. Calculated output size: \((.*?)\)\. Output size is too small",
        "Of {0} (channels first) nothing would be left: {1}.",
        "Fewer poolings, or a larger input.",
    ),
    ErrorRule(
        r"non-empty (?:2D or )?3D (?:or 4D )?\(batch mode\) tensor expected for input|Expected 3D or 4D \(batch "
        r"mode\) tensor",
        "Pooling wants channels × height × width, with a batch before it or not.",
        "`x[None]` adds a dimension in front.",
    ),
    ErrorRule(
        r"(in_channels|out_channels) must be divisible by groups",
        "`groups` shares the channels out evenly, so it must divide `{0}`.",
    ),
    ErrorRule(
        r"Expected more than 1 value per channel when training, got input size torch\.Size\((\[.*?\])\)",
        "BatchNorm in train mode works out mean and spread over the batch, and {0} has one value for each channel.",
        "A batch of 2 or more (`drop_last=True` in the DataLoader); or `model.eval()` when you don't train.",
    ),
    ErrorRule(
        r"running_mean should contain (\d+) elements not (\d+)",
        "It was made for {1} channels, and the input has {0} in dimension 1.",
        "Make it with `num_features={0}`.",
    ),
    ErrorRule(
        r"expected (\d)D (?:or (\d)D )?input \(got (\d)D input\)",
        "It wants a {0}D input, and got a {2}D one.",
        "`BatchNorm1d` takes batch × features, `BatchNorm2d` batch × channels × height × width.",
    ),
    ErrorRule(
        r"Given normalized_shape=(\[.*?\]), expected input with shape \[\*, (.*?)\], but got input of size(\[.*?\])",
        "It normalises over the last dimensions, which must be {0}; the input is {2}.",
    ),
    ErrorRule(
        r"num_channels \((\d+)\) must be divisible by num_groups \((\d+)\)",
        "{0} channels can't be shared out evenly to {1} groups.",
    ),
    ErrorRule(
        r"Expected weight to be a vector of size equal to the number of channels in input, but got weight of shape "
        r"(\[.*?\]) and input of shape (\[.*?\])",
        "It was made for {0} channels, and the input {1} has others in dimension 1.",
    ),
    ErrorRule(
        r"dropout probability has to be between 0 and 1, but got (\S+)",
        "Dropout takes the share of values to drop, from 0 to 1, and got {0}.",
    ),
    ErrorRule(
        r"input\.size\(-1\) must be equal to input_size\. Expected (\d+), got (\d+)",
        "It takes {0} features in the last dimension, and there are {1}.",
        "Make it with `input_size={1}`; or is the input not in the order length × batch × features?",
    ),
    ErrorRule(
        r"Expected hidden(?:\[\d\])? size \((.*?)\), got \[(.*?)\]",
        "The hidden state is layers × batch × hidden_size: here ({0}), and it is ({1}).",
        "`batch_first=True` turns input and output round, never the hidden state.",
    ),
    ErrorRule(
        r"(\w+): Expected input to be 2D or 3D, got (\d)D instead",
        "{0} wants length × batch × features, and got a {1}D input.",
        "One-hot or an embedding makes features of a sequence of numbers; `x[..., None]` takes each as one feature.",
    ),
    ErrorRule(
        r"embed_dim must be divisible by num_heads",
        "The heads share the features out evenly, so `num_heads` must divide `embed_dim`.",
    ),
    ErrorRule(
        r"was expecting embedding dimension of (\d+), but got (\d+)",
        "It takes {0} features in the last dimension, and there are {1}.",
    ),
    ErrorRule(
        r"The shape of the (\d)D attn_mask is torch\.Size\((\[.*?\])\), but should be \((.*?)\)",
        "The mask says for each query which keys it may see: ({2}), and it is {1}.",
        "Is the batch first? Then say so: `batch_first=True`.",
    ),
    ErrorRule(
        r"the batch number of src and tgt must be equal",
        "Source and target must have equally many sequences in a batch.",
        "It wants length × batch × features; with `batch_first=True` batch × length × features.",
    ),
    ErrorRule(
        r"`lengths` array must be sorted in decreasing order",
        "`pack_padded_sequence` wants the longest sequence first.",
        "`enforce_sorted=False` sorts them for you.",
    ),
    ErrorRule(
        r"Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
        "This initialisation counts inputs and outputs, and a vector has no such two dimensions.",
        "`nn.init.zeros_` for a bias; skip parameters with `p.dim() < 2`.",
    ),
    ErrorRule(
        r"Padding size should be less than the corresponding input dimension",
        "A border of mirrored values must be smaller than what is mirrored.",
    ),
    ErrorRule(
        r"Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of "
        r"(\[.*?\]) and output size of (\(.*?\))",
        "`interpolate` leaves batch and channels alone and resizes what comes after: {0}, which can't become {1}.",
    ),
    ErrorRule(
        r"Input Error: Only 3D, 4D and 5D input Tensors supported \(got (\d)D\)",
        "`interpolate` wants batch × channels before what it resizes, and got a {0}D tensor.",
        "`x[None, None]` adds both.",
    ),
)
