"""Errors of Python itself that newcomers meet first."""

from __future__ import annotations

import re

from tutor.explain.entry import Entry, Explanation
from tutor.runner.protocol import Raised

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


def _name(match: re.Match[str], event: Raised) -> Explanation:
    name = match[1]
    if match[2]:
        return Explanation(f"Nothing has the name `{name}` at this point.", f"Is `{match[2]}` meant?")
    if name in _IMPORTS:
        return Explanation(f"`{name}` was not imported.", f"`{_IMPORTS[name]}` at the top.")
    return Explanation(
        f"Nothing has the name `{name}` at this point.",
        "Is it spelled as where it was made, and is that line above this one?",
    )


ENTRIES = (
    Entry(r"NameError: name '(\w+)' is not defined(?:\. Did you mean: '(\w+)'\?)?", _name),
    Entry(
        r"AttributeError: 'NoneType' object has no attribute '(\w+)'|TypeError: .*'NoneType'",
        "A value here is `None`: nothing was put there.",
        "A `.grad` is `None` until `backward()` has run; "
        "and a function without `return` gives `None`, as `list.append` does.",
    ),
    Entry(
        r"UnboundLocalError: .*?'(\w+)'",
        "`{0}` is assigned somewhere in this function, so it is the function's own name, without a value so far.",
        "Pass it in as an argument, or give it a value before this line.",
    ),
    Entry(
        r"ModuleNotFoundError: No module named '([\w.]+)'",
        "This Python has no package named `{0}`.",
        "Is it spelled right? If so, it has to be installed in the environment that runs your code.",
    ),
    Entry(
        r"IndentationError: expected an indented block after (.*?) on line (\d+)",
        "After {0} on line {1} comes a block, and a block is indented.",
        "Indent the lines that belong to it by four spaces.",
    ),
    Entry(
        r"IndentationError: unexpected indent",
        "This line is indented, and nothing above it opens a block.",
        "Begin it where the line above begins.",
    ),
    Entry(
        r"IndentationError: unindent does not match",
        "This line ends a block, but stands at a depth that no block above it has.",
        "Begin it exactly where the block it belongs to begins.",
    ),
    Entry(r"TabError", "Tabs and spaces are mixed in the indentation.", "Use four spaces everywhere."),
    Entry(
        r"SyntaxError: '(.)' was never closed",
        "This `{0}` has no partner that closes it.",
        "Look for the missing bracket on this line or the next.",
    ),
    Entry(r"SyntaxError: expected ':'", "A line that opens a block ends with a colon.", "Put `:` at its end."),
)
