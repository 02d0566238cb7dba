"""What the command line takes, and what it says to the rest."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Command, Open, surroundings
from tests.patience import PATIENCE
from tests.program import TUTOR
from tutor import __version__
from tutor.cli.commands import COMMANDS


def test_version(tutor: Command) -> None:
    ended = tutor("--version")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"tutor {__version__}\n".encode(), b"")


@pytest.mark.parametrize("words", [("--help",), ("-h",), ("help",)])
def test_help_names_every_command_and_status(tutor: Command, words: tuple[str, ...]) -> None:
    ended = tutor(*words)
    assert ended.returncode == 0
    for word in ("list", "run TARGET", "check LESSON", "verify", "doctor", "Exit status", "130", "128 + N"):
        assert word in ended.stdout.decode()


def test_each_command_has_help(tutor: Command) -> None:
    for command in COMMANDS:
        ended = tutor(command, "--help")
        assert ended.returncode == 0
        assert f"usage: tutor {command}".encode() in ended.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("backwrd",), "There is no lesson `backwrd`; did you mean `backward`?"),
        (("lst",), "There is no lesson or command `lst`; did you mean `list`?"),
        (("rnu", "x.py"), "There is no command `rnu`; did you mean `run`?"),
        (("zzz", "x.py"), "There is no command `zzz`; `tutor --help` lists them."),
        (("run",), "The following arguments are required: TARGET. Try `tutor run --help`."),
        (("run", "x.py", "--jsn"), "Unrecognized arguments: --jsn. Try `tutor run --help`."),
        (("--colour",), "Unrecognized arguments: --colour. Try `tutor --help`."),
        (("list", "--", "x"), "`--` is followed by a program's own arguments: `tutor run FILE -- ARG`."),
        (("check", "backwrd"), "There is no lesson `backwrd`; did you mean `backward`?"),
        (("verify", "backwrd"), "There is no lesson `backwrd`; did you mean `backward`?"),
        (("check", "backward", "gone.py"), "`gone.py` can't be read: No such file or directory."),
        (("backward",), "The app needs a terminal."),
        ((), "The app needs a terminal."),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(tutor: Command, words: tuple[str, ...], sentence: str) -> None:
    ended = tutor(*words)
    assert ended.stderr.decode().startswith(f"tutor: {sentence}")
    assert ended.stderr.count(b"\n") == 1
    assert (ended.returncode, ended.stdout) == (2, b"")


def test_a_file_given_as_a_lesson(tutor: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("print(1)")
    assert b"try `tutor run mine.py`" in tutor("mine.py").stderr


def test_the_folder_of_a_pack_may_be_empty(tutor: Command, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    ended = tutor("verify", "pack")
    assert ended.returncode == 2
    assert b"There are no lessons in pack: a pack is a folder with curriculum.toml" in ended.stderr


def test_a_pack_without_a_lesson_that_can_be_found_says_why(tutor: Command, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    chapter = 'title = "Mine"\n[[chapter]]\nid = "shapes"\ntitle = "Shapes"\nabout = "Of tensors"\n'
    (tmp_path / "pack" / "curriculum.toml").write_text(f'{chapter}lessons = ["shapes/adding"]\n')
    for words in (["pack"], ["pack", "shapes/adding"]):
        ended = tutor("verify", *words)
        assert ended.returncode == 1
        assert b"pack/curriculum.toml:6: Write the name `shapes/adding` with small letters" in ended.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
@pytest.mark.parametrize("command", ["list", "list --json", "--help", "check backward", "run --json backward"])
def test_a_full_disk_under_its_output_is_told(tmp_path: Path, command: str) -> None:
    shell = ["bash", "-c", f'"$@" {command} > /dev/full', "bash", *TUTOR]
    ended = subprocess.run(shell, capture_output=True, cwd=tmp_path, env=surroundings(), timeout=PATIENCE)
    said = b"tutor: Standard output can't be written: No space left on device.\n"
    assert (ended.returncode, ended.stderr) == (2, said)


def test_a_file_that_links_to_itself_is_told(tutor: Command, tmp_path: Path) -> None:
    (tmp_path / "loop.py").symlink_to("loop.py")
    ended = tutor("run", "loop.py")
    assert (ended.returncode, ended.stderr.count(b"\n")) == (2, 1)
    assert ended.stderr.startswith(b"tutor: `loop.py` can't be read: Too many levels of symbolic links")


APP = """
import sys
import tutor.cli.main
import tutor.ui.app
from tutor.ui.app import Start

LATER = ("argparse", "torch", "numpy", "sqlite3", "tutor.protocol.codec", "tutor.cli.targets")

def open_app(start):
    heavy = [name for name in LATER if name in sys.modules]
    print("opened", start.lesson, start.ascii, heavy)
    return 5

tutor.ui.app.open_app = open_app
sys.exit(tutor.cli.main.main())
"""


@pytest.mark.parametrize(("words", "lesson"), [((), None), (("backward",), "autograd/backward")])
def test_the_app_is_reached_without_what_it_does_not_need(
    terminal: Open, tmp_path: Path, words: tuple[str, ...], lesson: str | None
) -> None:
    (tmp_path / "app.py").write_text(APP)
    opened = terminal(*words, command=[sys.executable, "app.py"])
    opened.until(f"opened {lesson} False []")
    assert opened.end() == 5


def test_options_reach_the_app(terminal: Open, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP.replace("heavy)", "start.runner().launch)"))
    opened = terminal("--device", "cpu", "6.1", "--python", "/py", command=[sys.executable, "app.py"], size=(240, 24))
    opened.until(
        "opened autograd/backward False Launch(python='/py', streams='tty', stdin=None, output=None, device='cpu'"
    )
    assert opened.end() == 5


@pytest.mark.parametrize("command", ["list", "list --json", "--help"])
def test_a_reader_that_has_left_ends_it_quietly(tmp_path: Path, command: str) -> None:
    shell = ["bash", "-c", f'set -o pipefail; "$@" {command} | true', "bash", *TUTOR]
    ended = subprocess.run(shell, capture_output=True, cwd=tmp_path, env=surroundings(), timeout=PATIENCE)
    assert (ended.returncode, ended.stderr) == (141, b"")


@pytest.mark.parametrize("words", [("verify", "backward"), ("check", "backward"), ("doctor",)])
def test_interrupted_in_a_terminal(terminal: Open, tmp_path: Path, words: tuple[str, ...]) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho began > began; exec sleep 60\n")
    python.chmod(0o755)
    opened = terminal(*words, "--python", str(python))
    while not (tmp_path / "began").exists():
        assert opened.process.isalive()
        time.sleep(0.01)
    opened.press("\x03")
    assert opened.end() == 130
    assert "Traceback" not in opened.shown


def test_a_closed_standard_output_is_no_reason_to_fail(tmp_path: Path) -> None:
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        shell = ["bash", "-c", f'"$@" list {closed}', "bash", *TUTOR]
        ended = subprocess.run(shell, capture_output=True, cwd=tmp_path, env=surroundings(), timeout=PATIENCE)
        assert (ended.returncode, ended.stderr) == (0, b"")


def test_list_in_a_pipe_is_plain_text(tutor: Command) -> None:
    ended = tutor("list")
    text = ended.stdout.decode()
    assert ended.returncode == 0
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 100
    assert "○ The gradient of a scalar" in text and "autograd/backward" in text


def test_list_as_one_object(tutor: Command, home: Path) -> None:
    ended = tutor("list", "--json")
    contents = json.loads(ended.stdout)
    assert [chapter["id"] for chapter in contents["chapters"]][:2] == ["device", "tensors"]
    lesson = next(
        each for chapter in contents["chapters"] for each in chapter["lessons"] if each["id"].endswith("/backward")
    )
    assert lesson["title"] == "The gradient of a scalar"
    assert lesson["state"] == "new"
    assert Path(lesson["file"]).is_file()
    assert not home.exists(), "asking leaves nothing behind"


def test_list_without_unicode_is_ascii(tutor: Command) -> None:
    ended = tutor("list", PYTHONIOENCODING="ascii")
    assert ended.stdout.isascii()
    assert b"o The gradient of a scalar" in ended.stdout


NO_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_a_terminal_that_only_lacks_a_locale_gets_utf8(terminal: Open) -> None:
    listed = terminal("list", size=(100, 60), **NO_LOCALE, TERM="xterm-256color")
    assert listed.end() == 0
    assert "○ The gradient of a scalar" in listed.shown


def test_a_terminal_that_may_not_show_utf8_gets_ascii(terminal: Open) -> None:
    listed = terminal("list", size=(100, 60), **NO_LOCALE, TERM="vt100")
    assert listed.end() == 0
    assert listed.raw.isascii()
    assert "o The gradient of a scalar" in listed.shown


@pytest.mark.parametrize("plain", [{"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_no_colour_where_none_is_wanted(terminal: Open, plain: dict[str, str]) -> None:
    listed = terminal("list", size=(100, 60), **plain)
    assert listed.end() == 0
    assert b"\x1b[3" not in listed.raw and b"\x1b[38" not in listed.raw


def test_nothing_of_it_imports_torch() -> None:
    code = (
        "import sys, pkgutil, importlib, tutor.cli.main, tutor.verification.verify, tutor.cli.commands\n"
        "for module in pkgutil.iter_modules(tutor.cli.commands.__path__):\n"
        "    importlib.import_module(f'tutor.cli.commands.{module.name}')\n"
        "print([name for name in ('torch', 'numpy', 'textual', 'sqlite3', 'tutor.ui') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, env=surroundings(), cwd=ROOT, check=True)
    assert shown.stdout.strip() == b"[]"
