"""Errors as the worker tells them: those of several processes, and what a failing line worked on."""

from __future__ import annotations

import pytest

from tutor.explain import explain
from tutor.protocol.codec import Inside, Operand, Raised

DATASET = """
import os, signal, torch
from torch.utils.data import DataLoader, Dataset

class Samples(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return {item}

for batch in DataLoader(Samples(), num_workers=1):
    pass
"""
ALONE = """
import torch
import torch.distributed as dist

dist.init_process_group("gloo", rank=0, world_size=1, store=dist.HashStore())
"""
TWO = """
import os, tempfile, time
from datetime import timedelta
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

def work(rank, folder):
    store = dist.FileStore(folder + "/meet", 2)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=2, timeout=timedelta(milliseconds=800))
    {work}

if __name__ == "__main__":
    mp.start_processes(work, (tempfile.mkdtemp(dir="."),), nprocs=2, start_method="fork")
"""


UNUSED = """
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.used, self.left = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)

    def forward(self, x):
        return self.used(x)

net = torch.nn.parallel.DistributedDataParallel(Net())
for _ in range(2):
    net(torch.ones(1, 1)).sum().backward()
"""
FROZEN = "torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(1, 1).requires_grad_(False))\n"
AGAIN = "dist.init_process_group('gloo', rank=0, world_size=1, store=dist.HashStore())\n"
WAITING = """
from datetime import timedelta
import torch.distributed as dist
dist.TCPStore("127.0.0.1", 0, 2, True, timedelta(seconds=1))
"""
NOBODY = """
import socket
from datetime import timedelta
import torch.distributed as dist
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
dist.TCPStore("127.0.0.1", port, 2, False, timedelta(milliseconds=300))
"""
BARRIER = "dist.monitored_barrier(timeout=timedelta(milliseconds=500)) if rank == 0 else time.sleep(5)"
REDUCE = "dist.all_reduce(torch.ones(1)) if rank == 0 else time.sleep(5)"
GONE = "dist.all_reduce(torch.ones(1)) if rank == 0 else os._exit(0)"

CASES = [
    (
        DATASET.format(item="torch.ones(3) @ torch.ones(index + 3)"),
        "The dataset raised a RuntimeError in a worker process of the DataLoader. A dot product wants equally many "
        "numbers on both sides, and got 3 and 4.",
    ),
    (
        DATASET.format(item="{}['key']"),
        "The dataset raised a KeyError in a worker process of the DataLoader.",
    ),
    (
        DATASET.format(item="os.kill(os.getpid(), signal.SIGKILL)"),
        "A worker process of the DataLoader ended without a word",
    ),
    (ALONE + AGAIN, "This process is in a process group already."),
    (ALONE + FROZEN, "There is nothing to keep alike"),
    (ALONE + UNUSED, "Some parameters took no part in the last loss"),
    (WAITING, "Of 2 processes 1 came within"),
    (NOBODY, "Nobody answered at 127.0.0.1"),
    (TWO.format(work=BARRIER), "Rank 1 didn't come to the barrier within 500 ms."),
    (TWO.format(work=REDUCE), "Another process didn't take part"),
    (TWO.format(work=GONE), "Another process didn't take part"),
    (TWO.format(work="os._exit(3)"), "ended without an error to tell, with exit code 3."),
]


@pytest.mark.parametrize(("source", "said"), CASES, ids=[said[:40] for _, said in CASES])
async def test_an_error_of_several_processes_is_explained(run, source: str, said: str) -> None:
    raised = (await run(source)).one(Raised)
    explanation = explain(raised)
    assert explanation is not None, raised
    assert said in explanation.meaning


async def test_a_slip_in_a_name_is_found_by_what_there_is(run) -> None:
    source = "class Evil:\n    right = 1\n    def __dir__(self):\n        print('asked')\n        return []\n{}\n"
    ran = await run(source.format("Evil().rihgt"))
    assert ran.one(Raised).fits == ("right",) and ran.text().count("asked") <= 1  # once by Python's own traceback


async def test_a_long_message_keeps_its_end(run) -> None:
    raised = (await run("raise ValueError('begin' + '-' * 10**6 + 'end')")).one(Raised)
    assert raised.message.startswith("begin") and raised.message.endswith("end") and len(raised.message) < 5000


async def test_an_error_within_a_layer_names_it_and_what_came_to_it(run) -> None:
    source = (
        "import torch\n"
        "from torch import nn\n"
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.body = nn.Sequential(nn.Flatten(), nn.Linear(9, 2))\n"
        "    def forward(self, x):\n"
        "        return self.body(x)\n"
        "model = Net()\n"
        "model(torch.ones(5, 2, 2))\n"
    )
    raised = (await run(source)).one(Raised)
    assert raised.inside == Inside("self.body.1", "Linear(9, 2)", (Operand("input", "f32[5,4]"),))
    assert [frame.line for frame in raised.frames] == [10, 8]


EVIL_OPERANDS = """
import torch

class Odd(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *args, **kwargs):
        raise ZeroDivisionError

class Thing:
    def __getattr__(self, name):
        raise KeyError(name)
    def __getitem__(self, index):
        print("called")
        return torch.ones(3)

class Quiet(torch.Tensor):
    pass

thing, odd, big = Thing(), torch.ones(2).as_subclass(Odd), torch.empty(1).expand(10**9)
freed = torch.ones(4)
freed.untyped_storage().resize_(0)
sparse, quantized = torch.eye(2).to_sparse(), torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8)
nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
"""


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("thing[0] @ torch.ones(4)", ["thing", "torch.ones(4)"]),
        ("odd.foo(big)", []),
        ("big @ torch.ones(4)", ["big", "torch.ones(4)"]),
        ("freed.reshape(3)", ["freed"]),
        ("(sparse, quantized, nested, freed)['x']", ["sparse", "quantized", "nested", "freed"]),
        ("torch.ones(2, 3) @ torch.ones(2, 3).repeat(10**6, 10**6)", ["torch.ones(2, 3)", "torch.ones(2, 3)"]),
    ],
)
async def test_operands_are_told_without_anybodys_code(run, line: str, names: list[str]) -> None:
    ran = await run(EVIL_OPERANDS + line + "\n")
    raised = ran.one(Raised)
    assert [operand.name for operand in raised.operands if operand.name in names] == list(dict.fromkeys(names))
    assert ran.text().count("called") <= 1 and ran.ended.status == 1


async def test_what_the_failing_lines_held_goes_when_the_program_goes(run) -> None:
    source = (
        "import atexit, sys, torch\n"
        "class Held(torch.Tensor):\n"
        "    def __del__(self):\n"
        "        print('gone')\n"
        "def fail():\n"
        "    x = torch.ones(2).as_subclass(Held)\n"
        "    return x @ torch.ones(3)\n"
        "@atexit.register\n"
        "def last():\n"
        "    sys.last_value = sys.last_traceback = sys.last_exc = None\n"
        "    print('the end')\n"
        "fail()\n"
    )
    assert (await run(source)).text().endswith("gone\nthe end\n")
