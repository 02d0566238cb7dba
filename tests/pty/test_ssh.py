"""The program over SSH, from a client with nothing but a terminal, with a real server on this machine's loopback."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.processes import gone
from tests.program import TUTOR
from tests.pty.terminal import Terminal

SSHD = shutil.which("sshd") or ("/usr/sbin/sshd" if Path("/usr/sbin/sshd").exists() else None)
ROOT = Path(__file__).parent.parent.parent
LESSON = "autograd/backward"

pytestmark = pytest.mark.skipif(SSHD is None or shutil.which("ssh") is None, reason="needs openssh's server and client")


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The beginning of a command line that reaches a server of our own, on a port of its own, with keys of its own."""
    folder = tmp_path_factory.mktemp("ssh")
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it drops its privileges to
    settings = {
        "ListenAddress": f"127.0.0.1:{port}",
        "HostKey": str(folder / "host"),
        "AuthorizedKeysFile": str(folder / "authorized"),
        "PidFile": str(folder / "pid"),
        "StrictModes": "no",
        "UsePAM": "no",
        "PermitRootLogin": "yes",
    }
    (folder / "config").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    server = subprocess.Popen([str(SSHD), "-D", "-e", "-f", str(folder / "config")], stderr=subprocess.PIPE)
    until = time.monotonic() + PATIENCE
    while not answers(port):
        if server.poll() is not None or time.monotonic() > until:
            assert server.stderr is not None
            server.kill()
            pytest.skip(f"no SSH server can be started here: {server.stderr.read().decode()[-200:]}")
    options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
    who = [f"{getpass.getuser()}@127.0.0.1"]
    yield ["ssh", "-tt", "-F", "none", *options, "-i", str(folder / "user"), "-p", str(port), *who]
    server.terminate()
    server.wait()
    assert server.stderr is not None
    server.stderr.close()


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def over(ssh: list[str], home: Path) -> list[str]:
    """The tutor started on the other side, with the settings that this test's home asks for."""
    return [*ssh, f"cd {ROOT} && TUTOR_HOME={home} exec {' '.join(TUTOR)} {LESSON}"]


def remote(home: Path) -> set[int]:
    """The tutor's processes on the other side, found by the home that they were given."""
    found = set()
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                environment = (process / "environ").read_bytes()
            except OSError:
                continue
            if f"TUTOR_HOME={home}".encode() in environment.split(b"\0") and b"SSH_CONNECTION" in environment:
                found.add(int(process.name))
    return found


def test_a_lesson_is_run_and_judged_over_ssh_at_80_by_24(ssh: list[str], home: Path) -> None:
    with Terminal(over(ssh, home), env={"COLORTERM": ""}) as terminal:
        terminal.wait("The gradient of a scalar")
        terminal.press("ctrl+r")
        terminal.wait("None of 2 requirements hold", "x has requires_grad=False")
        terminal.press("ctrl+q")
        assert terminal.wait_for_end() == 0


def test_a_dropped_link_loses_nothing_and_leaves_nothing(ssh: list[str], home: Path) -> None:
    with Terminal(over(ssh, home), columns=120, rows=36) as terminal:
        terminal.wait("The gradient of a scalar", "torch 2.")
        terminal.press("ctrl+home", *"# typed over a link", "enter")
        terminal.wait("# typed over a link")
        processes = remote(home)
        assert len(processes) >= 4
        terminal.kill(signal.SIGKILL)
        assert not gone(processes)
    assert "# typed over a link" in (home / "drafts" / f"{LESSON}.py").read_text()
    with Terminal(over(ssh, home), columns=120, rows=36) as terminal:
        terminal.wait("# typed over a link")
        terminal.press("ctrl+q")
        terminal.wait_for_end()
