"""Numbers that Python and torch give out in order begin where they begin in a new process."""

import asyncio
import multiprocessing
import threading

import torch
from torch import nn


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2


async def task():
    print(asyncio.current_task().get_name())


def in_a_thread():
    y = x * 2
    print(y.grad_fn._sequence_nr())


x = torch.ones(2, requires_grad=True)
y = x * 2
loss = Double.apply(y).sum()
print(y.grad_fn._sequence_nr(), loss.grad_fn._sequence_nr(), x._version)
net = nn.Linear(2, 1)
print(net.register_forward_hook(lambda *given: None).id, x.register_hook(lambda grad: grad).id)
for step in range(3):
    loss = net(x).square().sum()
    loss.backward()
    with torch.no_grad():
        x -= 0.1 * x.grad
    print(loss.grad_fn._sequence_nr(), x._version)
threads = [threading.Thread(target=in_a_thread) for _ in range(2)]
for thread in threads:
    print(thread.name)
    thread.start()
    thread.join()
asyncio.run(task())
print(multiprocessing.Process().name)
print(torch.fx.symbolic_trace(net).graph, (x * 2).grad_fn._sequence_nr())
