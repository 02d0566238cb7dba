"""Work done in a spare before its run comes, so that a first operation doesn't have to start anything.

It is done in a thread that has ended before the run comes: torch numbers the operations of each thread for autograd,
and those of a program begin with 0.

Only operations that start no thread: a DataLoader worker that the program forks later would hang in OpenMP's
pool. So no softmax, no cross-entropy, no convolution, no norm layer, no matrix of 64 or more.

And none that asks how many devices there are, where torch was built for some: CUDA reads what is visible when it is
first asked, and a program may set that itself; a process forked after it can't use CUDA; and the first ``backward()``
starts a thread for each device, after which no fork can call it. An optimizer's step asks as well.
"""

from __future__ import annotations

import contextlib
import os
import random
import sys
import warnings

import torch
from torch import nn

from tutor.worker.system.device import for_accelerators

_DEVICES = for_accelerators()

REHEARSAL = b"""
import torch

x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
y = ((x - 3) ** 2).sum()
%s
text = repr(x.grad)
x.grad
""" % (b"" if _DEVICES else b"y.backward()")
"""A small program, as most are."""


def warm_up_torch() -> int:
    """Run the operations of small programs, then :func:`forget_seeds`; return the seed that it drew."""
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        warnings.simplefilter("ignore")
        _run_elementwise()
        if "torch._dynamo" in sys.modules:  # an optimizer's first step would import it, for more than a second
            _train_step()
    return forget_seeds()


def _run_elementwise() -> None:
    x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
    y = ((x - 3).square() / 2).sum() + x.exp().mean()
    if not _DEVICES:
        torch.autograd.backward(y)
    repr(x)
    repr(y)
    n = torch.arange(6).reshape(2, 3)
    torch.cat([n, n]).sort(dim=1)
    n[n > 2], n.T, n.float().std(dim=0), torch.stack([n, n]).argmax()
    torch.randn(16, 16) @ torch.randn(16, 16)
    torch.tensor([1.0]).item()


def _train_step() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    for kind in (torch.optim.SGD, torch.optim.Adam):
        optimizer = kind(net.parameters(), lr=0.1)
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(torch.randn(2, 3)), torch.zeros(2, 1))
        if not _DEVICES:
            torch.autograd.backward(loss)
            optimizer.step()
    nn.Embedding(4, 2)(torch.tensor([1]))


def forget_seeds() -> int:
    """Make the random state as unpredictable as in a new process: a fork inherits it. Return the seed, of 53 bits."""
    seed = int.from_bytes(os.urandom(8)) >> 11  # as many as torch draws itself
    seed_all(seed)
    return seed


def seed_all(seed: int) -> None:
    """Seed all random numbers with ``seed``, on every device: torch's, Python's and NumPy's."""
    if _DEVICES:
        torch.manual_seed(seed)
    else:  # the same, but for the note of who has called it, which takes 3 ms in a new process
        torch.default_generator.manual_seed(seed)
    random.seed(seed)
    if "numpy" in sys.modules:
        import numpy.random  # its state would otherwise be drawn when the program imports it

        numpy.random.seed(seed % (1 << 32))
