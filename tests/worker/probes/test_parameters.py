"""Parameters beside their gradients, and what is said to strike about them."""

from __future__ import annotations

import pytest

from tutor.protocol.codec import Parameters, ValueDistribution

ONE = "import torch\nw = torch.tensor([[3.0, 0.0], [0.0, -4.0]], requires_grad=True)\n"


async def test_value_and_gradient_stand_side_by_side(run) -> None:
    (row,) = (await run(ONE + "(w * 2).sum().backward()\n")).one(Parameters).rows
    assert (row.name, row.what, row.trainable, row.note) == ("w", "f32[2,2]", True, "")
    assert (row.value.low, row.value.high, row.value.norm, row.value.zeros) == (-4.0, 3.0, 5.0, 0.5)
    assert len(row.value.histogram) == 16 and sum(row.value.histogram) == 4
    assert (row.value.histogram[0], row.value.histogram[-1]) == (1, 1)
    assert row.grad == ValueDistribution(2.0, 2.0, 4.0)


async def test_shared_and_frozen_parameters(run) -> None:
    source = (
        "import torch\n"
        "a = torch.nn.Linear(2, 3)\n"
        "b = torch.nn.Linear(2, 3)\n"
        "b.weight = a.weight\n"
        "b.bias.requires_grad_(False)\n"
        "plain = torch.ones(3)\n"
    )
    rows = (await run(source)).one(Parameters).rows
    assert [(row.name, row.trainable, row.grad) for row in rows] == [
        ("a.weight", True, None),
        ("a.bias", True, None),
        ("b.bias", False, None),
    ]


async def test_nothing_is_told_where_nothing_can_be_trained(run) -> None:
    source = "import torch\nx = torch.ones(3)\nnet = torch.nn.Linear(2, 2).requires_grad_(False)\n"
    assert (await run(source)).of(Parameters) == []


DEEP = (
    "import torch\n"
    "from torch import nn\n"
    "torch.manual_seed(0)\n"
    "net = nn.Sequential(*[layer for _ in range({depth}) for layer in (nn.Linear(16, 16), nn.{kind}())])\n"
    "net(torch.randn(4, 16)).sum().backward()\n"
)


async def test_a_deep_net_of_sigmoids_vanishes_towards_its_first_layers(run) -> None:
    rows = (await run(DEEP.format(depth=12, kind="Sigmoid"))).one(Parameters).rows
    noted = [row.name for row in rows if row.note == "vanishing"]
    assert noted[0] == "net.0.weight" and 3 <= len(noted) < 12
    assert noted == [f"net.{2 * n}.weight" for n in range(len(noted))]


@pytest.mark.parametrize("kind", ["ReLU", "Tanh", "GELU"])
async def test_a_healthy_net_is_left_in_peace(run, kind: str) -> None:
    rows = (await run(DEEP.format(depth=4, kind=kind))).one(Parameters).rows
    assert [row.note for row in rows] == [""] * 8


async def test_a_model_that_has_converged_is_left_in_peace(run) -> None:
    source = DEEP.format(depth=2, kind="ReLU") + "for p in net.parameters():\n    p.grad *= 1e-12\n"
    assert {row.note for row in (await run(source)).one(Parameters).rows} == {""}


async def test_exploding_zero_and_bad_gradients(run) -> None:
    source = (
        "import torch\n"
        "a, b, c, d = (torch.full((2, 2), 0.5, requires_grad=True) for _ in range(4))\n"
        "a.grad = torch.full((2, 2), 1e5)\n"
        "b.grad = torch.zeros(2, 2)\n"
        "c.grad = torch.tensor([[1.0, float('nan')], [float('inf'), 2.0]])\n"
        "d.grad = torch.full((2, 2), 0.1)\n"
    )
    rows = (await run(source)).one(Parameters).rows
    assert [row.note for row in rows] == ["exploding", "zero", "bad", ""]
    bad = rows[2].grad
    assert bad is not None and (bad.bad, bad.low, bad.high) == (2, 1.0, 2.0) and sum(bad.histogram) == 2


async def test_of_many_parameters_the_first_and_the_last_are_told(run) -> None:
    source = "import torch\nnet = torch.nn.Sequential(*[torch.nn.Linear(2, 2) for _ in range(50)])\n"
    event = (await run(source)).one(Parameters)
    assert len(event.rows) == 40 and event.hidden == 60
    assert (event.rows[0].name, event.rows[-1].name) == ("net.0.weight", "net.49.bias")


async def test_tensors_of_like_size_have_histograms_of_their_own(run) -> None:
    source = (
        "import torch\n"
        "flat = torch.linspace(0, 1, 6000).requires_grad_()\n"
        "tall = torch.zeros(6000).index_fill_(0, torch.tensor(5999), 1.0).requires_grad_()\n"
    )
    flat, tall = (row.value.histogram for row in (await run(source)).one(Parameters).rows)
    assert max(flat) - min(flat) <= 1 and (tall[0], tall[-1]) == (sum(tall) - 1, 1)


EVIL = {
    "freed": ("w = torch.nn.Parameter(torch.ones(8, 8))\nw.data.untyped_storage().resize_(0)\n", ValueDistribution()),
    "meta": ("w = torch.nn.Parameter(torch.ones(8, 8, device='meta'))\n", ValueDistribution()),
    "empty": ("w = torch.nn.Parameter(torch.ones(0, 8))\n", ValueDistribution()),
    "all NaN": ("w = torch.nn.Parameter(torch.full((3,), float('nan')))\n", ValueDistribution(bad=3)),
    "huge": (
        "w = torch.nn.Parameter(torch.tensor([1e308, -1e308], dtype=torch.float64))\n",
        ValueDistribution(-1e308, 1e308, None, histogram=(1, *[0] * 14, 1)),
    ),
    "sparse": ("w = torch.eye(3).to_sparse().requires_grad_()\n", ValueDistribution()),
    "lazy": ("w = torch.nn.LazyLinear(3)\n", ValueDistribution()),
    "quantized": (
        "w = torch.nn.Parameter(torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8), requires_grad=False)\n"
        "v = torch.ones(1, requires_grad=True)\n",
        ValueDistribution(),
    ),
    "half": ("w = torch.nn.Parameter(torch.tensor([3.0, 4.0], dtype=torch.bfloat16))\n", None),
    "complex": ("w = torch.nn.Parameter(torch.tensor([3j, 4 + 0j]))\n", None),
}


@pytest.mark.parametrize("kind", EVIL)
@pytest.mark.filterwarnings("ignore::UserWarning")
async def test_parameters_that_can_hardly_be_read(run, kind: str) -> None:
    source, expected = EVIL[kind]
    ran = await run("import warnings\nwarnings.simplefilter('ignore')\nimport torch\n" + source)
    row = ran.one(Parameters).rows[0]
    assert ran.ended.status == 0, ran.text()
    if expected is not None:
        assert row.value == expected
    else:
        assert (row.value.low, row.value.high, row.value.norm) == (3.0, 4.0, 5.0)


async def test_a_sparse_gradient_has_no_numbers(run) -> None:
    source = "import torch\nnet = torch.nn.Embedding(9, 3, sparse=True)\nnet(torch.tensor([1])).sum().backward()\n"
    (row,) = (await run(source)).one(Parameters).rows
    assert row.grad == ValueDistribution() and row.note == ""


async def test_ten_to_the_eighth_elements_are_sampled(run) -> None:
    ran = await run("import torch\nw = torch.ones(10**8, requires_grad=True)\n", memory=None)
    (row,) = ran.one(Parameters).rows
    assert row.value.sampled and row.value.norm == pytest.approx(1e4)


async def test_a_subclass_has_no_say(run) -> None:
    source = (
        "import torch\n"
        "class Evil(torch.nn.Parameter):\n"
        "    def numel(self): print('asked'); raise ValueError\n"
        "    dim = size = __len__ = norm = detach = numel\n"
        "    shape = grad = property(numel)\n"
        "    @classmethod\n"
        "    def __torch_function__(cls, *rest): print('asked'); raise ValueError\n"
        "w = Evil(torch.ones(2, 8))\n"
        "print('end')\n"
    )
    ran = await run(source)
    assert ran.text().endswith("end\n") and "asked" not in ran.text().partition("end")[2]
    (row,) = ran.one(Parameters).rows
    assert (row.what, row.value.norm) == ("f32[2,8]", 4.0)
