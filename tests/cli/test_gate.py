"""Whatever names, titles and texts hold, nothing that a command prints for a person commands the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command, Open

EVIL = "\x1b]52;c;eA==\x07\x1b[31m\x9b2J\x7f\u202e"


def commands(raw: bytes) -> list[str]:
    """Control characters but newline and tab, and what turns text."""
    return [sign for sign in raw.decode() if sign not in "\n\t" and (ord(sign) < 32 or sign in "\x7f\x9b\u202e")]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    (folder / "one").mkdir(parents=True)
    (folder / "one" / "two.py").write_text(f'"""# A title {EVIL}\n\nText {EVIL}.\n"""\n')
    (folder / "curriculum.toml").write_text(
        f'title = "Pack"\n[[chapter]]\nid = "one"\ntitle = {json.dumps("One " + EVIL.replace(chr(0x7F), ""))}\n'
        'about = "All"\nlessons = ["two"]\n'
    )
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ("run", f"no{EVIL}.py"),
        (f"no{EVIL}",),
        ("list", EVIL),
        ("import", EVIL),
        ("quiz", EVIL),
        ("verify", "pack", "--trust"),
    ],
    ids=lambda words: words[0].encode("unicode_escape").decode()[:6],
)
def test_what_is_said_of_names_and_lessons(tutor: Command, pack: Path, words: tuple[str, ...]) -> None:
    done = tutor(*words)
    assert done.returncode and done.stdout + done.stderr
    assert commands(done.stdout + done.stderr) == []


def test_the_class_and_message_of_an_error(tutor: Command, terminal: Open, tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(f"raise type({EVIL!r}, (Exception,), {{}})({EVIL!r})")
    (tmp_path / "quiet.py").write_text("import sys; sys.stdout.write('\\x1b[31m\\x9b')")
    assert tutor("run", "quiet.py").stdout == "\x1b[31m\x9b".encode(), "a program's own output is its own"
    checked = tutor("check", "autograd/backward", "x.py")
    assert commands(checked.stdout + checked.stderr) == []
    json_lines = tutor("run", "--json", "x.py").stdout
    assert commands(json_lines) == [] and EVIL in [json.loads(line).get("type") for line in json_lines.splitlines()]


def test_verify_names_file_and_line(tutor: Command, pack: Path) -> None:
    said = tutor("verify", "--trust", "pack").stdout.decode()
    assert "Take the character U+001B out of `title`" in " ".join(said.split())
