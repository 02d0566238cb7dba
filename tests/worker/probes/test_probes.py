"""What a run shows of itself: values, tensors, curves, errors; and that watching changes nothing."""

from __future__ import annotations

import pytest

from tutor.protocol.codec import CheckCell, Frame, Operand, Raised, Series, Tensors, Value


async def test_tensors_gradients_and_last_value(run) -> None:
    source = (
        "import torch\n"
        "x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)\n"
        "miss = (x - 3).square().sum()\n"
        "miss.backward()\n"
        "net = torch.nn.Linear(2, 1)\n"
        "_hidden = torch.ones(1)\n"
        "x.grad * 2\n"
    )
    ran = await run(source)
    assert [t.name for t in ran.one(Tensors).tensors] == ["x", "miss", "net.weight", "net.bias"]
    x, miss = ran.tensor("x"), ran.tensor("miss")
    assert (x.dtype, x.shape, x.leaf, x.requires_grad, x.low, x.high) == ("f32", (3,), True, True, 1.0, 4.0)
    assert x.grad is not None and x.grad.text == "[-4.0, -2.0, 2.0]"
    assert (miss.leaf, miss.grad_fn, miss.text) == (False, "Sum", "6.0")
    value = ran.one(Value)
    assert (value.expression, value.text) == ("x.grad * 2", "tensor([-8., -4.,  4.])")
    assert ran.text() == ""


async def test_every_scheduler_step_and_every_loss_is_in_a_curve(run) -> None:
    source = (
        "import torch\n"
        "w = torch.nn.Parameter(torch.tensor(4.0))\n"
        "optimizer = torch.optim.SGD([w], lr=0.1)\n"
        "schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)\n"
        "for step in range(5):\n"
        "    optimizer.zero_grad()\n"
        "    loss = w.square()\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    schedule.step()\n"
    )
    last = {series.name: series for series in (await run(source)).of(Series)}
    assert list(last) == ["loss", "learning rate", "gradient norm"]
    assert [(b.start, b.last) for b in last["gradient norm"].buckets[:2]] == [(0, 8.0), (1, pytest.approx(6.4))]
    assert [b.last for b in last["learning rate"].buckets] == [0.1, 0.05, 0.025, 0.0125, 0.00625]
    losses = [b.last for b in last["loss"].buckets]
    assert losses[0] == 16.0 and losses == sorted(losses, reverse=True)


TWO = """
import torch

lrs = torch.optim.lr_scheduler
w = [torch.nn.Parameter(torch.tensor(4.0)) for _ in range(3)]
opt_g, opt_d = torch.optim.SGD([w[0]], lr=0.1), torch.optim.SGD([w[1]], lr=0.1)
schedules = [lrs.ExponentialLR(opt_g, 0.5), lrs.ExponentialLR(opt_d, {gamma})]
for step in range(5):
    sum(each.square() for each in w).backward()
    for stepping in (opt_g, opt_d, *schedules):
        stepping.step()
"""


@pytest.mark.parametrize(
    ("gamma", "rates"),
    [
        (0.9, ["learning rate of opt_g", "learning rate of opt_d"]),
        (1.0, ["learning rate of opt_g"]),
        (0.5, ["learning rate"]),
    ],
)
async def test_curves_of_several_optimizers_have_the_programs_names(run, gamma, rates) -> None:
    last = {series.name: series for series in (await run(TWO.format(gamma=gamma))).of(Series)}
    assert list(last) == ["loss", *rates, "gradient norm of opt_g", "gradient norm of opt_d"]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("lrs.StepLR(o, 2, 0.5)", [1.0, 1.0, 0.5, 0.5, 0.25]),
        ("lrs.LambdaLR(o, lambda n: 1 / (n + 1))", [1.0, 0.5, 1 / 3, 0.25, 0.2]),
        (
            "lrs.SequentialLR(o, [lrs.ConstantLR(o, 0.5, 9), lrs.ExponentialLR(o, 0.5)], [2])",
            [0.5, 0.5, 1.0, 0.5, 0.25],
        ),
    ],
)
async def test_a_schedule_is_drawn_also_where_nothing_is_trained(run, schedule: str, expected: list[float]) -> None:
    source = (
        "import torch, warnings\n"
        "import torch.optim.lr_scheduler as lrs\n"
        "warnings.simplefilter('ignore')\n"
        "o = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1.0)\n"
        f"s = {schedule}\n"
        "for _ in range(4):\n"
        "    {step}\n"
        "    s.step()\n"
    )
    for step in ("pass", "o.step()"):
        (series,) = {s.name: s for s in (await run(source.format(step=step))).of(Series)}.values()
        rates = [bucket.last for bucket in series.buckets]
        assert rates == pytest.approx(expected[: len(rates)]) and len(rates) >= 4


async def test_a_long_series_keeps_its_spikes_in_few_buckets(run) -> None:
    source = (
        "import torch\n"
        "x = torch.ones(1, requires_grad=True)\n"
        "for n in range(5000):\n"
        "    loss = (x * (1000.0 if n == 3333 else float('nan') if n == 77 else 1.0)).sum()\n"
        "    loss.backward()\n"
    )
    series = (await run(source)).of(Series)[-1]
    assert len(series.buckets) <= 256 and sum(b.count for b in series.buckets) == 5000
    assert max(b.high or 0 for b in series.buckets) == 1000.0
    assert sum(b.bad for b in series.buckets) == 1


async def test_curves_come_while_the_program_runs(run) -> None:
    source = (
        "import time, torch\n"
        "x = torch.ones(1, requires_grad=True)\n"
        "for n in range(8):\n"
        "    (x * n).sum().backward()\n"
        "    time.sleep(0.05)\n"
    )
    counts = [sum(b.count for b in s.buckets) for s in (await run(source)).of(Series)]
    assert counts == sorted(counts) and len(counts) >= 3 and counts[-1] == 8


async def test_the_gradient_norm_is_that_of_all_gradients_at_each_step(run) -> None:
    source = (
        "import torch\n"
        "a, b = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(3))\n"
        "optimizer = torch.optim.SGD([{'params': [a]}, {'params': [b], 'lr': 0.5}], lr=0.1)\n"
        "norms = []\n"
        "for step in range(300):\n"
        "    optimizer.zero_grad()\n"
        "    (a.sum() * (step + 1) + (b * 2).sum()).backward()\n"
        "    norms.append(torch.cat([a.grad, b.grad]).norm().item())\n"
        "    optimizer.step()\n"
    )
    last = {series.kind: series for series in (await run(source)).of(Series)}
    norm, numbers = last["norm"], last["numbers"]
    assert (norm.name, numbers.name) == ("gradient norm", "norms")
    assert sum(bucket.count for bucket in numbers.buckets) == 300
    known = {bucket.start: bucket.low for bucket in numbers.buckets}
    seen = {bucket.start: bucket.low for bucket in norm.buckets if bucket.start in known}
    assert len(seen) > 20 and seen == pytest.approx({start: known[start] for start in seen})
    assert [b.start + b.count for b in norm.buckets][:-1] == [b.start for b in norm.buckets][1:]


async def test_lists_of_numbers_are_series_under_their_names(run) -> None:
    source = (
        "import torch\n"
        "plain = [1, 2.5, float('nan'), 4]\n"
        "tensors = [torch.tensor(float(n), requires_grad=True) for n in range(3)]\n"
        "history = {'loss': [3.0, 2.0, 1.0], 'epoch': 3, 7: [1, 2, 3]}\n"
        "long = [float(n == 77_777) for n in range(100_000)]\n"
        "short, words, mixed, flags = [1, 2], ['a', 'b', 'c'], [1, 2, None], [True, False, True]\n"
        "_private, huge, deep, pair = [1, 2, 3], [10**400] * 3, [[1], [2], [3]], (1, 2, 3)\n"
        "vectors = [torch.ones(2)] * 3\n"
    )
    series = {one.name: one for one in (await run(source)).of(Series)}
    assert list(series) == ["plain", "tensors", "history['loss']", "long"]
    assert {one.kind for one in series.values()} == {"numbers"}
    assert [b.last for b in series["plain"].buckets] == [1.0, 2.5, None, 4.0]
    assert sum(b.bad for b in series["plain"].buckets) == 1
    assert [b.last for b in series["tensors"].buckets] == [0.0, 1.0, 2.0]
    buckets = series["long"].buckets
    assert len(buckets) <= 256 and sum(b.count for b in buckets) == 100_000
    (spike,) = [b for b in buckets if b.high == 1.0]
    assert spike.start <= 77_777 < spike.start + spike.count


async def test_several_losses_are_several_curves(run) -> None:
    source = (
        "import torch\n"
        "w = torch.ones(1, requires_grad=True)\n"
        "for _ in range(3):\n"
        "    loss_a = w.sum()\n"
        "    loss_a.backward()\n"
        "    (w * 2).sum().backward()\n"
    )
    assert {series.name for series in (await run(source)).of(Series)} == {"loss_a", "loss"}


async def test_an_error_names_the_learners_line_and_its_operands(run) -> None:
    source = (
        "import torch\n\ndef forward(x, w):\n    return x @ w\n\nforward(torch.ones(32, 784), torch.ones(256, 784))\n"
    )
    raised = (await run(source)).one(Raised)
    assert raised.type == "RuntimeError" and raised.message.startswith("mat1 and mat2 shapes cannot be multiplied")
    assert raised.frames == (
        Frame(6, "<module>", "forward(torch.ones(32, 784), torch.ones(256, 784))", 0, 50),
        Frame(4, "forward", "return x @ w", 7, 12),
    )
    assert raised.operands == (Operand("x", "f32[32,784]"), Operand("w", "f32[256,784]"))


async def test_an_error_inside_torch_stops_at_the_learners_call(run) -> None:
    raised = (await run("import torch\nnet = torch.nn.Linear(3, 2)\nnet(torch.ones(1, 4))\n")).one(Raised)
    assert [frame.line for frame in raised.frames] == [3]
    assert raised.via == "torch.nn.modules.linear.Linear.forward"


async def test_a_syntax_error_is_shown_where_it_is(run) -> None:
    ran = await run("x = 1\nprint('a' 'b'\ny = 2\n")
    raised = ran.one(Raised)
    assert raised.type == "SyntaxError" and raised.message == "'(' was never closed"
    assert raised.frames == (Frame(2, "<module>", "print('a' 'b'", 5, 6),)
    assert "SyntaxError: '(' was never closed" in ran.text()


async def test_long_lists_and_names_that_are_no_texts_hide_no_short_list(run) -> None:
    source = (
        "first = list(range(1_000_000))\nbeyond = [0.5] * 1_000_001\nglobals()[5] = [1, 2, 3]\n"
        "late = [1, 2.5, 3]\nalmost = [0.5] * 999_000\n"
    )
    series = {one.name: one for one in (await run(source)).of(Series)}
    assert list(series) == ["late", "almost"]
    assert sum(bucket.count for bucket in series["almost"].buckets) == 999_000


async def test_random_numbers_differ_from_run_to_run(run) -> None:
    source = "import random, numpy, torch\nprint(torch.initial_seed(), random.random(), numpy.random.rand())\n"
    assert (await run(source)).text() != (await run(source)).text()


OBSERVED = """
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
o = torch.optim.Adam(net.parameters(), lr=0.01)
s = torch.optim.lr_scheduler.OneCycleLR(o, 0.1, total_steps=30)
for _ in range(30):
    o.zero_grad()
    loss = net(torch.randn(16, 4)).square().mean()
    loss.backward()
    o.step()
    s.step()
print(f"{loss.item():.17g}", torch.rand(1).item(), s.get_last_lr(), sum(p.sum().item() for p in net.parameters()))
"""


async def test_a_check_that_asks_for_rates_which_are_no_numbers_finds_none(run) -> None:
    source = (
        "import numpy, torch\n"
        "w = torch.ones(2, requires_grad=True)\n"
        "optimizer = torch.optim.SGD([w], lr=numpy.float32(0.1))\n"
        "w.sum().backward()\n"
        "optimizer.step()\n"
    )
    check = CheckCell(
        'from tutor.check import series\ndef no_rates(run):\n    """No rates"""\n    assert series(run, "lr") == []\n',
        "c.py",
        1,
    )
    assert (await run(source, check=check)).verdict == ["passed"]


async def test_observing_changes_no_number(run) -> None:
    assert (await run(OBSERVED)).text() == (await run(OBSERVED, observe=False)).text()


async def test_a_compiled_graph_stays_whole(run) -> None:
    source = (
        "import torch, torch._dynamo\n"
        "@torch.compile(fullgraph=True, backend='eager')\n"
        "def step(x):\n"
        "    return (x * 2).sum()\n"
        "x = torch.ones(3, requires_grad=True)\n"
        "for _ in range(3):\n"
        "    step(x).backward()\n"
        "print(torch._dynamo.utils.counters['stats']['unique_graphs'])\n"
    )
    ran = await run(source)
    assert ran.text() == "1\n" and [s.name for s in ran.of(Series)]


async def test_a_programs_own_step_hooks_come_and_go_beside_the_observer(run) -> None:
    source = """
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

w = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for step in range(6):
    handle = register_optimizer_step_post_hook(lambda *given: None)
    w.square().sum().backward()
    optimizer.step()
    handle.remove()
print(handle.id)
"""
    ran = await run(source)
    assert ran.text() == "5\n"
    (norm,) = [series for series in ran.of(Series) if series.kind == "norm"][-1:]
    assert sum(bucket.count for bucket in norm.buckets) == 6
