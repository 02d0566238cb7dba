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

# %% snippet
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
from tutor.check import expect


def x_tracks_gradients(run):
    """`x` is a leaf that tracks gradients"""
    expect(run.x).is_leaf().requires_grad()


def gradient_is_the_derivative(run):
    """`x.grad` holds d miss/dx = 2(x - 3)"""
    expect(run.x.grad, "x.grad").close_to(2 * (run.x.detach() - 3))


# %% mistake: backward() was never called -> gradient_is_the_derivative
import torch

x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
gap = x - 3
miss = gap.square().sum()

print(x.grad)

# %% mistake: requires_grad was asked of a copy, so x itself stays untracked -> x_tracks_gradients
import torch

x = torch.tensor([1.0, 2.0, 4.0])
tracked = x.clone().requires_grad_()
gap = tracked - 3
miss = gap.square().sum()
miss.backward()

print(tracked.grad)

# %% mistake: backward() ran twice, and gradients add up -> gradient_is_the_derivative
import torch

x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
gap = x - 3
miss = gap.square().sum()
miss.backward(retain_graph=True)
miss.backward()

print(x.grad)

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
