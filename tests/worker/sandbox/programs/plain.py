import torch

print("hello, wörld", 1 / 3)
print(torch.arange(6).reshape(2, 3))
torch.manual_seed(0)
print(torch.rand(3))
"the last expression shows nothing"
