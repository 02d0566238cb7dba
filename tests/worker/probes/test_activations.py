"""How the outputs of modules lie, and that sampling them changes nothing."""

from __future__ import annotations

import pytest

from tutor.protocol.observations import Activations, Module

NET = """
import torch
from torch import nn

class Squash(nn.Module):
    def forward(self, x):
        return torch.tanh(x)

net = nn.Sequential(nn.Identity(), nn.ReLU(), nn.Sigmoid(), Squash())
"""


async def test_mean_deviation_zeros_and_saturated_values(run) -> None:
    source = NET + "x = torch.tensor([-9.0, -1.0, 1.0, 9.0], requires_grad=True)\nnet(x)\n"
    event = (await run(source)).one(Activations)
    assert event.name == "net"
    root, same, relu, sigmoid, tanh = event.layers
    assert [layer.layer for layer in event.layers] == ["", "0", "1", "2", "3"] and root.mean == tanh.mean
    assert (same.mean, same.deviation) == (0.0, pytest.approx(7.3937, abs=1e-4))
    assert (same.zeros, same.saturated) == (0.0, None)
    assert (relu.mean, relu.zeros, relu.saturated) == (2.5, 0.5, None)
    assert sigmoid.saturated == 0.25 and tanh.saturated == 0.0  # after a ReLU a sigmoid gives 0.5 and more


async def test_values_that_are_not_finite_are_counted_and_left_out(run) -> None:
    source = NET + "net(torch.tensor([1.0, float('nan'), 3.0, float('inf')]))\n"
    same = (await run(source)).one(Activations).layers[1]
    assert (same.mean, same.bad, same.zeros) == (2.0, 2, 0.0)
    source = NET + "net(torch.tensor([float('nan')]))\n"
    same = (await run(source)).one(Activations).layers[1]
    assert (same.mean, same.deviation, same.bad) == (None, None, 1)


async def test_a_large_output_is_sampled_and_one_of_several_is_its_first(run) -> None:
    source = NET + "net(torch.ones(300, 300))\nrnn = nn.LSTM(2, 3)\nrnn(torch.ones(5, 1, 2))\n"
    net, rnn = (await run(source)).of(Activations)
    assert net.layers[1].mean == 1.0 and rnn.name == "rnn" and len(rnn.layers) == 1


SILENT = {
    "meta": "net(torch.ones(3, device='meta'))",
    "whole numbers": "net[0](torch.ones(3).long()), net[1](torch.ones(3).long())",
    "empty": "net(torch.ones(0, 3))",
    "fake": "with torch._subclasses.FakeTensorMode():\n    net(torch.ones(3))",
    "vmap": "torch.vmap(net)(torch.ones(3, 2))",
    "traced": "torch.jit.trace(net, torch.ones(3), check_trace=False)",
}


@pytest.mark.parametrize("name", SILENT)
async def test_what_has_no_values_to_be_read_has_no_statistics(run, name) -> None:
    ran = await run("import warnings\nwarnings.simplefilter('ignore')\n" + NET + SILENT[name] + "\n")
    assert ran.ended.status == 0, ran.text()
    assert all(layer.mean is None for event in ran.of(Activations) for layer in event.layers)


async def test_sampling_keeps_no_output_and_records_no_gradient(run) -> None:
    source = NET + (
        "import gc, weakref\n"
        "y = net[0](torch.ones(5))\n"
        "y = net[1](torch.ones(5))\n"
        "z = net(torch.ones(5, requires_grad=True))\n"
        "number = z.sum().grad_fn._sequence_nr() - z.grad_fn._sequence_nr()\n"
        "died = weakref.ref(y)\n"
        "del y\n"
        "print(died() is None, number, torch.is_grad_enabled())\n"
    )
    ran = await run(source)
    assert ran.text().split() == ["True", "1", "True"]
    assert ran.of(Module) and ran.of(Activations)


async def test_a_profiler_of_the_program_sees_nothing_of_it(run) -> None:
    source = NET + (
        "from torch.profiler import profile\n"
        "with profile() as seen:\n"
        "    net(torch.ones(3))\n"
        "print('isfinite' in str([event.name for event in seen.events()]))\n"
    )
    assert (await run(source)).text().split()[-1] == "False"
