"""What a run leaves to be looked at: tensors of all kinds, within a budget, without delay, until the next run."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.conftest import RunIt
from tests.patience import PATIENCE
from tutor.client.client import WorkerClient
from tutor.protocol.codec import Ended, Output, ReadTensor, Run, Started, TensorSlice


async def look(runner: WorkerClient, run: int, name: str, how: str = "values", **settings: object) -> TensorSlice:
    piece = await runner.ask(ReadTensor(runner.new_id(), run, name, how, **settings))  # type: ignore[arg-type]
    assert isinstance(piece, TensorSlice)
    return piece


async def test_every_name_of_the_report_can_be_looked_at(run: RunIt, runner: WorkerClient) -> None:
    ran = await run(
        "import torch\n"
        "x = torch.tensor([1.0, 2.0], requires_grad=True)\n"
        "xs = [x * 2, torch.tensor(5)]\n"
        "d = {'k': torch.ones(2, 2)}\n"
        "net = torch.nn.Linear(2, 1)\n"
        "_own = torch.ones(1)\n"
        "(net(x).sum() + xs[0].sum()).backward()\n",
        shelve=True,
    )
    number = ran.one(Started).run
    for name, values in {"x": (1.0, 2.0), "xs[0]": (2.0, 4.0), "xs[1]": (5,), "d['k']": (1.0, 1.0)}.items():
        assert (await look(runner, number, name)).planes[0][0] == values
    weight = (await look(runner, number, "net.weight")).planes[0][0]
    assert (await look(runner, number, "x.grad")).planes[0][0] == pytest.approx([2 + value for value in weight])  # type: ignore[operator]
    assert (await look(runner, number, "net.bias.grad")).planes == (((1.0,),),)
    assert (await look(runner, number, "_own")).note == "The run left no tensor `_own` to look at."


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("torch.tensor(2.5)", (2.5,)),
        ("torch.tensor([True, False])", (1, 0)),
        ("torch.tensor([3 + 4j, 0])", (5.0, 0.0)),
        ("torch.tensor([3 + 4j, 0]).conj()", (5.0, 0.0)),
        ("torch.tensor([1.5, 2]).bfloat16()", (1.5, 2.0)),
        ("torch.tensor([1.5, 2]).to(torch.float8_e4m3fn)", (1.5, 2.0)),
        ("torch.tensor([2**62 + 1, -1])", (2**62 + 1, -1)),
        ("torch.tensor([7, 8], dtype=torch.uint16)", (7, 8)),
        ("torch.ones(3).expand(2, 3)[:, 0]", (1.0, 1.0)),
        ("torch.arange(6.0).reshape(2, 3).T[1]", (1.0, 4.0)),
        ("torch.from_numpy(__import__('numpy').arange(2.0))", (0.0, 1.0)),
        ("torch.nn.Parameter(torch.ones(2))", (1.0, 1.0)),
    ],
)
async def test_values_of_any_kind(run: RunIt, runner: WorkerClient, expression: str, values: tuple[float, ...]) -> None:
    ran = await run(f"import torch\nx = {expression}\n", shelve=True)
    piece = await look(runner, ran.one(Started).run, "x")
    assert piece.note in ("", "Complex numbers, shown by their absolute value.")
    assert piece.planes == ((values,),)


@pytest.mark.parametrize(
    ("expression", "note"),
    [
        ("torch.ones(2, device='meta')", "meta: it has a shape and no values"),
        ("torch.eye(2).to_sparse()", "sparse coo"),
        ("torch.zeros(0, 3)", "It has no values."),
        ("freed()", "storage freed"),
        ("own()", "a subclass that computes in its own way"),
    ],
)
async def test_what_has_no_values_to_read_says_why(
    run: RunIt, runner: WorkerClient, expression: str, note: str
) -> None:
    source = (
        "import torch\n"
        "def freed():\n"
        "    made = torch.ones(100)\n"
        "    made.untyped_storage().resize_(0)\n"
        "    return made\n"
        "class Own(torch.Tensor):\n"
        "    @classmethod\n"
        "    def __torch_dispatch__(cls, *given, **named):\n"
        "        raise SystemExit('called')\n"
        "def own():\n"
        "    return torch.Tensor._make_wrapper_subclass(Own, (2,))\n"
        "other = torch.ones(1)\n"
    )
    ran = await run(f"{source}x = {expression}\n", shelve=True)
    piece = await look(runner, ran.one(Started).run, "x")
    assert (piece.planes, piece.note) == ((), note)
    assert (await look(runner, ran.one(Started).run, "other")).planes == (((1.0,),),)


async def test_a_module_that_holds_nonsense_hides_nothing(run: RunIt, runner: WorkerClient) -> None:
    source = (
        "import torch\nx = torch.ones(1)\nnet = torch.nn.Linear(1, 1)\n"
        "net._modules.update({'odd': 'text', 7: torch.nn.Linear(1, 1)})\n"
    )
    number = (await run(source, shelve=True)).one(Started).run
    assert (await look(runner, number, "x")).planes == (((1.0,),),)
    assert (await look(runner, number, "net.weight")).note == ""


async def test_a_large_tensor_is_kept_in_part_and_says_so(run: RunIt, runner: WorkerClient) -> None:
    source = "import torch\nlarge = torch.arange(30_000_000).reshape(30_000, 1000)\nsmall = torch.ones(2)\n"
    ran = await run(source, shelve=True)
    number = ran.one(Started).run
    piece = await look(runner, number, "large", top=3000, rows=3, columns=2)
    down = piece.step[0]
    assert piece.shape == (30_000, 1000) and down > 1 and piece.step[1] == 1
    assert piece.note.startswith(f"Too large to be kept whole: every {down}") and piece.note.endswith("of dimension 0.")
    first = piece.top * 1000
    assert abs(piece.top - 3000) < down
    assert piece.planes == (tuple((first + n * down * 1000, first + n * down * 1000 + 1) for n in range(3)),)
    assert (await look(runner, number, "small")).planes == (((1.0, 1.0),),)


async def test_a_tensor_larger_than_memory_delays_nothing(run: RunIt, runner: WorkerClient) -> None:
    ran = await run("import torch\nhuge = torch.ones(1).expand(10**12)\nx = torch.ones(3)\n", shelve=True)
    number = ran.one(Started).run
    assert (await look(runner, number, "x")).planes == (((1.0, 1.0, 1.0),),)
    piece = await look(runner, number, "huge", "map")
    assert piece.mean == 1.0 and piece.planes and piece.step[1] > 10**6


async def test_the_next_run_takes_its_place(run: RunIt, runner: WorkerClient) -> None:
    first = (await run("import torch\nx = torch.ones(1)\n", shelve=True)).one(Started).run
    assert (await look(runner, first, "x")).planes
    unshelved = (await run("import torch\nx = torch.zeros(1)\n")).one(Started).run
    assert (await look(runner, first, "x")).planes == (((1.0,),),)
    assert (await look(runner, unshelved, "x")).note == "What this run left is gone, or could not be kept."
    second = (await run("import torch\nx = torch.zeros(1)\n", shelve=True)).one(Started).run
    assert (await look(runner, second, "x")).planes == (((0.0,),),)
    assert (await look(runner, first, "x")).note == "What this run left is gone, or could not be kept."


async def test_a_program_that_failed_or_was_stopped_leaves_what_it_had(run: RunIt, runner: WorkerClient) -> None:
    failed = await run("import torch\nx = torch.ones(1)\nopen = len = None\nraise SystemError\n", shelve=True)
    assert (await look(runner, failed.one(Started).run, "x")).planes == (((1.0,),),)
    request = Run(runner.new_id(), "import torch\nx = torch.ones(2)\nprint('go')\nwhile True: pass\n", shelve=True)
    async for event in runner.run(request):
        if isinstance(event, Output) and event.text.startswith("go"):
            runner.stop(request.id)
    assert (await look(runner, request.id, "x")).planes == (((1.0, 1.0),),)


async def test_looking_while_the_next_run_is_under_way_waits_for_nothing(run: RunIt, runner: WorkerClient) -> None:
    first = (await run("import torch\nx = torch.ones(1)\n", shelve=True)).one(Started).run
    assert (await look(runner, first, "x")).planes
    request = Run(runner.new_id(), "print('go')\nwhile True: pass\n", shelve=True)
    async for event in runner.run(request):
        if isinstance(event, Output):
            async with asyncio.timeout(PATIENCE):
                assert (await look(runner, first, "x")).planes == (((1.0,),),)
            runner.stop(request.id)


async def test_finalizers_are_heard_and_before_the_end_although_tensors_are_kept(run: RunIt) -> None:
    source = (
        "import torch\n"
        "class T(torch.Tensor):\n"
        "    def __del__(self): print('gone', type(self).__name__)\n"
        "x = torch.ones(2).as_subclass(T)\n"
    )
    told = [(await run(source, shelve=shelve)).text() for shelve in (False, True)]
    assert told == ["gone T\n"] * 2


async def test_without_a_place_to_write_a_run_ends_as_ever_and_there_is_nothing_to_see(environment: None) -> None:
    own = WorkerClient()
    await own.start()
    try:
        request = Run(own.new_id(), "import torch\nx = torch.ones(1)\n", shelve=True)
        async for event in own.run(request):
            if isinstance(event, Started):
                folder = Path(event.path).parent.parent
                (folder / "snapshot.part").mkdir()
            if isinstance(event, Ended):
                assert event.status == 0
        piece = await look(own, request.id, "x")
        assert piece.note == "What this run left is gone, or could not be kept."
        shutil.rmtree(folder / "snapshot.part")
        again = Run(own.new_id(), request.source, shelve=True)
        assert [event.status async for event in own.run(again) if isinstance(event, Ended)] == [0]
        assert (await look(own, again.id, "x")).planes
        assert (folder / "snapshot").is_file() and not (folder / "snapshot.part").exists()
    finally:
        await own.close()
    assert not folder.exists()


async def test_nothing_is_lost_when_a_keeper_that_has_loaded_more_takes_over(environment: None) -> None:
    own = WorkerClient()
    await own.start()
    source = "import os, time, torch\nx = torch.ones(1)\ntime.sleep(0.1)\nkeeper = torch.tensor(os.getppid())\n"
    keepers: set[float | None] = set()
    try:
        async with asyncio.timeout(PATIENCE):
            while len(keepers) < 2:
                request = Run(own.new_id(), source, shelve=True)
                assert [event.status async for event in own.run(request) if isinstance(event, Ended)] == [0]
                keepers.add((await look(own, request.id, "keeper")).planes[0][0][0])
    finally:
        await own.close()
