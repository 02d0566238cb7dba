"""``tutor new``: a lesson module to fill in."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from tutor import paths
from tutor.cli.errors import Refusal
from tutor.curriculum.manifest import FILE

_ID = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")

LESSON = '''\
"""# {title}

What this is and what it is for, in a few sentences; what most people get wrong.

    a picture or a formula, 48 columns wide at most

## Task
Let `y` hold twice the numbers of `x`.

## Hints
- What helps who is stuck.
- What helps who is stuck still.

## Takeaway
One sentence to remember.
"""

# %% snippet -> y_is_twice_x
import torch

x = torch.tensor([1.0, 2.0, 4.0])
y = x

# %% solution
import torch

x = torch.tensor([1.0, 2.0, 4.0])
y = 2 * x

# %% check
from tutor.check import again, expect


def y_is_twice_x(run):
    """`y` holds twice the numbers of `x`"""
    expect(run.y).close_to(2 * run.x)


def any_x_will_do(run):
    """it is right for other numbers too"""
    other = again(run, x=run.x + 1)
    expect(other.y).close_to(2 * other.x)


# %% right: a sum
# in place of: y = 2 * x
y = x + x

# %% right: in its own memory
# in place of: y = 2 * x
y = x.clone()
y *= 2

# %% right: other numbers, and a print more
# in place of: x = torch.tensor([1.0, 2.0, 4.0])
x = torch.arange(5.0)
# after: y = 2 * x
print(y)

# %% mistake: the square is twice only of 2 -> y_is_twice_x
# in place of: y = 2 * x
y = x**2

# %% mistake: the first number is left out -> y_is_twice_x
# in place of: y = 2 * x
y = 2 * x[1:]

# %% mistake: x was doubled too -> y_is_twice_x
# in place of: y = 2 * x
y = x.mul_(2)

# %% mistake: the numbers are typed in -> any_x_will_do
# in place of: y = 2 * x
y = torch.tensor([2.0, 4.0, 8.0])

# %% question twice
"""What does this print?

- tensor([2., 4.])
- tensor([1., 4.]): that is the square

Each number is doubled.
"""
import torch

print(2 * torch.tensor([1.0, 2.0]))

# %% question doubled_shape: predict tuple(y.shape)
"""Which shape has `y`?

- `(n, 4)`: doubling numbers adds none

`2 * x` works on each number by itself.
"""
import torch

n = 3  # fresh: 2..6
x = torch.ones(n, 2)
y = 2 * x
'''


def command(options: argparse.Namespace) -> int:
    """Write it into the pack here: 0. Raises Refusal."""
    id, pack = options.lesson, _pack()
    if not _ID.fullmatch(id):
        raise Refusal(f"`{id}` is no id of a lesson: it takes small letters, digits and _, as in `autograd/hooks`.")
    path = pack / f"{id}.py"
    chapter, name = id.split("/")
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(LESSON.format(title=name.replace("_", " ").capitalize()))
    except FileExistsError:
        raise Refusal(f"`{path}` is there already.") from None
    except OSError as error:
        raise Refusal(f"`{path}` can't be written: {error.strerror}.") from None
    print(f"{path} is a lesson that holds, to be made into yours.")
    print(f'Name it in {pack / FILE}: "{name}" among the lessons of chapter `{chapter}`.')
    shipped = pack.resolve() == paths.lessons().resolve()
    print(f"Then `tutor verify {id if shipped else f'{pack} {id}'}` proves it.")
    return 0


def _pack() -> Path:
    """The pack that is worked on: the folder here, or ``lessons`` in it."""
    for folder in (Path(), Path("lessons")):
        if (folder / FILE).is_file():
            return folder
    raise Refusal(f"There is no pack here: go to the folder that holds {FILE}, or lessons/{FILE}.")
