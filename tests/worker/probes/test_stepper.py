"""A run told line by line; and that telling changes nothing."""

from __future__ import annotations

import pytest

from tutor.protocol.codec import Ended, Finished, Output, Raised, Run, Started, Step, Steps

TRAINING = """\
import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.5)
for step in range(2):
    optimizer.zero_grad()
    loss = w.square().sum()
    loss.backward()
    optimizer.step()
"""
RANDOM = """\
import random, torch, numpy
print(torch.randn(3), torch.rand(1).item(), random.random(), numpy.random.rand(2), torch.initial_seed() > 0)
"""


@pytest.fixture
def stepped(run):
    """``await stepped(source)``: the steps of a program."""

    async def go(source: str, steps: int = 400) -> list[Step]:
        ran = await run(source, steps=steps, observe=False)
        assert not any(told.cut for told in ran.of(Steps))
        return steps_of(ran)

    return go


def steps_of(ran) -> list[Step]:
    return [step for told in ran.of(Steps) for step in told.steps]


def changed(step: Step) -> dict[str, str]:
    """The names that a step changed: their values where these are short."""
    texts = {tensor.name: tensor.text for tensor in step.tensors}
    return {binding.name: texts.get(binding.name, binding.what) for binding in step.bindings}


# --- where random numbers begin -----------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [0, 400])
async def test_with_the_seed_of_a_run_its_random_numbers_come_again(run, steps) -> None:
    first = await run(RANDOM)
    seed = first.one(Finished).seed
    again = await run(RANDOM, seed=seed, steps=steps)
    assert again.text() == first.text() != ""
    assert again.one(Finished).seed == seed


async def test_a_seed_means_what_it_means_to_torch_python_and_numpy(run) -> None:
    seeded = "import random, torch, numpy\ntorch.manual_seed(7); random.seed(7); numpy.random.seed(7)\n" + RANDOM
    assert (await run(RANDOM, seed=7)).text() == (await run(seeded)).text()


async def test_without_a_seed_no_run_is_like_another(run) -> None:
    ran = [await run(RANDOM) for _ in range(2)]
    assert len({one.text() for one in ran}) == len({one.one(Finished).seed for one in ran}) == 2


# --- lines --------------------------------------------------------------------------------------------------


async def test_every_line_with_what_it_changed_gradients_and_weights_as_they_were(stepped) -> None:
    steps = await stepped(TRAINING)
    assert [step.line for step in steps] == [1, 3, 4, 5, 6, 7, 8, 9, 5, 6, 7, 8, 9, 5]
    told = [changed(step) for step in steps]
    assert told[1] == {"w": "[1.0, 2.0]"}
    assert told[3] == {"step": "0"}
    assert told[5] == {"loss": "5.0"}
    assert told[6] == {"w.grad": "[2.0, 4.0]"}
    assert told[7] == {"w": "[0.0, 0.0]"}
    assert steps[9].gone == ("w.grad",) and told[9] == {}
    assert told[11] == {"w.grad": "[0.0, 0.0]"}
    assert [(b.name, b.grad) for b in steps[5].bindings] == [("loss", True)]


@pytest.mark.parametrize(
    "line",
    ["w.mul_(2)", "w.data -= 1", "w.numpy()[0] = 9", "w[0] = 7", "w = w + 0", "w.requires_grad_()", "pair[0].add_(1)"],
)
async def test_a_tensor_that_changed_in_whatever_way(stepped, line) -> None:
    steps = await stepped(f"import torch\nw = torch.ones(3)\npair = [w]\nv = torch.ones(1)\n{line}\nv\n")
    assert "w" in changed(steps[-2])
    assert set(changed(steps[-2])) <= {"w", "pair[0]"} and changed(steps[-1]) == {}


async def test_functions_are_entered_and_left(stepped) -> None:
    source = (
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def forward(self, x):\n"
        "        h = x * 2\n"
        "        return h\n"
        "net = Net()\n"
        "y = net(torch.ones(1))\n"
    )
    steps = await stepped(source)
    assert [(step.line, step.depth, step.function) for step in steps[2:]] == [
        (6, 0, ""),
        (7, 0, ""),
        (3, 1, "Net.forward"),
        (4, 1, "Net.forward"),
        (5, 1, "Net.forward"),
        (7, 0, ""),
    ]
    assert [changed(step) for step in steps[3:]] == [
        {},
        {"self": "Net", "x": "[1.0]"},
        {"h": "[2.0]"},
        {"return": "[2.0]"},
        {"y": "[2.0]"},
    ]


async def test_what_a_caller_knows_is_not_told_again_to_whom_it_calls(stepped) -> None:
    source = (
        "import torch\n"
        "net = torch.nn.Linear(1, 1)\n"
        "def shrink(model):\n"
        "    with torch.no_grad():\n"
        "        model.weight.fill_(3)\n"
        "shrink(net)\n"
    )
    steps = await stepped(source)
    assert [changed(step) for step in steps if step.function] == [
        {"model": "Linear"},
        {},
        {"model.weight": "[[3.0]]"},
    ]
    assert changed(steps[-1]) == {"net.weight": "[[3.0]]"}


async def test_a_statement_of_several_lines_is_one_step(stepped) -> None:
    source = (
        "xs = [\n    1,\n    2,\n]\nys = [\n    x * 2\n    for x in xs\n]\nfor x in xs: y = x\nwhile True:\n    break\n"
    )
    assert [step.line for step in await stepped(source)] == [1, 5, 9, 9, 9, 10, 11]


async def test_a_with_is_passed_once_though_python_comes_back_to_it(stepped) -> None:
    source = (
        "import io, contextlib\n"
        "class Log:\n"
        "    def __enter__(self): pass\n"
        "    def __exit__(self, *_):\n"
        "        print('left')\n"
        "def work():\n"
        "    with contextlib.nullcontext(), \\\n"
        "            contextlib.nullcontext():\n"
        "        with contextlib.nullcontext():\n"
        "            return 3\n"
        "for i in range(2):\n"
        "    with contextlib.nullcontext():\n"
        "        y = work()\n"
        "with contextlib.nullcontext():\n"
        "    pass\n"
        "with Log():\n"
        "    x = 1\n"
    )
    steps = await stepped(source)
    once = [11, 12, 13, 6, 7, 9, 10, 13]
    assert [step.line for step in steps] == [1, 2, 6, *once, *once, 11, 14, 15, 16, 3, 3, 16, 17, 16, 4, 5]
    assert [changed(step) for step in steps if step.line == 10] == [{"return": "3"}] * 2


async def test_names_that_are_no_more(stepped) -> None:
    steps = await stepped("x = 1\ndel x\ny = 2\n")
    assert [step.gone for step in steps] == [(), ("x",), ()]


async def test_the_output_so_far_stands_with_each_line(stepped) -> None:
    source = "import os\nprint('ab')\nx = 1\nos.system('echo cdé')\nprint('f')\n"
    assert [step.printed for step in await stepped(source)] == [0, 3, 3, 7, 9]


async def test_an_error_ends_with_the_line_that_raised_it(run) -> None:
    ran = await run("def fail(t):\n    return 1 / t\nfail(0)\n", steps=400)
    assert [(step.line, step.depth) for step in steps_of(ran)] == [(1, 0), (3, 0), (1, 1), (2, 1)]
    assert ran.one(Raised).type == "ZeroDivisionError"


async def test_after_an_error_that_was_caught_it_goes_on(stepped) -> None:
    source = "def fail(t):\n    t / 0\ntry:\n    fail(1)\nexcept ZeroDivisionError:\n    x = 1\nnext(iter([]), 2)\n"
    assert [(step.line, step.depth) for step in await stepped(source)] == [
        (1, 0),
        (3, 0),
        (4, 0),
        (1, 1),
        (2, 1),
        (5, 0),
        (6, 0),
        (7, 0),
    ]


async def test_nothing_is_told_of_a_program_that_is_none(run) -> None:
    ran = await run("x = (\n", steps=400)
    assert ran.of(Steps) == [] and ran.one(Raised).type == "SyntaxError"


async def test_after_its_number_of_lines_it_runs_on_unwatched(run) -> None:
    source = "import sys\nfor i in range(100):\n    last = i\nprint(last, sys.gettrace())\n"
    ran = await run(source, steps=10)
    assert len(steps_of(ran)) == 10
    assert [told.cut for told in ran.of(Steps)][-1]
    assert ran.text() == "99 None\n"


async def test_all_that_is_told_is_bounded(run) -> None:
    source = (
        "import torch\n"
        "net = torch.nn.ModuleList(torch.nn.Linear(8, 8) for _ in range(40))\n"
        "weights = list(net.parameters())\n"
        "with torch.no_grad():\n"
        "    for i in range(1000):\n"
        "        torch._foreach_add_(weights, 1)\n"
    )
    ran = await run(source, steps=100_000, observe=False)
    assert ran.of(Steps)[-1].cut and 300 < len(steps_of(ran)) < 1900
    assert ran.ended.status == 0


# --- and nothing is changed ---------------------------------------------------------------------------------


async def test_nothing_is_held_on_to(run) -> None:
    source = (
        "import gc, weakref, torch\n"
        "class Thing: pass\n"
        "def work():\n"
        "    thing = Thing()\n"
        "    tensor = torch.ones(5)\n"
        "    seen = weakref.ref(thing), weakref.ref(tensor)\n"
        "    del thing, tensor\n"
        "    return seen\n"
        "gc.disable()\n"
        "seen = work()\n"
        "top = torch.ones(5)\n"
        "seen += (weakref.ref(top),)\n"
        "del top\n"
        "print([ref() for ref in seen])\n"
    )
    assert (await run(source, steps=400)).text() == "[None, None, None]\n"


TRACED = {
    "compile": "f = torch.compile(work, fullgraph=True, backend='eager')\nprint(f(x))\n",
    "trace": "print(torch.jit.trace(work, x).code)\n",
    "make_fx": "from torch.fx.experimental.proxy_tensor import make_fx\nprint(make_fx(work)(x).code)\n",
    "vmap": "print(torch.vmap(work)(x))\n",
    "grad": "print(torch.func.grad(lambda x: work(x).sum())(x))\n",
    "inference": "with torch.inference_mode():\n    z = work(x)\n    z += 1\nprint(z)\n",
    "mode": (
        "from torch.utils._python_dispatch import TorchDispatchMode\n"
        "class Log(TorchDispatchMode):\n"
        "    def __torch_dispatch__(self, func, types, args=(), kwargs=None):\n"
        "        print(func)\n"
        "        return func(*args, **(kwargs or {}))\n"
        "with Log():\n"
        "    z = work(x)\n"
    ),
    "profiler": (
        "with torch.profiler.profile() as p:\n    z = work(x)\n    z = z * 2\n"
        "print(sorted((e.key, e.count) for e in p.key_averages()))\n"
    ),
    "threads": "z = torch.ones(300, 300)\nz = z @ z\nprint(torch.get_num_threads(), z.sum())\n",
    "device": "torch.set_default_device('meta')\nz = torch.ones(3)\nprint(z.device)\n",
}


@pytest.mark.parametrize("case", TRACED)
async def test_whoever_records_operations_sees_the_programs_alone(run, case) -> None:
    work = "def work(x):\n    y = x * 2\n    y = y.relu()\n    return y\n"
    source = f"import torch\n{work}x = torch.ones(2, 3)\n{TRACED[case]}"
    plain, stepped = await run(source, observe=False), await run(source, steps=400, observe=False)
    assert stepped.text().splitlines()[-1] == plain.text().splitlines()[-1]  # the profiler first says when it starts
    assert "Error" not in plain.text()
    assert steps_of(stepped)


async def test_evil_values_are_named_or_left_out(stepped) -> None:
    source = (
        "import torch\n"
        "class Evil:\n"
        "    def __getattribute__(self, name): raise RuntimeError(name)\n"
        "    def __repr__(self): raise RuntimeError\n"
        "    def __eq__(self, other): raise RuntimeError\n"
        "    __hash__ = None\n"
        "class Sub(torch.Tensor):\n"
        "    @classmethod\n"
        "    def __torch_function__(cls, func, types, args=(), kwargs=None): raise RuntimeError(func)\n"
        "evil = Evil()\n"
        "evil = Evil()\n"
        "sub = torch.ones(2).as_subclass(Sub)\n"
        "meta = torch.ones(3, device='meta')\n"
        "sparse = torch.ones(2).to_sparse()\n"
        "huge = torch.zeros(1).expand(10**9)\n"
        "freed = torch.ones(4)\n"
        "freed.untyped_storage().resize_(0)\n"
        "number = 10 ** 10_000\n"
        "text = 'x' * 10**7\n"
        "end = 1\n"
    )
    steps = {step.line: step for step in await stepped(source)}
    assert "evil" in changed(steps[10]) and "evil" in changed(steps[11])
    assert {"sub", "meta", "sparse", "huge"} <= {name for line in steps.values() for name in changed(line)}
    assert [tensor.note for tensor in steps[17].tensors] == ["storage freed"]
    assert max(len(binding.what) for step in steps.values() for binding in step.bindings) < 60


async def test_a_child_that_the_program_forks_is_not_told_of(run) -> None:
    source = (
        "import os\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    x = 1\n"
        "    os._exit(3)\n"
        "print(os.waitpid(child, 0)[1] >> 8)\n"
    )
    ran = await run(source, steps=400)
    assert ran.text() == "3\n"
    assert [step.line for step in steps_of(ran)] == [1, 2, 3, 6]


async def test_a_stopped_run_shows_the_programs_lines_only(runner) -> None:
    source = "n = 0\nwhile True:\n    n += 1\n"
    request = Run(runner.new_id(), source, steps=10**9)
    output, seen = "", 0
    async for event in runner.run(request):
        if isinstance(event, Steps):
            seen += len(event.steps)
            if seen > 50 >= seen - len(event.steps):
                runner.stop(request.id)
        elif isinstance(event, Output):
            output += event.text
        elif isinstance(event, Ended):
            assert (event.status, event.cause) == (130, "stopped")
        else:
            assert isinstance(event, (Started, Raised, Finished)) or event.run == request.id
    assert output.endswith("KeyboardInterrupt\n") and "steps.py" not in output
