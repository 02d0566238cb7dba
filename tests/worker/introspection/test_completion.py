"""Names as one types: what the draft, the last run and the installed torch say may stand at the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.conftest import RunIt
from tutor.client.client import WorkerClient
from tutor.protocol.codec import Complete, Completions

DRAFT = """\
import math
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.first = nn.Linear(3, width)
        self.passes = 0

    def forward(self, x):
        hidden = self.first(x)
        return hidden.relu()

net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2)
x = torch.randn(3, 3)
y = net(x)
top, where = x.max(dim=0)
loader = torch.utils.data.DataLoader([1])
for batch, target in loader:
    pass
"""

Offer = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def ask(runner: WorkerClient) -> Callable[[str], Awaitable[Completions]]:
    """``await ask(draft)``: what is offered where ``|`` stands in it."""

    async def go(source: str) -> Completions:
        before, _, after = source.partition("|")
        row, column = before.count("\n"), len(before.rpartition("\n")[2])
        answer = await runner.ask(Complete(runner.new_id(), before + after, row, column))
        assert isinstance(answer, Completions)
        return answer

    return go


@pytest.fixture
def offered(ask) -> Offer:
    """The names alone."""

    async def go(source: str) -> list[str]:
        return [item.name for item in (await ask(source)).items]

    return go


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("torch.nn.functional.mse|", "mse_loss"),
        ("F.cross|", "cross_entropy"),
        ("nn.lin|", "Linear"),
        ("x.resh|", "reshape"),
        ("x.grad.T.shape.num|", "numel"),
        ("(x @ x + 1)[0].argm|", "argmax"),
        ("F.relu(x).unsq|", "unsqueeze"),
        ("y.back|", "backward"),
        ("top.soft|", "softmax"),
        ("target.soft|", "softmax"),
        ("optimizer.zero|", "zero_grad"),
        ("optimizer.param_|", "param_groups"),
        ("schedule.last|", "last_epoch"),
        ("net.fir|", "first"),
        ("net.first.wei|", "weight"),
        ("net.state|", "state_dict"),
        ("for p in net.parameters():\n    p.requires|", "requires_grad"),
        ("for n, p in net.named_parameters():\n    n.upp|", "upper"),
        ("for i, row in enumerate(x):\n    row.cums|", "cumsum"),
        ("nn.Sequential(nn.Linear(3, 2), nn.ReLU())[0].in_f|", "in_features"),
        ("[].app|", "append"),
        ("'a'.upp|", "upper"),
        ("math.sq|", "sqrt"),
        ("with torch.no_g|", "no_grad"),
        ("import torch.op|", "optim"),
        ("from torch.nn import func|", "functional"),
        ("from torch |", "import"),
        ("print(sch|", "schedule"),
        ("whil|", "while"),
    ],
)
async def test_the_first_that_is_offered(offered: Offer, line: str, first: str) -> None:
    assert (await offered(DRAFT + line))[:1] == [first]


async def test_within_a_method_self_has_what_its_class_gives_it(offered: Offer) -> None:
    inside = DRAFT.replace("return hidden.relu()", "return self.|")
    assert (await offered(inside))[:4] == ["first", "passes", "forward", "parameters"]
    assert "hidden" in await offered(DRAFT.replace("return hidden.relu()", "return hid|en"))
    assert "hidden" not in await offered(DRAFT + "hid|")
    assert (await offered(DRAFT.replace("hidden.relu()", "x.rel|")))[0] == "relu"  # what forward is given is a tensor


@pytest.mark.parametrize(
    ("call", "first"),
    [
        ("torch.optim.SGD(net.parameters(), |", ["lr", "momentum"]),
        ("torch.optim.SGD(net.parameters(), lr=0.1, we|", ["weight_decay"]),
        ("torch.optim.SGD(\n    net.parameters(),\n    mom|\n)\n", ["momentum"]),
        ("torch.zeros(3, req|", ["requires_grad"]),
        ("x.sum(dim=0, keep|", ["keepdim"]),
        ("Net(|", ["width"]),
        ("F.mse_loss(x, (y, 1), red|", ["reduce", "reduction"]),
        ("nn.Linear(3, 4)(inp|", ["input", "input"]),
        ("from dataclasses import dataclass\n@dataclass\nclass A:\n    size: int = 3\nA(|", ["size"]),
        ("double = lambda t, by=2: t * by\ndouble(3, |", ["by"]),
    ],
)
async def test_arguments_of_the_call_come_first(ask, call: str, first: list[str]) -> None:
    items = (await ask(DRAFT + call)).items
    wanted = list(dict.fromkeys(first))
    assert [item.name for item in items[: len(wanted)]] == wanted and items[0].kind == "argument"


async def test_a_named_tuple_has_its_fields(offered: Offer) -> None:
    assert await offered("from typing import NamedTuple\nclass A(NamedTuple):\n    size: int\nA(1).|") == ["size"]


@pytest.mark.parametrize(
    "line",
    [
        "# tor|",
        "'tor|",
        'f"{x.|',
        '"""\ntorch.|',
        "3.|",
        "1e|",
        "def fo|",
        "import torch as t|",
        "lr = 0.1 # x.|",
        "zzz.|",
        "",
    ],
)
async def test_nothing_where_nothing_can_be_meant(offered: Offer, line: str) -> None:
    assert await offered(DRAFT.replace("math", "maths") + line if line else "|") == []


async def test_the_better_match_comes_first_and_what_is_private_only_when_asked_for(ask, offered: Offer) -> None:
    names = await offered(DRAFT + "nn.line|")
    assert names[0] == "Linear" and names.index("Linear") < names.index("Bilinear")
    assert not any(name.startswith("_") for name in await offered(DRAFT + "x.|"))
    assert (await offered(DRAFT + "x._ver|")) == ["_version"]
    assert len(await offered(DRAFT + "x.|")) == 50
    answer = await ask(DRAFT + "    x.resha|")
    assert answer.start == 6 and answer.items[0].kind == "method"
    assert {item.name: item.kind for item in (await ask(DRAFT + "torch.op|")).items}["optim"] == "module"


async def test_after_a_run_names_are_known_by_what_they_were(run: RunIt, offered: Offer) -> None:
    unknown = "import torch, json\nthing = json.loads('1') or torch.nn.Linear(2, 2)\nmade = thing if thing else 0\n"
    source = unknown.replace("json.loads('1') or", "(lambda: 0)() or")
    assert await offered(source.replace("torch.nn.Linear(2, 2)", "vars()['q']") + "thing.in_f|") == []
    await run("import torch\nthing = torch.nn.Linear(2, 2)\n", shelve=True)
    assert await offered(source.replace("torch.nn.Linear(2, 2)", "vars()['q']") + "thing.in_f|") == ["in_features"]


@pytest.mark.parametrize(
    "broken",
    [
        "x = torch.randn(3\n",
        "def f(:\n    pass\n",
        "if x ==\n",
        "class\n",
        "'''\n",
        "  odd\n",
        "for i in range(3):\n",
        "\x00\n",
        "((((\n",
    ],
)
async def test_a_mistake_elsewhere_is_no_hindrance(offered: Offer, broken: str) -> None:
    assert (await offered("import torch\nx = torch.ones(3)\nx.resh|\n" + broken))[:1] == ["reshape"]
    if "'''" not in broken:
        assert (await offered("import torch\nx = torch.ones(3)\n" + broken + "x.resh|"))[:1] == ["reshape"]


async def test_of_what_is_typed_fast_only_the_newest_is_answered(runner: WorkerClient) -> None:
    source = DRAFT + "torch.optim"
    rows = source.count("\n")
    asked = [Complete(runner.new_id(), source, rows, column) for column in range(1, 12)]
    answers = await asyncio.gather(*map(runner.ask, asked))
    assert [answer.ask for answer in answers] == [request.ask for request in asked]  # type: ignore[union-attr]
    assert answers[-1].items[0].name == "optim"  # type: ignore[union-attr]
    assert sum(bool(answer.items) for answer in answers) < len(asked)  # type: ignore[union-attr]
