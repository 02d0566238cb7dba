"""Errors of making tensors from data, of NumPy, and of the DataLoader."""

from __future__ import annotations

import re

from tutor.explain.rule import ErrorRule, Explanation, describe, explain_as_cause, format_shape, parse_sizes
from tutor.protocol.codec import Raised


def _collate(match: re.Match[str], event: Raised) -> Explanation:
    first, other = parse_sizes(match[1]), parse_sizes(match[2])
    return Explanation(
        f"The DataLoader stacks the samples of a batch, and they differ: "
        f"{format_shape(first)} and {format_shape(other)}.",
        "Make them alike in the dataset (crop, resize, pad), or pass a `collate_fn` that pads, as "
        "`nn.utils.rnn.pad_sequence` does.",
    )


def _argument(match: re.Match[str], event: Raised) -> Explanation | None:
    function, argument, expected_type, got = match.groups()
    if expected_type == "Tensor":
        if got == "tuple" and event.inside is not None:
            return Explanation(
                f"{describe(event)}A layer takes a tensor, and got a tuple: the layer before it gives several values.",
                "`out, state = lstm(x)` takes the output alone; such a layer doesn't fit into `nn.Sequential`.",
            )
        conversion = "torch.from_numpy(x)" if got == "numpy.ndarray" else "torch.tensor(x)"
        return Explanation(
            f"{describe(event)}`{function}` works on tensors, and `{argument}` is {_a(got)}.",
            f"`{conversion}` makes it a tensor.",
        )
    if expected_type == "torch.dtype":
        return Explanation("A dtype is written without quotes.", "`dtype=torch.float32`")
    if expected_type in ("int", "tuple of ints"):
        return Explanation(
            f"{describe(event)}`{argument}` of `{function}` is a whole number, or several, and this is {_a(got)}.",
            "`/` always gives a fraction: `//` divides to a whole number, `int(x)` cuts it off."
            if got == "float"
            else "",
        )
    return None


def _a(name: str) -> str:
    return f"an {name}" if name[0] in "aeiouAEIO" else f"a {name}"


def _worker(match: re.Match[str], event: Raised) -> Explanation:
    meaning = f"The dataset raised {_a(match[1])} in a worker process of the DataLoader."
    return explain_as_cause(event, meaning, "`num_workers=0` runs it here, where it is easier to look into.")


RULES = (
    ErrorRule(r"Caught (\w+) in DataLoader worker process \d+", _worker),
    ErrorRule(
        r"DataLoader worker \(pid\(?s?\)? [\d, ]+\) (?:is killed by signal: (\w[\w ]*)|exited unexpectedly)",
        "A worker process of the DataLoader ended without a word: it ran out of memory, or crashed.",
        "`num_workers=0` shows where; smaller batches or fewer workers need less memory.",
    ),
    ErrorRule(
        r"stack expects each tensor to be equal size, but got (\[.*?\]) at entry 0 and (\[.*?\]) at entry",
        _collate,
        via="collate",
    ),
    ErrorRule(
        r"each element in list of batch should be of equal size",
        "The DataLoader puts samples together by their parts, and they have different numbers of parts.",
        "Return equally many values for each sample.",
    ),
    ErrorRule(
        r"default_collate: batch must contain .*?; found <class '(?:\w+\.)*(\w+)'>",
        "The DataLoader makes batches of tensors, arrays, numbers, texts, tuples and dicts; the dataset gave it a {0}.",
        "Turn it into a tensor in `__getitem__` (did it `return`?), or pass a `collate_fn`.",
    ),
    ErrorRule(
        r"num_samples should be a positive integer value, but got num_samples=0",
        "The dataset is empty, so there is nothing to shuffle.",
        "Does `len(dataset)` say what you think? Is the path right?",
    ),
    ErrorRule(
        r"batch_size should be a positive integer value, but got batch_size=(\S+)",
        "A batch can't hold {0} samples.",
    ),
    ErrorRule(
        r"sampler option is mutually exclusive with shuffle",
        "A sampler decides the order, and so does `shuffle=True`.",
        "Leave one of them out.",
    ),
    ErrorRule(
        r"prefetch_factor option could only be specified in multiprocessing",
        "Nothing is fetched ahead without worker processes.",
        "`num_workers=2`, or leave `prefetch_factor` out.",
    ),
    ErrorRule(
        r"Size mismatch between tensors",
        "`TensorDataset` takes tensors with one row for each sample: their first sizes must be equal.",
    ),
    ErrorRule(
        r"Sum of input lengths does not equal the length of the input dataset",
        "The parts must add up to the number of samples.",
        "`random_split(dataset, [0.8, 0.2])` takes shares too.",
    ),
    ErrorRule(
        r"'DataLoader' object is not subscriptable",
        "A DataLoader gives one batch after the other and has no numbers for them.",
        "`next(iter(loader))` gives the first; of a dataset, `dataset[0]` is the first sample.",
    ),
    ErrorRule(
        r"'DataLoader' object is not an iterator",
        "A DataLoader is gone through from the beginning each time.",
        "`next(iter(loader))` gives the first batch.",
    ),
    ErrorRule(
        r"object of type '(\w+)' has no len\(\)",
        "A sampler counts the dataset, and `{0}` has no `__len__`.",
        "`def __len__(self): return number_of_samples`",
        via="torch.utils.data",
    ),
    ErrorRule(
        r"Got unsupported ScalarType (\w+)",
        "NumPy has no {0}.",
        "`.float().numpy()`",
    ),
    ErrorRule(r"can't convert Sparse layout tensor to numpy", "NumPy knows no sparse arrays.", "`.to_dense().numpy()`"),
    ErrorRule(
        r"can't convert np\.ndarray of type numpy\.(\w+)\. The only supported types are",
        "This array holds `{0}`, and a tensor holds numbers.",
        "Texts become numbers by a dict, `{{name: i}}`; an array of arrays by `np.stack`.",
    ),
    ErrorRule(
        r"expected np\.ndarray \(got (\w+)\)",
        "`from_numpy` shares the memory of an array, and this is `{0}`.",
        "`torch.tensor(x)` copies.",
    ),
    ErrorRule(
        r"At least one stride in the given numpy array is negative|tensors with negative strides are not",
        "The array is turned round in place (`[::-1]`, `np.flip`), and a tensor can't be.",
        "`.copy()` lays it out anew.",
    ),
    ErrorRule(
        r"expected sequence of length (\d+) at dim (\d+) \(got (\d+)\)",
        "The rows have different lengths, {0} and {2}; a tensor is a full block.",
        "Fill them up, `nn.utils.rnn.pad_sequence`; or keep a list of tensors.",
    ),
    ErrorRule(
        r"only one element tensors can be converted to Python scalars|only integer tensors of a single element can be "
        r"converted to an index",
        "Python wants one number here, and this tensor isn't one.",
        "`.item()` of one element is a number; `torch.stack` makes a tensor of a list of tensors; "
        "`.tolist()` gives all numbers.",
    ),
    ErrorRule(
        r"too many dimensions 'str'",
        "A tensor holds numbers, and these are texts.",
        "Give each text a number: `index = {{text: i for i, text in enumerate(sorted(set(texts)))}}`.",
    ),
    ErrorRule(
        r"Could not infer dtype of (\w+)",
        "A tensor is made of numbers, and among these is `{0}`.",
        "Did a function without `return` give `None`? A dict is taken apart first.",
    ),
    ErrorRule(
        r"To copy construct from a tensor, it is recommended",
        "This is a tensor already; `torch.tensor` copies it and cuts its gradients off.",
        "`.detach().clone()` says the same; leave it out where no copy is needed.",
    ),
    ErrorRule(
        r"(\w+)\(\): argument '(\w+)'(?: \(position \d+\))? must be (Tensor|torch\.dtype|int|tuple of ints), "
        r"not ([\w.]+)",
        _argument,
    ),
    ErrorRule(
        r"expected Tensor as element (\d+) in argument 0, but got ([\w.]+)",
        "Element {0} of the list (counted from 0) is `{1}`, not a tensor.",
        "`torch.as_tensor(x)` makes a tensor of it.",
    ),
)
