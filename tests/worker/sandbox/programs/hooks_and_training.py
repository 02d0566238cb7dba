import torch
from torch import nn

torch.manual_seed(1)
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
optimizer = torch.optim.AdamW(net.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
net.register_full_backward_hook(lambda module, into, out: print(out[0].shape))
x = torch.randn(8, 2)
for step in range(20):
    optimizer.zero_grad()
    loss = (net(x) - x[:, :1]).square().mean()
    loss.backward()
    optimizer.step()
    scheduler.step()
print(loss, scheduler.get_last_lr(), sorted(scheduler.state_dict()))
