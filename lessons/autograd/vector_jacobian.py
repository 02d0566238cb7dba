"""# The vector–Jacobian product

`backward()` starts from a scalar. When `y` has several elements there isn't one gradient but a
table of them, the **Jacobian** `J`: a row for each output, a column for each input.

    y₀ = x₀·x₁               x₀   x₁   x₂
    y₁ = x₁ + x₂²       y₀ [ x₁   x₀   0   ]
                        y₁ [ 0    1    2x₂ ]  = J

Autograd never builds this table: from 4096 inputs to 4096 outputs it would have 16 million entries.
Instead you give each output a weight, in a vector `v`, and `y.backward(v)` adds the weighted rows
into `x.grad`:

    x.grad = v J = v₀ · (row 0) + v₁ · (row 1)

Training needs nothing more. Each layer is told by the layer above how much the loss changes with
each of its outputs; that is its `v`. It multiplies by its own Jacobian and passes the result down.
A scalar loss is the start of the chain: one row, and v = 1.

## Task
Write the second row of `J`, at x = 1, 2, 3, by hand. Then let autograd fill `x.grad` with the same
product, `v @ J`, and compare what is printed.

## Hints
- The second row holds the derivatives of x₁ + x₂²: by x₀, by x₁, by x₂.
- `backward` takes a tensor with one weight for each element of `y`.
- The digits of `v @ J` show where they come from: the first row counts once, the second ten times.

## Takeaway
`y.backward(v)` computes `v @ J` without `J`. A `v` with a 1 at one output and 0 elsewhere gives
that output's row; `(v * y).sum().backward()` is the same product, written as a scalar.
"""

# %% snippet picture=tensor:J -> jacobian_by_hand
import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = torch.stack([x[0] * x[1], x[1] + x[2] ** 2])
v = torch.tensor([1.0, 10.0])

J = torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0]])

print(v @ J)
print(x.grad)

# %% solution
import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = torch.stack([x[0] * x[1], x[1] + x[2] ** 2])
v = torch.tensor([1.0, 10.0])

J = torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 6.0]])
y.backward(v)

print(v @ J)
print(x.grad)

# %% check
import torch
from tutor.check import Unmet, again, expect


def _jacobian(x):
    x0, x1, x2 = x.detach().tolist()
    return torch.tensor([[x1, x0, 0.0], [0.0, 1.0, 2 * x2]], dtype=x.dtype)


def jacobian_by_hand(run):
    """`J` has a row for each output and a column for each input, and holds ∂yᵢ/∂xⱼ"""
    x = expect(run.x).has_shape(3).value.detach()
    first, second = rows = _jacobian(x)
    if expect(run.J).is_tensor().value.shape == rows.shape and not run.J[1].any():
        raise Unmet("The second row of `J` is all zeros.", "Write there how y₁ changes with x₀, with x₁ and with x₂.")
    mistaken = {
        "the derivative of x₂² is 2x₂, and not x₂²": [0.0, 1.0, x[2] ** 2],
        "the derivative of x₂² is 2x₂, and not x₂": [0.0, 1.0, x[2]],
        "the derivative of x₂² is 2x₂, and not 2": [0.0, 1.0, 2.0],
        "the derivative of x₁ is 1, and not x₁": [0.0, x[1], 2 * x[2]],
        "the derivative by x₀ is 0, for y₁ has no x₀ in it": [1.0, 1.0, 2 * x[2]],
        "these are the terms of y₁, not their derivatives": [0.0, x[1], x[2] ** 2],
    }
    wrong = {reason: torch.stack([first, torch.tensor(row, dtype=x.dtype)]) for reason, row in mistaken.items()}
    wrong["the two rows are swapped"] = rows.flip(0)
    wrong["the second row is already multiplied by its weight"] = lambda: torch.stack([first, run.v[1] * second])
    expect(run.J).close_to(rows, mistaken=wrong)


def _wrong_products(v, rows):
    return {
        "that is the plain sum of the rows: `v` wasn't used": rows.sum(0),
        "that is the mean of the rows: `v` wasn't used": rows.mean(0),
        "that is the second row alone": rows[1],
        "that is the first row alone": rows[0],
        "only the second output went backward": v[1] * rows[1],
        "only the first output went backward": v[0] * rows[0],
        "the weights are the other way round": v.flip(0) @ rows,
        "that is `v @ J` twice: two backward passes add up": 2 * v @ rows,
        "a mean divides: `v @ J` is the gradient of the sum, `(v * y).sum()`": v @ rows / 2,
    }


def gradient_is_the_product(run):
    """`x.grad` holds `v @ J`"""
    v, rows = expect(run.v).has_shape(2).value, _jacobian(run.x)
    if run.x.grad is None:
        raise Unmet("`x.grad` is None: no backward pass has reached `x`.", "Call `y.backward(...)` with its weights.")
    expect(run.x.grad).close_to(v @ rows, mistaken=_wrong_products(v, rows))


def another_v_another_gradient(run):
    """with another `v` and another `x`, `x.grad` follows"""
    v = torch.tensor([3.0, -1.0], dtype=run.v.dtype)
    x = torch.tensor([0.5, -2.0, 5.0], dtype=run.x.dtype, requires_grad=True)
    other = again(run, v=v, x=x)
    rows = _jacobian(x)
    copied = {
        "that is `v @ J`, with the `J` written for the first `x`: let `y.backward(...)` find it": lambda: v @ other.J,
        "the weights are those of the first `v`: use `v`, and not its numbers": run.v @ rows,
    }
    expect(other.x.grad).close_to(v @ rows, mistaken=copied | _wrong_products(v, rows))


# %% right: the weighted sum has the same gradient
# in place of: y.backward(v)
(v @ y).backward()

# %% right: another x with its own J, another v, and an assert
# in place of: x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
x = torch.tensor([4.0, 5.0, 0.5], requires_grad=True)
# in place of: v = torch.tensor([1.0, 10.0])
v = torch.tensor([2.0, 3.0])
# in place of: J = torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 6.0]])
J = torch.tensor([[5.0, 4.0, 0.0], [0.0, 1.0, 1.0]])
# after: y.backward(v)
assert torch.equal(x.grad, v @ J)

# %% right: each row backward with its weight
# in place of: y.backward(v)
for weight, output in zip(v, y, strict=True):
    output.backward(weight, retain_graph=True)

# %% right: autograd.grad with grad_outputs
# in place of: y.backward(v)
(x.grad,) = torch.autograd.grad(y, x, grad_outputs=v)

# %% mistake: a backward() for each row counts each row once, whatever v says -> gradient_is_the_product
# in place of: y.backward(v)
y[0].backward(retain_graph=True)
y[1].backward()

# %% mistake: the sum of y counts every row once, whatever v says -> gradient_is_the_product
# in place of: y.backward(v)
y.sum().backward()

# %% mistake: the table was written with a row for each input, so it is J transposed -> jacobian_by_hand
# in place of: J = torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 6.0]])
J = torch.tensor([[2.0, 0.0], [1.0, 1.0], [0.0, 6.0]])
# without: print(v @ J)

# %% mistake: the derivative of x₂² is 2x₂ = 6, and not x₂² = 9 -> jacobian_by_hand
# in place of: J = torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 6.0]])
J = torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 9.0]])

# %% mistake: the product by hand is right for this x alone, and no backward pass -> another_v_another_gradient
# in place of: y.backward(v)
x.grad = v @ J

# %% mistake: the weights are the other way round -> gradient_is_the_product
# in place of: y.backward(v)
y.backward(v.flip(0))

# %% mistake: backward got typed numbers, so another v changes nothing -> another_v_another_gradient
# in place of: y.backward(v)
y.backward(torch.tensor([1.0, 10.0]))

# %% question no_vector
"""`y` has three elements, and `backward()` is given nothing. What does this print?

- tensor([2., 2., 2.]): that is what `y.backward(torch.ones(3))` leaves; torch doesn't guess a `v`
- None: `backward()` doesn't pass in silence
- RuntimeError

Only a scalar has a gradient without further question. The error says: "grad can be implicitly created only for
scalar outputs".
"""
import torch

x = torch.ones(3, requires_grad=True)
try:
    (2 * x).backward()
    print(x.grad)
except RuntimeError as error:
    print(type(error).__name__)

# %% question weighted_squares
"""What does this print?

- tensor([2., 0., 6.])
- tensor([2., 4., 6.]): that would be the gradient for `v` of all ones
- tensor([1., 0., 9.]): those are the values v · x², not their derivatives
- tensor([1., 0., 1.]): that is `v` itself; it is multiplied by the Jacobian

The Jacobian of x² is a diagonal of 2x = 2, 4, 6. The zero in `v` leaves out the second output.
"""
import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x**2
y.backward(torch.tensor([1.0, 0.0, 1.0]))
print(x.grad)

# %% question shape_of_v
"""`x` has the shape (32, 10), and `y = layer(x)` has (32, 5). Which shape does `v` in `y.backward(v)` have?

- [x] (32, 5)
- (32, 10): that is the shape of the result, `x.grad`; `v` weighs outputs
- (32, 5, 32, 10): that is the whole Jacobian, which autograd never builds
- (5,): there is a weight for every element of `y`, all 32 rows included; `v` isn't broadcast

One weight for each element of `y`, so `v` has the shape of `y`. What comes out has the shape of `x`.
"""

# %% question rows_of_jacobian
"""What does this print?

- tensor([1., 1., 1.]): that is the row of the sum, whose weight in `v` is 0
- tensor([6., 3., 2.])
- tensor([7., 4., 3.]): both rows; only a `v` of all ones adds both
- tensor([0., 6., 0.]): `v` weighs the two outputs, not the three inputs

A 1 at one output and 0 elsewhere picks that output's row. The derivative of x₀·x₁·x₂ by x₀ is x₁·x₂ = 6.
"""
import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = torch.stack([x.sum(), x.prod()])
y.backward(torch.tensor([0.0, 1.0]))
print(x.grad)

# %% question rows_add_up: predict x.grad.tolist()
"""Two backward passes, each with a `v` that picks one output. What does `x.grad` hold at the end?

- `[x[1].item(), x[0].item()]`: that is the second row alone; a pass adds to what `.grad` holds
- `[float(a), 0.0]`: that is the first row alone; the second pass adds another one to it
- `[(a + x[1].item()) / 2, x[0].item() / 2]`: passes add up, and nobody divides

Rows that go into the same `.grad` are added, as a `v` of all ones adds them in one pass. To see each by
itself, set `x.grad = None` in between.
"""
import torch

a = 5  # fresh: 3..9
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = torch.stack([a * x[0], x[0] * x[1]])
y.backward(torch.tensor([1.0, 0.0]), retain_graph=True)
y.backward(torch.tensor([0.0, 1.0]))

# %% question product_with_a_matrix: write grad
"""Write what `y.backward(v)` would leave in `x.grad`.

- `W.sum(dim=0)`: that counts each row once, whatever `v` says
- `v.unsqueeze(1) * W`: these are the weighted rows, which still have to be added up
- `y.detach() @ W`: `y` holds the outputs; their weights are in `v`
- `W`: that is the whole Jacobian; `v` makes one row of it

The Jacobian of `W @ x` is `W` itself, so the product is `v @ W`. A linear layer passes its gradient down
in the same way.
"""
import torch

m = 2  # fresh: 2..4
n = 5  # fresh: 5..7
W, x = torch.rand(m, n), torch.rand(n, requires_grad=True)
y = W @ x
v = torch.rand(m)
grad = v @ W

# %% question same_as_ones: choose all
"""`x` has three elements, and `y = x**2`. Which of these leave in `x.grad` what
`y.backward(torch.ones(3))` leaves there?

- [x] `y.sum().backward()`: in a sum each output weighs 1
- `y.mean().backward()`: in a mean each output weighs a third
- `y.backward()`: that is an error, for torch doesn't guess a `v`
- [x] `for one in y: one.backward(retain_graph=True)`: each pass adds one row of the Jacobian
- `y[0].backward()`: that is the first row alone

A `v` of all ones adds up all rows.
"""

# %% question weights_of_a_mean: fill the blank
"""Let `x.grad` hold what `y.mean().backward()` would leave there.

- [x] `torch.ones(n) / n`
- [x] `torch.full((n,), 1 / n)`
- `torch.ones(n)`: that is the gradient of the sum; in a mean each output weighs less
- `y.detach() / n`: `v` holds the weights of the outputs, not the outputs

A mean is a weighted sum, and each of the n weights is 1/n.
"""
import torch

n = 4  # fresh: 3..6
x = torch.arange(1.0, n + 1, requires_grad=True)
y = x**2
y.backward(___)
print(x.grad)

# %% question same_row_twice: find the line
"""This should print the Jacobian of `y`, but it prints the same row twice. Which line is at fault?

To pick one output, `v` needs a 1 there and 0 elsewhere, and the rows of `torch.eye(2)` are such vectors. With
ones only, each pass gives the sum of the two rows.
"""
import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = torch.stack([x.sum(), x.prod()])  # fine: two outputs from three inputs
rows = []
for v in torch.ones(2, 2):  # at fault: for v in torch.eye(2):
    x.grad = None  # fine: without it, the second row would be added to the first
    y.backward(v, retain_graph=True)  # fine: the next round goes through the same graph
    rows.append(x.grad)  # fine: after `x.grad = None` each pass makes a new tensor
print(torch.stack(rows))
