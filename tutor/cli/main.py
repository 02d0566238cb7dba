"""The `tutor` command: parse, call, print."""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from tutor.cli.commands import COMMANDS
from tutor.cli.errors import Refusal
from tutor.cli.gate import gate_output

if TYPE_CHECKING:
    import argparse

    from tutor.cli.pack import Pack
    from tutor.client.client import WorkerClient
    from tutor.ui.messages import QuizRequest

INTERRUPTED = 130
PIPE_CLOSED = 141
"""What a shell shows for a program that wrote to a pipe whose reader had left."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Why a file that was opened can't be written to."""

_MODERN = ("xterm-", "tmux", "screen-", "alacritty", "foot", "rxvt-unicode", "wezterm", "ghostty", "konsole", "vte")
"""How the ``TERM`` of terminals begins that show UTF-8, whatever the locale says."""


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments is None:
            _reopen_closed()
            _use_utf8(words)
        if not words or (len(words) == 1 and words[0] not in (*COMMANDS, "help") and not words[0].startswith("-")):
            from tutor.cli.pack import pack_named

            return _open(pack_named(None), words[0] if words else None)  # argparse would cost the first paint 12 ms
        return _command(words)
    except Refusal as refusal:
        return _refuse(refusal)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _write_no_more()
        return PIPE_CLOSED
    except OSError as error:
        if error.errno not in _FULL or error.filename is not None:
            raise
        _write_no_more()
        return _refuse(Refusal(f"Standard output can't be written: {error.strerror}."))


def _refuse(refusal: Refusal) -> int:
    with gate_output():
        print(f"tutor: {refusal}", file=sys.stderr)
    return refusal.status


def _write_no_more() -> None:
    """Lead standard output to nowhere, so that Python's own last flush finds something to write to."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _command(words: list[str]) -> int:
    from tutor.cli.arguments import parse
    from tutor.cli.pack import pack_named

    with gate_output():
        try:
            options = parse(words)
        except SystemExit as done:  # help was asked for, and printed
            sys.stdout.flush()
            return int(done.code or 0)
    options.pack = pack_named(options.pack, trust=options.trust)
    if options.command is None:
        return _open(options.pack, options.lesson, options.python, options.device)
    if options.command in ("quiz", "review") and not options.plain and _is_terminal():
        return _quiz(options)
    module = {"review": "quiz", "export": "transfer", "import": "transfer"}.get(options.command, options.command)
    with gate_output():
        status = import_module(f"tutor.cli.commands.{module}").command(options)
        sys.stdout.flush()
    return int(status)


def _quiz(options: argparse.Namespace) -> int:
    """Open the app right in a quiz."""
    from tutor.cli.commands.quiz import scope
    from tutor.ui.messages import QuizRequest

    quiz = QuizRequest(*scope(options, options.pack.catalog), options.count)
    return _open(options.pack, None, options.python, options.device, quiz)


def _open(
    pack: Pack,
    name: str | None = None,
    python: str | None = None,
    device: str | None = None,
    quiz: QuizRequest | None = None,
) -> int:
    """Open the app, at a lesson or in a quiz if one is named."""
    lesson = None
    if name is not None:
        from tutor.cli.lessons import lesson_named

        lesson = lesson_named(name, pack.catalog, COMMANDS).id
    if not _is_terminal(dumb=True):
        raise Refusal("The app needs a terminal. `tutor run LESSON` and `tutor list` do without; see `tutor --help`.")
    from tutor.cli.home import checked_home

    home = checked_home(pack)
    if not pack.is_shipped:
        from tutor.cli.trust import require_trust

        require_trust(pack)
    from tutor.ui.app import Start, open_app

    def runner() -> WorkerClient:
        from tutor.cli.run_loop import launch
        from tutor.client.client import WorkerClient

        return WorkerClient(launch(python, device))

    return open_app(Start(pack.folder, home, runner, lesson, not _is_utf8(sys.stderr), quiz))


def _is_terminal(*, dumb: bool = False) -> bool:
    """Whether a person is at a terminal; one that is dumb counts only if that is allowed."""
    there = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    return there and (dumb or os.environ.get("TERM") != "dumb")


def _reopen_closed() -> None:
    """Lead a standard output or error that the shell has closed (``>&-``) to nowhere, so that it can be written to."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            if nowhere != descriptor:
                os.dup2(nowhere, descriptor)
                os.close(nowhere)
            setattr(sys, name, open(descriptor, "w", closefd=False))  # noqa: SIM115 -- open as long as the process


def _is_utf8(stream: object) -> bool:
    return str(getattr(stream, "encoding", "")).lower().replace("-", "") in ("utf8", "utf8sig")


def _use_utf8(words: list[str]) -> None:
    """Where the locale is not UTF-8 but the terminal probably is, start again in Python's UTF-8 mode.

    A file that is run sees the locale as it is, as under ``python FILE``; lessons are UTF-8 like their text.
    """
    if sys.flags.utf8_mode and words[:1] != ["run"]:
        os.environ["PYTHONUTF8"] = "1"
    if sys.flags.utf8_mode or _is_utf8(sys.stdout) or not (sys.stdout and sys.stdout.isatty()):
        return
    if os.environ.get("TERM", "").startswith(_MODERN):
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])
