"""The folder of a worker is removed by no other while it is in use, whichever machine or container that runs in."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import family, gone
from tutor.client.client import WorkerClient
from tutor.client.launch import Launch
from tutor.protocol.codec import Output, Run, Started
from tutor.worker.system import folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield place


MAKE = [sys.executable, "-c", "from tutor.worker.system import folder; folder.make()"]
ELSEWHERE = ["unshare", *([] if os.getuid() == 0 else ["--user", "--map-root-user"]), "--pid", "--fork"]


async def test_a_worker_in_another_container_leaves_a_running_program_its_folder(temporary: Path) -> None:
    if subprocess.run([*ELSEWHERE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets no process have numbers of its own")
    own = WorkerClient(Launch(streams="pipes"))
    source = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)\nprint(os.listdir())\n"
    text = ""
    async for event in own.run(Run(own.new_id(), source, name="a.py")):
        if isinstance(event, Started):
            working = Path(event.path).parent
            await asyncio.to_thread(subprocess.run, [*ELSEWHERE, *MAKE], check=True)
            (working / "go").touch()
        elif isinstance(event, Output):
            text += event.text
    assert sorted(eval(text)) == ["a.py", "go"]
    await own.close()
    assert not working.parent.exists()


async def test_what_a_killed_worker_left_is_removed_by_the_next(temporary: Path) -> None:
    own = WorkerClient(Launch())
    events = [event async for event in own.run(Run(own.new_id(), "x = 1"))]
    left = Path(next(event for event in events if isinstance(event, Started)).path).parent.parent
    assert own.pid is not None
    processes = family(own.pid)
    os.kill(own.pid, signal.SIGKILL)
    assert not gone(processes)
    assert left.exists()
    another = folder.make()
    assert list(temporary.iterdir()) == [Path(another)]
    await own.close()


def test_a_folder_of_another_machine_or_user_and_a_link_are_left_alone(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = Path(subprocess.run(
        [sys.executable, "-c", "from tutor.worker.system import folder; print(folder.make())"],
        capture_output=True, text=True, check=True,
    ).stdout.strip())  # fmt: skip
    (foreign / "file").touch()
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(folder, "machine", lambda: "another")
        folder.make()
    with monkeypatch.context() as someone:
        someone.setattr(os, "geteuid", lambda: os.getuid() + 1)
        folder.make()
    assert (foreign / "file").exists()
    target = temporary / "target"
    target.mkdir()
    (target / "file").touch()
    link = foreign.with_name(foreign.name + "-link")
    link.symlink_to(target)
    folder.make()
    assert (target / "file").exists() and link.is_symlink()
    assert not foreign.exists()


def test_a_folder_that_was_removed_before_it_was_held_is_not_taken(temporary: Path) -> None:
    path = folder.make()
    assert folder.hold(path)
    folder.remove(path, unless_locked=True)
    assert Path(path).is_dir()
    folder.remove(path)
    assert not folder.hold(path) and not Path(path).exists()
