import torch
import torch._dynamo


@torch.compile(fullgraph=True, backend="aot_eager")
def step(x, w):
    loss = ((x @ w).relu() - 1).square().mean()
    return loss


w = torch.ones(3, 2, requires_grad=True)
for _ in range(3):
    step(torch.arange(6.0).reshape(2, 3), w).backward()
print(w.grad)
print(dict(torch._dynamo.utils.counters["stats"]), dict(torch._dynamo.utils.counters["graph_break"]))
