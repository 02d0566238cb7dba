import torch
import torch._dynamo
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.calls = 0

    def forward(self, x, scale=2):
        hidden = self.first(x)
        for i in range(3):
            hidden = hidden + i
        if (rows := hidden.shape[0]) > 1:
            hidden = hidden * rows
        total, mean = hidden.sum(), hidden.mean()
        return total * scale + mean


def in_place(x):
    doubled = x * 2
    doubled[0] = 0
    doubled.add_(1)
    return doubled.sum()


def broken(x):
    doubled = x * 2
    print("a graph breaks")
    more = doubled + 1
    return helper(more.sum())


def helper(x):
    y = x * 2
    torch._dynamo.graph_break()
    z = y + 1
    return z


def left_to_python(x):
    y = x + 1
    for i in range(2):
        y = y * 2
        print("in a loop")
        y = helper(y)
    return y


net = Net()
whole = torch.compile(net, fullgraph=True, backend="eager")
changing = torch.compile(in_place, fullgraph=True, backend="eager")
parts = [torch.compile(f, backend="eager") for f in (broken, left_to_python)]
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)

for rows in (2, 2, 5):
    x = torch.ones(rows, 3)
    loss = whole(x)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss, changing(x), [part(x).sum() for part in parts])
print(torch._dynamo.convert_frame.FRAME_COUNTER)
counters = torch._dynamo.utils.counters
print(sorted(counters["frames"].items()), sorted(counters["stats"].items()), sorted(counters["resumes"].items()))
print(sorted(counters["graph_break"].values()), len(counters["unimplemented"]), sorted(counters["recompiles"].items()))
