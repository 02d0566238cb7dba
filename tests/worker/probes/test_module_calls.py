"""The layers of modules that ran, and that looking at their calls changes nothing."""

from __future__ import annotations

import re

import pytest

from tutor.protocol.codec import Layer, Module

NET = (
    "import torch\n"
    "from torch import nn\n"
    "class Block(nn.Module):\n"
    "    def __init__(self):\n"
    "        super().__init__()\n"
    "        self.lin = nn.Linear(4, 4)\n"
    "        self.spare = nn.Dropout(0.1)\n"
    "    def forward(self, x):\n"
    "        return x + self.lin(x)\n"
    "net = nn.Sequential(nn.Embedding(10, 4), Block(), Block(), nn.LSTM(4, 3))\n"
)


async def test_layers_with_what_they_gave_back(run) -> None:
    source = NET + "net[0].requires_grad_(False)\nnet[1].eval()\ny = net(torch.arange(6).reshape(3, 2))\n"
    module = (await run(source)).one(Module)
    assert (module.name, module.hidden, module.note) == ("net", 0, "")
    lstm = "(f32[3,2,3], (f32[1,2,3], f32[1,2,3]))"
    assert module.layers == (
        Layer("", "Sequential", 0, lstm, 40 + 20 + 20 + 108, 148),
        Layer("0", "Embedding(10, 4)", 1, "f32[3,2,4]", 40, 0),
        Layer("1", "Block", 1, "f32[3,2,4]", 20, 20, False),
        Layer("1.lin", "Linear(4, 4)", 2, "f32[3,2,4]", 20, 20, False),
        Layer("1.spare", "Dropout(0.1)", 2, "", 0, 0, False),
        Layer("2", "Block", 1, "f32[3,2,4]", 20, 20),
        Layer("2.lin", "Linear(4, 4)", 2, "f32[3,2,4]", 20, 20),
        Layer("2.spare", "Dropout(0.1)", 2),
        Layer("3", "LSTM(4, 3)", 1, lstm, 108, 108),
    )


async def test_what_did_not_run_or_lies_in_another_is_not_told(run) -> None:
    source = NET + "part = net[1]\nidle = nn.Linear(2, 2)\nlast = nn.Flatten()\nlast(net(torch.ones(1, 1).long())[0])\n"
    assert [module.name for module in (await run(source)).of(Module)] == ["net", "last"]


async def test_a_module_is_told_of_which_parts_were_called_past_it(run) -> None:
    source = NET + (
        "class Coder(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.into, self.out = nn.Linear(4, 2), nn.Linear(2, 4)\n"
        "    def encode(self, x):\n"
        "        return self.into(x)\n"
        "coder, blocks = Coder(), nn.ModuleList([Block(), Block()])\n"
        "x = coder.encode(torch.ones(3, 4))\n"
        "x = torch.ones(3, 4)\n"
        "for block in blocks:\n"
        "    x = block(x)\n"
        "net[0](torch.ones(1).long())\n"
    )
    told = (await run(source)).of(Module)
    assert [(module.name, len(module.layers)) for module in told] == [("coder", 3), ("blocks", 7)]
    assert [layer.output for layer in told[0].layers] == ["", "f32[3,2]", ""]


async def test_shared_parameters_count_once(run) -> None:
    source = (
        "import torch\n"
        "from torch import nn\n"
        "net = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3), nn.ReLU())\n"
        "net[2].weight = net[0].weight\n"
        "net[3] = net[1]\n"
        "net(torch.ones(1, 3))\n"
    )
    layers = (await run(source)).one(Module).layers
    assert [(layer.name, layer.parameters) for layer in layers] == [("", 15), ("0", 12), ("1", 0), ("2", 12)]


async def test_the_shape_of_a_late_call_in_a_long_loop_is_seen(run) -> None:
    """After 20 calls a module is looked at again each half second, at a backward or an optimizer's step."""
    source = (
        "import time, torch\n"
        "net = torch.nn.Linear(2, 1)\n"
        "for n in range(40):\n"
        "    net(torch.ones(n, 2)).sum().backward()\n"
        "    if n == 30: time.sleep(0.6)\n"
    )
    (layer,) = (await run(source)).one(Module).layers
    assert layer.output in ("f32[31,1]", "f32[32,1]", "f32[33,1]")  # 20 calls, then one after the pause


async def test_a_module_that_takes_the_place_of_one_that_died_is_looked_at(run) -> None:
    source = (
        "import torch\n"
        "for width in range(1, 40):\n"
        "    net = torch.nn.Sequential(torch.nn.Linear(2, width))\n"
        "    for _ in range(25):\n"
        "        net(torch.ones(1, 2))\n"
    )
    assert [layer.output for layer in (await run(source)).one(Module).layers] == ["f32[1,39]"] * 2


async def test_nobodys_code_is_called(run) -> None:
    source = (
        "import torch\n"
        "from torch import nn\n"
        "class Evil(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.a = nn.Linear(2, 2)\n"
        "        self.a.in_features = Evil.Loud()\n"
        "        self.ready = True\n"
        "    class Loud(int):\n"
        "        def __repr__(self): print('repr'); return 'x'\n"
        "        __str__ = __format__ = __hash__ = __repr__\n"
        "    def forward(self, x): return [self.a(x), {'k': x}, self]\n"
        "    def __getattr__(self, name):\n"
        "        if 'ready' in self.__dict__ and name not in self._modules: print(name); raise ValueError(name)\n"
        "        return super().__getattr__(name)\n"
        "    def __len__(self): print('len'); return 3\n"
        "    def __repr__(self): print('repr'); raise ValueError\n"
        "    extra_repr = __eq__ = __bool__ = __repr__\n"
        "    __hash__ = nn.Module.__hash__\n"
        "evil = Evil()\n"
        "evil(torch.ones(1, 2))\n"
        "evil._parameters['odd'] = 3\n"
        "print('end')\n"
    )
    ran = await run(source)
    assert ran.text() == "end\n" and ran.ended.status == 0
    layers = ran.one(Module).layers
    assert [(layer.kind, layer.output) for layer in layers] == [
        ("Evil", "(f32[1,2], dict, Evil)"),
        ("Linear", "f32[1,2]"),
    ]


@pytest.mark.parametrize(
    "how", ["net = torch.compile(net, fullgraph=True, backend='eager')", "net.compile(backend='eager')"]
)
async def test_a_compiled_module_has_a_note_and_its_graph_stays_whole(run, how: str) -> None:
    source = (
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.lin = torch.nn.Linear(2, 1)\n"
        "    def forward(self, x):\n"
        "        return self.lin(x).relu()\n"
        "net = Net()\n"
        f"{how}\n"
        "for n in range(25):\n"
        "    net(torch.ones(3, 2)).sum().backward()\n"
        "from torch._dynamo.utils import counters\n"
        "print(counters['stats']['unique_graphs'], dict(counters['graph_break']))\n"
    )
    ran = await run(source)
    assert ran.text() == "1 {}\n"
    module = ran.one(Module)
    assert (module.note, [layer.name for layer in module.layers]) == ("compiled", ["", "lin"])


@pytest.mark.parametrize(
    "use",
    [
        "print(torch.jit.trace(net, x).graph)",
        "print(torch.fx.symbolic_trace(net).code)",
        "print(torch.export.export(net, (x,)).graph)",
        "print(torch.vmap(net)(x))",
        "print(torch.jit.script(net)(x))",
        "net.register_forward_hook(lambda *a: print('hook')); net(x)",
        "net(torch.ones(1, 9))",
        "print(torch.utils.checkpoint.checkpoint(net, x, use_reentrant=False).sum())",
    ],
)
async def test_what_is_made_of_calls_is_the_same_observed_and_not(run, use: str) -> None:
    source = (
        "import torch, torch.fx, torch.utils.checkpoint\n"
        "torch.manual_seed(0)\n"
        "net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU())\n"
        f"x = torch.ones(1, 3)\n{use}\n"
    )
    texts = [re.sub(r"run-\w+", "", (await run(source, observe=observe)).text()) for observe in (True, False)]
    assert texts[0] == texts[1] != ""
