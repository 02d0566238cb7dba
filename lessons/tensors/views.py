"""# Views, copies and strides

A tensor is three things: a block of numbers in memory, a **shape**, and **strides**. A stride says
how many numbers to step over in memory to get one place further along its dimension.

    memory   0  1  2  3  4  5  6  7  8  9  10  11

    table                     turned = table.t()
    shape (3, 4)              shape (4, 3)
    stride (4, 1)             stride (1, 4)

     0   1   2   3             0   4   8
     4   5   6   7             1   5   9
     8   9  10  11             2   6  10
                               3   7  11

`view`, `t`, `transpose` and slices write a new shape and new strides and leave the numbers where
they are. The result is a **view**: it costs nothing, however large the tensor, and whoever writes
into one of the two writes into both.

Read row by row, `turned` goes 0, 4, 8, 1 … through memory, back and forth: it is not *contiguous*.
No single stride describes that walk, so `turned.view(12)` raises an error. `turned.reshape(12)`
gives a view where it can and a **copy** where it can't, without a word. What you then write into
the copy never reaches the original.

## Task
Copy nothing for the first two: `table` shows `x` as 3 rows of 4, and `turned` is the transpose of
`table`. Then let `flat` hold the numbers of `turned`, row by row, in memory of its own.

## Hints
- `clone()` copies. Without it, `view` gives another look at the memory of `x`.
- `view(4, 3)` keeps the order 0 1 2 3 … and only breaks the rows elsewhere. To swap rows and
  columns, use `.t()`.
- With the true transpose `view(12)` raises an error; read what it proposes.

## Takeaway
`view` shares memory or raises; `reshape` shares if it can and copies if it must;
`contiguous().view(…)` says openly that a copy may be made. Use `view` where sharing matters: its
error is better than a lost write.
"""

# %% snippet -> table_is_a_view
import torch

x = torch.arange(12)

table = x.clone().view(3, 4)
turned = table.view(4, 3)
flat = turned.view(12)

x[1] = 100  # who sees it?
print(table.stride(), turned.stride())
print(table[0, 1], turned[1, 0], flat[3])

# %% solution
import torch

x = torch.arange(12)

table = x.view(3, 4)
turned = table.t()
flat = turned.reshape(12)

x[1] = 100  # who sees it?
print(table.stride(), turned.stride())
print(table[0, 1], turned[1, 0], flat[3])

# %% check
import torch

from tutor.check import again, expect


def table_is_a_view(run):
    """`table` is `x` as 3 rows of 4, in the memory of `x`"""
    numbers = expect(run.x).is_tensor().value.flatten()
    expect(numbers, "x").has_shape(12)
    expect(run.table).has_shape(3, 4).shares_memory_with(run.x).close_to(numbers.view(3, 4))


def turned_is_the_transpose(run):
    """`turned` is the transpose of `table`, in the same memory"""
    reshaped = {"the rows were broken elsewhere; rows and columns were not swapped": run.table.reshape(4, 3)}
    turned = expect(run.turned).has_shape(4, 3).shares_memory_with(run.x)
    turned.close_to(run.table.t(), mistaken=reshaped)


def flat_has_its_own_memory(run):
    """`flat` has twelve numbers, in its own memory"""
    expect(run.flat).has_shape(12).has_own_memory(run.x)


def flat_holds_the_numbers_of_turned(run):
    """`flat` holds the numbers of `turned`, row by row"""
    x = (torch.arange(12) * 5 % 12 + 20).to(run.x.dtype)  # no order, so that sorting shows
    other = again(run, x=x)
    by_columns, by_rows = x.view(3, 4).t().reshape(12), x.clone()
    if torch.is_tensor(other.flat) and torch.equal(other.flat, other.turned.flatten()):
        return  # made after the write, whose number is then in both
    mistaken = {
        "these are the rows of `table`, one behind the other": by_rows,
        "these are the rows of `table`, made after the write": other.x.flatten(),
    }
    expect(other.flat).close_to(by_columns, mistaken=mistaken)


# %% right: reshape, mT and flatten
# in place of: table = x.view(3, 4)
table = x.reshape(3, 4)
# in place of: turned = table.t()
turned = table.mT
# in place of: flat = turned.reshape(12)
flat = turned.flatten()

# %% right: unflatten, transpose and contiguous
# in place of: table = x.view(3, 4)
table = x.unflatten(0, (3, -1))
# in place of: turned = table.t()
turned = table.transpose(0, 1)
# in place of: flat = turned.reshape(12)
flat = turned.contiguous().view(-1)

# %% right: other numbers, another write, and an assert
# in place of: x = torch.arange(12)
x = torch.linspace(0, 1, 12)
# in place of: x[1] = 100  # who sees it?
x[5] = -3.0
assert table[1, 1] == turned[1, 1] == -3.0

# %% right: permute, and columns put one behind the other
# in place of: turned = table.t()
turned = table.permute(1, 0)
# in place of: flat = turned.reshape(12)
flat = torch.cat(list(turned))

# %% mistake: view(4, 3) breaks rows elsewhere, it swaps nothing -> turned_is_the_transpose
# in place of: turned = table.t()
turned = table.view(4, 3)

# %% mistake: reshape of what is still contiguous is a view, not a copy -> flat_has_its_own_memory
# in place of: flat = turned.reshape(12)
flat = x.reshape(12)

# %% mistake: a clone has its own memory, but here in the order of x -> flat_holds_the_numbers_of_turned
# in place of: flat = turned.reshape(12)
flat = x.clone()

# %% mistake: contiguous() of a transpose copies, so turned no longer follows x -> turned_is_the_transpose
# in place of: turned = table.t()
# in place of: flat = turned.reshape(12)
turned = table.t().contiguous()
flat = turned.view(12)

# %% mistake: the numbers are typed in -> flat_holds_the_numbers_of_turned
# in place of: flat = turned.reshape(12)
flat = torch.tensor([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])

# %% mistake: torch.tensor copies, so table no longer follows x -> table_is_a_view
# in place of: table = x.view(3, 4)
table = torch.tensor(x.tolist()).view(3, 4)

# %% question write_arrives
"""A write that may or may not arrive. What does this print?

- 1.0: that needs a view, and a transpose can't be flattened without a copy
- 0.0
- 6.0: `flat[0] = 1` writes one number, not all six

`x.t()` is not contiguous, so `reshape(6)` copies, and the 1 lands in the copy. `x.t().view(6)`
would have raised an error instead.
"""
import torch

x = torch.zeros(2, 3)
flat = x.t().reshape(6)
flat[0] = 1
print(x.sum().item())

# %% question slice_strides
"""Every second column of a table, as a slice. What are its strides?

- (2, 1): those of a copy; a slice stays in the old memory, where a row is still 4 numbers long
- (4, 1): with these the next column would be the neighbour, not the one after it
- (8, 2): the rows are untouched: one row down is still 4 numbers further
- (4, 2)

One row down is 4 numbers further, as before; one column right is now 2 further. No number has
moved.
"""
import torch

table = torch.zeros(3, 4)
print(table[:, ::2].stride())

# %% question clone_of_transpose
"""Which of the three are contiguous: a transpose, its clone, its `contiguous()`?

- False False True
- False True True: `clone` copies the numbers but keeps the order they have in memory
- True True True: a transpose swaps the strides, so its rows jump through memory
- False False False: `contiguous()` copies just so that its result is contiguous

`clone` keeps the strides of the original, so even the clone of a transpose can't be viewed flat.
`contiguous()` copies when it has to, and hands back the tensor itself when it needn't.
"""
import torch

turned = torch.arange(6).view(2, 3).t()
clone, tidy = turned.clone(), turned.contiguous()
print(turned.is_contiguous(), clone.is_contiguous(), tidy.is_contiguous())

# %% question strides_of_permute: predict x.stride()
"""A picture has its colours last, and `permute` brings them to the front. Which strides has `x`?

- `x.contiguous().stride()`: those of a copy; `permute` moves no number
- `picture.stride()`: strides move along with their dimensions
- `picture.permute(1, 2, 0).stride()`: dim 2 comes first here, and its stride with it

Each dimension keeps its stride and takes it to its new place. The next colour is still the next number in memory.
"""
import torch

height = 4  # fresh: 4..6
width = 8  # fresh: 7..9
picture = torch.zeros(height, width, 3)
x = picture.permute(2, 0, 1)

# %% question index_or_slice: choose all
"""`x = torch.zeros(3, 4)`. Which of these are views of `x`?

- [x] `x[1]`: one row, at its place in memory
- [x] `x[:, ::2]`: every second column is a stride twice as long
- `x[[0, 2]]`: a list may pick rows in any order, which no stride describes, so they are copied
- `x[x >= 0]`: a mask picks here and there, so what it picks is copied
- [x] `x.unsqueeze(0)`: a dimension of size 1 needs no other numbers
- `x.repeat(2, 1)`: `repeat` writes the numbers twice; `expand` would only look twice

What steps evenly through memory is a view. Lists and masks don't, and give copies.
"""

# %% question lost_write: find the line
"""The negative numbers should become 0, and they don't. Which line is at fault?

`x[negative]` picks by a mask and is a copy, which is cleared and thrown away. An assignment, `x[negative] = 0`,
writes into `x` itself.
"""
import torch

n = 5  # fresh: 4..8
x = torch.linspace(-1, 1, n)
negative = x < 0  # fine: True where a number is negative
x[negative].zero_()  # at fault: x[negative] = 0
x[-1:].mul_(10)  # fine: a slice is a view, so this write arrives
print(x)

# %% question after_permute: fill the blank
"""The colours come first, then each picture becomes one row of numbers. Complete the last step.

- [x] `reshape`
- [x] `contiguous().view`
- `view`: after `permute` no single stride runs through a picture; it has to be copied

`flatten(1)` would do too. All of them copy here, because the colours lay side by side in memory.
"""
import torch

n = 2  # fresh: 2..4
pictures = torch.arange(n * 12.0).view(n, 2, 2, 3)  # picture, row, column, colour
rows = pictures.permute(0, 3, 1, 2).___(n, -1)
print(rows)

# %% question time_first: write y
"""`x` has the axes (sequence, time, feature). Give `y` the same numbers with the axes (time, sequence, feature).

- `x.reshape(times, sequences, 2)`: that only breaks the numbers elsewhere, so sequences get mixed
- `x.permute(2, 1, 0)`: that turns all axes round, and the features come first

Swapping axes is a matter of strides, `x.transpose(0, 1)`. `view` and `reshape` keep the order in memory.
"""
import torch

sequences = 2  # fresh: 2..3
times = 4  # fresh: 4..6
x = torch.arange(sequences * times * 2.0).view(sequences, times, 2)
y = x.transpose(0, 1)

# %% question expanded_rows: predict rows.sum().item()
"""One row is expanded to four, and a number is written into the first of them. What is the sum of all?

- `5.0 * n`: that is one row; `expand` made no other rows to stay at 0
- `0.0`: `rows[0]` is a view, so the write arrives
- `5.0`: `rows[0] = 5` writes a whole row

The stride of an expanded dimension is 0: all four rows are the same memory. `repeat` would have copied it.
"""
import torch

n = 3  # fresh: 2..6
rows = torch.zeros(n).expand(4, n)
rows[0] = 5
