"""# Memory shared with NumPy

Data often arrives as a NumPy array. To copy 40 GB of it into tensors would take 80 GB, so PyTorch
can look at the same bytes instead:

    a = np.array(…)           ─┐
    t = torch.from_numpy(a)   ─┼─▶ [ 20.0  21.5  19.0 ]
    b = t.numpy()             ─┘

    c = torch.tensor(a)       ───▶ [ 20.0  21.5  19.0 ]

A write through `a`, `t` or `b` is seen by the other two. `torch.tensor` always copies.

Sharing costs nothing, and it is a trap. Append `w.numpy()` to a list after each training step, and
in the end every entry shows the last value: they all look at the memory of `w`. `detach()` doesn't
help, because it shares too. A copy does: `t.clone()`, or `a.copy()` in NumPy.

Only writing **in place** is seen by the others: `a[0] = 99`, `a += 1`, `t.mul_(2)`. The expression
`a + 1` makes a new array. Another dtype needs other bytes as well: a NumPy array of fractions is
float64, so `from_numpy` makes a float64 tensor, and its `.float()` is a copy.

## Task
Make `live` a tensor that shows every change to `readings`, and `before` a NumPy array that keeps
the first values. Leave the two lines that write as they are.

## Hints
- Which function in the picture makes a tensor without copying?
- Once `live` shares its memory, `live.numpy()` shares it too. Which method of an array makes a
  copy?
- The copy has to be made before the first write.

## Takeaway
`from_numpy` and `.numpy()` share memory; `torch.tensor` and `.clone()` copy. Before you keep an
array for later, ask who else can write to it.
"""

# %% snippet
import numpy as np
import torch

readings = np.array([20.0, 21.5, 19.0])
live = torch.tensor(readings)
before = live.numpy()

readings[0] = 99.0
live[2] = -1.0

print("readings", readings)
print("live    ", live)
print("before  ", before)

# %% solution
import numpy as np
import torch

readings = np.array([20.0, 21.5, 19.0])
live = torch.from_numpy(readings)
before = live.numpy().copy()

readings[0] = 99.0
live[2] = -1.0

print("readings", readings)
print("live    ", live)
print("before  ", before)

# %% check
import numpy as np
from tutor.check import again, expect


def live_shares(run):
    """`live` is a tensor in the memory of `readings`"""
    expect(run.live).is_tensor().shares_memory_with(run.readings)


def both_writes_are_seen(run):
    """`readings[0]` was written to, and so was `live[2]`: both show 99, 21.5, -1"""
    expect(run.readings).is_a(np.ndarray)
    expect(run.live).is_tensor()
    expect(run.readings.tolist(), "readings").equals([99.0, 21.5, -1.0])
    expect(run.live.tolist(), "live").equals([99.0, 21.5, -1.0])


def before_keeps_the_first_values(run):
    """`before` is a NumPy array with memory of its own, and holds the values from before the writes"""
    expect(run.before).is_a(np.ndarray).has_own_memory(run.readings)
    expect(run.before.tolist(), "before").equals([20.0, 21.5, 19.0])


def other_readings_too(run):
    """with other `readings`, `before` holds those"""
    before = again(run, readings=np.array([1.0, 2.0, 3.0])).before
    expect(before, "before").is_a(np.ndarray)
    expect(before.tolist(), "before for the readings 1, 2, 3").equals([1.0, 2.0, 3.0])


# %% mistake: torch.tensor copies, so live doesn't see the array change -> live_shares
import numpy as np
import torch

readings = np.array([20.0, 21.5, 19.0])
live = torch.tensor(readings)
before = readings.copy()

readings[0] = 99.0
live[2] = -1.0

# %% mistake: a new dtype needs new memory, so float() made a copy -> live_shares
import numpy as np
import torch

readings = np.array([20.0, 21.5, 19.0])
live = torch.from_numpy(readings).float()
before = readings.copy()

readings[0] = 99.0
live[2] = -1.0

# %% mistake: numpy() shares the tensor's memory, so before changes too -> before_keeps_the_first_values
import numpy as np
import torch

readings = np.array([20.0, 21.5, 19.0])
live = torch.from_numpy(readings)
before = live.numpy()

readings[0] = 99.0
live[2] = -1.0

# %% mistake: detach() leaves the graph, not the memory -> before_keeps_the_first_values
import numpy as np
import torch

readings = np.array([20.0, 21.5, 19.0])
live = torch.from_numpy(readings)
before = live.detach().numpy()

readings[0] = 99.0
live[2] = -1.0

# %% mistake: the copy came after the writes -> before_keeps_the_first_values
import numpy as np
import torch

readings = np.array([20.0, 21.5, 19.0])
live = torch.from_numpy(readings)

readings[0] = 99.0
live[2] = -1.0
before = readings.copy()

# %% question shared_writes
"""What does this print?

- [3.0, 3.0, 3.0]
- [1.0, 2.0, 3.0]: each entry would need its own copy, `w.numpy().copy()`
- [0.0, 1.0, 2.0]: `add_` comes first, and the entries share their memory

All three entries are views of the memory of `w`, which ends at 3.
"""
import torch

w = torch.zeros(1)
history = []
for _ in range(3):
    w.add_(1)
    history.append(w.numpy())
print([h.item() for h in history])

# %% question new_array
"""What does this print?

- [1.0, 1.0]: `a + 1` doesn't write into the old array; `a += 1` would
- [0.0, 0.0]

`a + 1` makes a new array and gives it the name `a`. The memory that `t` looks at was never written to.
"""
import numpy as np
import torch

a = np.zeros(2)
t = torch.from_numpy(a)
a = a + 1
print(t.tolist())

# %% question as_tensor_copies
"""`as_tensor` copies only when it has to. What does this print?

- [7.0, 0.0] [0.0, 0.0]
- [7.0, 0.0] [7.0, 0.0]: `small` is float32 and the array is float64, so it has bytes of its own
- [0.0, 0.0] [0.0, 0.0]: `same` needs no change of dtype, so it shares the array's memory

Memory can be shared only by values of the same dtype.
"""
import numpy as np
import torch

a = np.zeros(2)
same = torch.as_tensor(a)
small = torch.as_tensor(a, dtype=torch.float32)
a[0] = 7
print(same.tolist(), small.tolist())
