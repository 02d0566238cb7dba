"""Numbers that Python and torch give out in order begin where they begin in a new process."""

import asyncio
import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook


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
before = register_optimizer_step_pre_hook(lambda *given: print("before a step"))
after = register_optimizer_step_post_hook(lambda *given: print("after a step"))
print(before.id, after.id)
optimizer = torch.optim.SGD([x, *net.parameters()], lr=0.1)
for step in range(3):
    optimizer.zero_grad()
    loss = net(x).square().sum()
    loss.backward()
    optimizer.step()
    after.remove()
    print(loss.grad_fn._sequence_nr(), x._version)
print(optimizer.register_step_post_hook(lambda *given: None).id)
threads = [threading.Thread(target=in_a_thread) for _ in range(2)]
for thread in threads:
    print(thread.name)
    thread.start()
    thread.join()
with ThreadPoolExecutor(1) as pool:
    print(pool.submit(lambda: threading.current_thread().name).result())
asyncio.run(task())
print(multiprocessing.Process().name)


@torch.compile(backend="eager")
def compiled(x):
    return x + 1


compiled(x)
print(dict(torch._dynamo.utils.counters["frames"]), torch._dynamo.convert_frame.FRAME_COUNTER)
print(torch.fx.symbolic_trace(net).graph, (x * 2).grad_fn._sequence_nr())
