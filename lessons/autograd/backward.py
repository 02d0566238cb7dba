"""# The gradient of a scalar

`backward()` walks from a scalar back through every operation that made it, and leaves the derivative in
`.grad` of each **leaf** that asked for one. A leaf is a tensor that no operation made: you did.

Asking is one keyword, `requires_grad=True`. From then on every tensor computed from the leaf remembers how it
was made, in `grad_fn`; that chain is what `backward()` walks.

Here `miss` measures how far three numbers are from 3. By hand:

    miss = Σ (xᵢ − 3)²        ∂miss/∂xᵢ = 2 (xᵢ − 3)

so for x = 1, 2, 4 the gradient must be −4, −2, 2: negative where x has to grow, positive where it has to
shrink.

## Task
Let `x` track gradients, then make `x.grad` hold the derivative of `miss`.

## Hints
- `torch.tensor` takes `requires_grad=`.
- `miss` is a scalar: it has a method that fills the gradients of all the leaves below it.

## Takeaway
`backward()` fills `.grad` of leaves only. If you need the gradient of a tensor in between, such as `gap`, call
`gap.retain_grad()` before `backward()`.
"""

# %% snippet picture=graph -> x_tracks_gradients
import torch

x = torch.tensor([1.0, 2.0, 4.0])
gap = x - 3
miss = gap.square().sum()

print(x.grad)

# %% solution
import torch

x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
gap = x - 3
miss = gap.square().sum()
miss.backward()

print(x.grad)

# %% check
import torch
from tutor.check import Unmet, again, expect


def _goal(run):
    """What `miss` subtracts from `x`, which a learner may change: n (t - goal)² is seen at three values of t."""
    values = (torch.full_like(run.x, t).requires_grad_() for t in (0.0, 1.0, 2.0))
    at0, at1, at2 = (expect(again(run, x=value).miss).has_shape().value.item() for value in values)
    count = run.x.numel()
    if abs((at0 - 2 * at1 + at2) / 2 - count) > 1e-3 * count:
        raise Unmet(
            "`miss` is not the sum of the squares of `x - 3`.", "The line that makes it is right as the lesson has it."
        )
    return ((at0 - at1) / count + 1) / 2


def _gradient_is_right(run, goal):
    x = run.x.detach()
    mistaken = {
        "that is the value of each square: its derivative is 2 (x − 3)": (x - goal).square(),
        "the factor 2 of the derivative is missing": x - goal,
        "that is the gradient of another scalar than `miss`": torch.ones_like(x),
    }
    expect(run.x.grad).close_to(2 * (x - goal), rtol=1e-4, atol=1e-4, mistaken=mistaken)


def x_tracks_gradients(run):
    """`x` is a leaf that tracks gradients"""
    expect(run.x).is_leaf().requires_grad()


def gradient_is_the_derivative(run):
    """`x.grad` holds d miss/dx = 2(x - 3)"""
    expect(run.miss).has_shape()
    expect(run.x).has_grad()
    _gradient_is_right(run, _goal(run))
    other = again(run, x=(0.25 - 1.5 * run.x.detach()).requires_grad_())
    _gradient_is_right(other, _goal(run))


# %% right: gradients asked for later, by autograd.grad
# in place of: x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
x = torch.tensor([1.0, 2.0, 4.0]).requires_grad_()
# in place of: miss.backward()
(x.grad,) = torch.autograd.grad(miss, x)

# %% right: a Parameter, other numbers, and a print more
# in place of: x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
x = torch.nn.Parameter(torch.tensor([5.0, -2.0]))
# before: miss.backward()
print(miss.item())


# %% right: another goal, and a reversed difference
# in place of: gap = x - 3
gap = 5.5 - x


# %% right: a function of its own, and the square written out
# in place of: miss = gap.square().sum()
def distance(gap):
    return (gap * gap).sum()


miss = distance(gap)
assert miss.ndim == 0

# %% mistake: backward() was never called -> gradient_is_the_derivative
# without: miss.backward()

# %% mistake: requires_grad was asked of a copy, so x itself stays untracked -> x_tracks_gradients
import torch

x = torch.tensor([1.0, 2.0, 4.0])
tracked = x.clone().requires_grad_()
gap = tracked - 3
miss = gap.square().sum()
miss.backward()

print(tracked.grad)

# %% mistake: that is the gradient of another scalar, each 1 -> gradient_is_the_derivative
# in place of: miss.backward()
gap.sum().backward()

# %% mistake: autograd.grad returns the gradient, and no name keeps it -> gradient_is_the_derivative
# in place of: miss.backward()
torch.autograd.grad(miss, x)

# %% mistake: a mean divides each gradient by the number of them -> gradient_is_the_derivative
# in place of: miss = gap.square().sum()
miss = gap.square().mean()

# %% mistake: the three numbers are typed in -> gradient_is_the_derivative
# in place of: miss.backward()
x.grad = torch.tensor([-4.0, -2.0, 2.0])

# %% mistake: backward() ran twice, and gradients add up -> gradient_is_the_derivative
# after: miss = gap.square().sum()
miss.backward(retain_graph=True)

# %% question square_gradient
"""What does this print?

- tensor(6.)
- tensor(9.): that is x², not its derivative
- None: `x` is a leaf and asked for its gradient, so `backward()` fills it
- tensor(3.): that is `x` itself

d(x²)/dx = 2x, and x is 3.
"""
import torch

x = torch.tensor(3.0, requires_grad=True)
(x**2).backward()
print(x.grad)

# %% question who_is_leaf
"""Which of the two is a leaf? The program prints `x.is_leaf` and `y.is_leaf`.

- True False
- True True: `y` was made by an operation on a tensor that tracks gradients
- False True: it is the other way round; `x` was made by you, `y` by `*`
- False False: a tensor that you make yourself is always a leaf

A tensor that you make is a leaf. What an operation makes from a tracked tensor is not.
"""
import torch

x = torch.ones(2, requires_grad=True)
y = x * 2
print(x.is_leaf, y.is_leaf)

# %% question adds_up: predict x.grad.item()
"""`backward()` is called several times, and nothing is cleared. What does `x.grad` hold?

- `2 * start`: that is one call; each adds to what is there
- `x.detach().backward()`: each round makes a graph of its own; only a second walk through the same one fails
- `start**2 * times`: that adds up x², not its derivative

Each call adds 2x. That is why a training loop calls `zero_grad()`, and why gradients of several batches can be
collected.
"""
import torch

start = 3.0  # fresh: 3.0, 4.0, 5.0
times = 3  # fresh: 2..5
x = torch.tensor(start, requires_grad=True)
for _ in range(times):
    (x**2).backward()

# %% question cut_graph: find the line
"""`backward()` stops: nothing here requires a gradient. Which line cuts the graph?

`torch.tensor` copies numbers, without their history. `torch.stack` is an operation, and autograd records it.
"""
import torch

w = torch.tensor(2.0, requires_grad=True)
near = (w - 1).square()
far = (w - 5).square()
losses = torch.tensor([near, far])  # at fault: losses = torch.stack([near, far])
loss = losses.mean()  # fine: it records where it came from, if there is something to record
loss.backward()  # fine: it stops here, for what is missing since an earlier line
print(w.grad)

# %% question gradient_in_between: order
"""You want the gradient of `gap`, which is no leaf. Put the steps in order.

`retain_grad()` asks `backward()` to keep it. Once `backward()` is done, it is too late to ask.
"""
import torch

goal = 3.0  # fresh: 3.0, 5.0, 6.0
x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
gap = x - goal  # step
gap.retain_grad()  # step
miss = gap.square().sum()  # step
miss.backward()  # step
print(gap.grad)

# %% question mean_by_hand: write by_hand
"""Elsewhere `x` tracks gradients, and `(x - c).square().mean().backward()` is called. Give `by_hand` what is then in
`x.grad`, as a formula of `x`, `c` and `n`.

- `2 * (x - c)`: that is for the sum; the mean divides each of them by `n`
- `(x - c) / n`: the derivative of a square has a factor 2
- `2 * (x - c).mean()`: that is one number, and each element has a gradient of its own
- `2 * x / n`: the derivative of a square is taken at `x - c`

The mean is the sum divided by n, and so are its gradients: with `mean` they don't grow with the batch.
"""
import torch

n = 4  # fresh: 3..9
c = 2.0  # fresh: 2.0, 3.0, 5.0
x = torch.rand(n)
by_hand = 2 * (x - c) / n

# %% question shared_graph: fill the blank
"""Both losses go through `h`. Complete the first call, so that the second doesn't stop.

- [x] `retain_graph=True`
- `retain_graph=False`: that is the default; it frees the part of the graph that both share

`backward()` frees what it has walked through. `(first + second).backward()` walks once, and needs to keep nothing.
"""
import torch

start = 1.0  # fresh: 1.0, 2.0, 3.0
x = torch.tensor(start, requires_grad=True)
h = x.exp()
first, second = 2 * h, 3 * h
first.backward(___)
second.backward()
print(x.grad.item())

# %% question who_holds_a_gradient: choose all
"""`a = torch.ones(2, requires_grad=True)`, `b = a * 2`, `c = torch.ones(2)`, `w = nn.Parameter(torch.ones(2))`.
Then `(w * b * c).sum().backward()` runs. Which hold a gradient in `.grad`?

- [x] `a`: a leaf that asked for it
- `b`: it was made by an operation, and didn't call `retain_grad()`
- `c`: it is a leaf, but didn't ask for a gradient
- [x] `w`: a Parameter is a leaf that asks by itself

Two conditions: a leaf, and `requires_grad`.
"""

# %% question downhill: predict after.item()
"""One step of gradient descent, by hand. Where is `x` after it?

- `start + rate * x.grad.item()`: the gradient points uphill
- `start - x.grad.item()`: the learning rate is left out
- `start - rate * (start - 3)`: the derivative of a square has a factor 2

The gradient is 2(x − 3), and the step goes against it.
"""
import torch

start = 5.0  # fresh: 5.0, 6.0, 7.0, 8.0
rate = 0.125  # fresh: 0.125, 0.25
x = torch.tensor(start, requires_grad=True)
(x - 3).square().backward()
after = x.detach() - rate * x.grad
