"""Errors of Python itself that newcomers meet first."""

from __future__ import annotations

import re

from tutor.explain.rule import ErrorRule, Explanation, describe, pluralize
from tutor.protocol.codec import Raised

_IMPORTS = {
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "np": "import numpy as np",
    "optim": "from torch import optim",
    "math": "import math",
    "plt": "import matplotlib.pyplot as plt",
    "DataLoader": "from torch.utils.data import DataLoader",
    "TensorDataset": "from torch.utils.data import TensorDataset",
}
_TENSOR_WORDS = {
    "astype": ".to(torch.float32)", "copy": ".clone()", "append": "torch.cat([x, y])", "extend": "torch.cat([x, y])",
    "concat": "torch.cat([x, y])", "concatenate": "torch.cat([x, y])", "cat": "torch.cat([x, y])",
    "stack": "torch.stack([x, y])", "array": ".numpy()", "len": "len(x)", "length": "len(x)",
}  # fmt: skip
"""By the name in NumPy or of lists: how tensors spell it."""


def _name(match: re.Match[str], event: Raised) -> Explanation:
    name = match[1]
    if event.fits:
        return Explanation(f"Nothing has the name `{name}` at this point.", f"Is `{event.fits[0]}` meant?")
    if name in _IMPORTS:
        return Explanation(f"`{name}` was not imported.", f"`{_IMPORTS[name]}` at the top.")
    return Explanation(
        f"Nothing has the name `{name}` at this point.",
        "Is it spelled as where it was made, and is that line above this one?",
    )


def _attribute(match: re.Match[str], event: Raised) -> Explanation | None:
    kind, name = match.groups()
    if kind == "Tensor" and name in _TENSOR_WORDS:
        meaning = f"{describe(event)}A tensor has nothing of the name `{name}`."
        return Explanation(meaning, f"With tensors it is `{_TENSOR_WORDS[name]}`.")
    if name in ("backward", "grad", "requires_grad", "detach", "item", "to", "cpu", "cuda", "shape", "size", "dim"):
        advice = {"numpy.ndarray": "`torch.from_numpy(x)` makes a tensor of it."}.get(kind, "")
        if kind in ("float", "int"):
            advice = "`.item()` and `float()` take the number out and leave its graph behind: call it on the tensor."
        if kind in ("list", "tuple"):
            advice = "Of several values take one, `x[0]`, or unpack them, `a, b = x`; `torch.tensor(x)` for numbers."
        return Explanation(f"This is `{kind}`, not a tensor: it has no `{name}`.", advice)
    return Explanation(f"{describe(event)}`{kind}` has nothing of the name `{name}`.", _did_you_mean(event))


def _did_you_mean(event: Raised) -> str:
    return f"Is `{event.fits[0]}` meant?" if event.fits else "Is it spelled right?"


def _too_many(match: re.Match[str], event: Raised) -> Explanation:
    name, most, passed = match[1], int(match[3] or match[2]), int(match[4])
    if "." in name:  # a method counts `self` among its arguments
        most, passed = most - 1, passed - 1
    return Explanation(
        f"`{name}` takes at most {pluralize(most, 'argument')} by place, and got {passed}.",
        "Is one of them meant by name, `name=value`?" if most else "",
    )


RULES = (
    ErrorRule(r"NameError: name '(\w+)' is not defined", _name),
    ErrorRule(
        r"AttributeError: 'NoneType' object has no attribute '(\w+)'|TypeError: .*'NoneType'",
        "A value here is `None`: nothing was put there.",
        "A `.grad` is `None` until `backward()` has run; "
        "and a function without `return` gives `None`, as `list.append` does.",
    ),
    ErrorRule(r"AttributeError: '([\w.]+)' object has no attribute '(\w+)'", _attribute),
    ErrorRule(
        r"AttributeError: attribute 'shape' of .* is not writable",
        "A shape can't be set.",
        "`x = x.reshape(3, 2)` gives the values in another shape.",
    ),
    ErrorRule(
        r"AttributeError: module '([\w.]+)' has no attribute '(\w+)'",
        lambda match, event: Explanation(f"`{match[1]}` has nothing of the name `{match[2]}`.", _did_you_mean(event)),
    ),
    ErrorRule(
        r"ImportError: cannot import name '(\w+)' from '([\w.]+)'",
        lambda match, event: Explanation(f"`{match[2]}` has nothing of the name `{match[1]}`.", _did_you_mean(event)),
    ),
    ErrorRule(
        r"UnboundLocalError: .*?'(\w+)'",
        "`{0}` is assigned somewhere in this function, so it is the function's own name, without a value so far.",
        "Pass it in as an argument, or give it a value before this line.",
    ),
    ErrorRule(
        r"ModuleNotFoundError: No module named '([\w.]+)'; '([\w.]+)' is not a package",
        "`{1}` is a module, and what is in it is no module of its own.",
        "`from {1} import ...`",
    ),
    ErrorRule(
        r"ModuleNotFoundError: No module named '([\w.]+)'",
        "This Python has no package named `{0}`.",
        "Is it spelled right? If so, it has to be installed in the environment that runs your code.",
    ),
    ErrorRule(
        r"FileNotFoundError: .*?: '(.*?)'",
        "There is no file `{0}`, seen from the folder that the program runs in.",
        "A path that begins with `/` means the same file everywhere.",
    ),
    ErrorRule(
        r"TypeError: range\(\) missing 1 required positional arguments?: \"?end",
        "This is `torch.range`: `from torch import *` has put torch's names in the place of Python's own.",
        "`import torch`, and `torch.` before what is torch's.",
    ),
    ErrorRule(
        r"TypeError: (.+?)\(\) missing (\d+) required positional arguments?: (.+)",
        "`{0}` also wants {2}.",
    ),
    ErrorRule(
        r"TypeError: (.+?)\(\) takes (?:from )?(\d+)(?: to (\d+))? positional arguments? but (\d+) w(?:as|ere) given",
        _too_many,
    ),
    ErrorRule(
        r"TypeError: (.+?)\(\) got an unexpected keyword argument '(\w+)'",
        "`{0}` has no argument named `{1}`.",
        "Is it spelled right?",
    ),
    ErrorRule(
        r"TypeError: (.+?)\(\) got multiple values for argument '(\w+)'",
        "`{1}` is given twice: once by its place and once by its name.",
    ),
    ErrorRule(
        r"TypeError: (\w+)\(\) received an invalid combination of arguments - got \((.*?)\)",
        "`{0}` can't be called with ({1}).",
        "torch's own words list the ways in which it can.",
    ),
    ErrorRule(
        r"TypeError: 'Tensor' object is not callable",
        "A tensor was called like a function.",
        "Indices stand in square brackets, `x[0]`; was a function's name given to a tensor?",
    ),
    ErrorRule(
        r"TypeError: 'torch\.Size' object is not callable",
        "A shape isn't called.",
        "`x.shape[0]`, or "
        r"`x.size(0)`.",
    ),
    ErrorRule(
        r"TypeError: '(?:builtin_function_or_method|method|function)' object is not subscriptable",
        "This is a function or a method: it is called before its result is indexed.",
        "`x.size()[0]`, or `x.shape[0]`.",
    ),
    ErrorRule(
        r"TypeError: unsupported operand type\(s\) for (\S+): '(?:Tensor' and '(\w+)|(\w+)' and 'Tensor)'|"
        r"TypeError: can only concatenate (list) \(not \"Tensor\"\)",
        "`{0}` doesn't work on a tensor and `{1}{2}{3}`.",
        "`torch.tensor([...])` makes a tensor of a list of numbers.",
    ),
    ErrorRule(
        r"TypeError: can only concatenate str \(not \"([\w.]+)\"\) to str",
        "A text and `{0}` can't be added.",
        '`f"loss: {{loss}}"` puts a value into a text.',
    ),
    ErrorRule(
        r"unsupported format string passed to Tensor\.__format__",
        "Only a tensor of one element is formatted like a number.",
        "`.item()` of one; `.tolist()` for all of them.",
    ),
    ErrorRule(
        r"TypeError: unsupported operand type\(s\) for (\S+): '(\w+)' and '(\w+)'",
        "`{0}` doesn't work on `{1}` and `{2}`.",
        "A module is called with a tensor before its result is computed with: `layer(x) + 1`.",
    ),
    ErrorRule(
        r"ValueError: not enough values to unpack \(expected (\d+), got (\d+)\)",
        "There are {0} names left of `=`, and {1} values.",
        "A DataLoader gives what one `dataset[i]` gives, a batch of each.",
    ),
    ErrorRule(
        r"ValueError: too many values to unpack \(expected (\d+)",
        "There are {0} names left of `=`, and more values.",
        "A tensor is taken apart along dimension 0; `a, *rest = values` takes any number.",
    ),
    ErrorRule(
        r"TypeError: '(int|float)' object is not iterable",
        "A single number can't be gone through.",
        "`for i in range(n):` counts up to it.",
    ),
    ErrorRule(
        r"IndexError: (list|tuple) index out of range",
        "The {0} has fewer elements: the last has the index `len(x) - 1`, or `-1`.",
    ),
    ErrorRule(
        r"ValueError: cannot convert float NaN to integer|OverflowError: cannot convert float infinity to integer",
        "NaN and infinity are no whole numbers.",
        "Where does it come from? `torch.isfinite(x).all()` after each step tells.",
    ),
    ErrorRule(
        r"EOFError: EOF when reading a line",
        "`input()` found no line to read: in a lesson nothing can be typed into a program that runs.",
        "Write the value into the code in its place.",
    ),
    ErrorRule(
        r"RecursionError",
        "A function calls itself over and over, without an end.",
        "Which case ends it? In a module, `self.layer = self` or a `forward` that calls `self(x)` does it too.",
    ),
    ErrorRule(
        r"IndentationError: expected an indented block after (.*?) on line (\d+)",
        "After {0} on line {1} comes a block, and a block is indented.",
        "Indent the lines that belong to it by four spaces.",
    ),
    ErrorRule(
        r"IndentationError: unexpected indent",
        "This line is indented, and nothing above it opens a block.",
        "Begin it where the line above begins.",
    ),
    ErrorRule(
        r"IndentationError: unindent does not match",
        "This line ends a block, but stands at a depth that no block above it has.",
        "Begin it exactly where the block it belongs to begins.",
    ),
    ErrorRule(r"TabError", "Tabs and spaces are mixed in the indentation.", "Use four spaces everywhere."),
    ErrorRule(
        r"SyntaxError: '(.)' was never closed",
        "This `{0}` has no partner that closes it.",
        "Look for the missing bracket on this line or the next.",
    ),
    ErrorRule(r"SyntaxError: expected ':'", "A line that opens a block ends with a colon.", "Put `:` at its end."),
    ErrorRule(
        r"SyntaxError: invalid syntax\. Maybe you meant '==' or ':=' instead of '='",
        "`=` gives a name a value; to compare there is `==`.",
    ),
    ErrorRule(
        r"SyntaxError: unterminated (?:triple-quoted )?(?:f-)?string literal",
        "This text has no closing quote.",
        "Put the quote that it begins with at its end.",
    ),
    ErrorRule(
        r"SyntaxError: invalid syntax$|SyntaxError: invalid syntax\. Perhaps you forgot a comma",
        "Python can't read on from the place that is marked.",
        "Is a comma, an operator or a bracket missing just before it, or on the line above?",
    ),
)
