"""The names of parameters in the steps of a training."""

import pytest

from tutor.check import steps

TRAINING = """
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
model(torch.ones(2, 1)).sum().backward()
optimizer.step()
"""


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ("model = nn.Linear(1, 1)\nlayer = model\nbias = model.bias", ["model.weight", "model.bias"]),
        ("layer = nn.Linear(1, 1)\nmodel = nn.Sequential(layer)", ["model.0.weight", "model.0.bias"]),
        ("layer = nn.Linear(1, 1)\nw = layer.weight\nmodel = nn.Sequential(layer)", ["model.0.weight", "model.0.bias"]),
    ],
)
def test_a_parameter_goes_by_the_name_of_the_largest_module(draft, model, names):
    (step,) = steps(draft(f"import torch\nfrom torch import nn\n{model}\n{TRAINING}"))
    assert list(step.before) == names
