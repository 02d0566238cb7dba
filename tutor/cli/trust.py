"""Trust in a pack: before any of its code may run the user is asked, once, and the answer yes is remembered."""

from __future__ import annotations

import os
import sys

from tutor import paths, private_files
from tutor.cli.errors import Refusal
from tutor.cli.gate import gate_output
from tutor.cli.pack import Pack
from tutor.curriculum.manifest import FILE


def require_trust(pack: Pack) -> None:
    """Return if the code of a pack may run; ask whether it may where that isn't known. The shipped pack always may.

    Raises:
        Refusal: others may have written it, the user says no, or there is no terminal to ask at.
    """
    refuse_exposed(pack)
    if pack.is_shipped or _is_trusted(pack):
        return
    if not (pack.trust or _ask(pack)):
        raise Refusal("Nothing was run.")
    remember_trust(pack)


def refuse_exposed(pack: Pack) -> None:
    """Raise Refusal where others may have written the code of a pack, whatever the user has said of it."""
    if reason := exposure(pack):
        raise Refusal(f"Nothing was run, as {reason}. If you know what is in {pack.folder}, try `chmod -R go-w` on it.")


def exposure(pack: Pack) -> str:
    """How others may have changed a lesson or the curriculum, as the end of a sentence; empty: they can't have.

    Whoever can write to the shipped pack can write to the program, so that is not asked of it.
    """
    if pack.is_shipped:
        return ""
    files = [pack.folder / FILE, *(entry.path for entry in pack.catalog.entries)]
    return next(filter(None, (private_files.exposure(file, pack.folder) for file in files)), "")


def remember_trust(pack: Pack) -> None:
    """Remember that the lessons of a pack may run. Where that can't be saved, it holds this time, and that is told."""
    home = pack.home
    try:
        private_files.make_folder(home, home)
        with private_files.written_beside(paths.trust(home), _location(pack)) as fresh:
            fresh.replace(paths.trust(home))
    except OSError as error:
        with gate_output():
            print(f"tutor: It can't be remembered that {pack.folder} may run: {error.strerror}.", file=sys.stderr)


def _is_trusted(pack: Pack) -> bool:
    file = paths.trust(pack.home)
    try:
        remembered = file.read_bytes()
    except OSError:
        return False
    return remembered == _location(pack) and not private_files.exposure(file, paths.root(pack.home))


def _location(pack: Pack) -> bytes:
    return os.fsencode(pack.folder.resolve())


def _ask(pack: Pack) -> bool:
    location = pack.folder.resolve()
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        raise Refusal(
            f"The lessons in {location} are programs that run as you, with your rights. Say yes to that with --trust."
        )
    with gate_output():
        print(f"These lessons do not come with tutor: {location}", file=sys.stderr)
        question = "They are programs that run as you, with your rights. Run them? [y/N] "
        print(question, end="", file=sys.stderr, flush=True)
    answer = sys.stdin.buffer.readline()  # bytes, as they may be no text
    if not answer.endswith(b"\n"):
        print(file=sys.stderr)
    return answer.strip().lower() in (b"y", b"yes")
