"""# The whole training loop

Training is five lines, repeated. Each does one thing, and their order is the whole art:

    optimizer.zero_grad()          empty gradients
    prediction = model(x)          what it says now
    loss = loss_fn(prediction, y)  how wrong that is
    loss.backward()                which way to move
    optimizer.step()               move, a little

Leave out the first or one of the last two, and nothing fails and nothing warns; the numbers on
screen are all you have. Without `backward()` or `step()` the loss stays where it was. Without
`zero_grad()` each gradient is added to all earlier ones, so the steps grow too long, and the loss
swings up and down.

The data are made on the spot: points on the line y = 2x − 1, plus noise. A model whose answer you
know is the best first test of any loop: the weight must come out near 2 and the bias near −1, and
the loss must fall to about 0.01, the noise squared.

## Task
The loop below only looks. Make it learn: call what is missing, so that each round takes one step of
the optimizer.

## Hints
- Three of the five lines are missing. The loss has a method that fills the gradients.
- The optimizer has two: one empties the gradients, one moves the parameters.
- Empty them anywhere except between `backward()` and `step()`.

## Takeaway
zero_grad, forward, loss, backward, step. When a training doesn't learn, print the loss first: flat
means that no step arrives; swinging means that the steps are too long, by the rate or by gradients
never emptied.
"""

# %% snippet picture=curve:loss -> backward_runs
import torch
from torch import nn

torch.manual_seed(0)
x = torch.linspace(-1, 1, 50).unsqueeze(1)
y = 2 * x - 1 + 0.1 * torch.randn(50, 1)

model = nn.Linear(1, 1)
loss_fn = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for step in range(100):
    prediction = model(x)
    loss = loss_fn(prediction, y)
    if step % 10 == 0:
        print(f"step {step:2}   loss {loss.item():.4f}")

print(model.weight.item(), model.bias.item())

# %% solution
import torch
from torch import nn

torch.manual_seed(0)
x = torch.linspace(-1, 1, 50).unsqueeze(1)
y = 2 * x - 1 + 0.1 * torch.randn(50, 1)

model = nn.Linear(1, 1)
loss_fn = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for step in range(100):
    optimizer.zero_grad()
    prediction = model(x)
    loss = loss_fn(prediction, y)
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(f"step {step:2}   loss {loss.item():.4f}")

print(model.weight.item(), model.bias.item())

# %% check
from dataclasses import replace
from functools import cache

import torch
from torch import nn

from tutor.check import Unmet, again, beside_solution, expect, series, steps


def backward_runs(run):
    """`backward()` runs in every round of the loop"""
    times = len(series(run, "loss"))
    if times < 2:
        raise Unmet(
            f"`loss.backward()` {'runs only once' if times else 'never runs'}: there are no gradients to learn from.",
            "Call `loss.backward()` inside the loop, once the loss is known.",
        )


def steps_find_gradients(run):
    """`optimizer.step()` follows it, finds the gradients and moves the parameters"""
    taken = _steps(run)
    if not _moves(taken[0]) and not _has_gradient(taken[0]):
        raise Unmet(
            "The first `optimizer.step()` finds no gradients, and moves nothing.",
            "`backward()` fills them, so it comes first; `zero_grad()` empties them: never between the two.",
        )
    if not any(_moves(step) for step in taken):
        raise Unmet(
            f"`optimizer.step()` finds gradients and moves nothing: its learning rate is {taken[0].rates[0]:g}.",
            "Give the optimizer a rate above 0, such as `lr=0.1`.",
        )


def each_step_has_its_backward(run):
    """there is one step for each `backward()`"""
    for number, step in enumerate(_steps(run)[1:], 2):
        if "backward" not in step.calls:
            raise Unmet(
                f"Step {number} of the optimizer has no `backward()` of its own: the same gradients are used again.",
                "Call `optimizer.step()` once after each `backward()`.",
            )


def gradients_start_fresh(run):
    """each step uses the gradients of its own loss only"""
    given = _beside(run)[1]
    points = {"x": torch.full_like(given.x, 0.5), "y": torch.ones_like(given.y)}  # so that all batches are alike
    taken = _steps(run, **points)
    values = {name: value for step in reversed(taken) for name, value in step.before.items()}
    for number, step in enumerate(taken, 1):
        values |= step.before
        error, slopes = _error(run.model, values, points["x"][:1])
        if abs(error) < 1e-3:
            continue
        if not _has_gradient(step) and not _moves(step):
            raise Unmet(
                f"Step {number} of the optimizer finds no gradients: they were emptied.",
                "Call `optimizer.zero_grad()` before `backward()`, never between `backward()` and `step()`.",
            )
        pull = sum(
            (step.gradients[name] * slope).sum()
            for name, slope in slopes.items()
            if step.gradients.get(name) is not None
        )
        if pull * error < -1e-6 and number == 1:
            raise Unmet(
                "The first step of the optimizer moves `prediction` away from `y`.",
                "Call `backward()` on the loss of `prediction` and `y`, with no other sign.",
            )
        if pull * error < -1e-6:
            raise Unmet(
                f"Step {number} of the optimizer still uses gradients of earlier steps: nothing emptied them.",
                "Call `optimizer.zero_grad()` in every round, before `backward()`.",
            )


def line_is_found(run):
    """the model finds the line in the data: a weight near 2 and a bias near -1"""
    anew, given = _beside(run)
    line, best = _line(anew.model, given.x), _best(given.x, given.y)
    if not _near(line, best):
        count, losses = len(_steps(run)), series(run, "loss")
        if not losses[-1] < losses[0]:
            advice = f"The loss rose from {losses[0]:.4g} to {losses[-1]:.4g}: is the learning rate too large?"
        elif len(losses) > 2 * count:
            advice = f"`backward()` ran {len(losses)} times: should `step()` follow each time?"
        elif losses[-1] < 0.99 * losses[int(0.9 * (len(losses) - 1))]:
            advice = "The loss is still falling: take more steps, or a larger rate."
        else:
            advice = "The loss no longer falls: is it the loss of `prediction` and `y`?"
        raise Unmet(f"After {count} steps the model has {_words(line)}; the line has {_words(best)}.", advice)


def other_data_will_do(run):
    """it finds the line of other data too"""
    given = _beside(run)[1]
    line = _line(again(run, x=given.x, y=-given.y).model, given.x)
    best = _best(given.x, -given.y)
    if not _near(line, best):
        raise Unmet(
            f"With `-y` in the place of `y`, the model comes out with {_words(line)}; the line has {_words(best)}.",
            "Let only `optimizer.step()` change the parameters: don't type them in.",
        )


# --- the steps ----------------------------------------------------------------------------------------------


@cache
def _steps(run, **changes):
    """The steps that move `model`, each with all that was called since the last one of the same parameters."""
    every, own, calls, since = steps(run, **changes), [], [], {}
    for step in every:
        calls += step.calls
        names = tuple(step.before)
        if any(name.startswith("model.") for name in names):
            own.append(replace(step, calls=calls[since.get(names, 0) :]))
        since[names] = len(calls)
    held = {name for step in own for name in step.before}
    for name, _ in expect(run.model).is_a(nn.Module).value.named_parameters():
        if every and f"model.{name}" not in held:
            raise Unmet(f"The optimizer does not hold `model.{name}`.", "Give it `model.parameters()`.")
    if len(own) < 2 <= len(every):
        raise Unmet("Only the last step moves this `model`.", "Make `model` and `optimizer` once, before the loop.")
    if len(own) < 2:
        raise Unmet(
            f"`optimizer.step()` {'runs only once' if own else 'never runs'}, so the gradients are not used.",
            "Call `optimizer.step()` inside the loop, after `loss.backward()`.",
        )
    return own


def _moves(step):
    return any(not torch.equal(step.before[name], step.after[name]) for name in step.before)


def _has_gradient(step):
    return any(gradient is not None and gradient.any() for gradient in step.gradients.values())


def _error(model, values, x):
    """How far above 1 the model is at ``x`` with these parameters, and how that changes with each of them."""
    own = {name: value.detach().requires_grad_() for name, value in values.items() if name.startswith("model.")}
    inner = {name.removeprefix("model."): value for name, value in own.items()}
    error = torch.func.functional_call(model, inner, (x,)).mean() - 1
    slopes = torch.autograd.grad(error, list(own.values()), materialize_grads=True)
    return error.item(), dict(zip(own, slopes, strict=True))


# --- the line -----------------------------------------------------------------------------------------------


@cache
def _beside(run):
    """The draft, and the solution on the same data: a loop over batches may have used `x` and `y` for its own."""
    try:
        return beside_solution(run)
    except Unmet:
        raise
    except Exception:  # the solution can't work with what the draft gives: another kind of model or optimizer
        return run, run


def _line(model, x):
    """The weights of the model, then its bias, as its output for points shows them."""
    features = x.reshape(len(x), -1).shape[1]
    points = torch.cat([torch.eye(features), torch.zeros(1, features)]).to(x)
    with torch.no_grad():
        output = expect(model, "model").is_a(nn.Module).value(points)
    bias = output[-1:].flatten()
    return torch.cat([output[:-1].flatten() - bias, bias])


def _best(x, y):
    """The weights and the bias of the line that fits best."""
    x = torch.cat([x.reshape(len(x), -1), torch.ones(len(x), 1).to(x)], dim=1)
    return torch.linalg.lstsq(x, y.reshape(len(x), 1)).solution.flatten()


def _near(line, best):
    return torch.allclose(line, best, rtol=0.05, atol=0.1)


def _words(line):
    *weights, bias = (f"{number:.4g}" for number in line.tolist())
    return f"weight {', '.join(weights)} and bias {bias}"


# %% right: gradients emptied after the step
# without: optimizer.zero_grad()
# after: optimizer.step()
optimizer.zero_grad()

# %% right: the model empties them, and the loss is a function
# in place of: optimizer.zero_grad()
model.zero_grad()
# in place of: loss = loss_fn(prediction, y)
loss = nn.functional.mse_loss(prediction, y)

# %% right: more steps, and another rate
# in place of: optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
# before: optimizer.zero_grad()
assert model.training

# %% right: batch by batch, with names of the data used again
# in place of: for step in range(100):
# in place of: optimizer.zero_grad()
# in place of: prediction = model(x)
# in place of: loss = loss_fn(prediction, y)
# in place of: loss.backward()
# in place of: optimizer.step()
# in place of: if step % 10 == 0:
# in place of: print(f"step {step:2}   loss {loss.item():.4f}")
for epoch in range(30):
    for rows in torch.randperm(len(x)).split(16):
        optimizer.zero_grad()
        loss = loss_fn(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
rows = torch.arange(50).split(10)
for x, y in [(x[part], y[part]) for part in rows]:
    print(loss_fn(model(x), y).item())

# %% right: other data, each part of a batch adds its gradients, emptied by hand
# in place of: torch.manual_seed(0)
torch.manual_seed(3)
# in place of: x = torch.linspace(-1, 1, 50).unsqueeze(1)
# in place of: y = 2 * x - 1 + 0.1 * torch.randn(50, 1)
x = torch.linspace(-1, 1, 80).unsqueeze(1)
y = 30 - 7 * x + 0.5 * torch.randn(80, 1)
# in place of: for step in range(100):
# in place of: optimizer.zero_grad()
# in place of: prediction = model(x)
# in place of: loss = loss_fn(prediction, y)
# in place of: loss.backward()
# in place of: optimizer.step()
# in place of: if step % 10 == 0:
# in place of: print(f"step {step:2}   loss {loss.item():.4f}")
for _ in range(150):
    for part, target in zip(x.split(20), y.split(20), strict=True):
        (loss_fn(model(part), target) / 4).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 50)
    optimizer.step()
    for parameter in model.parameters():
        parameter.grad = None

# %% right: another model beside it, for which nobody empties the gradients
# in place of: model = nn.Linear(1, 1)
model, careless = nn.Linear(1, 1), nn.Linear(1, 1)
# in place of: optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
swinging = torch.optim.SGD(careless.parameters(), lr=0.1)
# after: optimizer.step()
loss_fn(careless(x), y).backward()
swinging.step()


# %% right: a module of one's own and a function that trains it
# in place of: model = nn.Linear(1, 1)
class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.slope = nn.Parameter(torch.zeros(()))
        self.start = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        return self.slope * x + self.start


model = Line()


# in place of: for step in range(100):
# in place of: optimizer.zero_grad()
# in place of: prediction = model(x)
# in place of: loss = loss_fn(prediction, y)
# in place of: loss.backward()
# in place of: optimizer.step()
# in place of: if step % 10 == 0:
# in place of: print(f"step {step:2}   loss {loss.item():.4f}")
def train(model, optimizer, rounds):
    losses = []
    for _ in range(rounds):
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


losses = train(model, optimizer, 120)
assert losses[-1] < losses[0]
# in place of: print(model.weight.item(), model.bias.item())
print(model.slope.item(), model.start.item())

# %% right: layers named one by one, in double precision
# in place of: torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
# in place of: model = nn.Linear(1, 1)
layer = nn.Linear(1, 1)
model = nn.Sequential(layer)
# in place of: print(model.weight.item(), model.bias.item())
print(layer.weight.item(), layer.bias.item())

# %% right: LBFGS, which calls a closure
# in place of: optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5)


# in place of: optimizer.zero_grad()
# in place of: prediction = model(x)
# in place of: loss = loss_fn(prediction, y)
# in place of: loss.backward()
# in place of: optimizer.step()
def closure():
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    return loss


loss = optimizer.step(closure)

# %% mistake: no backward(): step() finds no gradients, and moves nothing -> backward_runs
# without: loss.backward()

# %% mistake: no step(): the gradients are there, and nobody uses them -> steps_find_gradients
# without: optimizer.step()

# %% mistake: no zero_grad(): each step adds all the earlier gradients to its own -> gradients_start_fresh
# without: optimizer.zero_grad()

# %% mistake: zero_grad() between backward() and step() throws the gradients away -> steps_find_gradients
# without: optimizer.zero_grad()
# after: loss.backward()
optimizer.zero_grad()

# %% mistake: step() before backward(), just after the gradients were emptied -> steps_find_gradients
# after: loss = loss_fn(prediction, y)
optimizer.step()
# without: optimizer.step()

# %% mistake: the loop is right, and the rate too small to arrive in 100 steps -> line_is_found
# in place of: optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.001)

# %% mistake: most steps find gradients of before: they are emptied in every tenth round -> gradients_start_fresh
# without: optimizer.zero_grad()
# before: print(f"step {step:2}   loss {loss.item():.4f}")
optimizer.zero_grad()

# %% mistake: no zero_grad() in a loop over batches -> gradients_start_fresh
# in place of: for step in range(100):
# in place of: optimizer.zero_grad()
# in place of: prediction = model(x)
# in place of: loss = loss_fn(prediction, y)
# in place of: loss.backward()
# in place of: optimizer.step()
# in place of: if step % 10 == 0:
# in place of: print(f"step {step:2}   loss {loss.item():.4f}")
for epoch in range(30):
    for rows in torch.randperm(len(x)).split(16):
        loss = loss_fn(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()

# %% mistake: two steps with each gradient -> each_step_has_its_backward
# after: optimizer.step()
optimizer.step()

# %% mistake: a second optimizer takes the same step once more -> each_step_has_its_backward
# in place of: optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
second = torch.optim.SGD(model.parameters(), lr=0.1)
# after: optimizer.step()
second.step()

# %% mistake: the loss is made larger -> gradients_start_fresh
# in place of: loss.backward()
(-loss).backward()

# %% mistake: backward() and step() once, below the loop -> backward_runs
# without: loss.backward()
# without: optimizer.step()
# before: print(model.weight.item(), model.bias.item())
loss.backward()
optimizer.step()

# %% mistake: the rate is 0, and the answer typed in -> steps_find_gradients
# in place of: optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
model.weight.data.fill_(2.0)
model.bias.data.fill_(-1.0)

# %% mistake: the model is another one than the optimizer's -> steps_find_gradients
# before: for step in range(100):
model = nn.Linear(1, 1)

# %% mistake: the model is made anew in each round -> steps_find_gradients
# before: optimizer.zero_grad()
model = nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

# %% mistake: a step only in every tenth round -> line_is_found
# without: optimizer.step()
# before: print(f"step {step:2}   loss {loss.item():.4f}")
optimizer.step()

# %% mistake: the rate is so large that the loss grows -> line_is_found
# in place of: optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=5.0)

# %% mistake: the answer is typed in, and hardly trained -> other_data_will_do
# in place of: optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.0001)
model.weight.data.fill_(2.0)
model.bias.data.fill_(-1.0)

# %% question no_zero_grad
"""A loop without `zero_grad()`. The slope of the loss is 1 everywhere. Where does `w` stand after
three steps?

- 0.7: with `zero_grad()` it would; each step would then use a gradient of 1
- 0.9: that is after the first step
- 0.4
- 0.1: the gradients are 1, 2 and 3, not three times 3

Gradients add up to 1, 2, 3, so the steps are 0.1, 0.2 and 0.3 long: 1 − 0.6.
"""
import torch

w = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for _ in range(3):
    loss = 1 * w
    loss.backward()
    optimizer.step()
print(round(w.item(), 3))

# %% question constant_loss
"""The loop prints loss 2.8912, 2.8912, 2.8912 … What can be the reason?

- `zero_grad()` is missing: then the steps grow, and the loss swings up and down
- [x] `optimizer.step()` is missing, so the parameters never move
- The rate is a little too small: then the loss would still fall, only slowly
- The data have noise: noise keeps the loss from reaching 0, not from falling

Flat to the last digit means that no parameter moves at all: look for a missing `step()` or
`backward()`, or for an optimizer that holds the parameters of another model.
"""

# %% question zero_grad_too_late
"""`zero_grad()` between `backward()` and `step()`. What does the program print?

- 0.8 None: for that, `step()` must come before `zero_grad()`
- 1.0 2.0: `zero_grad()` emptied the gradient
- 0.8 2.0: `step()` found no gradient left to use
- 1.0 None

The derivative of w² was 2, until `zero_grad()` set `.grad` to None. `step()` passes over a
parameter without a gradient and says nothing.
"""
import torch

w = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
(w**2).backward()
optimizer.zero_grad()
optimizer.step()
print(w.item(), w.grad)

# %% question five_lines: order
"""Put the five lines of the loop in order.

First what the last round left is cleared; then predict, compare, find the slopes, and move.
"""
import torch
from torch import nn

torch.manual_seed(0)
x = torch.linspace(-1, 1, 20).unsqueeze(1)
y = 3 * x + 2
model, loss_fn = nn.Linear(1, 1), nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(50):
    optimizer.zero_grad()  # step
    prediction = model(x)  # step
    loss = loss_fn(prediction, y)  # step
    loss.backward()  # step
    optimizer.step()  # step
print(model.weight.item(), model.bias.item())

# %% question loss_after_the_step: predict round(loss.item(), 3)
"""One whole round of training, then a look at `loss`. What does it hold?

- `round(w.item() ** 2, 3)`: that is the loss of `w` as it is now, which nobody has computed yet
- `round(w.item(), 3)`: that is `w` after the step
- `2 * start`: that is the gradient

`loss` was computed before the step, and doesn't follow `w`. So what a loop prints after `step()` belongs to the
parameters before it.
"""
import torch

start = 4.0  # fresh: 3.0, 4.0, 5.0, 6.0, 7.0
w = torch.tensor(start, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.25)
optimizer.zero_grad()
loss = w**2
loss.backward()
optimizer.step()

# %% question steps_in_all: predict steps
"""How many steps does the optimizer take?

- `epochs * (samples // size)`: the last batch of an epoch is smaller, and gets a step as well
- `epochs * samples`: there is one step for each batch, not for each sample
- `epochs`: that would be one step for all samples together
- `samples // size + 1`: that is one epoch

In each epoch as many as there are batches, the last and smaller one included.
"""
import torch

samples = 100  # fresh: 90, 100, 110
size = 32  # fresh: 8, 16, 32
epochs = 3  # fresh: 2..4
w = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
steps = 0
for _ in range(epochs):
    for batch in torch.randn(samples).split(size):
        optimizer.zero_grad()
        (batch - w).square().mean().backward()
        optimizer.step()
        steps += 1

# %% question memory_grows: find the line
"""With each round this program needs more memory. Which line is at fault?

A sum of losses that are tensors keeps the graph of each round alive. `.item()` takes the number alone.
"""
import torch

w = torch.tensor(4.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
total = 0.0
for _ in range(5):
    loss = w.square()  # fine: a new graph each round, and the old one goes with the old loss
    optimizer.zero_grad()
    loss.backward()  # fine: this even frees what the graph had saved
    optimizer.step()
    total += loss  # at fault: total += loss.item()
print(total)

# %% question batch_in_parts: fill the blank
"""Gradient accumulation: the batch is too large, so it comes in parts, and there is one step for all. Make `w.grad` the
gradient that the whole batch would give.

- [x] `parts`
- `1`: the gradients of all parts are added, so the sum is too large
- `len(part)`: `mean` has divided by that already
- `len(x)`: `mean` has divided by the size of a part already

The mean of the whole batch is the mean of the means of its equal parts, so each loss is divided by their number.
"""
import torch

parts = 3  # fresh: 2..4
x = torch.arange(1.0, 25.0)
w = torch.tensor(2.0, requires_grad=True)
for part in x.split(24 // parts):
    divisor = ___
    loss = (w * part).mean() / divisor
    loss.backward()
print(round(w.grad.item(), 3), x.mean().item())

# %% question step_by_hand: write moved
"""Write `moved`: where a step of plain SGD with the rate `lr` takes `w`.

- `w + lr * gradient`: that goes uphill, for the gradient points to where the loss grows
- `w - gradient`: that leaves out the rate
- `-lr * gradient`: that is the step, and not where it leads
- `w * (1 - lr)`: how far it goes depends on the gradient, not on `w`

`step()` does no more than this, for each parameter.
"""
import torch

n = 3  # fresh: 2..5
lr = 0.1  # fresh: 0.1, 0.25, 0.5
w, gradient = 2 + torch.rand(n), torch.rand(n)
moved = w - lr * gradient

# %% question what_moves_parameters: choose all
"""Which of these change the parameters of `model`?

- `loss.backward()`: it fills `.grad`, and moves nothing
- [x] `optimizer.step()`: it moves each parameter that has a gradient
- `optimizer.zero_grad()`: it clears the gradients, not the parameters
- `model.train()`: it trains nothing; it only tells layers such as dropout how to behave
- [x] `model.load_state_dict(saved)`: it puts in the saved numbers

What the other lines prepare, `step()` does.
"""
