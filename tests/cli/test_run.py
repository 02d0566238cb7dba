"""``tutor run``: what python does, and to who watches what the run shows."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Command, Open, surroundings
from tests.patience import PATIENCE
from tests.processes import gone
from tests.program import PYTHON, TUTOR
from tutor.learner.drafts import Drafts
from tutor.protocol.codec import Ended, Output, Raised, Tensors, decode

PROGRAM = """
import os, sys
print("first", sys.argv[1:], sys.stdin.read())
sys.stdout.flush()
os.write(1, b"raw \\xff\\xfe bytes\\n")
print("to standard error", file=sys.stderr)
print(os.path.basename(__file__), os.getcwd(), sys.stdout.isatty(), "no newline", end="")
raise SystemExit(7)
"""


def write(folder: Path, source: str, name: str = "x.py") -> None:
    (folder / name).write_text(source)


@pytest.mark.parametrize(
    "source",
    [
        PROGRAM,
        "import torch\nx = torch.ones(2)\nx\nx @ torch.ones(3)",
        "import os, signal\nprint('then', flush=True)\nos.kill(os.getpid(), signal.SIGSEGV)",
    ],
    ids=["streams", "raises", "dies by a signal"],
)
def test_into_pipes_goes_what_python_writes(tutor: Command, tmp_path: Path, source: str) -> None:
    write(tmp_path, source)
    under_python = subprocess.run(
        [PYTHON, "x.py", "a", "-b"], input=b"typed", capture_output=True, cwd=tmp_path, env=surroundings()
    )
    ran = tutor("run", "x.py", "--", "a", "-b", stdin=b"typed")
    assert ran.stdout == under_python.stdout
    assert ran.stderr == under_python.stderr
    status = under_python.returncode
    assert ran.returncode == (status if status >= 0 else 128 - status)


def test_standard_input_as_the_program(tutor: Command, tmp_path: Path) -> None:
    (tmp_path / "beside.txt").write_text("found")
    ran = tutor("run", "-", stdin=b"print('\xe9')\n")
    assert b"SyntaxError: (unicode error)" in ran.stderr, "bytes that are no UTF-8 reach Python as they are"
    ran = tutor("run", "-", stdin=b"import sys\nprint(open('beside.txt').read(), repr(sys.stdin.read()))\n")
    assert (ran.stdout, ran.returncode) == (b"found ''\n", 0)


def test_events_as_lines(tutor: Command, tmp_path: Path) -> None:
    write(
        tmp_path, "import torch, sys\nx = torch.ones(2)\nprint('out')\nprint('err', file=sys.stderr)\nx + torch.ones(3)"
    )
    ran = tutor("run", "--json", "x.py")
    events = [decode(line) for line in ran.stdout.splitlines()]
    assert {(e.stream, e.text.splitlines()[0]) for e in events if isinstance(e, Output)} >= {
        ("stdout", "out"),
        ("stderr", "err"),
    }
    assert [e.type for e in events if isinstance(e, Raised)] == ["RuntimeError"]
    assert [e.tensors[0].name for e in events if isinstance(e, Tensors)] == ["x"]
    assert isinstance(events[-1], Ended) and events[-1].status == ran.returncode == 1
    assert ran.stderr == b""


def test_a_lesson_runs_its_snippet_and_then_the_draft(tutor: Command, home: Path) -> None:
    assert tutor("run", "backward").stdout == b"None\n"
    Drafts(home).save("autograd/backward", "print('mine')\n")
    assert tutor("run", "autograd/backward").stdout == b"mine\n"


def test_what_cannot_be_run(tutor: Command, tmp_path: Path) -> None:
    write(tmp_path, "", "train.py")
    (tmp_path / "models").mkdir()
    assert (
        tutor("run", "trian.py").stderr
        == b"tutor: No file `trian.py`, and no lesson of that name; did you mean `train.py`?\n"
    )
    assert (
        tutor("run", "bakward").stderr
        == b"tutor: No file `bakward`, and no lesson of that name; did you mean `backward`?\n"
    )
    ended = tutor("run", "models")
    assert ended.stderr == b"tutor: `models` is a folder: name the file in it that is to be run.\n"
    assert ended.returncode == 2


def fake_python(folder: Path, script: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_a_python_that_is_not_there(tutor: Command, tmp_path: Path) -> None:
    write(tmp_path, "")
    ended = tutor("run", "x.py", "--python", "gone/python")
    assert ended.stderr == (
        b"tutor: `gone/python` can't be started: No such file or directory. Name a Python with --python.\n"
    )
    assert ended.returncode == 2


def test_a_python_without_torch(tutor: Command, tmp_path: Path) -> None:
    write(tmp_path, "")
    ended = tutor("run", "x.py", "--python", fake_python(tmp_path, f'exec {PYTHON} -S "$@"'))
    assert b"tutor: torch can't be imported here: No module named 'torch'" in ended.stderr
    assert (ended.returncode, ended.stdout) == (3, b"")


def test_a_device_that_is_not_there(tutor: Command, tmp_path: Path) -> None:
    write(tmp_path, "print(1)")
    ended = tutor("--device", "xpu", "run", "x.py")
    assert b"tutor: There is no xpu here" in ended.stderr
    assert (ended.returncode, ended.stdout) == (3, b"")


def test_a_reader_that_leaves_ends_it_as_under_python(tmp_path: Path) -> None:
    write(tmp_path, "import os\nprint(os.getpid(), flush=True)\nwhile True:\n    print('y' * 50)")
    piped = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$@" | head -1; exit $?', "bash", *TUTOR, "run", "x.py"],
        capture_output=True, cwd=tmp_path, env=surroundings(), timeout=PATIENCE,
    )  # fmt: skip
    # 120 where the last flush fails once more: it depends on how much had gone out, under python as well.
    assert piped.returncode in (1, 120) and piped.stderr.splitlines()[3] == b"BrokenPipeError: [Errno 32] Broken pipe"
    assert not gone({int(piped.stdout)})


def test_both_streams_in_one_file_keep_their_order(tmp_path: Path) -> None:
    write(tmp_path, "import sys\nfor n in range(200):\n    print(n, file=(sys.stdout, sys.stderr)[n % 2], flush=True)")
    with (tmp_path / "log").open("wb") as log:
        subprocess.run([*TUTOR, "run", "x.py"], stdout=log, stderr=log, cwd=tmp_path, env=surroundings(), check=True)
    assert (tmp_path / "log").read_text() == "".join(f"{n}\n" for n in range(200))


def interrupted(folder: Path, *words: str, times: int = 1, wait_for: str) -> tuple[int, bytes, int]:
    """Start the command, send ^C once its program has said a line; status, standard error, the program's pid."""
    process = subprocess.Popen(
        [*TUTOR, "run", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=surroundings()
    )
    assert process.stdout is not None
    pid, said = process.stdout.readline().split()
    assert said.decode() == wait_for
    process.send_signal(signal.SIGINT)
    for _ in range(times - 1):
        assert process.stdout.readline() == b"heard\n"
        process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, errors, int(pid)


LOOP = "import os, signal, time\n{first}\nprint(os.getpid(), 'begun', flush=True)\n{then}\n"


def test_interrupting_a_program_is_told_to_it(tmp_path: Path) -> None:
    write(tmp_path, LOOP.format(first="", then="while True:\n    time.sleep(0.01)"))
    status, errors, pid = interrupted(tmp_path, "x.py", wait_for="begun")
    assert (status, errors.splitlines()[-1]) == (130, b"KeyboardInterrupt")
    assert not gone({pid})


def test_a_program_that_ends_well_when_interrupted_keeps_its_status(tmp_path: Path) -> None:
    write(
        tmp_path,
        "import os, time\ntry:\n    print(os.getpid(), 'begun', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    raise SystemExit(4)\n",
    )
    status, errors, _ = interrupted(tmp_path, "x.py", wait_for="begun")
    assert (status, errors) == (4, b"")


def test_a_program_that_goes_on_has_its_time_and_is_killed_at_the_second(tmp_path: Path) -> None:
    first = "signal.signal(signal.SIGINT, lambda *_: os.write(1, b'heard\\n'))"  # it may cut into a print
    write(tmp_path, LOOP.format(first=first, then="while True:\n    pass"))
    status, errors, pid = interrupted(tmp_path, "x.py", times=2, wait_for="begun")
    assert (status, errors) == (130, b"")
    assert not gone({pid})


def test_interrupting_before_torch_is_loaded_ends_at_once(tmp_path: Path) -> None:
    write(tmp_path, "")
    python = fake_python(tmp_path, "echo $$ > pid; exec sleep 600")
    process = subprocess.Popen([*TUTOR, "run", "x.py", "--python", python], cwd=tmp_path, env=surroundings())
    noted = tmp_path / "pid"
    while not (noted.exists() and noted.read_text().strip()):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=PATIENCE) == 130
    assert not gone({int(noted.read_text())})


# --- in a terminal --------------------------------------------------------------------------------------------

WATCHED = """
import sys, torch
print("\\x1b[31mred", sys.stdout.isatty(), sys.stderr.isatty(), end="")
x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
miss = (x - 3).square().sum()
miss.backward()
x.grad
"""


def test_a_person_sees_what_it_shows_below(terminal: Open, tmp_path: Path) -> None:
    write(tmp_path, WATCHED)
    watched = terminal("run", "x.py")
    assert watched.end() == 0
    lines = watched.shown.splitlines()
    assert lines[0] == "red True True"
    assert lines[1] == "─" * 80
    assert lines[2:4] == ["x.grad", "  tensor([-4., -2.,  2.])"]
    assert any(line.startswith("x") and "f32[3]" in line and "leaf" in line for line in lines)
    assert lines[-1].startswith("ran in ")
    assert b"\x1b[31mred True True\r\n\x1b[0m" in watched.raw, "its colour ends with it"


def test_an_error_is_explained_below_the_traceback(terminal: Open, tmp_path: Path) -> None:
    write(tmp_path, "import torch\nx = torch.ones(2, 3)\ny = x @ torch.ones(2, 3)\n")
    watched = terminal("run", "x.py", size=(100, 40))
    assert watched.end() == 1
    assert watched.shown.index("Traceback (most recent call last)") < watched.shown.index("✗ RuntimeError on line 3")
    assert watched.shown.splitlines()[-1].startswith("ended with status 1 after")


def test_a_program_can_be_typed_to_and_leaves_the_terminal_as_it_was(terminal: Open, tmp_path: Path) -> None:
    write(tmp_path, "import getpass\nname = input('name? ')\nprint('hello', name)\ngetpass.getpass('word? ')")
    watched = terminal("run", "x.py")
    watched.until("name? ")
    watched.press("Ada\n")
    watched.until("hello Ada")
    watched.until("word? ")
    assert not watched.process.getecho()
    watched.press("\x03")
    assert watched.end() == 130
    assert "You stopped it." in watched.shown


def test_standard_error_in_a_file_stays_out_of_the_terminal(terminal: Open, tmp_path: Path) -> None:
    write(tmp_path, "import sys\nprint('seen')\nprint('noted', file=sys.stderr)")
    watched = terminal(command=["bash", "-c", '"$@" run x.py 2> notes', "bash", *TUTOR])
    assert watched.end() == 0
    assert watched.shown.startswith("seen\n")
    assert "noted" not in watched.shown
    assert (tmp_path / "notes").read_text() == "noted\n"
