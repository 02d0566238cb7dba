"""The programs that are run: small ones, as learners write them."""

AUTOGRAD = """import torch

x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
gap = x - 3
miss = gap.square().sum()
miss.backward()

print(x.grad)
"""

_FIT = """import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(3, 1)
optimizer = torch.optim.{optimizer}(net.parameters(), lr=0.1)
inputs, targets = torch.randn(8, 3), torch.randn(8, 1)
for _ in range(5):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(inputs), targets)
    loss.backward()
    optimizer.step()

print(loss.item())
"""
SGD = _FIT.format(optimizer="SGD")
ADAM = _FIT.format(optimizer="Adam")

SMALL = {"autograd": AUTOGRAD, "SGD": SGD, "Adam": ADAM}

TRAINING = """import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9999)
inputs, targets = torch.randn(16, 8), torch.randn(16, 1)
for step in range({steps}):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(inputs), targets)
    loss.backward()
    optimizer.step()
    scheduler.step()
"""

IN_A_FUNCTION = """import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(8, 16)
        self.out = nn.Linear(16, 1)

    def forward(self, x):
        h = self.hidden(x)
        h = torch.relu(h)
        y = self.out(h)
        return y


def train(net, optimizer, scheduler, inputs, targets, steps):
    losses = []
    for step in range(steps):
        prediction = net(inputs)
        loss = nn.functional.mse_loss(prediction, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return losses


torch.manual_seed(0)
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9999)
losses = train(net, optimizer, scheduler, torch.randn(16, 8), torch.randn(16, 1), {steps})
"""
