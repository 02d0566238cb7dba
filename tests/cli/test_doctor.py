"""``tutor doctor``: each line says how it is, and where that isn't well, one thing to do."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Command, Open

NAMES = ["python", "packages", "terminal", "encoding", "home", "lessons", "editor", "torch", "device", "worker"]


def findings(stdout: bytes) -> dict[str, dict[str, str]]:
    return {finding["name"]: finding for finding in json.loads(stdout)["findings"]}


def test_as_one_object(tutor: Command, home: Path) -> None:
    ended = tutor("doctor", "--json", EDITOR="python3 -x")
    found = findings(ended.stdout)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert list(found) == NAMES
    assert {name for name, finding in found.items() if finding["state"] != "ok"} == set()
    assert found["editor"]["what"] == "python3 -x"
    assert found["lessons"]["what"].startswith("15 in ") or int(found["lessons"]["what"].split()[0]) > 15
    assert "torch loads in" in found["worker"]["what"] and "later ones in" in found["worker"]["what"]
    assert not home.exists()


def test_what_is_wrong_comes_with_advice(tutor: Command) -> None:
    more = {"TUTOR_HOME": "/dev/null/tutor", "EDITOR": "no-such-editor", "PYTHONIOENCODING": "ascii"}
    ended = tutor("doctor", "--json", "--python", "/no/such/python", **more)
    found = findings(ended.stdout)
    assert ended.returncode == 3
    assert {name for name, finding in found.items() if finding["state"] == "warn"} == {
        "encoding",
        "home",
        "editor",
        "worker",
    }
    assert all(finding["advice"] for finding in found.values() if finding["state"] == "warn")
    assert "set TUTOR_HOME elsewhere" in found["home"]["advice"]
    assert found["worker"]["what"] == "/no/such/python can't be started: No such file or directory."


def test_a_small_dumb_terminal(terminal: Open) -> None:
    watched = terminal("doctor", "--python", "/no/such/python", size=(50, 60), TERM="dumb")
    assert watched.end() == 3
    text = " ".join(watched.shown.split())
    assert "! terminal TERM=dumb, no colours, 50x60" in text
    assert "Set TERM to what your terminal is" in text
    assert "\x1b" not in watched.raw.decode()


def test_where_the_terminal_is(terminal: Open) -> None:
    more = {"TMUX": "x", "SSH_CONNECTION": "x", "COLORTERM": "truecolor", "TERM": "tmux-256color"}
    watched = terminal("doctor", "--python", "/no/such/python", size=(120, 60), **more)
    watched.end()
    assert "✓  terminal  TERM=tmux-256color, truecolor, truecolor, 120x60, in tmux, over ssh" in watched.shown
