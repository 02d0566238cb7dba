"""Programs that do harm: to their parent, their folder, their memory, their descriptors, their terminal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.conftest import run_in
from tests.patience import PATIENCE
from tutor.client.client import WorkerClient
from tutor.protocol.codec import (
    CheckCell,
    Complete,
    Completions,
    Device,
    Ended,
    Fault,
    Finished,
    MiB,
    Raised,
    ReadTensor,
    Run,
    Series,
    Started,
    Tensors,
    TensorSlice,
    Value,
)
from tutor.worker.system.processes import children

HAS_X = CheckCell("def has_x(run):\n    '''`x` is there'''\n    run.x\n", "lesson.py", 1)


async def test_stopping_its_parent_ends_only_the_run(run) -> None:
    """Nothing else would end it: limits and stops are the keeper's."""
    source = "import os, signal, time\nos.kill(os.getppid(), signal.SIGSTOP)\ntime.sleep(60)\n"
    ran = await run(source, seconds=0.1)
    assert (ran.ended.status, ran.ended.cause) == (137, "lost")
    assert "killed or stopped the process that watches over it" in ran.ended.sentence
    assert (await run("print('on')")).text() == "on\n"


async def test_killing_its_parent_ends_only_the_run(run) -> None:
    ran = await run("import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)\n")
    assert (ran.ended.status, ran.ended.cause) == (137, "lost")
    assert "killed or stopped the process that watches over it" in ran.ended.sentence
    assert (await run("print('next')")).text() == "next\n"


async def test_deleting_its_folder_harms_nothing(run) -> None:
    source = "import os, shutil\nfolder = os.getcwd()\nshutil.rmtree(folder)\nprint(os.path.exists(folder))\nx = 1\n"
    ran = await run(source, check=HAS_X)
    assert ran.ended.status == 0 and ran.text() == "False\n" and ran.verdict == ["passed"]
    assert (await run("import os\nprint(os.listdir())", name="a.py")).text() == "['a.py']\n"


async def test_a_swept_tmp_is_made_anew_and_one_that_cannot_be_is_told(environment: None) -> None:
    own = WorkerClient()
    started = [event async for event in own.run(Run(own.new_id(), "x = 1")) if isinstance(event, Started)]
    folder = Path(started[0].path).parent.parent
    shutil.rmtree(folder)
    events = [event async for event in own.run(Run(own.new_id(), "print('made anew')"))]
    assert any(getattr(event, "text", "") == "made anew\n" for event in events)
    shutil.rmtree(folder)
    folder.write_text("in the way")
    (fault,) = [event async for event in own.run(Run(own.new_id(), "print('nowhere')"))]
    assert isinstance(fault, Fault) and fault.run == 3
    assert fault.sentence == f"The program could not be written to a file: File exists ({folder})."
    folder.unlink()
    events = [event async for event in own.run(Run(own.new_id(), "print('again')"))]
    assert any(getattr(event, "text", "") == "again\n" for event in events)
    await own.close()


async def test_each_run_has_a_folder_of_its_own(run) -> None:
    await run("open('left', 'w').close()")
    assert (await run("import os\nprint(os.path.exists('left'))")).text() == "False\n"


async def test_a_memory_hog_is_ended_with_a_sentence(run) -> None:
    ran = await run("hog = []\nwhile True:\n    hog.append(bytearray(16 << 20))\n", memory=512 * MiB)
    assert ran.ended.cause == "memory"
    assert ran.ended.sentence.startswith("It held 0.") and "more than the 0.5 GB allowed here" in ran.ended.sentence


async def test_memory_of_children_counts(run) -> None:
    source = (
        "import os, time\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        block = bytearray(os.urandom(1) * (200 << 20))\n"
        "        time.sleep(60)\n"
        "time.sleep(60)\n"
    )
    assert (await run(source, memory=512 * MiB)).ended.cause == "memory"


async def test_time_has_a_limit(run) -> None:
    ran = await run("print('go')\nwhile True:\n    pass\n", seconds=0.3)
    assert ran.ended.cause == "seconds"
    assert ran.ended.sentence == "It ran for 0.3 s, which is the limit here, and was ended."


async def test_a_check_that_hangs_is_ended_by_the_same_limit(run) -> None:
    cell = CheckCell("def hangs(run):\n    '''never ends'''\n    while True:\n        pass\n", "lesson.py", 1)
    assert (await run("x = 1", check=cell, seconds=0.5)).ended.cause == "seconds"


async def test_closing_descriptors_loses_the_report_and_nothing_else(run) -> None:
    ran = await run("import os\nprint('said', flush=True)\nos.closerange(3, 4096)\nprint('still')\n")
    assert ran.text() == "said\nstill\n" and ran.ended.status == 0
    assert not ran.of(Finished)


async def test_a_file_that_takes_the_number_of_the_pipe_gets_no_events(run) -> None:
    source = (
        "import os\n"
        "os.closerange(3, 4096)\n"
        "files = [open(f'f{n}', 'w+') for n in range(20)]\n"
        "import atexit\n"
        "atexit.register(lambda: print(sum(len(open(f'f{n}').read()) for n in range(20)), flush=True))\n"
    )
    ran = await run(source)
    assert ran.text() == "0\n" and ran.ended.status == 0


async def test_output_past_the_limit_is_counted_and_its_end_is_kept(run) -> None:
    ran = await run("for n in range(200_000):\n    print(n, 'x' * 20)\nraise ValueError('at the end')\n", keep=10_000)
    text = ran.text()
    assert len(text) < 10_000 + 20_000
    assert text.startswith("0 xxxx") and text.endswith("ValueError: at the end\n")
    assert "characters left out …" in text and ran.ended.dropped > 4_000_000


async def test_a_line_of_a_megabyte_arrives(run) -> None:
    assert (await run("print('y' * 1_000_000)", keep=None)).text() == "y" * 1_000_000 + "\n"


async def test_both_streams_keep_their_order_on_a_terminal(run) -> None:
    source = "import sys\nfor n in range(2000):\n    print(n, file=(sys.stdout, sys.stderr)[n % 2])\n"
    assert (await run(source)).text() == "".join(f"{n}\n" for n in range(2000))


async def test_a_program_sees_a_terminal_of_the_size_it_is_shown_in(run) -> None:
    ran = await run("import os, sys\nprint(sys.stdout.isatty(), os.get_terminal_size())", columns=57, rows=11)
    assert ran.text() == "True os.terminal_size(columns=57, lines=11)\n"


async def test_input_finds_nothing_to_read(run) -> None:
    ran = await run("input('name? ')")
    assert ran.one(Raised).type == "EOFError" and ran.ended.status == 1


EVIL = """
import time

class Raises:
    def __repr__(self):
        raise RuntimeError("no")
    __len__ = __getattr__ = __str__ = __eq__ = __repr__

class Hangs:
    def __repr__(self):
        time.sleep(60)
    __len__ = __str__ = __iter__ = __repr__

class Huge:
    def __repr__(self):
        return "x" * 200_000_000

import torch
freed = torch.ones(4)
freed.untyped_storage().resize_(0)
"""


@pytest.mark.parametrize(
    "last", ["Raises()", "Hangs()", "Huge()", "[Raises(), Hangs(), Huge()]", "'x' * 200_000_000", "freed"]
)
async def test_evil_values_are_named_not_asked(run, last: str) -> None:
    ran = await run(
        f"{EVIL}a, b, c = Raises(), Hangs(), Huge()\nx = torch.ones(2)\n{last}\n", check=HAS_X, seconds=PATIENCE
    )
    assert ran.ended.status == 0
    assert len(ran.one(Value).text) < 10_000
    assert ran.tensor("freed").note and ran.tensor("x").text == "[1.0, 1.0]"
    assert ran.verdict == ["passed"]


async def test_print_replaced_by_the_program_changes_no_report(run) -> None:
    ran = await run("import builtins\nx = 1\nbuiltins.print = builtins.len = builtins.open = None\n", check=HAS_X)
    assert ran.verdict == ["passed"] and ran.ended.status == 0


async def test_what_checks_print_reaches_nobody(run) -> None:
    cell = CheckCell(
        "import os\nfrom tutor.check import printed\n\ndef quiet(run):\n    '''says hello'''\n"
        "    print('noise')\n    os.system('echo noise')\n    assert printed(run) == 'hello\\n'\n",
        "lesson.py",
        1,
    )
    ran = await run("print('hello')", check=cell)
    assert ran.text() == "hello\n" and ran.verdict == ["passed"]


LATE = """
import concurrent.futures, threading, time

pool = concurrent.futures.ThreadPoolExecutor(1)
pool.submit(len, ()).result()
threading.Thread(target=lambda: (time.sleep(0.05), print("late"), 1 / 0)).start()
x = 1
"""


async def test_what_a_thread_prints_while_checks_would_run_is_heard(run) -> None:
    ran = await run(LATE, check=HAS_X)
    assert "late" in ran.text() and "ZeroDivisionError" in ran.text()
    assert (ran.ended.status, ran.verdict) == (0, ["passed"])


async def test_a_broken_check_is_the_lessons_fault(run) -> None:
    cell = CheckCell("def fails(run):\n    '''is fine'''\n    undefined_name\n", "lessons/a/b.py", 41)
    (checked,) = (await run("x = 1", check=cell)).events[-2:-1]
    assert checked.state == "broken"
    assert "lessons/a/b.py" in checked.message and "43" in checked.message and "undefined_name" in checked.message


async def test_forked_child_that_runs_on_reports_nothing(run) -> None:
    ran = await run("import os\nif os.fork():\n    os.wait()\nx = 1\n", check=HAS_X)
    assert ran.verdict == ["passed"] and len(ran.of(Tensors)) == 1


async def loaded(runner: WorkerClient) -> None:
    """Wait until its zygote has loaded the rest."""
    async with asyncio.timeout(PATIENCE):
        while runner.ready is None or runner.ready.stage != "all":
            await asyncio.sleep(0.01)


async def test_a_killed_zygote_is_replaced(environment: None) -> None:
    own = WorkerClient()
    await own.start()
    await loaded(own)
    source = (
        "import os\nzygote = int(open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1])\n"
        "os.kill(zygote, 9)\n"
    )
    assert (await run_in(own, source)).of(Ended)
    assert (await run_in(own, "print(6 * 7)")).text() == "42\n"
    await own.close()


async def test_spares_that_keep_dying_are_told_and_the_next_run_tries_again(run, runner: WorkerClient) -> None:
    await loaded(runner)
    hub = runner.pid
    assert hub is not None
    async with asyncio.timeout(PATIENCE):
        quiet = 0
        while quiet < 30:  # kill each keeper before its spare has warmed up, until no other is forked
            keepers = [pid for zygote in children(hub) for pid in children(zygote)]
            for pid in keepers:
                with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
                    os.kill(pid, signal.SIGKILL)
            quiet = 0 if keepers else quiet + 1
            await asyncio.sleep(0.01)
    (fault,) = (await run("print(1)")).events
    assert isinstance(fault, Fault) and fault.sentence.startswith("No process for a run could be started.")
    assert (await run("print(2)")).text() == "2\n"


async def test_a_worker_that_was_closed_or_killed_is_started_anew_by_the_next_run(environment: None) -> None:
    heard: list[object] = []
    own = WorkerClient(on_event=heard.append)
    seen = []
    for _ in range(2):
        await own.close()
        events = [event async for event in own.run(Run(own.new_id(), "print(6 * 7)"))]
        assert any(getattr(event, "text", "") == "42\n" for event in events)
        seen.append(own.pid)
    assert seen[0] != seen[1] and not Path(f"/proc/{seen[0]}").exists()
    assert own.pid is not None
    os.kill(own.pid, signal.SIGKILL)
    async with asyncio.timeout(PATIENCE):
        while not any(isinstance(event, Fault) for event in heard):
            await asyncio.sleep(0.01)
    (fault,) = [event for event in heard if isinstance(event, Fault)]
    assert fault.sentence == "The worker was killed by SIGKILL. The next run starts another."
    events = [event async for event in own.run(Run(own.new_id(), "print(2)"))]
    assert any(getattr(event, "text", "") == "2\n" for event in events)
    await own.close()


async def test_a_python_without_torch_is_named(environment: None, tmp_path) -> None:
    import subprocess
    import sys

    from tutor.client.launch import Launch

    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    own = WorkerClient(Launch(python=str(tmp_path / "bare" / "bin" / "python")))
    events = [event async for event in own.run(Run(own.new_id(), "print(1)"))]
    assert len(events) == 1 and isinstance(events[0], Fault)
    assert "torch can't be imported here: No module named 'torch'" in events[0].sentence
    await own.close()


async def test_the_separate_way_works_alike(environment: None) -> None:
    from tutor.client.launch import Launch

    heard: list[object] = []
    own = WorkerClient(Launch(start="separate"), on_event=heard.append)
    source = (
        "import torch\n"
        "x = torch.ones(2, requires_grad=True)\n"
        "for _ in range(3):\n"
        "    (x * x).sum().backward()\n"
        "print(x.grad)\n"
    )
    for _ in range(2):
        request = Run(own.new_id(), source, check=HAS_X, shelve=True)
        events = [event async for event in own.run(request)]
        assert any(getattr(event, "text", "") == "tensor([6., 6.])\n" for event in events)
        assert [event.name for event in events if isinstance(event, Series)] == ["loss"] or any(
            isinstance(event, Raised) for event in events
        )
        assert events[-1].status == 0, events  # type: ignore[union-attr]
    assert any(isinstance(event, Device) for event in heard)
    piece = await own.ask(
        ReadTensor(own.new_id(), request.id, "x", "values")
    )  # of a reader that is a Python of its own
    assert isinstance(piece, TensorSlice) and piece.planes == (((1.0, 1.0),),)
    answer = await own.ask(Complete(own.new_id(), "import torch\ntorch.nn.functional.mse", 1, 23))
    assert isinstance(answer, Completions) and answer.items[0].name == "mse_loss"
    await own.close()
