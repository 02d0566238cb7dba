import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

warnings.warn("mind this")
torch.manual_seed(1)
print(torch.arange(6).reshape(2, 3), torch.rand(3))
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
optimizer = torch.optim.AdamW(net.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
before = register_optimizer_step_pre_hook(lambda *given: print("before a step"))
after = register_optimizer_step_post_hook(lambda *given: print("after a step"))
print(before.id, after.id)
net.register_full_backward_hook(lambda module, into, out: print(out[0].shape))
x = torch.randn(8, 2)
for step in range(20):
    optimizer.zero_grad()
    loss = (net(x) - x[:, :1]).square().mean()
    loss.backward()
    optimizer.step()
    after.remove()
    scheduler.step()
    print(loss.grad_fn._sequence_nr(), x._version)
print(optimizer.register_step_post_hook(lambda *given: None).id)
print(loss, scheduler.get_last_lr(), sorted(scheduler.state_dict()))
optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.1)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
scheduler.step()
torch.tensor(torch.ones(2))
with ThreadPoolExecutor(1) as pool:
    print(pool.submit(lambda: threading.current_thread().name).result())
