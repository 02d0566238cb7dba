"""What a run left can be looked at when its process is gone; and whatever becomes of the reader, there is an answer."""

from __future__ import annotations

import asyncio
import math
import os
import signal
from pathlib import Path

import pytest

from tests import processes
from tests.conftest import RunIt
from tutor.client.client import WorkerClient
from tutor.protocol.codec import Complete, Completions, Docs, Documented, Ended, ReadTensor, Run, Started, TensorSlice
from tutor.worker.system.processes import children


@pytest.fixture
def look(run: RunIt, runner: WorkerClient):
    """``await look(source, name, how, ...)``: run a program, then look at a tensor that it left."""

    async def go(source: str, name: str, how: str = "values", **settings: object) -> TensorSlice:
        ran = await run("import torch\n" + source, shelve=True)
        number = ran.one(Started).run
        piece = await runner.ask(ReadTensor(runner.new_id(), number, name, how, **settings))  # type: ignore[arg-type]
        assert isinstance(piece, TensorSlice) and piece.name == name
        return piece

    return go


MATRIX = "x = torch.arange(12.0).reshape(3, 4)\n"


async def test_a_window_of_a_matrix(look) -> None:
    piece = await look(MATRIX, "x", top=1, left=1, rows=2, columns=3)
    assert piece.planes == (((5.0, 6.0, 7.0), (9.0, 10.0, 11.0)),)
    assert (piece.dtype, piece.shape, piece.top, piece.left, piece.note) == ("f32", (3, 4), 1, 1, "")
    assert (piece.low, piece.high, piece.mean, piece.zeros) == (0.0, 11.0, 5.5, 1 / 12)
    assert sum(piece.histogram) == 12 and piece.std == pytest.approx(13**0.5)


async def test_beyond_the_end_is_the_last_full_window(look) -> None:
    piece = await look(MATRIX, "x", top=99, left=-5, rows=2, columns=2)
    assert (piece.top, piece.left) == (1, 0) and piece.planes == (((4.0, 5.0), (8.0, 9.0)),)
    piece = await look("x = torch.arange(24).reshape(2, 3, 4)\n", "x", index=(99,), rows=1, columns=2)
    assert piece.index == (1,) and piece.planes == (((12, 13),),)
    assert (await look("x = torch.arange(4).reshape(1, 1, 2, 2)\n", "x", index=(0, 0, 7))).index == (0, 0)


async def test_a_vector_is_wrapped_like_text(look) -> None:
    piece = await look("x = torch.arange(10)\n", "x", columns=4, rows=2)
    assert piece.planes == (((0, 1, 2, 3), (4, 5, 6, 7)),) and piece.step == (4, 1)
    piece = await look("x = torch.arange(10)\n", "x", columns=4, rows=2, top=8)
    assert piece.planes == (((2, 3, 4, 5), (6, 7, 8, 9)),) and piece.top == 2
    piece = await look("x = torch.arange(10.0)\n", "x", "map", columns=2, rows=2)
    assert piece.planes == (((1.0, 4.0), (7.0, 9.0)),) and piece.step == (6, 3)
    assert (await look("x = torch.tensor(3)\n", "x", "map")).planes == (((3,),),)


async def test_a_map_holds_means_of_blocks(look) -> None:
    piece = await look("x = torch.arange(20.0).reshape(5, 4)\n", "x", "map", rows=3, columns=2)
    assert piece.planes == (((2.5, 4.5), (10.5, 12.5), (16.5, 18.5)),) and piece.step == (2, 2)
    halves = await look("x = torch.arange(20).reshape(5, 4).half()\n", "x", "map", rows=3, columns=2)
    assert halves.planes == piece.planes
    assert (await look(MATRIX, "x", "map")).planes[0][2] == (8.0, 9.0, 10.0, 11.0)


async def test_nan_and_infinities_are_counted_and_left_out_of_the_numbers(look) -> None:
    source = "x = torch.ones(4, 4)\nx[0, 0], x[3, 3], x[2, 0] = float('nan'), float('inf'), 0\n"
    piece = await look(source, "x", "map", rows=2, columns=2)
    assert piece.planes == (((None, 1.0), (0.75, math.inf)),)
    assert (piece.nans, piece.infs, piece.low, piece.high, piece.zeros) == (1, 1, 0.0, 1.0, 1 / 16)
    assert piece.mean == pytest.approx(13 / 14) and sum(piece.histogram) == 14
    nothing = await look("x = torch.full((3,), float('nan'))\n", "x")
    assert nothing.planes == (((None,) * 3,),)
    assert (nothing.low, nothing.mean, nothing.std, nothing.histogram, nothing.nans) == (None, None, None, (), 3)
    constant = await look("x = torch.full((3,), 2.0)\n", "x")
    assert (constant.low, constant.high, constant.std, constant.histogram) == (2.0, 2.0, 0.0, ())


async def test_a_range_beyond_its_dtype_has_a_histogram(look) -> None:
    piece = await look("x = torch.tensor([3e38, -3e38, 0, float('inf'), float('nan')])\n", "x")
    assert [place for place, count in enumerate(piece.histogram) if count] == [0, 20, 39] and sum(piece.histogram) == 3


async def test_statistics_are_those_of_torch(look) -> None:
    source = (
        "torch.manual_seed(1)\n"
        "x = torch.randn(300, 1000) * 3 + 1e4\n"
        "s = torch.stack([x.double().mean(), x.double().std()])\n"
    )
    piece = await look(source, "x", "map")
    mean, std = (await look(source, "s")).planes[0][0]
    assert (piece.mean, piece.std) == (pytest.approx(mean, rel=1e-9), pytest.approx(std, rel=1e-5))
    assert sum(piece.histogram) == 300_000 and len(piece.planes[0]) <= 24 and len(piece.planes[0][0]) <= 80


async def test_an_image_keeps_its_proportions(look) -> None:
    piece = await look("x = torch.rand(2, 3, 40, 20)\n", "x", "image", rows=10, columns=20, index=(1,))
    assert [(len(plane), len(plane[0])) for plane in piece.planes] == [(10, 5)] * 3
    assert (piece.index, piece.step) == ((1,), (4, 4))
    assert len((await look("x = torch.rand(8, 8)\n", "x", "image")).planes) == 1
    wrong = await look("x = torch.rand(8, 9, 3)\n", "x", "image")
    assert wrong.planes == () and wrong.high is not None
    assert wrong.note == (
        "An image is channels x height x width with 1 or 3 channels; this is 8x9x3. "
        "Its last one has: `permute` brings channels to the front."
    )
    assert (await look("x = torch.rand(8)\n", "x", "image")).note == "An image needs two dimensions at least."


async def test_kernels_and_feature_maps_as_a_grid(look) -> None:
    source = "x = torch.arange(32.0).reshape(4, 2, 2, 2)\n"
    piece = await look(source, "x", "grid", index=(1,))
    assert piece.tiles == 2 and piece.index == (1,) and piece.planes[1] == ((12.0, 13.0), (14.0, 15.0))
    piece = await look(source + "x = x[:, :1]\n", "x", "grid", top=1)
    assert (
        piece.tiles == 4 and piece.top == 1 and piece.planes[0] == ((8.0, 9.0), (10.0, 11.0)) and len(piece.planes) == 3
    )
    many = await look("x = torch.rand(5000, 8, 8)\n", "x", "grid")
    assert many.tiles == 5000 and sum(len(plane) * len(plane[0]) for plane in many.planes) <= 40_000


# --- the process --------------------------------------------------------------------------------------------------


def request(runner: WorkerClient, text: str = "pri") -> Complete:
    return Complete(runner.new_id(), text, 0, len(text))


async def stopped_reader(runner: WorkerClient) -> int:
    """The process id of a worker's reader, which stands still: beside the zygote the hub's only child of its own."""
    await runner.ask(request(runner))
    assert runner.pid is not None
    while len(pids := [pid for pid in children(runner.pid) if not children(pid)]) != 1:
        await asyncio.sleep(0.01)  # a keeper from before the zygote may still be ending
    (pid,) = pids
    os.kill(pid, signal.SIGSTOP)
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        await asyncio.sleep(0.01)
    return pid


@pytest.fixture(scope="module")
async def worker(environment: None):
    made = WorkerClient()
    yield made
    await made.close()


@pytest.fixture
async def own(worker: WorkerClient) -> WorkerClient:
    """A worker of this file's own, at rest; where the test before has ended it, another."""
    async for _ in worker.run(Run(worker.new_id(), "")):
        pass
    while worker.ready is None or worker.ready.stage != "all":
        await asyncio.sleep(0.01)
    return worker


async def test_of_each_kind_the_newest_waits_and_the_others_are_told_so(own: WorkerClient) -> None:
    pid = await stopped_reader(own)
    asked = [request(own, text) for text in ("pri", "prin", "print(")]
    first, second, third = (asyncio.create_task(own.ask(one)) for one in asked)
    docs = asyncio.create_task(own.ask(Docs(own.new_id(), "len", 0, 1)))
    looks = [asyncio.create_task(own.ask(ReadTensor(own.new_id(), 1, name))) for name in "ab"]
    assert await second == Completions(asked[1].ask, 4)
    dropped = await looks[0]
    assert isinstance(dropped, TensorSlice) and dropped.note == "Something else was asked meanwhile."
    assert not first.done() and not third.done() and not docs.done() and not looks[1].done()
    os.kill(pid, signal.SIGCONT)
    answers = await asyncio.gather(first, third, docs, looks[1])
    assert isinstance(answers[0], Completions) and answers[0].items[0].name == "print"
    assert isinstance(answers[2], Documented) and answers[2].name == "len"


async def test_a_reader_that_dies_is_replaced_and_what_was_asked_of_it_is_answered(own: WorkerClient) -> None:
    pid = await stopped_reader(own)
    pending = asyncio.create_task(own.ask(Docs(own.new_id(), "len", 0, 1)))
    waiting = asyncio.create_task(own.ask(request(own)))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    answer = await pending
    assert isinstance(answer, Documented) and answer.note == "The process that looks things up ended over this."
    assert (await waiting).items[0].name == "print"  # type: ignore[union-attr]


async def test_runs_go_on_while_the_reader_stands_still(own: WorkerClient) -> None:
    await stopped_reader(own)
    pending = asyncio.create_task(own.ask(request(own)))
    events = [event async for event in own.run(Run(own.new_id(), "print(1)"))]
    assert isinstance(events[-1], Ended) and events[-1].status == 0 and not pending.done()
    await own.close()
    assert await pending is None


async def test_the_reader_ends_with_the_worker_however_that_ends(own: WorkerClient) -> None:
    pid = await stopped_reader(own)
    assert own.pid is not None
    os.kill(own.pid, signal.SIGKILL)
    assert not processes.gone({pid})
