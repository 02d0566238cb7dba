import warnings

import torch

warnings.warn("mind this")
optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.1)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
scheduler.step()
print(scheduler.get_last_lr(), sorted(scheduler.state_dict()))
torch.tensor(torch.ones(2))
