"""# Memory shared with NumPy

Data often arrives as a NumPy array. To copy 40 GB of it into tensors would take 80 GB, so PyTorch
can look at the same bytes instead:

    a = np.array(…)          ─┐
    t = torch.from_numpy(a)  ─┼─▶ [20.0  21.5  19.0]
    b = t.numpy()            ─┘

    c = torch.tensor(a)      ───▶ [20.0  21.5  19.0]

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

# %% snippet -> live_shares
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
from tutor.check import Unmet, again, expect


def _rerun(run):
    """Other readings, which every dtype can hold, and what the draft leaves when it begins with them."""
    first = (np.arange(len(run.readings)) * 5 - 42.75).astype(run.readings.dtype)
    return first.tolist(), again(run, readings=first.copy())


def live_shares(run):
    """`live` is a tensor in the memory of `readings`"""
    expect(run.readings).is_a(np.ndarray)
    live = expect(run.live).is_tensor().value
    other_dtype = str(live.dtype).removeprefix("torch.") != str(run.readings.dtype)
    if other_dtype and live.untyped_storage().data_ptr() != run.readings.ctypes.data:
        raise Unmet(
            f"`live` is {live.dtype} and `readings` {run.readings.dtype}: `live` has memory of its own.",
            "Another dtype needs other bytes, so it is always a copy: leave the dtype as it is.",
        )
    expect(run.live).shares_memory_with(run.readings).has_shape(*run.readings.shape)


def both_writes_are_seen(run):
    """`readings[0]` was written to, and so was `live[2]`: each shows both"""
    first, other = _rerun(run)
    for written, place in (("readings", 0), ("live", 2)):
        if getattr(other, written).tolist()[place] == first[place]:
            raise Unmet(
                f"`{written}[{place}]` still has its first value.", f"Leave the line that writes to `{written}` in."
            )
    expect(other.live.tolist(), "live").equals(other.readings.tolist())


def before_has_its_own_memory(run):
    """`before` is a NumPy array with memory of its own"""
    expect(run.before).is_a(np.ndarray).has_own_memory(run.readings)


def before_keeps_the_first_values(run):
    """`before` holds the values from before the writes, of other `readings` too"""
    first, other = _rerun(run)
    before = expect(other.before).is_a(np.ndarray).value.tolist()
    mistaken = {
        "it was copied after the writes": other.readings.tolist(),
        "it was copied between the two writes": other.readings.tolist()[:2] + first[2:],
        "it is still what it was with the first `readings`: copy them, don't type them": run.before.tolist(),
    }
    expect(before, "before for other readings").close_to(first, mistaken=mistaken)


# %% right: as_tensor shares as well
# in place of: live = torch.from_numpy(readings)
live = torch.as_tensor(readings)

# %% right: a copy by NumPy
# in place of: before = live.numpy().copy()
before = np.array(readings)

# %% right: a copy by torch
# in place of: before = live.numpy().copy()
before = live.clone().numpy()

# %% right: other readings and other values, and an assert
# in place of: readings = np.array([20.0, 21.5, 19.0])
readings = np.array([1, 2, 3, 4, 5])
# in place of: readings[0] = 99.0
readings[0] = 50
# in place of: live[2] = -1.0
live[2] = 60
assert before.tolist() == [1, 2, 3, 4, 5] and readings[2] == 60

# %% mistake: torch.tensor copies, so live doesn't see the array change -> live_shares
# in place of: live = torch.from_numpy(readings)
# in place of: before = live.numpy().copy()
live = torch.tensor(readings)
before = readings.copy()

# %% mistake: a new dtype needs new memory, so float() made a copy -> live_shares
# in place of: live = torch.from_numpy(readings)
# in place of: before = live.numpy().copy()
live = torch.from_numpy(readings).float()
before = readings.copy()

# %% mistake: numpy() shares the tensor's memory, so before changes too -> before_has_its_own_memory
# in place of: before = live.numpy().copy()
before = live.numpy()

# %% mistake: detach() leaves the graph, not the memory -> before_has_its_own_memory
# in place of: before = live.numpy().copy()
before = live.detach().numpy()

# %% mistake: the copy came after the writes -> before_keeps_the_first_values
# without: before = live.numpy().copy()
# after: live[2] = -1.0
before = readings.copy()

# %% mistake: one of the two writes was taken out -> both_writes_are_seen
# without: live[2] = -1.0

# %% mistake: the first values are typed in, and no copy -> before_keeps_the_first_values
# in place of: before = live.numpy().copy()
before = np.array([20.0, 21.5, 19.0])

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

# %% question whose_memory: choose all
"""`t = torch.ones(3)` lies on the CPU, in float32. Which of these look at the memory of `t`?

- [x] `t.numpy()`: NumPy is shown the same bytes
- [x] `t.detach()`: it leaves the graph, not the memory
- [x] `t.float()`: `t` is float32 already, so `t` itself comes back
- `t.double()`: another dtype needs other bytes
- `torch.tensor(t.numpy())`: `torch.tensor` always copies
- `t + 0`: arithmetic makes a new tensor, even when no number changes

A copy is made where it is asked for, where the bytes have to differ, and by arithmetic. The rest shares.
"""

# %% question fit_the_layer: fill the blank
"""A table comes from NumPy. Complete the line, so that `x` has the dtype of the layer's weights and
keeps its fractions.

- [x] `float()`
- [x] `to(layer.weight.dtype)`
- `double()`: it is float64 already, as NumPy makes it, and the weights are float32
- `long()`: an integer dtype cuts the fractions off

NumPy makes float64, and layers have float32 weights. Without `float()` the layer stops with an error.
"""
import numpy as np
import torch
from torch import nn

rows = 3  # fresh: 2..5
table = np.arange(2 * rows).reshape(rows, 2) / 4
layer = nn.Linear(2, 1)
x = torch.from_numpy(table).___
print(x.dtype, x.tolist())

# %% question keep_each_step: fill the blank
"""Put into `path` what `w` holds after each step, as a NumPy array.

- [x] `w.detach().numpy().copy()`
- [x] `w.detach().clone().numpy()`
- `w.detach().numpy()`: all entries look at the memory of `w`, and show its last value
- `w.detach().clone()`: that is a tensor, not an array

`detach()` lets NumPy in, and the copy keeps the value from the next step. `w.numpy()` alone stops, because `w`
tracks gradients.
"""
import numpy as np
import torch

rate = 0.25  # fresh: 0.125, 0.25, 0.375
w = torch.tensor([64.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=rate)
path = []
for _ in range(3):
    optimizer.zero_grad()
    w.square().sum().backward()
    optimizer.step()
    path.append(___)
print(path)

# %% question sharing_ends: predict t.tolist()
"""Three lines write. What does `t` hold at the end?

- `[-1.0, 2 * step]`: `t * 2` made a new tensor, which the array doesn't reach
- `[0.0, 0.0]`: `a += step` writes in place, and at that time `t` still shared
- `[2 * step - 1, 2 * step]`: `a[0] = -1` puts a number there, and only in the array

`+=` writes into the shared memory. `t = t * 2` takes the result into new memory, and there the sharing ends.
"""
import numpy as np
import torch

step = 3.0  # fresh: 2.0, 3.0, 4.0, 5.0, 6.0
a = np.zeros(2)
t = torch.from_numpy(a)
a += step
t = t * 2
a[0] = -1

# %% question mirrored_picture: find the line
"""A picture is mirrored, left to right, and the program stops with an error. In which line does it stop?

NumPy mirrors by a negative stride, without copying, and a tensor has none below zero. `mirrored.copy()` first
puts the numbers in their new order.
"""
import numpy as np
import torch

width = 3  # fresh: 3..6
picture = np.arange(2.0 * width).reshape(2, width)
mirrored = picture[:, ::-1]  # fine: NumPy can step backwards through its memory
x = torch.from_numpy(mirrored)  # at fault: x = torch.from_numpy(mirrored.copy())
batch = x.unsqueeze(0)  # fine: one more dimension costs nothing
print(batch.tolist())

# %% question from_gpu
"""`loss` lies on a GPU and tracks gradients. Which of these makes a NumPy array of it?

- [x] `loss.detach().cpu().numpy()`
- `loss.numpy()`: NumPy can't look into the memory of a GPU
- `loss.cpu().numpy()`: the copy on the CPU still tracks gradients, and NumPy can't
- `loss.detach().numpy()`: without `cpu()` its numbers are still on the GPU

Two things keep NumPy out, the graph and the GPU's memory. `loss.item()` does all of it for a single number.
"""
