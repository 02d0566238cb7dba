"""# All-reduce by hand: averaging gradients

Two GPUs, one model: each holds a copy of it and computes gradients on its own half of the batch.
Before anyone takes a step, the gradients are averaged over the copies. That operation is an
**all-reduce**: all give, all get the same result.

    worker 0   x[0::2] → grad ─┐        ┌→ step
                               ├─ mean ─┤
    worker 1   x[1::2] → grad ─┘        └→ step

The copies started equal and take equal steps, so they stay equal: once they have begun, no weight
is ever sent. And nothing is lost against one large GPU: a loss that is a mean over 8 samples is the
mean of two means over 4, and so are its gradients.

    ∇ ⅛ Σ₈ ℓ  =  ½ ( ∇ ¼ Σ₄ ℓ  +  ∇ ¼ Σ₄ ℓ )

`DistributedDataParallel` does this during `backward()`, sending the gradients of late layers while
those of early layers are still being computed. Its workers are separate processes. Here both live
in one process and take turns, so you can see all there is: two copies, one average.

## Task
Write `average_gradients(workers)`: afterwards each parameter of each worker has, in `.grad`, the
mean of that parameter's gradients over all workers. It should work for any number of workers, and
for any model.

## Hints
- `zip(*[worker.parameters() for worker in workers])` yields the copies of one parameter together,
  then of the next.
- `torch.stack([copy.grad for copy in copies]).mean(0)` is their mean. Compute it before you
  overwrite any of them.
- Then give it to all: `parameter.grad.copy_(mean)` for each copy.

## Takeaway
With `torch.distributed` each process calls `dist.all_reduce(p.grad)`, which adds, and then divides:
`p.grad /= dist.get_world_size()`. The average equals the gradient of the whole batch if the shares
are equally large and no layer looks at its neighbours in the batch, as batch norm does.
"""

# %% snippet -> everyone_gets_the_same
from copy import deepcopy

import torch


def average_gradients(workers):
    pass


torch.manual_seed(0)
x, y = torch.randn(8, 3), torch.randn(8, 1)
model = torch.nn.Linear(3, 1)
workers = [deepcopy(model) for _ in range(2)]

for rank, worker in enumerate(workers):
    (worker(x[rank::2]) - y[rank::2]).square().mean().backward()
average_gradients(workers)

(model(x) - y).square().mean().backward()  # one process, whole batch
print(*[one.weight.grad for one in (model, *workers)], sep="\n")

# %% solution
from copy import deepcopy

import torch


def average_gradients(workers):
    for copies in zip(*[w.parameters() for w in workers], strict=True):
        mean = torch.stack([one.grad for one in copies]).mean(0)
        for one in copies:
            one.grad.copy_(mean)


torch.manual_seed(0)
x, y = torch.randn(8, 3), torch.randn(8, 1)
model = torch.nn.Linear(3, 1)
workers = [deepcopy(model) for _ in range(2)]

for rank, worker in enumerate(workers):
    (worker(x[rank::2]) - y[rank::2]).square().mean().backward()
average_gradients(workers)

(model(x) - y).square().mean().backward()  # one process, whole batch
print(*[one.weight.grad for one in (model, *workers)], sep="\n")

# %% check
import copy

import torch
from torch import nn

from tutor.check import Unmet, again, expect


def everyone_gets_the_same(run):
    """afterwards all workers hold the same gradients"""
    before, after = _averaged(run, nn.Linear(3, 1), 2)
    unlike = {name: grads for name, grads in after.items() if not torch.allclose(*grads)}
    owners = [
        (rank, name) for name in unlike for rank in range(2) if torch.equal(after[name][rank], before[name][rank])
    ]
    if len(owners) == 2 * len(after):
        raise Unmet(
            "`average_gradients(workers)` leaves every gradient as it was.",
            "Write the mean into the `.grad` of each parameter, in all the workers that it is given.",
        )
    if owners:
        raise Unmet(
            "After `average_gradients`, worker {} still has its own gradient of the {}.".format(*owners[0]),
            "Write the mean to all workers, and for each of their parameters.",
        )
    for name, (first, second) in unlike.items():
        own_first, own_second = before[name]
        mean = (own_first + own_second) / 2
        mistaken = {
            "it is the mean with what worker 0 already got: compute it before you write": (mean + own_second) / 2,
            "it is the gradient that worker 0 had": own_first,
            "the mean was added to the gradient that was there": own_second + mean,
        }
        expect(second, f"the gradient of the {name} in worker 1").close_to(first, mistaken=mistaken)


def it_is_the_mean(run):
    """each is the mean of the workers' gradients"""
    before, after = _averaged(run, nn.Linear(3, 1), 2)
    for name, grads in after.items():
        total = sum(before[name])
        mistaken = {
            "it is the sum of both, not divided by 2": total,
            "all have what worker 0 had: that is a broadcast": before[name][0],
            "all have what worker 1 had": before[name][1],
            "the mean also runs over all its numbers: average over the workers only": total.mean().expand_as(total) / 2,
            "it was divided twice": total / 4,
            "it was cleared": 0 * total,
        }
        expect(grads[0], f"the gradient of the {name}").close_to(total / 2, mistaken=mistaken)


def any_number_of_workers(run):
    """it works for any number of workers"""
    for count in (3, 5, 1):
        before, after = _averaged(run, nn.Linear(2, 3), count)
        for name, grads in after.items():
            total = sum(before[name])
            mistaken = {
                "the sum is divided by 2": total / 2,
                "it is the mean of the first two": sum(before[name][:2]) / 2,
            }
            for rank, grad in enumerate(grads):
                label = f"the gradient of the {name} in worker {rank} of {count}"
                expect(grad, label).close_to(total / count, mistaken=mistaken)


def any_model(run):
    """it works for a model with more layers"""
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1, bias=False), nn.LayerNorm(1))
    before, after = _averaged(run, model, 2)
    for name, grads in after.items():
        for rank, grad in enumerate(grads):
            expect(grad, f"the gradient of `{name}` in worker {rank}").close_to(sum(before[name]) / 2)


def your_workers_are_averaged(run):
    """it is called on your workers, once they have their gradients"""
    calls = []

    def average(workers):
        calls.append(workers)
        return run.average_gradients(workers)

    again(run, average_gradients=average)
    if not calls:
        raise Unmet("`average_gradients(workers)` is never called.", "Call it after each worker has run `backward()`.")
    for rank, worker in enumerate(expect(run.workers).is_a(list, tuple).value):
        expect(worker, f"workers[{rank}]").is_a(nn.Module)
    for copies in zip(*[worker.parameters() for worker in run.workers], strict=True):
        grads = [parameter.grad for parameter in copies if parameter.grad is not None]
        if any(not torch.allclose(grad, grads[0]) for grad in grads):
            raise Unmet(
                "`average_gradients` is called, but your workers still hold different gradients.",
                "Call it with all of `workers`, after each has run `backward()`.",
            )


def _averaged(run, model, count):
    """The gradients of copies of ``model`` before and after the call: by the parameter's name, one for each worker."""
    workers = [copy.deepcopy(model) for _ in range(count)]
    for rank, worker in enumerate(workers):
        for parameter in worker.parameters():
            place = torch.arange(1.0, 1 + parameter.numel()).view_as(parameter)
            parameter.grad = place * (-1) ** (place + rank) * (rank + 1)  # so that no worker has the largest everywhere
    names = [name for name, _ in model.named_parameters()]
    before = {name: [worker.get_parameter(name).grad.clone() for worker in workers] for name in names}
    run.average_gradients(workers)
    after = {name: [worker.get_parameter(name).grad for worker in workers] for name in names}
    for name, grads in after.items():
        for rank, grad in enumerate(grads):
            expect(grad, f"the gradient of the {name} in worker {rank}").has_shape(*before[name][rank].shape)
    return before, after


# %% right: a sum, divided
# in place of: mean = torch.stack([one.grad for one in copies]).mean(0)
mean = sum(one.grad for one in copies) / len(copies)

# %% right: new tensors in place of the old
# in place of: one.grad.copy_(mean)
one.grad = mean.clone()

# %% right: by names, in place
# in place of: for copies in zip(*[w.parameters() for w in workers], strict=True):
# in place of: mean = torch.stack([one.grad for one in copies]).mean(0)
# in place of: for one in copies:
# in place of: one.grad.copy_(mean)
named = [dict(worker.named_parameters()) for worker in workers]
for name in named[0]:
    total = torch.zeros_like(named[0][name].grad)
    for parameters in named:
        total += parameters[name].grad
    for parameters in named:
        parameters[name].grad[:] = total / len(workers)

# %% right: four workers, and nothing to compare with
# in place of: workers = [deepcopy(model) for _ in range(2)]
workers = [deepcopy(model) for _ in range(4)]
# in place of: (worker(x[rank::2]) - y[rank::2]).square().mean().backward()
(worker(x[rank::4]) - y[rank::4]).square().mean().backward()
# without: (model(x) - y).square().mean().backward()  # one process, whole batch
# in place of: print(*[one.weight.grad for one in (model, *workers)], sep="\n")
print(*[one.weight.grad for one in workers], sep="\n")

# %% right: one flat vector for each worker
# in place of: for copies in zip(*[w.parameters() for w in workers], strict=True):
# in place of: mean = torch.stack([one.grad for one in copies]).mean(0)
# in place of: for one in copies:
# in place of: one.grad.copy_(mean)
flat = [torch.cat([p.grad.flatten() for p in worker.parameters()]) for worker in workers]
mean = torch.stack(flat).mean(0)
for worker in workers:
    sizes = [p.numel() for p in worker.parameters()]
    for p, part in zip(worker.parameters(), mean.split(sizes), strict=True):
        p.grad = part.view_as(p).clone()

# %% right: a step after it, then the gradients are cleared
# after: print(*[one.weight.grad for one in (model, *workers)], sep="\n")
for one in (model, *workers):
    torch.optim.SGD(one.parameters(), lr=0.1).step()
    one.zero_grad()
assert torch.allclose(workers[0].weight, workers[1].weight)

# %% mistake: the second worker averages with what was just written into the first -> everyone_gets_the_same
# without: mean = torch.stack([one.grad for one in copies]).mean(0)
# in place of: one.grad.copy_(mean)
one.grad.copy_(sum(c.grad for c in copies) / len(copies))

# %% mistake: only worker 0 receives the mean: a reduce, not an all-reduce -> everyone_gets_the_same
# in place of: mean = torch.stack([one.grad for one in copies]).mean(0)
# in place of: for one in copies:
# in place of: one.grad.copy_(mean)
copies[0].grad = sum(one.grad for one in copies) / len(copies)

# %% mistake: the sum is as many times too large as there are workers -> it_is_the_mean
# in place of: mean = torch.stack([one.grad for one in copies]).mean(0)
total = torch.stack([one.grad for one in copies]).sum(0)
# in place of: one.grad.copy_(mean)
one.grad.copy_(total)

# %% mistake: the biases were forgotten -> everyone_gets_the_same
# in place of: mean = torch.stack([one.grad for one in copies]).mean(0)
# in place of: for one in copies:
# in place of: one.grad.copy_(mean)
if copies[0].ndim > 1:
    mean = torch.stack([one.grad for one in copies]).mean(0)
    for one in copies:
        one.grad.copy_(mean)

# %% mistake: the parameters were averaged, and the gradients left as they were -> everyone_gets_the_same
# in place of: mean = torch.stack([one.grad for one in copies]).mean(0)
mean = torch.stack([one.data for one in copies]).mean(0)
# in place of: one.grad.copy_(mean)
one.data.copy_(mean)

# %% mistake: divided by 2, however many workers there are -> any_number_of_workers
# in place of: mean = torch.stack([one.grad for one in copies]).mean(0)
total = sum(one.grad for one in copies)
# in place of: one.grad.copy_(mean)
one.grad = total / 2

# %% mistake: all receive what worker 0 has: a broadcast -> it_is_the_mean
# in place of: mean = torch.stack([one.grad for one in copies]).mean(0)
mean = copies[0].grad

# %% mistake: each of the two receives what the other one had -> everyone_gets_the_same
# in place of: mean = torch.stack([one.grad for one in copies]).mean(0)
# in place of: for one in copies:
# in place of: one.grad.copy_(mean)
copies[0].grad, copies[1].grad = copies[1].grad, copies[0].grad

# %% mistake: the mean runs over the numbers of a gradient as well -> it_is_the_mean
# in place of: mean = torch.stack([one.grad for one in copies]).mean(0)
mean = torch.stack([one.grad for one in copies]).mean()

# %% mistake: the mean is added to what was there -> everyone_gets_the_same
# in place of: one.grad.copy_(mean)
one.grad += mean

# %% mistake: only the first two workers are averaged -> any_number_of_workers
# in place of: for copies in zip(*[w.parameters() for w in workers], strict=True):
# in place of: mean = torch.stack([one.grad for one in copies]).mean(0)
# in place of: for one in copies:
# in place of: one.grad.copy_(mean)
for copies in zip(workers[0].parameters(), workers[1].parameters(), strict=True):
    mean = (copies[0].grad + copies[1].grad) / 2
    for one in copies:
        one.grad.copy_(mean)

# %% mistake: weight and bias are named, so another model has neither -> any_model
# in place of: for copies in zip(*[w.parameters() for w in workers], strict=True):
# in place of: mean = torch.stack([one.grad for one in copies]).mean(0)
# in place of: for one in copies:
# in place of: one.grad.copy_(mean)
weight = torch.stack([worker.weight.grad for worker in workers]).mean(0)
bias = torch.stack([worker.bias.grad for worker in workers]).mean(0)
for worker in workers:
    worker.weight.grad, worker.bias.grad = weight.clone(), bias.clone()

# %% mistake: only worker 0 is handed over -> your_workers_are_averaged
# in place of: average_gradients(workers)
average_gradients(workers[:1])

# %% mistake: the function is right, and nobody calls it -> your_workers_are_averaged
# without: average_gradients(workers)

# %% question unequal_shares
"""Unequal shares: worker 0 gets 6 samples, worker 1 gets 2. The loss is the mean of `w * x`, so its
gradient is the mean of `x`. What is the average of the two gradients?

- 4.5: that is the gradient of the whole batch; it needs shares of equal size
- 11.0: that is the sum of the two, not their mean
- 3.5: that is worker 0 alone
- 5.5

The means are 3.5 and 7.5, and each counts half, though the first stands for three times as many
samples. `DistributedSampler` deals equal shares: where the number doesn't divide, it repeats a few
samples.
"""
import torch

x = torch.arange(1.0, 9.0)
gradients = []
for share in (x[:6], x[6:]):
    w = torch.tensor(1.0, requires_grad=True)
    (w * share).mean().backward()
    gradients.append(w.grad)
print((sum(gradients) / 2).item())

# %% question summed_loss
"""The loss is now a sum over the samples instead of a mean. How many times larger is the gradient
of the whole batch than the average over two workers?

- 1.0: that holds for a loss that is a mean over the batch
- 2.0
- 4.0: the average halves the whole once, not twice
- 0.5: it is the other way round

The two sums add up to the whole; the average is half of that. With N workers a summed loss gives
gradients N times smaller than you think, and the rate must make up for it.
"""
import torch


def gradient(share):
    w = torch.tensor(1.0, requires_grad=True)
    (w * share).sum().backward()
    return w.grad


x = torch.arange(8.0)
average = (gradient(x[0::2]) + gradient(x[1::2])) / 2
print((gradient(x) / average).item())

# %% question no_average
"""The average is left out; each worker goes on stepping with its own gradients. What happens?

- The next forward pass makes them equal again: nothing in a forward pass exchanges weights
- An error says that the copies differ: no worker can see the others' weights, so none can tell
- [x] The copies drift apart: each becomes another model, trained on its own share
- The same model, only more slowly: that would need some exchange between them

They were equal only because they started equal and took equal steps. This is what happens with a
model that was never wrapped in `DistributedDataParallel`: nothing fails, and the checkpoint that
worker 0 saves has learned from half of the data.
"""

# %% question added_not_averaged: predict total.item()
"""`dist.all_reduce` adds unless it is told otherwise. What do all workers hold in `.grad` after it, if nobody divides?

- `x.mean().item()`: that is the gradient of the whole batch; it takes a division by `workers`
- `x.sum().item()`: each worker gives the mean of its share, not the sum
- `gradients[0].item()`: that is what worker 0 had before

It is as many times too large as there are workers, and so is each step of SGD.
"""
import torch

workers = 4  # fresh: 2, 4, 8
x = torch.arange(1.0, 17.0)
gradients = []
for rank in range(workers):
    w = torch.tensor(1.0, requires_grad=True)
    (w * x[rank::workers]).mean().backward()
    gradients.append(w.grad)
total = torch.stack(gradients).sum()

# %% question deal_the_samples: fill the blank
"""Deal the samples out like cards: each goes to one worker only.

- [x] `workers`
- `2`: that is right for two workers only; with more, they get the same samples
- `1`: then each worker takes nearly all
- `rank + 1`: the step is the same for all workers; only where they begin differs

Worker `rank` begins at its own number and goes on in steps of `workers`.
"""
import torch

workers = 4  # fresh: 3..5
x = torch.arange(12)
print([x[rank::___].tolist() for rank in range(workers)])

# %% question last_workers_samples: predict list(sampler)
"""The samples can't be dealt out evenly. Which of them does the last worker get?

- `list(range(rank, samples, 4))`: then this worker would have fewer batches, and the others would wait for it
- `list(range(samples))[-len(sampler) :]`: the samples are dealt out one by one, not cut into blocks
- `list(range(samples))`: that is without a sampler; then each worker trains on everything
- `list(range(rank, rank + len(sampler)))`: the next samples go to the other workers

All workers need equally many samples. The sampler begins again at the first ones to make up the number.
"""
import torch
from torch.utils.data.distributed import DistributedSampler

samples = 10  # fresh: 9, 10, 11, 13, 14, 15
rank = 3  # of 4
sampler = DistributedSampler(range(samples), num_replicas=4, rank=rank, shuffle=False)

# %% question unequal_but_exact: write whole
"""Worker `i` has the mean gradient of `sizes[i]` samples, and the sizes differ. Write `whole`, the mean gradient of all
samples.

- `gradients.mean()`: that counts a worker with few samples as much as one with many
- `(sizes * gradients).sum()`: that is the sum over all samples, which has to be divided by their number
- `(sizes * gradients).mean()`: that divides by the number of workers
- `gradients.sum() / sizes.sum()`: each gradient stands for as many samples as its worker has

Times its size, each mean is a sum again, and these sums add up.
"""
import torch

workers = 3  # fresh: 2..5
sizes = torch.randint(1, 9, (workers,)).float()
gradients = torch.rand(workers)
whole = (sizes * gradients).sum() / sizes.sum()

# %% question copies_differ: find the line
"""The gradients are averaged, and each copy takes the same step. Yet the copies are not equal. Which line is at fault?

Equal steps keep copies equal only if they start equal. `DistributedDataParallel` sends the weights of rank 0 to all
when it begins.
"""
from copy import deepcopy

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(8, 3), torch.randn(8, 1)
model = nn.Linear(3, 1)
workers = [nn.Linear(3, 1), deepcopy(model)]  # at fault: workers = [deepcopy(model), deepcopy(model)]
for rank, worker in enumerate(workers):
    (worker(x[rank::2]) - y[rank::2]).square().mean().backward()  # fine: each takes its own share
for one, other in zip(workers[0].parameters(), workers[1].parameters(), strict=True):
    mean = (one.grad + other.grad) / 2  # fine: the average of both
    one.data -= 0.1 * mean
    other.data -= 0.1 * mean
print(torch.equal(workers[0].weight, workers[1].weight))

# %% question averaged_when: order
"""`w` has a copy for each of two workers. Put the lines of the loop in order, so that the copies stay equal.

The gradients are averaged once they are there, and before anyone takes a step.
"""
import torch

shares = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
w = torch.ones(2, 1, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.01)
for _ in range(3):
    optimizer.zero_grad()  # step
    loss = (w * shares).square().mean(dim=1)  # step
    loss.sum().backward()  # step
    w.grad.fill_(w.grad.mean())  # step
    optimizer.step()  # step
print(w)

# %% question same_everywhere: choose all
"""Four processes train with `DistributedDataParallel` and Adam. What is the same in all of them after a step?

- [x] the weights: equal copies that take equal steps stay equal
- [x] the gradients: they were averaged during `backward()`
- [x] what Adam remembers: it has seen the same gradients in each process
- the loss: each computes it from its own samples, and nobody averages it
- the samples: if they were, four processes would do the work of one

Gradients are exchanged, and what follows from them is the same; samples and losses are not.
"""

# %% question samples_in_a_step
"""Four processes with `DistributedDataParallel`, and `batch_size=32` in the `DataLoader` of each. From how many samples
does one step learn?

- 32: that is what one process sees, and all four are averaged
- [x] 128
- 8: a batch is split by `DataParallel`; here each process loads its own
- 512: each of the four loads 32 once

The average is over all processes, so 4 · 32. A rate that was tuned for 32 may not suit it.
"""
